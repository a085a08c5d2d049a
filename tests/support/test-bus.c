/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-bus.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define SERVICE_FILE "test.service"
#define TRACE "started"

static const char config_format[]
    = "<busconfig><type>custom</type><listen>unix:path=%s</listen><servicedir>%s</servicedir>"
      "<policy context='default'><allow send_destination='*'/><allow own='*'/>"
      "<allow receive_sender='*'/></policy>"
      "</busconfig>";

static void
write_file (TestBus *self, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (self->folder, name, NULL);

  assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
remove_file (TestBus *self, const char *name)
{
  g_autofree char *path = g_build_filename (self->folder, name, NULL);

  g_unlink (path);
}

/* @command: with %s for the folder, once */
static void
write_service (TestBus *self, const char *name, const char *command)
{
  g_auto (GStrv) parts = g_strsplit (command, "%s", 2);
  g_autofree char *text = g_strdup_printf ("[D-BUS Service]\nName=%s\nExec=%s%s%s\n", name,
                                           parts[0], self->folder, parts[1]);

  write_file (self, SERVICE_FILE, text);
}

TestBus *
test_bus_new (const char *service)
{
  TestBus *self = g_new0 (TestBus, 1);
  g_autofree char *address = NULL;
  g_autofree char *config = NULL;

  self->folder = g_dir_make_tmp ("disco-bus-XXXXXX", NULL);
  self->socket = g_build_filename (self->folder, "bus", NULL);
  config = g_strdup_printf (config_format, self->socket, self->folder);
  write_file (self, "config", config);
  if (service != NULL)
    write_service (self, service, "/usr/bin/touch %s/" TRACE);
  address = g_strdup_printf ("unix:path=%s", self->socket);
  g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", address, TRUE);
  return self;
}

void
test_bus_free (TestBus *self)
{
  static const char *const files[] = { "bus", "config", SERVICE_FILE, TRACE };

  test_bus_stop (self);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    remove_file (self, files[i]);
  assert_int_equal (g_rmdir (self->folder), 0);
  g_free (self->socket);
  g_free (self->folder);
  g_free (self);
}

/* So that no daemon is left where a test aborts */
static void
die_with_parent (gpointer data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

/* The daemon prints its address when it is ready. */
void
test_bus_start (TestBus *self)
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

void
test_bus_stop (TestBus *self)
{
  if (self->daemon == NULL)
    return;
  g_subprocess_force_exit (self->daemon);
  g_subprocess_wait (self->daemon, NULL, NULL);
  g_clear_object (&self->daemon);
}

void
test_bus_hang (TestBus *self)
{
  const char *pid = g_subprocess_get_identifier (self->daemon);
  siginfo_t info;

  /* GLib sends it on a thread of its own. */
  g_subprocess_send_signal (self->daemon, SIGSTOP);
  assert_int_equal (
      waitid (P_PID, (id_t)g_ascii_strtoull (pid, NULL, 10), &info, WSTOPPED | WNOWAIT), 0);
}

void
test_bus_forget_service (TestBus *self)
{
  remove_file (self, SERVICE_FILE);
}

void
test_bus_let_service_fail (TestBus *self, const char *service)
{
  write_service (self, service, "/bin/sh -c '/usr/bin/touch %s/" TRACE "; exit 1'");
}

gboolean
test_bus_has_started_service (gpointer bus)
{
  g_autofree char *path = g_build_filename (((TestBus *)bus)->folder, TRACE, NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

/* (transfer full) (nullable): NULL where the bus takes no more */
static GDBusConnection *
connect_to (const char *address)
{
  return g_dbus_connection_new_for_address_sync (
      address,
      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
          | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
      NULL, NULL, NULL);
}

GPtrArray *
test_bus_take_all_connections (void)
{
  g_autofree char *address = g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SYSTEM, NULL, NULL);
  GPtrArray *taken = g_ptr_array_new_with_free_func (g_object_unref);
  GDBusConnection *connection;

  while ((connection = connect_to (address)) != NULL)
    g_ptr_array_add (taken, connection);
  assert_true (taken->len > 100); /* it is the bus's limit that was reached */
  return taken;
}

GDBusConnection *
test_bus_own_name (TestBus *self, const char *name)
{
  g_autofree char *address = g_strdup_printf ("unix:path=%s", self->socket);
  GDBusConnection *connection = connect_to (address);
  g_autoptr (GVariant) reply = NULL;

  assert_non_null (connection);
  g_dbus_connection_set_exit_on_close (connection, FALSE);
  reply = g_dbus_connection_call_sync (
      connection, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
      "RequestName", g_variant_new ("(su)", name, 4), NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);
  assert_non_null (reply);
  return connection;
}

void
test_bus_disown_name (GDBusConnection *connection)
{
  assert_true (g_dbus_connection_close_sync (connection, NULL, NULL));
  g_object_unref (connection);
}
