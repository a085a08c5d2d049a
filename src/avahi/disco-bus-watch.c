/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-bus-watch-private.h"

#include "disco-bus-open-private.h"
#include "disco-bus-source-private.h"

#include <disco/disco-error.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

struct _DiscoBusWatch
{
  GMainContext *context; /* (owned) */
  char *name;            /* (owned) */
  gboolean activate;
  DiscoBusWatchFunc func; /* (nullable): NULL once there is nothing more to tell */
  gpointer user_data;
  DiscoBusOpening *opening;   /* (owned) (nullable): while the connection is being opened */
  DBusConnection *connection; /* (owned) (nullable) */
  DiscoBusSource *source;     /* (owned) (nullable) */
  char *owner;                /* (owned) (nullable): the unique name of whoever has the name */
  gboolean name_known;        /* the first word about the name has come */
  gboolean starting; /* the bus was asked to start the service, and nothing came of it yet */
  GQueue calls;      /* (owned) of DiscoBusCall: under way */
  guint32 serial;    /* of the last call */

  const char *signal_path; /* (nullable): NULL for any */
  const char *signal_interface;
  const char *signal_member;
  DiscoBusSignalFunc signal_func; /* (nullable) */
  gpointer signal_data;
};

/* --- messages --- */

/* libdbus fails where there is no memory, and nowhere else that is no mistake of ours. */
static void
need (dbus_bool_t done)
{
  if (!done)
    g_error ("libdbus has no memory");
}

DBusMessage *
disco_bus_message_new (const char *name, const char *path, const char *interface,
                       const char *method, int first_type, ...)
{
  DBusMessage *message = dbus_message_new_method_call (name, path, interface, method);
  va_list arguments;

  need (message != NULL);
  va_start (arguments, first_type);
  need (dbus_message_append_args_valist (message, first_type, arguments));
  va_end (arguments);
  dbus_message_set_auto_start (message, FALSE);
  return message;
}

void
disco_bus_message_append (DBusMessage *message, int first_type, ...)
{
  va_list arguments;

  va_start (arguments, first_type);
  need (dbus_message_append_args_valist (message, first_type, arguments));
  va_end (arguments);
}

void
disco_bus_message_append_strings (DBusMessage *message, GBytes *rdata)
{
  DBusMessageIter iter, strings, bytes;
  gsize size;
  const guint8 *data = g_bytes_get_data (rdata, &size);

  dbus_message_iter_init_append (message, &iter);
  need (dbus_message_iter_open_container (&iter, DBUS_TYPE_ARRAY, "ay", &strings));
  for (gsize at = 0; at < size; at += 1 + data[at])
    {
      const guint8 *text = data + at + 1;

      if (data[at] == 0)
        continue;
      need (dbus_message_iter_open_container (&strings, DBUS_TYPE_ARRAY, "y", &bytes));
      need (dbus_message_iter_append_fixed_array (&bytes, DBUS_TYPE_BYTE, &text, data[at]));
      need (dbus_message_iter_close_container (&strings, &bytes));
    }
  need (dbus_message_iter_close_container (&iter, &strings));
}

const char *
disco_bus_message_get_text (DBusMessage *error)
{
  const char *text;

  if (!dbus_message_get_args (error, NULL, DBUS_TYPE_STRING, &text, DBUS_TYPE_INVALID))
    text = dbus_message_get_error_name (error);
  return text;
}

/* Nobody else on the bus can guess it: libdbus takes any message with that number for the reply, a
 * signal, too, and would count up from 1. */
static void
number_message (DiscoBusWatch *self, DBusMessage *message)
{
  if (++self->serial == 0)
    self->serial++;
  dbus_message_set_serial (message, self->serial);
}

static gboolean
is_return (DBusMessage *reply)
{
  return dbus_message_get_type (reply) == DBUS_MESSAGE_TYPE_METHOD_RETURN;
}

static void
tell_gone_for (DiscoBusWatch *self, const GError *error)
{
  DiscoBusWatchFunc func = g_steal_pointer (&self->func);

  if (func != NULL)
    func (DISCO_BUS_GONE, error, self->user_data);
}

static void
tell_gone (DiscoBusWatch *self, const char *why)
{
  g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CLOSED, why);

  tell_gone_for (self, error);
}

/* --- calls --- */

/* Its references: one while it is under way, and its owner's */
struct _DiscoBusCall
{
  GList link; /* of the watch's calls */
  DiscoBusWatch *watch;
  gint64 made_at;
  DBusPendingCall *pending; /* (owned) (nullable): NULL once it has ended */
  DiscoBusReplyFunc func;   /* (nullable): NULL once freed by its owner, while it is under way */
  gpointer user_data;
};

