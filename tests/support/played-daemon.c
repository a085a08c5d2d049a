/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "played-daemon.h"

#define LOOKUP_ARGUMENTS "<arg type='i'/><arg type='i'/>"
#define ENTRY_ARGUMENTS LOOKUP_ARGUMENTS "<arg type='u'/>"

static const char xml[]
    = "<node><interface name='" PLAYED_NAME ".Server'>"
      "<method name='GetAPIVersion'><arg type='u' direction='out'/></method>"
      "<method name='GetState'><arg type='i' direction='out'/></method>"
      "<method name='ResolveService'>" LOOKUP_ARGUMENTS
      "<arg type='s'/><arg type='s'/><arg type='s'/><arg type='i'/><arg type='u'/>"
      "<arg type='i' direction='out'/><arg type='i' direction='out'/>"
      "<arg type='s' direction='out'/><arg type='s' direction='out'/>"
      "<arg type='s' direction='out'/><arg type='s' direction='out'/>"
      "<arg type='i' direction='out'/><arg type='s' direction='out'/>"
      "<arg type='q' direction='out'/><arg type='aay' direction='out'/>"
      "<arg type='u' direction='out'/></method>"
      "<method name='ServiceResolverNew'>" LOOKUP_ARGUMENTS
      "<arg type='s'/><arg type='s'/><arg type='s'/><arg type='i'/><arg type='u'/>"
      "<arg type='o' direction='out'/></method>"
      "<method name='ServiceBrowserNew'>" LOOKUP_ARGUMENTS
      "<arg type='s'/><arg type='s'/><arg type='u'/><arg type='o' direction='out'/></method>"
      "<method name='EntryGroupNew'><arg type='o' direction='out'/></method>"
      "</interface>"
      "<interface name='" PLAYED_NAME ".ServiceResolver'><method name='Free'/></interface>"
      "<interface name='" PLAYED_NAME ".ServiceBrowser'><method name='Free'/></interface>"
      "<interface name='" PLAYED_NAME ".EntryGroup'>"
      "<method name='Free'/><method name='Commit'/>"
      "<method name='AddService'>" ENTRY_ARGUMENTS
      "<arg type='s'/><arg type='s'/><arg type='s'/><arg type='s'/><arg type='q'/>"
      "<arg type='aay'/></method>"
      "<method name='AddServiceSubtype'>" ENTRY_ARGUMENTS
      "<arg type='s'/><arg type='s'/><arg type='s'/><arg type='s'/></method>"
      "<method name='AddAddress'>" ENTRY_ARGUMENTS "<arg type='s'/><arg type='s'/></method>"
      "<method name='UpdateServiceTxt'>" ENTRY_ARGUMENTS
      "<arg type='s'/><arg type='s'/><arg type='s'/><arg type='aay'/></method>"
      "<method name='AddRecord'>" ENTRY_ARGUMENTS
      "<arg type='s'/><arg type='q'/><arg type='q'/><arg type='u'/><arg type='ay'/></method>"
      "</interface>"
      "</node>";

static void
on_call (GDBusConnection *connection, const char *sender, const char *path, const char *interface,
         const char *method, GVariant *parameters, GDBusMethodInvocation *invocation, gpointer data)
{
  PlayedDaemon *self = data;

  if (g_str_equal (method, "GetAPIVersion"))
    g_dbus_method_invocation_return_value (invocation, g_variant_new ("(u)", 0x0204));
  else if (g_str_equal (method, "GetState"))
    g_dbus_method_invocation_return_value (invocation, g_variant_new ("(i)", 2));
  else if (g_str_equal (method, "Free") && !g_str_has_suffix (interface, ".EntryGroup"))
    g_dbus_method_invocation_return_value (invocation, NULL);
  else
    self->call (invocation, method, self->user_data);
}

static void
add_object (PlayedDaemon *self, const char *path, const char *interface)
{
  static const GDBusInterfaceVTable vtable = { .method_call = on_call };
  g_autofree char *name = g_strconcat (PLAYED_NAME ".", interface, NULL);

  g_dbus_connection_register_object (self->connection, path,
                                     g_dbus_node_info_lookup_interface (self->node, name), &vtable,
                                     self, NULL, NULL);
}

void
played_daemon_return_object (PlayedDaemon *self, GDBusMethodInvocation *invocation,
                             const char *path, const char *interface)
{
  add_object (self, path, interface);
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(o)", path));
}

static gpointer
run_daemon (gpointer data)
{
  GMainLoop *loop = data;
  GMainContext *context = g_main_loop_get_context (loop);

  g_main_context_push_thread_default (context);
  g_main_loop_run (loop);
  g_main_context_pop_thread_default (context);
  return NULL;
}

static void
start_daemon (PlayedDaemon *self, TestBus *bus)
{
  g_autoptr (GMainContext) context = g_main_context_new ();

  self->loop = g_main_loop_new (context, FALSE);
  self->connection = test_bus_own_name (bus, PLAYED_NAME);
  self->node = g_dbus_node_info_new_for_xml (xml, NULL);
  g_main_context_push_thread_default (context);
  add_object (self, "/", "Server");
  g_main_context_pop_thread_default (context);
  self->thread = g_thread_new ("daemon", run_daemon, self->loop);
}

void
played_daemon_leave (PlayedDaemon *self)
{
  if (self->connection != NULL)
    test_bus_disown_name (g_steal_pointer (&self->connection));
}

gboolean
played_link_is_running (gpointer link)
{
  return disco_link_get_state (link) == DISCO_LINK_RUNNING;
}

gboolean
played_link_has_failed (gpointer link)
{
  return disco_link_get_state (link) == DISCO_LINK_FAILED;
}

static void
on_link_state (DiscoLink *link, gpointer user_data)
{
}

static void
make_link (PlayedDaemon *self)
{
  self->link = disco_daemon_link_new (self->context, self->watchdog, FALSE);
  disco_link_start (self->link, on_link_state, NULL);
  test_wait_until (NULL, played_link_is_running, self->link);
}

static void
drop_link (PlayedDaemon *self)
{
  disco_link_close (self->link);
  g_clear_object (&self->link);
}

void
played_daemon_renew_link (PlayedDaemon *self)
{
  drop_link (self);
  make_link (self);
}

PlayedDaemon *
played_daemon_new (TestBus *bus, PlayedCall call, gpointer user_data)
{
  PlayedDaemon *self = g_new0 (PlayedDaemon, 1);

  self->call = call;
  self->user_data = user_data;
  test_context_push ((void **)&self->context);
  start_daemon (self, bus);
  self->watchdog = disco_watchdog_new (DISCO_WATCHDOG_MIN_US, DISCO_WATCHDOG_MAX_US);
  make_link (self);
  return self;
}

void
played_daemon_free (PlayedDaemon *self)
{
  drop_link (self);
  disco_watchdog_free (self->watchdog);
  played_daemon_leave (self);
  g_main_loop_quit (self->loop);
  g_thread_join (self->thread);
  g_main_loop_unref (self->loop);
  g_dbus_node_info_unref (self->node);
  test_dispatch_pending ();
  test_context_pop ((void **)&self->context);
  g_free (self);
}

int
played_daemon_set_up_bus (void **state)
{
  *state = test_bus_new (PLAYED_NAME);
  test_bus_start (*state);
  return 0;
}

int
played_daemon_tear_down_bus (void **state)
{
  test_bus_free (*state);
  return 0;
}
