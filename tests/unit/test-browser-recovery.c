/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine-fixture.h"

/* What a browser shows when its link is lost, and when there is a new one. */

#define HOST "host.local"

static const SimService web = { "a", "_http._tcp", HOST, 80, "disco.id=a|", NULL };
static const SimService second = { "b", "_http._tcp", HOST, 81, "disco.id=b|", NULL };
static const SimService third = { "c", "_http._tcp", HOST, 82, "disco.id=c|", NULL };

static EngineReader *
read_all (EngineFixture *self)
{
  EngineReader *reader = engine_reader_new (self, "http");

  sim_net_add_address (self->net, DISCO_LINK_ANY, HOST, "192.0.2.1");
  sim_net_announce (self->net, DISCO_LINK_ANY, &web);
  sim_net_announce (self->net, DISCO_LINK_ANY, &second);
  engine_reader_wait_known (reader, "a", 80);
  engine_reader_wait_known (reader, "b", 81);
  engine_reader_wait_synced (reader);
  return reader;
}

static void
snapshot_stands_while_there_is_no_link (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = read_all (self);
  g_autoptr (GPtrArray) instances = NULL;

  engine_fixture_cut_link (self);
  engine_fixture_wait_state (self, DISCO_STATE_UNAVAILABLE);
  engine_reader_wait (reader, "");
  instances = disco_source_get_instances (reader->source, NULL);
  assert_int_equal (instances->len, 2);
  assert_true (disco_source_get_synced (reader->source));
}

static void
link_that_comes_back_tells_only_what_is_new (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = read_all (self);

  engine_fixture_cut_link (self);
  sim_net_announce (self->net, DISCO_LINK_ANY, &third);
  engine_fixture_restore_link (self);
  engine_reader_wait (reader, "+c:82 ");
}

/* The other one's PTR has gone too, but its records are still answered for: it is asked for again
 * now and then, and not at each answer. */
static void
name_that_stays_away_is_removed_when_a_question_was_not_answered_either (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = read_all (self);
  guint n_asked;
  gint64 began;

  sim_net_set_timeout_ms (self->net, 200);
  engine_fixture_cut_link (self);
  sim_net_withdraw (self->net, DISCO_LINK_ANY, &web);
  sim_net_remove_ptr (self->net, DISCO_LINK_ANY, "b", "_http._tcp");
  began = g_get_monotonic_time ();
  n_asked = sim_net_get_n_made (self->net, SIM_RESOLVE);
  engine_fixture_restore_link (self);
  engine_reader_wait (reader, "-a:80 ");
  assert_in_range (sim_net_get_n_made (self->net, SIM_RESOLVE) - n_asked, 2, 5);
  assert_true (g_get_monotonic_time () - began >= 5 * G_TIME_SPAN_SECOND);
  sim_net_announce (self->net, DISCO_LINK_ANY, &third);
  engine_reader_wait (reader, "+c:82 ");
}

/* As what is announced over a connection that was lost, and then over the next one */
static void
goodbye_and_new_announcement_on_a_new_link_are_no_event (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = read_all (self);

  engine_fixture_cut_link (self);
  sim_net_announce (self->net, DISCO_LINK_ANY, &third);
  engine_fixture_restore_link (self);
  engine_reader_wait (reader, "+c:82 "); /* so the others are shown again too */
  sim_net_withdraw (self->net, DISCO_LINK_ANY, &web);
  sim_net_withdraw (self->net, DISCO_LINK_ANY, &third);
  engine_reader_wait (reader, "-c:82 ");
  sim_net_announce (self->net, DISCO_LINK_ANY, &web);
  sim_net_announce (self->net, DISCO_LINK_ANY, &third);
  engine_reader_wait (reader, "+c:82 ");
}

static void
goodbye_on_a_new_link_is_told_when_nothing_follows (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = read_all (self);

  sim_net_set_timeout_ms (self->net, 200);
  engine_fixture_cut_link (self);
  sim_net_announce (self->net, DISCO_LINK_ANY, &third);
  engine_fixture_restore_link (self);
  engine_reader_wait (reader, "+c:82 ");
  sim_net_withdraw (self->net, DISCO_LINK_ANY, &web);
  engine_reader_wait (reader, "-a:80 ");
}

static void
change_while_the_link_was_lost_is_one_update (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = read_all (self);
  SimService changed = web;

  changed.port = 8080;
  engine_fixture_cut_link (self);
  sim_net_remove_srv (self->net, DISCO_LINK_ANY, &web);
  sim_net_add_srv (self->net, DISCO_LINK_ANY, &changed);
  engine_fixture_restore_link (self);
  engine_reader_wait (reader, "~a:80>8080 ");
}

/* Less than there was is shown of it at first: the second interface is late. */
static void
part_that_comes_late_on_a_new_link_is_no_update (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = read_all (self);

  sim_net_add_address (self->net, 2, HOST, "198.51.100.1");
  engine_reader_wait_addresses (reader, "a", "192.0.2.1 198.51.100.1");
  engine_reader_wait_addresses (reader, "b", "192.0.2.1 198.51.100.1");
  engine_fixture_cut_link (self);
  sim_net_set_up (self->net, 2, FALSE);
  engine_fixture_restore_link (self);
  engine_fixture_wait_live (self, SIM_BROWSE_RECORDS, 6);
  sim_net_set_up (self->net, 2, TRUE);
  sim_net_announce (self->net, DISCO_LINK_ANY, &third);
  engine_reader_wait (reader, "+c:82 ");
}

