/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a watcher tells, and when */
#include "contract.h"

#include <string.h>

static void
first_call_returns_the_first_full_set_as_adds (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoService) service = contract_service (self, NULL);
  g_autoptr (DiscoWatcher) watcher = NULL;
  g_autoptr (GPtrArray) events = NULL;
  TestReader reader;

  contract_register (self, "one", 1, "");
  contract_register (self, "two", 2, "");
  contract_wait_for_size (service, 2);
  watcher = disco_service_watch (service);
  events = contract_next (watcher);
  test_reader_init (&reader);
  test_reader_replay (&reader, events);
  assert_int_equal (events->len, 2);
  assert_int_equal (g_hash_table_size (reader.known), 2);
  contract_assert_nothing_pending (watcher);
  test_reader_clear (&reader);
}

static void
first_call_returns_an_empty_array_if_there_is_nothing (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoService) service = disco_agent_open_service (self->agent, self->name, NULL, NULL);
  g_autoptr (DiscoWatcher) watcher = disco_service_watch (service);
  g_autoptr (GPtrArray) events = contract_next (watcher);

  assert_int_equal (events->len, 0);
  assert_true (disco_service_get_synced (service));
}

static void
later_call_waits_until_there_is_an_event (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoService) service = contract_service (self, NULL);
  g_autoptr (DiscoWatcher) watcher = disco_service_watch (service);
  g_autoptr (GPtrArray) none = contract_next (watcher);
  TestResult called = { NULL };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) events = NULL;

  disco_watcher_next_async (watcher, NULL, test_result_callback, &called);
  test_dispatch_pending ();
  assert_null (called.result);
  contract_register (self, "one", 1, "");
  result = test_result_wait (&called);
  events = disco_watcher_next_finish (watcher, result, NULL);
  test_assert_events (events, "+one:1");
}

static void
call_returns_all_that_is_pending (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoService) service = contract_service (self, NULL);
  g_autoptr (DiscoWatcher) watcher = disco_service_watch (service);
  g_autoptr (GPtrArray) none = contract_next (watcher);
  g_autoptr (GPtrArray) events = NULL;

  contract_register (self, "one", 1, "");
  contract_register (self, "two", 2, "");
  contract_register (self, "three", 3, "");
  contract_wait_for_size (service, 3);
  events = contract_next (watcher);
  assert_int_equal (events->len, 3);
  contract_assert_nothing_pending (watcher);
}

static void
immediate_watcher_waits_for_an_event_only (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoService) service = contract_service (self, NULL);
  g_autoptr (DiscoWatcher) watcher = disco_service_watch_full (service, DISCO_WATCH_IMMEDIATE);
  g_autoptr (GPtrArray) events = NULL;

  contract_assert_nothing_pending (watcher);
  contract_register (self, "one", 1, "");
  events = contract_next (watcher);
  test_assert_events (events, "+one:1");
}

static void
second_call_is_pending_and_the_first_goes_on (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoService) service = contract_service (self, NULL);
  g_autoptr (DiscoWatcher) watcher = disco_service_watch (service);
  g_autoptr (GPtrArray) none = contract_next (watcher);
  TestResult first = { NULL }, second = { NULL };
  g_autoptr (GAsyncResult) first_result = NULL;
  g_autoptr (GAsyncResult) second_result = NULL;
  g_autoptr (GPtrArray) events = NULL;
  g_autoptr (GError) error = NULL;

  disco_watcher_next_async (watcher, NULL, test_result_callback, &first);
  disco_watcher_next_async (watcher, NULL, test_result_callback, &second);
  second_result = test_result_wait (&second);
  assert_null (disco_watcher_next_finish (watcher, second_result, &error));
  test_assert_error (&error, G_IO_ERROR, G_IO_ERROR_PENDING, NULL);
  assert_null (disco_watcher_next (watcher, NULL, &error));
  test_assert_error (&error, G_IO_ERROR, G_IO_ERROR_PENDING, NULL);
  contract_register (self, "one", 1, "");
  first_result = test_result_wait (&first);
  events = disco_watcher_next_finish (watcher, first_result, NULL);
  test_assert_events (events, "+one:1");
}

static void
closed_watcher_is_closed_for_good (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoService) service = contract_service (self, NULL);
  g_autoptr (DiscoWatcher) watcher = disco_service_watch (service);
  g_autoptr (GError) error = NULL;

  disco_watcher_close (watcher);
  disco_watcher_close (watcher);
  assert_null (disco_watcher_next (watcher, NULL, &error));
  test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_CLOSED, NULL);
}

