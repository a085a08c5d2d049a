/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-peer-private.h"
#include "engine-fixture.h"

/* What one name's records become; the rest of the browser is test-browser.c's. */

#define HOST "host.local"

static const SimService web = { "a", "_http._tcp", HOST, 80, "disco.id=a|", NULL };
static const SimService other = { "b", "_http._tcp", "other.local", 81, "disco.id=b|", NULL };

/* The other service comes, and is the next thing that is told: nothing was told of the first. */
static void
assert_nothing_told (EngineFixture *self, EngineReader *reader)
{
  sim_net_announce (self->net, 1, &other);
  sim_net_add_address (self->net, 1, other.host, "192.0.2.99");
  engine_reader_wait (reader, "+b:81 ");
}

/* The service on one interface, and told */
static EngineReader *
read_web (EngineFixture *self)
{
  EngineReader *reader = engine_reader_new (self, "http");

  sim_net_announce (self->net, 1, &web);
  sim_net_add_address (self->net, 1, HOST, "192.0.2.1");
  engine_reader_wait (reader, "+a:80 ");
  return reader;
}

static void
assert_addresses (EngineReader *reader, const char *id, const char *expected)
{
  g_autofree char *addresses = engine_reader_get_addresses (reader, id);

  assert_string_equal (addresses, expected);
}

/* The service on both interfaces, with an address on each, and told */
static EngineReader *
read_web_on_both (EngineFixture *self)
{
  EngineReader *reader = engine_reader_new (self, "http");

  sim_net_announce (self->net, DISCO_LINK_ANY, &web);
  sim_net_add_address (self->net, 1, HOST, "192.0.2.1");
  sim_net_add_address (self->net, 2, HOST, "198.51.100.1");
  engine_reader_wait (reader, "+a:80 ");
  assert_addresses (reader, "a", "192.0.2.1 198.51.100.1");
  return reader;
}

/* Waits until the two live views (SRV and TXT) of one name stand, beside the host's. */
static gboolean
is_live (gpointer data)
{
  return sim_net_get_n_made (data, SIM_BROWSE_RECORDS) >= 4 && sim_net_is_quiet (data);
}

static void
wait_live (EngineFixture *self)
{
  test_wait_until (NULL, is_live, self->net);
}

static void
name_is_shown_only_when_srv_txt_and_an_address_are_there (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = engine_reader_new (self, "http");

  sim_net_announce (self->net, 1, &web);
  assert_nothing_told (self, reader);
  sim_net_add_address (self->net, 1, HOST, "192.0.2.1");
  engine_reader_wait (reader, "+a:80 ");
  assert_addresses (reader, "a", "192.0.2.1");
}

static void
pointer_alone_is_never_shown (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = engine_reader_new (self, "http");

  sim_net_add_ptr (self->net, 1, "a", "_http._tcp");
  sim_net_add_address (self->net, 1, HOST, "192.0.2.1");
  assert_nothing_told (self, reader);
}

static void
name_on_many_interfaces_and_protocols_is_one_instance (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = engine_reader_new (self, "http");

  sim_net_announce (self->net, DISCO_LINK_ANY, &web);
  sim_net_add_address (self->net, DISCO_LINK_ANY, HOST, "192.0.2.1");
  sim_net_add_address (self->net, DISCO_LINK_ANY, HOST, "2001:db8::1");
  engine_reader_wait (reader, "+a:80 ");
  assert_addresses (reader, "a", "192.0.2.1 2001:db8::1");
  wait_live (self);
  assert_nothing_told (self, reader);
}

static void
interface_that_goes_and_comes_is_one_update_each_way (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = read_web_on_both (self);

  wait_live (self);
  for (int ifindex = 1; ifindex <= 2; ifindex++)
    {
      sim_net_set_up (self->net, ifindex, FALSE);
      engine_reader_wait (reader, "~a:80>80 ");
      assert_addresses (reader, "a", ifindex == 1 ? "198.51.100.1" : "192.0.2.1");
      sim_net_set_up (self->net, ifindex, TRUE);
      engine_reader_wait (reader, "~a:80>80 ");
      assert_addresses (reader, "a", "192.0.2.1 198.51.100.1");
    }
  assert_nothing_told (self, reader);
}

