/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-support.h"
#include "tool-width.h"

#define ACUTE "\xcc\x81" /* U+0301, which combines with what is before it */

static void
width_is_in_cells_of_a_terminal (void **state)
{
  static const struct
  {
    const char *text;
    guint width;
  } rows[] = {
    { "", 0 },
    { "abc", 3 },
    { "Büro", 4 },
    { "e" ACUTE, 1 },
    { "東京", 4 },
    { "한", 2 },
    { "📠", 2 },
    { "a\xe2\x80\x8b"
      "b",
      2 },
    { "\xef\xbf\xbd", 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (tool_width (rows[i].text) != rows[i].width)
      fail_msg ("\"%s\" is %u cells wide", rows[i].text, tool_width (rows[i].text));
}

static void
what_is_too_wide_is_cut_between_characters (void **state)
{
  static const struct
  {
    const char *text;
    guint width;
    gboolean ascii;
    const char *cut;
  } rows[] = {
    { "abc", 3, FALSE, "abc" },
    { "abcd", 3, FALSE, "ab…" },
    { "abcd", 1, FALSE, "…" },
    { "abcd", 0, FALSE, "" },
    { "", 0, FALSE, "" },
    { "東京都", 6, FALSE, "東京都" },
    { "東京都", 5, FALSE, "東京…" },
    { "東京都", 4, FALSE, "東…" }, /* the second one would stand half */
    { "東京", 2, FALSE, "…" },
    { "e" ACUTE "e" ACUTE "e" ACUTE, 3, FALSE, "e" ACUTE "e" ACUTE "e" ACUTE },
    { "e" ACUTE "e" ACUTE "e" ACUTE, 2, FALSE, "e" ACUTE "…" },
    { "abcdef", 5, TRUE, "abc.." },
    { "abcdef", 2, TRUE, ".." },
    { "abcdef", 1, TRUE, "." },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *cut = tool_width_cut (rows[i].text, rows[i].width, rows[i].ascii);

      if (!g_str_equal (cut, rows[i].cut))
        fail_msg ("\"%s\" in %u: \"%s\"", rows[i].text, rows[i].width, cut);
    }
}

static void
what_is_appended_always_takes_its_width (void **state)
{
  static const char *const texts[]
      = { "", "a", "abcdefghij", "東京都庁舎", "e" ACUTE "東e" ACUTE "京", ACUTE ACUTE };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    for (guint width = 0; width < 12; width++)
      for (int ascii = 0; ascii < 2; ascii++)
        {
          g_autoptr (GString) string = g_string_new (NULL);

          tool_width_append (string, texts[i], width, ascii);
          if (tool_width (string->str) != width)
            fail_msg ("\"%s\" in %u: \"%s\"", texts[i], width, string->str);
        }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (width_is_in_cells_of_a_terminal),
    cmocka_unit_test (what_is_too_wide_is_cut_between_characters),
    cmocka_unit_test (what_is_appended_always_takes_its_width),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
