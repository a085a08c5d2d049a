/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asks the system bus and avahi-daemon how they are. The calls are asynchronous, because either may
 * hang, and go over a connection of their own with exit-on-close off: GIO's shared one would end
 * the process when the bus dies. */
#include "disco-bus-watch-private.h"
#include "disco-diagnose-private.h"

#define BUS_NAME "org.freedesktop.DBus"
#define BUS_PATH "/org/freedesktop/DBus"
#define SERVER_PATH "/"
#define SERVER_INTERFACE DISCO_AVAHI_BUS_NAME ".Server"

/* How long the bus has for all its answers, and then the daemon */
#define ANSWER_US (1 * G_TIME_SPAN_SECOND)

/* Flatpak puts it into every sandbox. */
#define FLATPAK_INFO "/.flatpak-info"

/* One call that is waited for */
typedef struct
{
  DiscoDiagnoseRun *run;
  gint64 deadline_us;
  GAsyncResult *result; /* (owned) (nullable) */
} Call;

static void
on_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Call *call = user_data;

  call->result = g_object_ref (result);
}

static gboolean
has_result (gpointer data)
{
  return ((Call *)data)->result != NULL;
}

/* (transfer full): the result. Cancelling ends the call soon, whatever hangs. */
static GAsyncResult *
await_call (Call *call, GCancellable *cancellable, gboolean *late)
{
  gint64 left_us = call->deadline_us - g_get_monotonic_time ();

  *late = !disco_diagnose_run_wait (call->run, MAX (left_us, 0), has_result, call);
  if (*late)
    g_cancellable_cancel (cancellable);
  while (call->result == NULL)
    g_main_context_iteration (call->run->context, TRUE);
  return g_steal_pointer (&call->result);
}

static void
blame_silence (GError **error, gboolean late)
{
  if (!late || *error == NULL)
    return;
  g_clear_error (error);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "no answer within 1 s");
}

static GDBusConnection *
connect_to_bus (Call *call, GError **error)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autofree char *address = g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SYSTEM, NULL, error);
  GDBusConnection *connection;
  gboolean late;

  if (address == NULL)
    return NULL;
  g_dbus_connection_new_for_address (address,
                                     G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
                                         | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                     NULL, cancellable, on_result, call);
  result = await_call (call, cancellable, &late);
  connection = g_dbus_connection_new_for_address_finish (result, error);
  blame_silence (error, late);
  if (connection != NULL)
    g_dbus_connection_set_exit_on_close (connection, FALSE);
  return connection;
}

typedef struct
{
  const char *name;
  const char *path;
  const char *interface;
} Callee;

static const Callee bus = { BUS_NAME, BUS_PATH, BUS_NAME };
static const Callee server = { DISCO_AVAHI_BUS_NAME, SERVER_PATH, SERVER_INTERFACE };

/* @parameters: (nullable), floating; @type: of the reply */
static GVariant *
call_method (Call *call, GDBusConnection *connection, const Callee *callee, const char *method,
             GVariant *parameters, const char *type, GError **error)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  GVariant *reply;
  gboolean late;

  g_dbus_connection_call (connection, callee->name, callee->path, callee->interface, method,
                          parameters, G_VARIANT_TYPE (type), G_DBUS_CALL_FLAGS_NO_AUTO_START, -1,
                          cancellable, on_result, call);
  result = await_call (call, cancellable, &late);
  reply = g_dbus_connection_call_finish (connection, result, error);
  if (reply == NULL)
    {
      blame_silence (error, late);
      g_dbus_error_strip_remote_error (*error);
    }
  return reply;
}

/* FALSE with an error where the bus does not answer */
static gboolean
is_startable (Call *call, GDBusConnection *connection, GError **error)
{
  g_autoptr (GVariant) reply
      = call_method (call, connection, &bus, "ListActivatableNames", NULL, "(as)", error);
  g_autofree const char **names = NULL;

  if (reply == NULL)
    return FALSE;
  g_variant_get (reply, "(^a&s)", &names);
  return g_strv_contains (names, DISCO_AVAHI_BUS_NAME);
}

static char *
ask_server_text (Call *call, GDBusConnection *connection, const char *method)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = call_method (call, connection, &server, method, NULL, "(s)", &error);
  char *text = NULL;

  if (reply != NULL)
    g_variant_get (reply, "(s)", &text);
  return text;
}

/* What a failed call says of the daemon */
static DiscoDaemonPresence
presence_from_error (const GError *error)
{
  if (g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED))
    return DISCO_DAEMON_DENIED;
  /* it went meanwhile, or the proxy of a sandbox hides it */
  if (g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN)
      || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER))
    return DISCO_DAEMON_MISSING;
  return DISCO_DAEMON_SILENT;
}

static void
learn_server (DiscoDaemonFacts *self, Call *call, GDBusConnection *connection)
{
  g_autoptr (GVariant) reply = NULL;

  call->deadline_us = g_get_monotonic_time () + ANSWER_US;
  reply = call_method (call, connection, &server, "GetState", NULL, "(i)", &self->error);
  if (reply == NULL)
    {
      self->presence = presence_from_error (self->error);
      return;
    }
  self->presence = DISCO_DAEMON_ANSWERS;
  g_variant_get (reply, "(i)", &self->server_state);
  self->version = ask_server_text (call, connection, "GetVersionString");
  self->host_name = ask_server_text (call, connection, "GetHostNameFqdn");
}

void
disco_daemon_facts_clear (DiscoDaemonFacts *self)
{
  g_clear_error (&self->bus_error);
  g_clear_error (&self->error);
  g_clear_pointer (&self->version, g_free);
  g_clear_pointer (&self->host_name, g_free);
  *self = (DiscoDaemonFacts){ NULL };
}

/* Nobody has the name, as the bus says. */
static void
learn_of_start (DiscoDaemonFacts *self, Call *call, GDBusConnection *connection)
{
  gboolean startable = is_startable (call, connection, &self->bus_error);

  if (self->bus_error == NULL)
    self->presence = startable ? DISCO_DAEMON_STARTABLE : DISCO_DAEMON_MISSING;
}

static void
learn_name (DiscoDaemonFacts *self, Call *call, GDBusConnection *connection)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply
      = call_method (call, connection, &bus, "NameHasOwner",
                     g_variant_new ("(s)", DISCO_AVAHI_BUS_NAME), "(b)", &error);
  gboolean owned = FALSE;

  if (reply != NULL)
    {
      g_variant_get (reply, "(b)", &owned);
      (owned ? learn_server : learn_of_start) (self, call, connection);
    }
  else if (presence_from_error (error) == DISCO_DAEMON_DENIED)
    {
      self->presence = DISCO_DAEMON_DENIED;
      self->error = g_steal_pointer (&error);
    }
  else
    self->bus_error = g_steal_pointer (&error);
}

void
disco_daemon_facts_learn (DiscoDaemonFacts *self, DiscoDiagnoseRun *run)
{
  Call call = { .run = run, .deadline_us = g_get_monotonic_time () + ANSWER_US };
  g_autoptr (GDBusConnection) connection = NULL;

  disco_daemon_facts_clear (self);
  self->sandboxed = g_file_test (FLATPAK_INFO, G_FILE_TEST_EXISTS);
  connection = connect_to_bus (&call, &self->bus_error);
  if (connection != NULL)
    learn_name (self, &call, connection);
}
