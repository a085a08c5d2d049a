/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What was heard of a name before the responder has shown it, in simulated time: it need not be
 * asked for, as long as nothing else can have been said since. */
#include "disco-label-private.h"
#include "heard-fixture.h"

static const SimService web_elsewhere = { "a", "_ipp._tcp", "host.local", 80, "x=1|", NULL };

/* Past the responder, which has shown nothing yet */
static void
say (HeardFixture *self, const SimService *service)
{
  sim_net_add_srv (self->engine->net, 1, service);
  sim_net_add_txt (self->engine->net, 1, service);
  heard_run (self, G_TIME_SPAN_SECOND);
}

static void
show (HeardFixture *self)
{
  sim_net_add_ptr (self->engine->net, 1, "a", "_http._tcp");
  heard_run (self, HEARD_SETTLE_US);
}

static void
name_that_was_heard_before_need_not_be_asked_for (void **state)
{
  HeardFixture *self = *state;

  heard_run (self, HEARD_SETTLE_US);
  say (self, &heard_web);
  heard_assert_known (self, "a", "");
  show (self);
  heard_assert_told (self, "80 x=1, ");
  assert_int_equal (heard_n_resolved (self), 0);
  /* it tells that others would be heard there */
  heard_know (self, 1, &heard_second);
  heard_run (self, HEARD_SETTLE_US);
  assert_int_equal (heard_n_asked (self), 0);
  /* and is followed */
  sim_net_add_txt (self->engine->net, 1, &heard_web_changed);
  sim_net_remove_txt (self->engine->net, 1, &heard_web);
  heard_run (self, HEARD_AT_ONCE_US);
  heard_assert_known (self, "a", "80 x=2");
  assert_int_equal (heard_n_asked (self), 0);
  assert_int_equal (heard_n_browsers (self), 0);
}

static void
half_of_it_is_not_enough (void **state)
{
  HeardFixture *self = *state;

  heard_run (self, HEARD_SETTLE_US);
  sim_net_add_srv (self->engine->net, 1, &heard_web);
  heard_run (self, G_TIME_SPAN_SECOND);
  sim_net_set_unreachable (self->engine->net, TRUE);
  sim_net_add_txt (self->engine->net, 1, &heard_web);
  show (self);
  heard_assert_told (self, "80 x=1, ");
  assert_int_equal (heard_n_resolved (self), 1);
}

static void
what_was_heard_long_ago_does_not_count (void **state)
{
  HeardFixture *self = *state;

  heard_run (self, HEARD_SETTLE_US);
  say (self, &heard_web);
  heard_lose (self, &heard_web, &heard_web_changed);
  heard_run (self, HEARD_SETTLE_US);
  show (self);
  heard_assert_told (self, "80 x=2, ");
  assert_int_equal (heard_n_resolved (self), 1);
}

static void
what_was_heard_over_a_lost_link_does_not_count (void **state)
{
  HeardFixture *self = *state;

  heard_run (self, HEARD_SETTLE_US);
  say (self, &heard_web);
  engine_fixture_cut_link (self->engine);
  heard_lose (self, &heard_web, &heard_web_changed);
  heard_run (self, G_TIME_SPAN_SECOND);
  engine_fixture_restore_link (self->engine);
  show (self);
  heard_assert_told (self, "80 x=2, ");
  assert_int_equal (heard_n_resolved (self), 1);
}

static void
what_was_heard_before_an_interface_was_left_does_not_count (void **state)
{
  HeardFixture *self = *state;

  heard_run (self, HEARD_SETTLE_US);
  say (self, &heard_web);
  engine_fixture_set_interface (self->engine, 1, FALSE);
  heard_run (self, G_TIME_SPAN_SECOND);
  heard_lose (self, &heard_web, &heard_web_changed);
  engine_fixture_set_interface (self->engine, 1, TRUE);
  heard_run (self, G_TIME_SPAN_SECOND);
  show (self);
  heard_assert_told (self, "80 x=2, ");
  assert_int_equal (heard_n_resolved (self), 1);
}