static void
close_ends_the_call_that_waits (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoService) service = contract_service (self, NULL);
  g_autoptr (DiscoWatcher) watcher = disco_service_watch (service);
  g_autoptr (GPtrArray) none = contract_next (watcher);
  TestResult called = { NULL };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  disco_watcher_next_async (watcher, NULL, test_result_callback, &called);
  disco_watcher_close (watcher);
  result = test_result_wait (&called);
  assert_null (disco_watcher_next_finish (watcher, result, &error));
  test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_CLOSED, NULL);
}

/* A call of next that blocks a thread */
typedef struct
{
  DiscoWatcher *watcher;
  int state; /* atomic: 0, then 1 before the call, then 2 after it */
  GPtrArray *events;
  GError *error;
} Blocked;

static gpointer
block (gpointer data)
{
  Blocked *blocked = data;

  g_atomic_int_set (&blocked->state, 1);
  blocked->events = disco_watcher_next (blocked->watcher, NULL, &blocked->error);
  g_atomic_int_set (&blocked->state, 2);
  return NULL;
}

static gboolean
has_begun (gpointer data)
{
  return g_atomic_int_get (&((Blocked *)data)->state) > 0;
}

static gboolean
has_ended (gpointer data)
{
  return g_atomic_int_get (&((Blocked *)data)->state) > 1;
}

static void
close_in_another_thread_ends_a_call_that_blocks (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoService) service = contract_service (self, NULL);
  g_autoptr (DiscoWatcher) watcher = disco_service_watch_full (service, DISCO_WATCH_IMMEDIATE);
  Blocked blocked = { .watcher = watcher };
  GThread *thread = g_thread_new ("block", block, &blocked);

  test_wait_until (NULL, has_begun, &blocked);
  disco_watcher_close (watcher);
  test_wait_until (NULL, has_ended, &blocked);
  g_thread_join (thread);
  assert_null (blocked.events);
  test_assert_error (&blocked.error, DISCO_ERROR, DISCO_ERROR_CLOSED, NULL);
}

static void
call_that_blocks_gets_what_happens_in_another_thread (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoService) service = contract_service (self, NULL);
  g_autoptr (DiscoWatcher) watcher = disco_service_watch_full (service, DISCO_WATCH_IMMEDIATE);
  Blocked blocked = { .watcher = watcher };
  GThread *thread = g_thread_new ("block", block, &blocked);

  test_wait_until (NULL, has_begun, &blocked);
  contract_register (self, "one", 1, "");
  test_wait_until (NULL, has_ended, &blocked);
  g_thread_join (thread);
  assert_null (blocked.error);
  test_assert_events (blocked.events, "+one:1");
  g_ptr_array_unref (blocked.events);
}

static void
watchers_of_one_service_do_not_affect_each_other (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoService) service = contract_service (self, NULL);
  g_autoptr (DiscoWatcher) one = disco_service_watch (service);
  g_autoptr (DiscoWatcher) two = disco_service_watch (service);
  g_autoptr (DiscoWatcher) closed = disco_service_watch (service);
  TestReader first, second;

  test_reader_init (&first);
  test_reader_init (&second);
  contract_register (self, "one", 1, "");
  contract_read_until_size (one, &first, 1);
  disco_watcher_close (closed);
  contract_register (self, "two", 2, "");
  contract_read_until_size (one, &first, 2);
  contract_read_until_size (two, &second, 2);
  test_reader_clear (&first);
  test_reader_clear (&second);
}

/* The service "one" is there, and its reader knows. */
static void
read_one (Contract *self, ContractView *view)
{
  contract_view_init (view, self);
  contract_register (self, "one", 1, "");
  contract_read_until_size (view->watcher, &view->reader, 1);
}

/* The next batch is that, and the reader takes it in. */
static void
assert_told (ContractView *view, const char *expected)
{
  g_autoptr (GPtrArray) events = contract_next (view->watcher);

  test_assert_events (events, expected);
  test_reader_replay (&view->reader, events);
}

static void
what_came_and_went_while_the_reader_slept_is_not_told (void **state)
{
  Contract *self = *state;
  g_auto (ContractView) view = { NULL };

  contract_view_init (&view, self);
  contract_register (self, "passing", 1, "");
  contract_wait_for_size (view.service, 1);
  contract_deregister (self, "passing");
  contract_wait_for_size (view.service, 0);
  contract_assert_nothing_pending (view.watcher);
  contract_register (self, "staying", 2, "");
  assert_told (&view, "+staying:2");
}

