/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-daemon-client-private.h"

#include <avahi-common/error.h>

/* Objects a connection: half of Avahi's default bound, and short lists to search. */
#define OBJECTS_PER_CLIENT 500
/* Connections a link: a system bus has 256 for all programs of a user together. */
#define MAX_CLIENTS 64

struct _DiscoDaemonPool
{
  AvahiGLibPoll *poll;   /* (owned) */
  GMainContext *context; /* (owned) */
  GPtrArray *clients;    /* (owned) of (owned) DiscoDaemonClient; the first one tells the state */
  GSource *changed;      /* (owned) (nullable): pending call of func */
  DiscoDaemonPoolFunc func;
  gpointer user_data;
};

DiscoDaemonPool *
disco_daemon_pool_new (GMainContext *context, DiscoDaemonPoolFunc func, gpointer user_data)
{
  DiscoDaemonPool *self = g_new0 (DiscoDaemonPool, 1);

  self->context = g_main_context_ref (context);
  self->poll = avahi_glib_poll_new (context, G_PRIORITY_DEFAULT);
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
    {
      DiscoDaemonClient *client = self->clients->pdata[i];
      g_clear_pointer (&client->client, avahi_client_free);
    }
}

void
disco_daemon_pool_free (DiscoDaemonPool *self)
{
  disco_daemon_pool_close (self);
  g_ptr_array_unref (self->clients);
  avahi_glib_poll_free (self->poll);
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

/* Comes from inside avahi_client_new() too, and nothing may be freed here: so only a note. */
static void
on_client_state (AvahiClient *client, AvahiClientState state, void *user_data)
{
  DiscoDaemonPool *self = user_data;

  if (self->changed != NULL)
    return;
  self->changed = g_idle_source_new ();
  g_source_set_priority (self->changed, G_PRIORITY_DEFAULT);
  g_source_set_callback (self->changed, on_changed, self, NULL);
  g_source_attach (self->changed, self->context);
}

static DiscoDaemonClient *
open_client (DiscoDaemonPool *self, int *code)
{
  DiscoDaemonClient *client;
  AvahiClient *avahi;

  if (self->clients->len >= MAX_CLIENTS)
    {
      *code = AVAHI_ERR_TOO_MANY_CLIENTS;
      return NULL;
    }
  avahi = avahi_client_new (avahi_glib_poll_get (self->poll), 0, on_client_state, self, code);
  if (avahi == NULL)
    return NULL;
  client = g_new0 (DiscoDaemonClient, 1);
  client->client = avahi;
  client->pool = self;
  g_ptr_array_add (self->clients, client);
  return client;
}

gboolean
disco_daemon_pool_open (DiscoDaemonPool *self, int *code)
{
  return open_client (self, code) != NULL;
}

AvahiClientState
disco_daemon_pool_get_state (DiscoDaemonPool *self, int *code)
{
  for (guint i = 0; i < self->clients->len; i++)
    {
      DiscoDaemonClient *client = self->clients->pdata[i];
      if (avahi_client_get_state (client->client) != AVAHI_CLIENT_FAILURE)
        continue;
      *code = avahi_client_errno (client->client);
      return AVAHI_CLIENT_FAILURE;
    }
  return avahi_client_get_state (disco_daemon_pool_get_first (self));
}

AvahiClient *
disco_daemon_pool_get_first (DiscoDaemonPool *self)
{
  DiscoDaemonClient *client = self->clients->pdata[0];

  return client->client;
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
