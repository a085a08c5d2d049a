/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-agent.h"
#include "test-events.h"

#include <malloc.h>

#define N_WATCHERS 1000
#define MAX_BYTES_OF_AN_IDLE_WATCHER 1000

static DiscoService *
open_service (TestAgent *agent)
{
  return disco_agent_open_service (DISCO_AGENT (agent), "a", NULL, NULL);
}

static void
begin (DiscoWatcher *watcher, GCancellable *cancellable, TestResult *called)
{
  disco_watcher_next_async (watcher, cancellable, test_result_callback, called);
  test_dispatch_pending ();
}

static void
end (DiscoWatcher *watcher, TestResult *called, const char *expected)
{
  g_autoptr (GAsyncResult) result = test_result_wait (called);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) events = disco_watcher_next_finish (watcher, result, &error);

  if (events == NULL)
    fail_msg ("%s", error->message);
  test_assert_events (events, expected);
}

static void
end_with_error (DiscoWatcher *watcher, TestResult *called, GQuark domain, int code)
{
  g_autoptr (GAsyncResult) result = test_result_wait (called);
  g_autoptr (GError) error = NULL;

  assert_null (disco_watcher_next_finish (watcher, result, &error));
  test_assert_error (&error, domain, code, NULL);
}

static void
first_call_waits_until_the_service_is_synced (void **state)
{
  g_autoptr (TestAgent) agent = test_agent_new ();
  g_autoptr (DiscoService) service = open_service (agent);
  g_autoptr (DiscoWatcher) watcher = disco_service_watch (service);
  TestResult called = { NULL };

  test_agent_push (agent, "a", "one:1", FALSE);
  begin (watcher, NULL, &called);
  assert_null (called.result);
  test_agent_push (agent, "a", "one:2 two:1", FALSE);
  test_dispatch_pending ();
  assert_null (called.result);
  test_agent_push (agent, "a", "two:1", TRUE);
  end (watcher, &called, "+two:1");
}

static void
immediate_call_does_not_wait_for_that (void **state)
{
  g_autoptr (TestAgent) agent = test_agent_new ();
  g_autoptr (DiscoService) service = open_service (agent);
  g_autoptr (DiscoWatcher) watcher = disco_service_watch_full (service, DISCO_WATCH_IMMEDIATE);
  TestResult called = { NULL };

  begin (watcher, NULL, &called);
  assert_null (called.result);
  test_agent_push (agent, "a", "one:1", FALSE);
  end (watcher, &called, "+one:1");
  begin (watcher, NULL, &called);
  test_agent_push (agent, "a", "one:1", TRUE);
  test_dispatch_pending ();
  assert_null (called.result);
  disco_watcher_close (watcher);
  end_with_error (watcher, &called, DISCO_ERROR, DISCO_ERROR_CLOSED);
}

static void
what_folds_to_nothing_before_it_is_taken_wakes_no_reader (void **state)
{
  g_autoptr (TestAgent) agent = test_agent_new ();
  g_autoptr (DiscoService) service = open_service (agent);
  g_autoptr (DiscoWatcher) watcher = disco_service_watch (service);
  TestResult called = { NULL };

  test_agent_push (agent, "a", "one:1", TRUE);
  begin (watcher, NULL, &called);
  end (watcher, &called, "+one:1");
  begin (watcher, NULL, &called);
  test_agent_push (agent, "a", "one:2", TRUE);
  test_agent_push (agent, "a", "one:1", TRUE);
  test_dispatch_pending ();
  assert_null (called.result);
  test_agent_push (agent, "a", "one:3", TRUE);
  end (watcher, &called, "~one:1>3");
}

static void
event_and_cancel_at_once_lose_nothing (void **state)
{
  g_autoptr (TestAgent) agent = test_agent_new ();
  g_autoptr (DiscoService) service = open_service (agent);
  g_autoptr (DiscoWatcher) watcher = disco_service_watch (service);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  TestResult called = { NULL };

  begin (watcher, cancellable, &called);
  test_agent_push (agent, "a", "one:1", TRUE);
  g_cancellable_cancel (cancellable);
  end_with_error (watcher, &called, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  begin (watcher, NULL, &called);
  end (watcher, &called, "+one:1");
}

static void
batch_of_a_completed_call_is_fixed (void **state)
{
  g_autoptr (TestAgent) agent = test_agent_new ();
  g_autoptr (DiscoService) service = open_service (agent);
  g_autoptr (DiscoWatcher) watcher = disco_service_watch (service);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  TestResult called = { NULL };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) events = NULL;

  test_agent_push (agent, "a", "one:1", TRUE);
  begin (watcher, cancellable, &called);
  result = test_result_wait (&called);
  g_cancellable_cancel (cancellable);
  disco_watcher_close (watcher);
  test_agent_push (agent, "a", "", TRUE);
  events = disco_watcher_next_finish (watcher, result, NULL);
  test_assert_events (events, "+one:1");
}

static void
watcher_drops_its_use_of_the_source_when_it_is_closed (void **state)
{
  g_autoptr (TestAgent) agent = test_agent_new ();
  DiscoService *service = open_service (agent);
  g_autoptr (DiscoWatcher) watcher = disco_service_watch (service);

  g_object_unref (service);
  assert_int_equal (test_agent_get_n_stopped (agent), 0);
  disco_watcher_close (watcher);
  assert_int_equal (test_agent_get_n_stopped (agent), 1);
}

