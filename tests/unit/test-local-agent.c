/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is the local agent's own; the rest is in the contract. */
#include "test-support.h"

#include <disco/disco.h>

static char *
register_one (DiscoLocalAgent *agent, const char *id)
{
  g_autoptr (DiscoRegistration) registration = disco_registration_new ("http", 80);

  disco_registration_set_id (registration, id);
  return disco_agent_register (DISCO_AGENT (agent), registration, NULL, NULL);
}

static void
each_local_agent_is_a_world_of_its_own (void **state)
{
  g_autoptr (DiscoLocalAgent) one = disco_local_agent_new ();
  g_autoptr (DiscoLocalAgent) two = disco_local_agent_new ();
  g_autofree char *in_one = register_one (one, "the same");
  g_autofree char *in_two = register_one (two, "the same");
  g_autoptr (DiscoService) service = NULL;
  g_autoptr (GPtrArray) instances = NULL;

  assert_string_equal (in_one, in_two);
  assert_true (disco_agent_leave (DISCO_AGENT (one), NULL, NULL));
  service = disco_agent_service (DISCO_AGENT (two), "http", NULL, NULL, NULL);
  instances = disco_service_get_instances (service);
  assert_int_equal (instances->len, 1);
  assert_string_equal (disco_instance_get_label (instances->pdata[0]), "the same");
}

static void
opened_service_is_synced_at_once (void **state)
{
  g_autoptr (DiscoLocalAgent) agent = disco_local_agent_new ();
  g_autoptr (DiscoService) service
      = disco_agent_open_service (DISCO_AGENT (agent), "http", NULL, NULL);

  assert_true (disco_service_get_synced (service));
}

static void
count_notify (GObject *object, GParamSpec *pspec, gpointer user_data)
{
  ++*(guint *)user_data;
}

static void
default_tags_notify_where_they_change (void **state)
{
  const char *tags[] = { "a", NULL };
  const char *none[] = { NULL };
  g_autoptr (DiscoLocalAgent) agent = disco_local_agent_new ();
  g_auto (GStrv) got = NULL;
  guint n = 0;

  g_signal_connect (agent, "notify::default-tags", G_CALLBACK (count_notify), &n);
  g_object_get (agent, "default-tags", &got, NULL);
  assert_null (got);
  g_object_set (agent, "default-tags", tags, NULL);
  g_object_set (agent, "default-tags", tags, NULL);
  test_dispatch_pending ();
  assert_int_equal (n, 1);
  g_object_set (agent, "default-tags", none, NULL);
  g_object_set (agent, "default-tags", NULL, NULL);
  test_dispatch_pending ();
  assert_int_equal (n, 3);
}

static gpointer
drop (gpointer data)
{
  g_object_unref (data);
  return NULL;
}

static void
agent_that_dies_in_another_thread_leaves_nothing_behind (void **state)
{
  DiscoLocalAgent *agent = disco_local_agent_new ();

  g_thread_join (g_thread_new ("drop", drop, agent));
  test_dispatch_pending ();
  assert_false (g_main_context_pending (*state));
}

static void
ten_thousand_registrations_take_no_time (void **state)
{
  g_autoptr (DiscoLocalAgent) agent = disco_local_agent_new ();
  g_autoptr (GHashTable) services = NULL;

  for (guint i = 0; i < 10000; i++)
    {
      g_autofree char *wanted = g_strdup_printf ("%u", i);
      g_autofree char *id = register_one (agent, wanted);

      assert_string_equal (id, wanted);
    }
  services = disco_agent_services (DISCO_AGENT (agent), NULL, NULL, NULL);
  assert_int_equal (g_hash_table_size (services), 1);
  assert_true (disco_agent_leave (DISCO_AGENT (agent), NULL, NULL));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    test_in_own_context (each_local_agent_is_a_world_of_its_own),
    test_in_own_context (opened_service_is_synced_at_once),
    test_in_own_context (default_tags_notify_where_they_change),
    test_in_own_context (agent_that_dies_in_another_thread_leaves_nothing_behind),
    test_in_own_context (ten_thousand_registrations_take_no_time),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
