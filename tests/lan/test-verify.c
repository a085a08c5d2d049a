/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Instances of another host whose daemon is killed, or whose cable is pulled: they say no goodbye,
 * and this host's responder remembers them. */
#include "test-events.h"

#include <disco/disco.h>
#include <string.h>

#define ANNOUNCER_VARIABLE "DISCO_ANNOUNCER"
/* Of the questions, and of what comes after them */
#define GONE_US (6 * G_TIME_SPAN_SECOND)

typedef struct
{
  GMainContext *context;   /* (owned) */
  GSubprocess *announcer;  /* (owned): on host b */
  DiscoAvahiAgent *agent;  /* (owned) */
  DiscoService *service;   /* (owned) */
  DiscoWatcher *watcher;   /* (owned) */
  DiscoInstance *instance; /* (owned): on host b */
} Fixture;

static DiscoBackend backend;

static void
bed (const char *verb, const char *argument, const char *other)
{
  g_autoptr (GSubprocess) process = g_subprocess_new (
      G_SUBPROCESS_FLAGS_NONE, NULL, g_getenv ("BED"), verb, "b", argument, other, NULL);

  assert_non_null (process);
  assert_true (g_subprocess_wait_check (process, NULL, NULL));
}

static void
start_announcer (Fixture *self)
{
  g_autoptr (GDataInputStream) output = NULL;
  g_autofree char *line = NULL;

  self->announcer = g_subprocess_new (
      G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDIN_PIPE, NULL, g_getenv ("BED"),
      "exec", "b", g_getenv (ANNOUNCER_VARIABLE), "http", "1", NULL);
  assert_non_null (self->announcer);
  output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->announcer));
  line = g_data_input_stream_read_line (output, NULL, NULL, NULL);
  assert_string_equal (line, "established");
}

/* The next events, which are @expected */
static GPtrArray *
read_events (Fixture *self, const char *expected)
{
  TestResult called = { NULL };
  g_autoptr (GAsyncResult) result = NULL;
  GPtrArray *events;

  disco_watcher_next_async (self->watcher, NULL, test_result_callback, &called);
  result = test_result_wait (&called);
  events = disco_watcher_next_finish (self->watcher, result, NULL);
  test_assert_events (events, expected);
  return events;
}

static int
set_up (void **state)
{
  Fixture *self = g_new0 (Fixture, 1);
  g_autoptr (GPtrArray) events = NULL;

  test_context_push ((void **)&self->context);
  start_announcer (self);
  self->agent = disco_avahi_agent_new (backend);
  self->service = disco_agent_service (DISCO_AGENT (self->agent), "http", NULL, NULL, NULL);
  assert_non_null (self->service);
  self->watcher = disco_service_watch (self->service);
  events = read_events (self, "+http-1:8000");
  self->instance = g_object_ref (disco_event_get_instance (events->pdata[0]));
  *state = self;
  return 0;
}

static int
tear_down (void **state)
{
  Fixture *self = *state;

  g_subprocess_send_signal (self->announcer, SIGTERM);
  assert_true (g_subprocess_wait (self->announcer, NULL, NULL));
  g_object_unref (self->announcer);
  g_object_unref (self->instance);
  g_object_unref (self->watcher);
  g_object_unref (self->service);
  g_object_unref (self->agent);
  test_dispatch_pending ();
  test_context_pop ((void **)&self->context);
  g_free (self);
  return 0;
}

#define verify_test(test) cmocka_unit_test_setup_teardown (test, set_up, tear_down)

static void
assert_there (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  const gint64 began = g_get_monotonic_time ();

  if (!disco_agent_verify (DISCO_AGENT (self->agent), self->instance, NULL, &error))
    fail_msg ("%s", error->message);
  print_message ("it answered after %" G_GINT64_FORMAT " us\n", g_get_monotonic_time () - began);
}

/* ... and that is told, once it was asked. */
static void
assert_gone (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) events = NULL;
  const gint64 began = g_get_monotonic_time ();

  assert_false (disco_agent_verify (DISCO_AGENT (self->agent), self->instance, NULL, &error));
  test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_NOT_FOUND, "http-1");
  events = read_events (self, "-http-1:8000");
  print_message ("it was gone after %" G_GINT64_FORMAT " us\n", g_get_monotonic_time () - began);
  assert_true (g_get_monotonic_time () - began < GONE_US);
}

static void
assert_back (Fixture *self)
{
  g_autoptr (GPtrArray) events = read_events (self, "+http-1:8000");

  assert_int_equal (events->len, 1);
}

/* In between nothing was told of what is there. */
static void
ghosts_go_and_come_back (void **state)
{
  Fixture *self = *state;

  assert_there (self);
  bed ("kill", NULL, NULL);
  assert_gone (self);
  bed ("start", NULL, NULL);
  assert_back (self);
  assert_there (self);
  bed ("cable", "eth0", "out");
  assert_gone (self);
  bed ("cable", "eth0", "in");
  assert_back (self);
  assert_there (self);
}

/* --- a machine that slept --- */

static gboolean
emit_awake (gpointer logind)
{
  assert_true (g_dbus_connection_emit_signal (logind, NULL, "/org/freedesktop/login1",
                                              "org.freedesktop.login1.Manager", "PrepareForSleep",
                                              g_variant_new ("(b)", FALSE), NULL));
  return G_SOURCE_CONTINUE;
}

/* (transfer full): somebody who passes for logind on this host's bus */
static GDBusConnection *
become_logind (void)
{
  g_autofree char *address = g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SYSTEM, NULL, NULL);
  g_autoptr (GVariant) reply = NULL;
  GDBusConnection *connection = g_dbus_connection_new_for_address_sync (
      address,
      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
          | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
      NULL, NULL, NULL);

  assert_non_null (connection);
  reply = g_dbus_connection_call_sync (connection, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                       "org.freedesktop.DBus", "RequestName",
                                       g_variant_new ("(su)", "org.freedesktop.login1", 4), NULL,
                                       G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);
  assert_non_null (reply);
  return connection;
}

static void
ghosts_are_found_out_after_a_sleep_and_nothing_else_is_told (void **state)
{
  Fixture *self = *state;
  g_autoptr (GDBusConnection) logind = become_logind ();
  g_autoptr (GPtrArray) events = NULL;
  /* again, should the agent not listen yet */
  GSource *timer = g_timeout_source_new_seconds (5);

  g_source_set_callback (timer, emit_awake, logind, NULL);
  g_source_attach (timer, self->context);
  emit_awake (logind); /* all is as it was */
  assert_there (self);
  bed ("kill", NULL, NULL);
  emit_awake (logind);
  events = read_events (self, "-http-1:8000");
  g_source_destroy (timer);
  g_source_unref (timer);
  bed ("start", NULL, NULL);
  assert_back (self);
}

int
main (int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    verify_test (ghosts_go_and_come_back),
    verify_test (ghosts_are_found_out_after_a_sleep_and_nothing_else_is_told),
  };

  backend = argc > 1 && g_str_equal (argv[1], "embedded") ? DISCO_BACKEND_EMBEDDED
                                                          : DISCO_BACKEND_DAEMON;
  return cmocka_run_group_tests (tests, NULL, NULL);
}
