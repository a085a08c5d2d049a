/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-allowed-private.h"
#include "disco-host-name-private.h"
#include "disco-limits-private.h"
#include "test-support.h"

#include <string.h>

#define X10 "xxxxxxxxxx"
#define X59 X10 X10 X10 X10 X10 "xxxxxxxxx"
#define X60 X10 X10 X10 X10 X10 X10

/* --- host names --- */

static const struct
{
  const char *name;
  const char *next;
} hosts[] = {
  { "box", "box-2" },
  { "box-2", "box-3" },
  { "box-9", "box-10" },
  { "box-1", "box-2" },
  { "box-0", "box-0-2" },
  { "box-02", "box-02-2" },
  { "box-", "box--2" },
  { "-2", "-2-2" },
  { "my-box", "my-box-2" },
  { "my-box-2", "my-box-3" },
  { "a-1234567", "a-1234567-2" },
  { "2", "2-2" },
  { X60 "abc", X60 "a-2" },
  { X60 "a-9", X60 "-10" },
  { X60 "\xc3\xa9", X60 "-2" },
};

static void
host_names_are_counted_up_within_63_bytes (void **state)
{
  for (gsize i = 0; i < G_N_ELEMENTS (hosts); i++)
    {
      g_autofree char *next = disco_host_name_next (hosts[i].name);

      assert_string_equal (next, hosts[i].next);
      assert_in_range (strlen (next), 1, 63);
    }
}

/* --- limits --- */

static const struct
{
  const char *name;
  gboolean is_allowed;
} names[] = {
  { "box.local", TRUE },
  { "box.local.", TRUE },
  { "A\\032B.local", TRUE },
  { "a\\.b.local", TRUE },
  { "caf\xc3\xa9.local", TRUE },
  { X60 "abc.local", TRUE },
  { "", FALSE },
  { ".", FALSE },
  { "a..local", FALSE },
  { X60 "abcd.local", FALSE },
  { "a\\", FALSE },
  { "a\\03.local", FALSE },
  { "a\\000.local", FALSE },
  { "a\\999.local", FALSE },
  { "a\\255.local", FALSE },
  { X60 "." X60 "." X60 "." X60 ".xxxxxxxxx", TRUE },
  { X60 "." X60 "." X60 "." X60 "." X10, FALSE },
};

static void
names_that_dns_has_no_room_for_are_refused (void **state)
{
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      print_message ("%s\n", names[i].name);
      assert_int_equal (disco_limits_allow_name (names[i].name), names[i].is_allowed);
    }
}

static const struct
{
  const char *label;
  const char *type;
  const char *domain;
  gboolean is_allowed;
} services[] = {
  { "A.B\\C", "_http._tcp", "local", TRUE },
  { NULL, "_a._sub._http._tcp", "local", TRUE },
  { X60 "abc", "_http._tcp", "local", TRUE },
  { X60 "abcd", "_http._tcp", "local", FALSE },
  { "", "_http._tcp", "local", FALSE },
  { "a", "", "local", FALSE },
  { "a", "_http._tcp", "", FALSE },
  { "a", "_http..tcp", "local", FALSE },
  { X60, "_http._tcp", X60 "." X60 "." X59, TRUE },
  { X60, "_http._tcp", X60 "." X60 "." X59 ".", TRUE },
  { X60, "_http._tcp", X60 "." X60 "." X60, FALSE },
};

static void
full_names_that_dns_has_no_room_for_are_refused (void **state)
{
  for (gsize i = 0; i < G_N_ELEMENTS (services); i++)
    {
      print_message ("%zu\n", i);
      assert_int_equal (
          disco_limits_allow_service (services[i].label, services[i].type, services[i].domain),
          services[i].is_allowed);
    }
}

static void
txt_data_is_whole_strings_and_bounded (void **state)
{
  static const guint8 zeros[DISCO_LIMIT_TXT_BYTES + 1];

  assert_true (disco_limits_allow_txt ((const guint8 *)"", 0));
  assert_true (disco_limits_allow_txt ((const guint8 *)"\0", 1));
  assert_true (disco_limits_allow_txt ((const guint8 *)"\3a=1\0\1b", 7));
  assert_false (disco_limits_allow_txt ((const guint8 *)"\3a=", 3));
  assert_false (disco_limits_allow_txt ((const guint8 *)"\1", 1));
  assert_true (disco_limits_allow_txt (zeros, DISCO_LIMIT_TXT_BYTES));
  assert_false (disco_limits_allow_txt (zeros, DISCO_LIMIT_TXT_BYTES + 1));
}

/* --- interfaces --- */

/* Lists as text, separated by spaces; NULL: all. lo, eth0, eth1 and wlan0 are there. */
static const struct
{
  const char *include;
  const char *exclude;
  const char *names;
} interfaces[] = {
  { "", "", NULL },
  { "lo", "", "lo" },
  { "eth7", "", "eth7" },
  { "eth*", "", "eth0 eth1" },
  { "eth? lo", "", "lo eth0 eth1" },
  { "eth0 eth*", "", "eth0 eth1" },
  { "*", "", "lo eth0 eth1 wlan0" },
  { "tun*", "", "*" },
  { "", "wlan0", "lo eth0 eth1" },
  { "", "*", "*" },
  { "eth*", "eth1", "eth0" },
  { "eth0 eth1", "*1", "eth0" },
  { "eth0", "eth0", "*" },
};

static void
interfaces_are_resolved_as_in_the_table (void **state)
{
  static const char *const present[] = { "lo", "eth0", "eth1", "wlan0", NULL };

  for (gsize i = 0; i < G_N_ELEMENTS (interfaces); i++)
    {
      g_auto (GStrv) include = g_strsplit (interfaces[i].include, " ", -1);
      g_auto (GStrv) exclude = g_strsplit (interfaces[i].exclude, " ", -1);
      g_auto (GStrv) resolved = disco_allowed_resolve ((const char *const *)include,
                                                       (const char *const *)exclude, present);
      g_autofree char *joined = resolved != NULL ? g_strjoinv (" ", resolved) : NULL;

      print_message ("\"%s\" without \"%s\"\n", interfaces[i].include, interfaces[i].exclude);
      if (interfaces[i].names == NULL)
        assert_null (joined);
      else
        assert_string_equal (joined, interfaces[i].names);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (host_names_are_counted_up_within_63_bytes),
    cmocka_unit_test (names_that_dns_has_no_room_for_are_refused),
    cmocka_unit_test (full_names_that_dns_has_no_room_for_are_refused),
    cmocka_unit_test (txt_data_is_whole_strings_and_bounded),
    cmocka_unit_test (interfaces_are_resolved_as_in_the_table),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
