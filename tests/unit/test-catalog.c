/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-catalog-private.h"
#include "engine-fixture.h"

#define HOST "host.local"

static const SimService web = { "a", "_http._tcp", HOST, 80, "disco.id=a|", NULL };
static const SimService printer = { "p", "_ipp._tcp", HOST, 631, "disco.id=p|", NULL };
static const SimService bill
    = { "x", "_disco._tcp", HOST, 1, "disco.id=x|disco.name=the-bills-of-all|", NULL };
static const SimService letter
    = { "y", "_disco._tcp", HOST, 2, "disco.id=y|disco.name=the-letters-of-all|", NULL };

/* Generic services are looked for by their subtypes. */
static void
announce (EngineFixture *self, const SimService *service)
{
  sim_net_announce (self->net, DISCO_LINK_ANY, service);
}

static void
announce_generic (EngineFixture *self, const SimService *service, const char *subtype)
{
  const char *const subtypes[] = { subtype, NULL };
  SimService with_subtype = *service;

  with_subtype.subtypes = subtypes;
  announce (self, &with_subtype);
}

static void
enumerate (EngineFixture *self, GCancellable *cancellable, TestResult *result)
{
  g_autoptr (GObject) agent = g_object_new (G_TYPE_OBJECT, NULL);
  GTask *task = g_task_new (agent, cancellable, test_result_callback, result);

  g_task_set_check_cancellable (task, FALSE);
  disco_engine_enumerate (self->engine, self->table, task);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (disco_source_get_name (*(DiscoSource *const *)a),
                 disco_source_get_name (*(DiscoSource *const *)b));
}

/* The names found, sorted, with how many instances each has: "http 1, ipp 2" */
static void
assert_found (TestResult *result, const char *expected)
{
  g_autoptr (GAsyncResult) task = test_result_wait (result);
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  DiscoCatalogFound *found = g_task_propagate_pointer (G_TASK (task), &error);

  if (found == NULL)
    {
      fail_msg ("%s", error->message);
      return;
    }
  assert_ptr_equal (found->agent, g_task_get_source_object (G_TASK (task)));
  g_ptr_array_sort (found->sources, compare_names);
  for (guint i = 0; i < found->sources->len; i++)
    {
      DiscoSource *source = found->sources->pdata[i];
      g_autoptr (GPtrArray) instances = disco_source_get_instances (source, NULL);
      assert_true (disco_source_get_synced (source));
      g_string_append_printf (text, "%s%s %u", i > 0 ? ", " : "", disco_source_get_name (source),
                              instances->len);
    }
  disco_catalog_found_free (found);
  assert_string_equal (text->str, expected);
}

static void
assert_fails (TestResult *result, GQuark domain, int code, const char *part)
{
  g_autoptr (GAsyncResult) task = test_result_wait (result);
  g_autoptr (GError) error = NULL;

  assert_null (g_task_propagate_pointer (G_TASK (task), &error));
  test_assert_error (&error, domain, code, part);
}

static void
empty_network_has_no_services (void **state)
{
  EngineFixture *self = *state;
  TestResult result = { NULL };

  enumerate (self, NULL, &result);
  assert_found (&result, "");
}

static void
every_type_is_a_service_with_its_first_full_set (void **state)
{
  EngineFixture *self = *state;
  TestResult result = { NULL };

  sim_net_add_address (self->net, DISCO_LINK_ANY, HOST, "192.0.2.1");
  announce (self, &web);
  announce (self, &printer);
  enumerate (self, NULL, &result);
  assert_found (&result, "http 1, ipp 1");
  for (SimKind kind = 0; kind < SIM_N_KINDS; kind++)
    assert_int_equal (sim_net_get_n_live (self->net, kind), 0);
}

static void
generic_services_are_listed_by_their_names (void **state)
{
  EngineFixture *self = *state;
  TestResult result = { NULL };

  sim_net_add_address (self->net, DISCO_LINK_ANY, HOST, "192.0.2.1");
  announce (self, &web);
  announce_generic (self, &bill, "_the-bills-of-all._sub._disco._tcp");
  announce_generic (self, &letter, "_the-letters-of-all._sub._disco._tcp");
  enumerate (self, NULL, &result);
  assert_found (&result, "http 1, the-bills-of-all 1, the-letters-of-all 1");
}

static void
types_that_are_no_services_are_passed_over (void **state)
{
  EngineFixture *self = *state;
  TestResult result = { NULL };

  sim_net_add_address (self->net, DISCO_LINK_ANY, HOST, "192.0.2.1");
  sim_net_add_ptr (self->net, DISCO_LINK_ANY, "a", "_x--y._tcp");
  sim_net_add_ptr (self->net, DISCO_LINK_ANY, "a", "_y");
  announce (self, &web);
  enumerate (self, NULL, &result);
  assert_found (&result, "http 1");
}

static void
interfaces_that_are_not_used_have_no_types (void **state)
{
  static const char *const allow[] = { "lo", NULL };
  EngineFixture *self = *state;
  TestResult result = { NULL };

  engine_fixture_restrict (self, allow, NULL);
  sim_net_add_address (self->net, DISCO_LINK_ANY, HOST, "192.0.2.1");
  sim_net_announce (self->net, 1, &web);
  sim_net_announce (self->net, 2, &printer);
  enumerate (self, NULL, &result);
  assert_found (&result, "http 1");
}

