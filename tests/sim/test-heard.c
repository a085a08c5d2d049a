/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names that are followed by ear, in simulated time: what is announced is heard, what is not is
 * found by asking, and where nothing is heard record browsers do it. */
#include "heard-fixture.h"

/* After as much silence a name is asked for. */
#define SILENCE_US (3 * G_TIME_SPAN_MINUTE)
/* Questions in vain until it is missed, and the time between them */
#define N_QUESTIONS 3
#define PATIENCE_US (1500 * G_TIME_SPAN_MILLISECOND)
/* Until a record browser is started, and has shown what there is */
#define BROWSE_US (2 * G_TIME_SPAN_SECOND)
/* What has lost its SRV record is gone after that time. */
#define LOST_US (5 * G_TIME_SPAN_SECOND)
#define N_NAMES 200
/* At most as many are asked for in one go, which is a packet. */
#define N_A_PACKET 60

/* As heard_know() */
static void
announce_many (HeardFixture *self)
{
  for (guint i = 0; i < N_NAMES; i++)
    {
      g_autofree char *label = g_strdup_printf ("n%u", i);
      SimService service = heard_web;
      service.label = label;
      service.txt = "x=1|";
      heard_know (self, 1, &service);
    }
}

/* --- what is heard --- */

static void
change_is_told_at_once_and_costs_the_responder_nothing (void **state)
{
  HeardFixture *self = *state;

  heard_know (self, 1, &heard_web);
  heard_run (self, HEARD_SETTLE_US);
  heard_assert_known (self, "a", "80 x=1");
  /* whether it can be heard at all */
  assert_int_equal (heard_n_asked (self), 1);
  sim_net_add_txt (self->engine->net, 1, &heard_web_changed);
  sim_net_remove_txt (self->engine->net, 1, &heard_web);
  heard_run (self, HEARD_AT_ONCE_US);
  heard_assert_known (self, "a", "80 x=2");
  sim_net_add_srv (self->engine->net, 1, &heard_web_moved);
  sim_net_remove_srv (self->engine->net, 1, &heard_web);
  heard_run (self, HEARD_AT_ONCE_US);
  heard_assert_told (self, "80 x=1, 80 x=2, 81 x=2, ");
  assert_int_equal (heard_n_browsers (self), 0);
  assert_int_equal (heard_n_resolved (self), 1);
}

static void
name_that_is_heard_of_is_not_asked_for (void **state)
{
  HeardFixture *self = *state;

  sim_net_announce (self->engine->net, 1, &heard_web);
  for (guint i = 0; i < 10; i++)
    {
      heard_run (self, SILENCE_US / 2);
      sim_net_add_srv (self->engine->net, 1, &heard_web);
      sim_net_add_txt (self->engine->net, 1, &heard_web);
    }
  heard_run (self, SILENCE_US - G_TIME_SPAN_SECOND);
  assert_int_equal (heard_n_asked (self), 1);
  heard_run (self, 2 * G_TIME_SPAN_SECOND);
  assert_int_equal (heard_n_asked (self), 2);
  assert_int_equal (heard_n_browsers (self), 0);
}

/* Where others were heard, what comes later is announced, or was. */
static void
name_that_comes_later_is_not_asked_for (void **state)
{
  HeardFixture *self = *state;

  heard_know (self, 1, &heard_web);
  heard_run (self, HEARD_SETTLE_US);
  assert_int_equal (heard_n_asked (self), 1);
  heard_know (self, 1, &heard_second);
  heard_run (self, HEARD_SETTLE_US);
  assert_int_equal (heard_n_asked (self), 1);
  assert_int_equal (heard_n_browsers (self), 0);
}

