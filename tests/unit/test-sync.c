/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-sync-private.h"
#include "test-support.h"

/* What was seen from inside */
typedef struct
{
  GMainContext *context; /* in which the callback ran */
  GAsyncReadyCallback callback;
  gpointer user_data;
} Seen;

static void
on_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Seen *seen = user_data;

  seen->context = g_main_context_get_thread_default ();
  seen->callback (source, result, seen->user_data);
}

static void
return_later (GTask *task, gpointer source_object, gpointer task_data, GCancellable *cancellable)
{
  g_task_return_int (task, 42);
}

/* A blocking call as the library makes them */
static gssize
call (Seen *seen, GMainContext **finished_in)
{
  g_auto (DiscoSync) sync = { NULL };
  g_autoptr (GTask) task = NULL;
  GAsyncResult *result;

  assert_true (disco_sync_begin (&sync, NULL));
  seen->callback = disco_sync_callback;
  seen->user_data = &sync;
  task = g_task_new (NULL, NULL, on_done, seen);
  g_task_run_in_thread (task, return_later);
  result = disco_sync_wait (&sync);
  *finished_in = g_main_context_get_thread_default ();
  return g_task_propagate_int (G_TASK (result), NULL);
}

static void
call_waits_on_a_context_of_its_own_and_finishes_in_the_callers (void **state)
{
  GMainContext *finished_in = NULL;
  Seen seen = { NULL };

  assert_int_equal (call (&seen, &finished_in), 42);
  assert_ptr_equal (finished_in, *state);
  assert_non_null (seen.context);
  assert_ptr_not_equal (seen.context, *state);
  assert_ptr_equal (g_main_context_get_thread_default (), *state);
}

static gboolean
count (gpointer data)
{
  ++*(guint *)data;
  return G_SOURCE_REMOVE;
}

static void
nothing_of_the_callers_is_dispatched_meanwhile (void **state)
{
  g_autoptr (GSource) idle = g_idle_source_new ();
  GMainContext *finished_in = NULL;
  Seen seen = { NULL };
  guint n = 0;

  g_source_set_callback (idle, count, &n, NULL);
  g_source_attach (idle, *state);
  call (&seen, &finished_in);
  assert_int_equal (n, 0);
  test_dispatch_pending ();
  assert_int_equal (n, 1);
}

/* Calls again from inside a callback that the context of the first call runs. */
static void
on_nested (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Seen *outer = user_data;
  Seen inner = { NULL };
  GMainContext *finished_in = NULL;

  assert_int_equal (call (&inner, &finished_in), 42);
  assert_ptr_not_equal (inner.context, finished_in);
  on_done (source, result, outer);
}

static void
calls_may_be_nested (void **state)
{
  g_auto (DiscoSync) sync = { NULL };
  g_autoptr (GTask) task = NULL;
  Seen seen = { .callback = disco_sync_callback, .user_data = &sync };

  assert_true (disco_sync_begin (&sync, NULL));
  task = g_task_new (NULL, NULL, on_nested, &seen);
  g_task_return_int (task, 1);
  assert_int_equal (g_task_propagate_int (G_TASK (disco_sync_wait (&sync)), NULL), 1);
  assert_ptr_equal (g_main_context_get_thread_default (), *state);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    test_in_own_context (call_waits_on_a_context_of_its_own_and_finishes_in_the_callers),
    test_in_own_context (nothing_of_the_callers_is_dispatched_meanwhile),
    test_in_own_context (calls_may_be_nested),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
