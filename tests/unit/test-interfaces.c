/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-interfaces-private.h"
#include "test-network.h"
#include "test-support.h"

#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* An index that no interface has */
#define NO_SUCH 987654

static void
on_changed (gpointer user_data)
{
  ++*(guint *)user_data;
}

static int
loopback (void)
{
  int ifindex = (int)if_nametoindex ("lo");

  assert_int_not_equal (ifindex, 0);
  return ifindex;
}

static DiscoInterfaces *
interfaces_new (const char *allow, const char *deny, guint *n_changes)
{
  g_auto (GStrv) allowed = g_strsplit (allow, " ", -1);
  g_auto (GStrv) denied = g_strsplit (deny, " ", -1);

  return disco_interfaces_new ((const char *const *)allowed, (const char *const *)denied,
                               g_main_context_get_thread_default (), on_changed, n_changes);
}

static gboolean
lists (DiscoInterfaces *interfaces, int ifindex)
{
  g_autoptr (GArray) list = disco_interfaces_list (interfaces);
  gboolean found = FALSE;

  for (guint i = 0; i < list->len; i++)
    {
      if (i > 0)
        assert_true (g_array_index (list, int, i - 1) < g_array_index (list, int, i));
      found |= g_array_index (list, int, i) == ifindex;
    }
  return found;
}

static void
globs_say_which_interfaces_are_used (void **state)
{
  static const struct
  {
    const char *allow;
    const char *deny;
    gboolean restricted;
    gboolean used; /* lo */
  } rows[] = {
    { "", "", FALSE, TRUE },      { "lo", "", TRUE, TRUE },    { "l*", "", TRUE, TRUE },
    { "l?", "", TRUE, TRUE },     { "l", "", TRUE, FALSE },    { "none* lo", "", TRUE, TRUE },
    { "none*", "", TRUE, FALSE }, { "", "lo", TRUE, FALSE },   { "", "*", TRUE, FALSE },
    { "", "none*", TRUE, TRUE },  { "lo", "l*", TRUE, FALSE }, { "*", "none", TRUE, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      guint n_changes = 0;
      DiscoInterfaces *interfaces = interfaces_new (rows[i].allow, rows[i].deny, &n_changes);

      if (disco_interfaces_is_restricted (interfaces) != rows[i].restricted
          || disco_interfaces_is_used (interfaces, loopback ()) != rows[i].used
          || lists (interfaces, loopback ()) != rows[i].used)
        fail_msg ("allow \"%s\", deny \"%s\"", rows[i].allow, rows[i].deny);
      disco_interfaces_free (interfaces);
    }
}

static void
no_globs_at_all_are_no_restriction (void **state)
{
  guint n_changes = 0;
  DiscoInterfaces *interfaces = disco_interfaces_new (
      NULL, NULL, g_main_context_get_thread_default (), on_changed, &n_changes);

  assert_false (disco_interfaces_is_restricted (interfaces));
  assert_true (disco_interfaces_is_used (interfaces, loopback ()));
  assert_true (lists (interfaces, loopback ()));
  disco_interfaces_free (interfaces);
}

static void
interface_that_does_not_exist_has_no_name_and_counts_where_all_do (void **state)
{
  guint n_changes = 0;
  DiscoInterfaces *all = interfaces_new ("", "", &n_changes);
  DiscoInterfaces *some = interfaces_new ("*", "", &n_changes);

  assert_string_equal (disco_interfaces_get_name (all, loopback ()), "lo");
  assert_null (disco_interfaces_get_name (all, NO_SUCH));
  assert_true (disco_interfaces_is_used (all, NO_SUCH));
  assert_false (disco_interfaces_is_used (some, NO_SUCH));
  assert_false (lists (all, NO_SUCH));
  disco_interfaces_free (all);
  disco_interfaces_free (some);
}

static gboolean
has (DiscoInterfaces *interfaces, int ifindex, const char *text)
{
  DiscoAddress address;

  assert_true (disco_address_parse (&address, text));
  return disco_interfaces_has_address (interfaces, ifindex, &address);
}

static void
loopback_address_counts_on_the_loopback_interface_only (void **state)
{
  guint n_changes = 0;
  DiscoInterfaces *interfaces = interfaces_new ("", "", &n_changes);
  g_autoptr (GArray) list = disco_interfaces_list (interfaces);

  assert_true (has (interfaces, loopback (), "127.0.0.1"));
  assert_false (has (interfaces, loopback (), "192.0.2.123"));
  assert_false (has (interfaces, NO_SUCH, "127.0.0.1"));
  for (guint i = 0; i < list->len; i++)
    {
      if (g_array_index (list, int, i) != loopback ())
        assert_false (has (interfaces, g_array_index (list, int, i), "127.0.0.1"));
    }
  disco_interfaces_free (interfaces);
}

/* What read_script() reads */
typedef struct
{
  guint flags[3]; /* of the interfaces 1 and so on; 0: there is none */
  guint n_read;
} Script;

static void
read_script (DiscoInterfaces *interfaces, gpointer user_data)
{
  static const char *const names[] = { "one", "two", "three" };
  Script *script = user_data;

  script->n_read++;
  for (int i = 0; i < 3; i++)
    {
      if (script->flags[i] != 0)
        disco_interfaces_add (interfaces, i + 1, names[i], script->flags[i], NULL);
    }
}

static void
assert_lists (DiscoInterfaces *interfaces, const char *expected)
{
  g_autoptr (GArray) list = disco_interfaces_list (interfaces);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < list->len; i++)
    g_string_append_printf (text, "%d ", g_array_index (list, int, i));
  assert_string_equal (text->str, expected);
  for (int ifindex = 1; ifindex <= 3; ifindex++)
    assert_int_equal (disco_ifindexes_contain (list, ifindex),
                      strchr (text->str, '0' + ifindex) != NULL);
}

