/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether an instance is still there */
#include "contract.h"

/* (transfer full): registered, and seen */
static DiscoInstance *
register_seen (Contract *self, ContractView *view, const char *id)
{
  contract_register (self, id, 1, "");
  contract_read_until (view->watcher, &view->reader, id, 1);
  return g_object_ref (test_reader_get (&view->reader, id));
}

static void
what_is_there_is_found_and_nothing_is_told_of_it (void **state)
{
  Contract *self = *state;
  g_auto (ContractView) view = { NULL };
  g_autoptr (DiscoInstance) instance = NULL;
  g_autoptr (GError) error = NULL;

  contract_view_init (&view, self);
  instance = register_seen (self, &view, "one");
  for (guint i = 0; i < 2; i++)
    {
      if (!disco_agent_verify (self->agent, instance, NULL, &error))
        fail_msg ("%s", error->message);
    }
  contract_assert_nothing_pending (view.watcher);
}

static void
what_has_gone_is_not_found_and_can_come_again (void **state)
{
  Contract *self = *state;
  g_auto (ContractView) view = { NULL };
  g_autoptr (DiscoInstance) instance = NULL;
  g_autoptr (GError) error = NULL;

  contract_view_init (&view, self);
  instance = register_seen (self, &view, "one");
  contract_deregister (self, "one");
  contract_read_until_size (view.watcher, &view.reader, 0);
  assert_false (disco_agent_verify (self->agent, instance, NULL, &error));
  test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_NOT_FOUND, "one");
  contract_register (self, "one", 2, "");
  contract_read_until (view.watcher, &view.reader, "one", 2);
  assert_true (disco_agent_verify (self->agent, instance, NULL, NULL));
}

static void
call_that_is_cancelled_ends_so (void **state)
{
  Contract *self = *state;
  g_auto (ContractView) view = { NULL };
  g_autoptr (DiscoInstance) instance = NULL;

  contract_view_init (&view, self);
  instance = register_seen (self, &view, "one");
  contract_deregister (self, "one");
  contract_read_until_size (view.watcher, &view.reader, 0);
  for (guint late = 0; late < 2; late++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GError) error = NULL;
      TestResult called = { NULL };

      if (!late)
        g_cancellable_cancel (cancellable);
      disco_agent_verify_async (self->agent, instance, cancellable, test_result_callback, &called);
      assert_null (called.result);
      g_cancellable_cancel (cancellable);
      result = test_result_wait (&called);
      assert_false (disco_agent_verify_finish (self->agent, result, &error));
      /* an agent in memory has its answer before it can be cancelled */
      if (late && !contract_world->is_network)
        test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_NOT_FOUND, NULL);
      else
        test_assert_error (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, NULL);
    }
}

static void
agent_that_is_dropped_meanwhile_is_held_to_the_end_of_the_call (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoInstance) instance = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GObject) agent = NULL;
  TestResult called = { NULL };

  {
    g_auto (ContractView) view = { NULL };
    contract_view_init (&view, self);
    instance = register_seen (self, &view, "one");
  }
  disco_agent_verify_async (self->agent, instance, NULL, test_result_callback, &called);
  g_clear_object (&self->agent);
  result = test_result_wait (&called);
  agent = g_async_result_get_source_object (result);
  assert_true (disco_agent_verify_finish (DISCO_AGENT (agent), result, NULL));
}

int
contract_run_verify (void)
{
  const struct CMUnitTest tests[] = {
    contract_test (what_is_there_is_found_and_nothing_is_told_of_it),
    contract_test (what_has_gone_is_not_found_and_can_come_again),
    contract_test (call_that_is_cancelled_ends_so),
    contract_test (agent_that_is_dropped_meanwhile_is_held_to_the_end_of_the_call),
  };

  return cmocka_run_group_tests_name ("verify", tests, NULL, NULL);
}
