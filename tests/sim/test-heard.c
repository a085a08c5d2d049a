/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names that are followed by ear, in simulated time: what is announced is heard, what is not is
 * found by asking, and where nothing is heard record browsers do it. */
#include "disco-label-private.h"
#include "engine-fixture.h"
#include "sim-clock.h"

#define HOST "host.local"
/* Its A and AAAA records are browsed, whatever is heard. */
#define N_HOST_BROWSERS 2
/* A change that is heard is told within that time. */
#define AT_ONCE_US (20 * G_TIME_SPAN_MILLISECOND)
#define SETTLE_US (10 * G_TIME_SPAN_SECOND)
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

static const SimService web = { "a", "_http._tcp", HOST, 80, "disco.id=a|x=1|", NULL };
static const SimService web_changed = { "a", "_http._tcp", HOST, 80, "disco.id=a|x=2|", NULL };
static const SimService web_moved = { "a", "_http._tcp", HOST, 81, "disco.id=a|x=1|", NULL };

typedef struct
{
  EngineFixture *engine;
  EngineReader *reader;
  GString *told; /* (owned): what "a" was, one after the other: "80 x=1, 81 x=1, " */
} Fixture;

/* --- what is told --- */

/* "80 x=1", "80" without the attribute, or "" where it is not known. (transfer full) */
static char *
describe (Fixture *self, const char *id)
{
  DiscoInstance *instance = test_reader_get (&self->reader->known, id);
  GBytes *x;

  if (instance == NULL)
    return g_strdup ("");
  x = disco_instance_get_attribute (instance, "x", NULL);
  if (x == NULL)
    return g_strdup_printf ("%u", disco_instance_get_port (instance));
  return g_strdup_printf ("%u x=%.*s", disco_instance_get_port (instance),
                          (int)g_bytes_get_size (x), (const char *)g_bytes_get_data (x, NULL));
}

static void
note (Fixture *self)
{
  g_autofree char *now = describe (self, "a");
  g_autofree char *end = g_strconcat (now, ", ", NULL);

  if (!g_str_has_suffix (self->told->str, end))
    g_string_append (self->told, end);
}

/* Since the last time */
static void
assert_told (Fixture *self, const char *expected)
{
  assert_string_equal (self->told->str, expected);
  g_string_truncate (self->told, 0);
}

/* --- time --- */

static void
read_events (Fixture *self)
{
  g_autoptr (GPtrArray) events = disco_event_queue_take (self->reader->queue);

  if (events == NULL)
    return;
  test_reader_replay (&self->reader->known, events);
  note (self);
}

/* Lets that time pass. */
static void
run (Fixture *self, gint64 us)
{
  const gint64 end = sim_clock_get () + us;

  while (TRUE)
    {
      gint64 left = sim_clock_iterate (self->engine->context);

      if (left == 0)
        continue;
      read_events (self);
      left = left == -1 ? us : left;
      if (sim_clock_get () + left > end)
        break;
      sim_clock_advance (left);
    }
  sim_clock_advance (end - sim_clock_get ());
}

/* --- what is known --- */

static void
assert_known (Fixture *self, const char *id, const char *expected)
{
  g_autofree char *known = describe (self, id);

  assert_string_equal (known, expected);
}

static guint
n_browsers (Fixture *self)
{
  return sim_net_get_n_made (self->engine->net, SIM_BROWSE_RECORDS) - N_HOST_BROWSERS;
}

static guint
n_live_browsers (Fixture *self)
{
  return sim_net_get_n_live (self->engine->net, SIM_BROWSE_RECORDS) - N_HOST_BROWSERS;
}

static guint
n_asked (Fixture *self)
{
  return sim_net_get_n_asked (self->engine->net);
}

/* Without a word that is heard past the responder, as if it were lost */
static void
lose (Fixture *self, const SimService *old, const SimService *new)
{
  sim_net_set_unreachable (self->engine->net, TRUE);
  sim_net_remove_srv (self->engine->net, 1, old);
  sim_net_remove_txt (self->engine->net, 1, old);
  if (new != NULL)
    {
      sim_net_add_srv (self->engine->net, 1, new);
      sim_net_add_txt (self->engine->net, 1, new);
    }
  sim_net_set_unreachable (self->engine->net, FALSE);
}

