/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-diagnose-private.h"
#include "test-support.h"

#include <string.h>

static void
question_is_one_for_srv_records (void **state)
{
  static const char expected[] = "\x12\x34\0\0\0\1\0\0\0\0\0\0"
                                 "\3a.b\2_x\4_tcp\5local\0"
                                 "\0\x21\0\1";
  g_autoptr (GByteArray) question = disco_loop_question_new (0x1234, "a.b", "_x._tcp");

  assert_int_equal (question->len, sizeof expected - 1);
  assert_memory_equal (question->data, expected, question->len);
}

static void
text_that_is_no_label_makes_no_question (void **state)
{
  g_autofree char *longest = g_strnfill (63, 'x');
  g_autofree char *longer = g_strnfill (64, 'x');
  g_autoptr (GByteArray) question = disco_loop_question_new (1, longest, "_x._tcp");

  assert_non_null (question);
  assert_null (disco_loop_question_new (1, longer, "_x._tcp"));
  assert_null (disco_loop_question_new (1, "", "_x._tcp"));
  assert_null (disco_loop_question_new (1, "a", longer));
}

static void
only_an_answer_with_the_nonce_and_the_id_counts (void **state)
{
  static const struct
  {
    const char *packet;
    gsize length;
    gboolean is_answer;
  } rows[] = {
    { "\x12\x34\x84\0\0\1\0\1\0\0\0\0\5nonce\2_x", 21, TRUE },
    { "\x12\x34\x84\0\0\0\1\0\0\0\0\0nonce", 17, TRUE },
    /* another id */
    { "\x12\x35\x84\0\0\1\0\1\0\0\0\0\5nonce\2_x", 21, FALSE },
    { "\x13\x34\x84\0\0\1\0\1\0\0\0\0\5nonce\2_x", 21, FALSE },
    /* a question, as our own one that came back */
    { "\x12\x34\0\0\0\1\0\1\0\0\0\0\5nonce\2_x", 21, FALSE },
    /* no answer in it */
    { "\x12\x34\x84\0\0\1\0\0\0\0\0\0\5nonce\2_x", 21, FALSE },
    /* another name */
    { "\x12\x34\x84\0\0\1\0\1\0\0\0\0\5nonsense", 21, FALSE },
    { "\x12\x34\x84\0\0\1\0\1\0\0\0\0nonc", 16, FALSE },
    /* cut off */
    { "\x12\x34\x84\0\0\1\0\1\0\0\0\0", 12, FALSE },
    { "\x12\x34\x84\0\0\1\0\1\0\0\0", 11, FALSE },
    { "", 0, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree guint8 *packet = g_memdup2 (rows[i].packet, rows[i].length);
      if (disco_loop_is_answer (packet, rows[i].length, 0x1234, "nonce") != rows[i].is_answer)
        fail_msg ("row %u", i);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (question_is_one_for_srv_records),
    cmocka_unit_test (text_that_is_no_label_makes_no_question),
    cmocka_unit_test (only_an_answer_with_the_nonce_and_the_id_counts),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
