/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How the calls behave as calls: callbacks, cancellation, contexts, owners that are dropped */
#include "contract.h"

#include <string.h>
#include <unistd.h>

/* One asynchronous call of each kind, for what all have in common */
typedef struct
{
  const char *name;
  void (*begin) (Contract *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                 gpointer user_data);
  /* TRUE for success; frees what it was given */
  gboolean (*end) (DiscoAgent *agent, GAsyncResult *result, GError **error);
} Call;

static void
begin_register (Contract *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                gpointer user_data)
{
  g_autoptr (DiscoRegistration) registration = contract_registration (self->name, "new", 5, "");
  disco_agent_register_async (self->agent, registration, cancellable, callback, user_data);
}

static gboolean
end_register (DiscoAgent *agent, GAsyncResult *result, GError **error)
{
  g_autofree char *id = disco_agent_register_finish (agent, result, error);
  return id != NULL;
}

static void
begin_update (Contract *self, GCancellable *cancellable, GAsyncReadyCallback callback,
              gpointer user_data)
{
  g_autoptr (DiscoRegistration) registration = contract_registration (self->name, NULL, 6, "");
  disco_agent_update_async (self->agent, "one", registration, cancellable, callback, user_data);
}

static void
begin_deregister (Contract *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                  gpointer user_data)
{
  disco_agent_deregister_async (self->agent, "one", cancellable, callback, user_data);
}

static void
begin_leave (Contract *self, GCancellable *cancellable, GAsyncReadyCallback callback,
             gpointer user_data)
{
  disco_agent_leave_async (self->agent, cancellable, callback, user_data);
}

static void
begin_services (Contract *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                gpointer user_data)
{
  disco_agent_services_async (self->agent, NULL, cancellable, callback, user_data);
}

static gboolean
end_services (DiscoAgent *agent, GAsyncResult *result, GError **error)
{
  g_autoptr (GHashTable) services = disco_agent_services_finish (agent, result, error);
  return services != NULL;
}

static void
begin_service (Contract *self, GCancellable *cancellable, GAsyncReadyCallback callback,
               gpointer user_data)
{
  disco_agent_service_async (self->agent, self->name, NULL, cancellable, callback, user_data);
}

static gboolean
end_service (DiscoAgent *agent, GAsyncResult *result, GError **error)
{
  g_autoptr (DiscoService) service = disco_agent_service_finish (agent, result, error);
  return service != NULL;
}

static const Call calls[] = {
  { "register", begin_register, end_register },
  { "update", begin_update, disco_agent_update_finish },
  { "deregister", begin_deregister, disco_agent_deregister_finish },
  { "services", begin_services, end_services },
  { "service", begin_service, end_service },
  { "leave", begin_leave, disco_agent_leave_finish },
};

static gboolean
end_call (const Call *call, GAsyncResult *result, GError **error)
{
  g_autoptr (GObject) agent = g_async_result_get_source_object (result);

  assert_true (g_task_is_valid (result, agent));
  return call->end (DISCO_AGENT (agent), result, error);
}

static void
assert_ends (const Call *call, GAsyncResult *result)
{
  g_autoptr (GError) error = NULL;

  if (!end_call (call, result, &error))
    fail_msg ("%s: %s", call->name, error->message);
}

static void
callback_comes_once_and_not_before_the_call_returns (void **state)
{
  Contract *self = *state;

  contract_register (self, "one", 1, "");
  for (gsize i = 0; i < G_N_ELEMENTS (calls); i++)
    {
      TestResult called = { NULL };
      g_autoptr (GAsyncResult) result = NULL;

      calls[i].begin (self, NULL, test_result_callback, &called);
      if (called.result != NULL)
        fail_msg ("%s called back before it returned", calls[i].name);
      result = test_result_wait (&called);
      assert_ends (&calls[i], result);
      test_dispatch_pending ();
      assert_null (called.result);
    }
}

static void
call_without_a_callback_is_done_all_the_same (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoService) service = contract_service (self, NULL);

  begin_register (self, NULL, NULL, NULL);
  g_object_unref (contract_wait_for (service, "new", 5));
}

