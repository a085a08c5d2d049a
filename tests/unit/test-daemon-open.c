/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-daemon-open-private.h"
#include "test-bus.h"

#include <avahi-common/error.h>

#define LIMIT_US (100 * G_TIME_SPAN_MILLISECOND)
/* What is not waited for takes no longer, though a sanitizer slows it down. */
#define AT_ONCE_US (2 * G_TIME_SPAN_SECOND)

typedef struct
{
  GMainContext *context;   /* (owned) */
  TestBus *bus;            /* (owned) */
  DiscoWatchdog *watchdog; /* (owned) */
} Fixture;

static int
set_up (void **state)
{
  Fixture *self = g_new0 (Fixture, 1);

  test_context_push ((void **)&self->context);
  self->bus = test_bus_new (NULL);
  self->watchdog = disco_watchdog_new (LIMIT_US, LIMIT_US);
  assert_true (disco_watchdog_start (self->watchdog, NULL));
  *state = self;
  return 0;
}

static void
on_client_state (AvahiClient *client, AvahiClientState client_state, void *user_data)
{
}

/* How long it took to fail, with @code */
static gint64
open_in_vain (Fixture *self, int *code)
{
  const gint64 began = g_get_monotonic_time ();

  assert_null (disco_daemon_client_open (self->watchdog, on_client_state, code));
  return g_get_monotonic_time () - began;
}

static gboolean
nobody_is_left_behind (gpointer data)
{
  int code;

  open_in_vain (data, &code);
  return code != AVAHI_ERR_DISCONNECTED;
}

static int
tear_down (void **state)
{
  Fixture *self = *state;

  test_bus_stop (self->bus);
  test_wait_until (NULL, nobody_is_left_behind, self);
  disco_watchdog_free (self->watchdog);
  test_bus_free (self->bus);
  test_dispatch_pending ();
  test_context_pop ((void **)&self->context);
  g_free (self);
  return 0;
}

#define open_test(test) cmocka_unit_test_setup_teardown (test, set_up, tear_down)

/* Not for a second time either: while one thread is in there, the next would only wait for it. */
static void
bus_that_hangs_is_not_waited_for (void **state)
{
  Fixture *self = *state;
  gint64 took;
  int code;

  test_bus_start (self->bus);
  test_bus_hang (self->bus);
  took = open_in_vain (self, &code);
  assert_int_equal (code, AVAHI_ERR_DISCONNECTED);
  assert_in_range (took, LIMIT_US, AT_ONCE_US);
  took = open_in_vain (self, &code);
  assert_int_equal (code, AVAHI_ERR_DISCONNECTED);
  assert_true (took < LIMIT_US);
}

static void
opening_is_given_up_at_once_when_the_watchdog_is_stopped (void **state)
{
  Fixture *self = *state;
  int code;

  disco_watchdog_free (self->watchdog);
  self->watchdog = disco_watchdog_new (G_TIME_SPAN_HOUR, G_TIME_SPAN_HOUR);
  test_bus_start (self->bus);
  test_bus_hang (self->bus);
  disco_watchdog_stop (self->watchdog);
  assert_true (open_in_vain (self, &code) < AT_ONCE_US);
  disco_watchdog_free (self->watchdog);
  self->watchdog = disco_watchdog_new (G_TIME_SPAN_HOUR, G_TIME_SPAN_HOUR);
}

static void
bus_without_a_daemon_fails_with_its_own_reason (void **state)
{
  Fixture *self = *state;
  int code;

  test_bus_start (self->bus);
  open_in_vain (self, &code);
  assert_int_equal (code, AVAHI_ERR_NO_DAEMON);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    open_test (bus_that_hangs_is_not_waited_for),
    open_test (opening_is_given_up_at_once_when_the_watchdog_is_stopped),
    open_test (bus_without_a_daemon_fails_with_its_own_reason),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
