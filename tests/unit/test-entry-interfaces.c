/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "interfaces-fixture.h"

#include "disco-publisher-private.h"

/* A registration of an agent that uses some interfaces only, while those come and go. "-a 80 on 1"
 * in the log of what is published is a goodbye on the interface 1. */

static gboolean
is_own (EngineFixture *self, const char *label)
{
  return disco_publisher_has_label (disco_engine_get_publisher (self->engine), "_http._tcp", label);
}

static void
begin_register (EngineFixture *self, TestResult *result)
{
  engine_fixture_wait_running (self);
  engine_register (self, engine_registration ("a", 80, "red"), NULL, result);
}

static void
assert_registered (TestResult *result)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *id = engine_wait_id (result, &error);

  assert_null (error);
  assert_string_equal (id, "a");
}

static void
interface_that_goes_takes_its_own_groups_only (void **state)
{
  EngineFixture *self = *state;

  interfaces_establish (self, TRUE);
  assert_int_equal (interfaces_count (self, 1), 1);
  assert_int_equal (interfaces_count (self, 2), 1);
  interfaces_set (self, 2, FALSE);
  engine_assert_published (self, "-a 80 on 2\n-1 subtypes of a on 2\n");
  assert_int_equal (interfaces_count (self, 1), 1);
  assert_int_equal (interfaces_count (self, 2), 0);
  assert_true (is_own (self, "a"));

  engine_update_wait (self, "a", engine_registration ("a", 81, "red"));
  engine_assert_published (self, "srv a 81 on 1\n");
  assert_string_equal (self->log->str, "running ");
}

static void
interface_that_comes_gets_groups_of_its_own (void **state)
{
  EngineFixture *self = *state;

  interfaces_establish (self, FALSE);
  assert_int_equal (interfaces_count (self, 2), 0);
  engine_fixture_set_interface (self, 2, TRUE);
  engine_assert_published (self, "+a 80 on 2\n");
  assert_true (is_own (self, "a"));
  engine_fixture_wait_quiet (self);
  engine_assert_published (self, "+1 subtypes of a on 2\n");
  assert_int_equal (interfaces_count (self, 1), 1);
  assert_int_equal (interfaces_count (self, 2), 1);

  engine_update_wait (self, "a", engine_registration ("a", 81, "red"));
  engine_assert_published (self, "srv a 81 on 1\nsrv a 81 on 2\n");
  assert_string_equal (self->log->str, "running ");
}

static void
registration_without_subtypes_follows_too (void **state)
{
  EngineFixture *self = *state;

  engine_fixture_restrict_to_net (self, FALSE);
  engine_register_wait (self, engine_registration ("a", 80, NULL));
  interfaces_set (self, 2, TRUE);
  interfaces_set (self, 1, FALSE);
  engine_update_wait (self, "a", engine_registration ("a", 81, NULL));
  engine_assert_published (self, "+a 80 on 1\n+a 80 on 2\n-a 80 on 1\nsrv a 81 on 2\n");
}

static void
one_goes_while_another_comes (void **state)
{
  EngineFixture *self = *state;

  interfaces_establish (self, TRUE);
  sim_net_add_pair (self->net, 3, 0);
  sim_net_add_pair (self->net, 3, 1);
  interfaces_set (self, 1, FALSE);
  engine_assert_published (self, "-a 80 on 1\n-1 subtypes of a on 1\n+a 80 on 3\n"
                                 "+1 subtypes of a on 3\n");
  assert_int_equal (interfaces_count (self, 1), 0);
  assert_int_equal (interfaces_count (self, 2), 1);
  assert_int_equal (interfaces_count (self, 3), 1);
}

static void
readers_see_an_update_of_the_interfaces_and_no_remove (void **state)
{
  EngineFixture *self = *state;
  EngineReader *reader;

  interfaces_establish (self, TRUE);
  sim_net_add_address (self->net, DISCO_LINK_ANY, "box.local", "192.0.2.1");
  reader = engine_reader_new (self, "http");
  engine_reader_wait (reader, "+a:80 ");
  engine_fixture_set_interface (self, 2, FALSE);
  engine_reader_wait (reader, "~a:80>80 ");
  assert_int_equal (g_strv_length ((char **)disco_instance_get_interfaces (
                        test_reader_get (&reader->known, "a"))),
                    1);
  engine_fixture_set_interface (self, 2, TRUE);
  engine_reader_wait (reader, "~a:80>80 ");
  assert_int_equal (g_strv_length ((char **)disco_instance_get_interfaces (
                        test_reader_get (&reader->known, "a"))),
                    2);
}