/* It is heard by way of this host alone, which need not be on the network that its responder is. */
static void
what_this_host_announces_does_not_tell_that_others_are_heard (void **state)
{
  HeardFixture *self = *state;
  TestResult result = { NULL };
  guint before;

  engine_register (self->engine, engine_registration ("own", 80, NULL), NULL, &result);
  heard_run (self, HEARD_SETTLE_US);
  before = heard_n_live_browsers (self);
  sim_net_set_mute (self->engine->net, &heard_web, TRUE);
  heard_know (self, 1, &heard_web);
  heard_run (self, HEARD_SETTLE_US);
  assert_int_equal (heard_n_live_browsers (self), before + HEARD_N_HOST_BROWSERS + 2);
  g_free (engine_wait_id (&result, NULL));
}

static void
change_that_was_not_heard_is_found_by_asking (void **state)
{
  HeardFixture *self = *state;

  heard_know (self, 1, &heard_web);
  heard_run (self, HEARD_SETTLE_US);
  heard_lose (self, &heard_web, &heard_web_changed);
  heard_run (self, SILENCE_US);
  heard_assert_known (self, "a", "80 x=2");
  assert_int_equal (heard_n_browsers (self), 0);
  assert_int_equal (heard_n_resolved (self), 1);
}

/* Its program has died, and its host has not: the name is still announced. */
static void
name_whose_records_are_not_heard_any_more_goes (void **state)
{
  HeardFixture *self = *state;

  heard_know (self, 1, &heard_web);
  heard_run (self, HEARD_SETTLE_US);
  heard_lose (self, &heard_web, NULL);
  heard_run (self, SILENCE_US - HEARD_SETTLE_US);
  heard_assert_known (self, "a", "80 x=1");
  heard_run (self, HEARD_SETTLE_US + N_QUESTIONS * PATIENCE_US + BROWSE_US + LOST_US);
  heard_assert_known (self, "a", "");
  assert_int_equal (heard_n_asked (self), 1 + N_QUESTIONS);
  assert_int_equal (heard_n_browsers (self), 2);
  /* and comes back */
  sim_net_add_srv (self->engine->net, 1, &heard_web_moved);
  sim_net_add_txt (self->engine->net, 1, &heard_web_moved);
  heard_run (self, HEARD_AT_ONCE_US);
  heard_assert_known (self, "a", "81 x=1");
}

/* As heard_know(), and then its text goes */
static void
assert_text_goes (HeardFixture *self, const SimService *service)
{
  heard_know (self, 1, service);
  heard_run (self, HEARD_SETTLE_US);
  sim_net_remove_txt (self->engine->net, 1, service);
  heard_run (self, G_TIME_SPAN_SECOND);
  assert_int_equal (heard_n_asked (self), 1);
  heard_run (self, PATIENCE_US + N_QUESTIONS * PATIENCE_US + BROWSE_US);
  assert_int_equal (heard_n_asked (self), 1 + N_QUESTIONS);
  assert_int_equal (heard_n_browsers (self), 2);
  heard_assert_known (self, "a._http._tcp.local", "80");
}

static void
text_that_is_heard_to_go_is_asked_for_and_then_browsed (void **state)
{
  assert_text_goes (*state, &heard_web);
}

/* It has not one byte. */
static void
empty_text_that_is_heard_to_go_is_asked_for_and_then_browsed (void **state)
{
  const SimService plain = { "a", "_http._tcp", heard_web.host, 80, "", NULL };

  assert_text_goes (*state, &plain);
}

static void
name_that_takes_leave_is_not_asked_for (void **state)
{
  HeardFixture *self = *state;

  heard_know (self, 1, &heard_web);
  heard_run (self, HEARD_SETTLE_US);
  sim_net_withdraw (self->engine->net, 1, &heard_web);
  heard_run (self, 2 * SILENCE_US);
  heard_assert_known (self, "a", "");
  assert_int_equal (heard_n_asked (self), 1);
  assert_int_equal (heard_n_browsers (self), 0);
}

/* --- where nothing is heard --- */

static void
names_that_cannot_be_heard_have_record_browsers (void **state)
{
  HeardFixture *self = *state;

  announce_many (self);
  sim_net_set_unreachable (self->engine->net, TRUE);
  heard_run (self, 2 * HEARD_SETTLE_US);
  assert_int_equal (heard_n_browsers (self), 2 * N_NAMES);
  /* and are followed by them from then on */
  sim_net_set_unreachable (self->engine->net, FALSE);
  heard_run (self, 2 * SILENCE_US);
  assert_int_equal (heard_n_browsers (self), 2 * N_NAMES);
  assert_int_equal (heard_n_asked (self), 0);
}

