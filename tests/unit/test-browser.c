/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-quota-private.h"
#include "engine-fixture.h"

#define MAX_INSTANCES 40
#define HOST_SHARE (MAX_INSTANCES / 2)

static const SimService web = { "a", "_http._tcp", "host.local", 80, "disco.id=a|", NULL };
static const SimService second = { "b", "_http._tcp", "host.local", 81, "disco.id=b|", NULL };

static gboolean
is_synced (EngineReader *reader)
{
  return disco_source_get_synced (reader->source);
}

static void
name_without_instances_is_synced_too (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = engine_reader_new (self, "http");

  engine_reader_wait_synced (reader);
  engine_reader_wait (reader, "");
}

static gboolean
has_come (gpointer time)
{
  return g_get_monotonic_time () >= *(gint64 *)time;
}

static void
nobody_is_there_when_a_second_question_was_not_answered_either (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = engine_reader_new (self, "http");
  gint64 asked_again;

  sim_net_set_all_for_now (self->net, FALSE);
  engine_fixture_wait_running (self);
  engine_fixture_wait_quiet (self);
  asked_again = g_get_monotonic_time () + G_TIME_SPAN_SECOND;
  test_wait_until (self->context, has_come, &asked_again);
  sim_net_tell_all_for_now (self->net);
  engine_reader_wait_synced (reader);
  engine_reader_wait (reader, "");
  assert_true (g_get_monotonic_time () - asked_again >= 700 * G_TIME_SPAN_MILLISECOND);
}

static void
first_set_is_full_only_when_the_responder_has_shown_all_it_has (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = engine_reader_new (self, "http");

  sim_net_set_all_for_now (self->net, FALSE);
  sim_net_announce (self->net, 1, &web);
  sim_net_add_address (self->net, 1, "host.local", "192.0.2.1");
  engine_reader_wait (reader, "+a:80 ");
  assert_false (is_synced (reader));
  /* later than the quiet that would do if all were told */
  sim_net_announce (self->net, 1, &second);
  engine_reader_wait (reader, "+b:81 ");
  assert_false (is_synced (reader));
  sim_net_tell_all_for_now (self->net);
  engine_reader_wait_synced (reader);
}

static void
first_set_waits_for_names_that_come_after_all_was_told (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = engine_reader_new (self, "http");

  sim_net_add_address (self->net, 1, "host.local", "192.0.2.1");
  engine_fixture_wait_running (self);
  engine_fixture_wait_quiet (self);
  sim_net_announce (self->net, 1, &web);
  engine_fixture_wait_quiet (self);
  sim_net_announce (self->net, 1, &second);
  assert_false (is_synced (reader));
  engine_reader_wait_synced (reader);
  engine_reader_wait_known (reader, "a", 80);
  engine_reader_wait_known (reader, "b", 81);
}

static void
first_set_waits_three_seconds_for_a_name_that_is_not_answered_for (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = engine_reader_new (self, "http");
  gint64 began = g_get_monotonic_time ();

  /* the question itself does not end before the test's deadline */
  sim_net_set_timeout_ms (self->net, 60 * 1000);
  sim_net_add_ptr (self->net, 1, "a", "_http._tcp");
  engine_reader_wait_synced (reader);
  assert_true (g_get_monotonic_time () - began >= 3 * G_TIME_SPAN_SECOND);
}

static gboolean
invent_name (gpointer data)
{
  EngineFixture *self = data;
  static guint n;
  g_autofree char *label = g_strdup_printf ("z%u", n++);

  sim_net_add_ptr (self->net, 1, label, "_http._tcp");
  return G_SOURCE_CONTINUE;
}

static void
names_that_are_invented_do_not_put_the_first_set_off_for_ever (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = engine_reader_new (self, "http");
  g_autoptr (GSource) flood = g_timeout_source_new (50);

  g_source_set_callback (flood, invent_name, self, NULL);
  g_source_attach (flood, sim_net_get_context (self->net));
  sim_net_announce (self->net, 1, &web);
  sim_net_add_address (self->net, 1, "host.local", "192.0.2.1");
  engine_reader_wait_synced (reader);
  engine_reader_wait (reader, "+a:80 ");
  g_source_destroy (flood);
}

