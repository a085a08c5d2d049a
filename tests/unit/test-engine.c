/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine-fixture.h"

static void
engine_runs_as_soon_as_its_link_does (void **state)
{
  EngineFixture *self = *state;

  assert_null (disco_engine_get_link (self->engine));
  assert_int_equal (self->n_links, 0);
  engine_fixture_wait_running (self);
  assert_ptr_equal (disco_engine_get_link (self->engine), self->link);
  assert_string_equal (self->log->str, "running ");
  assert_int_equal (disco_counts_get (self->counts, DISCO_COUNT_LINKS), 1);
}

static void
link_that_does_not_come_up_is_unavailable_after_five_seconds (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (GError) error = NULL;
  gint64 began = g_get_monotonic_time ();

  self->link_state = DISCO_LINK_CONNECTING;
  engine_fixture_restrict (self, NULL, NULL); /* made anew: the time counts from there */
  assert_true (disco_engine_check_available (self->engine, &error));
  engine_wait_log (self->log, "unavailable ");
  assert_true (g_get_monotonic_time () - began >= 5 * G_TIME_SPAN_SECOND);
  assert_false (disco_engine_check_available (self->engine, &error));
  test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_UNAVAILABLE, NULL);
  assert_int_equal (self->n_links, 1);

  disco_sim_link_become (self->link, DISCO_LINK_RUNNING, NULL);
  engine_wait_log (self->log, "unavailable running ");
  assert_true (disco_engine_check_available (self->engine, &error));
}

static void
no_link_at_all_is_unavailable_at_once_and_tried_again (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (GError) error = NULL;
  gint64 began = g_get_monotonic_time ();

  self->no_link = TRUE;
  engine_wait_log (self->log, "unavailable ");
  assert_true (g_get_monotonic_time () - began < 5 * G_TIME_SPAN_SECOND);
  assert_false (disco_engine_check_available (self->engine, &error));
  test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_UNAVAILABLE, "there is no link");
  self->no_link = FALSE;
  engine_wait_log (self->log, "unavailable running ");
}

static gboolean
was_asked (gpointer data)
{
  return ((EngineFixture *)data)->n_not_yet == 0;
}

static void
link_that_there_cannot_be_yet_is_made_when_there_can (void **state)
{
  EngineFixture *self = *state;

  self->n_not_yet = 1;
  test_wait_until (NULL, was_asked, self);
  test_dispatch_pending ();
  assert_int_equal (self->n_links, 0);
  assert_string_equal (self->log->str, "");
  disco_engine_connect (self->engine);
  engine_fixture_wait_running (self);
  assert_string_equal (self->log->str, "running ");
  disco_engine_connect (self->engine);
  test_dispatch_pending ();
  assert_int_equal (self->n_links, 1);
}

static void
link_that_fails_is_replaced (void **state)
{
  EngineFixture *self = *state;

  engine_fixture_wait_running (self);
  disco_sim_link_become (self->link, DISCO_LINK_FAILED, "the daemon died");
  engine_wait_log (self->log, "running connecting running ");
  assert_int_equal (self->n_links, 2);
  assert_int_equal (disco_counts_get (self->counts, DISCO_COUNT_LINKS), 2);
}

static void
reason_of_the_loss_is_in_the_error (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (GError) error = NULL;

  engine_fixture_wait_running (self);
  self->link_state = DISCO_LINK_CONNECTING;
  disco_sim_link_become (self->link, DISCO_LINK_FAILED, "the daemon died");
  engine_fixture_wait_state (self, DISCO_STATE_UNAVAILABLE);
  assert_false (disco_engine_check_available (self->engine, &error));
  test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_UNAVAILABLE, "the daemon died");
}

/* Each try takes at least twice as long as the one before: 0.1, 0.2, 0.4, 0.8 s. */
static void
tries_are_spaced_out_and_begin_anew_after_a_success (void **state)
{
  EngineFixture *self = *state;
  gint64 began = g_get_monotonic_time ();
  gint64 took;

  self->link_state = DISCO_LINK_FAILED;
  engine_wait_for_count (&self->n_links, 5);
  took = g_get_monotonic_time () - began;
  assert_in_range (took, 1500 * G_TIME_SPAN_MILLISECOND, 5 * G_TIME_SPAN_SECOND);
  self->link_state = DISCO_LINK_RUNNING;
  engine_fixture_wait_running (self);
  began = g_get_monotonic_time ();
  disco_sim_link_become (self->link, DISCO_LINK_FAILED, NULL);
  engine_fixture_wait_state (self, DISCO_STATE_CONNECTING);
  engine_fixture_wait_running (self);
  assert_true (g_get_monotonic_time () - began < G_TIME_SPAN_SECOND);
}