/* What was said of them until then is asked for. */
static void
names_that_came_before_anything_could_be_heard_are_asked_for (void **state)
{
  HeardFixture *self = *state;

  sim_net_set_deaf (self->engine->net, TRUE);
  announce_many (self);
  heard_know (self, 1, &heard_web);
  heard_run (self, G_TIME_SPAN_SECOND / 5);
  heard_assert_known (self, "a", "80 x=1");
  heard_lose (self, &heard_web, &heard_web_changed);
  sim_net_set_deaf (self->engine->net, FALSE);
  heard_run (self, HEARD_SETTLE_US);
  assert_int_equal (heard_n_asked (self), N_NAMES + 1);
  heard_assert_known (self, "a", "80 x=2");
  assert_int_equal (heard_n_browsers (self), 0);
}

static void
names_that_are_heard_again_have_none_any_more (void **state)
{
  HeardFixture *self = *state;

  sim_net_set_unreachable (self->engine->net, TRUE);
  sim_net_announce (self->engine->net, 1, &heard_web);
  heard_run (self, HEARD_SETTLE_US);
  assert_int_equal (heard_n_live_browsers (self), 2);
  sim_net_set_unreachable (self->engine->net, FALSE);
  sim_net_add_srv (self->engine->net, 1, &heard_web_moved);
  sim_net_remove_srv (self->engine->net, 1, &heard_web);
  heard_run (self, HEARD_AT_ONCE_US);
  assert_int_equal (heard_n_live_browsers (self), 2);
  sim_net_add_txt (self->engine->net, 1, &heard_web_changed);
  sim_net_remove_txt (self->engine->net, 1, &heard_web);
  heard_run (self, HEARD_AT_ONCE_US);
  assert_int_equal (heard_n_live_browsers (self), 0);
  heard_assert_told (self, "80 x=1, 81 x=1, 81 x=2, ");
}

/* As where a switch begins to keep multicast from us */
static void
names_that_are_not_heard_any_more_have_record_browsers (void **state)
{
  HeardFixture *self = *state;

  announce_many (self);
  heard_run (self, HEARD_SETTLE_US);
  assert_int_equal (heard_n_browsers (self), 0);
  sim_net_set_unreachable (self->engine->net, TRUE);
  heard_run (self, SILENCE_US - HEARD_SETTLE_US);
  assert_int_equal (heard_n_browsers (self), 0);
  heard_run (self, N_QUESTIONS * PATIENCE_US + 2 * HEARD_SETTLE_US);
  assert_int_equal (heard_n_browsers (self), 2 * N_NAMES);
}

static void
responder_that_lets_nobody_listen_is_asked_at_once (void **state)
{
  HeardFixture *self = *state;

  sim_net_set_local_ears (self->engine->net, FALSE);
  sim_net_announce (self->engine->net, 1, &heard_web);
  heard_run (self, BROWSE_US);
  assert_int_equal (heard_n_browsers (self), 2);
  assert_int_equal (heard_n_asked (self), 0);
}

/* --- interfaces --- */

/* The lowest interface that shows the name rules. */
static void
other_interface_takes_over (void **state)
{
  HeardFixture *self = *state;

  heard_know (self, 2, &heard_web_moved);
  heard_know (self, 1, &heard_web);
  heard_run (self, HEARD_SETTLE_US);
  heard_assert_known (self, "a", "80 x=1");
  sim_net_add_txt (self->engine->net, 2, &heard_web_changed);
  sim_net_remove_txt (self->engine->net, 2, &heard_web_moved);
  heard_run (self, HEARD_SETTLE_US);
  heard_assert_known (self, "a", "80 x=1");
  engine_fixture_set_interface (self->engine, 1, FALSE);
  heard_run (self, G_TIME_SPAN_SECOND);
  engine_fixture_set_interface (self->engine, 1, TRUE);
  heard_run (self, G_TIME_SPAN_SECOND);
  heard_assert_told (self, "80 x=1, 81 x=2, 80 x=1, ");
  assert_int_equal (heard_n_browsers (self), 0);
}