static void
end_call (DiscoBusCall *self)
{
  g_queue_unlink (&self->watch->calls, &self->link);
  dbus_pending_call_cancel (self->pending);
  g_clear_pointer (&self->pending, dbus_pending_call_unref);
  g_rc_box_release (self);
}

static void
on_reply (DBusPendingCall *pending, void *data)
{
  DiscoBusCall *self = data;
  g_autoptr (DBusMessage) reply = dbus_pending_call_steal_reply (pending);
  DiscoBusWatch *watch = self->watch;
  DiscoBusReplyFunc func = watch->func != NULL ? self->func : NULL;
  gpointer user_data = self->user_data;

  end_call (self);
  if (!is_return (reply) && dbus_message_get_type (reply) != DBUS_MESSAGE_TYPE_ERROR)
    tell_gone (watch, "the bus brings a reply that is none");
  else if (func != NULL)
    func (reply, user_data); /* may free the call and the watch */
}

/* (transfer full) */
static DiscoBusCall *
start_call (DiscoBusWatch *self, DBusMessage *message, int timeout_ms, DiscoBusReplyFunc func,
            gpointer user_data)
{
  DiscoBusCall *call = g_rc_box_new0 (DiscoBusCall);

  call->watch = self;
  call->made_at = g_get_monotonic_time ();
  call->func = func;
  call->user_data = user_data;
  number_message (self, message);
  need (dbus_connection_send_with_reply (self->connection, message, &call->pending, timeout_ms));
  if (call->pending == NULL)
    return call; /* the bus has just closed: that will be told */
  call->link.data = g_rc_box_acquire (call);
  g_queue_push_tail_link (&self->calls, &call->link);
  need (dbus_pending_call_set_notify (call->pending, on_reply, call, NULL));
  return call;
}

DiscoBusCall *
disco_bus_watch_call (DiscoBusWatch *self, DBusMessage *message, DiscoBusReplyFunc func,
                      gpointer user_data)
{
  return start_call (self, message, DBUS_TIMEOUT_USE_DEFAULT, func, user_data);
}

void
disco_bus_call_free (DiscoBusCall *self)
{
  self->func = NULL;
  g_rc_box_release (self);
}

static void
cut (gpointer user_data)
{
  const int *fd = user_data;

  (void)shutdown (*fd, SHUT_RDWR);
}

/* Lets the watchdog shut down a duplicate of the descriptor, since libdbus closes its own when it
 * likes, and then the number may be that of another file. Where there can be none the call ends as
 * late as D-Bus says. */
static void
block (DiscoBusCall *self, DiscoWatchdog *watchdog)
{
  DiscoWatchdogGuard guard;
  int fd = -1;

  if (dbus_connection_get_unix_fd (self->watch->connection, &fd))
    fd = fcntl (fd, F_DUPFD_CLOEXEC, 0);
  disco_watchdog_enter_since (watchdog, &guard, self->made_at, cut, &fd);
  dbus_pending_call_block (self->pending);
  disco_watchdog_leave (watchdog, &guard);
  if (fd != -1)
    (void)close (fd);
}

DBusMessage *
disco_bus_call_wait (DiscoBusCall *self, DiscoWatchdog *watchdog)
{
  DBusMessage *reply = NULL;

  if (self->pending != NULL)
    {
      need (dbus_pending_call_set_notify (self->pending, NULL, NULL, NULL));
      block (self, watchdog);
      reply = dbus_pending_call_steal_reply (self->pending);
      end_call (self);
    }
  disco_bus_call_free (self);
  return reply;
}

guint
disco_bus_watch_get_n_calls (DiscoBusWatch *self)
{
  return self->calls.length;
}

/* Calls with a reply for the watch itself. Takes @message */
static void
call_for_itself (DiscoBusWatch *self, DBusMessage *message, int timeout_ms, DiscoBusReplyFunc func)
{
  g_rc_box_release (start_call (self, message, timeout_ms, func, self));
  dbus_message_unref (message);
}

/* --- the name --- */

static DBusMessage *
new_bus_call (const char *method, const char *name)
{
  return disco_bus_message_new (DBUS_SERVICE_DBUS, DBUS_PATH_DBUS, DBUS_INTERFACE_DBUS, method,
                                DBUS_TYPE_STRING, &name, DBUS_TYPE_INVALID);
}

