/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-agent.h"
#include "test-support.h"

#include <disco/disco.h>

#define N_THREADS 8
#define N_ROUNDS 500

static void
context_without_an_agent_has_the_processs_local_one (void **state)
{
  DiscoAgent *agent = disco_agent_for_context (*state);

  assert_true (DISCO_IS_LOCAL_AGENT (agent));
  assert_ptr_equal (disco_agent_for_context (NULL), agent);
  assert_ptr_equal (disco_agent_for_context (g_main_context_default ()), agent);
}

static void
null_means_the_thread_default_context (void **state)
{
  g_autoptr (TestAgent) agent = test_agent_new ();
  GMainContext *other = g_main_context_new ();

  disco_agent_set_for_context (NULL, DISCO_AGENT (agent));
  assert_ptr_equal (disco_agent_for_context (*state), agent);
  assert_ptr_equal (disco_agent_for_context (NULL), agent);
  g_main_context_push_thread_default (other);
  assert_ptr_not_equal (disco_agent_for_context (NULL), agent);
  g_main_context_pop_thread_default (other);
  g_main_context_unref (other);
}

static void
default_context_can_have_an_agent_too (void **state)
{
  g_autoptr (TestAgent) agent = test_agent_new ();

  disco_agent_set_for_context (g_main_context_default (), DISCO_AGENT (agent));
  assert_ptr_equal (disco_agent_for_context (g_main_context_default ()), agent);
  assert_ptr_not_equal (disco_agent_for_context (*state), agent);
  disco_agent_set_for_context (g_main_context_default (), NULL);
  assert_ptr_not_equal (disco_agent_for_context (g_main_context_default ()), agent);
}

static void
agent_is_held_until_another_is_set (void **state)
{
  TestAgent *first = test_agent_new ();
  TestAgent *second = test_agent_new ();
  gpointer first_watch = first, second_watch = second;

  g_object_add_weak_pointer (G_OBJECT (first), &first_watch);
  g_object_add_weak_pointer (G_OBJECT (second), &second_watch);
  disco_agent_set_for_context (*state, DISCO_AGENT (first));
  g_object_unref (first);
  assert_ptr_equal (disco_agent_for_context (*state), first_watch);
  assert_non_null (first_watch);
  disco_agent_set_for_context (*state, DISCO_AGENT (second));
  g_object_unref (second);
  assert_null (first_watch);
  disco_agent_set_for_context (*state, DISCO_AGENT (second_watch));
  assert_ptr_equal (disco_agent_for_context (*state), second_watch);
  assert_non_null (second_watch);
  disco_agent_set_for_context (*state, NULL);
  assert_null (second_watch);
  disco_agent_set_for_context (*state, NULL);
}

static void
context_that_dies_is_forgotten_and_its_agent_dropped (void **state)
{
  GMainContext *context = g_main_context_new ();
  TestAgent *agent = test_agent_new ();
  gpointer watch = agent;

  g_object_add_weak_pointer (G_OBJECT (agent), &watch);
  disco_agent_set_for_context (context, DISCO_AGENT (agent));
  g_object_unref (agent);
  assert_non_null (watch);
  g_main_context_unref (context);
  assert_null (watch);
}

static void
context_dies_though_its_agent_was_made_in_it (void **state)
{
  GMainContext *context = g_main_context_new ();
  DiscoLocalAgent *agent;
  gpointer watch;

  g_main_context_push_thread_default (context);
  watch = agent = disco_local_agent_new ();
  g_main_context_pop_thread_default (context);
  g_object_add_weak_pointer (G_OBJECT (agent), &watch);
  disco_agent_set_for_context (context, DISCO_AGENT (agent));
  g_object_unref (agent);
  g_main_context_unref (context);
  assert_null (watch);
}

static void
new_context_at_the_address_of_a_dead_one_has_no_agent (void **state)
{
  g_autoptr (TestAgent) agent = test_agent_new ();

  for (guint i = 0; i < 100; i++)
    {
      GMainContext *context = g_main_context_new ();

      assert_ptr_not_equal (disco_agent_for_context (context), agent);
      disco_agent_set_for_context (context, DISCO_AGENT (agent));
      g_main_context_unref (context);
    }
}

static gpointer
set_and_get (gpointer data)
{
  for (guint i = 0; i < N_ROUNDS; i++)
    {
      GMainContext *context = g_main_context_new ();
      TestAgent *agent = test_agent_new ();

      disco_agent_set_for_context (context, DISCO_AGENT (agent));
      g_object_unref (agent);
      if (disco_agent_for_context (context) != DISCO_AGENT (agent))
        g_error ("another thread's agent");
      if (i % 2 == 0)
        disco_agent_set_for_context (context, NULL);
      g_main_context_unref (context);
    }
  return NULL;
}

static void
threads_may_use_the_table_at_once (void **state)
{
  GThread *threads[N_THREADS];

  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("table", set_and_get, NULL);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
}

static gpointer
get_fallback (gpointer data)
{
  return disco_agent_for_context (NULL);
}

static void
all_threads_get_the_same_local_agent (void **state)
{
  GThread *threads[N_THREADS];

  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("fallback", get_fallback, NULL);
  for (guint i = 0; i < N_THREADS; i++)
    assert_ptr_equal (g_thread_join (threads[i]), disco_agent_for_context (NULL));
}

static void
note_rename (DiscoAgent *agent, const char *id, const char *label, gpointer user_data)
{
  *(GMainContext **)user_data = g_main_context_ref_thread_default ();
}

static gboolean
is_set (gpointer data)
{
  return *(gpointer *)data != NULL;
}

/* Whoever asks first, its signals must not depend on that one's context. */
static void
local_agents_signals_fire_in_the_default_context (void **state)
{
  DiscoAgent *agent = disco_agent_for_context (NULL);
  g_autoptr (GMainContext) fired_in = NULL;
  gulong handler = g_signal_connect (agent, "renamed", G_CALLBACK (note_rename), &fired_in);

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (DiscoRegistration) registration = disco_registration_new ("http", 80);
      g_autofree char *id = NULL;

      disco_registration_set_label (registration, "the same");
      id = disco_agent_register (agent, registration, NULL, NULL);
      assert_non_null (id);
    }
  test_dispatch_pending ();
  assert_null (fired_in);
  g_main_context_pop_thread_default (*state);
  test_wait_until (g_main_context_default (), is_set, &fired_in);
  assert_ptr_equal (fired_in, g_main_context_default ());
  g_main_context_push_thread_default (*state);
  g_signal_handler_disconnect (agent, handler);
  assert_true (disco_agent_leave (agent, NULL, NULL));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    /* First, so that the local agent is made while another context is thread-default */
    test_in_own_context (local_agents_signals_fire_in_the_default_context),
    test_in_own_context (all_threads_get_the_same_local_agent),
    test_in_own_context (context_without_an_agent_has_the_processs_local_one),
    test_in_own_context (null_means_the_thread_default_context),
    test_in_own_context (default_context_can_have_an_agent_too),
    test_in_own_context (agent_is_held_until_another_is_set),
    test_in_own_context (context_that_dies_is_forgotten_and_its_agent_dropped),
    test_in_own_context (context_dies_though_its_agent_was_made_in_it),
    test_in_own_context (new_context_at_the_address_of_a_dead_one_has_no_agent),
    test_in_own_context (threads_may_use_the_table_at_once),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