static void
nothing_is_done_where_the_set_stays_the_same (void **state)
{
  EngineFixture *self = *state;

  interfaces_establish (self, TRUE);
  disco_interfaces_reread (disco_engine_get_interfaces (self->engine));
  engine_assert_published (self, "");
}

static void
registration_on_all_interfaces_is_left_to_the_responder (void **state)
{
  EngineFixture *self = *state;

  engine_register_wait (self, engine_registration ("a", 80, "red"));
  interfaces_set (self, 2, FALSE);
  interfaces_set (self, 2, TRUE);
  engine_assert_published (self, "+a 80\n+1 subtypes of a\n");
}

static void
last_interface_that_goes_and_comes_back_needs_no_new_call (void **state)
{
  EngineFixture *self = *state;

  interfaces_establish (self, FALSE);
  interfaces_set (self, 1, FALSE);
  engine_assert_published (self, "-a 80 on 1\n-1 subtypes of a on 1\n");
  assert_false (is_own (self, "a"));
  interfaces_set (self, 2, TRUE);
  engine_assert_published (self, "+a 80 on 2\n+1 subtypes of a on 2\n");
  assert_true (is_own (self, "a"));
  assert_string_equal (self->log->str, "running ");
}

/* --- trouble on the new one --- */

static void
conflict_on_the_new_interface_alone_renames_everywhere (void **state)
{
  EngineFixture *self = *state;

  interfaces_establish (self, FALSE);
  sim_net_take_name (self->net, "a", "_http._tcp");
  engine_fixture_set_interface (self, 2, TRUE);
  engine_wait_log (self->log, "running renamed a a #2 ");
  engine_assert_published (self, "+a 80 on 2\n"
                                 "-a 80 on 1\n-a 80 on 2\n-1 subtypes of a on 1\n"
                                 "+a #2 80 on 1\n+a #2 80 on 2\n"
                                 "+1 subtypes of a #2 on 1\n+1 subtypes of a #2 on 2\n");
  assert_int_equal (disco_counts_get (self->counts, DISCO_COUNT_CONFLICTS), 1);
  assert_false (is_own (self, "a"));
  assert_true (is_own (self, "a #2"));
}

typedef struct
{
  EngineFixture *fixture;
  guint n_made;
} GroupsWait;

static gboolean
has_made_groups (gpointer data)
{
  GroupsWait *wait = data;

  return sim_net_get_n_made (wait->fixture->net, SIM_GROUP) >= wait->n_made;
}

static void
wait_for_groups (EngineFixture *self, guint n_made)
{
  test_wait_until (NULL, has_made_groups, &(GroupsWait){ self, n_made });
}

static void
failure_on_the_new_interface_alone_is_tried_again_there (void **state)
{
  EngineFixture *self = *state;

  interfaces_establish (self, FALSE);
  sim_net_set_groups (self->net, SIM_GROUPS_FAIL);
  interfaces_set (self, 2, TRUE);
  engine_assert_published (self, "+a 80 on 2\n-a 80 on 2\n");
  assert_true (is_own (self, "a"));
  sim_net_set_groups (self->net, SIM_GROUPS_PROBE);
  wait_for_groups (self, 4);
  engine_fixture_wait_quiet (self);
  engine_assert_published (self, "+a 80 on 2\n+1 subtypes of a on 2\n");
  assert_int_equal (interfaces_count (self, 2), 1);
}

static void
failure_of_the_subtypes_on_the_new_interface_takes_the_service_there_along (void **state)
{
  EngineFixture *self = *state;

  interfaces_establish (self, FALSE);
  sim_net_set_groups (self->net, SIM_GROUPS_FAIL_SUBTYPES);
  interfaces_set (self, 2, TRUE);
  engine_assert_published (self, "+a 80 on 2\n+1 subtypes of a on 2\n"
                                 "-a 80 on 2\n-1 subtypes of a on 2\n");
  assert_int_equal (interfaces_count (self, 1), 1);
  sim_net_set_groups (self->net, SIM_GROUPS_PROBE);
  engine_update_wait (self, "a", engine_registration ("a", 81, "red"));
  engine_fixture_wait_quiet (self);
  /* the change goes through at once, and gives occasion for another try */
  engine_assert_published (self, "srv a 81 on 1\n+a 81 on 2\n+1 subtypes of a on 2\n");
}

