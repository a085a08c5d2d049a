/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-bus-watch-private.h"
#include "disco-diagnose-private.h"
#include "test-bus.h"

#include <disco/disco.h>
#include <string.h>

/* An agent on the loopback interface, which nothing leaves, whose bus is the test's. */
typedef struct
{
  GMainContext *context;
  TestBus *bus;              /* (owned) */
  DiscoAvahiAgent *agent;    /* (owned) (nullable) */
  GCancellable *cancellable; /* (owned) */
  TestResult result;
} Fixture;

static DiscoAvahiAgent *
make_agent (void)
{
  static const char *const interfaces[] = { "lo", NULL };

  return g_object_new (DISCO_TYPE_AVAHI_AGENT, "backend", DISCO_BACKEND_DAEMON, "interfaces",
                       interfaces, NULL);
}

static int
set_up (void **state)
{
  Fixture *self = g_new0 (Fixture, 1);

  test_context_push ((void **)&self->context);
  self->bus = test_bus_new (DISCO_AVAHI_BUS_NAME);
  self->cancellable = g_cancellable_new ();
  self->agent = make_agent ();
  *state = self;
  return 0;
}

static int
tear_down (void **state)
{
  Fixture *self = *state;

  g_clear_object (&self->agent);
  g_object_unref (self->cancellable);
  test_bus_free (self->bus);
  test_dispatch_pending ();
  test_context_pop ((void **)&self->context);
  g_free (self);
  return 0;
}

#define diagnose_test(test) cmocka_unit_test_setup_teardown (test, set_up, tear_down)

static void
start (Fixture *self)
{
  disco_diagnose_async (self->agent, self->cancellable, test_result_callback, &self->result);
  assert_null (self->result.result);
}

static GPtrArray *
finish (Fixture *self, GError **error)
{
  g_autoptr (GAsyncResult) result = test_result_wait (&self->result);

  return disco_diagnose_finish (result, error);
}

/* @expected: "check status" of each line but the one of responders, which depends on the machine */
static void
assert_diagnoses (GPtrArray *diagnoses, const char *expected)
{
  g_autoptr (GString) found = g_string_new (NULL);
  g_autoptr (GEnumClass) statuses = g_type_class_ref (DISCO_TYPE_DIAGNOSIS_STATUS);

  for (guint i = 0; i < diagnoses->len; i++)
    {
      DiscoDiagnosis *diagnosis = diagnoses->pdata[i];
      DiscoDiagnosisStatus status = disco_diagnosis_get_status (diagnosis);
      if (!g_str_equal (disco_diagnosis_get_check (diagnosis), "responders"))
        g_string_append_printf (found, "%s %s, ", disco_diagnosis_get_check (diagnosis),
                                g_enum_get_value (statuses, (int)status)->value_nick);
      assert_true (g_str_has_suffix (disco_diagnosis_get_detail (diagnosis), "."));
    }
  assert_string_equal (found->str, expected);
}

#define NO_BUS "bus failed, daemon failed, interfaces ok, multicast ok, loop failed, "
#define NO_DAEMON "bus ok, daemon failed, interfaces ok, multicast ok, loop failed, "

static void
checks_come_in_the_order_in_which_a_person_would_look (void **state)
{
  Fixture *self = *state;
  g_autoptr (GPtrArray) diagnoses = NULL;

  test_bus_forget_service (self->bus);
  test_bus_start (self->bus);
  start (self);
  diagnoses = finish (self, NULL);
  assert_diagnoses (diagnoses, NO_DAEMON);
}

static void
blocking_form_says_the_same (void **state)
{
  Fixture *self = *state;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) diagnoses = disco_diagnose (self->agent, self->cancellable, &error);

  assert_null (error);
  assert_diagnoses (diagnoses, NO_BUS);
}

static gboolean
on_tick (gpointer data)
{
  ++*(guint *)data;
  return G_SOURCE_CONTINUE;
}

static void
main_loop_goes_on_while_the_bus_hangs (void **state)
{
  Fixture *self = *state;
  guint n_ticks = 0;
  GSource *tick = g_timeout_source_new (10);
  g_autoptr (GPtrArray) diagnoses = NULL;

  g_source_set_callback (tick, on_tick, &n_ticks, NULL);
  g_source_attach (tick, self->context);
  test_bus_start (self->bus);
  test_bus_hang (self->bus);
  start (self);
  diagnoses = finish (self, NULL);
  g_source_destroy (tick);
  g_source_unref (tick);
  assert_diagnoses (diagnoses, NO_BUS);
  /* it has waited for a second: one that is blocked meanwhile ticks once */
  assert_true (n_ticks >= 10);
}

static void
cancelled_before_it_ends_without_a_look (void **state)
{
  Fixture *self = *state;
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (self->cancellable);
  start (self);
  assert_null (finish (self, &error));
  test_assert_error (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, NULL);
}

/* It would wait for 5 s for the daemon that is being started. */
static void
cancelled_while_it_waits_it_ends_at_once (void **state)
{
  Fixture *self = *state;
  gint64 cancelled_us;
  g_autoptr (GError) error = NULL;

  test_bus_start (self->bus);
  g_object_unref (self->agent); /* it has looked for the daemon when there was no bus */
  self->agent = make_agent ();
  start (self);
  test_wait_until (NULL, test_bus_has_started_service, self->bus);
  cancelled_us = g_get_monotonic_time ();
  g_cancellable_cancel (self->cancellable);
  assert_null (finish (self, &error));
  test_assert_error (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, NULL);
  assert_true (g_get_monotonic_time () - cancelled_us < 3 * G_TIME_SPAN_SECOND);
}

static void
agent_dropped_meanwhile_lives_until_the_end (void **state)
{
  Fixture *self = *state;
  g_autoptr (GPtrArray) diagnoses = NULL;

  start (self);
  g_clear_object (&self->agent);
  diagnoses = finish (self, NULL);
  assert_diagnoses (diagnoses, NO_BUS);
}

static gboolean
is_gone (gpointer data)
{
  return *(gpointer *)data == NULL;
}

static void
nothing_holds_the_agent_afterwards (void **state)
{
  Fixture *self = *state;
  gpointer alive = self->agent;
  GSource *tick = g_timeout_source_new (5);
  guint n_ticks = 0;

  g_object_add_weak_pointer (alive, &alive);
  start (self);
  g_ptr_array_unref (finish (self, NULL));
  g_clear_object (&self->agent);
  g_source_set_callback (tick, on_tick, &n_ticks, NULL);
  g_source_attach (tick, self->context);
  test_wait_until (NULL, is_gone, &alive);
  g_source_destroy (tick);
  g_source_unref (tick);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    diagnose_test (checks_come_in_the_order_in_which_a_person_would_look),
    diagnose_test (blocking_form_says_the_same),
    diagnose_test (main_loop_goes_on_while_the_bus_hangs),
    diagnose_test (cancelled_before_it_ends_without_a_look),
    diagnose_test (cancelled_while_it_waits_it_ends_at_once),
    diagnose_test (agent_dropped_meanwhile_lives_until_the_end),
    diagnose_test (nothing_holds_the_agent_afterwards),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
