/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* disco_agent_service(), on an agent that the test leads by the hand; the rest is in the contract.
 */
#include "test-agent.h"
#include "test-events.h"

static void
begin (TestAgent *agent, GCancellable *cancellable, TestResult *called)
{
  disco_agent_service_async (DISCO_AGENT (agent), "a", NULL, cancellable, test_result_callback,
                             called);
  assert_null (called->result);
  test_dispatch_pending ();
}

static DiscoService *
end (TestAgent *agent, TestResult *called, GError **error)
{
  g_autoptr (GAsyncResult) result = test_result_wait (called);
  return disco_agent_service_finish (DISCO_AGENT (agent), result, error);
}

static void
call_waits_until_the_service_is_synced (void **state)
{
  g_autoptr (TestAgent) agent = test_agent_new ();
  g_autoptr (DiscoService) service = NULL;
  TestResult called = { NULL };

  begin (agent, NULL, &called);
  test_agent_push (agent, "a", "one:1", FALSE);
  test_dispatch_pending ();
  assert_null (called.result);
  test_agent_push (agent, "a", "one:1", TRUE);
  service = end (agent, &called, NULL);
  assert_true (disco_service_get_synced (service));
}

static void
synced_service_is_there_at_once (void **state)
{
  g_autoptr (TestAgent) agent = test_agent_new ();
  g_autoptr (DiscoService) first = disco_agent_open_service (DISCO_AGENT (agent), "a", NULL, NULL);
  g_autoptr (DiscoService) service = NULL;
  TestResult called = { NULL };

  test_agent_push (agent, "a", "one:1", TRUE);
  begin (agent, NULL, &called);
  service = end (agent, &called, NULL);
  assert_non_null (service);
}

static void
call_fails_when_the_agent_gives_up_and_the_source_is_dropped (void **state)
{
  g_autoptr (TestAgent) agent = test_agent_new ();
  g_autoptr (GError) reason = g_error_new_literal (DISCO_ERROR, DISCO_ERROR_UNAVAILABLE, "no link");
  g_autoptr (GError) error = NULL;
  TestResult called = { NULL };

  begin (agent, NULL, &called);
  disco_source_fail_waiting (test_agent_get_source (agent, "a"), reason);
  assert_null (end (agent, &called, &error));
  test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_UNAVAILABLE, "no link");
  test_dispatch_pending ();
  assert_int_equal (test_agent_get_n_stopped (agent), 1);
}

static void
call_may_be_cancelled_at_any_time (void **state)
{
  g_autoptr (TestAgent) agent = test_agent_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  TestResult called = { NULL };

  begin (agent, cancellable, &called);
  g_cancellable_cancel (cancellable);
  assert_null (end (agent, &called, &error));
  test_assert_error (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, NULL);
  test_dispatch_pending ();
  assert_int_equal (test_agent_get_n_stopped (agent), 1);

  begin (agent, cancellable, &called);
  assert_null (end (agent, &called, &error));
  test_assert_error (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, NULL);
  assert_int_equal (test_agent_get_n_started (agent), 1);
}

static void
refused_name_comes_by_the_callback (void **state)
{
  g_autoptr (TestAgent) agent = test_agent_new ();
  g_autoptr (GError) error = NULL;
  TestResult called = { NULL };

  disco_agent_service_async (DISCO_AGENT (agent), "bad name", NULL, NULL, test_result_callback,
                             &called);
  assert_null (called.result);
  assert_null (end (agent, &called, &error));
  test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_INVALID_ARGUMENT, NULL);
}

static void
call_holds_the_agent_and_lets_go_of_it_after_the_source (void **state)
{
  TestAgent *agent = test_agent_new ();
  gpointer watch = agent;
  TestResult called = { NULL };

  g_object_add_weak_pointer (G_OBJECT (agent), &watch);
  begin (agent, NULL, &called);
  g_object_unref (agent);
  assert_non_null (watch);
  test_agent_push (watch, "a", "", TRUE);
  /* The result is never taken. */
  g_object_unref (test_result_wait (&called));
  test_dispatch_pending ();
  assert_null (watch);
}

static gpointer
sync_soon (gpointer data)
{
  while (test_agent_get_n_started (data) == 0)
    g_thread_yield ();
  test_agent_push (data, "a", "", TRUE);
  return NULL;
}

static void
blocking_call_waits_for_another_thread (void **state)
{
  g_autoptr (TestAgent) agent = test_agent_new ();
  g_autoptr (DiscoService) service = NULL;
  GThread *thread = g_thread_new ("sync", sync_soon, agent);

  service = disco_agent_service (DISCO_AGENT (agent), "a", NULL, NULL, NULL);
  g_thread_join (thread);
  assert_true (disco_service_get_synced (service));
  assert_int_equal (test_agent_get_n_started (agent), 1);
}

static gpointer
sync_and_give_up (gpointer data)
{
  g_autoptr (GError) reason = g_error_new_literal (DISCO_ERROR, DISCO_ERROR_UNAVAILABLE, "no link");

  disco_source_fail_waiting (data, reason);
  disco_source_fail_waiting (data, NULL);
  return NULL;
}

static void
giving_up_and_cancelling_may_race (void **state)
{
  g_autoptr (TestAgent) agent = test_agent_new ();
  g_autoptr (DiscoService) held = disco_agent_open_service (DISCO_AGENT (agent), "a", NULL, NULL);

  for (guint i = 0; i < 300; i++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (GError) error = NULL;
      TestResult called = { NULL };
      GThread *thread;

      begin (agent, cancellable, &called);
      thread = g_thread_new ("give up", sync_and_give_up, test_agent_get_source (agent, "a"));
      g_cancellable_cancel (cancellable);
      assert_null (end (agent, &called, &error));
      assert_true (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
                   || g_error_matches (error, DISCO_ERROR, DISCO_ERROR_UNAVAILABLE));
      g_thread_join (thread);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    test_in_own_context (call_waits_until_the_service_is_synced),
    test_in_own_context (synced_service_is_there_at_once),
    test_in_own_context (call_fails_when_the_agent_gives_up_and_the_source_is_dropped),
    test_in_own_context (call_may_be_cancelled_at_any_time),
    test_in_own_context (refused_name_comes_by_the_callback),
    test_in_own_context (call_holds_the_agent_and_lets_go_of_it_after_the_source),
    test_in_own_context (blocking_call_waits_for_another_thread),
    test_in_own_context (giving_up_and_cancelling_may_race),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
