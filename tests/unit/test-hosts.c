/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-hosts-private.h"
#include "engine-fixture.h"

#include <net/if.h>
#include <netinet/in.h>

#define HOST "host.local"
#define MAX_ADDRESSES 128
#define MAX_ASKED 500

typedef struct
{
  DiscoHost *host;
  guint n_changes;
} User;

static void
on_changed (DiscoHost *host, gpointer user_data)
{
  User *self = user_data;

  assert_ptr_equal (host, self->host);
  self->n_changes++;
}

static void
use (EngineFixture *fixture, User *self, const char *hostname)
{
  engine_fixture_wait_running (fixture);
  self->host
      = disco_hosts_use (disco_engine_get_hosts (fixture->engine), hostname, on_changed, self);
}

static void
unuse (User *self)
{
  disco_host_unuse (self->host, self);
}

/* "1.0 192.0.2.1", a line an address */
static void
assert_addresses (DiscoHost *host, const char *expected)
{
  const GArray *addresses = disco_host_get_addresses (host);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < addresses->len; i++)
    {
      const DiscoHostAddress *address = &g_array_index (addresses, DiscoHostAddress, i);
      g_autofree char *literal = disco_address_to_string (&address->address);
      g_string_append_printf (text, "%d.%d %s\n", address->ifindex, address->protocol, literal);
    }
  assert_string_equal (text->str, expected);
}

static guint
n_browsers (EngineFixture *self)
{
  return sim_net_get_n_live (self->net, SIM_BROWSE_RECORDS);
}

static void
host_is_looked_up_once_however_many_use_it (void **state)
{
  EngineFixture *self = *state;
  User first = { 0 }, second = { 0 };

  use (self, &first, "Host.local");
  use (self, &second, "hOST.LOCAL");
  assert_ptr_equal (first.host, second.host);
  assert_string_equal (disco_host_get_name (first.host), HOST);
  assert_true (disco_host_is_in_domain (first.host));
  assert_int_equal (n_browsers (self), 2);
  sim_net_add_address (self->net, 1, HOST, "192.0.2.1");
  engine_wait_for_count (&first.n_changes, 2);
  engine_wait_for_count (&second.n_changes, 2);
  unuse (&first);
  assert_int_equal (n_browsers (self), 2);
  unuse (&second);
  assert_int_equal (n_browsers (self), 0);
}

static void
addresses_come_and_go_on_each_pair (void **state)
{
  EngineFixture *self = *state;
  User user = { 0 };

  sim_net_add_address (self->net, DISCO_LINK_ANY, HOST, "192.0.2.1");
  use (self, &user, HOST);
  engine_wait_for_count (&user.n_changes, 4);
  assert_addresses (user.host, "1.0 192.0.2.1\n1.1 192.0.2.1\n2.0 192.0.2.1\n2.1 192.0.2.1\n");
  sim_net_add_address (self->net, 1, HOST, "2001:db8::1");
  engine_wait_for_count (&user.n_changes, 6);
  sim_net_remove_address (self->net, DISCO_LINK_ANY, HOST, "192.0.2.1");
  engine_wait_for_count (&user.n_changes, 10);
  assert_addresses (user.host, "1.0 2001:db8::1\n1.1 2001:db8::1\n");
  unuse (&user);
}

static void
address_told_twice_counts_once (void **state)
{
  EngineFixture *self = *state;
  User user = { 0 };

  use (self, &user, HOST);
  sim_net_add_address (self->net, 1, HOST, "192.0.2.1");
  sim_net_add_address (self->net, 1, HOST, "192.0.2.1");
  engine_fixture_wait_quiet (self);
  assert_int_equal (user.n_changes, 2);
  sim_net_remove_address (self->net, 1, HOST, "192.0.2.1");
  engine_fixture_wait_quiet (self);
  assert_int_equal (user.n_changes, 4);
  assert_addresses (user.host, "");
  unuse (&user);
}

static void
link_local_address_has_the_interface_as_its_zone (void **state)
{
  EngineFixture *self = *state;
  User user = { 0 };

  use (self, &user, HOST);
  sim_net_add_address (self->net, 1, HOST, "fe80::1");
  engine_wait_for_count (&user.n_changes, 2);
  assert_addresses (user.host, "1.0 fe80::1%lo\n1.1 fe80::1%lo\n");
  unuse (&user);
}

static void
host_is_quiet_a_moment_after_its_first_address (void **state)
{
  EngineFixture *self = *state;
  User user = { 0 };
  gint64 quiet_at;

  use (self, &user, HOST);
  sim_net_add_address (self->net, 1, HOST, "192.0.2.1");
  engine_wait_for_count (&user.n_changes, 2);
  quiet_at = disco_host_get_quiet_at (user.host);
  assert_true (quiet_at > g_get_monotonic_time () - 20 * G_TIME_SPAN_SECOND);
  assert_true (quiet_at <= g_get_monotonic_time () + 50 * G_TIME_SPAN_MILLISECOND);
  sim_net_add_address (self->net, 2, HOST, "192.0.2.2");
  engine_wait_for_count (&user.n_changes, 4);
  assert_int_equal (disco_host_get_quiet_at (user.host), quiet_at);
  unuse (&user);
}

