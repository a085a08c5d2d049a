/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-group-private.h"
#include "engine-fixture.h"

typedef struct
{
  DiscoGroupSet *set;      /* (owned) */
  DiscoRecordSet *records; /* (owned) */
  GArray *ifindexes;       /* (owned) of int */
  GString *log;            /* (owned): "established ", "collision ", "failure " */
  gboolean free_inside;
} Published;

static void
on_group (DiscoGroupState state, const GError *error, gpointer user_data)
{
  static const char *const names[] = { "established ", "collision ", "failure " };
  Published *self = user_data;

  assert_true ((state == DISCO_GROUP_FAILURE) == (error != NULL));
  g_string_append (self->log, names[state]);
  if (self->free_inside)
    g_clear_pointer (&self->set, disco_group_set_free);
}

static void
published_init (EngineFixture *fixture, Published *self, DiscoRegistration *registration,
                const char *ifindexes)
{
  g_autoptr (DiscoRegistration) owned = registration;
  g_auto (GStrv) words = g_strsplit (ifindexes, " ", -1);

  *self = (Published){ .log = g_string_new (NULL),
                       .ifindexes = g_array_new (FALSE, FALSE, sizeof (int)) };
  self->records = disco_record_set_new (registration, NULL, NULL, NULL, NULL);
  assert_non_null (self->records);
  for (char **word = words; *word != NULL; word++)
    {
      int ifindex = (int)g_ascii_strtoll (*word, NULL, 10);
      g_array_append_val (self->ifindexes, ifindex);
    }
  engine_fixture_wait_running (fixture);
}

static void
published_clear (Published *self)
{
  g_clear_pointer (&self->set, disco_group_set_free);
  disco_record_set_free (self->records);
  g_array_unref (self->ifindexes);
  g_string_free (self->log, TRUE);
}

static void
publish_service (EngineFixture *fixture, Published *self)
{
  self->set = disco_group_set_new_service (fixture->engine, self->records, "a", self->ifindexes,
                                           on_group, self);
  assert_string_equal (self->log->str, "");
}

static void
publish_subtypes (EngineFixture *fixture, Published *self)
{
  self->set = disco_group_set_new_subtypes (fixture->engine, self->records, "a", self->ifindexes,
                                            on_group, self);
  assert_string_equal (self->log->str, "");
}

/* (transfer full): a registration with @n tags */
static DiscoRegistration *
with_tags (guint n)
{
  g_autoptr (GString) tags = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    g_string_append_printf (tags, "%st%02u", i > 0 ? " " : "", i);
  return engine_registration ("a", 80, n > 0 ? tags->str : NULL);
}

static void
service_is_one_group (void **state)
{
  EngineFixture *self = *state;
  Published published;

  published_init (self, &published, with_tags (3), "-1");
  publish_service (self, &published);
  engine_wait_log (published.log, "established ");
  engine_assert_published (self, "+a 80\n");
  published_clear (&published);
  engine_assert_published (self, "-a 80\n");
}

static void
service_with_an_address_and_a_generic_name_is_one_group_an_interface (void **state)
{
  EngineFixture *self = *state;
  DiscoRegistration *registration = disco_registration_new ("all the bills", 80);
  g_autoptr (EngineReader) reader = engine_reader_new (self, "all the bills");
  Published published;

  disco_registration_set_id (registration, "a");
  disco_registration_set_addr (registration, "192.0.2.9");
  published_init (self, &published, registration, "1 2");
  publish_service (self, &published);
  engine_wait_log (published.log, "established ");
  engine_assert_published (self, "+a 80 on 1\n+a 80 on 2\n");
  engine_reader_wait_known (reader, "a", 80);
  published_clear (&published);
  engine_reader_wait_known (reader, "a", 0);
}

