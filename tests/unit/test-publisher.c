/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-publisher-private.h"
#include "engine-fixture.h"

static DiscoPublisher *
publisher (EngineFixture *self)
{
  return disco_engine_get_publisher (self->engine);
}

static void
assert_register_fails (EngineFixture *self, DiscoRegistration *registration,
                       GCancellable *cancellable, GQuark domain, int code, const char *part)
{
  TestResult result = { NULL };
  g_autoptr (GError) error = NULL;

  engine_register (self, registration, cancellable, &result);
  assert_null (engine_wait_id (&result, &error));
  test_assert_error (&error, domain, code, part);
}

static void
assert_update_fails (EngineFixture *self, const char *id, DiscoRegistration *registration,
                     GCancellable *cancellable, GQuark domain, int code, const char *part)
{
  TestResult result = { NULL };
  g_autoptr (GError) error = NULL;

  engine_update (self, id, registration, cancellable, &result);
  assert_false (engine_wait_done (&result, &error));
  test_assert_error (&error, domain, code, part);
}

static void
assert_call_cancelled (TestResult *result)
{
  g_autoptr (GError) error = NULL;

  assert_null (engine_wait_id (result, &error));
  test_assert_error (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, NULL);
}

static void
register_returns_the_id_when_it_is_established (void **state)
{
  EngineFixture *self = *state;
  TestResult result = { NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *id = NULL;

  sim_net_set_groups (self->net, SIM_GROUPS_HOLD);
  engine_fixture_wait_running (self);
  engine_register (self, engine_registration ("a", 80, NULL), NULL, &result);
  test_dispatch_pending ();
  assert_null (result.result);
  assert_false (disco_publisher_has_label (publisher (self), "_http._tcp", "a"));
  sim_net_set_groups (self->net, SIM_GROUPS_PROBE);
  id = engine_wait_id (&result, &error);
  assert_string_equal (id, "a");
  assert_true (disco_publisher_has_label (publisher (self), "_http._tcp", "A"));
  assert_false (disco_publisher_has_label (publisher (self), "_ipp._tcp", "a"));
}

static void
id_is_there_once (void **state)
{
  EngineFixture *self = *state;

  engine_register_wait (self, engine_registration ("a", 80, NULL));
  assert_register_fails (self, engine_registration ("a", 81, NULL), NULL, DISCO_ERROR,
                         DISCO_ERROR_EXISTS, "\"a\"");
  engine_assert_published (self, "+a 80\n");
  disco_publisher_deregister (publisher (self), "a");
  engine_register_wait (self, engine_registration ("a", 81, NULL));
  engine_assert_published (self, "-a 80\n+a 81\n");
}

static DiscoRegistration *
labelled (const char *id, const char *label)
{
  DiscoRegistration *registration = engine_registration (id, 80, NULL);

  disco_registration_set_label (registration, label);
  return registration;
}

static void
own_duplicates_are_renamed_before_they_are_published (void **state)
{
  EngineFixture *self = *state;

  engine_register_wait (self, labelled ("1", "Printer"));
  engine_register_wait (self, labelled ("2", "printer"));
  engine_register_wait (self, labelled ("3", "Printer"));
  engine_assert_published (self, "+Printer 80\n+printer #2 80\n+Printer #3 80\n");
  assert_string_equal (self->log->str, "running renamed 2 printer #2 renamed 3 Printer #3 ");
  assert_int_equal (disco_counts_get (self->counts, DISCO_COUNT_CONFLICTS), 0);

  /* a name that is given back is free again */
  disco_publisher_deregister (publisher (self), "2");
  engine_register_wait (self, labelled ("4", "PRINTER"));
  engine_assert_published (self, "-printer #2 80\n+PRINTER #2 80\n");
}

static void
unknown_id_is_not_updated_and_no_harm_to_deregister (void **state)
{
  EngineFixture *self = *state;

  engine_fixture_wait_running (self);
  assert_update_fails (self, "a", engine_registration ("a", 80, NULL), NULL, DISCO_ERROR,
                       DISCO_ERROR_NOT_FOUND, "\"a\"");
  disco_publisher_deregister (publisher (self), "a");
  engine_assert_published (self, "");
}

static void
update_to_another_label_is_refused (void **state)
{
  EngineFixture *self = *state;

  engine_register_wait (self, engine_registration ("a", 80, NULL));
  assert_update_fails (self, "a", labelled ("a", "other"), NULL, DISCO_ERROR,
                       DISCO_ERROR_INVALID_ARGUMENT, NULL);
}

static void
call_cancelled_before_it_begins_does_nothing (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  g_cancellable_cancel (cancellable);
  assert_register_fails (self, engine_registration ("a", 80, NULL), cancellable, G_IO_ERROR,
                         G_IO_ERROR_CANCELLED, NULL);
  engine_register_wait (self, engine_registration ("a", 80, NULL));
  assert_update_fails (self, "a", engine_registration ("a", 81, NULL), cancellable, G_IO_ERROR,
                       G_IO_ERROR_CANCELLED, NULL);
  engine_assert_published (self, "+a 80\n");
}

static void
begin_register (EngineFixture *self, GCancellable *cancellable, TestResult *result)
{
  sim_net_set_groups (self->net, SIM_GROUPS_HOLD);
  engine_fixture_wait_running (self);
  engine_register (self, engine_registration ("a", 80, NULL), cancellable, result);
  test_dispatch_pending ();
  assert_null (result->result);
}

static void
register_cancelled_under_way_is_withdrawn (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  TestResult result = { NULL };

  begin_register (self, cancellable, &result);
  g_cancellable_cancel (cancellable);
  assert_call_cancelled (&result);
  engine_assert_published (self, "+a 80\n-a 80\n");
  sim_net_set_groups (self->net, SIM_GROUPS_PROBE);
  engine_register_wait (self, engine_registration ("a", 80, NULL));
}

static void
register_cancelled_after_its_end_stays (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  TestResult result = { NULL };
  g_autofree char *id = NULL;

  engine_register (self, engine_registration ("a", 80, NULL), cancellable, &result);
  id = engine_wait_id (&result, NULL);
  assert_string_equal (id, "a");
  g_cancellable_cancel (cancellable);
  test_dispatch_pending ();
  engine_assert_published (self, "+a 80\n");
}

static void
deregister_of_a_register_under_way_cancels_it (void **state)
{
  EngineFixture *self = *state;
  TestResult result = { NULL };

  begin_register (self, NULL, &result);
  disco_publisher_deregister (publisher (self), "a");
  assert_call_cancelled (&result);
  engine_assert_published (self, "+a 80\n-a 80\n");
}

static void
deregister_ends_the_updates_under_way (void **state)
{
  EngineFixture *self = *state;
  TestResult results[2] = { { NULL } };

  engine_register_wait (self, engine_registration ("a", 80, NULL));
  sim_net_set_groups (self->net, SIM_GROUPS_HOLD);
  engine_update (self, "a", engine_registration ("a", 80, "red"), NULL, &results[0]);
  engine_update (self, "a", engine_registration ("a", 80, "blue"), NULL, &results[1]);
  disco_publisher_deregister (publisher (self), "a");
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      g_autoptr (GError) error = NULL;
      assert_false (engine_wait_done (&results[i], &error));
      test_assert_error (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, NULL);
    }
  assert_int_equal (sim_net_get_n_live (self->net, SIM_GROUP), 0);
}