static void
read_paths (DiscoInterfaces *interfaces, gpointer user_data)
{
  const guint *n_paths = user_data;
  struct sockaddr_in address = { .sin_family = AF_INET };

  for (guint i = 0; i < *n_paths; i++)
    {
      g_autofree char *name = g_strdup_printf ("sim%u", i + 1);

      address.sin_addr.s_addr = g_htonl (0xc0000201 + i);
      disco_interfaces_add (interfaces, (int)i + 1, name, IFF_UP | IFF_MULTICAST,
                            (const struct sockaddr *)&address);
    }
}

/* From when a host is asked for until it is quiet, with its address there at once: the wait, and
 * what this takes besides */
static gint64
get_quiet_us (EngineFixture *self, const char *name, const guint *n_paths)
{
  User user = { 0 };
  gint64 before = g_get_monotonic_time ();
  gint64 quiet_at;

  disco_interfaces_set_reader (disco_engine_get_interfaces (self->engine), read_paths,
                               (gpointer)n_paths);
  use (self, &user, name);
  sim_net_add_address (self->net, 1, name, "192.0.2.1");
  engine_wait_for_count (&user.n_changes, 1);
  quiet_at = disco_host_get_quiet_at (user.host);
  unuse (&user);
  return quiet_at - before;
}

/* Where a machine is slow the shortest of several tells. */
static void
host_is_quiet_later_where_there_is_more_than_one_way_in (void **state)
{
  static const guint one = 1;
  static const guint two = 2;
  EngineFixture *self = *state;
  gint64 shortest = G_MAXINT64;

  assert_true (get_quiet_us (self, "two.local", &two) >= 50 * G_TIME_SPAN_MILLISECOND);
  for (guint i = 0; i < 100 && shortest >= 50 * G_TIME_SPAN_MILLISECOND; i++)
    {
      g_autofree char *name = g_strdup_printf ("one-%u.local", i);
      shortest = MIN (shortest, get_quiet_us (self, name, &one));
    }
  assert_in_range (shortest, 10 * G_TIME_SPAN_MILLISECOND, 50 * G_TIME_SPAN_MILLISECOND - 1);
}

static void
addresses_over_the_bound_are_refused_and_counted (void **state)
{
  EngineFixture *self = *state;
  User user = { 0 };

  use (self, &user, HOST);
  for (guint i = 0; i < MAX_ADDRESSES / 2 + 1; i++)
    {
      g_autofree char *address = g_strdup_printf ("10.0.0.%u", i + 1);
      sim_net_add_address (self->net, 1, HOST, address);
    }
  engine_fixture_wait_quiet (self);
  assert_int_equal (disco_host_get_addresses (user.host)->len, MAX_ADDRESSES);
  assert_int_equal (disco_counts_get (self->counts, DISCO_COUNT_REFUSED), 2);
  sim_net_remove_address (self->net, 1, HOST, "10.0.0.1");
  sim_net_add_address (self->net, 1, HOST, "10.0.1.1");
  engine_fixture_wait_quiet (self);
  assert_int_equal (disco_host_get_addresses (user.host)->len, MAX_ADDRESSES);
  assert_int_equal (disco_counts_get (self->counts, DISCO_COUNT_REFUSED), 2);
  unuse (&user);
}

static void
record_that_is_no_hosts_address_is_counted (void **state)
{
  static const struct
  {
    const char *bytes;
    gsize size;
  } rows[] = { { "\300\0\2", 3 }, { "\340\0\0\373", 4 }, { "\0\0\0\0", 4 } };
  EngineFixture *self = *state;
  User user = { 0 };

  use (self, &user, HOST);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GBytes) rdata = g_bytes_new_static (rows[i].bytes, rows[i].size);
      sim_net_add_record (self->net, 1, HOST, DISCO_RECORD_A, rdata);
      engine_fixture_wait_quiet (self);
      assert_int_equal (disco_counts_get (self->counts, DISCO_COUNT_MALFORMED), 2 * (i + 1));
    }
  assert_int_equal (user.n_changes, 0);
  unuse (&user);
}

