/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-support.h"
#include "tool-look.h"

static void
what_is_shown_depends_on_terminal_and_environment (void **state)
{
  static const struct
  {
    gboolean terminal;
    const char *term, *no_color;
    gboolean utf8;
    gboolean paints, colours, ascii;
  } rows[] = {
    { TRUE, "xterm", NULL, TRUE, TRUE, TRUE, FALSE },
    { TRUE, "xterm", "", TRUE, TRUE, TRUE, FALSE },
    { TRUE, "xterm", "0", TRUE, TRUE, FALSE, FALSE },
    { TRUE, "linux", NULL, FALSE, TRUE, TRUE, TRUE },
    { TRUE, "dumb", NULL, TRUE, FALSE, FALSE, FALSE },
    { TRUE, "", NULL, TRUE, FALSE, FALSE, FALSE },
    { TRUE, NULL, NULL, TRUE, FALSE, FALSE, FALSE },
    { TRUE, "unknown", NULL, FALSE, FALSE, FALSE, TRUE },
    { FALSE, "xterm", NULL, FALSE, FALSE, FALSE, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const ToolLook look
          = tool_look_of (rows[i].terminal, rows[i].term, rows[i].no_color, rows[i].utf8);

      if (look.terminal != rows[i].terminal || look.paints != rows[i].paints
          || look.colours != rows[i].colours || look.ascii != rows[i].ascii)
        fail_msg ("row %u: %d %d %d %d", i, look.terminal, look.paints, look.colours, look.ascii);
    }
}

static void
a_style_ends_where_its_text_ends (void **state)
{
  g_autoptr (GString) text = g_string_new (NULL);
  const ToolLook look = { .terminal = TRUE, .colours = TRUE };

  tool_look_append (look, text, TOOL_STYLE_STRONG, "a");
  tool_look_append (look, text, TOOL_STYLE_PLAIN, "b");
  tool_look_append (look, text, TOOL_STYLE_BAD, "");
  tool_look_append ((ToolLook){ .terminal = TRUE }, text, TOOL_STYLE_BAD, "c");
  assert_string_equal (text->str, "\x1b[1ma\x1b[mbc");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (what_is_shown_depends_on_terminal_and_environment),
    cmocka_unit_test (a_style_ends_where_its_text_ends),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