/* --- the fixture --- */

static int
set_up (void **state)
{
  Fixture *self = g_new0 (Fixture, 1);
  void *engine;

  engine_fixture_set_up (&engine);
  self->engine = engine;
  engine_fixture_restrict_to_net (self->engine, TRUE);
  sim_clock_adopt (self->engine->context);
  sim_net_set_local_ears (self->engine->net, TRUE);
  sim_net_add_address (self->engine->net, DISCO_LINK_ANY, HOST, "192.0.2.1");
  self->reader = engine_reader_new (self->engine, "http");
  self->told = g_string_new (NULL);
  *state = self;
  return 0;
}

static int
tear_down (void **state)
{
  Fixture *self = *state;
  void *engine = self->engine;

  engine_fixture_tear_down (&engine);
  g_string_free (self->told, TRUE);
  g_free (self);
  return 0;
}

#define heard_test(test) cmocka_unit_test_setup_teardown (test, set_up, tear_down)

/* It is known before, as the responder remembers it, and nothing was heard of it. */
static void
know (Fixture *self, int ifindex, const SimService *service)
{
  sim_net_set_unreachable (self->engine->net, TRUE);
  sim_net_announce (self->engine->net, ifindex, service);
  sim_net_set_unreachable (self->engine->net, FALSE);
}

/* As know() */
static void
announce_many (Fixture *self)
{
  for (guint i = 0; i < N_NAMES; i++)
    {
      g_autofree char *label = g_strdup_printf ("n%u", i);
      SimService service = web;
      service.label = label;
      service.txt = "x=1|";
      know (self, 1, &service);
    }
}

/* --- what is heard --- */

static void
change_is_told_at_once_and_costs_the_responder_nothing (void **state)
{
  Fixture *self = *state;

  know (self, 1, &web);
  run (self, SETTLE_US);
  assert_known (self, "a", "80 x=1");
  /* whether it can be heard at all */
  assert_int_equal (n_asked (self), 1);
  sim_net_add_txt (self->engine->net, 1, &web_changed);
  sim_net_remove_txt (self->engine->net, 1, &web);
  run (self, AT_ONCE_US);
  assert_known (self, "a", "80 x=2");
  sim_net_add_srv (self->engine->net, 1, &web_moved);
  sim_net_remove_srv (self->engine->net, 1, &web);
  run (self, AT_ONCE_US);
  assert_told (self, "80 x=1, 80 x=2, 81 x=2, ");
  assert_int_equal (n_browsers (self), 0);
  assert_int_equal (sim_net_get_n_made (self->engine->net, SIM_RESOLVE), 1);
}

static void
name_that_is_heard_of_is_not_asked_for (void **state)
{
  Fixture *self = *state;

  sim_net_announce (self->engine->net, 1, &web);
  for (guint i = 0; i < 10; i++)
    {
      run (self, SILENCE_US / 2);
      sim_net_add_srv (self->engine->net, 1, &web);
      sim_net_add_txt (self->engine->net, 1, &web);
    }
  run (self, SILENCE_US - G_TIME_SPAN_SECOND);
  assert_true (n_asked (self) <= 1);
  run (self, 2 * G_TIME_SPAN_SECOND);
  assert_int_equal (n_asked (self), 2);
  assert_int_equal (n_browsers (self), 0);
}

static const SimService second = { "b", "_http._tcp", HOST, 82, "disco.id=b|", NULL };

/* Where others were heard, what comes later is announced, or was. */
static void
name_that_comes_later_is_not_asked_for (void **state)
{
  Fixture *self = *state;

  know (self, 1, &web);
  run (self, SETTLE_US);
  assert_int_equal (n_asked (self), 1);
  know (self, 1, &second);
  run (self, SETTLE_US);
  assert_int_equal (n_asked (self), 1);
  assert_int_equal (n_browsers (self), 0);
}