static void
watcher_that_nobody_holds_closes_itself (void **state)
{
  g_autoptr (TestAgent) agent = test_agent_new ();
  DiscoService *service = open_service (agent);
  DiscoWatcher *watcher = disco_service_watch (service);

  g_object_unref (service);
  g_object_unref (watcher);
  assert_int_equal (test_agent_get_n_stopped (agent), 1);
}

static void
call_that_waits_holds_its_watcher (void **state)
{
  g_autoptr (TestAgent) agent = test_agent_new ();
  DiscoService *service = open_service (agent);
  DiscoWatcher *watcher = disco_service_watch (service);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  TestResult called = { NULL };
  g_autoptr (GAsyncResult) result = NULL;

  begin (watcher, cancellable, &called);
  g_object_unref (service);
  g_object_unref (watcher);
  test_dispatch_pending ();
  assert_int_equal (test_agent_get_n_stopped (agent), 0);
  g_cancellable_cancel (cancellable);
  result = test_result_wait (&called);
  g_clear_object (&result);
  test_dispatch_pending ();
  assert_int_equal (test_agent_get_n_stopped (agent), 1);
}

static void
drop (gpointer data, GObject *where_the_object_was)
{
  disco_watcher_close (data);
}

/* Whatever a program hangs on an instance runs without a lock held. */
static void
instances_are_let_go_of_without_a_lock (void **state)
{
  g_autoptr (TestAgent) agent = test_agent_new ();
  g_autoptr (DiscoService) service = open_service (agent);
  g_autoptr (DiscoWatcher) watcher = disco_service_watch (service);
  g_autoptr (GPtrArray) instances = NULL;
  g_autoptr (GError) error = NULL;

  test_agent_push (agent, "a", "one:1", TRUE);
  instances = disco_service_get_instances (service);
  g_object_weak_ref (instances->pdata[0], drop, watcher);
  g_clear_pointer (&instances, g_ptr_array_unref);
  test_agent_push (agent, "a", "", TRUE);
  assert_null (disco_watcher_next (watcher, NULL, &error));
  test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_CLOSED, NULL);
}

static gsize
measure (void)
{
  return mallinfo2 ().uordblks;
}

static void
idle_watcher_costs_less_than_a_kilobyte (void **state)
{
  g_autoptr (TestAgent) agent = test_agent_new ();
  g_autoptr (DiscoService) service = open_service (agent);
  DiscoWatcher *watchers[N_WATCHERS];
  gsize before = 0;
  gsize after;

  test_agent_push (agent, "a", "one:1 two:2 three:3", TRUE);
  for (guint i = 0; i < N_WATCHERS; i++)
    {
      if (i == 1)
        before = measure ();
      watchers[i] = disco_service_watch (service);
      g_ptr_array_unref (disco_watcher_next (watchers[i], NULL, NULL));
    }
  after = measure ();
  /* 0 where another allocator stands in for malloc: a sanitizer, valgrind */
  assert_in_range ((after - before) / (N_WATCHERS - 1), 0, MAX_BYTES_OF_AN_IDLE_WATCHER);
  for (guint i = 0; i < N_WATCHERS; i++)
    g_object_unref (watchers[i]);
}

/* Pushes, while the test reads. */
static gpointer
push_many (gpointer data)
{
  for (guint i = 1; i <= 2000; i++)
    {
      g_autofree char *text = g_strdup_printf ("one:%u passing-%u:1", i, i / 2);
      test_agent_push (data, "a", text, TRUE);
    }
  test_agent_push (data, "a", "last:1", TRUE);
  return NULL;
}

static void
reader_and_producer_may_race (void **state)
{
  g_autoptr (TestAgent) agent = test_agent_new ();
  g_autoptr (DiscoService) service = open_service (agent);
  g_autoptr (DiscoWatcher) watcher = disco_service_watch (service);
  GThread *thread = g_thread_new ("push", push_many, agent);
  TestReader reader;

  test_reader_init (&reader);
  while (test_reader_get (&reader, "last") == NULL)
    {
      g_autoptr (GPtrArray) events = disco_watcher_next (watcher, NULL, NULL);
      test_reader_replay (&reader, events);
    }
  assert_int_equal (g_hash_table_size (reader.known), 1);
  g_thread_join (thread);
  test_reader_clear (&reader);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    test_in_own_context (first_call_waits_until_the_service_is_synced),
    test_in_own_context (immediate_call_does_not_wait_for_that),
    test_in_own_context (what_folds_to_nothing_before_it_is_taken_wakes_no_reader),
    test_in_own_context (event_and_cancel_at_once_lose_nothing),
    test_in_own_context (batch_of_a_completed_call_is_fixed),
    test_in_own_context (watcher_drops_its_use_of_the_source_when_it_is_closed),
    test_in_own_context (watcher_that_nobody_holds_closes_itself),
    test_in_own_context (call_that_waits_holds_its_watcher),
    test_in_own_context (instances_are_let_go_of_without_a_lock),
    test_in_own_context (idle_watcher_costs_less_than_a_kilobyte),
    test_in_own_context (reader_and_producer_may_race),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