static void
leave_withdraws_all_and_the_agent_can_be_used_again (void **state)
{
  EngineFixture *self = *state;
  TestResult result = { NULL };

  engine_register_wait (self, engine_registration ("b", 81, "red"));
  begin_register (self, NULL, &result);
  disco_publisher_leave (publisher (self));
  assert_call_cancelled (&result);
  assert_int_equal (sim_net_get_n_live (self->net, SIM_GROUP), 0);
  assert_false (disco_publisher_has_label (publisher (self), "_http._tcp", "b"));
  sim_net_set_groups (self->net, SIM_GROUPS_PROBE);
  engine_register_wait (self, engine_registration ("b", 81, NULL));
}

/* --- more than go ahead at once --- */

#define MANY (DISCO_PACE_MAX + 100)

typedef struct
{
  TestResult results[MANY];
} Many;

static void
begin_many (EngineFixture *self, Many *many)
{
  sim_net_set_groups (self->net, SIM_GROUPS_HOLD);
  engine_fixture_wait_running (self);
  for (guint i = 0; i < MANY; i++)
    {
      g_autofree char *id = g_strdup_printf ("%u", i);
      engine_register (self, engine_registration (id, 80, NULL), NULL, &many->results[i]);
    }
  test_dispatch_pending ();
  assert_int_equal (sim_net_get_n_live (self->net, SIM_GROUP), DISCO_PACE_MAX);
}

