/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-support.h"
#include "tool-fit.h"

#define N 4
#define KEEP 1

static char *
format (const guint *widths)
{
  return g_strdup_printf ("%u %u %u %u", widths[0], widths[1], widths[2], widths[3]);
}

static guint
total (const guint *widths)
{
  guint sum = 0;
  guint shown = 0;

  for (guint i = 0; i < N; i++)
    {
      sum += widths[i];
      shown += widths[i] > 0;
    }
  return sum + (shown > 1 ? (shown - 1) * TOOL_FIT_GAP : 0);
}

static void
what_is_needed_least_is_cut_first (void **state)
{
  static const struct
  {
    guint wanted[N];
    guint available;
    const char *got;
  } rows[] = {
    { { 5, 12, 9, 4 }, 36, "5 12 9 4" },       { { 5, 12, 9, 4 }, 35, "5 12 8 4" },
    { { 20, 12, 10, 4 }, 40, "9 12 9 4" },     { { 20, 12, 10, 4 }, 38, "8 12 8 4" },
    { { 20, 12, 10, 4 }, 37, "11 12 10 0" },   { { 20, 30, 10, 4 }, 50, "8 30 8 0" },
    { { 20, 30, 10, 4 }, 45, "13 30 0 0" },    { { 20, 30, 10, 4 }, 38, "8 28 0 0" },
    { { 20, 30, 10, 4 }, 11, "8 1 0 0" },      { { 20, 30, 10, 4 }, 10, "10 0 0 0" },
    { { 20, 30, 10, 4 }, 5, "5 0 0 0" },       { { 20, 30, 10, 4 }, 0, "0 0 0 0" },
    { { 20, 30, 0, 4 }, 80, "20 30 0 4" },     { { 0, 0, 0, 0 }, 80, "0 0 0 0" },
    { { 3, G_MAXINT, 0, 0 }, 20, "3 15 0 0" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      guint widths[N];
      g_autofree char *got = NULL;

      memcpy (widths, rows[i].wanted, sizeof widths);
      tool_fit (widths, N, KEEP, rows[i].available);
      got = format (widths);
      if (!g_str_equal (got, rows[i].got))
        fail_msg ("row %u: %s in place of %s", i, got, rows[i].got);
    }
}

static void
columns_never_take_more_than_there_is_nor_than_they_want (void **state)
{
  static const guint wants[] = { 0, 1, 7, 8, 9, 30, 100000 };

  for (guint n = 0; n < 7 * 7 * 7 * 7; n++)
    for (guint available = 0; available < 60; available++)
      {
        const guint wanted[N]
            = { wants[n % 7], wants[n / 7 % 7], wants[n / 49 % 7], wants[n / 343] };
        guint widths[N];

        memcpy (widths, wanted, sizeof widths);
        tool_fit (widths, N, KEEP, available);
        for (guint i = 0; i < N; i++)
          assert_true (widths[i] <= wanted[i]);
        if (total (widths) > available)
          {
            g_autofree char *got = format (widths);

            fail_msg ("row %u: %s in %u", n, got, available);
          }
      }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (what_is_needed_least_is_cut_first),
    cmocka_unit_test (columns_never_take_more_than_there_is_nor_than_they_want),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