static void
group_that_hangs_on_the_new_interface_alone_is_tried_again_there (void **state)
{
  EngineFixture *self = *state;

  interfaces_establish (self, FALSE);
  sim_net_set_groups (self->net, SIM_GROUPS_HOLD);
  interfaces_set (self, 2, TRUE);
  wait_for_groups (self, 4);
  engine_assert_published (self, "+a 80 on 2\n-a 80 on 2\n+a 80 on 2\n");
  assert_true (is_own (self, "a"));
  sim_net_set_groups (self->net, SIM_GROUPS_PROBE);
  engine_fixture_wait_quiet (self);
  assert_int_equal (interfaces_count (self, 1), 1);
  assert_int_equal (interfaces_count (self, 2), 1);
}

static void
old_group_that_fails_while_another_is_new_begins_all_anew (void **state)
{
  EngineFixture *self = *state;

  engine_fixture_restrict_to_net (self, FALSE);
  engine_register_wait (self, engine_registration ("a", 80, NULL));
  sim_net_set_groups (self->net, SIM_GROUPS_HOLD);
  interfaces_set (self, 2, TRUE);
  sim_net_fail_groups (self->net);
  engine_fixture_wait_quiet (self);
  engine_assert_published (self, "+a 80 on 1\n+a 80 on 2\n-a 80 on 2\n-a 80 on 1\n");
  assert_false (is_own (self, "a"));
  sim_net_set_groups (self->net, SIM_GROUPS_PROBE);
  wait_for_groups (self, 4);
  engine_fixture_wait_quiet (self);
  engine_assert_published (self, "+a 80 on 1\n+a 80 on 2\n");
  assert_true (is_own (self, "a"));
}

/* --- while it is being established --- */

static void
interface_that_goes_while_it_probes_is_not_waited_for (void **state)
{
  EngineFixture *self = *state;
  TestResult result = { NULL };

  engine_fixture_restrict_to_net (self, TRUE);
  sim_net_set_groups (self->net, SIM_GROUPS_HOLD);
  begin_register (self, &result);
  sim_net_set_up (self->net, 2, FALSE);
  sim_net_set_groups (self->net, SIM_GROUPS_PROBE);
  engine_fixture_wait_quiet (self);
  test_dispatch_pending ();
  assert_null (result.result); /* the group on 2 hangs */
  engine_fixture_set_interface (self, 2, FALSE);
  assert_registered (&result);
  engine_assert_published (self, "+a 80 on 1\n+a 80 on 2\n-a 80 on 2\n+1 subtypes of a on 1\n");
  assert_string_equal (self->log->str, "running ");
}

static void
interface_that_comes_while_it_probes_is_waited_for (void **state)
{
  EngineFixture *self = *state;
  TestResult result = { NULL };

  engine_fixture_restrict_to_net (self, FALSE);
  sim_net_set_groups (self->net, SIM_GROUPS_HOLD);
  begin_register (self, &result);
  interfaces_set (self, 2, TRUE);
  engine_assert_published (self, "+a 80 on 1\n+a 80 on 2\n");
  sim_net_set_groups (self->net, SIM_GROUPS_PROBE);
  assert_registered (&result);
  engine_assert_published (self, "+1 subtypes of a on 1\n+1 subtypes of a on 2\n");
}

static void
interfaces_that_all_change_while_it_probes_begin_it_anew (void **state)
{
  EngineFixture *self = *state;
  TestResult result = { NULL };

  engine_fixture_restrict_to_net (self, FALSE);
  sim_net_set_groups (self->net, SIM_GROUPS_HOLD);
  begin_register (self, &result);
  sim_net_set_up (self->net, 2, TRUE);
  interfaces_set (self, 1, FALSE);
  engine_assert_published (self, "+a 80 on 1\n-a 80 on 1\n+a 80 on 2\n");
  sim_net_set_groups (self->net, SIM_GROUPS_PROBE);
  assert_registered (&result);
  engine_assert_published (self, "+1 subtypes of a on 2\n");
}