static void
updates_while_the_reader_slept_are_one_with_the_first_previous (void **state)
{
  Contract *self = *state;
  g_auto (ContractView) view = { NULL };

  read_one (self, &view);
  contract_update (self, "one", 2, "");
  g_object_unref (contract_wait_for (view.service, "one", 2));
  contract_update (self, "one", 3, "");
  g_object_unref (contract_wait_for (view.service, "one", 3));
  assert_told (&view, "~one:1>3");
}

static void
what_went_and_came_back_different_is_an_update (void **state)
{
  Contract *self = *state;
  g_auto (ContractView) view = { NULL };

  read_one (self, &view);
  contract_deregister (self, "one");
  contract_wait_for_size (view.service, 0);
  contract_register (self, "one", 2, "");
  g_object_unref (contract_wait_for (view.service, "one", 2));
  assert_told (&view, "~one:1>2");
}

static void
update_and_remove_while_the_reader_slept_is_a_remove (void **state)
{
  Contract *self = *state;
  g_auto (ContractView) view = { NULL };

  read_one (self, &view);
  contract_update (self, "one", 2, "");
  g_object_unref (contract_wait_for (view.service, "one", 2));
  contract_deregister (self, "one");
  contract_wait_for_size (view.service, 0);
  assert_told (&view, "-one:1");
  assert_int_equal (g_hash_table_size (view.reader.known), 0);
}

static void
replaying_the_events_gives_what_is_true (void **state)
{
  Contract *self = *state;
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  g_auto (ContractView) view = { NULL };
  const guint n = contract_world->is_network ? 12 : 2000;
  guint16 port = 1;

  contract_view_init (&view, self);
  for (guint i = 0; i < n; i++)
    {
      const char id[] = { (char)('a' + g_rand_int_range (rand, 0, 4)), '\0' };

      switch (g_rand_int_range (rand, 0, 3))
        {
        case 0:
          contract_deregister (self, id);
          break;
        case 1:
          contract_deregister (self, id);
          contract_register (self, id, ++port, "");
          break;
        default:
          contract_deregister (self, id);
          contract_register (self, id, ++port, "");
          contract_update (self, id, ++port, "x");
        }
      if (g_rand_boolean (rand) && !contract_world->is_network)
        {
          g_autoptr (GPtrArray) events = NULL;

          contract_register (self, "now", ++port, "");
          events = contract_next (view.watcher);
          test_reader_replay (&view.reader, events);
          contract_deregister (self, "now");
        }
    }
  contract_register (self, "last", 1, "");
  contract_read_until (view.watcher, &view.reader, "last", 1);
  contract_deregister (self, "last");
  while (test_reader_get (&view.reader, "last") != NULL)
    {
      g_autoptr (GPtrArray) events = contract_next (view.watcher);
      test_reader_replay (&view.reader, events);
    }
  contract_read_all (view.watcher, &view.reader, view.service);
}

int
contract_run_watchers (void)
{
  const struct CMUnitTest tests[] = {
    contract_test (first_call_returns_the_first_full_set_as_adds),
    contract_test (first_call_returns_an_empty_array_if_there_is_nothing),
    contract_test (later_call_waits_until_there_is_an_event),
    contract_test (call_returns_all_that_is_pending),
    contract_test (immediate_watcher_waits_for_an_event_only),
    contract_test (second_call_is_pending_and_the_first_goes_on),
    contract_test (closed_watcher_is_closed_for_good),
    contract_test (close_ends_the_call_that_waits),
    contract_test (close_in_another_thread_ends_a_call_that_blocks),
    contract_test (call_that_blocks_gets_what_happens_in_another_thread),
    contract_test (watchers_of_one_service_do_not_affect_each_other),
    contract_test (what_came_and_went_while_the_reader_slept_is_not_told),
    contract_test (updates_while_the_reader_slept_are_one_with_the_first_previous),
    contract_test (what_went_and_came_back_different_is_an_update),
    contract_test (update_and_remove_while_the_reader_slept_is_a_remove),
    contract_test (replaying_the_events_gives_what_is_true),
  };
  return cmocka_run_group_tests_name ("watchers", tests, NULL, NULL);
}