static void
on_start_service (DBusMessage *reply, gpointer user_data)
{
  DiscoBusWatch *self = user_data;

  if (is_return (reply) || !self->starting)
    return; /* the name's owner is told by the bus */
  self->starting = FALSE;
  g_debug ("the bus does not start %s: %s", self->name, disco_bus_message_get_text (reply));
  self->func (DISCO_BUS_NAME_FREE, NULL, self->user_data);
}

static void
ask_to_start (DiscoBusWatch *self)
{
  const dbus_uint32_t no_flags = 0;

  call_for_itself (self,
                   disco_bus_message_new (DBUS_SERVICE_DBUS, DBUS_PATH_DBUS, DBUS_INTERFACE_DBUS,
                                          "StartServiceByName", DBUS_TYPE_STRING, &self->name,
                                          DBUS_TYPE_UINT32, &no_flags, DBUS_TYPE_INVALID),
                   DBUS_TIMEOUT_USE_DEFAULT, on_start_service);
}

/* @owner: "" for none */
static void
tell_name (DiscoBusWatch *self, const char *owner)
{
  const gboolean owned = owner[0] != '\0';
  DiscoBusState state = owned ? DISCO_BUS_NAME_OWNED : DISCO_BUS_NAME_FREE;

  g_free (self->owner);
  self->owner = g_strdup (owner);
  self->name_known = TRUE;
  self->starting = !owned && self->activate;
  self->activate = FALSE;
  if (self->starting)
    {
      state = DISCO_BUS_NAME_STARTING;
      ask_to_start (self);
    }
  self->func (state, NULL, self->user_data);
}

static void
on_owner_changed (DiscoBusWatch *self, DBusMessage *signal)
{
  const char *name, *former, *owner;

  if (dbus_message_get_args (signal, NULL, DBUS_TYPE_STRING, &name, DBUS_TYPE_STRING, &former,
                             DBUS_TYPE_STRING, &owner, DBUS_TYPE_INVALID)
      && g_str_equal (name, self->name))
    tell_name (self, owner);
}

/* What the signal said before is newer. */
static void
on_owner (DBusMessage *reply, gpointer user_data)
{
  DiscoBusWatch *self = user_data;
  const char *owner = "";

  if (self->name_known)
    return;
  if (is_return (reply))
    dbus_message_get_args (reply, NULL, DBUS_TYPE_STRING, &owner, DBUS_TYPE_INVALID);
  else if (!dbus_message_is_error (reply, DBUS_ERROR_NAME_HAS_NO_OWNER))
    {
      tell_gone (self, disco_bus_message_get_text (reply));
      return;
    }
  tell_name (self, owner);
}

