/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine-fixture.h"

#include "disco-publisher-private.h"

/* One registration through conflicts, changes and losses; test-publisher.c has those that concern
 * several. */

static const char *
published_label (EngineReader *reader, const char *id)
{
  DiscoInstance *instance = test_reader_get (&reader->known, id);

  assert_non_null (instance);
  return disco_instance_get_label (instance);
}

static EngineReader *
read_own (EngineFixture *self)
{
  sim_net_add_address (self->net, DISCO_LINK_ANY, "box.local", "192.0.2.1");
  return engine_reader_new (self, "http");
}

static void
registration_is_seen_with_its_subtypes (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = read_own (self);
  g_autoptr (EngineReader) tagged = engine_reader_new (self, "_red._sub._http._tcp");

  engine_register_wait (self, engine_registration ("a", 80, "red blue"));
  engine_assert_published (self, "+a 80\n+2 subtypes of a\n");
  engine_reader_wait (reader, "+a:80 ");
  engine_reader_wait (tagged, "+a:80 ");
  assert_string_equal (self->log->str, "running ");
}

static void
conflict_is_renamed_and_told (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = read_own (self);

  sim_net_take_name (self->net, "A", "_http._tcp");
  sim_net_take_name (self->net, "a #2", "_http._tcp");
  engine_register_wait (self, engine_registration ("a", 80, NULL));
  assert_string_equal (self->log->str, "running renamed a a #3 ");
  engine_reader_wait (reader, "+a:80 ");
  assert_string_equal (published_label (reader, "a"), "a #3");
  assert_int_equal (disco_counts_get (self->counts, DISCO_COUNT_CONFLICTS), 2);
  /* each try is a group of its own */
  engine_assert_published (self, "+a 80\n-a 80\n+a #2 80\n-a #2 80\n+a #3 80\n");
}

static void
name_lost_later_is_renamed_with_its_subtypes (void **state)
{
  EngineFixture *self = *state;

  engine_register_wait (self, engine_registration ("a", 80, "red"));
  g_free (sim_net_take_log (self->net));
  sim_net_steal_name (self->net, "a", "_http._tcp");
  engine_wait_log (self->log, "running renamed a a #2 ");
  engine_assert_published (self, "-a 80\n-1 subtypes of a\n+a #2 80\n+1 subtypes of a #2\n");
}

static void
tries_without_end_are_spaced_out (void **state)
{
  EngineFixture *self = *state;
  TestResult result = { NULL };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  sim_net_set_groups (self->net, SIM_GROUPS_COLLIDE);
  engine_fixture_wait_running (self);
  engine_register (self, engine_registration ("a", 80, NULL), cancellable, &result);
  engine_fixture_wait_quiet (self);
  test_dispatch_pending ();
  assert_int_equal (sim_net_get_n_made (self->net, SIM_GROUP), 15);
  assert_int_equal (sim_net_get_n_live (self->net, SIM_GROUP), 0);
  sim_net_set_groups (self->net, SIM_GROUPS_PROBE);
  g_free (engine_wait_id (&result, &error));
  assert_null (error);
  assert_int_equal (sim_net_get_n_made (self->net, SIM_GROUP), 16);
  assert_string_equal (self->log->str, "running renamed a a #16 ");
}

static void
failure_is_the_calls_error_and_nothing_stays_registered (void **state)
{
  EngineFixture *self = *state;
  TestResult result = { NULL };
  g_autoptr (GError) error = NULL;

  sim_net_set_groups (self->net, SIM_GROUPS_FAIL);
  engine_register (self, engine_registration ("a", 80, NULL), NULL, &result);
  assert_null (engine_wait_id (&result, &error));
  test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_LIMIT, "too many groups");
  sim_net_set_groups (self->net, SIM_GROUPS_PROBE);
  engine_register_wait (self, engine_registration ("a", 80, NULL));
}

static void
change_of_tags_attributes_and_port_keeps_the_services_group (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = read_own (self);

  engine_register_wait (self, engine_registration ("a", 80, "red"));
  engine_reader_wait (reader, "+a:80 ");
  engine_assert_published (self, "+a 80\n+1 subtypes of a\n");

  engine_update_wait (self, "a", engine_registration ("a", 81, "red"));
  engine_assert_published (self, "srv a 81\n");
  engine_reader_wait (reader, "~a:80>81 ");

  /* the new subtypes stand before the old ones go */
  engine_update_wait (self, "a", engine_registration ("a", 81, "red blue"));
  engine_assert_published (self, "+2 subtypes of a\ntxt a\n-1 subtypes of a\n");
  engine_reader_wait (reader, "~a:81>81 ");

  engine_update_wait (self, "a", engine_registration ("a", 81, NULL));
  engine_reader_wait (reader, "~a:81>81 ");
  assert_int_equal (sim_net_get_n_live (self->net, SIM_GROUP), 1);
  g_free (sim_net_take_log (self->net));

  engine_update_wait (self, "a", engine_registration ("a", 81, NULL));
  engine_assert_published (self, "");
}