static gboolean
is_running (gpointer data)
{
  return ((EngineFixture *)data)->state == DISCO_STATE_RUNNING;
}

/* As a responder does that dies of what it meets on the network */
static void
link_that_fails_before_the_host_has_a_name_is_no_success (void **state)
{
  EngineFixture *self = *state;
  gint64 began = g_get_monotonic_time ();

  self->link_state = DISCO_LINK_RENAMING;
  for (guint i = 1; i <= 5; i++)
    {
      engine_wait_for_count (&self->n_links, i);
      test_wait_until (NULL, is_running, self);
      disco_sim_link_become (self->link, DISCO_LINK_FAILED, "it died");
      engine_fixture_wait_state (self, DISCO_STATE_CONNECTING);
    }
  assert_true (g_get_monotonic_time () - began >= 1500 * G_TIME_SPAN_MILLISECOND);
}

static void
renaming_detaches_all_and_keeps_the_link (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = engine_reader_new (self, "http");

  engine_fixture_wait_running (self);
  assert_int_equal (sim_net_get_n_live (self->net, SIM_BROWSE_SERVICES), 1);
  disco_sim_link_become (self->link, DISCO_LINK_RENAMING, NULL);
  engine_wait_log (self->log, "running connecting ");
  assert_null (disco_engine_get_link (self->engine));
  assert_int_equal (sim_net_get_n_live (self->net, SIM_BROWSE_SERVICES), 0);
  disco_sim_link_become (self->link, DISCO_LINK_RUNNING, NULL);
  engine_wait_log (self->log, "running connecting running ");
  assert_int_equal (sim_net_get_n_live (self->net, SIM_BROWSE_SERVICES), 1);
  assert_int_equal (self->n_links, 1);
}

static void
renaming_that_is_over_before_it_was_looked_at_detaches_too (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = engine_reader_new (self, "http");

  engine_fixture_wait_running (self);
  disco_sim_link_become (self->link, DISCO_LINK_RENAMING, NULL);
  disco_sim_link_become (self->link, DISCO_LINK_RUNNING, NULL);
  engine_wait_log (self->log, "running connecting running ");
  assert_int_equal (sim_net_get_n_made (self->net, SIM_BROWSE_SERVICES), 2);
}

static const SimService web = {
  .label = "web", .type = "_http._tcp", .host = "far.local", .port = 8080, .txt = "disco.id=web|"
};

static void
host_without_a_name_looks_and_announces_when_it_has_one (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = NULL;
  TestResult result = { 0 };
  g_autofree char *id = NULL;

  self->link_state = DISCO_LINK_RENAMING;
  sim_net_announce (self->net, 1, &web);
  sim_net_add_address (self->net, 1, web.host, "192.0.2.7");
  reader = engine_reader_new (self, "http");
  engine_register (self, engine_registration ("a", 80, ""), NULL, &result);
  engine_reader_wait_known (reader, "web", 8080);
  assert_string_equal (self->log->str, "running ");
  assert_null (result.result);
  disco_sim_link_become (self->link, DISCO_LINK_RUNNING, NULL);
  id = engine_wait_id (&result, NULL);
  assert_string_equal (id, "a");
}

static gboolean
is_publishing (gpointer engine)
{
  return disco_engine_is_publishing (engine);
}

static void
host_that_gets_no_name_announces_nothing_after_five_seconds (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (GError) error = NULL;
  TestResult result = { 0 };

  self->link_state = DISCO_LINK_RENAMING;
  engine_register (self, engine_registration ("a", 80, ""), NULL, &result);
  assert_null (engine_wait_id (&result, &error));
  test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_UNAVAILABLE, "no name");
  assert_true (disco_engine_check_available (self->engine, NULL));
  engine_register (self, engine_registration ("b", 80, ""), NULL, &result);
  assert_null (engine_wait_id (&result, &error));
  test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_UNAVAILABLE, "no name");

  disco_sim_link_become (self->link, DISCO_LINK_RUNNING, NULL);
  test_wait_until (NULL, is_publishing, self->engine);
  engine_register_wait (self, engine_registration ("c", 80, ""));
}

static void
states_that_repeat_themselves_are_told_once (void **state)
{
  EngineFixture *self = *state;

  engine_fixture_wait_running (self);
  disco_sim_link_become (self->link, DISCO_LINK_RUNNING, NULL);
  disco_sim_link_become (self->link, DISCO_LINK_RENAMING, NULL);
  disco_sim_link_become (self->link, DISCO_LINK_RENAMING, NULL);
  engine_wait_log (self->log, "running connecting ");
  test_dispatch_pending ();
  assert_string_equal (self->log->str, "running connecting ");
}

static void
note_waited (DiscoSource *source, const GError *error, gpointer user_data)
{
  g_string_append (user_data, error != NULL ? "failed " : "synced ");
}

