/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-quiet-private.h"
#include "test-support.h"

/* Milliseconds, so that the tables are read with ease */
#define MS G_TIME_SPAN_MILLISECOND

/* A name at each of the times, and then no more */
typedef struct
{
  const char *rule;
  gint64 names_ms[4];
  gint64 quiet_ms;
} Row;

static const Row rows[] = {
  { "one name: a tenth of a second", { 1000 }, 1100 },
  { "a few at once: the same", { 1000, 1010, 1050 }, 1150 },
  { "as long as they had been coming", { 1000, 1200, 1600 }, 2200 },
  { "two seconds are enough", { 1000, 3000, 5000, 7000 }, 9000 },
};

static void
it_is_quiet_when_no_name_came_for_as_long_as_names_had_been_coming (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      DiscoQuiet quiet = { 0 };
      gint64 now = 0;

      for (guint j = 0; j < G_N_ELEMENTS (rows[i].names_ms) && rows[i].names_ms[j] != 0; j++)
        {
          now = rows[i].names_ms[j] * MS;
          disco_quiet_break (&quiet, now);
        }
      if (disco_quiet_get_at (&quiet, 1, now) != rows[i].quiet_ms * MS)
        fail_msg ("%s: %" G_GINT64_FORMAT, rows[i].rule, disco_quiet_get_at (&quiet, 1, now) / MS);
    }
}

static gint64
quiet_after_burst (guint n_names)
{
  DiscoQuiet quiet = { 0 };

  disco_quiet_break (&quiet, 1000 * MS);
  return disco_quiet_get_at (&quiet, n_names, 1000 * MS) - 1000 * MS;
}

/* As where most are in the daemon's cache, and the rest is with responders that have much to do */
static void
after_many_names_at_once_it_takes_longer (void **state)
{
  assert_int_equal (quiet_after_burst (300), 100 * MS);
  assert_int_equal (quiet_after_burst (1000), 1000 * MS);
  assert_int_equal (quiet_after_burst (1500), 2250 * MS);
  assert_int_equal (quiet_after_burst (5000), 3000 * MS);
}

static void
without_names_it_is_quiet (void **state)
{
  DiscoQuiet quiet = { 0 };

  assert_true (disco_quiet_get_at (&quiet, 1, 1000 * MS) <= 1000 * MS);
}

static void
time_in_which_nobody_could_look_does_not_count (void **state)
{
  DiscoQuiet quiet = { 0 };
  gint64 at;

  disco_quiet_break (&quiet, 1000 * MS);
  at = disco_quiet_look (&quiet, disco_quiet_get_at (&quiet, 1, 1010 * MS), 1010 * MS);
  assert_true (at < 1100 * MS);
  /* in time: nothing changes */
  assert_int_equal (disco_quiet_get_at (&quiet, 1, at + 5 * MS), 1100 * MS);
  /* a call that took a fifth of a second: names may be waiting */
  assert_int_equal (disco_quiet_get_at (&quiet, 1, at + 200 * MS), at + 300 * MS);
  at = disco_quiet_look (&quiet, at + 300 * MS, at + 200 * MS);
  assert_true (disco_quiet_get_at (&quiet, 1, at) > at);
}

static void
looking_is_not_put_off_beyond_what_is_waited_for (void **state)
{
  DiscoQuiet quiet = { 0 };

  assert_int_equal (disco_quiet_look (&quiet, 1003 * MS, 1000 * MS), 1003 * MS);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (it_is_quiet_when_no_name_came_for_as_long_as_names_had_been_coming),
    cmocka_unit_test (after_many_names_at_once_it_takes_longer),
    cmocka_unit_test (without_names_it_is_quiet),
    cmocka_unit_test (time_in_which_nobody_could_look_does_not_count),
    cmocka_unit_test (looking_is_not_put_off_beyond_what_is_waited_for),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