static void
names_that_are_there_come_as_one_set (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = NULL;
  g_autoptr (GPtrArray) instances = NULL;

  sim_net_add_address (self->net, 1, "host.local", "192.0.2.1");
  for (guint i = 0; i < 100; i++)
    {
      g_autofree char *label = g_strdup_printf ("n%u", i);
      SimService service = { label, "_http._tcp", "host.local", 80, "|", NULL };
      sim_net_announce (self->net, DISCO_LINK_ANY, &service);
    }
  reader = engine_reader_new (self, "http");
  engine_reader_wait_synced (reader);
  instances = disco_source_get_instances (reader->source, NULL);
  assert_int_equal (instances->len, 100);
}

static void
interfaces_that_are_not_used_show_nothing (void **state)
{
  static const char *const deny[] = { "lo", NULL };
  EngineFixture *self = *state;
  EngineReader *reader;

  engine_fixture_restrict (self, NULL, deny);
  reader = engine_reader_new (self, "http");
  sim_net_add_address (self->net, 1, "host.local", "192.0.2.1");
  sim_net_announce (self->net, 1, &web);
  engine_reader_wait_synced (reader);
  engine_reader_wait (reader, "");
  assert_int_equal (sim_net_get_n_made (self->net, SIM_RESOLVE), 0);
  engine_reader_free (reader);
}

static void
reader_that_goes_in_the_middle_leaves_nothing (void **state)
{
  EngineFixture *self = *state;

  sim_net_add_address (self->net, 1, "host.local", "192.0.2.1");
  sim_net_announce (self->net, 1, &web);
  for (guint steps = 0; steps < 12; steps++)
    {
      EngineReader *reader = engine_reader_new (self, "http");

      engine_fixture_wait_running (self);
      for (guint i = 0; i < steps; i++)
        g_main_context_iteration (self->context, FALSE);
      engine_reader_free (reader);
      for (SimKind kind = 0; kind < SIM_N_KINDS; kind++)
        assert_int_equal (sim_net_get_n_live (self->net, kind), 0);
    }
}

static void
on_waited (DiscoSource *source, const GError *error, gpointer user_data)
{
  assert_non_null (error);
  g_string_append (user_data, error->message);
}

static void
browser_that_fails_fails_those_who_wait_for_the_first_set (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = engine_reader_new (self, "http");
  g_autoptr (GString) told = g_string_new (NULL);

  sim_net_set_all_for_now (self->net, FALSE);
  engine_fixture_wait_running (self);
  assert_int_not_equal (disco_source_add_waiter (reader->source, on_waited, told), 0);
  sim_net_fail_browsers (self->net, SIM_BROWSE_SERVICES, "no browsing");
  engine_wait_log (told, "no browsing");
}

static void
order_of_events_between_objects_does_not_matter (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = engine_reader_new (self, "http");

  sim_net_set_shuffle (self->net, TRUE);
  sim_net_announce (self->net, DISCO_LINK_ANY, &web);
  sim_net_announce (self->net, DISCO_LINK_ANY, &second);
  sim_net_add_address (self->net, DISCO_LINK_ANY, "host.local", "192.0.2.1");
  engine_reader_wait_known (reader, "a", 80);
  engine_reader_wait_known (reader, "b", 81);
  sim_net_withdraw (self->net, DISCO_LINK_ANY, &web);
  engine_reader_wait (reader, "-a:80 ");
}

static void
add_names (EngineFixture *self, const char *prefix, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *label = g_strdup_printf ("%s%u", prefix, i);
      sim_net_add_ptr (self->net, 1, label, "_http._tcp");
    }
}

