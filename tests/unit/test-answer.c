/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-answer-private.h"
#include "test-support.h"

#include <string.h>

#define RESPONSE(n) "\x00\x00\x84\x00\x00\x00\x00" n "\x00\x00\x00\x00"
/* SRV, cache-flush and IN, 120 s, 8 bytes: 0, 0, port 80, target "h" */
#define SRV "\x00\x21\x80\x01\x00\x00\x00\x78\x00\x09\x00\x00\x00\x00\x00\x50\x01h\x00"
#define GOODBYE "\x00\x21\x80\x01\x00\x00\x00\x00\x00\x09\x00\x00\x00\x00\x00\x50\x01h\x00"
#define TXT "\x00\x10\x80\x01\x00\x00\x11\x94\x00\x01\x00"
#define NAME "\x01\x61\x05_http\x04_tcp\x05local\x00"

typedef struct
{
  const char *what;
  const char *packet;
  gsize size;
  const char *expected; /* the names, each with a blank */
} Row;

#define ROW(what, packet, expected)                                                                \
  {                                                                                                \
    what, packet, sizeof (packet) - 1, expected                                                    \
  }

static const Row rows[] = {
  ROW ("an answer", RESPONSE ("\x01") NAME SRV, "a._http._tcp.local "),
  ROW ("two, the second compressed", RESPONSE ("\x02") NAME SRV "\x01\x62\xc0\x0e" SRV,
       "a._http._tcp.local b._http._tcp.local "),
  ROW ("another record before it", RESPONSE ("\x02") NAME TXT NAME SRV, "a._http._tcp.local "),
  ROW ("as an additional record", "\x00\x00\x84\x00\x00\x00\x00\x00\x00\x00\x00\x01" NAME SRV,
       "a._http._tcp.local "),
  ROW ("with its question",
       "\x00\x00\x84\x00\x00\x01\x00\x01\x00\x00\x00\x00" NAME "\x00\x21\x00\x01\xc0\x0c" SRV,
       "a._http._tcp.local "),
  ROW ("a name with a blank and a dot",
       RESPONSE ("\x01") "\x04\x61 b.\x05_http\x04_tcp\x05local\x00" SRV,
       "a\\032b\\.._http._tcp.local "),
  ROW ("a goodbye", RESPONSE ("\x01") NAME GOODBYE, ""),
  ROW ("no SRV record", RESPONSE ("\x01") NAME TXT, ""),
  ROW ("a question",
       "\x00\x00\x00\x00\x00\x01\x00\x01\x00\x00\x00\x00" NAME "\x00\x21\x00\x01" NAME SRV, ""),
  ROW ("nothing", "", ""),
  ROW ("less than a header", "\x00\x00\x84\x00\x00\x00\x00", ""),
  ROW ("fewer records than it says", RESPONSE ("\x09") NAME SRV, "a._http._tcp.local "),
  ROW ("a name that is cut", RESPONSE ("\x01") "\x01\x61\x05_ht", ""),
  ROW ("a record that is cut", RESPONSE ("\x01") NAME "\x00\x21\x80\x01", ""),
  ROW ("rdata that is cut", RESPONSE ("\x01") NAME "\x00\x21\x80\x01\x00\x00\x00\x78\x00\x09\x00",
       ""),
  ROW ("a pointer to itself", RESPONSE ("\x01") "\xc0\x0c" SRV, ""),
  ROW ("a pointer ahead", RESPONSE ("\x01") "\xc0\x30" SRV NAME, ""),
  ROW ("a pointer into the header", RESPONSE ("\x01") "\xc0\x02" SRV, ""),
  ROW ("a pointer that is cut", RESPONSE ("\x01") "\xc0", ""),
  ROW ("a label of a kind that there is not", RESPONSE ("\x01") "\x81\x61\x00" SRV, ""),
};

static void
note (const char *name, gpointer user_data)
{
  g_string_append_printf (user_data, "%s ", name);
}

static void
names_that_are_answered_for_are_read_and_malformed_packets_end_there (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GString) names = g_string_new (NULL);
      /* of its very size, so that a read beyond it is noticed */
      g_autofree guint8 *packet = g_memdup2 (rows[i].packet, rows[i].size);

      disco_answers_read (packet, rows[i].size, note, names);
      if (!g_str_equal (names->str, rows[i].expected))
        fail_msg ("%s: \"%s\" instead of \"%s\"", rows[i].what, names->str, rows[i].expected);
    }
}

static void
packet_that_is_cut_anywhere_is_read_up_to_there (void **state)
{
  const Row *row = &rows[1];

  for (gsize size = 0; size < row->size; size++)
    {
      g_autoptr (GString) names = g_string_new (NULL);
      g_autofree guint8 *packet = g_memdup2 (row->packet, size);

      disco_answers_read (packet, size, note, names);
      assert_true (g_str_has_prefix (row->expected, names->str));
    }
}

static void
questions_fill_packets_and_names_without_room_are_skipped (void **state)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  guint n_packets = 0;
  guint n_questions = 0;

  for (guint i = 0; i < 2 * DISCO_QUESTIONS_A_PACKET; i++)
    g_ptr_array_add (names, g_strdup_printf ("n%u._http._tcp.local", i));
  g_ptr_array_add (names, g_strnfill (80, 'x')); /* a label of more than 63 bytes */
  for (guint at = 0; at < names->len;)
    {
      g_autoptr (GByteArray) packet = disco_questions_new (names, at, &at);
      if (packet == NULL)
        continue;
      n_packets++;
      n_questions += packet->data[5];
      assert_int_equal (packet->data[2], 0); /* a question */
      assert_true (packet->len <= 1400);
    }
  assert_int_equal (n_packets, 2);
  assert_int_equal (n_questions, 2 * DISCO_QUESTIONS_A_PACKET);
}

static void
question_is_one_for_the_srv_record_of_the_name (void **state)
{
  static const char expected[]
      = "\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00" NAME "\x00\x21\x00\x01";
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autoptr (GByteArray) packet = NULL;
  guint end;

  g_ptr_array_add (names, (gpointer) "a._http._tcp.local");
  packet = disco_questions_new (names, 0, &end);
  assert_int_equal (end, 1);
  assert_int_equal (packet->len, sizeof expected - 1);
  assert_memory_equal (packet->data, expected, sizeof expected - 1);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (names_that_are_answered_for_are_read_and_malformed_packets_end_there),
    cmocka_unit_test (packet_that_is_cut_anywhere_is_read_up_to_there),
    cmocka_unit_test (questions_fill_packets_and_names_without_room_are_skipped),
    cmocka_unit_test (question_is_one_for_the_srv_record_of_the_name),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