static void add_match (DiscoBusWatch *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* Nobody waits for the reply: a rule takes no more than memory. */
static void
add_match (DiscoBusWatch *self, const char *format, ...)
{
  g_autofree char *rule = NULL;
  va_list arguments;

  va_start (arguments, format);
  rule = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  dbus_bus_add_match (self->connection, rule, NULL);
}

static void
tell_refused (DiscoBusWatch *self, DBusMessage *error)
{
  const char *text = disco_bus_message_get_text (error);
  g_autoptr (GError) limit = NULL;

  if (!dbus_message_is_error (error, DBUS_ERROR_LIMITS_EXCEEDED))
    {
      tell_gone (self, text);
      return;
    }
  limit = g_error_new (DISCO_ERROR, DISCO_ERROR_LIMIT,
                       "%s: raise max_connections_per_user in the configuration of the bus", text);
  tell_gone_for (self, limit);
}

static void
on_hello (DBusMessage *reply, gpointer user_data)
{
  DiscoBusWatch *self = user_data;

  if (!is_return (reply))
    {
      tell_refused (self, reply);
      return;
    }
  add_match (self,
             "type='signal',sender='" DBUS_SERVICE_DBUS "',path='" DBUS_PATH_DBUS
             "',interface='" DBUS_INTERFACE_DBUS "',member='NameOwnerChanged',arg0='%s'",
             self->name);
  call_for_itself (self, new_bus_call ("GetNameOwner", self->name), DBUS_TIMEOUT_USE_DEFAULT,
                   on_owner);
}

/* An error is an answer too, unless it tells that the owner went without one: then the name's next
 * owner is told, and asked if need be. */
static void
on_pong (DBusMessage *reply, gpointer user_data)
{
  DiscoBusWatch *self = user_data;

  if (!dbus_message_is_error (reply, DBUS_ERROR_NO_REPLY)
      && !dbus_message_is_error (reply, DBUS_ERROR_NAME_HAS_NO_OWNER)
      && !dbus_message_is_error (reply, DBUS_ERROR_SERVICE_UNKNOWN))
    self->func (DISCO_BUS_NAME_ANSWERS, NULL, self->user_data);
}

void
disco_bus_watch_ping (DiscoBusWatch *self)
{
  call_for_itself (
      self, disco_bus_message_new (self->name, "/", DBUS_INTERFACE_PEER, "Ping", DBUS_TYPE_INVALID),
      DBUS_TIMEOUT_INFINITE, on_pong);
}

/* --- signals --- */

/* Anybody on the bus can send one to this connection alone, whatever it asked for. */
static gboolean
is_subscribed (DiscoBusWatch *self, DBusMessage *message)
{
  return self->signal_func != NULL && self->owner != NULL
         && dbus_message_has_sender (message, self->owner)
         && dbus_message_is_signal (message, self->signal_interface, self->signal_member)
         && (self->signal_path == NULL || dbus_message_has_path (message, self->signal_path));
}

static DBusHandlerResult
on_message (DBusConnection *connection, DBusMessage *message, void *data)
{
  DiscoBusWatch *self = data;

  if (self->func == NULL)
    return DBUS_HANDLER_RESULT_NOT_YET_HANDLED;
  if (dbus_message_is_signal (message, DBUS_INTERFACE_LOCAL, "Disconnected"))
    tell_gone (self, "the bus is gone");
  else if (dbus_message_is_signal (message, DBUS_INTERFACE_DBUS, "NameOwnerChanged")
           && dbus_message_has_sender (message, DBUS_SERVICE_DBUS))
    on_owner_changed (self, message);
  else if (is_subscribed (self, message))
    self->signal_func (message, self->signal_data);
  else
    return DBUS_HANDLER_RESULT_NOT_YET_HANDLED;
  return DBUS_HANDLER_RESULT_HANDLED;
}

void
disco_bus_watch_subscribe (DiscoBusWatch *self, const char *path, const char *interface,
                           const char *member, DiscoBusSignalFunc func, gpointer user_data)
{
  self->signal_path = path;
  self->signal_interface = interface;
  self->signal_member = member;
  self->signal_func = func;
  self->signal_data = user_data;
  if (path != NULL)
    add_match (self, "type='signal',sender='%s',path='%s',interface='%s',member='%s'", self->name,
               path, interface, member);
}

/* --- the connection --- */

static void
on_opened (DBusConnection *connection, const GError *error, gpointer user_data)
{
  DiscoBusWatch *self = user_data;

  if (connection == NULL)
    {
      tell_gone_for (self, error);
      return;
    }
  g_clear_pointer (&self->opening, disco_bus_opening_free);
  self->connection = connection;
  self->source = disco_bus_source_new (self->connection, self->context);
  need (dbus_connection_add_filter (self->connection, on_message, self, NULL));
  /* A bus that hangs is waited for. */
  call_for_itself (self,
                   disco_bus_message_new (DBUS_SERVICE_DBUS, DBUS_PATH_DBUS, DBUS_INTERFACE_DBUS,
                                          "Hello", DBUS_TYPE_INVALID),
                   DBUS_TIMEOUT_INFINITE, on_hello);
}

DiscoBusWatch *
disco_bus_watch_new (const char *name, gboolean activate, DiscoBusWatchFunc func,
                     gpointer user_data)
{
  DiscoBusWatch *self = g_new0 (DiscoBusWatch, 1);

  self->name = g_strdup (name);
  self->activate = activate;
  self->func = func;
  self->user_data = user_data;
  self->serial = g_random_int ();
  self->context = g_main_context_ref_thread_default ();
  self->opening = disco_bus_open (self->context, on_opened, self);
  return self;
}

void
disco_bus_watch_stop (DiscoBusWatch *self)
{
  self->func = NULL;
  g_clear_pointer (&self->opening, disco_bus_opening_free);
}

void
disco_bus_watch_free (DiscoBusWatch *self)
{
  disco_bus_watch_stop (self);
  while (self->calls.head != NULL)
    end_call (self->calls.head->data);
  if (self->connection != NULL)
    {
      disco_bus_source_free (self->source);
      dbus_connection_remove_filter (self->connection, on_message, self);
      disco_bus_close (self->connection);
    }
  g_main_context_unref (self->context);
  g_free (self->owner);
  g_free (self->name);
  g_free (self);
}