static void
what_was_taken_does_not_count_for_the_next_of_that_name (void **state)
{
  HeardFixture *self = *state;

  heard_run (self, HEARD_SETTLE_US);
  say (self, &heard_web);
  sim_net_add_ptr (self->engine->net, 1, "a", "_http._tcp");
  heard_run (self, G_TIME_SPAN_SECOND);
  heard_assert_known (self, "a", "80 x=1");
  sim_net_set_unreachable (self->engine->net, TRUE);
  sim_net_withdraw (self->engine->net, 1, &heard_web);
  heard_run (self, G_TIME_SPAN_SECOND);
  sim_net_announce (self->engine->net, 1, &heard_web_changed);
  heard_run (self, G_TIME_SPAN_SECOND);
  heard_assert_known (self, "a", "80 x=2");
}

/* A subtype is a service of its own, with the same names. */
static void
all_that_look_for_a_name_take_what_was_heard (void **state)
{
  HeardFixture *self = *state;
  EngineReader *other = engine_reader_new (self->engine, "_web._sub._http._tcp");

  heard_run (self, HEARD_SETTLE_US);
  say (self, &heard_web);
  sim_net_add_ptr (self->engine->net, 1, "a", "_web._sub._http._tcp");
  heard_run (self, G_TIME_SPAN_SECOND);
  show (self);
  engine_reader_wait_known (other, "a", 80);
  heard_assert_known (self, "a", "80 x=1");
  assert_int_equal (heard_n_resolved (self), 0);
}

/* What the other looks for keeps the listener open. */
static void
who_looks_later_does_not_take_what_has_changed_since (void **state)
{
  HeardFixture *self = *state;
  EngineReader *other = engine_reader_new (self->engine, "ipp");

  heard_run (self, HEARD_SETTLE_US);
  say (self, &heard_web);
  engine_reader_free (self->reader);
  self->reader = other;
  heard_run (self, G_TIME_SPAN_SECOND);
  sim_net_add_txt (self->engine->net, 1, &heard_web_changed);
  sim_net_remove_txt (self->engine->net, 1, &heard_web);
  heard_run (self, G_TIME_SPAN_SECOND);
  self->reader = engine_reader_new (self->engine, "http");
  show (self);
  heard_assert_told (self, "80 x=2, ");
}

static gboolean
is_awaited (HeardFixture *self, const SimService *service, int ifindex)
{
  g_autofree char *name = disco_full_name_join (service->label, service->type, "local");

  return disco_engine_awaits (self->engine->engine, name, ifindex, DISCO_LINK_IPV4);
}

static void
names_of_services_that_nobody_looks_for_are_not_kept (void **state)
{
  HeardFixture *self = *state;

  heard_run (self, HEARD_SETTLE_US);
  assert_true (is_awaited (self, &heard_web, 1));
  assert_false (is_awaited (self, &web_elsewhere, 1));
  sim_net_announce (self->engine->net, 1, &heard_web);
  heard_run (self, HEARD_SETTLE_US);
  assert_false (is_awaited (self, &heard_web, 1));
  assert_true (is_awaited (self, &heard_web, 2));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    heard_test (name_that_was_heard_before_need_not_be_asked_for),
    heard_test (half_of_it_is_not_enough),
    heard_test (what_was_heard_long_ago_does_not_count),
    heard_test (what_was_heard_over_a_lost_link_does_not_count),
    heard_test (what_was_heard_before_an_interface_was_left_does_not_count),
    heard_test (what_was_taken_does_not_count_for_the_next_of_that_name),
    heard_test (all_that_look_for_a_name_take_what_was_heard),
    heard_test (who_looks_later_does_not_take_what_has_changed_since),
    heard_test (names_of_services_that_nobody_looks_for_are_not_kept),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
