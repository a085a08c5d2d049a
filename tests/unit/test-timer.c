/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-engine-private.h"
#include "test-support.h"

#define SOON_US (20 * G_TIME_SPAN_MILLISECOND)
#define LATER_US (G_TIME_SPAN_HOUR)

typedef struct
{
  GSource *timer;
  guint n_calls;
  gint64 called_at;
  gboolean free_inside;
} Timed;

static gboolean
on_timer (gpointer user_data)
{
  Timed *self = user_data;

  self->n_calls++;
  self->called_at = g_get_monotonic_time ();
  if (self->free_inside)
    g_clear_pointer (&self->timer, disco_timer_free);
  return G_SOURCE_CONTINUE;
}

static void
timed_init (Timed *self)
{
  *self = (Timed){ .timer = NULL };
  self->timer = disco_timer_new (g_main_context_get_thread_default (), on_timer, self);
}

static gboolean
was_called (gpointer data)
{
  return ((Timed *)data)->n_calls > 0;
}

static void
timer_is_silent_until_it_is_given_a_time (void **state)
{
  Timed timed;

  timed_init (&timed);
  test_dispatch_pending ();
  assert_int_equal (timed.n_calls, 0);
  disco_timer_advance (timed.timer, 0);
  assert_int_equal (timed.n_calls, 0);
  test_dispatch_pending ();
  assert_int_equal (timed.n_calls, 1);
  disco_timer_free (timed.timer);
}

static void
timer_calls_once_for_each_time_and_not_before_it (void **state)
{
  Timed timed;
  gint64 at = g_get_monotonic_time () + SOON_US;

  timed_init (&timed);
  disco_timer_advance (timed.timer, at);
  test_wait_until (NULL, was_called, &timed);
  assert_true (timed.called_at >= at);
  test_dispatch_pending ();
  assert_int_equal (timed.n_calls, 1);
  assert_int_equal (g_source_get_ready_time (timed.timer), -1);
  disco_timer_free (timed.timer);
}

static void
earlier_time_wins (void **state)
{
  Timed timed;
  gint64 now = g_get_monotonic_time ();

  timed_init (&timed);
  disco_timer_advance (timed.timer, now + LATER_US);
  disco_timer_advance (timed.timer, now + SOON_US);
  disco_timer_advance (timed.timer, now + LATER_US);
  assert_int_equal (g_source_get_ready_time (timed.timer), now + SOON_US);
  test_wait_until (NULL, was_called, &timed);
  disco_timer_free (timed.timer);
}

static void
timer_freed_is_not_called (void **state)
{
  Timed timed;

  timed_init (&timed);
  disco_timer_advance (timed.timer, 0);
  disco_timer_free (timed.timer);
  test_dispatch_pending ();
  assert_int_equal (timed.n_calls, 0);
}

static void
timer_may_be_freed_from_inside_its_call (void **state)
{
  Timed timed;

  timed_init (&timed);
  timed.free_inside = TRUE;
  disco_timer_advance (timed.timer, 0);
  test_wait_until (NULL, was_called, &timed);
  assert_null (timed.timer);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    test_in_own_context (timer_is_silent_until_it_is_given_a_time),
    test_in_own_context (timer_calls_once_for_each_time_and_not_before_it),
    test_in_own_context (earlier_time_wins),
    test_in_own_context (timer_freed_is_not_called),
    test_in_own_context (timer_may_be_freed_from_inside_its_call),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