static void
two_calls_at_once_share_their_sources (void **state)
{
  EngineFixture *self = *state;
  TestResult results[2] = { { NULL } };

  sim_net_add_address (self->net, DISCO_LINK_ANY, HOST, "192.0.2.1");
  announce (self, &web);
  engine_fixture_wait_running (self);
  enumerate (self, NULL, &results[0]);
  enumerate (self, NULL, &results[1]);
  assert_found (&results[0], "http 1");
  assert_found (&results[1], "http 1");
  assert_int_equal (sim_net_get_n_made (self->net, SIM_BROWSE_SERVICES), 1);
}

static void
link_lost_in_between_is_waited_for (void **state)
{
  EngineFixture *self = *state;
  TestResult result = { NULL };

  sim_net_add_address (self->net, DISCO_LINK_ANY, HOST, "192.0.2.1");
  announce (self, &web);
  sim_net_set_all_for_now (self->net, FALSE);
  enumerate (self, NULL, &result);
  engine_fixture_wait_running (self);
  engine_fixture_wait_live (self, SIM_BROWSE_SERVICES, 1);
  engine_fixture_cut_link (self);
  announce (self, &printer);
  sim_net_set_all_for_now (self->net, TRUE);
  engine_fixture_restore_link (self);
  assert_found (&result, "http 1, ipp 1");
}

static void
call_without_a_link_fails_when_the_agent_gives_up (void **state)
{
  EngineFixture *self = *state;
  TestResult result = { NULL };

  self->no_link = TRUE;
  enumerate (self, NULL, &result);
  assert_fails (&result, DISCO_ERROR, DISCO_ERROR_UNAVAILABLE, "there is no link");
  /* at once from now on */
  enumerate (self, NULL, &result);
  assert_fails (&result, DISCO_ERROR, DISCO_ERROR_UNAVAILABLE, "there is no link");
}

static void
call_fails_with_its_types (void **state)
{
  EngineFixture *self = *state;
  TestResult result = { NULL };

  announce (self, &web);
  sim_net_set_all_for_now (self->net, FALSE);
  enumerate (self, NULL, &result);
  engine_fixture_wait_live (self, SIM_BROWSE_SERVICES, 1);
  sim_net_fail_browsers (self->net, SIM_BROWSE_TYPES, "no types");
  assert_fails (&result, DISCO_ERROR, DISCO_ERROR_FAILED, "no types");
}

static void
call_can_be_cancelled_before_it_begins_and_under_way (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  TestResult result = { NULL };

  announce (self, &web);
  sim_net_set_all_for_now (self->net, FALSE);
  enumerate (self, cancellable, &result);
  engine_fixture_wait_live (self, SIM_BROWSE_SERVICES, 1);
  g_cancellable_cancel (cancellable);
  assert_fails (&result, G_IO_ERROR, G_IO_ERROR_CANCELLED, NULL);
  assert_int_equal (sim_net_get_n_live (self->net, SIM_BROWSE_TYPES), 0);
  assert_int_equal (sim_net_get_n_live (self->net, SIM_BROWSE_SERVICES), 0);
  enumerate (self, cancellable, &result);
  assert_fails (&result, G_IO_ERROR, G_IO_ERROR_CANCELLED, NULL);
}

static void
types_over_the_bound_are_refused_and_counted (void **state)
{
  EngineFixture *self = *state;
  TestResult result = { NULL };
  g_autoptr (GAsyncResult) task = NULL;
  DiscoCatalogFound *found;

  for (guint i = 0; i < 1003; i++)
    {
      g_autofree char *type = g_strdup_printf ("_t%u._tcp", i);
      sim_net_add_ptr (self->net, 1, "a", type);
    }
  sim_net_set_up (self->net, 2, FALSE);
  enumerate (self, NULL, &result);
  task = test_result_wait (&result);
  found = g_task_propagate_pointer (G_TASK (task), NULL);
  assert_int_equal (found->sources->len, 1000);
  /* on two protocols */
  assert_int_equal (disco_counts_get (self->counts, DISCO_COUNT_REFUSED), 6);
  assert_int_equal (disco_counts_get (self->counts, DISCO_COUNT_REFUSED_SERVICES), 6);
  disco_catalog_found_free (found);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    engine_test (empty_network_has_no_services),
    engine_test (every_type_is_a_service_with_its_first_full_set),
    engine_test (generic_services_are_listed_by_their_names),
    engine_test (types_that_are_no_services_are_passed_over),
    engine_test (interfaces_that_are_not_used_have_no_types),
    engine_test (two_calls_at_once_share_their_sources),
    engine_test (link_lost_in_between_is_waited_for),
    engine_test (call_without_a_link_fails_when_the_agent_gives_up),
    engine_test (call_fails_with_its_types),
    engine_test (call_can_be_cancelled_before_it_begins_and_under_way),
    engine_test (types_over_the_bound_are_refused_and_counted),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
