/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-server-private.h"

#include "disco-host-name-private.h"
#include "disco-poll-private.h"

#include <avahi-common/domain.h>
#include <avahi-common/error.h>
#include <avahi-core/log.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* Records an interface and protocol; avahi-core drops those above without a word. */
#define CACHE_ENTRIES_MAX 20000
/* Packets a second and interface, as avahi-daemon has it */
#define RATELIMIT_INTERVAL_US (1000 * 1000)
#define RATELIMIT_BURST 1000

struct _DiscoServer
{
  GMainContext *context; /* (owned) */
  DiscoPoll *poll;       /* (owned) */
  AvahiServer *avahi;    /* (owned) (nullable) */
  GSource *renaming;     /* (owned) (nullable): the name has collided, and a new one is due */
  int code;              /* of its failure */
  DiscoServerFunc func;
  gpointer user_data;
};

static void
on_log (AvahiLogLevel level, const char *text)
{
  g_debug ("avahi-core: %s", text);
}

/* avahi-core draws the delays that keep hosts from answering at once, and never seeds. */
static void
seed (void)
{
  unsigned value = 0;

  if (getrandom (&value, sizeof value, 0) == sizeof value)
    srand (value);
}

/* --- the host's name --- */

/* (transfer full) (nullable): the next name, escaped as avahi-core takes it */
static char *
next_name (AvahiServer *avahi)
{
  const char *escaped = avahi_server_get_host_name (avahi);
  char label[AVAHI_LABEL_MAX];
  char room[AVAHI_DOMAIN_NAME_MAX];
  char *end = room;
  gsize size = sizeof room;
  g_autofree char *next = NULL;

  if (avahi_unescape_label (&escaped, label, sizeof label) == NULL)
    return NULL;
  next = disco_host_name_next (label);
  if (avahi_escape_label (next, strlen (next), &end, &size) == NULL)
    return NULL;
  return g_strdup (room);
}

static void
fail (DiscoServer *self, int code)
{
  g_debug ("the server has failed: %s", avahi_strerror (code));
  self->code = code;
  self->func (self->user_data);
}

static gboolean
on_renaming (gpointer data)
{
  DiscoServer *self = data;
  g_autofree char *name = next_name (self->avahi);
  int code;

  g_clear_pointer (&self->renaming, g_source_unref);
  g_debug ("another host has the name %s; trying %s", avahi_server_get_host_name (self->avahi),
           name);
  code = avahi_server_set_host_name (self->avahi, name);
  if (code < 0)
    fail (self, code);
  return G_SOURCE_REMOVE;
}

static void
rename_soon (DiscoServer *self)
{
  if (self->renaming != NULL)
    return;
  self->renaming = g_idle_source_new ();
  g_source_set_priority (self->renaming, G_PRIORITY_DEFAULT);
  g_source_set_callback (self->renaming, on_renaming, self, NULL);
  g_source_attach (self->renaming, self->context);
}

/* Called from inside avahi_server_new() too. */
static void
on_state (AvahiServer *avahi, AvahiServerState state, void *user_data)
{
  DiscoServer *self = user_data;

  self->avahi = avahi;
  if (state == AVAHI_SERVER_COLLISION)
    rename_soon (self);
  else if (state == AVAHI_SERVER_FAILURE)
    self->code = avahi_server_errno (avahi);
  self->func (self->user_data);
}

/* --- the server --- */

static void
configure (AvahiServerConfig *config, const char *const *interfaces)
{
  avahi_server_config_init (config);
  for (guint i = 0; interfaces != NULL && interfaces[i] != NULL; i++)
    config->allow_interfaces = avahi_string_list_add (config->allow_interfaces, interfaces[i]);
  config->use_ipv6 = 1;
  config->publish_workstation = 0;
  config->publish_hinfo = 0;
  config->publish_domain = 0;
  config->add_service_cookie = 0;
  config->enable_wide_area = 0;
  config->n_cache_entries_max = CACHE_ENTRIES_MAX;
  config->ratelimit_interval = RATELIMIT_INTERVAL_US;
  config->ratelimit_burst = RATELIMIT_BURST;
}

DiscoServer *
disco_server_new (const char *const *interfaces, GMainContext *context, DiscoServerFunc func,
                  gpointer user_data)
{
  DiscoServer *self = g_new0 (DiscoServer, 1);
  AvahiServerConfig config;
  int code = 0;

  self->context = g_main_context_ref (context);
  self->poll = disco_poll_new (context);
  self->func = func;
  self->user_data = user_data;
  avahi_set_log_function (on_log);
  seed ();
  configure (&config, interfaces);
  self->avahi = avahi_server_new (disco_poll_get_api (self->poll), &config, on_state, self, &code);
  avahi_server_config_free (&config);
  if (self->avahi == NULL)
    fail (self, code);
  return self;
}

void
disco_server_free (DiscoServer *self)
{
  if (self->renaming != NULL)
    {
      g_source_destroy (self->renaming);
      g_source_unref (self->renaming);
    }
  if (self->avahi != NULL)
    avahi_server_free (self->avahi);
  disco_poll_free (self->poll);
  g_main_context_unref (self->context);
  g_free (self);
}

AvahiServer *
disco_server_get_avahi (DiscoServer *self)
{
  return self->code == 0 ? self->avahi : NULL;
}

DiscoWireState
disco_server_get_state (DiscoServer *self, const char **host_name, int *code)
{
  *code = self->code;
  *host_name = "";
  if (self->code != 0)
    return DISCO_WIRE_STATE_FAILED;
  if (avahi_server_get_state (self->avahi) != AVAHI_SERVER_RUNNING)
    return DISCO_WIRE_STATE_RENAMING;
  *host_name = avahi_server_get_host_name_fqdn (self->avahi);
  return DISCO_WIRE_STATE_RUNNING;
}
