/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-service-private.h"
#include "test-agent.h"
#include "test-events.h"

static DiscoService *
open_service (TestAgent *agent, const char *const *tags)
{
  return disco_agent_open_service (DISCO_AGENT (agent), "a", tags, NULL);
}

static void
service_has_the_properties_of_its_source (void **state)
{
  const char *tags[] = { "x", "y", "x", NULL };
  g_autoptr (TestAgent) agent = test_agent_new ();
  g_autoptr (DiscoService) service = open_service (agent, tags);
  g_autofree char *name = NULL;
  g_autofree char *type = NULL;
  g_auto (GStrv) got = NULL;
  gboolean synced = TRUE;

  g_object_get (service, "name", &name, "type", &type, "tags", &got, "synced", &synced, NULL);
  assert_string_equal (name, "a");
  assert_string_equal (type, "_test._tcp");
  assert_string_equal (disco_service_get_name (service), "a");
  assert_string_equal (disco_service_get_service_type (service), "_test._tcp");
  assert_false (synced);
  assert_int_equal (g_strv_length (got), 2);
  assert_string_equal (got[0], "x");
  assert_string_equal (got[1], "y");
}

static void
services_of_one_name_share_a_source_that_the_last_one_drops (void **state)
{
  const char *tags[] = { "x", NULL };
  g_autoptr (TestAgent) agent = test_agent_new ();
  DiscoService *one = open_service (agent, NULL);
  DiscoService *two = open_service (agent, tags);

  assert_int_equal (test_agent_get_n_started (agent), 1);
  assert_ptr_equal (disco_service_peek_source (one), disco_service_peek_source (two));
  g_object_unref (one);
  assert_int_equal (test_agent_get_n_stopped (agent), 0);
  g_object_unref (two);
  assert_int_equal (test_agent_get_n_stopped (agent), 1);
}

static void
service_holds_its_agent_and_drops_the_source_first (void **state)
{
  TestAgent *agent = test_agent_new ();
  DiscoService *service = open_service (agent, NULL);
  gpointer watch = agent;

  g_object_add_weak_pointer (G_OBJECT (agent), &watch);
  g_object_unref (agent);
  assert_non_null (watch);
  g_object_unref (service); /* a source that outlives its agent aborts */
  assert_null (watch);
}

static void
instances_are_those_with_the_services_tags (void **state)
{
  const char *tags[] = { "x", NULL };
  g_autoptr (TestAgent) agent = test_agent_new ();
  g_autoptr (DiscoService) service = open_service (agent, tags);
  g_autoptr (GPtrArray) instances = NULL;

  test_agent_push (agent, "a", "one:1 two:2/x", FALSE);
  instances = disco_service_get_instances (service);
  assert_int_equal (instances->len, 1);
  assert_string_equal (disco_instance_get_id (instances->pdata[0]), "two");
}

/* What notify said */
typedef struct
{
  guint n;
  GMainContext *context;
} Notified;

static void
on_synced (DiscoService *service, GParamSpec *pspec, gpointer user_data)
{
  Notified *notified = user_data;

  assert_true (disco_service_get_synced (service));
  notified->n++;
  notified->context = g_main_context_get_thread_default ();
}

static gboolean
is_notified (gpointer data)
{
  return ((Notified *)data)->n > 0;
}

static gpointer
push_synced (gpointer data)
{
  test_agent_push (data, "a", "", TRUE);
  return NULL;
}

static void
synced_is_notified_once_in_the_context_of_the_service (void **state)
{
  g_autoptr (TestAgent) agent = test_agent_new ();
  g_autoptr (DiscoService) service = open_service (agent, NULL);
  Notified notified = { 0 };

  g_signal_connect (service, "notify::synced", G_CALLBACK (on_synced), &notified);
  test_agent_push (agent, "a", "", FALSE);
  test_dispatch_pending ();
  assert_int_equal (notified.n, 0);
  g_thread_join (g_thread_new ("push", push_synced, agent));
  assert_true (disco_service_get_synced (service));
  assert_int_equal (notified.n, 0);
  test_wait_until (NULL, is_notified, &notified);
  assert_ptr_equal (notified.context, *state);
  test_agent_push (agent, "a", "one:1", TRUE);
  test_dispatch_pending ();
  assert_int_equal (notified.n, 1);
}

static void
service_that_is_synced_from_the_start_notifies_nothing (void **state)
{
  g_autoptr (TestAgent) agent = test_agent_new ();
  g_autoptr (DiscoService) first = open_service (agent, NULL);
  g_autoptr (DiscoService) service = NULL;
  Notified notified = { 0 };

  test_agent_push (agent, "a", "", TRUE);
  service = open_service (agent, NULL);
  assert_true (disco_service_get_synced (service));
  g_signal_connect (service, "notify::synced", G_CALLBACK (on_synced), &notified);
  test_dispatch_pending ();
  assert_int_equal (notified.n, 0);
}

