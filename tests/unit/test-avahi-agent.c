/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-bus-watch-private.h"
#include "test-bus.h"

#include <disco/disco.h>

#define NO_RESPONDER "/nonexistent/disco-responder"

/* No agent here gets as far as a network: there is no daemon behind the name on the bus, and no
 * responder. */
typedef struct
{
  GMainContext *context;
  TestBus *bus; /* (owned) */
  guint n_notified;
} Fixture;

static int
set_up (void **state)
{
  Fixture *self = g_new0 (Fixture, 1);

  test_context_push ((void **)&self->context);
  self->bus = test_bus_new (NULL);
  g_setenv ("DISCO_RESPONDER", NO_RESPONDER, TRUE);
  *state = self;
  return 0;
}

static int
tear_down (void **state)
{
  Fixture *self = *state;

  test_bus_free (self->bus);
  test_dispatch_pending ();
  test_context_pop ((void **)&self->context);
  g_free (self);
  return 0;
}

#define agent_test(test) cmocka_unit_test_setup_teardown (test, set_up, tear_down)

static void
on_backend (DiscoAvahiAgent *agent, GParamSpec *pspec, gpointer user_data)
{
  Fixture *self = user_data;

  assert_ptr_equal (g_main_context_get_thread_default (), self->context);
  self->n_notified++;
}

static gboolean
is_notified (gpointer data)
{
  return ((Fixture *)data)->n_notified > 0;
}

/* (transfer full): an agent that has decided for @expected */
static DiscoAvahiAgent *
decide (Fixture *self, DiscoBackend expected)
{
  DiscoAvahiAgent *agent = disco_avahi_agent_new (DISCO_BACKEND_AUTO);

  g_signal_connect (agent, "notify::backend-in-use", G_CALLBACK (on_backend), self);
  test_wait_until (NULL, is_notified, self);
  assert_int_equal (self->n_notified, 1);
  assert_int_equal (disco_avahi_agent_get_backend_in_use (agent), expected);
  return agent;
}

static void
backend_that_was_asked_for_is_in_use_at_once (void **state)
{
  static const DiscoBackend backends[] = { DISCO_BACKEND_DAEMON, DISCO_BACKEND_EMBEDDED };

  for (guint i = 0; i < G_N_ELEMENTS (backends); i++)
    {
      g_autoptr (DiscoAvahiAgent) agent = disco_avahi_agent_new (backends[i]);
      assert_int_equal (disco_avahi_agent_get_backend_in_use (agent), backends[i]);
    }
}

static void
auto_is_the_daemon_where_its_name_is_owned (void **state)
{
  Fixture *self = *state;
  g_autoptr (DiscoAvahiAgent) agent = NULL;
  GDBusConnection *owner;

  test_bus_start (self->bus);
  owner = test_bus_own_name (self->bus, DISCO_AVAHI_BUS_NAME);
  agent = decide (self, DISCO_BACKEND_DAEMON);
  test_bus_disown_name (owner);
}

static void
auto_is_embedded_where_there_is_no_daemon (void **state)
{
  Fixture *self = *state;
  g_autoptr (DiscoAvahiAgent) agent = NULL;

  test_bus_start (self->bus);
  agent = decide (self, DISCO_BACKEND_EMBEDDED);
}

static void
responder_that_is_not_there_is_named_in_the_error (void **state)
{
  Fixture *self = *state;
  g_autoptr (DiscoAvahiAgent) agent = decide (self, DISCO_BACKEND_EMBEDDED);
  g_autoptr (DiscoRegistration) registration = disco_registration_new ("http", 80);
  g_autoptr (GError) error = NULL;

  assert_null (disco_agent_register (DISCO_AGENT (agent), registration, NULL, &error));
  assert_non_null (strstr (error->message, "DISCO_RESPONDER"));
  test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_UNAVAILABLE, NO_RESPONDER);
}

static void
calls_wait_while_nothing_is_decided (void **state)
{
  Fixture *self = *state;
  g_autoptr (DiscoAvahiAgent) agent = NULL;
  g_autoptr (DiscoRegistration) registration = disco_registration_new ("http", 80);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  TestResult call = { 0 };

  test_bus_start (self->bus);
  test_bus_hang (self->bus);
  agent = disco_avahi_agent_new (DISCO_BACKEND_AUTO);
  assert_int_equal (disco_avahi_agent_get_backend_in_use (agent), DISCO_BACKEND_AUTO);
  disco_agent_register_async (DISCO_AGENT (agent), registration, NULL, test_result_callback, &call);
  result = test_result_wait (&call);
  assert_int_equal (disco_avahi_agent_get_backend_in_use (agent), DISCO_BACKEND_EMBEDDED);
  assert_null (disco_agent_register_finish (DISCO_AGENT (agent), result, &error));
  test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_UNAVAILABLE, NO_RESPONDER);
}

static void
agent_may_be_dropped_while_nothing_is_decided (void **state)
{
  Fixture *self = *state;

  test_bus_start (self->bus);
  test_bus_hang (self->bus);
  for (int i = 0; i < 10; i++)
    g_object_unref (disco_avahi_agent_new (DISCO_BACKEND_AUTO));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    agent_test (backend_that_was_asked_for_is_in_use_at_once),
    agent_test (auto_is_the_daemon_where_its_name_is_owned),
    agent_test (auto_is_embedded_where_there_is_no_daemon),
    agent_test (responder_that_is_not_there_is_named_in_the_error),
    agent_test (calls_wait_while_nothing_is_decided),
    agent_test (agent_may_be_dropped_while_nothing_is_decided),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
