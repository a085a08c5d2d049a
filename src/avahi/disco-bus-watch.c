/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-bus-watch-private.h"

/* How long disco_bus_watch_free() waits for answers that are on their way. */
#define LAST_ANSWERS_US G_TIME_SPAN_SECOND

struct _DiscoBusWatch
{
  GMainContext *context; /* (owned) */
  char *name;            /* (owned) */
  gboolean activate;
  DiscoBusWatchFunc func;
  gpointer user_data;
  GCancellable *cancellable;   /* (owned): ends what is under way */
  GDBusConnection *connection; /* (owned) (nullable) */
  gulong closed_id;
  guint watch_id;
  gboolean name_known; /* the first word about the name has come */
  guint n_calls;       /* answers that will yet come, into the context */
};

static void
on_start_service (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  DiscoBusWatch *self = user_data;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  self->n_calls--;
  if (reply == NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_debug ("the bus did not start the service: %s", error->message);
}

static void
on_name_appeared (GDBusConnection *connection, const char *name, const char *owner,
                  gpointer user_data)
{
  DiscoBusWatch *self = user_data;

  self->activate = FALSE;
  self->name_known = TRUE;
  if (self->func != NULL)
    self->func (TRUE, NULL, self->user_data);
}

static void
on_name_vanished (GDBusConnection *connection, const char *name, gpointer user_data)
{
  DiscoBusWatch *self = user_data;

  if (connection == NULL)
    return; /* on_closed() tells it */
  self->name_known = TRUE;
  if (self->activate)
    {
      self->activate = FALSE;
      self->n_calls++;
      g_dbus_connection_call (connection, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                              "org.freedesktop.DBus", "StartServiceByName",
                              g_variant_new ("(su)", self->name, 0), NULL, G_DBUS_CALL_FLAGS_NONE,
                              -1, self->cancellable, on_start_service, self);
    }
  if (self->func != NULL)
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

  self->n_calls--;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* stopped */
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
  self->context = g_main_context_ref_thread_default ();
  self->n_calls = 1;
  g_dbus_connection_new_for_address (address != NULL ? address : NO_ADDRESS,
                                     G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
                                         | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                     NULL, self->cancellable, on_connected, self);
  return self;
}

void
disco_bus_watch_stop (DiscoBusWatch *self)
{
  g_cancellable_cancel (self->cancellable);
  self->func = NULL;
  if (self->connection != NULL)
    g_clear_signal_handler (&self->closed_id, self->connection);
}

static gboolean
has_answers_to_come (DiscoBusWatch *self)
{
  return self->n_calls > 0
         || (self->watch_id != 0 && !self->name_known
             && !g_dbus_connection_is_closed (self->connection));
}

static gboolean
on_deadline (gpointer data)
{
  *(gboolean *)data = TRUE;
  return G_SOURCE_REMOVE;
}

/* An answer that comes when nobody iterates the context any more would hold it, and be held by it.
 */
static void
await_last_answers (DiscoBusWatch *self)
{
  g_autoptr (GSource) deadline = g_timeout_source_new (LAST_ANSWERS_US / G_TIME_SPAN_MILLISECOND);
  gboolean late = FALSE;

  g_source_set_callback (deadline, on_deadline, &late, NULL);
  g_source_attach (deadline, self->context);
  while (has_answers_to_come (self) && !late)
    g_main_context_iteration (self->context, TRUE);
  g_source_destroy (deadline);
}

void
disco_bus_watch_free (DiscoBusWatch *self)
{
  disco_bus_watch_stop (self);
  await_last_answers (self);
  if (self->watch_id != 0)
    g_bus_unwatch_name (self->watch_id);
  /* Not g_dbus_connection_close(): it is closed with its last reference, and nothing is told. */
  g_clear_object (&self->connection);
  g_clear_object (&self->cancellable);
  g_main_context_unref (self->context);
  g_free (self->name);
  g_free (self);
}
