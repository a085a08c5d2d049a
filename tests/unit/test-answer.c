/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-answer-private.h"
#include "disco-link-private.h"
#include "test-support.h"

#include <arpa/nameser.h>
#include <string.h>

#define RESPONSE(n) "\x00\x00\x84\x00\x00\x00\x00" n "\x00\x00\x00\x00"
/* SRV, cache-flush and IN, 120 s, 8 bytes: 0, 0, port 80, target "h" */
#define SRV "\x00\x21\x80\x01\x00\x00\x00\x78\x00\x09\x00\x00\x00\x00\x00\x50\x01h\x00"
#define GOODBYE "\x00\x21\x80\x01\x00\x00\x00\x00\x00\x09\x00\x00\x00\x00\x00\x50\x01h\x00"
#define TXT "\x00\x10\x80\x01\x00\x00\x11\x94\x00\x01\x00"
#define A "\x00\x01\x80\x01\x00\x00\x00\x78\x00\x04\xc0\x00\x02\x01"
#define CHAOS "\x00\x10\x80\x03\x00\x00\x11\x94\x00\x01\x00"
#define SRV_TO "\x00\x21\x80\x01\x00\x00\x00\x78"
#define SRV_HEAD "\x00\x00\x00\x00\x00\x50"
#define NAME "\x01\x61\x05_http\x04_tcp\x05local\x00"

typedef struct
{
  const char *what;
  const char *packet;
  gsize size;
  const char *expected; /* "SRV name 9 " with the size of its rdata, "-" before it for a goodbye */
} Row;

#define ROW(what, packet, expected)                                                                \
  {                                                                                                \
    what, packet, sizeof (packet) - 1, expected                                                    \
  }

static const Row rows[] = {
  ROW ("an answer", RESPONSE ("\x01") NAME SRV, "SRV a._http._tcp.local 9 "),
  ROW ("two, the second compressed", RESPONSE ("\x02") NAME SRV "\x01\x62\xc0\x0e" SRV,
       "SRV a._http._tcp.local 9 SRV b._http._tcp.local 9 "),
  ROW ("another record before it", RESPONSE ("\x02") NAME A NAME SRV, "SRV a._http._tcp.local 9 "),
  ROW ("as an additional record", "\x00\x00\x84\x00\x00\x00\x00\x00\x00\x00\x00\x01" NAME SRV,
       "SRV a._http._tcp.local 9 "),
  ROW ("with its question",
       "\x00\x00\x84\x00\x00\x01\x00\x01\x00\x00\x00\x00" NAME "\x00\x21\x00\x01\xc0\x0c" SRV,
       "SRV a._http._tcp.local 9 "),
  ROW ("a name with a blank and a dot",
       RESPONSE ("\x01") "\x04\x61 b.\x05_http\x04_tcp\x05local\x00" SRV,
       "SRV a\\032b\\.._http._tcp.local 9 "),
  ROW ("a type in capitals", RESPONSE ("\x01") "\x01\x41\x05_HTTP\x04_Tcp\x05LOCAL\x00" SRV,
       "SRV A._http._tcp.local 9 "),
  ROW ("a goodbye", RESPONSE ("\x01") NAME GOODBYE, "-SRV a._http._tcp.local 9 "),
  ROW ("a TXT record", RESPONSE ("\x01") NAME TXT, "TXT a._http._tcp.local 1 "),
  ROW ("neither SRV nor TXT", RESPONSE ("\x01") NAME A, ""),
  ROW ("of another class", RESPONSE ("\x01") NAME CHAOS, ""),
  ROW ("a compressed target", RESPONSE ("\x01") NAME SRV_TO "\x00\x0a" SRV_HEAD "\x01h\xc0\x19",
       "SRV a._http._tcp.local 15 "),
  ROW ("a target that goes beyond the rdata",
       RESPONSE ("\x01") NAME SRV_TO "\x00\x08" SRV_HEAD "\x01h\x00", ""),
  ROW ("rdata that goes beyond the target",
       RESPONSE ("\x01") NAME SRV_TO "\x00\x0a" SRV_HEAD "\x01h\x00\x00", ""),
  ROW ("an SRV record without a target", RESPONSE ("\x01") NAME SRV_TO "\x00\x06" SRV_HEAD, ""),
  ROW ("a question",
       "\x00\x00\x00\x00\x00\x01\x00\x01\x00\x00\x00\x00" NAME "\x00\x21\x00\x01" NAME SRV, ""),
  ROW ("nothing", "", ""),
  ROW ("less than a header", "\x00\x00\x84\x00\x00\x00\x00", ""),
  ROW ("fewer records than it says", RESPONSE ("\x09") NAME SRV, "SRV a._http._tcp.local 9 "),
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
note (const DiscoHeard *heard, gpointer user_data)
{
  assert_int_equal (heard->ifindex, 7);
  assert_int_equal (heard->protocol, DISCO_LINK_IPV6);
  g_string_append_printf (user_data, "%s%s %s %" G_GSIZE_FORMAT " ", heard->goodbye ? "-" : "",
                          heard->type == DISCO_RECORD_SRV ? "SRV" : "TXT", heard->name,
                          heard->rdata_size);
}

static guint
count_blanks (const char *text)
{
  guint n = 0;

  for (; *text != '\0'; text++)
    n += *text == ' ';
  return n;
}

static void
records_are_read_and_malformed_packets_end_there (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GString) names = g_string_new (NULL);
      /* of its very size, so that a read beyond it is noticed */
      g_autofree guint8 *packet = g_memdup2 (rows[i].packet, rows[i].size);
      guint n;

      n = disco_answers_read (packet, rows[i].size, 7, DISCO_LINK_IPV6, note, names);
      assert_int_equal (n, count_blanks (names->str) / 3);
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

      disco_answers_read (packet, size, 7, DISCO_LINK_IPV6, note, names);
      assert_true (g_str_has_prefix (row->expected, names->str));
    }
}