static void
on_change (DiscoPeer *peer, gint64 due_us, gpointer user_data)
{
  guint *n_changes = user_data;

  (*n_changes)++;
}

/* Else what is shown would change before the addresses have come that come with it. */
static void
same_record_on_another_interface_changes_nothing (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (DiscoServiceName) service = disco_service_name_parse ("http", NULL);
  guint n_changes = 0;
  DiscoPeer *peer
      = disco_peer_new (self->engine, service, "a", "_http._tcp", "local", on_change, &n_changes);

  sim_net_announce (self->net, 1, &web);
  disco_peer_add_sighting (peer, 1, 0, FALSE);
  engine_fixture_wait_live (self, SIM_BROWSE_RECORDS, 2);
  engine_fixture_wait_quiet (self);
  n_changes = 0;
  sim_net_announce (self->net, 2, &web);
  engine_fixture_wait_quiet (self);
  sim_net_withdraw (self->net, 1, &web);
  engine_fixture_wait_quiet (self);
  assert_int_equal (n_changes, 0);
  sim_net_remove_srv (self->net, 2, &web);
  engine_wait_for_count (&n_changes, 1);
  disco_peer_free (peer);
}

static void
name_is_removed_with_its_last_pointer (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = read_web_on_both (self);

  sim_net_remove_ptr (self->net, 1, "a", "_http._tcp");
  sim_net_remove_ptr (self->net, 2, "a", "_http._tcp");
  engine_reader_wait (reader, "-a:80 ");
}

static void
change_of_the_port_is_one_update_while_the_old_record_is_still_there (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = read_web (self);
  SimService changed = web;

  changed.port = 8080;
  wait_live (self);
  sim_net_add_srv (self->net, 1, &changed);
  engine_reader_wait (reader, "~a:80>8080 ");
  /* its host is known already */
  assert_int_equal (sim_net_get_n_made (self->net, SIM_BROWSE_RECORDS), 4);
  sim_net_remove_srv (self->net, 1, &web);
  assert_nothing_told (self, reader);
}

static void
removal_of_the_newest_record_falls_back_on_the_one_before (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = read_web (self);
  SimService changed = web;

  changed.port = 8080;
  wait_live (self);
  sim_net_add_srv (self->net, 1, &changed);
  engine_reader_wait (reader, "~a:80>8080 ");
  sim_net_remove_srv (self->net, 1, &changed);
  engine_reader_wait (reader, "~a:8080>80 ");
}

static void
change_of_txt_and_port_together_is_one_update (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = read_web (self);
  SimService changed = { "a", "_http._tcp", HOST, 81, "disco.id=a|disco.tags=x|", NULL };

  wait_live (self);
  sim_net_add_txt (self->net, DISCO_LINK_ANY, &changed);
  sim_net_add_srv (self->net, DISCO_LINK_ANY, &changed);
  engine_reader_wait (reader, "~a:80>81 ");
  assert_string_equal (disco_instance_get_tags (test_reader_get (&reader->known, "a"))[0], "x");
  assert_nothing_told (self, reader);
}

/* More strings than are kept of a TXT record */
static void
txt_that_is_cut_counts_when_it_comes_and_not_when_it_goes (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = read_web (self);
  g_autoptr (GString) txt = g_string_new ("disco.id=a|");
  SimService changed = web;
  guint64 n_refused;

  for (guint i = 0; i < 20; i++)
    g_string_append_printf (txt, "k%u=%0240u|", i, i);
  changed.txt = txt->str;
  wait_live (self);
  sim_net_add_txt (self->net, 1, &changed);
  engine_reader_wait (reader, "~a:80>80 ");
  n_refused = disco_counts_get (self->counts, DISCO_COUNT_REFUSED_RECORDS);
  assert_in_range (n_refused, 1, 2); /* it may have been asked for, too */
  sim_net_remove_txt (self->net, 1, &changed);
  engine_reader_wait (reader, "~a:80>80 ");
  assert_int_equal (disco_counts_get (self->counts, DISCO_COUNT_REFUSED_RECORDS), n_refused);
}