/* It is heard by way of this host alone, which need not be on the network that its responder is. */
static void
what_this_host_announces_does_not_tell_that_others_are_heard (void **state)
{
  Fixture *self = *state;
  TestResult result = { NULL };
  guint before;

  engine_register (self->engine, engine_registration ("own", 80, NULL), NULL, &result);
  run (self, SETTLE_US);
  before = n_live_browsers (self);
  sim_net_set_mute (self->engine->net, &web, TRUE);
  know (self, 1, &web);
  run (self, SETTLE_US);
  assert_int_equal (n_live_browsers (self), before + N_HOST_BROWSERS + 2);
  g_free (engine_wait_id (&result, NULL));
}

static void
change_that_was_not_heard_is_found_by_asking (void **state)
{
  Fixture *self = *state;

  know (self, 1, &web);
  run (self, SETTLE_US);
  lose (self, &web, &web_changed);
  run (self, SILENCE_US);
  assert_known (self, "a", "80 x=2");
  assert_int_equal (n_browsers (self), 0);
  assert_int_equal (sim_net_get_n_made (self->engine->net, SIM_RESOLVE), 1);
}

/* Its program has died, and its host has not: the name is still announced. */
static void
name_whose_records_are_not_heard_any_more_goes (void **state)
{
  Fixture *self = *state;

  know (self, 1, &web);
  run (self, SETTLE_US);
  lose (self, &web, NULL);
  run (self, SILENCE_US - SETTLE_US);
  assert_known (self, "a", "80 x=1");
  run (self, SETTLE_US + N_QUESTIONS * PATIENCE_US + BROWSE_US + LOST_US);
  assert_known (self, "a", "");
  assert_int_equal (n_asked (self), 1 + N_QUESTIONS);
  assert_int_equal (n_browsers (self), 2);
  /* and comes back */
  sim_net_add_srv (self->engine->net, 1, &web_moved);
  sim_net_add_txt (self->engine->net, 1, &web_moved);
  run (self, AT_ONCE_US);
  assert_known (self, "a", "81 x=1");
}

static void
text_that_is_heard_to_go_is_asked_for_and_then_browsed (void **state)
{
  Fixture *self = *state;

  know (self, 1, &web);
  run (self, SETTLE_US);
  sim_net_remove_txt (self->engine->net, 1, &web);
  run (self, G_TIME_SPAN_SECOND);
  assert_int_equal (n_asked (self), 1);
  run (self, PATIENCE_US + N_QUESTIONS * PATIENCE_US + BROWSE_US);
  assert_int_equal (n_asked (self), 1 + N_QUESTIONS);
  assert_int_equal (n_browsers (self), 2);
  assert_known (self, "a._http._tcp.local", "80");
}

static void
name_that_takes_leave_is_not_asked_for (void **state)
{
  Fixture *self = *state;

  know (self, 1, &web);
  run (self, SETTLE_US);
  sim_net_withdraw (self->engine->net, 1, &web);
  run (self, 2 * SILENCE_US);
  assert_known (self, "a", "");
  assert_int_equal (n_asked (self), 1);
  assert_int_equal (n_browsers (self), 0);
}

/* --- what was heard before the responder has shown the name --- */

static const SimService web_elsewhere = { "a", "_ipp._tcp", HOST, 80, "x=1|", NULL };

static guint
n_resolved (Fixture *self)
{
  return sim_net_get_n_made (self->engine->net, SIM_RESOLVE);
}

/* Past the responder, which has shown nothing yet */
static void
say (Fixture *self, const SimService *service)
{
  sim_net_add_srv (self->engine->net, 1, service);
  sim_net_add_txt (self->engine->net, 1, service);
  run (self, G_TIME_SPAN_SECOND);
}

static void
show (Fixture *self)
{
  sim_net_add_ptr (self->engine->net, 1, "a", "_http._tcp");
  run (self, SETTLE_US);
}