static void
updates_take_effect_in_their_order (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = read_own (self);
  TestResult results[3] = { { NULL } };
  g_autoptr (GError) error = NULL;

  engine_register_wait (self, engine_registration ("a", 80, NULL));
  engine_update (self, "a", engine_registration ("a", 81, "red"), NULL, &results[0]);
  engine_update (self, "a", engine_registration ("a", 82, NULL), NULL, &results[1]);
  engine_update (self, "a", engine_registration ("a", 83, "blue"), NULL, &results[2]);
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    assert_true (engine_wait_done (&results[i], &error));
  engine_reader_wait_known (reader, "a", 83);
  assert_int_equal (sim_net_get_n_live (self->net, SIM_GROUP), 2);
}

static void
update_waits_until_the_registration_stands (void **state)
{
  EngineFixture *self = *state;
  TestResult registered = { NULL }, updated = { NULL };
  g_autoptr (GError) error = NULL;

  sim_net_set_groups (self->net, SIM_GROUPS_HOLD);
  engine_register (self, engine_registration ("a", 80, NULL), NULL, &registered);
  engine_fixture_wait_running (self);
  engine_update (self, "a", engine_registration ("a", 81, NULL), NULL, &updated);
  test_dispatch_pending ();
  assert_null (updated.result);
  sim_net_set_groups (self->net, SIM_GROUPS_PROBE);
  g_free (engine_wait_id (&registered, &error));
  assert_true (engine_wait_done (&updated, &error));
  engine_assert_published (self, "+a 80\nsrv a 81\n");
}

static void
update_that_is_refused_leaves_it_as_it_was (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = read_own (self);
  TestResult result = { NULL };
  g_autoptr (GError) error = NULL;

  engine_register_wait (self, engine_registration ("a", 80, "red"));
  engine_reader_wait (reader, "+a:80 ");
  sim_net_set_refuse_updates (self->net, SIM_REFUSE_ALL);
  engine_update (self, "a", engine_registration ("a", 81, "blue"), NULL, &result);
  assert_false (engine_wait_done (&result, &error));
  test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_FAILED, "refused");
  assert_int_equal (sim_net_get_n_live (self->net, SIM_GROUP), 2);
  sim_net_set_refuse_updates (self->net, SIM_REFUSE_NONE);
  engine_update_wait (self, "a", engine_registration ("a", 82, "red"));
  engine_reader_wait (reader, "~a:80>82 ");
}

static void
update_that_is_refused_half_way_is_taken_back (void **state)
{
  EngineFixture *self = *state;
  TestResult result = { NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (EngineReader) reader = NULL;
  g_autoptr (EngineReader) red = NULL;
  g_autoptr (EngineReader) blue = NULL;
  DiscoInstance *instance;

  engine_register_wait (self, engine_registration ("a", 80, "red"));
  g_free (sim_net_take_log (self->net));
  sim_net_set_refuse_updates (self->net, SIM_REFUSE_SRV);
  engine_update (self, "a", engine_registration ("a", 81, "blue"), NULL, &result);
  assert_false (engine_wait_done (&result, &error));
  test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_FAILED, "refused");
  engine_fixture_wait_quiet (self);
  engine_assert_published (self, "+1 subtypes of a\ntxt a\n-1 subtypes of a\n-a 80\n"
                                 "-1 subtypes of a\n+a 80\n+1 subtypes of a\n");

  /* who looks now knows of nothing else */
  reader = read_own (self);
  red = engine_reader_new (self, "_red._sub._http._tcp");
  blue = engine_reader_new (self, "_blue._sub._http._tcp");
  engine_reader_wait (reader, "+a:80 ");
  engine_reader_wait (red, "+a:80 ");
  instance = test_reader_get (&reader->known, "a");
  assert_string_equal (disco_instance_get_tags (instance)[0], "red");
  assert_null (disco_instance_get_tags (instance)[1]);
  engine_reader_wait_synced (blue);
  engine_reader_wait_known (blue, "a", 0);

  /* and it can be changed again */
  sim_net_set_refuse_updates (self->net, SIM_REFUSE_NONE);
  engine_update_wait (self, "a", engine_registration ("a", 81, "blue"));
  engine_reader_wait_known (reader, "a", 81);
}

static void
update_whose_subtypes_fail_leaves_it_as_it_was (void **state)
{
  EngineFixture *self = *state;
  TestResult result = { NULL };
  g_autoptr (GError) error = NULL;

  engine_register_wait (self, engine_registration ("a", 80, "red"));
  sim_net_set_groups (self->net, SIM_GROUPS_FAIL);
  engine_update (self, "a", engine_registration ("a", 80, "blue"), NULL, &result);
  assert_false (engine_wait_done (&result, &error));
  test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_LIMIT, NULL);
  engine_assert_published (self, "+a 80\n+1 subtypes of a\n+1 subtypes of a\n-1 subtypes of a\n");
}