static void
change_of_the_host_takes_the_new_hosts_addresses (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = read_web (self);
  SimService changed = web;

  changed.host = "moved.local";
  sim_net_add_address (self->net, 1, "moved.local", "192.0.2.7");
  wait_live (self);
  sim_net_add_srv (self->net, 1, &changed);
  engine_reader_wait (reader, "~a:80>80 ");
  assert_addresses (reader, "a", "192.0.2.7");
  sim_net_remove_address (self->net, 1, HOST, "192.0.2.1");
  assert_nothing_told (self, reader);
}

static void
address_that_comes_or_goes_is_an_update (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = read_web (self);

  sim_net_add_address (self->net, 1, HOST, "192.0.2.2");
  engine_reader_wait (reader, "~a:80>80 ");
  assert_addresses (reader, "a", "192.0.2.1 192.0.2.2");
  sim_net_remove_address (self->net, 1, HOST, "192.0.2.1");
  engine_reader_wait (reader, "~a:80>80 ");
  assert_addresses (reader, "a", "192.0.2.2");
}

static void
txt_that_stays_away_three_seconds_counts_as_empty (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = engine_reader_new (self, "http");
  SimService bare = web;
  gint64 began = g_get_monotonic_time ();

  bare.txt = NULL;
  sim_net_announce (self->net, 1, &bare);
  sim_net_add_address (self->net, 1, HOST, "192.0.2.1");
  engine_reader_wait (reader, "+a._http._tcp.local:80 ");
  assert_in_range (g_get_monotonic_time () - began, 3 * G_TIME_SPAN_SECOND - 1,
                   6 * G_TIME_SPAN_SECOND);
}

/* All in one test: they wait for the same five seconds. */
static void
name_is_removed_when_srv_or_all_addresses_have_stayed_away_for_five_seconds (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = read_web (self);
  const SimService back = { "c", "_http._tcp", "c.local", 82, "disco.id=c|", NULL };
  gint64 began;

  sim_net_announce (self->net, 1, &other);
  sim_net_add_address (self->net, 1, other.host, "192.0.2.2");
  sim_net_announce (self->net, 1, &back);
  sim_net_add_address (self->net, 1, back.host, "192.0.2.3");
  engine_reader_wait_known (reader, "b", 81);
  engine_reader_wait_known (reader, "c", 82);
  engine_fixture_wait_live (self, SIM_BROWSE_RECORDS, 12);
  engine_fixture_wait_quiet (self);

  began = g_get_monotonic_time ();
  sim_net_remove_srv (self->net, 1, &web);
  sim_net_remove_address (self->net, 1, other.host, "192.0.2.2");
  sim_net_remove_srv (self->net, 1, &back);
  engine_fixture_wait_quiet (self);
  sim_net_add_srv (self->net, 1, &back);
  engine_reader_wait_known (reader, "a", 0);
  engine_reader_wait_known (reader, "b", 0);
  assert_true (g_get_monotonic_time () - began >= 5 * G_TIME_SPAN_SECOND);
  assert_non_null (test_reader_get (&reader->known, "c"));

  sim_net_add_srv (self->net, 1, &web);
  engine_reader_wait (reader, "+a:80 ");
  sim_net_add_address (self->net, 1, other.host, "192.0.2.2");
  engine_reader_wait (reader, "+b:81 ");
}

static void
target_outside_local_is_shown_without_addresses_and_not_asked_for (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = engine_reader_new (self, "http");
  SimService outside = web;

  outside.host = "www.example.com";
  sim_net_announce (self->net, 1, &outside);
  engine_reader_wait (reader, "+a:80 ");
  assert_addresses (reader, "a", "");
  assert_string_equal (disco_instance_get_host (test_reader_get (&reader->known, "a")),
                       "www.example.com");
  engine_fixture_wait_live (self, SIM_BROWSE_RECORDS, 2);
  assert_int_equal (sim_net_get_n_made (self->net, SIM_BROWSE_RECORDS), 2);
}