static void
name_that_was_heard_before_need_not_be_asked_for (void **state)
{
  Fixture *self = *state;

  run (self, SETTLE_US);
  say (self, &web);
  assert_known (self, "a", "");
  show (self);
  assert_told (self, "80 x=1, ");
  assert_int_equal (n_resolved (self), 0);
  /* it tells that others would be heard there */
  know (self, 1, &second);
  run (self, SETTLE_US);
  assert_int_equal (n_asked (self), 0);
  /* and is followed */
  sim_net_add_txt (self->engine->net, 1, &web_changed);
  sim_net_remove_txt (self->engine->net, 1, &web);
  run (self, AT_ONCE_US);
  assert_known (self, "a", "80 x=2");
  assert_int_equal (n_asked (self), 0);
  assert_int_equal (n_browsers (self), 0);
}

static void
half_of_it_is_not_enough (void **state)
{
  Fixture *self = *state;

  run (self, SETTLE_US);
  sim_net_add_srv (self->engine->net, 1, &web);
  run (self, G_TIME_SPAN_SECOND);
  sim_net_set_unreachable (self->engine->net, TRUE);
  sim_net_add_txt (self->engine->net, 1, &web);
  show (self);
  assert_told (self, "80 x=1, ");
  assert_int_equal (n_resolved (self), 1);
}

static void
what_was_heard_long_ago_does_not_count (void **state)
{
  Fixture *self = *state;

  run (self, SETTLE_US);
  say (self, &web);
  lose (self, &web, &web_changed);
  run (self, SETTLE_US);
  show (self);
  assert_told (self, "80 x=2, ");
  assert_int_equal (n_resolved (self), 1);
}

static void
what_was_heard_over_a_lost_link_does_not_count (void **state)
{
  Fixture *self = *state;

  run (self, SETTLE_US);
  say (self, &web);
  engine_fixture_cut_link (self->engine);
  lose (self, &web, &web_changed);
  run (self, G_TIME_SPAN_SECOND);
  engine_fixture_restore_link (self->engine);
  show (self);
  assert_told (self, "80 x=2, ");
  assert_int_equal (n_resolved (self), 1);
}

static void
what_was_heard_before_an_interface_was_left_does_not_count (void **state)
{
  Fixture *self = *state;

  run (self, SETTLE_US);
  say (self, &web);
  engine_fixture_set_interface (self->engine, 1, FALSE);
  run (self, G_TIME_SPAN_SECOND);
  lose (self, &web, &web_changed);
  engine_fixture_set_interface (self->engine, 1, TRUE);
  run (self, G_TIME_SPAN_SECOND);
  show (self);
  assert_told (self, "80 x=2, ");
  assert_int_equal (n_resolved (self), 1);
}

static void
what_was_taken_does_not_count_for_the_next_of_that_name (void **state)
{
  Fixture *self = *state;

  run (self, SETTLE_US);
  say (self, &web);
  sim_net_add_ptr (self->engine->net, 1, "a", "_http._tcp");
  run (self, G_TIME_SPAN_SECOND);
  assert_known (self, "a", "80 x=1");
  sim_net_set_unreachable (self->engine->net, TRUE);
  sim_net_withdraw (self->engine->net, 1, &web);
  run (self, G_TIME_SPAN_SECOND);
  sim_net_announce (self->engine->net, 1, &web_changed);
  run (self, G_TIME_SPAN_SECOND);
  assert_known (self, "a", "80 x=2");
}

/* A subtype is a service of its own, with the same names. */
static void
all_that_look_for_a_name_take_what_was_heard (void **state)
{
  Fixture *self = *state;
  EngineReader *other = engine_reader_new (self->engine, "_web._sub._http._tcp");

  run (self, SETTLE_US);
  say (self, &web);
  sim_net_add_ptr (self->engine->net, 1, "a", "_web._sub._http._tcp");
  run (self, G_TIME_SPAN_SECOND);
  show (self);
  engine_reader_wait_known (other, "a", 80);
  assert_known (self, "a", "80 x=1");
  assert_int_equal (n_resolved (self), 0);
}

