/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-bus-watch-private.h"
#include "disco-diagnose-private.h"
#include "test-bus.h"

#include <string.h>

typedef struct
{
  TestBus *bus;          /* (owned) */
  DiscoDiagnoseRun *run; /* (owned) */
  DiscoDaemonFacts facts;
  GDBusConnection *owner; /* (owned) (nullable): has the name of Avahi */
  GDBusNodeInfo *node;    /* (owned) */
  const char *refusal;    /* (nullable): the D-Bus error that every call ends with */
  gboolean is_silent;     /* no call ends */
  GPtrArray *unanswered;  /* (owned) of GDBusMethodInvocation */
} Fixture;

static int
set_up (void **state)
{
  Fixture *self = g_new0 (Fixture, 1);

  self->bus = test_bus_new (DISCO_AVAHI_BUS_NAME);
  self->run = disco_diagnose_run_new ();
  self->unanswered = g_ptr_array_new ();
  *state = self;
  return 0;
}

static int
tear_down (void **state)
{
  Fixture *self = *state;

  for (guint i = 0; i < self->unanswered->len; i++)
    g_dbus_method_invocation_return_dbus_error (self->unanswered->pdata[i], "x.Late", "late");
  g_ptr_array_unref (self->unanswered);
  if (self->owner != NULL)
    test_bus_disown_name (self->owner);
  g_clear_pointer (&self->node, g_dbus_node_info_unref);
  disco_daemon_facts_clear (&self->facts);
  test_bus_free (self->bus);
  test_dispatch_pending ();
  disco_diagnose_run_free (self->run);
  g_free (self);
  return 0;
}

#define bus_test(test) cmocka_unit_test_setup_teardown (test, set_up, tear_down)

static void
on_call (GDBusConnection *connection, const char *sender, const char *path, const char *interface,
         const char *method, GVariant *parameters, GDBusMethodInvocation *invocation, gpointer data)
{
  Fixture *self = data;

  if (self->is_silent)
    g_ptr_array_add (self->unanswered, invocation);
  else if (self->refusal != NULL)
    g_dbus_method_invocation_return_dbus_error (invocation, self->refusal, "because");
  else if (g_str_equal (method, "GetState"))
    g_dbus_method_invocation_return_value (invocation, g_variant_new ("(i)", 2));
  else if (g_str_equal (method, "GetVersionString"))
    g_dbus_method_invocation_return_value (invocation, g_variant_new ("(s)", "avahi 0.8"));
  else
    g_dbus_method_invocation_return_value (invocation, g_variant_new ("(s)", "host.local"));
}

static void
start_daemon (Fixture *self)
{
  static const GDBusInterfaceVTable vtable = { .method_call = on_call };
  static const char xml[]
      = "<node><interface name='org.freedesktop.Avahi.Server'>"
        "<method name='GetState'><arg type='i' direction='out'/></method>"
        "<method name='GetVersionString'><arg type='s' direction='out'/></method>"
        "<method name='GetHostNameFqdn'><arg type='s' direction='out'/></method>"
        "</interface></node>";

  test_bus_start (self->bus);
  self->owner = test_bus_own_name (self->bus, DISCO_AVAHI_BUS_NAME);
  self->node = g_dbus_node_info_new_for_xml (xml, NULL);
  assert_int_not_equal (g_dbus_connection_register_object (
                            self->owner, "/", self->node->interfaces[0], &vtable, self, NULL, NULL),
                        0);
}

static void
learn (Fixture *self)
{
  disco_daemon_facts_learn (&self->facts, self->run);
}

static void
daemon_that_runs_tells_its_state_version_and_name (void **state)
{
  Fixture *self = *state;

  start_daemon (self);
  learn (self);
  assert_null (self->facts.bus_error);
  assert_int_equal (self->facts.presence, DISCO_DAEMON_ANSWERS);
  assert_int_equal (self->facts.server_state, 2);
  assert_string_equal (self->facts.version, "avahi 0.8");
  assert_string_equal (self->facts.host_name, "host.local");
}

static void
daemon_that_refuses_to_talk_is_one_without_permission (void **state)
{
  Fixture *self = *state;

  self->refusal = "org.freedesktop.DBus.Error.AccessDenied";
  start_daemon (self);
  learn (self);
  assert_int_equal (self->facts.presence, DISCO_DAEMON_DENIED);
  assert_string_equal (self->facts.error->message, "because");
}

static void
daemon_that_a_proxy_hides_is_missing (void **state)
{
  Fixture *self = *state;

  self->refusal = "org.freedesktop.DBus.Error.ServiceUnknown";
  start_daemon (self);
  learn (self);
  assert_int_equal (self->facts.presence, DISCO_DAEMON_MISSING);
}

static void
daemon_that_hangs_is_given_one_second (void **state)
{
  Fixture *self = *state;

  self->is_silent = TRUE;
  start_daemon (self);
  learn (self);
  assert_int_equal (self->facts.presence, DISCO_DAEMON_SILENT);
  assert_string_equal (self->facts.error->message, "no answer within 1 s");
  assert_int_equal (self->unanswered->len, 1);
}

static void
daemon_that_can_be_started_is_not_started (void **state)
{
  Fixture *self = *state;

  test_bus_start (self->bus);
  learn (self);
  assert_null (self->facts.bus_error);
  assert_int_equal (self->facts.presence, DISCO_DAEMON_STARTABLE);
  assert_false (test_bus_has_started_service (self->bus));
}

static void
daemon_that_is_not_installed_is_missing (void **state)
{
  Fixture *self = *state;

  test_bus_forget_service (self->bus);
  test_bus_start (self->bus);
  learn (self);
  assert_int_equal (self->facts.presence, DISCO_DAEMON_MISSING);
}

static void
bus_that_is_not_there_is_an_error (void **state)
{
  Fixture *self = *state;

  learn (self);
  assert_non_null (self->facts.bus_error);
  assert_int_equal (self->facts.presence, DISCO_DAEMON_NOT_ASKED);
}

static void
bus_that_hangs_is_given_one_second (void **state)
{
  Fixture *self = *state;

  test_bus_start (self->bus);
  test_bus_hang (self->bus);
  learn (self);
  assert_string_equal (self->facts.bus_error->message, "no answer within 1 s");
  assert_int_equal (self->facts.presence, DISCO_DAEMON_NOT_ASKED);
}

static void
address_that_is_none_is_an_error (void **state)
{
  Fixture *self = *state;

  g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", "nonsense", TRUE);
  learn (self);
  assert_non_null (self->facts.bus_error);
}

static void
what_was_learnt_before_is_forgotten (void **state)
{
  Fixture *self = *state;

  start_daemon (self);
  learn (self);
  self->refusal = "org.freedesktop.DBus.Error.AccessDenied";
  learn (self);
  assert_int_equal (self->facts.presence, DISCO_DAEMON_DENIED);
  assert_null (self->facts.version);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    bus_test (daemon_that_runs_tells_its_state_version_and_name),
    bus_test (daemon_that_refuses_to_talk_is_one_without_permission),
    bus_test (daemon_that_a_proxy_hides_is_missing),
    bus_test (daemon_that_hangs_is_given_one_second),
    bus_test (daemon_that_can_be_started_is_not_started),
    bus_test (daemon_that_is_not_installed_is_missing),
    bus_test (bus_that_is_not_there_is_an_error),
    bus_test (bus_that_hangs_is_given_one_second),
    bus_test (address_that_is_none_is_an_error),
    bus_test (what_was_learnt_before_is_forgotten),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
