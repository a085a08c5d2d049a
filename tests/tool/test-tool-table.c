/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-instance-private.h"
#include "test-support.h"
#include "tool-table.h"
#include "tool-width.h"

#define S ((gint64)G_USEC_PER_SEC)
#define ADD DISCO_OPERATION_ADD
#define UPDATE DISCO_OPERATION_UPDATE
#define REMOVE DISCO_OPERATION_REMOVE

static const ToolLook plain = { .terminal = TRUE, .paints = TRUE };

static void
take (ToolTable *table, DiscoOperation operation, const char *id, const char *label, guint16 port,
      gint64 now_us)
{
  static const char *const addresses[] = { "192.0.2.1", NULL };
  const DiscoInstanceFields fields
      = { .id = id, .label = label, .addresses = addresses, .port = port };
  g_autoptr (DiscoInstance) instance = disco_instance_new (&fields);

  tool_table_take (table, operation, instance, now_us);
}

static void
assert_shows (ToolTable *table, guint width, guint height, guint first, const char *expected)
{
  const ToolTableView view = { .size = { width, height }, .look = plain, .first = first };
  g_autofree char *text = tool_table_format (table, &view, 0);

  assert_string_equal (text, expected);
}

/* (transfer full): whose first full set is known, and is empty */
static ToolTable *
make_table (void)
{
  ToolTable *table = tool_table_new ("http");

  tool_table_set_state (table, TOOL_TABLE_CURRENT);
  return table;
}

static void
rows_are_sorted_and_marked_for_a_while (void **state)
{
  g_autoptr (ToolTable) table = tool_table_new ("http");

  take (table, ADD, "b", "b", 1, 0);
  take (table, ADD, "d", "d", 1, 0);
  take (table, ADD, "x", "x", 1, 0);
  take (table, REMOVE, "x", "x", 1, 0);
  tool_table_set_state (table, TOOL_TABLE_CURRENT);
  take (table, ADD, "a", "a", 80, 1 * S);
  take (table, UPDATE, "b", "B", 2, 2 * S);
  take (table, REMOVE, "d", "d", 1, 3 * S);
  assert_true (tool_table_expire (table, 3 * S) == 5 * S);
  assert_shows (table, 80, 8, 0,
                "http  2 instances\n"
                "  ID  ADDRESS       LABEL\n"
                "+ a   192.0.2.1:80  a\n"
                "* b   192.0.2.1:2   B\n"
                "- d   192.0.2.1:1   d\n"
                "\n"
                "\n"
                "q ends");
  assert_true (tool_table_expire (table, 5 * S) == 6 * S);
  assert_true (tool_table_expire (table, 6 * S) == 7 * S);
  assert_true (tool_table_expire (table, 7 * S) == -1);
  assert_shows (table, 80, 6, 0,
                "http  2 instances\n"
                "  ID  ADDRESS       LABEL\n"
                "  a   192.0.2.1:80  a\n"
                "  b   192.0.2.1:2   B\n"
                "\n");
}

static void
who_comes_back_is_there_once (void **state)
{
  g_autoptr (ToolTable) table = make_table ();

  take (table, ADD, "a", "a", 1, 0);
  take (table, REMOVE, "a", "a", 1, 1);
  assert_shows (table, 40, 3, 0, "http  0 instances\n- a   192.0.2.1:1\n");
  take (table, ADD, "a", "a", 2, 2);
  assert_shows (table, 40, 3, 0, "http  1 instance\n+ a   192.0.2.1:2\n");
  assert_true (tool_table_expire (table, 10 * S) == -1);
  assert_shows (table, 40, 3, 0, "http  1 instance\n  a   192.0.2.1:2\n");
}

static void
what_state_it_is_in_is_said (void **state)
{
  g_autoptr (ToolTable) table = tool_table_new ("http");

  assert_shows (table, 60, 2, 0, "http  0 instances  ⠋ looking…\n");
  tool_table_set_state (table, TOOL_TABLE_CURRENT);
  assert_shows (table, 60, 2, 0,
                "http  0 instances\nNobody offers it. \"disco doctor\" says what may be wrong.");
  tool_table_set_state (table, TOOL_TABLE_CUT_OFF);
  assert_shows (table, 60, 2, 0, "http  0 instances  no responder: this is how it was\n");
  assert_shows (table, 30, 2, 0, "http  0 instances  no respond…\n");
  assert_shows (table, 16, 1, 0, "ht…  0 instances");
}