static void
assert_all_registered (Many *many)
{
  for (guint i = 0; i < MANY; i++)
    {
      g_autofree char *id = engine_wait_id (&many->results[i], NULL);
      assert_non_null (id);
    }
}

static void
of_many_some_begin_and_the_others_have_their_turn_as_those_are_established (void **state)
{
  EngineFixture *self = *state;
  g_autofree Many *many = g_new0 (Many, 1);

  begin_many (self, many);
  sim_net_set_groups (self->net, SIM_GROUPS_PROBE);
  assert_all_registered (many);
  assert_int_equal (sim_net_get_n_live (self->net, SIM_GROUP), MANY);
}

static void
turn_comes_too_where_those_before_are_withdrawn_or_the_link_is_lost (void **state)
{
  EngineFixture *self = *state;
  g_autofree Many *many = g_new0 (Many, 1);

  begin_many (self, many);
  disco_publisher_deregister (publisher (self), "0");
  assert_call_cancelled (&many->results[0]);
  assert_int_equal (sim_net_get_n_live (self->net, SIM_GROUP), DISCO_PACE_MAX);
  many->results[0] = (TestResult){ NULL };
  engine_register (self, engine_registration ("0", 80, NULL), NULL, &many->results[0]);

  engine_fixture_cut_link (self);
  test_dispatch_pending ();
  assert_int_equal (sim_net_get_n_live (self->net, SIM_GROUP), 0);
  sim_net_set_groups (self->net, SIM_GROUPS_PROBE);
  engine_fixture_restore_link (self);
  assert_all_registered (many);
  assert_int_equal (sim_net_get_n_live (self->net, SIM_GROUP), MANY);
}

static void
leave_ends_those_that_wait_for_their_turn (void **state)
{
  EngineFixture *self = *state;
  g_autofree Many *many = g_new0 (Many, 1);

  begin_many (self, many);
  disco_publisher_leave (publisher (self));
  for (guint i = 0; i < MANY; i++)
    assert_call_cancelled (&many->results[i]);
  assert_int_equal (sim_net_get_n_made (self->net, SIM_GROUP), DISCO_PACE_MAX);
  sim_net_set_groups (self->net, SIM_GROUPS_PROBE);
  engine_register_wait (self, engine_registration ("0", 80, NULL));
}

static void
register_waits_for_a_link (void **state)
{
  EngineFixture *self = *state;
  TestResult result = { NULL };
  g_autofree char *id = NULL;

  self->link_state = DISCO_LINK_CONNECTING;
  engine_register (self, engine_registration ("a", 80, NULL), NULL, &result);
  test_dispatch_pending ();
  assert_null (result.result);
  disco_sim_link_become (self->link, DISCO_LINK_RUNNING, NULL);
  id = engine_wait_id (&result, NULL);
  assert_string_equal (id, "a");
}

static void
next_link_has_all_again_under_the_same_names (void **state)
{
  EngineFixture *self = *state;

  sim_net_take_name (self->net, "a", "_http._tcp");
  engine_register_wait (self, engine_registration ("a", 80, "red"));
  g_free (sim_net_take_log (self->net));
  engine_fixture_cut_link (self);
  engine_assert_published (self, "-a #2 80\n-1 subtypes of a #2\n");
  assert_false (disco_publisher_has_label (publisher (self), "_http._tcp", "a #2"));
  engine_fixture_restore_link (self);
  engine_fixture_wait_quiet (self);
  engine_assert_published (self, "+a #2 80\n+1 subtypes of a #2\n");
  assert_true (disco_publisher_has_label (publisher (self), "_http._tcp", "a #2"));
  assert_string_equal (self->log->str, "running renamed a a #2 connecting running ");
}