/* What the other looks for keeps the listener open. */
static void
who_looks_later_does_not_take_what_has_changed_since (void **state)
{
  Fixture *self = *state;
  EngineReader *other = engine_reader_new (self->engine, "ipp");

  run (self, SETTLE_US);
  say (self, &web);
  engine_reader_free (self->reader);
  self->reader = other;
  run (self, G_TIME_SPAN_SECOND);
  sim_net_add_txt (self->engine->net, 1, &web_changed);
  sim_net_remove_txt (self->engine->net, 1, &web);
  run (self, G_TIME_SPAN_SECOND);
  self->reader = engine_reader_new (self->engine, "http");
  show (self);
  assert_told (self, "80 x=2, ");
}

static gboolean
is_awaited (Fixture *self, const SimService *service, int ifindex)
{
  g_autofree char *name = disco_full_name_join (service->label, service->type, "local");

  return disco_engine_awaits (self->engine->engine, name, ifindex, DISCO_LINK_IPV4);
}

static void
names_of_services_that_nobody_looks_for_are_not_kept (void **state)
{
  Fixture *self = *state;

  run (self, SETTLE_US);
  assert_true (is_awaited (self, &web, 1));
  assert_false (is_awaited (self, &web_elsewhere, 1));
  sim_net_announce (self->engine->net, 1, &web);
  run (self, SETTLE_US);
  assert_false (is_awaited (self, &web, 1));
  assert_true (is_awaited (self, &web, 2));
}

/* --- where nothing is heard --- */

static void
names_that_cannot_be_heard_have_record_browsers (void **state)
{
  Fixture *self = *state;

  announce_many (self);
  sim_net_set_unreachable (self->engine->net, TRUE);
  run (self, 2 * SETTLE_US);
  assert_int_equal (n_browsers (self), 2 * N_NAMES);
  /* and are followed by them from then on */
  sim_net_set_unreachable (self->engine->net, FALSE);
  run (self, 2 * SILENCE_US);
  assert_int_equal (n_browsers (self), 2 * N_NAMES);
  assert_int_equal (n_asked (self), 0);
}

/* What was said of them until then is asked for. */
static void
names_that_came_before_anything_could_be_heard_are_asked_for (void **state)
{
  Fixture *self = *state;

  sim_net_set_deaf (self->engine->net, TRUE);
  announce_many (self);
  know (self, 1, &web);
  run (self, G_TIME_SPAN_SECOND / 5);
  assert_known (self, "a", "80 x=1");
  lose (self, &web, &web_changed);
  sim_net_set_deaf (self->engine->net, FALSE);
  run (self, SETTLE_US);
  assert_int_equal (n_asked (self), N_NAMES + 1);
  assert_known (self, "a", "80 x=2");
  assert_int_equal (n_browsers (self), 0);
}

static void
names_that_are_heard_again_have_none_any_more (void **state)
{
  Fixture *self = *state;

  sim_net_set_unreachable (self->engine->net, TRUE);
  sim_net_announce (self->engine->net, 1, &web);
  run (self, SETTLE_US);
  assert_int_equal (n_live_browsers (self), 2);
  sim_net_set_unreachable (self->engine->net, FALSE);
  sim_net_add_srv (self->engine->net, 1, &web_moved);
  sim_net_remove_srv (self->engine->net, 1, &web);
  run (self, AT_ONCE_US);
  assert_int_equal (n_live_browsers (self), 2);
  sim_net_add_txt (self->engine->net, 1, &web_changed);
  sim_net_remove_txt (self->engine->net, 1, &web);
  run (self, AT_ONCE_US);
  assert_int_equal (n_live_browsers (self), 0);
  assert_told (self, "80 x=1, 81 x=1, 81 x=2, ");
}

/* As where a switch begins to keep multicast from us */
static void
names_that_are_not_heard_any_more_have_record_browsers (void **state)
{
  Fixture *self = *state;

  announce_many (self);
  run (self, SETTLE_US);
  assert_int_equal (n_browsers (self), 0);
  sim_net_set_unreachable (self->engine->net, TRUE);
  run (self, SILENCE_US - SETTLE_US);
  assert_int_equal (n_browsers (self), 0);
  run (self, N_QUESTIONS * PATIENCE_US + 2 * SETTLE_US);
  assert_int_equal (n_browsers (self), 2 * N_NAMES);
}