static void
waiters_for_a_first_set_fail_while_unavailable_and_later_ones_wait_again (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = NULL;
  g_autoptr (EngineReader) late = NULL;
  g_autoptr (GString) told = g_string_new (NULL);

  self->no_link = TRUE;
  reader = engine_reader_new (self, "http");
  assert_int_not_equal (disco_source_add_waiter (reader->source, note_waited, told), 0);
  engine_wait_log (told, "failed ");
  late = engine_reader_new (self, "ipp");
  assert_int_equal (disco_source_add_waiter (late->source, note_waited, told), 0);
  engine_wait_log (told, "failed failed ");
  self->no_link = FALSE;
  engine_fixture_wait_running (self);
  assert_int_not_equal (disco_source_add_waiter (late->source, note_waited, told), 0);
  engine_wait_log (told, "failed failed synced ");
}

static void
engine_freed_in_any_state_leaves_nothing (void **state)
{
  static const DiscoLinkState states[]
      = { DISCO_LINK_CONNECTING, DISCO_LINK_RUNNING, DISCO_LINK_RENAMING, DISCO_LINK_FAILED };
  EngineFixture *self = *state;

  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    {
      TestResult result = { NULL };
      g_autoptr (GError) error = NULL;

      self->link_state = states[i];
      engine_fixture_restrict (self, NULL, NULL);
      engine_register (self, engine_registration ("a", 80, "red"), NULL, &result);
      engine_wait_for_count (&self->n_links, 1);
      /* the call ends with the engine */
      sim_net_set_groups (self->net, SIM_GROUPS_HOLD);
      engine_fixture_restrict (self, NULL, NULL);
      assert_null (engine_wait_id (&result, &error));
      test_assert_error (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, NULL);
    }
}

/* --- what is over a bound --- */

static void
write_down (const char *domain, GLogLevelFlags level, const char *message, gpointer user_data)
{
  if (g_str_has_prefix (message, "over a bound"))
    g_string_append_printf (user_data, "%s\n", message);
}

static void
refusals_are_counted_by_kind_and_told_at_every_doubling (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (GString) log = g_string_new (NULL);
  guint handler = g_log_set_handler ("disco", G_LOG_LEVEL_DEBUG, write_down, log);

  for (guint i = 0; i < 7; i++)
    disco_engine_refuse (self->engine, DISCO_COUNT_REFUSED_INSTANCES, "a._http._tcp.local");
  disco_engine_refuse (self->engine, DISCO_COUNT_REFUSED_RECORDS, "host.local");
  disco_engine_refuse (self->engine, DISCO_COUNT_REFUSED_SERVICES, "http");
  g_log_remove_handler ("disco", handler);

  assert_int_equal (disco_counts_get (self->counts, DISCO_COUNT_REFUSED_INSTANCES), 7);
  assert_int_equal (disco_counts_get (self->counts, DISCO_COUNT_REFUSED_RECORDS), 1);
  assert_int_equal (disco_counts_get (self->counts, DISCO_COUNT_REFUSED_SERVICES), 1);
  assert_int_equal (disco_counts_get (self->counts, DISCO_COUNT_REFUSED), 9);
  assert_string_equal (
      log->str, "over a bound and refused: an instance, as of a._http._tcp.local (1 so far)\n"
                "over a bound and refused: an instance, as of a._http._tcp.local (2 so far)\n"
                "over a bound and refused: an instance, as of a._http._tcp.local (4 so far)\n"
                "over a bound and refused: records, as of host.local (1 so far)\n"
                "over a bound and refused: a service, as of http (1 so far)\n");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    engine_test (engine_runs_as_soon_as_its_link_does),
    engine_test (link_that_does_not_come_up_is_unavailable_after_five_seconds),
    engine_test (no_link_at_all_is_unavailable_at_once_and_tried_again),
    engine_test (link_that_there_cannot_be_yet_is_made_when_there_can),
    engine_test (link_that_fails_is_replaced),
    engine_test (reason_of_the_loss_is_in_the_error),
    engine_test (tries_are_spaced_out_and_begin_anew_after_a_success),
    engine_test (link_that_fails_before_the_host_has_a_name_is_no_success),
    engine_test (renaming_detaches_all_and_keeps_the_link),
    engine_test (renaming_that_is_over_before_it_was_looked_at_detaches_too),
    engine_test (host_without_a_name_looks_and_announces_when_it_has_one),
    engine_test (host_that_gets_no_name_announces_nothing_after_five_seconds),
    engine_test (states_that_repeat_themselves_are_told_once),
    engine_test (waiters_for_a_first_set_fail_while_unavailable_and_later_ones_wait_again),
    engine_test (engine_freed_in_any_state_leaves_nothing),
    engine_test (refusals_are_counted_by_kind_and_told_at_every_doubling),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