/* In one test: they wait for the same five seconds. */
static void
without_a_link_for_five_seconds_calls_fail_and_what_stood_is_kept (void **state)
{
  EngineFixture *self = *state;
  TestResult registered = { NULL }, updated = { NULL };
  g_autoptr (GError) error = NULL;

  engine_register_wait (self, engine_registration ("a", 80, NULL));
  engine_fixture_cut_link (self);
  engine_register (self, engine_registration ("b", 81, NULL), NULL, &registered);
  engine_update (self, "a", engine_registration ("a", 82, NULL), NULL, &updated);
  engine_fixture_wait_state (self, DISCO_STATE_UNAVAILABLE);
  assert_null (engine_wait_id (&registered, &error));
  test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_UNAVAILABLE, "the link was cut");
  assert_false (engine_wait_done (&updated, &error));
  test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_UNAVAILABLE, "the link was cut");
  /* now they fail at once */
  assert_register_fails (self, engine_registration ("b", 81, NULL), NULL, DISCO_ERROR,
                         DISCO_ERROR_UNAVAILABLE, NULL);
  assert_update_fails (self, "a", engine_registration ("a", 82, NULL), NULL, DISCO_ERROR,
                       DISCO_ERROR_UNAVAILABLE, NULL);
  g_free (sim_net_take_log (self->net));
  engine_fixture_restore_link (self);
  engine_fixture_wait_quiet (self);
  engine_assert_published (self, "+a 80\n");
  engine_register_wait (self, engine_registration ("b", 81, NULL));
}

static void
host_that_is_renamed_publishes_all_anew_under_its_new_name (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = engine_reader_new (self, "http");

  sim_net_add_address (self->net, 1, "box.local", "192.0.2.1");
  sim_net_add_address (self->net, 1, "box-2.local", "192.0.2.1");
  engine_register_wait (self, engine_registration ("a", 80, NULL));
  engine_reader_wait (reader, "+a:80 ");
  g_free (sim_net_take_log (self->net));
  disco_sim_link_become (self->link, DISCO_LINK_RENAMING, NULL);
  engine_fixture_wait_state (self, DISCO_STATE_CONNECTING);
  engine_assert_published (self, "-a 80\n");
  disco_sim_link_set_host_name (self->link, "box-2.local");
  disco_sim_link_become (self->link, DISCO_LINK_RUNNING, NULL);
  engine_reader_wait (reader, "~a:80>80 ");
  assert_string_equal (disco_instance_get_hostname (test_reader_get (&reader->known, "a")),
                       "box-2.local");
  engine_assert_published (self, "+a 80\n");
  assert_int_equal (self->n_links, 1);
}

static void
registration_without_an_interface_fails_after_five_seconds (void **state)
{
  static const char *const allow[] = { "none-such", NULL };
  EngineFixture *self = *state;
  gint64 began;

  engine_fixture_restrict (self, allow, NULL);
  engine_fixture_wait_running (self);
  began = g_get_monotonic_time ();
  assert_register_fails (self, engine_registration ("a", 80, NULL), NULL, DISCO_ERROR,
                         DISCO_ERROR_UNAVAILABLE, "interfaces");
  assert_true (g_get_monotonic_time () - began >= 5 * G_TIME_SPAN_SECOND);
  engine_assert_published (self, "");
}

static void
registration_is_published_on_the_interfaces_used_only (void **state)
{
  static const char *const allow[] = { "lo", NULL };
  EngineFixture *self = *state;

  engine_fixture_restrict (self, allow, NULL);
  engine_register_wait (self, engine_registration ("a", 80, NULL));
  assert_int_equal (sim_net_count_seen (self->net, 1, "_http._tcp"), 2);
  assert_int_equal (sim_net_count_seen (self->net, 2, "_http._tcp"), 0);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    engine_test (register_returns_the_id_when_it_is_established),
    engine_test (id_is_there_once),
    engine_test (own_duplicates_are_renamed_before_they_are_published),
    engine_test (unknown_id_is_not_updated_and_no_harm_to_deregister),
    engine_test (update_to_another_label_is_refused),
    engine_test (call_cancelled_before_it_begins_does_nothing),
    engine_test (register_cancelled_under_way_is_withdrawn),
    engine_test (register_cancelled_after_its_end_stays),
    engine_test (deregister_of_a_register_under_way_cancels_it),
    engine_test (deregister_ends_the_updates_under_way),
    engine_test (leave_withdraws_all_and_the_agent_can_be_used_again),
    engine_test (of_many_some_begin_and_the_others_have_their_turn_as_those_are_established),
    engine_test (turn_comes_too_where_those_before_are_withdrawn_or_the_link_is_lost),
    engine_test (leave_ends_those_that_wait_for_their_turn),
    engine_test (register_waits_for_a_link),
    engine_test (next_link_has_all_again_under_the_same_names),
    engine_test (without_a_link_for_five_seconds_calls_fail_and_what_stood_is_kept),
    engine_test (host_that_is_renamed_publishes_all_anew_under_its_new_name),
    engine_test (registration_without_an_interface_fails_after_five_seconds),
    engine_test (registration_is_published_on_the_interfaces_used_only),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