/* Of that, nothing is heard. */
static void
what_was_heard_where_the_name_has_gone_is_forgotten (void **state)
{
  HeardFixture *self = *state;

  sim_net_announce (self->engine->net, 1, &heard_web);
  sim_net_announce (self->engine->net, 2, &heard_web_moved);
  heard_run (self, HEARD_SETTLE_US);
  sim_net_set_unreachable (self->engine->net, TRUE);
  sim_net_withdraw (self->engine->net, 1, &heard_web);
  heard_run (self, G_TIME_SPAN_SECOND);
  sim_net_announce (self->engine->net, 1, &heard_web_changed);
  heard_run (self, G_TIME_SPAN_SECOND);
  heard_assert_told (self, "80 x=1, 81 x=1, 80 x=2, ");
  assert_int_equal (heard_n_browsers (self), 0);
}

/* --- many --- */

static void
names_are_asked_for_in_turn_once_in_a_while (void **state)
{
  HeardFixture *self = *state;
  guint worst = 0;
  guint before;

  announce_many (self);
  heard_run (self, HEARD_SETTLE_US);
  before = heard_n_asked (self);
  /* whether they are heard at all: those that answer tell it for the others */
  assert_int_equal (before, N_A_PACKET);
  for (guint i = 0; i < 10 * SILENCE_US / G_TIME_SPAN_SECOND; i++)
    {
      const guint n = heard_n_asked (self);
      heard_run (self, G_TIME_SPAN_SECOND);
      worst = MAX (worst, heard_n_asked (self) - n);
    }
  assert_int_equal (heard_n_asked (self) - before, 10 * N_A_PACKET);
  assert_int_equal (worst, N_A_PACKET);
  assert_int_equal (heard_n_browsers (self), 0);
  heard_assert_known (self, "n0._http._tcp.local", "80 x=1");
}

/* A packet in three minutes, so this takes four of them. */
static void
change_of_one_of_many_that_was_not_heard_is_found_in_turn (void **state)
{
  HeardFixture *self = *state;

  announce_many (self);
  heard_know (self, 1, &heard_web);
  heard_run (self, HEARD_SETTLE_US);
  heard_lose (self, &heard_web, &heard_web_changed);
  heard_run (self, (N_NAMES / N_A_PACKET + 1) * SILENCE_US);
  heard_assert_known (self, "a", "80 x=2");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    heard_test (change_is_told_at_once_and_costs_the_responder_nothing),
    heard_test (name_that_is_heard_of_is_not_asked_for),
    heard_test (name_that_comes_later_is_not_asked_for),
    heard_test (what_this_host_announces_does_not_tell_that_others_are_heard),
    heard_test (change_that_was_not_heard_is_found_by_asking),
    heard_test (name_whose_records_are_not_heard_any_more_goes),
    heard_test (text_that_is_heard_to_go_is_asked_for_and_then_browsed),
    heard_test (empty_text_that_is_heard_to_go_is_asked_for_and_then_browsed),
    heard_test (name_that_takes_leave_is_not_asked_for),
    heard_test (names_that_cannot_be_heard_have_record_browsers),
    heard_test (names_that_came_before_anything_could_be_heard_are_asked_for),
    heard_test (names_that_are_heard_again_have_none_any_more),
    heard_test (names_that_are_not_heard_any_more_have_record_browsers),
    heard_test (responder_that_lets_nobody_listen_is_asked_at_once),
    heard_test (other_interface_takes_over),
    heard_test (what_was_heard_where_the_name_has_gone_is_forgotten),
    heard_test (names_are_asked_for_in_turn_once_in_a_while),
    heard_test (change_of_one_of_many_that_was_not_heard_is_found_in_turn),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
