/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* services, service, open_service, and the agent of a context */
#include "contract.h"

#include <string.h>

static GHashTable *
find_services (Contract *self, const char *tag)
{
  const char *tags[] = { tag, NULL };
  g_autoptr (GError) error = NULL;
  GHashTable *services = disco_agent_services (self->agent, tags, NULL, &error);

  if (services == NULL)
    fail_msg ("services: %s", error->message);
  return services;
}

static void
services_are_all_names_that_are_offered (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoRegistration) generic = contract_registration (self->generic, "two", 2, "");
  g_autoptr (GHashTable) services = NULL;
  g_autofree char *id = NULL;
  DiscoService *service;

  contract_register (self, "one", 1, "");
  id = disco_agent_register (self->agent, generic, NULL, NULL);
  assert_non_null (id);
  services = find_services (self, NULL);
  service = g_hash_table_lookup (services, self->generic);
  assert_non_null (service);
  assert_string_equal (disco_service_get_name (service), self->generic);
  service = g_hash_table_lookup (services, self->name);
  assert_non_null (service);
  assert_string_equal (disco_service_get_name (service), self->name);
  assert_string_equal (disco_service_get_service_type (service), self->type);
  assert_null (g_hash_table_lookup (services, "disco"));
}

static void
services_are_live (void **state)
{
  Contract *self = *state;
  g_autoptr (GHashTable) services = NULL;
  DiscoService *service;

  contract_register (self, "one", 1, "");
  services = find_services (self, NULL);
  service = g_hash_table_lookup (services, self->name);
  assert_non_null (service);
  contract_wait_for_size (service, 1);
  contract_register (self, "two", 2, "");
  contract_wait_for_size (service, 2);
}

static void
services_have_an_instance_with_all_of_the_tags (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoRegistration) other = contract_registration (self->generic, "two", 2, "");
  g_autoptr (GHashTable) services = NULL;
  g_autofree char *id = NULL;
  DiscoService *service;

  contract_register (self, "one", 1, self->name);
  contract_register (self, "without", 3, "");
  id = disco_agent_register (self->agent, other, NULL, NULL);
  assert_non_null (id);
  services = find_services (self, self->name);
  assert_null (g_hash_table_lookup (services, self->generic));
  service = g_hash_table_lookup (services, self->name);
  assert_non_null (service);
  assert_string_equal (disco_service_get_tags (service)[0], self->name);
  contract_wait_for_size (service, 1);
}

typedef struct
{
  Contract *contract;
  const char *name;
} Sought;

static gboolean
is_not_offered (gpointer data)
{
  Sought *sought = data;
  g_autoptr (GHashTable) services = find_services (sought->contract, NULL);
  return !g_hash_table_contains (services, sought->name);
}

static void
service_that_nobody_offers_any_more_is_not_among_them (void **state)
{
  Contract *self = *state;
  Sought sought = { self, self->name };

  contract_register (self, "one", 1, "");
  assert_false (is_not_offered (&sought));
  contract_deregister (self, "one");
  test_wait_until (NULL, is_not_offered, &sought);
}

static void
service_is_returned_when_its_first_full_set_is_known (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoService) service = NULL;
  g_autoptr (GPtrArray) instances = NULL;

  contract_register (self, "one", 1, "");
  service = contract_service (self, NULL);
  assert_true (disco_service_get_synced (service));
  instances = disco_service_get_instances (service);
  assert_int_equal (instances->len, 1);
}

static void
service_of_an_unknown_name_is_empty (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoService) service = contract_service (self, NULL);
  g_autoptr (GPtrArray) instances = disco_service_get_instances (service);

  assert_true (disco_service_get_synced (service));
  assert_int_equal (instances->len, 0);
}

static gboolean
is_synced (gpointer data)
{
  return disco_service_get_synced (data);
}

static void
opened_service_is_synced_by_and_by (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoService) service = NULL;

  contract_register (self, "one", 1, "");
  service = disco_agent_open_service (self->agent, self->name, NULL, NULL);
  test_wait_until (NULL, is_synced, service);
  contract_wait_for_size (service, 1);
}

static void
instances_are_a_snapshot_of_the_callers_own (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoService) service = contract_service (self, NULL);
  g_autoptr (GPtrArray) before = disco_service_get_instances (service);
  g_autoptr (GPtrArray) after = NULL;

  contract_register (self, "one", 1, "");
  contract_wait_for_size (service, 1);
  assert_int_equal (before->len, 0);
  after = disco_service_get_instances (service);
  g_ptr_array_set_size (after, 0);
  contract_wait_for_size (service, 1);
}

