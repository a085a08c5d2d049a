/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-bus-watch-private.h"
#include "test-support.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

#define NAME "org.example.Disco"

/* A bus of the test's own, in a folder of its own */
typedef struct
{
  GMainContext *context;
  char *folder;         /* (owned) */
  char *socket;         /* (owned) */
  GSubprocess *daemon;  /* (owned) (nullable) */
  DiscoBusWatch *watch; /* (owned) (nullable) */
  GString *log;         /* (owned): "owned ", "free ", "error " */
  GError *error;        /* (owned) (nullable): the last one */
} Fixture;

static const char config_format[]
    = "<busconfig><type>custom</type><listen>unix:path=%s</listen><servicedir>%s</servicedir>"
      "<policy context='default'><allow send_destination='*'/><allow own='*'/>"
      "<allow receive_sender='*'/></policy>"
      "</busconfig>";

/* What the bus does when it is asked to start the service: a file that can be seen. */
static const char service_format[]
    = "[D-BUS Service]\nName=" NAME "\nExec=/usr/bin/touch %s/started\n";

static void
write_file (Fixture *self, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (self->folder, name, NULL);

  assert_true (g_file_set_contents (path, text, -1, NULL));
}

/* So that no daemon is left where a test aborts */
static void
die_with_parent (gpointer data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

/* The daemon prints its address when it is ready. */
static void
start_bus (Fixture *self)
{
  g_autofree char *config = g_strdup_printf ("--config-file=%s/config", self->folder);
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (
      G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autoptr (GDataInputStream) output = NULL;
  g_autofree char *line = NULL;

  g_subprocess_launcher_set_child_setup (launcher, die_with_parent, NULL, NULL);
  self->daemon
      = g_subprocess_launcher_spawn (launcher, NULL, "dbus-daemon", "--nofork", "--nopidfile",
                                     "--nosyslog", "--print-address", config, NULL);
  if (self->daemon == NULL)
    skip ();
  output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->daemon));
  line = g_data_input_stream_read_line (output, NULL, NULL, NULL);
  assert_non_null (line);
}

static void
stop_bus (Fixture *self)
{
  if (self->daemon == NULL)
    return;
  g_subprocess_force_exit (self->daemon);
  g_subprocess_wait (self->daemon, NULL, NULL);
  g_clear_object (&self->daemon);
}

static int
set_up (void **state)
{
  Fixture *self = g_new0 (Fixture, 1);
  g_autofree char *address = NULL;
  g_autofree char *config = NULL;
  g_autofree char *service = NULL;

  test_context_push ((void **)&self->context);
  self->folder = g_dir_make_tmp ("disco-bus-XXXXXX", NULL);
  self->socket = g_build_filename (self->folder, "bus", NULL);
  self->log = g_string_new (NULL);
  config = g_strdup_printf (config_format, self->socket, self->folder);
  service = g_strdup_printf (service_format, self->folder);
  write_file (self, "config", config);
  write_file (self, NAME ".service", service);
  address = g_strdup_printf ("unix:path=%s", self->socket);
  g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", address, TRUE);
  *state = self;
  return 0;
}

static int
tear_down (void **state)
{
  static const char *const files[] = { "bus", "config", NAME ".service", "started" };
  Fixture *self = *state;

  g_clear_pointer (&self->watch, disco_bus_watch_free);
  stop_bus (self);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (self->folder, files[i], NULL);
      g_unlink (path);
    }
  assert_int_equal (g_rmdir (self->folder), 0);
  test_dispatch_pending ();
  test_context_pop ((void **)&self->context);
  g_clear_error (&self->error);
  g_string_free (self->log, TRUE);
  g_free (self->socket);
  g_free (self->folder);
  g_free (self);
  return 0;
}

#define bus_test(test) cmocka_unit_test_setup_teardown (test, set_up, tear_down)

static void
on_bus (gboolean owned, const GError *error, gpointer user_data)
{
  Fixture *self = user_data;

  assert_null (self->error);
  g_string_append (self->log, error != NULL ? "error " : owned ? "owned " : "free ");
  if (error != NULL)
    self->error = g_error_copy (error);
}

static void
watch (Fixture *self, gboolean activate)
{
  self->watch = disco_bus_watch_new (NAME, activate, on_bus, self);
  assert_string_equal (self->log->str, "");
}

typedef struct
{
  Fixture *fixture;
  const char *expected;
} LogWait;

static gboolean
is_logged (gpointer data)
{
  LogWait *wait = data;

  return wait->fixture->log->len >= strlen (wait->expected);
}

