/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-server-private.h"

#include "disco-host-name-private.h"
#include "disco-neighbour-private.h"
#include "disco-poll-private.h"

#include <avahi-common/domain.h>
#include <avahi-common/error.h>
#include <avahi-common/malloc.h>
#include <avahi-core/log.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* Records an interface and protocol; avahi-core drops those above without a word. */
#define CACHE_ENTRIES_MAX 20000
/* Packets a second and interface, as avahi-daemon has it */
#define RATELIMIT_INTERVAL_US G_USEC_PER_SEC
#define RATELIMIT_BURST 1000
/* A neighbour that has just told us of the collision says nothing again for half a second. Together
 * with its answer this is within the second for which avahi-core holds the next attempt off. */
#define COLLISION_REST_MS 550
/* How long it is new */
#define NEW_US G_TIME_SPAN_SECOND
/* Names that were lost while a neighbour was there, before the addresses are left to it */
#define NAMES_LOST_MAX 3

struct _DiscoServer
{
  GMainContext *context; /* (owned) */
  DiscoPoll *poll;       /* (owned) */
  char **interfaces;     /* (owned) (nullable) */
  gint64 started_us;
  AvahiServer *avahi;        /* (owned) (nullable) */
  int code;                  /* of its failure */
  GSource *collided;         /* (owned) (nullable): the name is lost, which is to be seen to */
  DiscoNeighbour *neighbour; /* (owned) (nullable): while its name is asked for */
  char *adopted;             /* (owned) (nullable): the neighbour's name, which was ours too */
  guint n_lost;              /* names, while a neighbour was there */
  char *yielded;             /* (owned) (nullable): the name whose addresses are the neighbour's */
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

static void
set_name (DiscoServer *self, const char *name)
{
  int code;

  g_debug ("the name %s is lost; trying %s", avahi_server_get_host_name (self->avahi), name);
  code = avahi_server_set_host_name (self->avahi, name);
  if (code < 0)
    fail (self, code);
}

/* With the neighbour's name there is nothing to quarrel about: both say the same. Where that name
 * is lost too, the next one by the rule is tried, and at last the addresses are the neighbour's. */
static void
on_neighbour (const char *found, gpointer user_data)
{
  DiscoServer *self = user_data;
  g_autofree char *name = g_strdup (found);

  g_clear_pointer (&self->neighbour, disco_neighbour_free);
  if (name != NULL && ++self->n_lost > NAMES_LOST_MAX)
    {
      self->yielded = g_steal_pointer (&name);
      fail (self, AVAHI_ERR_COLLISION);
      return;
    }
  if (name == NULL || g_strcmp0 (name, self->adopted) == 0)
    {
      g_free (name);
      name = next_name (self->avahi);
    }
  else
    {
      g_free (self->adopted);
      self->adopted = g_strdup (name);
    }
  set_name (self, name);
}

static gboolean
on_collided (gpointer data)
{
  DiscoServer *self = data;

  g_clear_pointer (&self->collided, g_source_unref);
  self->neighbour = disco_neighbour_ask (self->avahi, (const char *const *)self->interfaces,
                                         self->context, on_neighbour, self);
  return G_SOURCE_REMOVE;
}

static void
see_to_collision (DiscoServer *self)
{
  if (self->collided != NULL || self->neighbour != NULL)
    return;
  self->collided = g_timeout_source_new (COLLISION_REST_MS);
  g_source_set_callback (self->collided, on_collided, self, NULL);
  g_source_attach (self->collided, self->context);
}

/* Called from inside avahi_server_new() too. */
static void
on_state (AvahiServer *avahi, AvahiServerState state, void *user_data)
{
  DiscoServer *self = user_data;

  self->avahi = avahi;
  if (state == AVAHI_SERVER_COLLISION)
    see_to_collision (self);
  else if (state == AVAHI_SERVER_RUNNING)
    self->n_lost = 0;
  else if (state == AVAHI_SERVER_FAILURE)
    self->code = avahi_server_errno (avahi);
  self->func (self->user_data);
}

/* --- the server --- */

static void
configure (DiscoServer *self, AvahiServerConfig *config)
{
  avahi_server_config_init (config);
  for (guint i = 0; self->interfaces != NULL && self->interfaces[i] != NULL; i++)
    config->allow_interfaces
        = avahi_string_list_add (config->allow_interfaces, self->interfaces[i]);
  config->use_ipv6 = 1;
  config->publish_workstation = 0;
  config->publish_hinfo = 0;
  config->publish_domain = 0;
  config->add_service_cookie = 0;
  config->enable_wide_area = 0;
  config->n_cache_entries_max = CACHE_ENTRIES_MAX;
  config->ratelimit_interval = RATELIMIT_INTERVAL_US;
  config->ratelimit_burst = RATELIMIT_BURST;
  if (self->yielded != NULL)
    {
      config->host_name = avahi_strdup (self->yielded);
      config->publish_addresses = 0;
    }
}

static void
start (DiscoServer *self)
{
  AvahiServerConfig config;
  int code = 0;

  configure (self, &config);
  self->started_us = g_get_monotonic_time ();
  self->avahi = avahi_server_new (disco_poll_get_api (self->poll), &config, on_state, self, &code);
  avahi_server_config_free (&config);
  if (self->avahi == NULL)
    fail (self, code);
}

DiscoServer *
disco_server_new (const char *const *interfaces, GMainContext *context, DiscoServerFunc func,
                  gpointer user_data)
{
  DiscoServer *self = g_new0 (DiscoServer, 1);

  self->context = g_main_context_ref (context);
  self->poll = disco_poll_new (context);
  self->interfaces = g_strdupv ((char **)interfaces);
  self->func = func;
  self->user_data = user_data;
  avahi_set_log_function (on_log);
  seed ();
  start (self);
  return self;
}

static void
stop (DiscoServer *self)
{
  if (self->collided != NULL)
    {
      g_source_destroy (self->collided);
      g_clear_pointer (&self->collided, g_source_unref);
    }
  g_clear_pointer (&self->neighbour, disco_neighbour_free);
  g_clear_pointer (&self->avahi, avahi_server_free);
}

gboolean
disco_server_restart (DiscoServer *self)
{
  if (self->code != AVAHI_ERR_COLLISION || self->yielded == NULL)
    return FALSE;
  g_debug ("the addresses of %s are left to another responder here", self->yielded);
  stop (self);
  self->code = 0;
  start (self);
  return self->code == 0;
}

void
disco_server_free (DiscoServer *self)
{
  stop (self);
  disco_poll_free (self->poll);
  g_main_context_unref (self->context);
  g_strfreev (self->interfaces);
  g_free (self->adopted);
  g_free (self->yielded);
  g_free (self);
}

AvahiServer *
disco_server_get_avahi (DiscoServer *self)
{
  return self->code == 0 ? self->avahi : NULL;
}

gboolean
disco_server_is_new (DiscoServer *self)
{
  return g_get_monotonic_time () < self->started_us + NEW_US;
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
