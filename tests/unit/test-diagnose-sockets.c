/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-diagnose-private.h"
#include "test-support.h"

#include <string.h>
#include <unistd.h>

#define HEAD                                                                                       \
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "    \
  "inode"                                                                                          \
  " ref pointer drops\n"
#define REST " 00000000:0000 07 00000000:00000000 00:00000000 00000000 "

static void
table_of_the_kernel_is_read_leniently (void **state)
{
  static const struct
  {
    const char *text;
    guint n;
    guint uid;
    guint64 inode;
  } rows[] = {
    { "", 0, 0, 0 },
    { HEAD, 0, 0, 0 },
    { HEAD " 1234: 00000000:14E9" REST "  107        0 12345 2 0000000000000000 0\n", 1, 107,
      12345 },
    { HEAD " 1234: 00000000:14e9" REST "0 0 18446744073709551615", 1, 0, G_MAXUINT64 },
    /* IPv6, and an address of its own */
    { HEAD "  1: 00000000000000000000000000000000:14E9" REST "1 0 7 2 0 0\n", 1, 1, 7 },
    { HEAD "  1: 0100007F:14E9" REST "1 0 7 2 0 0\n", 1, 1, 7 },
    /* another port; the port as the remote one */
    { HEAD "  1: 00000000:14EA" REST "1 0 7 2 0 0\n", 0, 0, 0 },
    { HEAD "  1: 00000000:0035 00000000:14E9 07 0:0 0:0 0 1 0 7 2 0 0\n", 0, 0, 0 },
    /* two of three, and the last one counts here */
    { HEAD " 1: 0:14E9" REST "1 0 7 2\n 2: 0:14EA" REST "1 0 8 2\n 3: 0:14E9" REST "2 0 9 2\n", 2,
      2, 9 },
    /* malformed */
    { "1: 00000000:14E9" REST "107 0\n", 0, 0, 0 },
    { "1: 0000000014E9" REST "107 0 1\n", 0, 0, 0 },
    { "1: 00000000:" REST "107 0 1\n", 0, 0, 0 },
    { "1: 00000000:114E9" REST "107 0 1\n", 0, 0, 0 },
    { "1: 00000000:14E9" REST "-1 0 1\n", 0, 0, 0 },
    { "1: 00000000:14E9" REST "1 0 x\n", 0, 0, 0 },
    { "\n \n:\n", 0, 0, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GArray) sockets = g_array_new (FALSE, FALSE, sizeof (DiscoUdpSocket));
      const DiscoUdpSocket *last;

      disco_udp_sockets_parse (rows[i].text, 5353, sockets);
      if (sockets->len != rows[i].n)
        fail_msg ("%u sockets in: %s", sockets->len, rows[i].text);
      if (rows[i].n == 0)
        continue;
      last = &g_array_index (sockets, DiscoUdpSocket, sockets->len - 1);
      if (last->uid != rows[i].uid || last->inode != rows[i].inode)
        fail_msg ("uid %u and inode %" G_GUINT64_FORMAT " in: %s", last->uid, last->inode,
                  rows[i].text);
    }
}

/* A socket of our own on that address, and its port */
static GSocket *
bind_somewhere (const char *address, guint16 *port)
{
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new_from_string (address, 0);
  g_autoptr (GSocketAddress) bound = NULL;
  GSocket *own = g_socket_new (g_socket_address_get_family (any), G_SOCKET_TYPE_DATAGRAM,
                               G_SOCKET_PROTOCOL_UDP, NULL);

  assert_non_null (own);
  assert_true (g_socket_bind (own, any, FALSE, NULL));
  bound = g_socket_get_local_address (own, NULL);
  *port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));
  return own;
}

static void
socket_of_our_own_is_found_to_be_ours (void **state)
{
  guint16 port;
  g_autoptr (GSocket) own = bind_somewhere ("127.0.0.1", &port);
  g_autoptr (GArray) sockets = g_array_new (FALSE, FALSE, sizeof (DiscoUdpSocket));
  g_autoptr (GArray) owners = NULL;
  g_autofree char *text = NULL;
  const DiscoUdpOwner *owner;

  assert_true (g_file_get_contents ("/proc/net/udp", &text, NULL, NULL));
  disco_udp_sockets_parse (text, port, sockets);
  assert_int_equal (sockets->len, 1);
  owners = disco_udp_owners_new (sockets);
  assert_int_equal (owners->len, 1);
  owner = &g_array_index (owners, DiscoUdpOwner, 0);
  assert_int_equal (owner->pid, getpid ());
  assert_int_equal (owner->uid, getuid ());
  assert_int_equal (owner->n_sockets, 1);
  assert_non_null (owner->name);
}

static void
socket_that_is_bound_to_a_group_does_not_count (void **state)
{
  static const char *const rows[][2]
      = { { "224.0.0.251", "/proc/net/udp" }, { "ff02::fb%lo", "/proc/net/udp6" } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      guint16 port;
      g_autoptr (GSocket) own = bind_somewhere (rows[i][0], &port);
      g_autoptr (GArray) sockets = g_array_new (FALSE, FALSE, sizeof (DiscoUdpSocket));
      g_autofree char *hexadecimal = g_strdup_printf (":%04X ", port);
      g_autofree char *text = NULL;

      assert_true (g_file_get_contents (rows[i][1], &text, NULL, NULL));
      assert_non_null (strstr (text, hexadecimal));
      disco_udp_sockets_parse (text, port, sockets);
      assert_int_equal (sockets->len, 0);
    }
}

static void
sockets_that_cannot_be_seen_into_belong_to_their_users (void **state)
{
  /* inodes of sockets count up from small numbers */
  const DiscoUdpSocket rows[]
      = { { 5, G_MAXUINT64 }, { 6, G_MAXUINT64 - 1 }, { 5, G_MAXUINT64 - 2 } };
  g_autoptr (GArray) sockets = g_array_new (FALSE, FALSE, sizeof (DiscoUdpSocket));
  g_autoptr (GArray) owners = NULL;

  g_array_append_vals (sockets, rows, G_N_ELEMENTS (rows));
  owners = disco_udp_owners_new (sockets);
  assert_int_equal (owners->len, 2);
  for (guint i = 0; i < owners->len; i++)
    {
      const DiscoUdpOwner *owner = &g_array_index (owners, DiscoUdpOwner, i);
      assert_int_equal (owner->pid, 0);
      assert_null (owner->name);
      assert_int_equal (owner->n_sockets, owner->uid == 5 ? 2 : 1);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (table_of_the_kernel_is_read_leniently),
    cmocka_unit_test (socket_of_our_own_is_found_to_be_ours),
    cmocka_unit_test (socket_that_is_bound_to_a_group_does_not_count),
    cmocka_unit_test (sockets_that_cannot_be_seen_into_belong_to_their_users),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