static void
announce_many (EngineFixture *self, const char *prefix, guint n, const char *host)
{
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *label = g_strdup_printf ("%s%u", prefix, i);
      g_autofree char *txt = g_strdup_printf ("disco.id=%s|", label);
      const SimService service = { label, "_http._tcp", host, 80, txt, NULL };
      sim_net_announce (self->net, 1, &service);
    }
}

static guint64
n_refused (EngineFixture *self)
{
  return disco_counts_get (self->counts, DISCO_COUNT_REFUSED_INSTANCES);
}

static gboolean
is_refusing (gpointer data)
{
  return n_refused (data) > 0;
}

static guint
n_shown (EngineReader *reader)
{
  g_autoptr (GPtrArray) instances = disco_source_get_instances (reader->source, NULL);

  return instances->len;
}

static gboolean
shows_its_share (gpointer data)
{
  return n_shown (data) == HOST_SHARE;
}

static void
instances_over_the_bound_are_refused_and_counted (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = NULL;

  disco_engine_set_max_instances (self->engine, MAX_INSTANCES);
  sim_net_hold_answers (self->net, TRUE);
  add_names (self, "n", DISCO_QUOTA_MIN_CANDIDATES + 2);
  reader = engine_reader_new (self, "http");
  engine_fixture_wait_running (self);
  engine_fixture_wait_quiet (self);
  engine_reader_wait (reader, "");
  assert_int_equal (n_refused (self), 2);
  assert_int_equal (disco_counts_get (self->counts, DISCO_COUNT_REFUSED), 2);
}

static void
names_that_nobody_answers_for_keep_nobody_out (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = NULL;

  disco_engine_set_max_instances (self->engine, MAX_INSTANCES);
  sim_net_add_address (self->net, 1, "host.local", "192.0.2.1");
  sim_net_announce (self->net, 1, &web);
  reader = engine_reader_new (self, "http");
  engine_reader_wait (reader, "+a:80 ");
  add_names (self, "n", DISCO_QUOTA_MIN_CANDIDATES + MAX_INSTANCES);
  engine_fixture_wait_quiet (self);
  assert_int_equal (n_refused (self), MAX_INSTANCES);
  sim_net_announce (self->net, 1, &second);
  engine_reader_wait (reader, "+b:81 ");
  sim_net_withdraw (self->net, 1, &web);
  engine_reader_wait (reader, "-a:80 ");
}

static void
host_with_very_many_instances_keeps_nobody_out (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = NULL;

  disco_engine_set_max_instances (self->engine, MAX_INSTANCES);
  sim_net_add_address (self->net, 1, "flooder.local", "192.0.2.2");
  announce_many (self, "n", MAX_INSTANCES, "flooder.local");
  reader = engine_reader_new (self, "http");
  test_wait_until (NULL, is_refusing, self);
  engine_reader_wait_synced (reader);
  assert_int_equal (n_shown (reader), HOST_SHARE);
  assert_int_equal (n_refused (self), MAX_INSTANCES - HOST_SHARE);

  sim_net_add_address (self->net, 1, "host.local", "192.0.2.1");
  sim_net_announce (self->net, 1, &second);
  engine_reader_wait_known (reader, "b", 81);
  sim_net_withdraw (self->net, 1, &second);
  engine_reader_wait_known (reader, "b", 0);
  assert_int_equal (n_shown (reader), HOST_SHARE);
}

/* Names come faster than they can be asked for, on a busy machine even a thousand. */
static void
host_that_floods_while_nothing_is_answered_keeps_nobody_out (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = NULL;

  disco_engine_set_max_instances (self->engine, MAX_INSTANCES);
  sim_net_add_address (self->net, 1, "flooder.local", "192.0.2.2");
  sim_net_add_address (self->net, 1, "host.local", "192.0.2.1");
  sim_net_hold_answers (self->net, TRUE);
  reader = engine_reader_new (self, "http");
  engine_fixture_wait_running (self);
  announce_many (self, "m", MAX_INSTANCES, "flooder.local");
  sim_net_announce (self->net, 1, &second);
  announce_many (self, "n", DISCO_QUOTA_MIN_CANDIDATES - MAX_INSTANCES - 1, "flooder.local");
  engine_fixture_wait_quiet (self);
  sim_net_hold_answers (self->net, FALSE);
  engine_reader_wait_known (reader, "b", 81);
  engine_reader_wait_synced (reader);
  assert_int_equal (n_shown (reader), HOST_SHARE + 1);
}