static void
a_screen_that_is_too_low_scrolls (void **state)
{
  g_autoptr (ToolTable) table = make_table ();
  const ToolSize size = { 60, 7 };

  for (char id[] = "a"; *id <= 'j'; (*id)++)
    take (table, ADD, id, id, 1, 0);
  tool_table_expire (table, 10 * S);
  assert_int_equal (tool_table_get_page (size), 4);
  assert_int_equal (tool_table_get_last_first (table, size), 6);
  assert_shows (table, 60, 7, 2,
                "http  10 instances\n"
                "  ID  ADDRESS\n"
                "  c   192.0.2.1:1\n"
                "  d   192.0.2.1:1\n"
                "  e   192.0.2.1:1\n"
                "  f   192.0.2.1:1\n"
                "3-6 of 10  arrows and page keys scroll, q ends");
  assert_shows (table, 20, 7, 1000,
                "http  10 instances\n"
                "  ID  ADDRESS\n"
                "  g   192.0.2.1:1\n"
                "  h   192.0.2.1:1\n"
                "  i   192.0.2.1:1\n"
                "  j   192.0.2.1:1\n"
                "7-10 of 10  arrows …");
}

/* Whatever the network sends and however small the terminal is */
static void
it_never_takes_more_than_the_screen (void **state)
{
  g_autoptr (ToolTable) table = make_table ();
  static const char *const labels[] = { "plain",
                                        "\x1b[2J\x1b]0;x\x07",
                                        "東京のとても長い名前のプリンター",
                                        "a\nb\r\n\nc",
                                        "e\xcc\x81\xcc\x81\xcc\x81",
                                        "\xff\xfe",
                                        "\xc2\x9b"
                                        "31m",
                                        "\xe2\x80\x8e"
                                        "abc" };

  for (guint i = 0; i < G_N_ELEMENTS (labels); i++)
    take (table, (DiscoOperation[]){ ADD, UPDATE, REMOVE }[i % 3], labels[i], labels[i], 1, 0);
  for (guint width = 1; width < 100; width++)
    for (guint height = 1; height < 20; height++)
      {
        const ToolTableView view
            = { .size = { width, height }, .look = { .terminal = 1, .ascii = height % 2 == 1 } };
        g_autofree char *text = tool_table_format (table, &view, 0);
        g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

        assert_int_equal (g_strv_length (lines), height);
        for (guint i = 0; i < height; i++)
          {
            if (tool_width (lines[i]) > width)
              fail_msg ("%u x %u: %s", width, height, lines[i]);
            for (const char *p = lines[i]; *p != '\0'; p = g_utf8_next_char (p))
              assert_false (g_unichar_iscntrl (g_utf8_get_char (p)));
          }
      }
}

static void
marks_have_colours_where_there_are_any (void **state)
{
  const ToolTableView view = { .size = { 40, 4 }, .look = { 1, 1, 1, 0 } };
  g_autoptr (ToolTable) table = make_table ();
  g_autofree char *text = NULL;

  take (table, ADD, "a", "a", 1, 0);
  take (table, UPDATE, "b", "b", 1, 0);
  take (table, REMOVE, "c", "c", 1, 0);
  text = tool_table_format (table, &view, 0);
  assert_string_equal (text, "\x1b[1mhttp\x1b[m  2 instances\n"
                             "\x1b[32m+\x1b[m a   192.0.2.1:1\n"
                             "\x1b[33m*\x1b[m b   192.0.2.1:1\n"
                             "\x1b[31m-\x1b[m \x1b[2mc   192.0.2.1:1\x1b[m");
}

static void
a_flood_of_what_goes_leaves_a_bounded_number_of_rows (void **state)
{
  g_autoptr (ToolTable) table = make_table ();

  for (guint i = 0; i < 1000; i++)
    {
      g_autofree char *id = g_strdup_printf ("i%u", i);

      take (table, ADD, id, id, 1, 0);
      take (table, REMOVE, id, id, 1, 0);
    }
  assert_int_equal (tool_table_get_last_first (table, (ToolSize){ 80, 2 }), 99);
  assert_true (tool_table_expire (table, 10 * S) == -1);
  assert_int_equal (tool_table_get_last_first (table, (ToolSize){ 80, 2 }), 0);
}

static void
what_stays_at_the_end_is_whole (void **state)
{
  g_autoptr (ToolTable) table = make_table ();
  g_autofree char *empty = tool_table_format_all (table, plain);
  g_autofree char *text = NULL;
  g_autofree char *label = g_strnfill (300, 'x');
  g_autofree char *expected
      = g_strconcat ("ID  ADDRESS      LABEL\na   192.0.2.1:1  ", label, "\n", NULL);

  assert_string_equal (empty, "");
  take (table, ADD, "a", label, 1, 0);
  take (table, REMOVE, "b", "b", 1, 0);
  text = tool_table_format_all (table, plain);
  assert_string_equal (text, expected);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (rows_are_sorted_and_marked_for_a_while),
    cmocka_unit_test (who_comes_back_is_there_once),
    cmocka_unit_test (what_state_it_is_in_is_said),
    cmocka_unit_test (a_screen_that_is_too_low_scrolls),
    cmocka_unit_test (it_never_takes_more_than_the_screen),
    cmocka_unit_test (marks_have_colours_where_there_are_any),
    cmocka_unit_test (a_flood_of_what_goes_leaves_a_bounded_number_of_rows),
    cmocka_unit_test (what_stays_at_the_end_is_whole),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
