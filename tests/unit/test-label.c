/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-label-private.h"
#include "test-support.h"

#include <avahi-common/domain.h>
#include <string.h>

#define TEN "0123456789"
#define SIXTY TEN TEN TEN TEN TEN TEN
/* escaped: 236 characters of the 238 that "._http._tcp.local" leaves */
#define PLUS_59 "+++++++++++++++++++++++++++++++++++++++++++++++++++++++++++"
#define EURO_5 "€€€€€"
#define EURO_20 EURO_5 EURO_5 EURO_5 EURO_5

static void
cut_keeps_what_fits_63_bytes_and_255_escaped_characters (void **state)
{
  static const struct
  {
    const char *text;
    const char *cut;
  } rows[] = {
    { "Printer", "Printer" },
    { "", "" },
    { SIXTY "abc", SIXTY "abc" },
    { SIXTY "abcd", SIXTY "abc" },
    { SIXTY SIXTY, SIXTY "012" },
    /* at a boundary of UTF-8: ü takes bytes 63 and 64 */
    { SIXTY "abü", SIXTY "ab" },
    { SIXTY "aü", SIXTY "aü" },
    { SIXTY "€uro", SIXTY "€" },
    { SIXTY "a€uro", SIXTY "a" },
    /* up to 238 escaped characters: 59 bytes of four and two of one */
    { PLUS_59, PLUS_59 },
    { PLUS_59 "ab", PLUS_59 "ab" },
    { PLUS_59 "abc", PLUS_59 "ab" },
    { PLUS_59 "a.", PLUS_59 "a" },
    { PLUS_59 ".", PLUS_59 "." },
    { PLUS_59 "+", PLUS_59 },
    /* 19 characters of 3 bytes are 228 escaped characters, 20 are 240 */
    { EURO_20, EURO_5 EURO_5 EURO_5 "€€€€" },
    /* what is not UTF-8 is replaced, never cut through */
    { "a\xff", "a\xef\xbf\xbd" },
    { SIXTY "ab\xff", SIXTY "ab" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *cut = disco_label_cut (rows[i].text, "_http._tcp", "local");

      if (!g_str_equal (cut, rows[i].cut))
        fail_msg ("'%s' was cut to '%s'", rows[i].text, cut);
    }
}

static void
cut_depends_on_the_length_of_the_type (void **state)
{
  /* "._abcdefghijklmno._udp.local" is 28: 227 are left, 56 bytes of four characters */
  g_autofree char *cut = disco_label_cut (PLUS_59, "_abcdefghijklmno._udp", "local");
  g_autofree char *name = disco_full_name_join (cut, "_abcdefghijklmno._udp", "local");

  assert_int_equal (strlen (cut), 56);
  assert_true (strlen (name) <= 255);
}

static void
next_label_counts_up_and_still_fits (void **state)
{
  static const struct
  {
    const char *label;
    const char *next;
  } rows[] = {
    { "x", "x #2" },
    { "x #2", "x #3" },
    { "x #9", "x #10" },
    { "x #1", "x #2" },
    { "x #99", "x #100" },
    { "x #2 #7", "x #2 #8" },
    { "Printer", "Printer #2" },
    { "Büro", "Büro #2" },
    { "", " #2" },
    { " #2", " #3" },
    /* what looks like a number and is none */
    { "x #", "x # #2" },
    { "x #0", "x #0 #2" },
    { "x #02", "x #02 #2" },
    { "x#2", "x#2 #2" },
    { "x #2a", "x #2a #2" },
    { "x 2", "x 2 #2" },
    { "x  2", "x  2 #2" },
    { "2", "2 #2" },
    { "#2", "#2 #2" },
    { "x #-1", "x #-1 #2" },
    { "x #999999999", "x #1000000000" },
    { "x #1000000000", "x #1000000000 #2" },
    { "x #18446744073709551615", "x #18446744073709551615 #2" },
    /* cut so that the number fits */
    { SIXTY "abc", SIXTY " #2" },
    { SIXTY " #2", SIXTY " #3" },
    { SIXTY " #9", TEN TEN TEN TEN TEN "012345678 #10" },
    { TEN TEN TEN TEN TEN "01234567ü", TEN TEN TEN TEN TEN "01234567ü #2" },
    { TEN TEN TEN TEN TEN "012345678üb", TEN TEN TEN TEN TEN "012345678 #2" },
    /* " #2" is 9 characters escaped, 229 are left */
    { PLUS_59, "+++++++++++++++++++++++++++++++++++++++++++++++++++++++++ #2" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *next = disco_label_next (rows[i].label, "_http._tcp", "local");

      if (!g_str_equal (next, rows[i].next))
        fail_msg ("after '%s' came '%s'", rows[i].label, next);
    }
}

static void
a_thousand_next_labels_all_differ_and_fit (void **state)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *label = g_strdup (EURO_20);

  for (int i = 0; i < 1000; i++)
    {
      char *next = disco_label_next (label, "_http._tcp", "local");
      g_autofree char *name = disco_full_name_join (next, "_http._tcp", "local");

      g_free (label);
      label = next;
      assert_true (g_utf8_validate (label, -1, NULL));
      assert_true (strlen (label) <= 63 && strlen (name) <= 255);
      assert_true (g_hash_table_add (seen, g_strdup (label)));
    }
}

static void
full_name_is_written_in_presentation_form (void **state)
{
  static const struct
  {
    const char *label;
    const char *type;
    const char *domain;
    const char *name;
  } rows[] = {
    { "HP LaserJet", "_ipp._tcp", "local", "HP\\032LaserJet._ipp._tcp.local" },
    { "a.b\\c", "_http._tcp", "local", "a\\.b\\\\c._http._tcp.local" },
    { "Az_09-", "_http._tcp", "local", "Az_09-._http._tcp.local" },
    { "ü", "_http._tcp", "local", "\\195\\188._http._tcp.local" },
    { "\x01\x7f\xff", "_http._tcp", "local", "\\001\\127\\255._http._tcp.local" },
    { "a", "_http._tcp.", "local.", "a._http._tcp.local" },
    { "a", "_printer._sub._http._tcp", "example.org", "a._printer._sub._http._tcp.example.org" },
    { "a", "_http._tcp", "my\\032net.local", "a._http._tcp.my\\032net.local" },
    { "a", "_http._tcp", "my net.local", "a._http._tcp.my\\032net.local" },
    { "a", "_http._tcp", "\\097b\\.c", "a._http._tcp.ab\\.c" },
    /* not to be had from Avahi, but from a bug: no crash, and no loss */
    { "a", "_http._tcp", "b\\", "a._http._tcp.b\\\\" },
    { "a", "_http._tcp", "b\\999", "a._http._tcp.b\\\\999" },
    { "a", "_http..tcp", "", "a._http.tcp" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *name = disco_full_name_join (rows[i].label, rows[i].type, rows[i].domain);

      if (!g_str_equal (name, rows[i].name))
        fail_msg ("'%s' in '%s': %s", rows[i].label, rows[i].domain, name);
    }
}

/* Any label that Avahi takes: UTF-8 of 1 to 63 bytes. */
static char *
random_label (GRand *rand)
{
  g_autoptr (GString) label = g_string_new (NULL);
  gint32 n = g_rand_int_range (rand, 1, 40);

  while (n-- > 0)
    switch (g_rand_int_range (rand, 0, 4))
      {
      case 0:
        g_string_append_unichar (label, (gunichar)g_rand_int_range (rand, 0x80, 0xd800));
        break;
      case 1:
        g_string_append_c (label, ".\\ _-#"[g_rand_int_range (rand, 0, 6)]);
        break;
      default:
        g_string_append_c (label, (char)g_rand_int_range (rand, 1, 128));
        break;
      }
  return disco_label_cut (label->str, "_http._tcp", "local");
}

static void
full_name_is_the_one_that_avahi_writes (void **state)
{
  g_autoptr (GRand) rand = test_rand_new ();

  for (int i = 0; i < 20000; i++)
    {
      g_autofree char *label = random_label (rand);
      g_autofree char *name = disco_full_name_join (label, "_http._tcp", "local");
      char expected[AVAHI_DOMAIN_NAME_MAX];

      assert_int_equal (
          avahi_service_name_join (expected, sizeof expected, label, "_http._tcp", "local"), 0);
      assert_string_equal (name, expected);
    }
}

static void
wire_form_of_names (void **state)
{
  static const struct
  {
    const char *name;
    const char *wire;
    gsize size;       /* 0: malformed */
    const char *back; /* NULL: as name */
  } rows[] = {
    { "host.local", "\4host\5local", 12, NULL },
    { "host.local.", "\4host\5local", 12, "host.local" },
    { "a\\.b.c", "\3a.b\1c", 7, NULL },
    { "a\\032b", "\3a b", 5, NULL },
    { "a b", "\3a b", 5, "a\\032b" },
    { "\\000\\255", "\2\0\xff", 4, NULL },
    { "\\q", "\1q", 3, "q" },
    { "\\\\", "\1\\", 3, NULL },
    { ".", "", 1, NULL },
    { "", "", 1, "." },
    { SIXTY "abc.x", "\77" SIXTY "abc\1x", 67, NULL },
    { SIXTY "abcd.x", NULL, 0, NULL },
    { "a..b", NULL, 0, NULL },
    { ".a", NULL, 0, NULL },
    { "..", NULL, 0, NULL },
    { "a\\", NULL, 0, NULL },
    { "a\\25", NULL, 0, NULL },
    { "a\\256", NULL, 0, NULL },
    { "a\\2b4c.d", NULL, 0, NULL },
    /* 4 × 61 + 9 and the root are 254 bytes; one more label byte 255; then 256 */
    { SIXTY "." SIXTY "." SIXTY "." SIXTY ".01234567",
      "\74" SIXTY "\74" SIXTY "\74" SIXTY "\74" SIXTY "\10"
      "01234567",
      254, NULL },
    { SIXTY "." SIXTY "." SIXTY "." SIXTY ".012345678",
      "\74" SIXTY "\74" SIXTY "\74" SIXTY "\74" SIXTY "\11"
      "012345678",
      255, NULL },
    { SIXTY "." SIXTY "." SIXTY "." SIXTY "." TEN, NULL, 0, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GBytes) wire = disco_domain_name_to_wire (rows[i].name);
      g_autofree char *back = NULL;
      gsize size = 0, used = 0;
      const guint8 *data;

      if ((wire != NULL) != (rows[i].size > 0))
        fail_msg ("'%s' is %smalformed", rows[i].name, wire != NULL ? "not " : "");
      if (wire == NULL)
        continue;
      data = g_bytes_get_data (wire, &size);
      if (size != rows[i].size || memcmp (data, rows[i].wire, size) != 0)
        fail_msg ("'%s' has another wire form, of %zu bytes", rows[i].name, size);
      back = disco_domain_name_from_wire (data, size, &used);
      assert_int_equal (used, size);
      assert_string_equal (back, rows[i].back != NULL ? rows[i].back : rows[i].name);
    }
}

static void
wire_form_that_is_cut_or_compressed_is_malformed (void **state)
{
  static const guint8 name[] = "\4host\5local\0\1x";
  static const guint8 pointer[] = { 1, 'a', 0xc0, 0x00 };
  static const guint8 long_label[70] = { 64 };
  static const guint8 over[300] = { 0 };
  guint8 endless[300];
  g_autofree char *text = NULL;
  gsize used = 0;

  for (gsize size = 0; size < 12; size++)
    {
      /* A copy, so that a sanitizer sees a read beyond the end. */
      g_autofree guint8 *cut = g_memdup2 (name, size);

      assert_null (disco_domain_name_from_wire (cut, size, NULL));
    }
  text = disco_domain_name_from_wire (name, sizeof name, &used);
  assert_string_equal (text, "host.local");
  assert_int_equal (used, 12);
  assert_null (disco_domain_name_from_wire (pointer, sizeof pointer, NULL));
  assert_null (disco_domain_name_from_wire (long_label, sizeof long_label, NULL));
  for (gsize i = 0; i < sizeof endless; i++)
    endless[i] = i % 2 == 0 ? 1 : 'a';
  assert_null (disco_domain_name_from_wire (endless, sizeof endless, NULL));
  g_free (text);
  text = disco_domain_name_from_wire (over, sizeof over, NULL);
  assert_string_equal (text, ".");
}

static void
wire_form_survives_a_round_trip (void **state)
{
  g_autoptr (GRand) rand = test_rand_new ();
  guint valid = 0;

  for (int round = 0; round < 50000; round++)
    {
      guint8 data[40];
      gsize size = (gsize)g_rand_int_range (rand, 0, sizeof data);
      g_autofree char *name = NULL;
      g_autoptr (GBytes) wire = NULL;
      gsize used = 0;

      for (gsize i = 0; i < size; i++)
        data[i] = (guint8)(g_rand_boolean (rand) ? g_rand_int_range (rand, 0, 6)
                                                 : g_rand_int_range (rand, 0, 256));
      name = disco_domain_name_from_wire (data, size, &used);
      if (name == NULL)
        continue;
      valid++;
      wire = disco_domain_name_to_wire (name);
      assert_non_null (wire);
      assert_int_equal (g_bytes_get_size (wire), used);
      assert_memory_equal (g_bytes_get_data (wire, NULL), data, used);
    }
  assert_true (valid > 1000);
}

static void
names_are_equal_without_case_and_final_dot (void **state)
{
  static const struct
  {
    const char *a;
    const char *b;
    gboolean equal;
  } rows[] = {
    { "host.local", "HOST.Local", TRUE },
    { "host.local", "host.local.", TRUE },
    { ".", "", TRUE },
    { "a\\.b", "a\\046b", TRUE },
    { "a\\.b", "a.b", FALSE },
    { "host", "host.local", FALSE },
    { "host.local", "host", FALSE },
    { "host.local", "hosts.local", FALSE },
    { "a.", "a\\.", FALSE },
    { "", "a", FALSE },
    /* only ASCII has case in DNS */
    { "Ü.local", "ü.local", FALSE },
    { "a\\000b", "a\\000c", FALSE },
    { "a\\000B", "a\\000b", TRUE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    if (disco_domain_name_equal (rows[i].a, rows[i].b) != rows[i].equal
        || disco_domain_name_equal (rows[i].b, rows[i].a) != rows[i].equal)
      fail_msg ("'%s' and '%s' are %sequal", rows[i].a, rows[i].b, rows[i].equal ? "" : "not ");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (cut_keeps_what_fits_63_bytes_and_255_escaped_characters),
    cmocka_unit_test (cut_depends_on_the_length_of_the_type),
    cmocka_unit_test (next_label_counts_up_and_still_fits),
    cmocka_unit_test (a_thousand_next_labels_all_differ_and_fit),
    cmocka_unit_test (full_name_is_written_in_presentation_form),
    cmocka_unit_test (full_name_is_the_one_that_avahi_writes),
    cmocka_unit_test (wire_form_of_names),
    cmocka_unit_test (wire_form_that_is_cut_or_compressed_is_malformed),
    cmocka_unit_test (wire_form_survives_a_round_trip),
    cmocka_unit_test (names_are_equal_without_case_and_final_dot),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
