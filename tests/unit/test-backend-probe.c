/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-backend-probe-private.h"
#include "disco-bus-watch-private.h"
#include "test-bus.h"

#include <string.h>

typedef struct
{
  GMainContext *context;
  TestBus *bus;             /* (owned) */
  DiscoBackendProbe *probe; /* (owned) (nullable) */
  guint n_calls;
  DiscoBackend backend;
  char *why; /* (owned) (nullable) */
} Fixture;

static int
set_up (void **state)
{
  Fixture *self = g_new0 (Fixture, 1);

  test_context_push ((void **)&self->context);
  self->bus = test_bus_new (DISCO_AVAHI_BUS_NAME);
  *state = self;
  return 0;
}

static int
tear_down (void **state)
{
  Fixture *self = *state;

  g_clear_pointer (&self->probe, disco_backend_probe_free);
  test_bus_free (self->bus);
  test_dispatch_pending ();
  test_context_pop ((void **)&self->context);
  g_free (self->why);
  g_free (self);
  return 0;
}

#define probe_test(test) cmocka_unit_test_setup_teardown (test, set_up, tear_down)

static void
on_decided (DiscoBackend backend, const char *why, gpointer user_data)
{
  Fixture *self = user_data;

  self->n_calls++;
  self->backend = backend;
  self->why = g_strdup (why);
}

static gboolean
is_decided (gpointer data)
{
  return ((Fixture *)data)->n_calls > 0;
}

static void
probe (Fixture *self)
{
  self->probe = disco_backend_probe_new (on_decided, self);
  assert_int_equal (self->n_calls, 0);
}

static void
assert_decides (Fixture *self, DiscoBackend backend, const char *why)
{
  probe (self);
  test_wait_until (NULL, is_decided, self);
  assert_int_equal (self->backend, backend);
  assert_non_null (strstr (self->why, why));
}

static void
running_daemon_is_taken_whatever_becomes_of_it (void **state)
{
  Fixture *self = *state;
  GDBusConnection *owner;

  test_bus_start (self->bus);
  owner = test_bus_own_name (self->bus, DISCO_AVAHI_BUS_NAME);
  assert_decides (self, DISCO_BACKEND_DAEMON, "running");
  test_bus_disown_name (owner);
  owner = test_bus_own_name (self->bus, DISCO_AVAHI_BUS_NAME);
  test_dispatch_pending ();
  assert_int_equal (self->n_calls, 1);
  test_bus_disown_name (owner);
}

static void
daemon_that_comes_up_when_asked_for_is_taken (void **state)
{
  Fixture *self = *state;
  GDBusConnection *owner;

  test_bus_start (self->bus);
  probe (self);
  test_wait_until (NULL, test_bus_has_started_service, self->bus);
  owner = test_bus_own_name (self->bus, DISCO_AVAHI_BUS_NAME);
  test_wait_until (NULL, is_decided, self);
  assert_int_equal (self->backend, DISCO_BACKEND_DAEMON);
  test_bus_disown_name (owner);
}

static void
daemon_that_does_not_come_up_is_not_waited_for (void **state)
{
  Fixture *self = *state;

  test_bus_start (self->bus);
  assert_decides (self, DISCO_BACKEND_EMBEDDED, "does not start");
  assert_true (test_bus_has_started_service (self->bus));
}

static void
daemon_that_fails_to_start_is_done_without (void **state)
{
  Fixture *self = *state;

  test_bus_let_service_fail (self->bus, DISCO_AVAHI_BUS_NAME);
  test_bus_start (self->bus);
  assert_decides (self, DISCO_BACKEND_EMBEDDED, "no avahi-daemon");
  assert_true (test_bus_has_started_service (self->bus));
}

static void
daemon_that_cannot_be_started_is_done_without (void **state)
{
  Fixture *self = *state;

  test_bus_forget_service (self->bus);
  test_bus_start (self->bus);
  assert_decides (self, DISCO_BACKEND_EMBEDDED, "no avahi-daemon");
}

static void
no_bus_is_done_without (void **state)
{
  assert_decides (*state, DISCO_BACKEND_EMBEDDED, "no system bus");
}

static void
bus_that_does_not_answer_is_done_without (void **state)
{
  Fixture *self = *state;

  test_bus_start (self->bus);
  test_bus_hang (self->bus);
  assert_decides (self, DISCO_BACKEND_EMBEDDED, "does not answer");
}

static void
probe_may_be_given_up_while_the_bus_does_not_answer (void **state)
{
  Fixture *self = *state;

  test_bus_start (self->bus);
  test_bus_hang (self->bus);
  probe (self);
  test_dispatch_pending ();
  g_clear_pointer (&self->probe, disco_backend_probe_free);
  assert_int_equal (self->n_calls, 0);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    probe_test (running_daemon_is_taken_whatever_becomes_of_it),
    probe_test (daemon_that_comes_up_when_asked_for_is_taken),
    probe_test (daemon_that_does_not_come_up_is_not_waited_for),
    probe_test (daemon_that_fails_to_start_is_done_without),
    probe_test (daemon_that_cannot_be_started_is_done_without),
    probe_test (no_bus_is_done_without),
    probe_test (bus_that_does_not_answer_is_done_without),
    probe_test (probe_may_be_given_up_while_the_bus_does_not_answer),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
