/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A watcher's call as a call: cancelled, made again from its own callback, its watcher dropped */
#include "contract.h"

static void
next_that_is_cancelled_loses_nothing (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoService) service = contract_service (self, NULL);
  g_autoptr (DiscoWatcher) watcher = disco_service_watch (service);
  g_autoptr (GPtrArray) none = contract_next (watcher);
  g_autoptr (GCancellable) before = g_cancellable_new ();
  g_autoptr (GCancellable) during = g_cancellable_new ();
  TestResult called = { NULL };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) events = NULL;
  g_autoptr (GError) error = NULL;

  disco_watcher_next_async (watcher, during, test_result_callback, &called);
  test_dispatch_pending ();
  contract_register (self, "one", 1, "");
  contract_wait_for_size (service, 1);
  if (called.result == NULL)
    g_cancellable_cancel (during);
  result = test_result_wait (&called);
  events = disco_watcher_next_finish (watcher, result, &error);
  g_cancellable_cancel (before);
  if (events == NULL)
    {
      test_assert_error (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, NULL);
      assert_null (disco_watcher_next (watcher, before, &error));
      test_assert_error (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, NULL);
      events = contract_next (watcher);
    }
  test_assert_events (events, "+one:1");
}

static void
next_that_is_cancelled_is_still_the_first (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoService) service = contract_service (self, NULL);
  g_autoptr (DiscoWatcher) watcher = disco_service_watch (service);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GPtrArray) events = NULL;
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  assert_null (disco_watcher_next (watcher, cancellable, &error));
  test_assert_error (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, NULL);
  events = contract_next (watcher);
  assert_int_equal (events->len, 0);
}

/* A watcher that is read by its own callback, and what that does with it */
typedef struct
{
  DiscoWatcher *watcher; /* (owned) (nullable) */
  enum
  {
    READ_ON,
    CLOSE,
    DROP,
  } then;
  guint n_events;
  GError *error;
} Chain;

static void
on_next (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Chain *chain = user_data;
  g_autoptr (GPtrArray) events
      = disco_watcher_next_finish (DISCO_WATCHER (source), result, &chain->error);

  if (events != NULL)
    chain->n_events += events->len;
  if (chain->error != NULL || chain->n_events == 0)
    return;
  if (chain->then == CLOSE)
    disco_watcher_close (chain->watcher);
  if (chain->then == DROP)
    g_clear_object (&chain->watcher);
  else
    disco_watcher_next_async (chain->watcher, NULL, on_next, chain);
}

static gboolean
has_three_events (gpointer data)
{
  return ((Chain *)data)->n_events >= 3;
}

static gboolean
has_error (gpointer data)
{
  return ((Chain *)data)->error != NULL;
}

static gboolean
has_no_watcher (gpointer data)
{
  return ((Chain *)data)->watcher == NULL;
}

static void
next_may_be_called_from_inside_its_callback (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoService) service = contract_service (self, NULL);
  Chain chain = { .watcher = disco_service_watch_full (service, DISCO_WATCH_IMMEDIATE) };

  disco_watcher_next_async (chain.watcher, NULL, on_next, &chain);
  contract_register (self, "one", 1, "");
  contract_register (self, "two", 2, "");
  contract_register (self, "three", 3, "");
  test_wait_until (NULL, has_three_events, &chain);
  disco_watcher_close (chain.watcher);
  test_wait_until (NULL, has_error, &chain);
  test_assert_error (&chain.error, DISCO_ERROR, DISCO_ERROR_CLOSED, NULL);
  g_object_unref (chain.watcher);
}

static void
watcher_may_be_closed_from_inside_its_callback (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoService) service = contract_service (self, NULL);
  Chain chain
      = { .watcher = disco_service_watch_full (service, DISCO_WATCH_IMMEDIATE), .then = CLOSE };

  disco_watcher_next_async (chain.watcher, NULL, on_next, &chain);
  contract_register (self, "one", 1, "");
  test_wait_until (NULL, has_error, &chain);
  test_assert_error (&chain.error, DISCO_ERROR, DISCO_ERROR_CLOSED, NULL);
  g_object_unref (chain.watcher);
}

static void
watcher_may_be_dropped_from_inside_its_callback (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoService) service = contract_service (self, NULL);
  Chain chain
      = { .watcher = disco_service_watch_full (service, DISCO_WATCH_IMMEDIATE), .then = DROP };

  disco_watcher_next_async (chain.watcher, NULL, on_next, &chain);
  contract_register (self, "one", 1, "");
  test_wait_until (NULL, has_no_watcher, &chain);
  assert_null (chain.error);
}

static void
watcher_may_be_dropped_while_a_call_waits (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoService) service = contract_service (self, NULL);
  DiscoWatcher *watcher = disco_service_watch_full (service, DISCO_WATCH_IMMEDIATE);
  TestResult called = { NULL };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GObject) source = NULL;
  g_autoptr (GPtrArray) events = NULL;

  disco_watcher_next_async (watcher, NULL, test_result_callback, &called);
  g_object_unref (watcher);
  contract_register (self, "one", 1, "");
  result = test_result_wait (&called);
  source = g_async_result_get_source_object (result);
  events = disco_watcher_next_finish (DISCO_WATCHER (source), result, NULL);
  test_assert_events (events, "+one:1");
}

int
contract_run_next (void)
{
  const struct CMUnitTest tests[] = {
    contract_test (next_that_is_cancelled_loses_nothing),
    contract_test (next_that_is_cancelled_is_still_the_first),
    contract_test (next_may_be_called_from_inside_its_callback),
    contract_test (watcher_may_be_closed_from_inside_its_callback),
    contract_test (watcher_may_be_dropped_from_inside_its_callback),
    contract_test (watcher_may_be_dropped_while_a_call_waits),
  };
  return cmocka_run_group_tests_name ("next", tests, NULL, NULL);
}
