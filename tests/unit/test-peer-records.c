/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-peer-records-private.h"
#include "test-support.h"

#include <string.h>

/* The name itself is not shown there. */
#define UNSHOWN 9

/* A script of a word an operation: "+1.0a" shows the record "a" on interface 1, protocol 0; "-1.0a"
 * takes it away; "?1.0a" is an answer; "!" is the end of what there is to show, "/" the end of the
 * view. "~1.0a" is heard, and after ".1.0" nothing is heard there. Then what is current, "" if
 * nothing. */
static const struct
{
  const char *script;
  const char *current;
} rows[] = {
  { "", "" },
  { "+1.0a", "a" },
  { "+1.0a -1.0a", "" },
  /* the newest of the lowest interface */
  { "+1.0a +1.0b", "b" },
  { "+1.0a +1.1b", "b" },
  { "+2.0a +1.0b", "b" },
  { "+1.0a +2.0b", "a" },
  { "+1.0a +2.0b +1.0c +2.0d", "c" },
  /* shown once more is newest again */
  { "+1.0a +1.0b +1.0a", "a" },
  /* a change: the new one first, the old one removed later */
  { "+1.0a +1.0b -1.0a", "b" },
  { "+1.0a +1.1a +1.0b +1.1b -1.0a -1.1a", "b" },
  /* fall back on the newest that is left */
  { "+1.0a +1.0b -1.0b", "a" },
  { "+1.0a +1.0b +1.0c -1.0c -1.0a", "b" },
  { "+1.0a +2.0b -1.0a", "b" },
  { "+1.0a +2.0b +2.0c -1.0a -2.0c", "b" },
  /* gone from one protocol is not gone from the other */
  { "+1.0a +1.1a -1.0a", "a" },
  /* what is not there is not removed */
  { "+1.0a -1.1a -2.0a -1.0b", "a" },
  /* an answer stands until there is a live record, and no longer */
  { "?1.0a", "a" },
  { "?1.0a ?1.0b", "b" },
  { "?2.0a ?3.0b", "b" },
  { "?1.0a +2.0b", "b" },
  { "?1.0a +2.0b -2.0b", "" },
  /* nor where there is one on its interface */
  { "+2.0b ?1.0a", "a" },
  { "+1.1b ?1.0a", "b" },
  { "+1.0a -1.0a ?1.0b", "b" },
  /* nor does it stand when all has been shown without it */
  { "?1.0a !", "" },
  { "! ?1.0a", "" },
  { "?1.0a +1.0a !", "a" },
  { "?1.0a ! +1.0b", "b" },
  /* a view that has failed: what it showed stands until the next one has shown what there is */
  { "+1.0a /", "a" },
  { "+1.0a / +1.0b", "b" },
  { "+1.0a +2.0b / +2.0b", "a" },
  { "+1.0a +2.0b / +2.0b !", "b" },
  { "+1.0a ! / !", "" },
  { "+1.0a ! / +1.0a !", "a" },
  /* or until there is an answer, while the next one has shown nothing */
  { "+1.0a ! / ?1.0b", "b" },
  { "+1.0a ! / ?1.0b ?1.0c", "c" },
  { "+1.0a / +1.0a ?1.0b", "a" },
  { "+1.0a / ! ?1.0b", "" },
  { "?1.0a / +2.0b", "b" },
  /* interfaces that show the name come first */
  { "+9.0a", "a" },
  { "+9.0a +1.0b", "b" },
  /* what is heard takes the place of what was heard there before */
  { "~1.0a ~1.0b", "b" },
  { "~1.0a ~1.1a ~1.0b .1.0", "b" },
  { "~2.0a ~1.0b ~2.0c", "b" },
  /* an answer stands until something is heard on its interface */
  { "?1.0a ~2.0b", "a" },
  { "?1.0a ~1.1b", "b" },
  { "~1.0a ?1.0b", "a" },
  { "~2.0a ?1.0b", "b" },
  /* what was heard goes from where it is not heard any more, but for the last */
  { "~1.0a ~2.0b .1.0", "b" },
  { "~1.0a ~1.1a ~2.0b .1.0", "a" },
  { "~1.0a .1.0", "a" },
  { "~1.0a .1.0 ~2.0b", "b" },
  { "~1.0a .1.0 ?2.0b", "b" },
  { "?1.0a .1.0 ~2.0b", "b" },
  /* and where nothing is heard at all it stands until there is an answer, or a view */
  { "~1.0a /", "a" },
  { "~1.0a / ?1.0b", "b" },
  { "~1.0a / +2.0b !", "b" },
  { "~1.0a / ~1.0b", "b" },
};

/* All but one of the interfaces */
static gboolean
is_shown (int ifindex, gpointer user_data)
{
  return ifindex != UNSHOWN;
}