static void
interfaces_that_change_while_the_subtypes_are_awaited_are_followed (void **state)
{
  EngineFixture *self = *state;
  TestResult result = { NULL };

  engine_fixture_restrict_to_net (self, TRUE);
  sim_net_set_groups (self->net, SIM_GROUPS_HOLD_SUBTYPES);
  begin_register (self, &result);
  engine_fixture_wait_quiet (self);
  engine_assert_published (self, "+a 80 on 1\n+a 80 on 2\n"
                                 "+1 subtypes of a on 1\n+1 subtypes of a on 2\n");
  sim_net_add_pair (self->net, 3, 0);
  interfaces_set (self, 2, FALSE);
  engine_assert_published (self, "-a 80 on 2\n-1 subtypes of a on 2\n+a 80 on 3\n"
                                 "+1 subtypes of a on 3\n");
  test_dispatch_pending ();
  assert_null (result.result);
  sim_net_set_groups (self->net, SIM_GROUPS_PROBE);
  assert_registered (&result);
  engine_assert_published (self, "");
}

static void
subtypes_that_hang_where_the_interface_has_gone_are_not_waited_for (void **state)
{
  EngineFixture *self = *state;
  TestResult result = { NULL };

  engine_fixture_restrict_to_net (self, TRUE);
  sim_net_set_groups (self->net, SIM_GROUPS_HOLD_SUBTYPES);
  begin_register (self, &result);
  engine_fixture_wait_quiet (self);
  sim_net_set_up (self->net, 2, FALSE);
  sim_net_set_groups (self->net, SIM_GROUPS_PROBE);
  engine_fixture_wait_quiet (self);
  test_dispatch_pending ();
  assert_null (result.result);
  engine_fixture_set_interface (self, 2, FALSE);
  assert_registered (&result);
}

static void
interface_lost_before_the_new_one_stands_ends_what_stood (void **state)
{
  EngineFixture *self = *state;

  interfaces_establish (self, FALSE);
  sim_net_set_groups (self->net, SIM_GROUPS_HOLD);
  interfaces_set (self, 2, TRUE);
  assert_true (is_own (self, "a"));
  interfaces_set (self, 1, FALSE);
  assert_false (is_own (self, "a"));
  engine_assert_published (self, "+a 80 on 2\n-a 80 on 1\n-1 subtypes of a on 1\n");
  sim_net_set_groups (self->net, SIM_GROUPS_PROBE);
  engine_fixture_wait_quiet (self);
  engine_assert_published (self, "+1 subtypes of a on 2\n");
  assert_true (is_own (self, "a"));
  assert_int_equal (interfaces_count (self, 2), 1);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    engine_test (interface_that_goes_takes_its_own_groups_only),
    engine_test (interface_that_comes_gets_groups_of_its_own),
    engine_test (registration_without_subtypes_follows_too),
    engine_test (one_goes_while_another_comes),
    engine_test (readers_see_an_update_of_the_interfaces_and_no_remove),
    engine_test (nothing_is_done_where_the_set_stays_the_same),
    engine_test (registration_on_all_interfaces_is_left_to_the_responder),
    engine_test (last_interface_that_goes_and_comes_back_needs_no_new_call),
    engine_test (conflict_on_the_new_interface_alone_renames_everywhere),
    engine_test (failure_on_the_new_interface_alone_is_tried_again_there),
    engine_test (failure_of_the_subtypes_on_the_new_interface_takes_the_service_there_along),
    engine_test (group_that_hangs_on_the_new_interface_alone_is_tried_again_there),
    engine_test (old_group_that_fails_while_another_is_new_begins_all_anew),
    engine_test (interface_that_goes_while_it_probes_is_not_waited_for),
    engine_test (interface_that_comes_while_it_probes_is_waited_for),
    engine_test (interfaces_that_all_change_while_it_probes_begin_it_anew),
    engine_test (interfaces_that_change_while_the_subtypes_are_awaited_are_followed),
    engine_test (subtypes_that_hang_where_the_interface_has_gone_are_not_waited_for),
    engine_test (interface_lost_before_the_new_one_stands_ends_what_stood),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