static void
addresses_on_other_interfaces_than_the_pointer_count_after_a_second (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = engine_reader_new (self, "http");
  gint64 began = g_get_monotonic_time ();

  sim_net_announce (self->net, 1, &web);
  sim_net_add_address (self->net, 2, HOST, "198.51.100.1");
  engine_reader_wait (reader, "+a:80 ");
  assert_addresses (reader, "a", "198.51.100.1");
  assert_true (g_get_monotonic_time () - began >= G_TIME_SPAN_SECOND);
}

static gboolean
was_malformed (gpointer counts)
{
  return disco_counts_get (counts, DISCO_COUNT_MALFORMED) > 0;
}

static void
srv_record_that_cannot_be_read_is_counted_and_the_name_not_shown (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = engine_reader_new (self, "http");
  g_autoptr (GBytes) malformed = g_bytes_new_static ("\0\0\0\0\0\120\77", 7);

  sim_net_set_timeout_ms (self->net, 20);
  sim_net_add_ptr (self->net, 1, "a", "_http._tcp");
  sim_net_add_record (self->net, 1, "a._http._tcp.local", DISCO_RECORD_SRV, malformed);
  sim_net_add_txt (self->net, 1, &web);
  test_wait_until (NULL, was_malformed, self->counts);
  assert_nothing_told (self, reader);
}

static gboolean
is_local (EngineReader *reader, const char *id)
{
  DiscoInstance *instance = test_reader_get (&reader->known, id);

  assert_non_null (instance);
  return disco_instance_get_local (instance);
}

/* The first interface is the loopback one, in every network namespace. */
static void
address_of_the_interface_itself_makes_it_local (void **state)
{
  static const struct
  {
    int ifindex;
    const char *address;
    gboolean local;
  } rows[] = {
    { 1, "127.0.0.1", TRUE },
    { 2, "127.0.0.1", FALSE },
    { 1, "192.0.2.1", FALSE },
  };
  EngineFixture *self = *state;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (EngineReader) reader = engine_reader_new (self, "http");

      sim_net_announce (self->net, rows[i].ifindex, &web);
      sim_net_add_address (self->net, rows[i].ifindex, HOST, rows[i].address);
      engine_reader_wait (reader, "+a:80 ");
      if (is_local (reader, "a") != rows[i].local)
        fail_msg ("%s on %d", rows[i].address, rows[i].ifindex);
      sim_net_remove_address (self->net, rows[i].ifindex, HOST, rows[i].address);
      sim_net_withdraw (self->net, rows[i].ifindex, &web);
      engine_reader_wait (reader, "-a:80 ");
    }
}

static void
what_this_agent_registered_is_local (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = engine_reader_new (self, "http");

  sim_net_add_address (self->net, DISCO_LINK_ANY, "box.local", "192.0.2.1");
  engine_register_wait (self, engine_registration ("mine", 80, NULL));
  engine_reader_wait (reader, "+mine:80 ");
  assert_true (is_local (reader, "mine"));
}

static void
name_of_another_generic_service_is_not_shown (void **state)
{
  static const char *const subtypes[] = { "_the-bills-of-all._sub._disco._tcp", NULL };
  const SimService foreign
      = { "x", "_disco._tcp", HOST, 1, "disco.id=x|disco.name=other|", subtypes };
  const SimService own
      = { "y", "_disco._tcp", HOST, 2, "disco.id=y|disco.name=the-bills-of-all|", subtypes };
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = engine_reader_new (self, "the-bills-of-all");

  sim_net_add_address (self->net, 1, HOST, "192.0.2.1");
  sim_net_announce (self->net, 1, &foreign);
  sim_net_announce (self->net, 1, &own);
  engine_reader_wait (reader, "+y:2 ");
}

