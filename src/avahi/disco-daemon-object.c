/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-avahi-error-private.h"
#include "disco-daemon-object-private.h"

#include <avahi-common/error.h>
#include <disco/disco-error.h>

DiscoDaemonObject *
disco_daemon_object_new (DiscoLink *link, gpointer user_data)
{
  DiscoDaemonObject *self = g_new0 (DiscoDaemonObject, 1);

  disco_link_object_init (&self->base, link);
  self->user_data = user_data;
  return self;
}

static gboolean
on_failure (gpointer user_data)
{
  DiscoDaemonObject *self = user_data;
  g_autoptr (GError) error = g_steal_pointer (&self->error);
  gboolean collided = self->collided;

  g_source_destroy (self->failure);
  g_clear_pointer (&self->failure, g_source_unref);
  if (g_error_matches (error, DISCO_ERROR, DISCO_ERROR_UNAVAILABLE))
    {
      /* whether the call took effect is not known: the whole connection is given up */
      disco_link_set_state (self->base.link, DISCO_LINK_FAILED, error);
      return G_SOURCE_REMOVE;
    }
  /* the callee may free self */
  if (self->on_browse != NULL)
    {
      DiscoBrowseEvent event = { .kind = DISCO_BROWSE_FAILURE, .error = error };
      self->on_browse (&event, self->user_data);
    }
  else if (self->on_resolve != NULL)
    {
      DiscoResolveEvent event = { .error = error };
      self->on_resolve (&event, self->user_data);
    }
  else
    self->on_group (collided ? DISCO_GROUP_COLLISION : DISCO_GROUP_FAILURE, error, self->user_data);
  return G_SOURCE_REMOVE;
}

void
disco_daemon_object_fail (DiscoDaemonObject *self, int code, const char *what)
{
  GError *error = NULL;

  if (self->failure != NULL)
    return;
  self->collided = code == AVAHI_ERR_COLLISION;
  disco_set_avahi_error (&error, code, what);
  disco_daemon_object_fail_with (self, error);
}

void
disco_daemon_object_fail_with (DiscoDaemonObject *self, GError *error)
{
  self->error = error;
  self->failure = g_idle_source_new ();
  g_source_set_priority (self->failure, G_PRIORITY_DEFAULT);
  g_source_set_callback (self->failure, on_failure, self, NULL);
  g_source_attach (self->failure, disco_daemon_link_get_context (self->base.link));
}

void
disco_daemon_object_fail_by (DiscoDaemonObject *self, DBusMessage *error, const char *what)
{
  GError *told = NULL;

  self->collided = dbus_message_is_error (error, DISCO_AVAHI_BUS_NAME ".CollisionError") != 0;
  disco_set_bus_error (&told, dbus_message_get_error_name (error),
                       disco_bus_message_get_text (error), what);
  disco_daemon_object_fail_with (self, told);
}

void
disco_daemon_object_fail_on_nonsense (DiscoDaemonObject *self, DBusMessage *reply,
                                      const char *expected, const char *what)
{
  GError *error = g_error_new (DISCO_ERROR, DISCO_ERROR_UNAVAILABLE,
                               "cannot %s: the daemon answers (%s) instead of (%s)", what,
                               dbus_message_get_signature (reply), expected);

  disco_daemon_object_fail_with (self, error);
}

static gboolean
make_guarded (DiscoDaemonObject *self, DiscoDaemonClient *client, DiscoDaemonMake make,
              gconstpointer arguments, int *code)
{
  DiscoWatchdogGuard guard;
  gboolean made;

  disco_daemon_client_enter (client, &guard);
  made = make (self, client->client, arguments, code);
  disco_daemon_client_leave (client, &guard);
  return made;
}

void
disco_daemon_object_make (DiscoDaemonObject *self, DiscoDaemonMake make, gconstpointer arguments,
                          int (*avahi_free) (gpointer), const char *what)
{
  DiscoDaemonPool *pool = disco_daemon_link_get_pool (self->base.link);
  int code = AVAHI_ERR_DISCONNECTED;

  self->avahi_free = avahi_free;
  while (pool != NULL && !disco_daemon_link_is_lost (self->base.link))
    {
      DiscoDaemonClient *client = disco_daemon_pool_acquire (pool, &code);

      if (client == NULL)
        break;
      if (make_guarded (self, client, make, arguments, &code))
        {
          self->client = client;
          return;
        }
      disco_daemon_pool_release (client);
      /* the daemon allows fewer objects than we thought: a connection more, unless even an empty
       * one is refused */
      if (code != AVAHI_ERR_TOO_MANY_OBJECTS || client->n_objects == 0)
        break;
      client->full = TRUE;
    }
  disco_daemon_object_fail (self, code, what);
}
