/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "interfaces-fixture.h"

/* Changes of a registration while the interfaces that the agent uses come and go; test-entry.c has
 * the others. */

static void
assert_updated (TestResult *result)
{
  g_autoptr (GError) error = NULL;

  if (!engine_wait_done (result, &error))
    fail_msg ("%s", error->message);
}

/* A change of tags and port waits for its groups. */
static void
begin_update (EngineFixture *self, GCancellable *cancellable, TestResult *result)
{
  sim_net_set_groups (self->net, SIM_GROUPS_HOLD);
  engine_update (self, "a", engine_registration ("a", 81, "blue"), cancellable, result);
  test_dispatch_pending ();
  assert_null (result->result);
}

static void
change_under_way_applies_to_an_interface_that_comes_too (void **state)
{
  EngineFixture *self = *state;
  TestResult result = { NULL };

  interfaces_establish (self, FALSE);
  begin_update (self, NULL, &result);
  interfaces_set (self, 2, TRUE);
  engine_assert_published (self, "+1 subtypes of a on 1\n");
  sim_net_set_groups (self->net, SIM_GROUPS_PROBE);
  assert_updated (&result);
  engine_fixture_wait_quiet (self);
  engine_assert_published (self, "txt a on 1\nsrv a 81 on 1\n-1 subtypes of a on 1\n"
                                 "+a 81 on 2\n+1 subtypes of a on 2\n");
  assert_int_equal (sim_net_count_seen (self->net, 2, "_blue._sub._http._tcp"), 2);
  assert_int_equal (sim_net_count_seen (self->net, 2, "_red._sub._http._tcp"), 0);
}

static void
change_asked_for_while_an_interface_is_new_applies_to_both (void **state)
{
  EngineFixture *self = *state;
  TestResult result = { NULL };

  interfaces_establish (self, FALSE);
  sim_net_set_groups (self->net, SIM_GROUPS_HOLD);
  interfaces_set (self, 2, TRUE);
  engine_update (self, "a", engine_registration ("a", 81, "red"), NULL, &result);
  test_dispatch_pending ();
  assert_null (result.result);
  sim_net_set_groups (self->net, SIM_GROUPS_PROBE);
  assert_updated (&result);
  engine_assert_published (self, "+a 80 on 2\n+1 subtypes of a on 2\n"
                                 "srv a 81 on 1\nsrv a 81 on 2\n");
}

static void
change_waiting_for_an_interface_that_goes_is_not_kept_waiting (void **state)
{
  EngineFixture *self = *state;
  TestResult result = { NULL };

  interfaces_establish (self, FALSE);
  sim_net_set_groups (self->net, SIM_GROUPS_HOLD);
  interfaces_set (self, 2, TRUE);
  engine_update (self, "a", engine_registration ("a", 81, "red"), NULL, &result);
  interfaces_set (self, 2, FALSE);
  assert_updated (&result);
  engine_assert_published (self, "+a 80 on 2\n-a 80 on 2\nsrv a 81 on 1\n");
}

static void
change_under_way_on_an_interface_that_goes_ends_on_the_others (void **state)
{
  EngineFixture *self = *state;
  TestResult result = { NULL };

  interfaces_establish (self, TRUE);
  begin_update (self, NULL, &result);
  sim_net_set_up (self->net, 2, FALSE);
  sim_net_set_groups (self->net, SIM_GROUPS_PROBE);
  engine_fixture_wait_quiet (self);
  test_dispatch_pending ();
  assert_null (result.result); /* the group on 2 hangs */
  engine_fixture_set_interface (self, 2, FALSE);
  assert_updated (&result);
  engine_assert_published (self, "+1 subtypes of a on 1\n+1 subtypes of a on 2\n"
                                 "-a 80 on 2\n-1 subtypes of a on 2\n-1 subtypes of a on 2\n"
                                 "txt a on 1\nsrv a 81 on 1\n-1 subtypes of a on 1\n");
  assert_int_equal (sim_net_count_seen (self->net, 1, "_blue._sub._http._tcp"), 2);
}

