/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-wakeup-private.h"
#include "test-support.h"

typedef struct
{
  guint n_calls;
  guint n_freed;
  gboolean stay; /* what the function returns */
  GMainContext *context;
} Calls;

static gboolean
on_wakeup (gpointer data)
{
  Calls *calls = data;

  calls->n_calls++;
  calls->context = g_main_context_get_thread_default ();
  return calls->stay;
}

static void
on_freed (gpointer data)
{
  ((Calls *)data)->n_freed++;
}

/* (transfer full): attached */
static GSource *
wakeup_new (GCancellable *cancellable, Calls *calls)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, NULL, NULL);
  GSource *wakeup = disco_wakeup_new (task, on_wakeup, calls, on_freed);

  disco_wakeup_attach (wakeup, g_task_get_context (task));
  return wakeup;
}

static void
wakeup_calls_when_its_ready_time_is_set_and_once_for_each_time (void **state)
{
  Calls calls = { .stay = TRUE };
  g_autoptr (GSource) wakeup = wakeup_new (NULL, &calls);

  test_dispatch_pending ();
  assert_int_equal (calls.n_calls, 0);
  g_source_set_ready_time (wakeup, 0);
  test_dispatch_pending ();
  assert_int_equal (calls.n_calls, 1);
  assert_ptr_equal (calls.context, *state);
  g_source_set_ready_time (wakeup, 0);
  test_dispatch_pending ();
  assert_int_equal (calls.n_calls, 2);
  assert_int_equal (calls.n_freed, 0);
  g_source_destroy (wakeup);
  assert_int_equal (calls.n_freed, 1);
}

static void
wakeup_ends_when_its_function_says_so (void **state)
{
  Calls calls = { 0 };
  g_autoptr (GSource) wakeup = wakeup_new (NULL, &calls);

  g_source_set_ready_time (wakeup, 0);
  test_dispatch_pending ();
  assert_int_equal (calls.n_calls, 1);
  assert_int_equal (calls.n_freed, 1);
  assert_true (g_source_is_destroyed (wakeup));
}

static void
wakeup_calls_when_the_task_is_cancelled (void **state)
{
  Calls calls = { 0 };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GSource) wakeup = wakeup_new (cancellable, &calls);

  test_dispatch_pending ();
  assert_int_equal (calls.n_calls, 0);
  g_cancellable_cancel (cancellable);
  assert_int_equal (calls.n_calls, 0);
  test_dispatch_pending ();
  assert_int_equal (calls.n_calls, 1);
}

static void
wakeup_calls_when_the_task_was_cancelled_before (void **state)
{
  Calls calls = { 0 };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GSource) wakeup = NULL;

  g_cancellable_cancel (cancellable);
  wakeup = wakeup_new (cancellable, &calls);
  test_dispatch_pending ();
  assert_int_equal (calls.n_calls, 1);
}

static void
dispatch_meanwhile (GCancellable *cancellable, gpointer data)
{
  Calls *calls = data;

  test_dispatch_pending ();
  assert_int_equal (calls->n_freed, 1);
}

/* One that is left over then is AddressSanitizer's to find. */
static void
wakeup_may_end_while_the_cancellation_is_under_way (void **state)
{
  Calls calls = { 0 };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  g_source_unref (wakeup_new (cancellable, &calls));
  g_signal_connect (cancellable, "cancelled", G_CALLBACK (dispatch_meanwhile), &calls);
  g_cancellable_cancel (cancellable);
  assert_int_equal (calls.n_calls, 1);
}

static void
wakeup_that_ended_hears_of_no_cancellation (void **state)
{
  Calls calls = { 0 };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  GSource *wakeup = wakeup_new (cancellable, &calls);

  g_source_destroy (wakeup);
  g_source_unref (wakeup);
  g_cancellable_cancel (cancellable);
  test_dispatch_pending ();
  assert_int_equal (calls.n_calls, 0);
  assert_int_equal (calls.n_freed, 1);
}