static void
names_that_mdns_cannot_be_asked_for_are_not_asked (void **state)
{
  g_autofree char *label = g_strnfill (64, 'a');
  g_autofree char *long_label = g_strconcat (label, ".local", NULL);
  g_auto (GStrv) quotes = g_strsplit (label, "a", -1);
  g_autofree char *bytes = g_strjoinv ("\\033", quotes);
  g_autofree char *long_name = g_strconcat (bytes + 8, ".", bytes + 8, ".local", NULL);
  const char *const names[]
      = { "host.example.com", "local", "hostlocal", "a..local", long_label, long_name };
  EngineFixture *self = *state;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      User user = { 0 };

      use (self, &user, names[i]);
      if (disco_host_is_in_domain (user.host) || n_browsers (self) > 0)
        fail_msg ("%s", names[i]);
      unuse (&user);
    }
  assert_int_equal (sim_net_get_n_made (self->net, SIM_BROWSE_RECORDS), 0);
}

static void
lost_link_is_no_news_and_the_next_one_is_asked_again (void **state)
{
  EngineFixture *self = *state;
  User user = { 0 };

  sim_net_add_address (self->net, 1, HOST, "192.0.2.1");
  use (self, &user, HOST);
  engine_wait_for_count (&user.n_changes, 2);
  engine_fixture_cut_link (self);
  assert_int_equal (user.n_changes, 2);
  assert_addresses (user.host, "");
  assert_int_equal (n_browsers (self), 0);
  engine_fixture_restore_link (self);
  engine_wait_for_count (&user.n_changes, 4);
  assert_addresses (user.host, "1.0 192.0.2.1\n1.1 192.0.2.1\n");
  unuse (&user);
}

static void
interfaces_that_are_not_used_do_not_count (void **state)
{
  static const char *const allow[] = { "lo", NULL };
  EngineFixture *self = *state;
  User user = { 0 };

  engine_fixture_restrict (self, allow, NULL);
  use (self, &user, HOST);
  sim_net_add_address (self->net, 2, HOST, "192.0.2.2");
  sim_net_add_address (self->net, 1, HOST, "192.0.2.1");
  engine_wait_for_count (&user.n_changes, 2);
  assert_addresses (user.host, "1.0 192.0.2.1\n1.1 192.0.2.1\n");
  unuse (&user);
}

static void
look_up_that_fails_keeps_what_is_known_and_begins_anew (void **state)
{
  EngineFixture *self = *state;
  User user = { 0 };

  use (self, &user, HOST);
  sim_net_add_address (self->net, 1, HOST, "192.0.2.1");
  engine_wait_for_count (&user.n_changes, 2);
  sim_net_fail_browsers (self->net, SIM_BROWSE_RECORDS, "no more");
  engine_fixture_wait_quiet (self);
  assert_int_equal (user.n_changes, 2);
  assert_addresses (user.host, "1.0 192.0.2.1\n1.1 192.0.2.1\n");
  sim_net_remove_address (self->net, 1, HOST, "192.0.2.1");
  sim_net_add_address (self->net, 1, HOST, "192.0.2.2");
  engine_wait_for_count (&user.n_changes, 5);
  assert_addresses (user.host, "1.0 192.0.2.2\n1.1 192.0.2.2\n");
  unuse (&user);
}

static void
hosts_that_are_not_found_wait_in_part_and_let_new_ones_pass (void **state)
{
  EngineFixture *self = *state;
  g_autofree User *invented = g_new0 (User, (gsize)2 * MAX_ASKED);
  User user = { 0 };

  sim_net_add_address (self->net, 1, HOST, "192.0.2.1");
  for (guint i = 0; i < 2 * MAX_ASKED; i++)
    {
      g_autofree char *name = g_strdup_printf ("h%u.local", i);
      use (self, &invented[i], name);
    }
  use (self, &user, HOST);
  assert_int_equal (n_browsers (self), 2 * MAX_ASKED);

  /* room for three: the oldest, the newest, and the next */
  unuse (&invented[0]);
  unuse (&invented[1]);
  unuse (&invented[2]);
  engine_wait_for_count (&user.n_changes, 2);
  assert_addresses (user.host, "1.0 192.0.2.1\n1.1 192.0.2.1\n");
  for (guint i = 3; i < 2 * MAX_ASKED; i++)
    unuse (&invented[i]);
  unuse (&user);
  assert_int_equal (n_browsers (self), 0);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    engine_test (host_is_looked_up_once_however_many_use_it),
    engine_test (addresses_come_and_go_on_each_pair),
    engine_test (address_told_twice_counts_once),
    engine_test (link_local_address_has_the_interface_as_its_zone),
    engine_test (host_is_quiet_a_moment_after_its_first_address),
    engine_test (host_is_quiet_later_where_there_is_more_than_one_way_in),
    engine_test (addresses_over_the_bound_are_refused_and_counted),
    engine_test (record_that_is_no_hosts_address_is_counted),
    engine_test (names_that_mdns_cannot_be_asked_for_are_not_asked),
    engine_test (lost_link_is_no_news_and_the_next_one_is_asked_again),
    engine_test (interfaces_that_are_not_used_do_not_count),
    engine_test (look_up_that_fails_keeps_what_is_known_and_begins_anew),
    engine_test (hosts_that_are_not_found_wait_in_part_and_let_new_ones_pass),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
