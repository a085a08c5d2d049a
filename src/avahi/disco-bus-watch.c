/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-bus-watch-private.h"

#include "disco-descriptors-private.h"

#define BUS_NAME "org.freedesktop.DBus"
#define BUS_PATH "/org/freedesktop/DBus"

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
  guint owner_changed_id;
  guint signal_id;
  DiscoBusSignalFunc signal_func;
  gboolean name_known; /* the first word about the name has come */
  gboolean starting;   /* the bus was asked to start the service, and nothing came of it yet */
  guint n_calls;       /* that will yet end, in the context */
};

struct _DiscoBusCall
{
  DiscoBusWatch *watch;
  DiscoBusReplyFunc func; /* (nullable): NULL once freed by its owner, while it is under way */
  gpointer user_data;
  gboolean ended;
};

static void
call_bus (DiscoBusWatch *self, const char *method, GVariant *parameters,
          GAsyncReadyCallback callback)
{
  self->n_calls++;
  g_dbus_connection_call (self->connection, BUS_NAME, BUS_PATH, BUS_NAME, method, parameters, NULL,
                          G_DBUS_CALL_FLAGS_NONE, -1, self->cancellable, callback, self);
}

static void
on_start_service (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  DiscoBusWatch *self = user_data;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  self->n_calls--;
  if (reply != NULL || self->func == NULL || !self->starting)
    return; /* the name's owner is told by the bus */
  self->starting = FALSE;
  g_debug ("the bus does not start %s: %s", self->name, error->message);
  self->func (DISCO_BUS_NAME_FREE, NULL, self->user_data);
}

static void
tell_name (DiscoBusWatch *self, gboolean owned)
{
  DiscoBusState state = owned ? DISCO_BUS_NAME_OWNED : DISCO_BUS_NAME_FREE;

  self->name_known = TRUE;
  self->starting = !owned && self->activate;
  self->activate = FALSE;
  if (self->starting)
    {
      state = DISCO_BUS_NAME_STARTING;
      call_bus (self, "StartServiceByName", g_variant_new ("(su)", self->name, 0),
                on_start_service);
    }
  self->func (state, NULL, self->user_data);
}

static void
on_owner_changed (GDBusConnection *connection, const char *sender, const char *path,
                  const char *interface, const char *signal, GVariant *parameters,
                  gpointer user_data)
{
  DiscoBusWatch *self = user_data;
  const char *owner;

  if (self->func == NULL || !g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(sss)")))
    return;
  g_variant_get (parameters, "(&s&s&s)", NULL, NULL, &owner);
  tell_name (self, owner[0] != '\0');
}

/* What the signal said before is newer. */
static void
on_name_has_owner (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  DiscoBusWatch *self = user_data;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  gboolean owned = FALSE;

  self->n_calls--;
  if (self->func == NULL || self->name_known)
    return;
  if (reply == NULL)
    {
      /* of a bus that has closed, on_closed() tells */
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED))
        self->func (DISCO_BUS_GONE, error, self->user_data);
      return;
    }
  g_variant_get (reply, "(b)", &owned);
  tell_name (self, owned);
}

static void
on_closed (GDBusConnection *connection, gboolean remote_peer_vanished, GError *error,
           gpointer user_data)
{
  DiscoBusWatch *self = user_data;
  g_autoptr (GError) closed
      = error != NULL ? g_error_copy (error)
                      : g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CLOSED, "the bus is gone");

  self->func (DISCO_BUS_GONE, closed, self->user_data);
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) connection
      = g_dbus_connection_new_for_address_finish (result, &error);
  DiscoBusWatch *self = user_data;

  self->n_calls--;
  if (self->func == NULL)
    return;
  if (connection == NULL)
    {
      self->func (DISCO_BUS_GONE, error, self->user_data);
      return;
    }
  g_dbus_connection_set_exit_on_close (connection, FALSE);
  self->connection = g_steal_pointer (&connection);
  self->closed_id = g_signal_connect (self->connection, "closed", G_CALLBACK (on_closed), self);
  self->owner_changed_id = g_dbus_connection_signal_subscribe (
      self->connection, BUS_NAME, BUS_NAME, "NameOwnerChanged", BUS_PATH, self->name,
      G_DBUS_SIGNAL_FLAGS_NONE, on_owner_changed, self, NULL);
  call_bus (self, "NameHasOwner", g_variant_new ("(s)", self->name), on_name_has_owner);
}