static void
only_interfaces_that_are_up_and_can_multicast_are_listed (void **state)
{
  guint n_changes = 0;
  DiscoInterfaces *interfaces = interfaces_new ("t* o*", "", &n_changes);
  Script script = { { IFF_UP | IFF_MULTICAST, IFF_UP, IFF_MULTICAST } };

  disco_interfaces_set_reader (interfaces, read_script, &script);
  assert_int_equal (n_changes, 1);
  assert_lists (interfaces, "1 ");
  assert_string_equal (disco_interfaces_get_name (interfaces, 2), "two");
  assert_int_equal (script.n_read, 1); /* no more often than they change */

  script = (Script){ { 0, IFF_UP | IFF_LOOPBACK, IFF_UP | IFF_MULTICAST } };
  assert_lists (interfaces, "1 ");
  disco_interfaces_reread (interfaces);
  assert_int_equal (n_changes, 2);
  assert_lists (interfaces, "2 3 ");
  assert_null (disco_interfaces_get_name (interfaces, 1));
  disco_interfaces_free (interfaces);
}

/* An interface for each line: its flags and its addresses */
typedef struct
{
  guint flags;
  const char *addresses[3];
} Line;

static void
read_lines (DiscoInterfaces *interfaces, gpointer user_data)
{
  const Line *lines = user_data;

  for (int i = 0; lines[i].flags != 0; i++)
    {
      g_autofree char *name = g_strdup_printf ("if%d", i);

      disco_interfaces_add (interfaces, i + 1, name, lines[i].flags, NULL);
      for (guint k = 0; lines[i].addresses[k] != NULL; k++)
        {
          g_autoptr (GSocketAddress) address
              = g_inet_socket_address_new_from_string (lines[i].addresses[k], 0);
          struct sockaddr_storage storage;

          assert_true (g_socket_address_to_native (address, &storage, sizeof storage, NULL));
          disco_interfaces_add (interfaces, i + 1, name, lines[i].flags,
                                (struct sockaddr *)&storage);
        }
    }
}