static void
change_under_way_when_all_interfaces_change_begins_again (void **state)
{
  EngineFixture *self = *state;
  TestResult result = { NULL };

  interfaces_establish (self, FALSE);
  begin_update (self, NULL, &result);
  sim_net_set_up (self->net, 2, TRUE);
  interfaces_set (self, 1, FALSE);
  sim_net_set_groups (self->net, SIM_GROUPS_PROBE);
  assert_updated (&result);
  engine_fixture_wait_quiet (self);
  engine_assert_published (self, "+1 subtypes of a on 1\n"
                                 "-1 subtypes of a on 1\n-a 80 on 1\n-1 subtypes of a on 1\n"
                                 "+a 80 on 2\n+1 subtypes of a on 2\n"
                                 "+1 subtypes of a on 2\ntxt a on 2\nsrv a 81 on 2\n"
                                 "-1 subtypes of a on 2\n");
}

static void
change_that_is_cancelled_lets_the_new_interface_go_on (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  TestResult result = { NULL };
  g_autoptr (GError) error = NULL;

  interfaces_establish (self, FALSE);
  begin_update (self, cancellable, &result);
  interfaces_set (self, 2, TRUE);
  g_cancellable_cancel (cancellable);
  assert_false (engine_wait_done (&result, &error));
  test_assert_error (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, NULL);
  sim_net_set_groups (self->net, SIM_GROUPS_PROBE);
  engine_fixture_wait_quiet (self);
  engine_assert_published (self, "+1 subtypes of a on 1\n-1 subtypes of a on 1\n"
                                 "+a 80 on 2\n+1 subtypes of a on 2\n");
  assert_int_equal (interfaces_count (self, 1), 1);
  assert_int_equal (interfaces_count (self, 2), 1);
}

static void
change_that_fails_lets_the_new_interface_go_on (void **state)
{
  EngineFixture *self = *state;
  TestResult result = { NULL };
  g_autoptr (GError) error = NULL;

  interfaces_establish (self, FALSE);
  begin_update (self, NULL, &result);
  interfaces_set (self, 2, TRUE);
  sim_net_set_refuse_updates (self->net, SIM_REFUSE_ALL);
  sim_net_set_groups (self->net, SIM_GROUPS_PROBE);
  assert_false (engine_wait_done (&result, &error));
  test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_FAILED, "refused");
  engine_fixture_wait_quiet (self);
  engine_assert_published (self, "+1 subtypes of a on 1\n-1 subtypes of a on 1\n"
                                 "+a 80 on 2\n+1 subtypes of a on 2\n");
  assert_int_equal (interfaces_count (self, 1), 1);
  assert_int_equal (interfaces_count (self, 2), 1);
}

static void
change_whose_groups_hang_is_tried_anew (void **state)
{
  EngineFixture *self = *state;
  TestResult result = { NULL };

  engine_register_wait (self, engine_registration ("a", 80, "red"));
  begin_update (self, NULL, &result);
  sim_net_hang_groups (self->net);
  sim_net_set_groups (self->net, SIM_GROUPS_PROBE);
  assert_updated (&result);
  engine_assert_published (self, "+a 80\n+1 subtypes of a\n+1 subtypes of a\n-1 subtypes of a\n"
                                 "+1 subtypes of a\ntxt a\nsrv a 81\n-1 subtypes of a\n");
}

static void
change_that_waits_for_a_registration_fails_as_that_does (void **state)
{
  EngineFixture *self = *state;
  TestResult registered = { NULL };
  TestResult updated = { NULL };
  g_autoptr (GError) error = NULL;

  engine_fixture_wait_running (self);
  sim_net_set_groups (self->net, SIM_GROUPS_HOLD);
  engine_register (self, engine_registration ("a", 80, NULL), NULL, &registered);
  engine_update (self, "a", engine_registration ("a", 81, NULL), NULL, &updated);
  sim_net_set_groups (self->net, SIM_GROUPS_FAIL);
  assert_null (engine_wait_id (&registered, &error));
  test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_LIMIT, "too many groups");
  assert_false (engine_wait_done (&updated, &error));
  test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_LIMIT, "too many groups");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    engine_test (change_under_way_applies_to_an_interface_that_comes_too),
    engine_test (change_asked_for_while_an_interface_is_new_applies_to_both),
    engine_test (change_waiting_for_an_interface_that_goes_is_not_kept_waiting),
    engine_test (change_under_way_on_an_interface_that_goes_ends_on_the_others),
    engine_test (change_under_way_when_all_interfaces_change_begins_again),
    engine_test (change_that_is_cancelled_lets_the_new_interface_go_on),
    engine_test (change_that_fails_lets_the_new_interface_go_on),
    engine_test (change_whose_groups_hang_is_tried_anew),
    engine_test (change_that_waits_for_a_registration_fails_as_that_does),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