static void
responder_that_lets_nobody_listen_is_asked_at_once (void **state)
{
  Fixture *self = *state;

  sim_net_set_local_ears (self->engine->net, FALSE);
  sim_net_announce (self->engine->net, 1, &web);
  run (self, BROWSE_US);
  assert_int_equal (n_browsers (self), 2);
  assert_int_equal (n_asked (self), 0);
}

/* --- interfaces --- */

/* The lowest interface that shows the name rules. */
static void
other_interface_takes_over (void **state)
{
  Fixture *self = *state;

  know (self, 2, &web_moved);
  know (self, 1, &web);
  run (self, SETTLE_US);
  assert_known (self, "a", "80 x=1");
  sim_net_add_txt (self->engine->net, 2, &web_changed);
  sim_net_remove_txt (self->engine->net, 2, &web_moved);
  run (self, SETTLE_US);
  assert_known (self, "a", "80 x=1");
  engine_fixture_set_interface (self->engine, 1, FALSE);
  run (self, G_TIME_SPAN_SECOND);
  engine_fixture_set_interface (self->engine, 1, TRUE);
  run (self, G_TIME_SPAN_SECOND);
  assert_told (self, "80 x=1, 81 x=2, 80 x=1, ");
  assert_int_equal (n_browsers (self), 0);
}

/* Of that, nothing is heard. */
static void
what_was_heard_where_the_name_has_gone_is_forgotten (void **state)
{
  Fixture *self = *state;

  sim_net_announce (self->engine->net, 1, &web);
  sim_net_announce (self->engine->net, 2, &web_moved);
  run (self, SETTLE_US);
  sim_net_set_unreachable (self->engine->net, TRUE);
  sim_net_withdraw (self->engine->net, 1, &web);
  run (self, G_TIME_SPAN_SECOND);
  sim_net_announce (self->engine->net, 1, &web_changed);
  run (self, G_TIME_SPAN_SECOND);
  assert_told (self, "80 x=1, 81 x=1, 80 x=2, ");
  assert_int_equal (n_browsers (self), 0);
}

/* --- many --- */

static void
names_are_asked_for_in_turn_once_in_a_while (void **state)
{
  Fixture *self = *state;
  guint worst = 0;
  guint before;

  announce_many (self);
  run (self, SETTLE_US);
  before = n_asked (self);
  /* whether they are heard at all: those that answer tell it for the others */
  assert_int_equal (before, N_A_PACKET);
  for (guint i = 0; i < 10 * SILENCE_US / G_TIME_SPAN_SECOND; i++)
    {
      const guint n = n_asked (self);
      run (self, G_TIME_SPAN_SECOND);
      worst = MAX (worst, n_asked (self) - n);
    }
  assert_int_equal (n_asked (self) - before, 10 * N_A_PACKET);
  assert_int_equal (worst, N_A_PACKET);
  assert_int_equal (n_browsers (self), 0);
  assert_known (self, "n0._http._tcp.local", "80 x=1");
}

/* A packet in three minutes, so this takes four of them. */
static void
change_of_one_of_many_that_was_not_heard_is_found_in_turn (void **state)
{
  Fixture *self = *state;

  announce_many (self);
  know (self, 1, &web);
  run (self, SETTLE_US);
  lose (self, &web, &web_changed);
  run (self, (N_NAMES / N_A_PACKET + 1) * SILENCE_US);
  assert_known (self, "a", "80 x=2");
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
    heard_test (name_that_takes_leave_is_not_asked_for),
    heard_test (name_that_was_heard_before_need_not_be_asked_for),
    heard_test (half_of_it_is_not_enough),
    heard_test (what_was_heard_long_ago_does_not_count),
    heard_test (what_was_heard_over_a_lost_link_does_not_count),
    heard_test (what_was_heard_before_an_interface_was_left_does_not_count),
    heard_test (what_was_taken_does_not_count_for_the_next_of_that_name),
    heard_test (all_that_look_for_a_name_take_what_was_heard),
    heard_test (who_looks_later_does_not_take_what_has_changed_since),
    heard_test (names_of_services_that_nobody_looks_for_are_not_kept),
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
