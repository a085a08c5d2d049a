/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-avahi-error-private.h"
#include "disco-daemon-open-private.h"

#include <avahi-common/error.h>

/* Objects a connection: half of Avahi's default bound, and short lists to search. */
#define OBJECTS_PER_CLIENT 500
/* Connections a link: a system bus has 256 for all programs of a user together. */
#define MAX_CLIENTS 64

struct _DiscoDaemonPool
{
  DiscoWatchdog *watchdog;
  GMainContext *context; /* (owned) */
  GPtrArray *clients;    /* (owned) of (owned) DiscoDaemonClient; the first one tells the state */
  GSource *changed;      /* (owned) (nullable): pending call of func */
  gboolean lost;         /* a connection was cut */
  DiscoDaemonPoolFunc func;
  gpointer user_data;
};

DiscoDaemonPool *
disco_daemon_pool_new (GMainContext *context, DiscoWatchdog *watchdog, DiscoDaemonPoolFunc func,
                       gpointer user_data)
{
  DiscoDaemonPool *self = g_new0 (DiscoDaemonPool, 1);

  self->context = g_main_context_ref (context);
  self->watchdog = watchdog;
  self->clients = g_ptr_array_new_with_free_func (g_free);
  self->func = func;
  self->user_data = user_data;
  return self;
}

static void
clear_changed (DiscoDaemonPool *self)
{
  if (self->changed == NULL)
    return;
  g_source_destroy (self->changed);
  g_clear_pointer (&self->changed, g_source_unref);
}

void
disco_daemon_pool_close (DiscoDaemonPool *self)
{
  clear_changed (self);
  for (guint i = 0; i < self->clients->len; i++)
    disco_daemon_client_close (self->clients->pdata[i]);
}

void
disco_daemon_pool_free (DiscoDaemonPool *self)
{
  disco_daemon_pool_close (self);
  g_ptr_array_unref (self->clients);
  g_main_context_unref (self->context);
  g_free (self);
}

static gboolean
on_changed (gpointer user_data)
{
  DiscoDaemonPool *self = user_data;

  clear_changed (self);
  self->func (self->user_data);
  return G_SOURCE_REMOVE;
}

static void
tell_changed (DiscoDaemonPool *self)
{
  if (self->changed != NULL)
    return;
  self->changed = g_idle_source_new ();
  g_source_set_priority (self->changed, G_PRIORITY_DEFAULT);
  g_source_set_callback (self->changed, on_changed, self, NULL);
  g_source_attach (self->changed, self->context);
}

/* Nothing may be freed here: so only a note. */
static void
on_client_state (AvahiClient *avahi, AvahiClientState state, void *user_data)
{
  DiscoDaemonClient *client = user_data;

  if (client->pool != NULL)
    tell_changed (client->pool);
}

static DiscoDaemonClient *
open_client (DiscoDaemonPool *self, int *code)
{
  DiscoDaemonClient *client;

  if (self->clients->len >= MAX_CLIENTS)
    {
      *code = AVAHI_ERR_TOO_MANY_CLIENTS;
      return NULL;
    }
  client = disco_daemon_client_open (self->watchdog, on_client_state, code);
  if (client == NULL)
    return NULL;
  client->pool = self;
  g_ptr_array_add (self->clients, client);
  if (disco_daemon_poll_attach (client->poll, self->context))
    {
      tell_changed (self);
      return client;
    }
  disco_daemon_client_close (client);
  g_ptr_array_remove (self->clients, client);
  *code = DISCO_AVAHI_ERR_NO_DESCRIPTORS;
  return NULL;
}

gboolean
disco_daemon_pool_open (DiscoDaemonPool *self, int *code)
{
  return open_client (self, code) != NULL;
}

gboolean
disco_daemon_pool_is_lost (DiscoDaemonPool *self)
{
  return self->lost;
}

AvahiClientState
disco_daemon_pool_get_state (DiscoDaemonPool *self, int *code)
{
  if (self->lost)
    {
      *code = AVAHI_ERR_DISCONNECTED;
      return AVAHI_CLIENT_FAILURE;
    }
  for (guint i = 0; i < self->clients->len; i++)
    {
      DiscoDaemonClient *client = self->clients->pdata[i];
      if (avahi_client_get_state (client->client) != AVAHI_CLIENT_FAILURE)
        continue;
      *code = avahi_client_errno (client->client);
      return AVAHI_CLIENT_FAILURE;
    }
  return avahi_client_get_state (((DiscoDaemonClient *)self->clients->pdata[0])->client);
}

const char *
disco_daemon_pool_get_host_name (DiscoDaemonPool *self)
{
  DiscoDaemonClient *client = self->clients->pdata[0];
  DiscoWatchdogGuard guard;
  const char *name;

  disco_daemon_client_enter (client, &guard);
  name = avahi_client_get_host_name_fqdn (client->client);
  disco_daemon_client_leave (client, &guard);
  return name;
}

DiscoDaemonClient *
disco_daemon_pool_acquire (DiscoDaemonPool *self, int *code)
{
  DiscoDaemonClient *found = NULL;

  for (guint i = 0; i < self->clients->len && found == NULL; i++)
    {
      DiscoDaemonClient *client = self->clients->pdata[i];
      if (!client->full && client->n_objects < OBJECTS_PER_CLIENT)
        found = client;
    }
  if (found == NULL)
    found = open_client (self, code);
  if (found != NULL)
    found->n_objects++;
  return found;
}

void
disco_daemon_pool_release (DiscoDaemonClient *client)
{
  client->n_objects--;
  client->full = FALSE;
}

void
disco_daemon_client_enter (DiscoDaemonClient *self, DiscoWatchdogGuard *guard)
{
  disco_watchdog_enter (self->pool->watchdog, guard, disco_daemon_poll_shut_down, self->poll);
}

void
disco_daemon_client_leave (DiscoDaemonClient *self, DiscoWatchdogGuard *guard)
{
  DiscoDaemonPool *pool = self->pool;

  if (!disco_watchdog_leave (pool->watchdog, guard) || pool->lost)
    return;
  pool->lost = TRUE;
  tell_changed (pool);
}