static void
wait_log (Fixture *self, const char *expected)
{
  test_wait_until (NULL, is_logged, &(LogWait){ self, expected });
  assert_string_equal (self->log->str, expected);
}

/* (transfer full): a connection that has the name */
static GDBusConnection *
own_name (Fixture *self)
{
  g_autofree char *address = g_strdup_printf ("unix:path=%s", self->socket);
  GDBusConnection *connection = g_dbus_connection_new_for_address_sync (
      address,
      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
          | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
      NULL, NULL, NULL);
  g_autoptr (GVariant) reply = NULL;

  assert_non_null (connection);
  g_dbus_connection_set_exit_on_close (connection, FALSE);
  reply = g_dbus_connection_call_sync (
      connection, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
      "RequestName", g_variant_new ("(su)", NAME, 4), NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);
  assert_non_null (reply);
  return connection;
}

static void
disown_name (GDBusConnection *connection)
{
  assert_true (g_dbus_connection_close_sync (connection, NULL, NULL));
  g_object_unref (connection);
}

static gboolean
was_started (gpointer data)
{
  g_autofree char *path = g_build_filename (((Fixture *)data)->folder, "started", NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static void
owner_that_is_there_is_told (void **state)
{
  Fixture *self = *state;
  GDBusConnection *owner;

  start_bus (self);
  owner = own_name (self);
  watch (self, FALSE);
  wait_log (self, "owned ");
  disown_name (owner);
}

static void
owner_that_comes_goes_and_comes_again_is_told_each_time (void **state)
{
  Fixture *self = *state;
  GDBusConnection *owner;

  start_bus (self);
  watch (self, FALSE);
  wait_log (self, "free ");
  owner = own_name (self);
  wait_log (self, "free owned ");
  disown_name (owner);
  wait_log (self, "free owned free ");
  owner = own_name (self);
  wait_log (self, "free owned free owned ");
  disown_name (owner);
  assert_false (was_started (self));
}

static void
bus_is_asked_to_start_the_service_only_if_wanted (void **state)
{
  Fixture *self = *state;

  start_bus (self);
  watch (self, TRUE);
  wait_log (self, "free ");
  test_wait_until (NULL, was_started, self);
}

static void
service_that_went_is_not_started_again (void **state)
{
  Fixture *self = *state;
  GDBusConnection *owner;

  start_bus (self);
  owner = own_name (self);
  watch (self, TRUE);
  wait_log (self, "owned ");
  disown_name (owner);
  wait_log (self, "owned free ");
  owner = own_name (self);
  wait_log (self, "owned free owned ");
  disown_name (owner);
  assert_false (was_started (self));
}

static void
bus_that_dies_is_an_error_and_the_process_lives (void **state)
{
  Fixture *self = *state;
  GDBusConnection *owner;

  start_bus (self);
  owner = own_name (self);
  watch (self, FALSE);
  wait_log (self, "owned ");
  stop_bus (self);
  wait_log (self, "owned error ");
  g_object_unref (owner);
}

static void
no_bus_at_all_is_an_error (void **state)
{
  Fixture *self = *state;

  watch (self, TRUE);
  wait_log (self, "error ");
}

static void
address_that_is_none_is_an_error (void **state)
{
  Fixture *self = *state;

  g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", "nonsense", TRUE);
  watch (self, FALSE);
  wait_log (self, "error ");
}

static void
watch_freed_at_once_calls_nothing (void **state)
{
  Fixture *self = *state;
  GDBusConnection *owner;

  start_bus (self);
  owner = own_name (self);
  watch (self, FALSE);
  g_clear_pointer (&self->watch, disco_bus_watch_free);
  /* another one is told later than the first would have been */
  watch (self, FALSE);
  wait_log (self, "owned ");
  g_clear_pointer (&self->watch, disco_bus_watch_free);
  disown_name (owner);
  test_dispatch_pending ();
  assert_string_equal (self->log->str, "owned ");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    bus_test (owner_that_is_there_is_told),
    bus_test (owner_that_comes_goes_and_comes_again_is_told_each_time),
    bus_test (bus_is_asked_to_start_the_service_only_if_wanted),
    bus_test (service_that_went_is_not_started_again),
    bus_test (bus_that_dies_is_an_error_and_the_process_lives),
    bus_test (no_bus_at_all_is_an_error),
    bus_test (address_that_is_none_is_an_error),
    bus_test (watch_freed_at_once_calls_nothing),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
