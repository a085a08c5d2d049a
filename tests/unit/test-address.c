/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-address-private.h"
#include "test-support.h"

#include <string.h>

static void
literals_of_one_host_are_addresses (void **state)
{
  static const struct
  {
    const char *text;
    const char *shown; /* NULL: no address of one host */
  } rows[] = {
    { "192.0.2.1", "192.0.2.1" },
    { "10.0.0.255", "10.0.0.255" },
    { "127.0.0.1", "127.0.0.1" },
    { "169.254.3.4", "169.254.3.4" },
    { "::1", "::1" },
    { "2001:db8::1", "2001:db8::1" },
    { "2001:DB8:0:0:0:0:0:1", "2001:db8::1" },
    { "[2001:db8::1]", "2001:db8::1" },
    { "fd00::1", "fd00::1" },
    { "fe80::1", "fe80::1" },
    { "fe80::1%eth0", "fe80::1%eth0" },
    { "[fe80::1%eth0]", "fe80::1%eth0" },
    { "febf::1%an-interface-na", "febf::1%an-interface-na" },
    /* not unicast */
    { "0.0.0.0", NULL },
    { "255.255.255.255", NULL },
    { "224.0.0.251", NULL },
    { "239.255.255.250", NULL },
    { "::", NULL },
    { "ff02::fb", NULL },
    { "[::]", NULL },
    /* a zone where none belongs, or none at all */
    { "192.0.2.1%eth0", NULL },
    { "2001:db8::1%eth0", NULL },
    { "::1%lo", NULL },
    { "fe80::1%", NULL },
    { "fe80::1%an-interface-nam", NULL },
    /* no literals */
    { "", NULL },
    { "[", NULL },
    { "]", NULL },
    { "[]", NULL },
    { "[192.0.2.1]", NULL },
    { "[2001:db8::1", NULL },
    { "2001:db8::1]", NULL },
    { "[[2001:db8::1]]", NULL },
    { "192.0.2", NULL },
    { "192.0.2.1.5", NULL },
    { "192.0.2.256", NULL },
    { "192.0.2.1 ", NULL },
    { "0x7f.1", NULL },
    { "2001:db8::1::2", NULL },
    { "12345::1", NULL },
    { "printer.local", NULL },
    { "\xff", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      DiscoAddress address;
      g_autofree char *shown = NULL;

      if (disco_address_parse (&address, rows[i].text))
        shown = disco_address_to_string (&address);
      if (g_strcmp0 (shown, rows[i].shown) != 0)
        fail_msg ("'%s' became %s", rows[i].text, shown);
    }
}

static void
rdata_is_an_address_only_in_the_right_size (void **state)
{
  static const guint8 rdata[17] = { 0xfd, 1, 2, 3, 4 };
  DiscoAddress address;

  for (gsize size = 0; size <= sizeof rdata; size++)
    assert_int_equal (disco_address_from_rdata (&address, rdata, size, NULL),
                      size == 4 || size == 16);
}

static void
rdata_keeps_the_zone_of_link_local_ipv6_only (void **state)
{
  static const struct
  {
    const char *text;
    const char *zone;
    const char *shown;
  } rows[] = {
    { "fe80::1", "eth0", "fe80::1%eth0" },
    { "fe80::1", NULL, "fe80::1" },
    { "fe80::1", "", "fe80::1" },
    { "fe80::1", "bad\xff", "fe80::1%bad\xef\xbf\xbd" },
    { "2001:db8::1", "eth0", "2001:db8::1" },
    { "fd00::1", "eth0", "fd00::1" },
    { "::1", "lo", "::1" },
    { "192.0.2.1", "eth0", "192.0.2.1" },
    { "169.254.0.1", "eth0", "169.254.0.1" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GInetAddress) inet = g_inet_address_new_from_string (rows[i].text);
      g_autofree char *shown = NULL;
      DiscoAddress address;

      assert_true (disco_address_from_rdata (&address, g_inet_address_to_bytes (inet),
                                             g_inet_address_get_native_size (inet), rows[i].zone));
      shown = disco_address_to_string (&address);
      assert_string_equal (shown, rows[i].shown);
    }
}

static void
rdata_that_is_no_host_is_refused_and_writes_nothing (void **state)
{
  static const guint8 any[16] = { 0 };
  static const guint8 multicast[16] = { 0xff, 2, [15] = 0xfb };
  DiscoAddress address;
  DiscoAddress untouched;

  memset (&address, 0x5a, sizeof address);
  memset (&untouched, 0x5a, sizeof untouched);
  assert_false (disco_address_from_rdata (&address, any, 4, NULL));
  assert_false (disco_address_from_rdata (&address, any, 16, NULL));
  assert_false (disco_address_from_rdata (&address, multicast, 16, "eth0"));
  assert_memory_equal (&address, &untouched, sizeof address);
}

/* best first, each better than the next */
static const char *const ordered[] = {
  /* global or private IPv4 */
  "1.2.3.4",
  "9.255.255.255",
  "10.0.0.1",
  "100.64.0.1",
  "126.255.255.255",
  "128.0.0.1",
  "169.253.255.255",
  "169.255.0.1",
  "172.16.0.1",
  "192.168.1.2",
  "192.168.1.10",
  "203.0.113.1",
  /* global or unique-local IPv6 */
  "2001:db8::1",
  "2001:db8::a",
  "fd00::1",
  "fe7f::1",
  "fec0::1",
  /* link-local IPv4 */
  "169.254.0.1",
  "169.254.255.1",
  /* link-local IPv6 with its scope */
  "fe80::1",
  "fe80::1%eth0",
  "fe80::1%eth1",
  "fe80::2%eth0",
  "febf::1%eth0",
  /* loopback */
  "127.0.0.1",
  "127.1.2.3",
  "::1",
};

static void
order_is_by_class_then_by_number (void **state)
{
  for (gsize i = 0; i < G_N_ELEMENTS (ordered); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (ordered); j++)
      {
        DiscoAddress a, b;
        int order;

        assert_true (disco_address_parse (&a, ordered[i]));
        assert_true (disco_address_parse (&b, ordered[j]));
        order = disco_address_compare (&a, &b);
        if (CLAMP (order, -1, 1) != (i > j) - (i < j))
          fail_msg ("%s against %s: %d", ordered[i], ordered[j], order);
      }
}

static void
loopback_is_told_from_the_rest (void **state)
{
  for (gsize i = 0; i < G_N_ELEMENTS (ordered); i++)
    {
      DiscoAddress address;

      assert_true (disco_address_parse (&address, ordered[i]));
      if (disco_address_is_loopback (&address)
          != (g_str_has_prefix (ordered[i], "127.") || g_str_equal (ordered[i], "::1")))
        fail_msg ("%s", ordered[i]);
    }
}

static void
list_is_sorted_and_has_each_address_once (void **state)
{
  g_autoptr (GRand) rand = test_rand_new ();

  for (int round = 0; round < 200; round++)
    {
      g_autoptr (GArray) addresses = g_array_new (FALSE, FALSE, sizeof (DiscoAddress));
      g_auto (GStrv) texts = NULL;
      gboolean used[G_N_ELEMENTS (ordered)] = { FALSE };
      guint n = 0;

      for (gint32 count = g_rand_int_range (rand, 0, 60); count > 0; count--)
        {
          gint32 i = g_rand_int_range (rand, 0, G_N_ELEMENTS (ordered));
          DiscoAddress address;

          assert_true (disco_address_parse (&address, ordered[i]));
          g_array_append_val (addresses, address);
          used[i] = TRUE;
        }
      texts = disco_addresses_to_strv (addresses);
      for (gsize i = 0; i < G_N_ELEMENTS (ordered); i++)
        if (used[i])
          assert_string_equal (texts[n++], ordered[i]);
      assert_null (texts[n]);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (literals_of_one_host_are_addresses),
    cmocka_unit_test (rdata_is_an_address_only_in_the_right_size),
    cmocka_unit_test (rdata_keeps_the_zone_of_link_local_ipv6_only),
    cmocka_unit_test (rdata_that_is_no_host_is_refused_and_writes_nothing),
    cmocka_unit_test (order_is_by_class_then_by_number),
    cmocka_unit_test (loopback_is_told_from_the_rest),
    cmocka_unit_test (list_is_sorted_and_has_each_address_once),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