static void
call_that_is_cancelled_before_ends_cancelled (void **state)
{
  Contract *self = *state;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  contract_register (self, "one", 1, "");
  g_cancellable_cancel (cancellable);
  for (gsize i = 0; i < G_N_ELEMENTS (calls); i++)
    {
      TestResult called = { NULL };
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GError) error = NULL;

      calls[i].begin (self, cancellable, test_result_callback, &called);
      assert_null (called.result);
      result = test_result_wait (&called);
      if (end_call (&calls[i], result, &error))
        fail_msg ("%s ended with success", calls[i].name);
      test_assert_error (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, NULL);
    }
}

static void
cancelled_register_announces_nothing (void **state)
{
  Contract *self = *state;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (DiscoRegistration) registration = contract_registration (self->name, "one", 1, "");
  g_autoptr (DiscoService) service = NULL;
  g_autoptr (GPtrArray) instances = NULL;
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  assert_null (disco_agent_register (self->agent, registration, cancellable, &error));
  test_assert_error (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, NULL);
  service = contract_service (self, NULL);
  instances = disco_service_get_instances (service);
  assert_int_equal (instances->len, 0);
  contract_register (self, "one", 2, "");
}

static void
register_that_is_cancelled_meanwhile_is_announced_or_cancelled (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoService) service = contract_service (self, NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  TestResult called = { NULL };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  begin_register (self, cancellable, test_result_callback, &called);
  g_cancellable_cancel (cancellable);
  result = test_result_wait (&called);
  if (end_register (self->agent, result, &error))
    {
      contract_wait_for_size (service, 1);
      contract_deregister (self, "new");
    }
  else
    test_assert_error (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, NULL);
  contract_wait_for_size (service, 0);
  contract_register (self, "new", 7, "");
}

static void
call_that_is_cancelled_meanwhile_ends_soon (void **state)
{
  Contract *self = *state;

  contract_register (self, "one", 1, "");
  for (gsize i = 0; i < G_N_ELEMENTS (calls); i++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      TestResult called = { NULL };
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GError) error = NULL;

      calls[i].begin (self, cancellable, test_result_callback, &called);
      g_cancellable_cancel (cancellable);
      result = test_result_wait (&called);
      if (!end_call (&calls[i], result, &error))
        test_assert_error (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, NULL);
    }
}

static void
agent_may_be_dropped_during_a_call (void **state)
{
  Contract *self = *state;

  for (gsize i = 0; i < G_N_ELEMENTS (calls); i++)
    {
      TestResult called = { NULL };
      g_autoptr (GAsyncResult) result = NULL;

      if (self->agent == NULL)
        self->agent = contract_world->make_agent ();
      contract_register (self, "one", 1, "");
      calls[i].begin (self, NULL, test_result_callback, &called);
      g_clear_object (&self->agent);
      result = test_result_wait (&called);
      assert_ends (&calls[i], result);
    }
}

static gboolean
count_dispatch (gpointer data)
{
  ++*(guint *)data;
  return G_SOURCE_REMOVE;
}

static void
blocking_call_dispatches_nothing_of_the_callers (void **state)
{
  Contract *self = *state;
  g_autoptr (GSource) idle = g_idle_source_new ();
  g_autoptr (DiscoService) service = NULL;
  g_autoptr (DiscoWatcher) watcher = NULL;
  g_autoptr (GPtrArray) events = NULL;
  guint n = 0;

  g_source_set_callback (idle, count_dispatch, &n, NULL);
  g_source_attach (idle, self->context);
  contract_register (self, "one", 1, "");
  service = contract_service (self, NULL);
  watcher = disco_service_watch (service);
  events = disco_watcher_next (watcher, NULL, NULL);
  assert_int_equal (events->len, 1);
  assert_ptr_equal (g_main_context_get_thread_default (), self->context);
  assert_int_equal (n, 0);
  test_dispatch_pending ();
  assert_int_equal (n, 1);
}

/* A thread with a context of its own that registers, and notes where it was called back */
typedef struct
{
  Contract *contract;
  GThread *called_in; /* (nullable) */
} InThread;

static void
note_thread (GObject *source, GAsyncResult *result, gpointer user_data)
{
  InThread *self = user_data;

  self->called_in = end_register (DISCO_AGENT (source), result, NULL) ? g_thread_self () : NULL;
  g_main_context_wakeup (g_main_context_get_thread_default ());
}

