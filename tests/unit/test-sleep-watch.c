/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-sleep-watch-private.h"
#include "test-bus.h"

#define LOGIND "org.freedesktop.login1"

typedef struct
{
  GMainContext *context;
  TestBus *bus;           /* (owned) */
  DiscoSleepWatch *watch; /* (owned) */
  guint n_awake;
} Fixture;

static void
on_awake (gpointer user_data)
{
  ((Fixture *)user_data)->n_awake++;
}

static int
set_up (void **state)
{
  Fixture *self = g_new0 (Fixture, 1);

  test_context_push ((void **)&self->context);
  self->bus = test_bus_new (NULL);
  *state = self;
  return 0;
}

static int
tear_down (void **state)
{
  Fixture *self = *state;

  g_clear_pointer (&self->watch, disco_sleep_watch_free);
  test_bus_free (self->bus);
  test_dispatch_pending ();
  test_context_pop ((void **)&self->context);
  g_free (self);
  return 0;
}

#define sleep_test(test) cmocka_unit_test_setup_teardown (test, set_up, tear_down)

static void
emit (GDBusConnection *logind, GVariant *parameters)
{
  g_autoptr (GError) error = NULL;

  g_dbus_connection_emit_signal (logind, NULL, "/org/freedesktop/login1",
                                 "org.freedesktop.login1.Manager", "PrepareForSleep", parameters,
                                 &error);
  assert_null (error);
}

typedef struct
{
  Fixture *fixture;
  GDBusConnection *logind;
} Wait;

/* The watch may not have subscribed yet: so it is told until it hears. */
static gboolean
is_awake (gpointer data)
{
  Wait *wait = data;

  if (wait->fixture->n_awake == 0)
    emit (wait->logind, g_variant_new ("(b)", FALSE));
  return wait->fixture->n_awake > 0;
}

static void
waking_is_told_and_falling_asleep_is_not (void **state)
{
  Fixture *self = *state;
  GDBusConnection *logind;
  guint before;

  test_bus_start (self->bus);
  self->watch = disco_sleep_watch_new (on_awake, self);
  logind = test_bus_own_name (self->bus, LOGIND); /* maybe later than the watch */
  test_wait_until (NULL, is_awake, &(Wait){ self, logind });
  test_dispatch_pending ();
  before = self->n_awake;
  emit (logind, g_variant_new ("(b)", TRUE));
  emit (logind, g_variant_new ("(s)", "nonsense"));
  self->n_awake = 0;
  test_wait_until (NULL, is_awake, &(Wait){ self, logind });
  assert_true (before > 0);
  test_bus_disown_name (logind);
}

static void
somebody_else_s_signal_is_not_believed (void **state)
{
  Fixture *self = *state;
  GDBusConnection *logind;
  GDBusConnection *other;

  test_bus_start (self->bus);
  logind = test_bus_own_name (self->bus, LOGIND);
  other = test_bus_own_name (self->bus, "org.example.Other");
  self->watch = disco_sleep_watch_new (on_awake, self);
  test_wait_until (NULL, is_awake, &(Wait){ self, logind });
  test_dispatch_pending ();
  self->n_awake = 0;
  emit (other, g_variant_new ("(b)", FALSE));
  assert_true (g_dbus_connection_flush_sync (other, NULL, NULL));
  emit (logind, g_variant_new ("(b)", FALSE));
  test_wait_until (NULL, is_awake, &(Wait){ self, logind });
  test_bus_disown_name (other);
  test_bus_disown_name (logind);
}

static void
without_a_bus_or_logind_nothing_happens (void **state)
{
  Fixture *self = *state;

  self->watch = disco_sleep_watch_new (on_awake, self);
  test_dispatch_pending ();
  g_clear_pointer (&self->watch, disco_sleep_watch_free);
  test_bus_start (self->bus);
  self->watch = disco_sleep_watch_new (on_awake, self);
  test_dispatch_pending ();
  assert_int_equal (self->n_awake, 0);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    sleep_test (waking_is_told_and_falling_asleep_is_not),
    sleep_test (somebody_else_s_signal_is_not_believed),
    sleep_test (without_a_bus_or_logind_nothing_happens),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