/* Begins a change of tags whose groups do not come to stand. */
static void
begin_update (EngineFixture *self, GCancellable *cancellable, TestResult *result)
{
  engine_register_wait (self, engine_registration ("a", 80, "red"));
  sim_net_set_groups (self->net, SIM_GROUPS_HOLD);
  engine_update (self, "a", engine_registration ("a", 81, "blue"), cancellable, result);
  test_dispatch_pending ();
  assert_int_equal (sim_net_get_n_live (self->net, SIM_GROUP), 3);
}

static void
update_cancelled_under_way_has_no_effect (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  TestResult result = { NULL };
  g_autoptr (GError) error = NULL;

  begin_update (self, cancellable, &result);
  g_cancellable_cancel (cancellable);
  assert_false (engine_wait_done (&result, &error));
  test_assert_error (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, NULL);
  engine_assert_published (self, "+a 80\n+1 subtypes of a\n+1 subtypes of a\n-1 subtypes of a\n");
  sim_net_set_groups (self->net, SIM_GROUPS_PROBE);
  engine_update_wait (self, "a", engine_registration ("a", 82, "red"));
  engine_assert_published (self, "srv a 82\n");
}

static void
update_under_way_survives_a_conflict (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = read_own (self);
  TestResult result = { NULL };
  g_autoptr (GError) error = NULL;

  begin_update (self, NULL, &result);
  sim_net_steal_name (self->net, "a", "_http._tcp");
  engine_fixture_wait_quiet (self);
  sim_net_set_groups (self->net, SIM_GROUPS_PROBE);
  assert_true (engine_wait_done (&result, &error));
  engine_reader_wait_known (reader, "a", 81);
  assert_string_equal (published_label (reader, "a"), "a #2");
  assert_int_equal (sim_net_get_n_live (self->net, SIM_GROUP), 2);
}

static void
update_under_way_survives_a_failure_of_the_service (void **state)
{
  EngineFixture *self = *state;
  TestResult result = { NULL };
  g_autoptr (GError) error = NULL;

  begin_update (self, NULL, &result);
  sim_net_fail_groups (self->net);
  engine_fixture_wait_quiet (self);
  sim_net_set_groups (self->net, SIM_GROUPS_PROBE);
  assert_true (engine_wait_done (&result, &error));
  assert_int_equal (sim_net_get_n_live (self->net, SIM_GROUP), 2);
}

static void
update_under_way_begins_again_on_the_next_link (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = read_own (self);
  TestResult result = { NULL };
  g_autoptr (GError) error = NULL;

  begin_update (self, NULL, &result);
  engine_fixture_cut_link (self);
  sim_net_set_groups (self->net, SIM_GROUPS_PROBE);
  engine_fixture_restore_link (self);
  assert_true (engine_wait_done (&result, &error));
  engine_reader_wait_known (reader, "a", 81);
}

static void
established_registration_that_fails_is_tried_again (void **state)
{
  EngineFixture *self = *state;

  engine_register_wait (self, engine_registration ("a", 80, NULL));
  g_free (sim_net_take_log (self->net));
  sim_net_fail_groups (self->net);
  engine_fixture_wait_quiet (self);
  engine_assert_published (self, "-a 80\n");
  engine_fixture_wait_live (self, SIM_GROUP, 1);
  engine_assert_published (self, "+a 80\n");
}

static void
group_that_never_comes_to_stand_is_replaced (void **state)
{
  EngineFixture *self = *state;
  TestResult result = { NULL };
  g_autoptr (GError) error = NULL;

  sim_net_set_groups (self->net, SIM_GROUPS_HOLD);
  engine_register (self, engine_registration ("a", 80, NULL), NULL, &result);
  engine_fixture_wait_made (self, SIM_GROUP, 2);
  engine_assert_published (self, "+a 80\n-a 80\n+a 80\n");
  sim_net_set_groups (self->net, SIM_GROUPS_PROBE);
  g_free (engine_wait_id (&result, &error));
  assert_null (error);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    engine_test (registration_is_seen_with_its_subtypes),
    engine_test (conflict_is_renamed_and_told),
    engine_test (name_lost_later_is_renamed_with_its_subtypes),
    engine_test (tries_without_end_are_spaced_out),
    engine_test (failure_is_the_calls_error_and_nothing_stays_registered),
    engine_test (change_of_tags_attributes_and_port_keeps_the_services_group),
    engine_test (updates_take_effect_in_their_order),
    engine_test (update_waits_until_the_registration_stands),
    engine_test (update_that_is_refused_leaves_it_as_it_was),
    engine_test (update_that_is_refused_half_way_is_taken_back),
    engine_test (update_whose_subtypes_fail_leaves_it_as_it_was),
    engine_test (update_cancelled_under_way_has_no_effect),
    engine_test (update_under_way_survives_a_conflict),
    engine_test (update_under_way_survives_a_failure_of_the_service),
    engine_test (update_under_way_begins_again_on_the_next_link),
    engine_test (established_registration_that_fails_is_tried_again),
    engine_test (group_that_never_comes_to_stand_is_replaced),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
