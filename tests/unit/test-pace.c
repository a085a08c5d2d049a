/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-pace-private.h"
#include "test-support.h"

#define N_TURNS (2 * DISCO_PACE_MAX)
#define PROMPT_US G_TIME_SPAN_SECOND
#define LATE_US (3 * G_TIME_SPAN_SECOND)

/* Registrations, each of which is its own turn */
typedef struct
{
  DiscoPace *pace; /* (owned) */
  DiscoTurn turns[N_TURNS];
  gint64 now;
} Fixture;

static Fixture *fixture;

static void
begin (gpointer registration)
{
  assert_true (disco_pace_enter (fixture->pace, registration, registration, fixture->now));
}

static int
set_up (void **state)
{
  fixture = g_new0 (Fixture, 1);
  fixture->pace = disco_pace_new (begin);
  fixture->now = G_TIME_SPAN_HOUR;
  *state = fixture;
  return 0;
}

static int
tear_down (void **state)
{
  disco_pace_clear (fixture->pace);
  disco_pace_free (fixture->pace);
  g_clear_pointer (&fixture, g_free);
  return 0;
}

static guint
count_under_way (Fixture *self)
{
  guint n = 0;

  for (guint i = 0; i < N_TURNS; i++)
    n += self->turns[i].began_at != 0;
  return n;
}

/* How many go ahead, when all want to */
static guint
enter_all (Fixture *self)
{
  for (guint i = 0; i < N_TURNS; i++)
    disco_pace_enter (self->pace, &self->turns[i], &self->turns[i], self->now);
  return count_under_way (self);
}

/* So many of those that began earlier than now */
static void
arrive (Fixture *self, guint n)
{
  for (guint i = 0; i < N_TURNS && n > 0; i++)
    {
      if (self->turns[i].began_at == 0 || self->turns[i].began_at == self->now)
        continue;
      disco_pace_arrive (self->pace, &self->turns[i], self->now);
      n--;
    }
}

static void
next_in_turn_begins_when_one_arrives_or_leaves (void **state)
{
  Fixture *self = *state;
  DiscoTurn *waiting = &self->turns[DISCO_PACE_MAX];

  assert_int_equal (enter_all (self), DISCO_PACE_MAX);
  assert_false (disco_pace_enter (self->pace, waiting, waiting, self->now));
  disco_pace_arrive (self->pace, &self->turns[7], self->now);
  disco_pace_arrive (self->pace, &self->turns[7], self->now);
  assert_true (waiting->began_at != 0);
  disco_pace_leave (self->pace, waiting + 1);
  assert_true (waiting[1].began_at == 0);
  disco_pace_leave (self->pace, &self->turns[8]);
  assert_true (waiting[1].began_at == 0);
  assert_true (waiting[2].began_at != 0);
  assert_int_equal (count_under_way (self), DISCO_PACE_MAX);
}

static void
one_that_waits_begins_once_however_often_it_asks (void **state)
{
  Fixture *self = *state;

  enter_all (self);
  enter_all (self);
  for (guint i = 0; i < DISCO_PACE_MAX; i++)
    disco_pace_leave (self->pace, &self->turns[i]);
  assert_int_equal (count_under_way (self), N_TURNS - DISCO_PACE_MAX);
  self->now += PROMPT_US;
  arrive (self, N_TURNS);
  assert_int_equal (count_under_way (self), 0);
}

static void
round_of_late_ones_makes_it_half_as_many (void **state)
{
  Fixture *self = *state;

  enter_all (self);
  self->now += LATE_US;
  arrive (self, DISCO_PACE_MAX / 2);
  assert_int_equal (count_under_way (self), DISCO_PACE_MAX / 2);
  arrive (self, 1);
  assert_int_equal (count_under_way (self), DISCO_PACE_MAX / 2);
}

static void
never_fewer_than_the_least_and_all_again_where_they_are_prompt (void **state)
{
  Fixture *self = *state;
  guint n = enter_all (self);

  for (guint round = 0; round < 10; round++)
    {
      self->now += LATE_US;
      arrive (self, n);
      n = enter_all (self);
    }
  assert_int_equal (n, DISCO_PACE_MIN);
  for (guint round = 0; round < 10; round++)
    {
      self->now += PROMPT_US;
      arrive (self, n);
      n = enter_all (self);
    }
  assert_int_equal (n, DISCO_PACE_MAX);
}

static void
nobody_begins_once_it_is_cleared (void **state)
{
  Fixture *self = *state;

  enter_all (self);
  disco_pace_clear (self->pace);
  disco_pace_leave (self->pace, &self->turns[0]);
  assert_int_equal (count_under_way (self), DISCO_PACE_MAX - 1);
}

int
main (void)
{
#define pace_test(f) cmocka_unit_test_setup_teardown (f, set_up, tear_down)
  const struct CMUnitTest tests[] = {
    pace_test (next_in_turn_begins_when_one_arrives_or_leaves),
    pace_test (one_that_waits_begins_once_however_often_it_asks),
    pace_test (round_of_late_ones_makes_it_half_as_many),
    pace_test (never_fewer_than_the_least_and_all_again_where_they_are_prompt),
    pace_test (nobody_begins_once_it_is_cleared),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