static void
subtypes_are_in_as_many_groups_as_the_bound_on_entries_needs (void **state)
{
  static const struct
  {
    guint n_tags;
    const char *ifindexes;
    const char *groups;
  } rows[] = {
    { 1, "-1", "+1 subtypes of a\n" },
    { 31, "-1", "+31 subtypes of a\n" },
    { 32, "-1", "+31 subtypes of a\n+1 subtypes of a\n" },
    { 50, "-1", "+31 subtypes of a\n+19 subtypes of a\n" },
    { 16, "1 2", "+16 subtypes of a on 1\n+16 subtypes of a on 2\n" },
    { 32, "2", "+31 subtypes of a on 2\n+1 subtypes of a on 2\n" },
  };
  EngineFixture *self = *state;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      Published published;

      published_init (self, &published, with_tags (rows[i].n_tags), rows[i].ifindexes);
      publish_subtypes (self, &published);
      engine_assert_published (self, rows[i].groups);
      engine_wait_log (published.log, "established ");
      engine_fixture_wait_quiet (self);
      assert_string_equal (published.log->str, "established ");
      published_clear (&published);
      g_free (sim_net_take_log (self->net));
    }
}

static void
no_subtypes_are_no_set (void **state)
{
  EngineFixture *self = *state;
  Published published;

  published_init (self, &published, with_tags (0), "-1");
  publish_subtypes (self, &published);
  assert_null (published.set);
  published_clear (&published);
}

static void
groups_are_told_as_one_when_all_stand (void **state)
{
  EngineFixture *self = *state;
  Published published;

  sim_net_set_groups (self->net, SIM_GROUPS_HOLD);
  published_init (self, &published, with_tags (50), "-1");
  publish_subtypes (self, &published);
  test_dispatch_pending ();
  assert_string_equal (published.log->str, "");
  sim_net_set_groups (self->net, SIM_GROUPS_PROBE);
  engine_wait_log (published.log, "established ");
  assert_true (sim_net_is_quiet (self->net)); /* the last of them has told it */
  published_clear (&published);
}

static void
trouble_of_any_group_is_told (void **state)
{
  EngineFixture *self = *state;
  Published published;

  sim_net_take_name (self->net, "a", "_http._tcp");
  published_init (self, &published, with_tags (0), "-1");
  publish_service (self, &published);
  engine_wait_log (published.log, "collision ");
  published_clear (&published);

  sim_net_set_groups (self->net, SIM_GROUPS_FAIL);
  published_init (self, &published, with_tags (31), "-1");
  publish_subtypes (self, &published);
  engine_wait_log (published.log, "failure ");
  published_clear (&published);
}

static void
set_may_be_freed_from_inside_its_callback (void **state)
{
  EngineFixture *self = *state;
  Published published;

  sim_net_set_groups (self->net, SIM_GROUPS_FAIL);
  published_init (self, &published, with_tags (50), "-1");
  published.free_inside = TRUE;
  publish_subtypes (self, &published);
  engine_wait_log (published.log, "failure ");
  engine_fixture_wait_quiet (self);
  assert_string_equal (published.log->str, "failure ");
  assert_null (published.set);
  published_clear (&published);
}

static void
what_comes_after_a_redirection_goes_to_the_new_one (void **state)
{
  EngineFixture *self = *state;
  Published published;
  Published other = { .log = g_string_new (NULL) };

  published_init (self, &published, with_tags (0), "-1");
  publish_service (self, &published);
  engine_wait_log (published.log, "established ");
  disco_group_set_redirect (published.set, on_group, &other);
  sim_net_steal_name (self->net, "a", "_http._tcp");
  engine_wait_log (other.log, "collision ");
  assert_string_equal (published.log->str, "established ");
  published_clear (&published);
  g_string_free (other.log, TRUE);
}

static void
records_change_in_place_on_every_interface (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = engine_reader_new (self, "http");
  g_autoptr (GError) error = NULL;
  Published published;

  sim_net_add_address (self->net, DISCO_LINK_ANY, "box.local", "192.0.2.1");
  published_init (self, &published, with_tags (0), "1 2");
  publish_service (self, &published);
  engine_reader_wait_known (reader, "a", 80);
  g_free (sim_net_take_log (self->net));
  published.records->port = 81;
  assert_true (disco_group_set_update_srv (published.set, published.records, "a", &error));
  assert_true (disco_group_set_update_txt (published.set, published.records, "a", &error));
  engine_assert_published (self, "srv a 81 on 1\nsrv a 81 on 2\ntxt a on 1\ntxt a on 2\n");
  engine_reader_wait_known (reader, "a", 81);

  sim_net_set_refuse_updates (self->net, SIM_REFUSE_ALL);
  assert_false (disco_group_set_update_srv (published.set, published.records, "a", &error));
  test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_FAILED, "refused");
  assert_false (disco_group_set_update_txt (published.set, published.records, "a", &error));
  test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_FAILED, "refused");
  published_clear (&published);
}