/* Names that differ, and have one end, so that much of them is compressed */
static GPtrArray *
make_names (guint n)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < n; i++)
    g_ptr_array_add (names, g_strdup_printf ("n%u._http._tcp.local", i));
  return names;
}

/* Reads the questions of @packet as a resolver does. */
static void
read_questions (const GByteArray *packet, GString *read)
{
  char name[NS_MAXDNAME];
  ns_msg message;
  ns_rr question;

  assert_int_equal (ns_initparse (packet->data, (int)packet->len, &message), 0);
  assert_int_equal (ns_msg_getflag (message, ns_f_qr), 0);
  for (int i = 0; i < ns_msg_count (message, ns_s_qd); i++)
    {
      assert_int_equal (ns_parserr (&message, ns_s_qd, i, &question), 0);
      assert_int_equal (ns_rr_class (question), ns_c_in);
      g_strlcpy (name, ns_rr_name (question), sizeof name);
      g_string_append_printf (read, "%d %s\n", (int)ns_rr_type (question), name);
    }
}

static void
each_name_is_asked_for_its_srv_and_txt_record (void **state)
{
  g_autoptr (GPtrArray) names = make_names (300);
  g_autoptr (GString) expected = g_string_new (NULL);
  g_autoptr (GString) read = g_string_new (NULL);
  guint n_packets = 0;

  for (guint i = 0; i < names->len; i++)
    g_string_append_printf (expected, "33 %s\n16 %s\n", (char *)names->pdata[i],
                            (char *)names->pdata[i]);
  for (guint at = 0; at < names->len; n_packets++)
    {
      g_autoptr (GByteArray) packet = disco_questions_new (names, at, &at);
      assert_true (packet->len <= DISCO_QUESTIONS_MAX_BYTES);
      read_questions (packet, read);
    }
  assert_string_equal (read->str, expected->str);
  /* 5 bytes of label, two pointers, two types and classes */
  assert_int_equal (n_packets, 300 * (5 + 2 * (2 + 4)) / DISCO_QUESTIONS_MAX_BYTES + 1);
}

static void
names_without_room_in_dns_are_skipped (void **state)
{
  g_autoptr (GPtrArray) names = make_names (0);
  g_autoptr (GByteArray) packet = NULL;
  g_autoptr (GString) read = g_string_new (NULL);
  guint end;

  g_ptr_array_add (names, g_strnfill (80, 'x')); /* a label of more than 63 bytes */
  assert_null (disco_questions_new (names, 0, &end));
  assert_int_equal (end, 1);
  g_ptr_array_add (names, g_strdup ("a\\032b\\.._http._tcp.local"));
  packet = disco_questions_new (names, 0, &end);
  assert_int_equal (end, 2);
  read_questions (packet, read);
  assert_string_equal (read->str,
                       "33 a\\032b\\.._http._tcp.local\n16 a\\032b\\.._http._tcp.local\n");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (records_are_read_and_malformed_packets_end_there),
    cmocka_unit_test (packet_that_is_cut_anywhere_is_read_up_to_there),
    cmocka_unit_test (each_name_is_asked_for_its_srv_and_txt_record),
    cmocka_unit_test (names_without_room_in_dns_are_skipped),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