static void
service_waits_on_when_the_agent_gives_up_for_now (void **state)
{
  g_autoptr (TestAgent) agent = test_agent_new ();
  g_autoptr (DiscoService) service = open_service (agent, NULL);
  g_autoptr (GError) error = g_error_new_literal (DISCO_ERROR, DISCO_ERROR_UNAVAILABLE, "no link");
  Notified notified = { 0 };

  g_signal_connect (service, "notify::synced", G_CALLBACK (on_synced), &notified);
  disco_source_fail_waiting (test_agent_get_source (agent, "a"), error);
  test_dispatch_pending ();
  assert_int_equal (notified.n, 0);
  test_agent_push (agent, "a", "", TRUE);
  test_dispatch_pending ();
  assert_int_equal (notified.n, 1);
}

static void
service_may_be_dropped_before_it_is_synced_and_before_it_is_notified (void **state)
{
  g_autoptr (TestAgent) agent = test_agent_new ();
  g_autoptr (DiscoService) other = open_service (agent, NULL);
  DiscoService *service = open_service (agent, NULL);
  Notified notified = { 0 };

  g_signal_connect (service, "notify::synced", G_CALLBACK (on_synced), &notified);
  g_object_unref (service);
  service = open_service (agent, NULL);
  g_signal_connect (service, "notify::synced", G_CALLBACK (on_synced), &notified);
  test_agent_push (agent, "a", "", TRUE);
  g_object_unref (service);
  test_dispatch_pending ();
  assert_int_equal (notified.n, 0);
}

static gpointer
open_and_drop (gpointer data)
{
  for (guint i = 0; i < 300; i++)
    {
      g_autoptr (DiscoService) service
          = disco_agent_open_service (DISCO_AGENT (data), "a", NULL, NULL);
      g_autoptr (DiscoWatcher) watcher = disco_service_watch (service);
    }
  return NULL;
}

static void
services_may_be_dropped_while_another_thread_syncs_them (void **state)
{
  for (guint round = 0; round < 20; round++)
    {
      g_autoptr (TestAgent) agent = test_agent_new ();
      g_autoptr (DiscoService) held = open_service (agent, NULL);
      GThread *thread = g_thread_new ("open", open_and_drop, agent);

      test_agent_push (agent, "a", "one:1", TRUE);
      g_thread_join (thread);
      test_dispatch_pending ();
    }
}

static void
seed_grows_into_a_service_of_the_same_source_and_tags (void **state)
{
  const char *tags[] = { "x", NULL };
  TestAgent *agent = test_agent_new ();
  DiscoService *service = open_service (agent, NULL);
  DiscoServiceSeed *seed = disco_service_seed_new (
      DISCO_AGENT (agent), disco_source_ref (disco_service_peek_source (service)), tags);
  g_autoptr (DiscoService) grown = disco_service_seed_grow (seed);

  assert_ptr_equal (disco_service_peek_source (grown), disco_service_peek_source (service));
  assert_string_equal (disco_service_get_tags (grown)[0], "x");
  g_clear_object (&grown);
  g_object_unref (service);
  g_object_unref (agent);
  disco_service_seed_free (seed); /* drops the source, then the agent */
}

static void
watch_flags_have_nicks (void **state)
{
  g_autoptr (GFlagsClass) klass = g_type_class_ref (DISCO_TYPE_WATCH_FLAGS);

  assert_string_equal (g_flags_get_first_value (klass, DISCO_WATCH_IMMEDIATE)->value_nick,
                       "immediate");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    test_in_own_context (service_has_the_properties_of_its_source),
    test_in_own_context (services_of_one_name_share_a_source_that_the_last_one_drops),
    test_in_own_context (service_holds_its_agent_and_drops_the_source_first),
    test_in_own_context (instances_are_those_with_the_services_tags),
    test_in_own_context (synced_is_notified_once_in_the_context_of_the_service),
    test_in_own_context (service_that_is_synced_from_the_start_notifies_nothing),
    test_in_own_context (service_waits_on_when_the_agent_gives_up_for_now),
    test_in_own_context (service_may_be_dropped_before_it_is_synced_and_before_it_is_notified),
    test_in_own_context (services_may_be_dropped_while_another_thread_syncs_them),
    test_in_own_context (seed_grows_into_a_service_of_the_same_source_and_tags),
    test_in_own_context (watch_flags_have_nicks),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