static void
set_ifindexes (Published *self, int one, int other)
{
  g_array_set_size (self->ifindexes, 0);
  g_array_append_val (self->ifindexes, one);
  if (other != 0)
    g_array_append_val (self->ifindexes, other);
}

static void
extend (Published *self)
{
  disco_group_set_extend (self->set, self->records, "a", self->ifindexes);
}

static void
set_follows_the_interfaces_and_leaves_alone_what_stays (void **state)
{
  EngineFixture *self = *state;
  Published published;

  published_init (self, &published, with_tags (32), "1 2");
  publish_subtypes (self, &published);
  engine_wait_log (published.log, "established ");
  g_free (sim_net_take_log (self->net));
  set_ifindexes (&published, 2, 0);
  disco_group_set_keep (published.set, published.ifindexes);
  engine_assert_published (self, "-1 subtypes of a on 1\n-31 subtypes of a on 1\n");
  assert_true (disco_group_set_is_established (published.set));
  extend (&published);
  engine_assert_published (self, "");

  sim_net_add_pair (self->net, 3, 0);
  set_ifindexes (&published, 3, 2);
  extend (&published);
  engine_assert_published (self, "+31 subtypes of a on 3\n+1 subtypes of a on 3\n");
  assert_false (disco_group_set_is_established (published.set));
  assert_string_equal (published.log->str, "established ");
  engine_wait_log (published.log, "established established ");
  engine_fixture_wait_quiet (self);
  assert_true (disco_group_set_is_established (published.set));
  assert_string_equal (published.log->str, "established established ");
  published_clear (&published);
}

static void
set_whose_last_pending_group_goes_is_established (void **state)
{
  EngineFixture *self = *state;
  Published published;

  published_init (self, &published, with_tags (0), "1 2");
  sim_net_set_up (self->net, 2, FALSE);
  publish_service (self, &published);
  engine_fixture_wait_quiet (self);
  test_dispatch_pending ();
  assert_false (disco_group_set_is_established (published.set));
  set_ifindexes (&published, 1, 0);
  disco_group_set_keep (published.set, published.ifindexes);
  assert_true (disco_group_set_is_established (published.set));
  assert_string_equal (published.log->str, ""); /* nothing comes from inside a call */
  published_clear (&published);
}

static void
set_with_a_group_that_failed_is_not_established (void **state)
{
  EngineFixture *self = *state;
  Published published;

  published_init (self, &published, with_tags (0), "1 2");
  publish_service (self, &published);
  engine_wait_log (published.log, "established ");
  sim_net_fail_groups (self->net);
  engine_wait_log (published.log, "established failure failure ");
  assert_false (disco_group_set_is_established (published.set));
  published_clear (&published);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    engine_test (service_is_one_group),
    engine_test (service_with_an_address_and_a_generic_name_is_one_group_an_interface),
    engine_test (subtypes_are_in_as_many_groups_as_the_bound_on_entries_needs),
    engine_test (no_subtypes_are_no_set),
    engine_test (groups_are_told_as_one_when_all_stand),
    engine_test (trouble_of_any_group_is_told),
    engine_test (set_may_be_freed_from_inside_its_callback),
    engine_test (what_comes_after_a_redirection_goes_to_the_new_one),
    engine_test (records_change_in_place_on_every_interface),
    engine_test (set_follows_the_interfaces_and_leaves_alone_what_stays),
    engine_test (set_whose_last_pending_group_goes_is_established),
    engine_test (set_with_a_group_that_failed_is_not_established),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