/* An error is an answer too, unless it tells that the owner went without one: then the name's next
 * owner is told, and asked if need be. */
static void
on_pong (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  DiscoBusWatch *self = user_data;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  self->n_calls--;
  if (self->func == NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED)
      || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY)
      || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER)
      || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN))
    return;
  self->func (DISCO_BUS_NAME_ANSWERS, NULL, self->user_data);
}

void
disco_bus_watch_ping (DiscoBusWatch *self)
{
  self->n_calls++;
  g_dbus_connection_call (self->connection, self->name, "/", "org.freedesktop.DBus.Peer", "Ping",
                          NULL, NULL, G_DBUS_CALL_FLAGS_NO_AUTO_START, G_MAXINT, self->cancellable,
                          on_pong, self);
}

static void
on_reply (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  DiscoBusCall *self = user_data;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  self->watch->n_calls--;
  self->ended = TRUE;
  if (self->func == NULL)
    g_free (self);
  else if (self->watch->func != NULL)
    self->func (reply, error, self->user_data); /* may free self */
}

DiscoBusCall *
disco_bus_watch_call (DiscoBusWatch *self, const char *interface, const char *method,
                      GVariant *parameters, const GVariantType *reply_type, DiscoBusReplyFunc func,
                      gpointer user_data)
{
  DiscoBusCall *call = g_new0 (DiscoBusCall, 1);

  call->watch = self;
  call->func = func;
  call->user_data = user_data;
  self->n_calls++;
  g_dbus_connection_call (self->connection, self->name, "/", interface, method, parameters,
                          reply_type, G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, self->cancellable,
                          on_reply, call);
  return call;
}

void
disco_bus_call_free (DiscoBusCall *self)
{
  if (self->ended)
    g_free (self);
  else
    self->func = NULL;
}

guint
disco_bus_watch_get_n_calls (DiscoBusWatch *self)
{
  return self->n_calls;
}

static void
on_signal (GDBusConnection *connection, const char *sender, const char *path, const char *interface,
           const char *signal, GVariant *parameters, gpointer user_data)
{
  DiscoBusWatch *self = user_data;

  if (self->func != NULL)
    self->signal_func (parameters, self->user_data);
}

void
disco_bus_watch_subscribe (DiscoBusWatch *self, const char *path, const char *interface,
                           const char *signal, DiscoBusSignalFunc func)
{
  self->signal_func = func;
  self->signal_id
      = g_dbus_connection_signal_subscribe (self->connection, self->name, interface, signal, path,
                                            NULL, G_DBUS_SIGNAL_FLAGS_NONE, on_signal, self, NULL);
}

/* Descriptors that a connection takes, and what GLib makes for it */
#define DESCRIPTORS 4

/* What connects when there is no address to connect to: an error, told later like any other. */
#define NO_ADDRESS "unix:path=/nonexistent"

DiscoBusWatch *
disco_bus_watch_new (const char *name, gboolean activate, DiscoBusWatchFunc func,
                     gpointer user_data)
{
  DiscoBusWatch *self = g_new0 (DiscoBusWatch, 1);
  g_autofree char *address = NULL;

  if (disco_descriptors_check (DESCRIPTORS, NULL))
    address = g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SYSTEM, NULL, NULL);

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

void
disco_bus_watch_free (DiscoBusWatch *self)
{
  disco_bus_watch_stop (self);
  if (self->signal_id != 0)
    g_dbus_connection_signal_unsubscribe (self->connection, self->signal_id);
  if (self->owner_changed_id != 0)
    g_dbus_connection_signal_unsubscribe (self->connection, self->owner_changed_id);
  /* One that ended when nobody iterates the context any more would hold it, and be held by it. */
  while (self->n_calls > 0)
    g_main_context_iteration (self->context, TRUE);
  /* Not g_dbus_connection_close(): it is closed with its last reference, and nothing is told. */
  g_clear_object (&self->connection);
  g_clear_object (&self->cancellable);
  g_main_context_unref (self->context);
  g_free (self->name);
  g_free (self);
}