/* On the interface that comes first its TXT record does not say so. */
static void
name_of_a_generic_service_that_a_new_link_shows_in_part_stays (void **state)
{
  EngineFixture *self = *state;
  static const char *const subtypes[] = { "_a\\.b._sub._disco._tcp", NULL };
  SimService offer = { "a", "_disco._tcp", HOST, 80, "disco.id=a|disco.name=a.b|", subtypes };
  SimService bare = { "a", "_disco._tcp", HOST, 80, "disco.id=a|", subtypes };
  SimService other = { "c", "_disco._tcp", HOST, 82, "disco.id=c|disco.name=a.b|", subtypes };
  g_autoptr (EngineReader) reader = engine_reader_new (self, "a.b");

  sim_net_add_address (self->net, DISCO_LINK_ANY, HOST, "192.0.2.1");
  sim_net_announce (self->net, 1, &offer);
  sim_net_announce (self->net, 2, &bare);
  engine_reader_wait_known (reader, "a", 80);
  engine_reader_wait_synced (reader);
  engine_fixture_cut_link (self);
  sim_net_set_up (self->net, 1, FALSE);
  engine_fixture_restore_link (self);
  sim_net_announce (self->net, 2, &other);
  engine_reader_wait (reader, "+c:82 ");
  sim_net_set_up (self->net, 1, TRUE);
  sim_net_withdraw (self->net, 2, &other);
  engine_reader_wait (reader, "-c:82 ");
}

static void
link_lost_again_before_it_has_settled_changes_nothing (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = read_all (self);

  sim_net_set_all_for_now (self->net, FALSE);
  for (guint i = 0; i < 5; i++)
    {
      engine_fixture_cut_link (self);
      engine_fixture_restore_link (self);
      for (guint k = 0; k < 3 * i; k++)
        g_main_context_iteration (self->context, FALSE);
    }
  sim_net_announce (self->net, DISCO_LINK_ANY, &third);
  engine_reader_wait (reader, "+c:82 ");
  assert_int_equal (self->n_links, 6);
}

static void
first_set_is_not_full_before_a_link_has_shown_all (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = NULL;

  sim_net_set_all_for_now (self->net, FALSE);
  reader = engine_reader_new (self, "http");
  sim_net_add_address (self->net, 1, HOST, "192.0.2.1");
  sim_net_announce (self->net, 1, &web);
  engine_reader_wait (reader, "+a:80 ");
  engine_fixture_cut_link (self);
  engine_fixture_restore_link (self);
  sim_net_announce (self->net, 1, &second);
  engine_reader_wait (reader, "+b:81 ");
  assert_false (disco_source_get_synced (reader->source));
  sim_net_tell_all_for_now (self->net);
  engine_reader_wait_synced (reader);
}

static void
on_waited (DiscoSource *source, const GError *error, gpointer user_data)
{
  g_string_append_printf (user_data, "%s;", error != NULL ? error->message : "ok");
}

/* What is shown stands meanwhile; and nobody who asks for the service then waits in vain. */
static void
browser_that_fails_begins_anew_and_tells_only_what_is_different (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = read_all (self);
  g_autoptr (GString) told = g_string_new (NULL);

  sim_net_fail_browsers (self->net, SIM_BROWSE_SERVICES, "no browsing");
  sim_net_withdraw (self->net, DISCO_LINK_ANY, &web);
  sim_net_announce (self->net, DISCO_LINK_ANY, &third);
  engine_reader_wait (reader, "+c:82 ");
  assert_int_equal (disco_source_add_waiter (reader->source, on_waited, told), 0);
  engine_wait_log (told, "ok;");
  engine_reader_wait (reader, "-a:80 ");
  assert_int_equal (self->n_links, 1);
}

static void
browser_that_is_refused_is_tried_again_for_those_who_come_later (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = NULL;
  g_autoptr (GString) told = g_string_new (NULL);

  sim_net_refuse_browsers (self->net, TRUE);
  engine_fixture_wait_running (self);
  reader = engine_reader_new (self, "http");
  disco_source_add_waiter (reader->source, on_waited, told);
  engine_wait_log (told, "too many browsers;");
  disco_source_add_waiter (reader->source, on_waited, told);
  engine_wait_log (told, "too many browsers;too many browsers;");
  sim_net_refuse_browsers (self->net, FALSE);
  engine_reader_wait_synced (reader);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    engine_test (snapshot_stands_while_there_is_no_link),
    engine_test (link_that_comes_back_tells_only_what_is_new),
    engine_test (name_that_stays_away_is_removed_when_a_question_was_not_answered_either),
    engine_test (goodbye_and_new_announcement_on_a_new_link_are_no_event),
    engine_test (goodbye_on_a_new_link_is_told_when_nothing_follows),
    engine_test (change_while_the_link_was_lost_is_one_update),
    engine_test (part_that_comes_late_on_a_new_link_is_no_update),
    engine_test (name_of_a_generic_service_that_a_new_link_shows_in_part_stays),
    engine_test (link_lost_again_before_it_has_settled_changes_nothing),
    engine_test (browser_that_fails_begins_anew_and_tells_only_what_is_different),
    engine_test (browser_that_is_refused_is_tried_again_for_those_who_come_later),
    engine_test (first_set_is_not_full_before_a_link_has_shown_all),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