static gpointer
set_ready (gpointer data)
{
  g_source_set_ready_time (data, 0);
  return NULL;
}

static gboolean
has_called (gpointer data)
{
  return ((Calls *)data)->n_calls > 0;
}

static void
another_thread_may_wake_it_up (void **state)
{
  Calls calls = { 0 };
  g_autoptr (GSource) wakeup = wakeup_new (NULL, &calls);
  GThread *thread = g_thread_new ("wake", set_ready, wakeup);

  test_wait_until (NULL, has_called, &calls);
  g_thread_join (thread);
  assert_ptr_equal (calls.context, *state);
}

/* The thread that cancels, as soon as it is its turn */
typedef enum
{
  TURN_OTHER,
  TURN_CANCEL,
  TURN_END,
} Turn;

typedef struct
{
  GCancellable *cancellable; /* (owned) (nullable): set before its turn */
  int turn;                  /* atomic */
} Canceller;

/* Each of very many ends in another moment of the cancellation; fewer where threads take turns. */
#define MAX_CANCELLED 20000
#define CANCELLING_US (2 * G_TIME_SPAN_SECOND)

static gpointer
cancel_in_turn (gpointer data)
{
  Canceller *self = data;
  int turn;

  while ((turn = g_atomic_int_get (&self->turn)) != TURN_END)
    {
      if (turn == TURN_CANCEL)
        {
          g_cancellable_cancel (self->cancellable);
          g_clear_object (&self->cancellable);
          g_atomic_int_set (&self->turn, TURN_OTHER);
        }
      else
        g_thread_yield ();
    }
  return NULL;
}

static void
end_while_cancelled (Canceller *self, Calls *calls, guint spins)
{
  GMainContext *context = g_main_context_new ();
  g_autoptr (GTask) task = NULL;
  g_autoptr (GSource) wakeup = NULL;

  self->cancellable = g_cancellable_new ();
  task = g_task_new (NULL, self->cancellable, NULL, NULL);
  wakeup = disco_wakeup_new (task, on_wakeup, calls, on_freed);
  disco_wakeup_attach (wakeup, context);
  g_atomic_int_set (&self->turn, TURN_CANCEL);
  while (spins > 0 && g_atomic_int_get (&self->turn) == TURN_CANCEL)
    spins--;
  g_source_destroy (wakeup);
  g_main_context_unref (context);
  while (g_atomic_int_get (&self->turn) == TURN_CANCEL)
    g_thread_yield ();
}

/* Else the one that cancels waits for the lock of a context that is no more. */
static void
context_may_end_while_the_cancellation_is_under_way (void **state)
{
  const gint64 until = g_get_monotonic_time () + CANCELLING_US;
  Canceller canceller = { NULL, TURN_OTHER };
  GThread *thread = g_thread_new ("cancel", cancel_in_turn, &canceller);
  Calls calls = { 0 };
  guint n = 0;

  while (n < MAX_CANCELLED && g_get_monotonic_time () < until)
    end_while_cancelled (&canceller, &calls, n++ % 256);
  g_atomic_int_set (&canceller.turn, TURN_END);
  g_thread_join (thread);
  assert_int_equal (calls.n_calls, 0);
  assert_int_equal (calls.n_freed, n);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    test_in_own_context (wakeup_calls_when_its_ready_time_is_set_and_once_for_each_time),
    test_in_own_context (wakeup_ends_when_its_function_says_so),
    test_in_own_context (wakeup_calls_when_the_task_is_cancelled),
    test_in_own_context (wakeup_calls_when_the_task_was_cancelled_before),
    test_in_own_context (wakeup_may_end_while_the_cancellation_is_under_way),
    test_in_own_context (wakeup_that_ended_hears_of_no_cancellation),
    test_in_own_context (another_thread_may_wake_it_up),
    test_in_own_context (context_may_end_while_the_cancellation_is_under_way),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