static void
name_that_comes_to_belong_to_another_generic_service_is_removed (void **state)
{
  static const char *const subtypes[] = { "_the-bills-of-all._sub._disco._tcp", NULL };
  SimService own
      = { "y", "_disco._tcp", HOST, 2, "disco.id=y|disco.name=the-bills-of-all|", subtypes };
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = engine_reader_new (self, "the-bills-of-all");

  sim_net_add_address (self->net, 1, HOST, "192.0.2.1");
  sim_net_announce (self->net, 1, &own);
  engine_reader_wait (reader, "+y:2 ");
  wait_live (self);
  own.txt = "disco.id=y|disco.name=other|";
  sim_net_add_txt (self->net, 1, &own);
  engine_reader_wait (reader, "-y:2 ");
  sim_net_remove_txt (self->net, 1, &own);
  engine_reader_wait (reader, "+y:2 ");
}

/* Each of its bytes takes four characters in a question. */
static void
name_too_long_for_a_live_view_is_asked_for_once_only (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = engine_reader_new (self, "http");
  g_autofree char *label = g_strnfill (63, '!');
  SimService service = web;

  service.label = label;
  sim_net_announce (self->net, 1, &service);
  sim_net_add_address (self->net, 1, HOST, "192.0.2.1");
  engine_reader_wait (reader, "+a:80 ");
  assert_nothing_told (self, reader);
  engine_fixture_wait_live (self, SIM_BROWSE_RECORDS, 6);
  assert_int_equal (sim_net_get_n_made (self->net, SIM_BROWSE_RECORDS), 6);
}

static void
live_view_that_fails_begins_anew_and_is_made_up_for_by_questions (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = read_web (self);
  const SimService moved = { "a", "_http._tcp", HOST, 81, "disco.id=a|", NULL };
  const SimService again = { "a", "_http._tcp", HOST, 82, "disco.id=a|", NULL };

  wait_live (self);
  sim_net_refuse_browsers (self->net, TRUE);
  sim_net_fail_browsers (self->net, SIM_BROWSE_RECORDS, "no more");
  sim_net_remove_srv (self->net, 1, &web);
  sim_net_add_srv (self->net, 1, &moved);
  engine_reader_wait (reader, "~a:80>81 ");
  sim_net_refuse_browsers (self->net, FALSE);
  engine_fixture_wait_live (self, SIM_BROWSE_RECORDS, 4);
  sim_net_remove_srv (self->net, 1, &moved);
  sim_net_add_srv (self->net, 1, &again);
  engine_reader_wait (reader, "~a:81>82 ");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    engine_test (name_is_shown_only_when_srv_txt_and_an_address_are_there),
    engine_test (pointer_alone_is_never_shown),
    engine_test (name_on_many_interfaces_and_protocols_is_one_instance),
    engine_test (interface_that_goes_and_comes_is_one_update_each_way),
    engine_test (same_record_on_another_interface_changes_nothing),
    engine_test (name_is_removed_with_its_last_pointer),
    engine_test (change_of_the_port_is_one_update_while_the_old_record_is_still_there),
    engine_test (removal_of_the_newest_record_falls_back_on_the_one_before),
    engine_test (change_of_txt_and_port_together_is_one_update),
    engine_test (txt_that_is_cut_counts_when_it_comes_and_not_when_it_goes),
    engine_test (change_of_the_host_takes_the_new_hosts_addresses),
    engine_test (address_that_comes_or_goes_is_an_update),
    engine_test (txt_that_stays_away_three_seconds_counts_as_empty),
    engine_test (name_is_removed_when_srv_or_all_addresses_have_stayed_away_for_five_seconds),
    engine_test (target_outside_local_is_shown_without_addresses_and_not_asked_for),
    engine_test (addresses_on_other_interfaces_than_the_pointer_count_after_a_second),
    engine_test (srv_record_that_cannot_be_read_is_counted_and_the_name_not_shown),
    engine_test (address_of_the_interface_itself_makes_it_local),
    engine_test (what_this_agent_registered_is_local),
    engine_test (name_of_another_generic_service_is_not_shown),
    engine_test (name_that_comes_to_belong_to_another_generic_service_is_removed),
    engine_test (live_view_that_fails_begins_anew_and_is_made_up_for_by_questions),
    engine_test (name_too_long_for_a_live_view_is_asked_for_once_only),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
