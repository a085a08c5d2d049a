/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-instance-private.h"
#include "test-support.h"
#include "tool-text.h"

static void
escape_shows_what_a_terminal_would_act_upon (void **state)
{
  static const struct
  {
    const char *text, *escaped;
  } rows[] = {
    { "", "" },
    { "plain text", "plain text" },
    { "Büro 東京 🖨", "Büro 東京 🖨" },
    { "HP\\032LaserJet", "HP\\032LaserJet" },
    { "a\nb\tc\rd", "a\\x0ab\\x09c\\x0dd" },
    { "\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m" },
    { "\x7f\x01\x1f", "\\x7f\\x01\\x1f" },
    { "\xc2\x9b"
      "31m",
      "\\u009b31m" },
    { "\xff"
      "x\xc3",
      "\xef\xbf\xbd"
      "x\xef\xbf\xbd" },
    { "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *escaped = tool_escape (rows[i].text);

      assert_string_equal (escaped, rows[i].escaped);
    }
}

static void
escape_shows_marks_that_turn_text_around (void **state)
{
  static const gunichar marks[]
      = { 0x061c, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202e, 0x2066, 0x2069 };

  for (guint i = 0; i < G_N_ELEMENTS (marks); i++)
    {
      char text[7] = { 0 };
      g_autofree char *escaped = NULL;
      g_autofree char *expected = g_strdup_printf ("\\u%04x", marks[i]);

      g_unichar_to_utf8 (marks[i], text);
      escaped = tool_escape (text);
      assert_string_equal (escaped, expected);
    }
}

static void
no_byte_ever_comes_out_raw (void **state)
{
  for (guint first = 1; first < 256; first++)
    for (guint second = 1; second < 256; second++)
      {
        const char text[] = { (char)first, (char)second, '\0' };
        g_autofree char *escaped = tool_escape (text);

        assert_true (g_utf8_validate (escaped, -1, NULL));
        for (const char *p = escaped; *p != '\0'; p = g_utf8_next_char (p))
          if (g_unichar_iscntrl (g_utf8_get_char (p)))
            fail_msg ("%02x %02x gives a control character", first, second);
      }
}

static void
assert_row (ToolColumns *columns, const char *const *cells, const char *expected)
{
  g_autofree char *line = tool_columns_format (columns, cells, TOOL_STYLE_STRONG);

  assert_string_equal (line, expected);
}

static void
columns_are_aligned_on_a_terminal_and_grow (void **state)
{
  g_autoptr (ToolColumns) columns = tool_columns_new ((ToolLook){ .terminal = TRUE });

  assert_row (columns, (const char *const[]){ "add", "one", "x", NULL }, "add  one  x");
  assert_row (columns, (const char *const[]){ "update", "two", "x", NULL }, "update  two  x");
  assert_row (columns, (const char *const[]){ "add", "one", "x", NULL }, "add     one  x");
}

static void
columns_that_were_widened_first_fit_all_rows (void **state)
{
  g_autoptr (ToolColumns) columns = tool_columns_new ((ToolLook){ .terminal = TRUE });

  tool_columns_widen (columns, (const char *const[]){ "abcd", "x", NULL });
  assert_row (columns, (const char *const[]){ "a", "y", NULL }, "a     y");
}

static void
columns_count_what_a_terminal_shows (void **state)
{
  g_autoptr (ToolColumns) columns = tool_columns_new ((ToolLook){ .terminal = TRUE });

  tool_columns_widen (columns, (const char *const[]){ "東京", "x", NULL });
  assert_row (columns, (const char *const[]){ "abcd", "x", NULL }, "abcd  x");
  assert_row (columns, (const char *const[]){ "東京", "x", NULL }, "東京  x");
  assert_row (columns, (const char *const[]){ "e\xcc\x81", "x", NULL }, "e\xcc\x81     x");
}

static void
cells_are_parted_by_tabs_elsewhere (void **state)
{
  g_autoptr (ToolColumns) columns = tool_columns_new ((ToolLook){ 0 });

  tool_columns_widen (columns, (const char *const[]){ "longer", NULL });
  assert_row (columns, (const char *const[]){ "a", "", "c", NULL }, "a\t\tc");
}

static void
a_line_has_no_blanks_at_its_end (void **state)
{
  g_autoptr (ToolColumns) columns = tool_columns_new ((ToolLook){ .terminal = TRUE });

  assert_row (columns, (const char *const[]){ "a", "", "", NULL }, "a");
  assert_row (columns, (const char *const[]){ "", NULL }, "");
}

static void
the_first_cell_has_its_style_and_no_width_of_it (void **state)
{
  g_autoptr (ToolColumns) columns = tool_columns_new ((ToolLook){ .terminal = 1, .colours = 1 });

  tool_columns_widen (columns, (const char *const[]){ "abcd", NULL });
  assert_row (columns, (const char *const[]){ "a", "y", NULL }, "\x1b[1ma\x1b[m     y");
}

static void
what_is_not_ascii_is_escaped_where_a_terminal_may_misread_it (void **state)
{
  const ToolLook look = { .terminal = TRUE, .ascii = TRUE };
  g_autoptr (ToolColumns) columns = tool_columns_new (look);
  g_autofree char *text = tool_escape_for (look, "Büro… \xc3\x9b"
                                                 "31m 🖨");
  g_autofree char *same = tool_escape_for ((ToolLook){ .terminal = TRUE }, "Büro…");

  assert_string_equal (text, "B\\u00fcro... \\u00db31m \\u1f5a8");
  assert_string_equal (same, "Büro…");
  assert_row (columns, (const char *const[]){ "ü", "x", NULL }, "\\u00fc  x");
}

static void
the_cells_of_an_instance_are_escaped (void **state)
{
  static const char *const tags[] = { "eu", "fa\nst", NULL };
  const DiscoInstanceFields fields
      = { .id = "one\x1b", .label = "One\t", .hostname = "h\x07.local", .port = 80, .tags = tags };
  g_autoptr (DiscoInstance) instance = disco_instance_new (&fields);
  g_auto (GStrv) cells = tool_instance_cells ("add\a", instance);
  g_autofree char *row = g_strjoinv ("|", cells);

  assert_string_equal (row, "add\\x07|one\\x1b|h\\x07.local:80|One\\x09|eu,fa\\x0ast");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (escape_shows_what_a_terminal_would_act_upon),
    cmocka_unit_test (escape_shows_marks_that_turn_text_around),
    cmocka_unit_test (no_byte_ever_comes_out_raw),
    cmocka_unit_test (columns_are_aligned_on_a_terminal_and_grow),
    cmocka_unit_test (columns_that_were_widened_first_fit_all_rows),
    cmocka_unit_test (columns_count_what_a_terminal_shows),
    cmocka_unit_test (cells_are_parted_by_tabs_elsewhere),
    cmocka_unit_test (a_line_has_no_blanks_at_its_end),
    cmocka_unit_test (the_first_cell_has_its_style_and_no_width_of_it),
    cmocka_unit_test (what_is_not_ascii_is_escaped_where_a_terminal_may_misread_it),
    cmocka_unit_test (the_cells_of_an_instance_are_escaped),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