static void
run (DiscoPeerRecords *records, const char *word)
{
  gboolean has_record = *word != '!' && *word != '/';
  int ifindex = has_record ? word[1] - '0' : 0;
  int protocol = has_record ? word[3] - '0' : 0;
  const char *text = has_record ? word + 4 : "";
  g_autoptr (GBytes) rdata = g_bytes_new (text, strlen (text));

  switch (*word)
    {
    case '+':
      assert_true (disco_peer_records_add (records, ifindex, protocol, rdata));
      break;
    case '-':
      disco_peer_records_remove (records, ifindex, protocol, rdata);
      break;
    case '?':
      disco_peer_records_set_asked (records, ifindex, protocol, rdata);
      break;
    case '~':
      assert_true (disco_peer_records_hear (records, ifindex, protocol, rdata));
      break;
    case '.':
      disco_peer_records_leave (records, ifindex, protocol);
      break;
    case '/':
      disco_peer_records_suspect (records);
      break;
    case '!':
      disco_peer_records_end_asked (records);
      break;
    default:
      fail_msg ("no such operation: %s", word);
    }
}

static void
current_is_the_newest_record_of_the_lowest_interface (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (GStrv) words = g_strsplit (rows[i].script, " ", -1);
      g_autofree char *text = NULL;
      DiscoPeerRecords records = { 0 };
      GBytes *current;

      for (char **word = words; *word != NULL && **word != '\0'; word++)
        run (&records, *word);
      current = disco_peer_records_get_current (&records, is_shown, NULL);
      text = current == NULL
                 ? g_strdup ("")
                 : g_strndup (g_bytes_get_data (current, NULL), g_bytes_get_size (current));
      if (!g_str_equal (text, rows[i].current))
        fail_msg ("%s: \"%s\", not \"%s\"", rows[i].script, text, rows[i].current);
      disco_peer_records_clear (&records);
    }
}

static void
records_over_the_bound_are_refused_and_those_known_stay (void **state)
{
  DiscoPeerRecords records = { 0 };
  guint8 first = 0;
  g_autoptr (GBytes) known = g_bytes_new (&first, 1);
  guint n = 0;

  for (guint8 i = 0; i < 100; i++)
    {
      g_autoptr (GBytes) rdata = g_bytes_new (&i, 1);
      n += disco_peer_records_add (&records, 1, 0, rdata);
    }
  assert_int_equal (n, 64);
  assert_true (disco_peer_records_add (&records, 1, 0, known));
  assert_true (g_bytes_equal (disco_peer_records_get_current (&records, is_shown, NULL), known));
  disco_peer_records_clear (&records);
}

static GBytes *
make_bytes (gsize size, char fill)
{
  char *data = g_malloc (size);

  memset (data, fill, size);
  return g_bytes_new_take (data, size);
}

static void
bytes_of_one_name_have_a_bound_and_equal_ones_count_once (void **state)
{
  DiscoPeerRecords records = { 0 };
  GBytes *current;
  guint n = 0;

  for (guint i = 0; i < 26; i++)
    {
      const char fill = (char)('a' + i);
      g_autoptr (GBytes) first = make_bytes (DISCO_PEER_RECORD_MAX_BYTES, fill);
      g_autoptr (GBytes) second = make_bytes (DISCO_PEER_RECORD_MAX_BYTES, fill);

      n += disco_peer_records_add (&records, 1, 0, first);
      n += disco_peer_records_add (&records, 1, 1, second);
    }
  assert_int_equal (n, 2 * 4);
  /* what goes makes room */
  current = g_bytes_ref (disco_peer_records_get_current (&records, is_shown, NULL));
  disco_peer_records_remove (&records, 1, 0, current);
  disco_peer_records_remove (&records, 1, 1, current);
  g_bytes_unref (current);
  current = make_bytes (DISCO_PEER_RECORD_MAX_BYTES, 'z');
  assert_true (disco_peer_records_add (&records, 1, 0, current));
  g_bytes_unref (current);
  disco_peer_records_clear (&records);
}

static void
txt_over_the_bound_is_cut_between_its_strings (void **state)
{
  static const guint8 lengths[] = { 0, 1, 100, 255 };

  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      const gsize step = lengths[i] + 1U;
      g_autoptr (GByteArray) whole = g_byte_array_new ();
      g_autoptr (GBytes) txt = NULL;
      gboolean cut;

      while (whole->len + step <= DISCO_PEER_RECORD_MAX_BYTES)
        {
          g_autofree guint8 *text = g_malloc0 (step);
          text[0] = lengths[i];
          g_byte_array_append (whole, text, (guint)step);
        }
      txt = disco_peer_records_take_txt (whole->data, whole->len, &cut);
      assert_false (cut);
      assert_int_equal (g_bytes_get_size (txt), whole->len);
      g_bytes_unref (txt);

      /* one more, which begins within the bound or at its end */
      g_byte_array_append (whole, (const guint8[256]){ 255 }, 256);
      txt = disco_peer_records_take_txt (whole->data, whole->len, &cut);
      assert_true (cut);
      assert_int_equal (g_bytes_get_size (txt), whole->len - 256);
      assert_memory_equal (g_bytes_get_data (txt, NULL), whole->data, whole->len - 256);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (current_is_the_newest_record_of_the_lowest_interface),
    cmocka_unit_test (records_over_the_bound_are_refused_and_those_known_stay),
    cmocka_unit_test (bytes_of_one_name_have_a_bound_and_equal_ones_count_once),
    cmocka_unit_test (txt_over_the_bound_is_cut_between_its_strings),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