static gpointer
register_in_thread (gpointer data)
{
  InThread *self = data;
  GMainContext *context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  begin_register (self->contract, NULL, note_thread, self);
  while (self->called_in == NULL)
    g_main_context_iteration (context, TRUE);
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
  return g_thread_self ();
}

static void
callback_comes_in_the_callers_thread_default_context (void **state)
{
  InThread in_thread = { .contract = *state };
  GThread *thread = g_thread_new ("register", register_in_thread, &in_thread);
  GThread *self = g_thread_join (thread);

  assert_ptr_equal (in_thread.called_in, self);
}

#define N_AGENTS 200
/* Threads that GLib keeps for a while for what is to come, however many agents there were */
#define N_POOLED 16

/* What agents may leave behind */
typedef struct
{
  guint n_descriptors;
  guint n_threads;
  guint n_children; /* zombies count */
} Left;

static guint
count_entries (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

/* TRUE if the process of that number, as text, was started by this one */
static gboolean
is_child (const char *pid)
{
  g_autofree char *path = g_build_filename ("/proc", pid, "stat", NULL);
  g_autofree char *stat = NULL;
  g_auto (GStrv) words = NULL;
  const char *rest;

  if (!g_ascii_isdigit (*pid) || !g_file_get_contents (path, &stat, NULL, NULL))
    return FALSE;
  rest = strrchr (stat, ')'); /* ends the name of the program; then state and parent */
  words = g_strsplit (rest != NULL ? rest : "", " ", 4);
  return g_strv_length (words) == 4 && g_ascii_strtoll (words[2], NULL, 10) == getpid ();
}

static guint
count_children (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc", 0, NULL);
  const char *name;
  guint n = 0;

  while ((name = g_dir_read_name (dir)) != NULL)
    n += is_child (name) ? 1 : 0;
  return n;
}

static Left
count_left (void)
{
  return (Left){ count_entries ("/proc/self/fd"), count_entries ("/proc/self/task"),
                 count_children () };
}

static gboolean
are_not_more (gpointer data)
{
  const Left *before = data;
  Left now = count_left ();

  return now.n_descriptors <= before->n_descriptors && now.n_threads <= before->n_threads + N_POOLED
         && now.n_children <= before->n_children;
}

static void
use_an_agent (Contract *self, gboolean wait)
{
  g_autoptr (DiscoAgent) agent = contract_world->make_agent ();
  g_autoptr (DiscoService) service = wait
                                         ? disco_agent_service (agent, self->name, NULL, NULL, NULL)
                                         : disco_agent_open_service (agent, self->name, NULL, NULL);

  assert_non_null (service);
}

static gboolean
has_no_child (gpointer data)
{
  return count_children () == 0;
}

static void
agents_come_and_go_and_leave_nothing (void **state)
{
  Contract *self = *state;
  Left before;

  /* Where agents share something, this one would keep it for the others. */
  g_clear_object (&self->agent);
  use_an_agent (self, TRUE); /* what the process opens once */
  test_wait_until (NULL, has_no_child, NULL);
  /* The bus's connections are closed on a thread of GIO's: there may be those of one agent too many
   * here, but those of the others are more. */
  before = count_left ();
  for (int i = 0; i < N_AGENTS; i++)
    use_an_agent (self, i % (N_AGENTS / 4) == 0);
  test_wait_until (NULL, are_not_more, &before);
}

int
contract_run_calls (void)
{
  const struct CMUnitTest tests[] = {
    contract_test (callback_comes_once_and_not_before_the_call_returns),
    contract_test (call_without_a_callback_is_done_all_the_same),
    contract_test (call_that_is_cancelled_before_ends_cancelled),
    contract_test (cancelled_register_announces_nothing),
    contract_test (register_that_is_cancelled_meanwhile_is_announced_or_cancelled),
    contract_test (call_that_is_cancelled_meanwhile_ends_soon),
    contract_test (agent_may_be_dropped_during_a_call),
    contract_test (blocking_call_dispatches_nothing_of_the_callers),
    contract_test (callback_comes_in_the_callers_thread_default_context),
    contract_test (agents_come_and_go_and_leave_nothing),
  };
  return cmocka_run_group_tests_name ("calls", tests, NULL, NULL);
}
