/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-counts-private.h"
#include "test-support.h"

#define N_THREADS 4
#define N_ADDS 10000

static void
counts_are_apart (void **state)
{
  DiscoCounts counts = { { 0 } };

  for (DiscoCount count = 0; count < DISCO_N_COUNTS; count++)
    disco_counts_add (&counts, count, count + 1);
  disco_counts_add (&counts, DISCO_COUNT_REFUSED, G_MAXUINT);
  for (DiscoCount count = 0; count < DISCO_N_COUNTS; count++)
    assert_int_equal (disco_counts_get (&counts, count),
                      count + 1 + (count == DISCO_COUNT_REFUSED ? (guint64)G_MAXUINT : 0));
}

static gpointer
add_many (gpointer data)
{
  for (guint i = 0; i < N_ADDS; i++)
    disco_counts_add (data, DISCO_COUNT_LINKS, 1);
  return NULL;
}

static void
no_count_is_lost_between_threads (void **state)
{
  DiscoCounts counts = { { 0 } };
  GThread *threads[N_THREADS];

  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("add", add_many, &counts);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
  assert_int_equal (disco_counts_get (&counts, DISCO_COUNT_LINKS), N_THREADS * N_ADDS);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (counts_are_apart),
    cmocka_unit_test (no_count_is_lost_between_threads),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
