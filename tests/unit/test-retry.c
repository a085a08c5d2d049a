/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-retry-private.h"
#include "test-support.h"

typedef struct
{
  DiscoRetry *retry;
  gint64 began_at;
  gint64 took_us; /* 0: not yet */
} Trial;

static gboolean
on_retry (gpointer user_data)
{
  Trial *trial = user_data;

  trial->took_us = g_get_monotonic_time () - trial->began_at;
  return G_SOURCE_CONTINUE;
}

static gboolean
has_come (gpointer user_data)
{
  return ((Trial *)user_data)->took_us != 0;
}

static gint64
fail_and_wait (Trial *trial)
{
  trial->took_us = 0;
  trial->began_at = g_get_monotonic_time ();
  disco_retry_later (trial->retry);
  test_wait_until (NULL, has_come, trial);
  return trial->took_us;
}

static void
intervals_grow_and_what_is_cancelled_does_not_come (void **state)
{
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();
  Trial trial = { 0 };
  Trial cancelled = { 0 };

  trial.retry = disco_retry_new (context, on_retry, &trial);
  cancelled.retry = disco_retry_new (context, on_retry, &cancelled);
  disco_retry_later (cancelled.retry);
  disco_retry_cancel (cancelled.retry);
  assert_in_range (fail_and_wait (&trial), G_TIME_SPAN_SECOND, 2 * G_TIME_SPAN_SECOND);
  assert_in_range (fail_and_wait (&trial), 2 * G_TIME_SPAN_SECOND, 4 * G_TIME_SPAN_SECOND);
  assert_int_equal (cancelled.took_us, 0);
  disco_retry_free (trial.retry);
  disco_retry_free (cancelled.retry);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown (intervals_grow_and_what_is_cancelled_does_not_come,
                                     test_context_push, test_context_pop),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
