/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-worker-private.h"
#include "test-support.h"

#define N_CALLS 100

typedef struct
{
  DiscoWorker *worker;
  GThread *caller;
  GThread *thread;       /* where it was called */
  GMainContext *context; /* the thread-default one there */
  GString *order;        /* written on the worker's thread */
  gboolean done;         /* atomic */
} Calls;

static void
calls_init (Calls *self)
{
  *self = (Calls){ .worker = disco_worker_new ("test", NULL),
                   .caller = g_thread_self (),
                   .order = g_string_new (NULL) };
}

static void
note_where (gpointer data)
{
  Calls *self = data;

  self->thread = g_thread_self ();
  self->context = g_main_context_get_thread_default ();
}

static void
note_last (gpointer data)
{
  g_string_append (((Calls *)data)->order, "last");
}

static void
call_runs_on_the_workers_thread_with_its_context_as_default (void **state)
{
  Calls calls;
  GMainContext *context;

  calls_init (&calls);
  context = disco_worker_get_context (calls.worker);
  disco_worker_invoke (calls.worker, note_where, &calls);
  disco_worker_stop (calls.worker, note_last, &calls);
  assert_non_null (calls.thread);
  assert_ptr_not_equal (calls.thread, calls.caller);
  assert_ptr_equal (calls.context, context);
  g_string_free (calls.order, TRUE);
}

static gboolean
is_done (gpointer data)
{
  return g_atomic_int_get (&((Calls *)data)->done);
}

static void
append (gpointer data)
{
  Calls *self = data;

  g_string_append_c (self->order, 'a');
  g_atomic_int_set (&self->done, TRUE);
}

static void
append_and_go_on (gpointer data)
{
  Calls *self = data;

  g_string_append_c (self->order, '(');
  disco_worker_invoke (self->worker, append, self);
  g_string_append_c (self->order, ')');
}

static void
call_made_on_the_thread_itself_comes_later_too (void **state)
{
  Calls calls;

  calls_init (&calls);
  disco_worker_invoke (calls.worker, append_and_go_on, &calls);
  test_wait_until (NULL, is_done, &calls);
  disco_worker_stop (calls.worker, note_last, &calls);
  assert_string_equal (calls.order->str, "()alast");
  g_string_free (calls.order, TRUE);
}

typedef struct
{
  GArray *seen;
  guint number;
} Numbered;

static void
note_number (gpointer data)
{
  Numbered *self = data;

  g_array_append_val (self->seen, self->number);
}

static void
nothing (gpointer data)
{
}

static void
calls_come_in_the_order_in_which_they_were_made_and_all_before_the_last (void **state)
{
  DiscoWorker *worker = disco_worker_new ("test", NULL);
  g_autoptr (GArray) seen = g_array_new (FALSE, FALSE, sizeof (guint));
  Numbered calls[N_CALLS];

  for (guint i = 0; i < N_CALLS; i++)
    {
      calls[i] = (Numbered){ seen, i };
      disco_worker_invoke (worker, note_number, &calls[i]);
    }
  disco_worker_stop (worker, nothing, NULL);
  assert_int_equal (seen->len, N_CALLS);
  for (guint i = 0; i < N_CALLS; i++)
    assert_int_equal (g_array_index (seen, guint, i), i);
}

static void
mark_done (gpointer data)
{
  g_atomic_int_set (&((Calls *)data)->done, TRUE);
}

static void
stop_itself (gpointer data)
{
  Calls *self = data;

  disco_worker_stop (self->worker, mark_done, self);
  g_string_append (self->order, "returned");
}

static void
stop_called_on_the_thread_itself_does_not_wait (void **state)
{
  Calls calls;

  calls_init (&calls);
  disco_worker_invoke (calls.worker, stop_itself, &calls);
  test_wait_until (NULL, is_done, &calls);
  assert_string_equal (calls.order->str, "returned");
  g_string_free (calls.order, TRUE);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    test_in_own_context (call_runs_on_the_workers_thread_with_its_context_as_default),
    test_in_own_context (call_made_on_the_thread_itself_comes_later_too),
    test_in_own_context (calls_come_in_the_order_in_which_they_were_made_and_all_before_the_last),
    test_in_own_context (stop_called_on_the_thread_itself_does_not_wait),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