static void
instances_have_ids_of_their_own (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoAgent) other = contract_world->make_agent ();
  g_autoptr (DiscoRegistration) same = contract_registration (self->name, "one", 2, "");
  g_autoptr (DiscoService) service = contract_service (self, NULL);
  g_autoptr (GHashTable) ids = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) instances = NULL;
  g_autofree char *id = NULL;

  contract_register (self, "one", 1, "");
  id = disco_agent_register (other, same, NULL, NULL);
  assert_string_equal (id, "one");
  contract_wait_for_size (service, contract_world->is_network ? 2 : 1);
  instances = disco_service_get_instances (service);
  for (guint i = 0; i < instances->len; i++)
    assert_true (g_hash_table_add (ids, (char *)disco_instance_get_id (instances->pdata[i])));
  assert_true (g_hash_table_contains (ids, "one"));
  assert_true (disco_agent_leave (other, NULL, NULL));
}

static void
services_and_watchers_hold_their_agent (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoService) service = contract_service (self, NULL);
  g_autoptr (DiscoWatcher) watcher = NULL;
  g_autoptr (GPtrArray) events = NULL;

  contract_register (self, "one", 1, "");
  contract_wait_for_size (service, 1);
  g_clear_object (&self->agent);
  contract_wait_for_size (service, 1);
  watcher = disco_service_watch (service);
  g_clear_object (&service);
  events = contract_next (watcher);
  test_assert_events (events, "+one:1");
}

static gpointer
count_instances (gpointer data)
{
  g_autoptr (GPtrArray) instances = disco_service_get_instances (data);
  return GUINT_TO_POINTER (instances->len);
}

static void
instances_can_be_got_in_any_thread (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoService) service = contract_service (self, NULL);
  GThread *thread;

  contract_register (self, "one", 1, "");
  contract_wait_for_size (service, 1);
  thread = g_thread_new ("count", count_instances, service);
  assert_int_equal (GPOINTER_TO_UINT (g_thread_join (thread)), 1);
}

static void
context_has_the_agent_that_was_set_for_it (void **state)
{
  Contract *self = *state;
  DiscoAgent *other = disco_agent_for_context (NULL);

  assert_non_null (other);
  assert_ptr_not_equal (other, self->agent);
  disco_agent_set_for_context (NULL, self->agent);
  assert_ptr_equal (disco_agent_for_context (NULL), self->agent);
  assert_ptr_equal (disco_agent_for_context (self->context), self->agent);
  disco_agent_set_for_context (self->context, NULL);
  assert_ptr_equal (disco_agent_for_context (NULL), other);
}

/* The agent was made in the context, and is set for it: neither may keep the other. */
static void
context_that_dies_drops_its_agent (void **state)
{
  GMainContext *context = g_main_context_new ();
  DiscoAgent *agent;
  GWeakRef weak;

  g_main_context_push_thread_default (context);
  agent = contract_world->make_agent ();
  g_weak_ref_init (&weak, agent);
  disco_agent_set_for_context (context, agent);
  g_object_unref (agent);
  g_main_context_pop_thread_default (context);
  agent = g_weak_ref_get (&weak);
  assert_non_null (agent);
  g_object_unref (agent);
  g_main_context_unref (context);
  contract_wait_gone (&weak);
}

int
contract_run_services (void)
{
  const struct CMUnitTest tests[] = {
    contract_test (services_are_all_names_that_are_offered),
    contract_test (services_are_live),
    contract_test (services_have_an_instance_with_all_of_the_tags),
    contract_test (service_that_nobody_offers_any_more_is_not_among_them),
    contract_test (service_is_returned_when_its_first_full_set_is_known),
    contract_test (service_of_an_unknown_name_is_empty),
    contract_test (opened_service_is_synced_by_and_by),
    contract_test (instances_are_a_snapshot_of_the_callers_own),
    contract_test (instances_have_ids_of_their_own),
    contract_test (services_and_watchers_hold_their_agent),
    contract_test (instances_can_be_got_in_any_thread),
    contract_test (context_has_the_agent_that_was_set_for_it),
    contract_test (context_that_dies_drops_its_agent),
  };
  return cmocka_run_group_tests_name ("services", tests, NULL, NULL);
}
