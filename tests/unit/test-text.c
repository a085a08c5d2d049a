/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-text-private.h"
#include "test-support.h"

#include <disco/disco-error.h>
#include <string.h>

static void
quote_shows_any_bytes_as_one_readable_line (void **state)
{
  static const struct
  {
    const char *text;
    const char *quoted;
  } rows[] = {
    { NULL, "\"\"" },
    { "", "\"\"" },
    { "http", "\"http\"" },
    { "A name", "\"A name\"" },
    { "Küche ☕", "\"Küche ☕\"" },
    { "say \"hi\"", "\"say \"hi\"\"" },
    { "a\\.b", "\"a\\.b\"" },
    { "a\nb\x1b[31m\x7f", "\"a\\x0ab\\x1b[31m\\x7f\"" },
    { "\xc2\x85", "\"\\u0085\"" },
    { "a\xff\xc3", "\"a\\xff\\xc3\"" },
    { "\xed\xa0\x80", "\"\\xed\\xa0\\x80\"" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *quoted = disco_quote (rows[i].text);

      assert_string_equal (quoted, rows[i].quoted);
    }
}

static void
quote_cuts_a_long_text_between_characters (void **state)
{
  g_autoptr (GString) text = g_string_new ("x");
  g_autofree char *quoted = NULL;

  for (int i = 0; i < 1000; i++)
    g_string_append (text, "ü");
  quoted = disco_quote (text->str);
  assert_true (strlen (quoted) < 110);
  assert_true (g_utf8_validate (quoted, -1, NULL));
  assert_true (g_str_has_prefix (quoted, "\"xüü"));
  assert_true (g_str_has_suffix (quoted, "ü…\""));
}

static void
fault_names_what_is_wrong_with_a_text (void **state)
{
  static const struct
  {
    const char *text;
    gssize size; /* -1: to the zero byte */
    const char *fault;
  } rows[] = {
    { "a", -1, NULL },
    { "12345678", -1, NULL },
    { "ääää", -1, NULL },
    { "a b", -1, NULL },
    { "\xc2\xa0", -1, NULL },
    { "", -1, "it is empty" },
    { "123456789", -1, "it is longer than 8 bytes" },
    { "äääää", -1, "it is longer than 8 bytes" },
    { "a\xff", -1, "it is not UTF-8" },
    { "\xc3", -1, "it is not UTF-8" },
    { "\xc0\x80", -1, "it is not UTF-8" },
    { "\xed\xa0\x80", -1, "it is not UTF-8" },
    { "a\tb", -1, "it has a control character" },
    { "\x7f", -1, "it has a control character" },
    { "\xc2\x9f", -1, "it has a control character" },
    { "a\0b", 3, "it has a control character" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      gsize size = rows[i].size >= 0 ? (gsize)rows[i].size : strlen (rows[i].text);
      g_autofree char *fault = disco_text_fault (rows[i].text, size, 8);

      if (g_strcmp0 (fault, rows[i].fault) != 0)
        fail_msg ("row %zu '%s': %s", i, rows[i].text, fault);
    }
}

static void
check_fails_with_an_error_that_quotes_the_text (void **state)
{
  GError *error = NULL;

  assert_true (disco_text_check ("tag", "green", 63, &error));
  assert_null (error);
  assert_false (disco_text_check ("tag", "gr\x01n", 63, &error));
  test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_INVALID_ARGUMENT,
                     "tag \"gr\\x01n\": it has a control character");
}

static void
sha256_gives_the_first_digits (void **state)
{
  /* FIPS 180-4, the example "abc" */
  g_autofree char *abc = disco_sha256_hex ((const guint8 *)"abc", 3, 32);
  g_autofree char *empty = disco_sha256_hex ((const guint8 *)"", 0, 12);

  assert_string_equal (abc, "ba7816bf8f01cfea414140de5dae2223");
  assert_string_equal (empty, "e3b0c44298fc");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (quote_shows_any_bytes_as_one_readable_line),
    cmocka_unit_test (quote_cuts_a_long_text_between_characters),
    cmocka_unit_test (fault_names_what_is_wrong_with_a_text),
    cmocka_unit_test (check_fails_with_an_error_that_quotes_the_text),
    cmocka_unit_test (sha256_gives_the_first_digits),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