/* The responder has shown it once, when there was no room. */
static void
name_that_was_turned_away_comes_when_there_is_room (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = NULL;

  disco_engine_set_max_instances (self->engine, 1);
  sim_net_add_address (self->net, 1, "host.local", "192.0.2.1");
  sim_net_announce (self->net, 1, &web);
  reader = engine_reader_new (self, "http");
  engine_reader_wait (reader, "+a:80 ");
  sim_net_announce (self->net, 1, &second);
  test_wait_until (NULL, is_refusing, self);
  engine_reader_wait_synced (reader);
  sim_net_withdraw (self->net, 1, &web);
  engine_reader_wait (reader, "-a:80 +b:81 ");

  /* the browser that has shown it goes on telling */
  sim_net_withdraw (self->net, 1, &second);
  engine_reader_wait (reader, "-b:81 ");
  sim_net_announce (self->net, 1, &web);
  engine_reader_wait (reader, "+a:80 ");
}

static void
host_over_its_share_shows_the_rest_when_some_go (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = NULL;

  disco_engine_set_max_instances (self->engine, MAX_INSTANCES);
  sim_net_add_address (self->net, 1, "host.local", "192.0.2.1");
  sim_net_announce (self->net, 1, &second);
  reader = engine_reader_new (self, "http");
  engine_reader_wait (reader, "+b:81 ");
  announce_many (self, "n", HOST_SHARE, "host.local");
  test_wait_until (NULL, is_refusing, self);
  assert_int_equal (n_shown (reader), HOST_SHARE);
  sim_net_withdraw (self->net, 1, &second);
  engine_reader_wait_known (reader, "b", 0);
  test_wait_until (NULL, shows_its_share, reader);
}

/* Its addresses come on another interface than its pointer, and it waits for the common one. */
static void
first_set_waits_for_a_name_that_is_about_to_be_shown (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = NULL;
  g_autoptr (GPtrArray) instances = NULL;

  sim_net_add_address (self->net, 2, "host.local", "192.0.2.1");
  sim_net_announce (self->net, 1, &web);
  reader = engine_reader_new (self, "http");
  engine_reader_wait_synced (reader);
  instances = disco_source_get_instances (reader->source, NULL);
  assert_int_equal (instances->len, 1);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    engine_test (first_set_waits_for_a_name_that_is_about_to_be_shown),
    engine_test (name_without_instances_is_synced_too),
    engine_test (nobody_is_there_when_a_second_question_was_not_answered_either),
    engine_test (first_set_is_full_only_when_the_responder_has_shown_all_it_has),
    engine_test (first_set_waits_for_names_that_come_after_all_was_told),
    engine_test (first_set_waits_three_seconds_for_a_name_that_is_not_answered_for),
    engine_test (names_that_are_invented_do_not_put_the_first_set_off_for_ever),
    engine_test (names_that_are_there_come_as_one_set),
    engine_test (interfaces_that_are_not_used_show_nothing),
    engine_test (reader_that_goes_in_the_middle_leaves_nothing),
    engine_test (browser_that_fails_fails_those_who_wait_for_the_first_set),
    engine_test (order_of_events_between_objects_does_not_matter),
    engine_test (instances_over_the_bound_are_refused_and_counted),
    engine_test (names_that_nobody_answers_for_keep_nobody_out),
    engine_test (host_with_very_many_instances_keeps_nobody_out),
    engine_test (name_that_was_turned_away_comes_when_there_is_room),
    engine_test (host_over_its_share_shows_the_rest_when_some_go),
    engine_test (host_that_floods_while_nothing_is_answered_keeps_nobody_out),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