static void
one_path_is_one_protocol_of_one_interface (void **state)
{
  enum
  {
    UP = IFF_UP | IFF_MULTICAST,
    LOOPBACK = IFF_UP | IFF_LOOPBACK,
  };
  static const struct
  {
    Line lines[4];
    gboolean expected;
  } rows[] = {
    { { { 0 } }, FALSE },
    { { { UP, { NULL } } }, FALSE },
    { { { UP, { "192.0.2.1" } } }, TRUE },
    { { { UP, { "192.0.2.1", "192.0.2.2" } } }, TRUE },
    { { { UP, { "fe80::1", "fd00::1" } } }, TRUE },
    { { { UP, { "192.0.2.1", "fe80::1" } } }, FALSE },
    { { { UP, { "192.0.2.1" } }, { UP, { "192.0.2.2" } } }, FALSE },
    { { { UP, { "192.0.2.1" } }, { IFF_UP, { "192.0.2.2" } } }, TRUE },
    { { { LOOPBACK, { "127.0.0.1", "::1" } }, { UP, { "192.0.2.1" } } }, TRUE },
    { { { LOOPBACK, { "127.0.0.1" } }, { UP, { NULL } } }, TRUE },
    { { { LOOPBACK, { "127.0.0.1", "::1" } } }, FALSE },
  };
  guint n_changes = 0;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      DiscoInterfaces *interfaces = interfaces_new ("", "", &n_changes);

      disco_interfaces_set_reader (interfaces, read_lines, (gpointer)rows[i].lines);
      if (disco_interfaces_have_one_path (interfaces) != rows[i].expected)
        fail_msg ("row %u", i);
      disco_interfaces_free (interfaces);
    }
}

static void
only_those_that_are_used_count_as_paths (void **state)
{
  static const Line lines[] = { { IFF_UP | IFF_MULTICAST, { "192.0.2.1" } },
                                { IFF_UP | IFF_MULTICAST, { "fe80::1" } },
                                { 0 } };
  guint n_changes = 0;
  DiscoInterfaces *all = interfaces_new ("", "", &n_changes);
  DiscoInterfaces *one = interfaces_new ("", "if1", &n_changes);

  disco_interfaces_set_reader (all, read_lines, (gpointer)lines);
  disco_interfaces_set_reader (one, read_lines, (gpointer)lines);
  assert_false (disco_interfaces_have_one_path (all));
  assert_true (disco_interfaces_have_one_path (one));
  disco_interfaces_free (all);
  disco_interfaces_free (one);
}

/* A second loopback address, or none (0.0.0.0) */
static void
set_alias (const char *text)
{
  struct ifreq request = { 0 };
  struct sockaddr_in *address = (struct sockaddr_in *)&request.ifr_addr;
  g_autoptr (GInetAddress) inet = g_inet_address_new_from_string (text);
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  assert_true (fd >= 0);
  strcpy (request.ifr_name, "lo:1");
  address->sin_family = AF_INET;
  memcpy (&address->sin_addr, g_inet_address_to_bytes (inet), 4);
  assert_int_equal (ioctl (fd, SIOCSIFADDR, &request), 0);
  close (fd);
}

typedef struct
{
  DiscoInterfaces *interfaces;
  const char *address;
  gboolean wanted;
  guint n_changes;
} AddressWait;

static gboolean
is_as_wanted (gpointer data)
{
  AddressWait *wait = data;

  return wait->n_changes > 0 && has (wait->interfaces, loopback (), wait->address) == wait->wanted;
}

/* In a network of its own, where only lo is, and down. The last test: there is no way back. */
static void
changes_are_told_by_the_kernel (void **state)
{
  AddressWait wait = { .address = "127.0.0.1", .wanted = TRUE };

  if (!test_network_leave ())
    skip ();
  wait.interfaces = interfaces_new ("", "", &wait.n_changes);
  assert_false (has (wait.interfaces, loopback (), "127.0.0.1"));
  test_network_set_loopback_up ();
  test_wait_until (NULL, is_as_wanted, &wait);
  wait.n_changes = 0;
  wait.address = "127.0.0.77";
  assert_false (has (wait.interfaces, loopback (), wait.address));
  set_alias (wait.address);
  test_wait_until (NULL, is_as_wanted, &wait);
  wait.n_changes = 0;
  wait.wanted = FALSE;
  set_alias ("0.0.0.0");
  test_wait_until (NULL, is_as_wanted, &wait);
  disco_interfaces_free (wait.interfaces);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    test_in_own_context (globs_say_which_interfaces_are_used),
    test_in_own_context (no_globs_at_all_are_no_restriction),
    test_in_own_context (interface_that_does_not_exist_has_no_name_and_counts_where_all_do),
    test_in_own_context (loopback_address_counts_on_the_loopback_interface_only),
    test_in_own_context (only_interfaces_that_are_up_and_can_multicast_are_listed),
    test_in_own_context (one_path_is_one_protocol_of_one_interface),
    test_in_own_context (only_those_that_are_used_count_as_paths),
    test_in_own_context (changes_are_told_by_the_kernel),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
