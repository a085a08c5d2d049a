/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-bus-watch-private.h"

struct _DiscoBusWatch
{
  char *name; /* (owned) */
  gboolean activate;
  DiscoBusWatchFunc func;
  gpointer user_data;
  GCancellable *cancellable;   /* (owned): ends what is under way */
  GDBusConnection *connection; /* (owned) (nullable) */
  gulong closed_id;
  guint watch_id;
};

static void
on_start_service (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (reply == NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_debug ("the bus did not start the service: %s", error->message);
}

static void
on_name_appeared (GDBusConnection *connection, const char *name, const char *owner,
                  gpointer user_data)
{
  DiscoBusWatch *self = user_data;

  self->activate = FALSE;
  self->func (TRUE, NULL, self->user_data);
}

static void
on_name_vanished (GDBusConnection *connection, const char *name, gpointer user_data)
{
  DiscoBusWatch *self = user_data;

  if (connection == NULL)
    return; /* on_closed() tells it */
  if (self->activate)
    {
      self->activate = FALSE;
      g_dbus_connection_call (connection, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                              "org.freedesktop.DBus", "StartServiceByName",
                              g_variant_new ("(su)", self->name, 0), NULL, G_DBUS_CALL_FLAGS_NONE,
                              -1, self->cancellable, on_start_service, NULL);
    }
  self->func (FALSE, NULL, self->user_data);
}

static void
on_closed (GDBusConnection *connection, gboolean remote_peer_vanished, GError *error,
           gpointer user_data)
{
  DiscoBusWatch *self = user_data;
  g_autoptr (GError) closed
      = error != NULL ? g_error_copy (error)
                      : g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CLOSED, "the bus is gone");

  self->func (FALSE, closed, self->user_data);
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) connection
      = g_dbus_connection_new_for_address_finish (result, &error);
  DiscoBusWatch *self = user_data;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* freed */
  if (connection == NULL)
    {
      self->func (FALSE, error, self->user_data);
      return;
    }
  g_dbus_connection_set_exit_on_close (connection, FALSE);
  self->connection = g_steal_pointer (&connection);
  self->closed_id = g_signal_connect (self->connection, "closed", G_CALLBACK (on_closed), self);
  self->watch_id
      = g_bus_watch_name_on_connection (self->connection, self->name, G_BUS_NAME_WATCHER_FLAGS_NONE,
                                        on_name_appeared, on_name_vanished, self, NULL);
}

/* What connects when there is no address to connect to: an error, told later like any other. */
#define NO_ADDRESS "unix:path=/nonexistent"

DiscoBusWatch *
disco_bus_watch_new (const char *name, gboolean activate, DiscoBusWatchFunc func,
                     gpointer user_data)
{
  DiscoBusWatch *self = g_new0 (DiscoBusWatch, 1);
  g_autofree char *address = g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SYSTEM, NULL, NULL);

  self->name = g_strdup (name);
  self->activate = activate;
  self->func = func;
  self->user_data = user_data;
  self->cancellable = g_cancellable_new ();
  g_dbus_connection_new_for_address (address != NULL ? address : NO_ADDRESS,
                                     G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
                                         | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                     NULL, self->cancellable, on_connected, self);
  return self;
}

void
disco_bus_watch_free (DiscoBusWatch *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->watch_id != 0)
    g_bus_unwatch_name (self->watch_id);
  if (self->connection != NULL)
    {
      g_signal_handler_disconnect (self->connection, self->closed_id);
      g_dbus_connection_close (self->connection, NULL, NULL, NULL);
      g_clear_object (&self->connection);
    }
  g_free (self->name);
  g_free (self);
}
