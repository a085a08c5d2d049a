/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-support.h"
#include "tool-progress.h"

static void
a_line_counts_seconds_after_the_first (void **state)
{
  static const struct
  {
    guint elapsed_ms, timeout_ms, width;
    gboolean ascii;
    const char *text;
  } rows[] = {
    { 0, 10000, 79, FALSE, "⠋ Looking…" },
    { 999, 10000, 79, FALSE, "⠏ Looking…" },
    { 1000, 10000, 79, FALSE, "⠋ Looking… 1 s of 10" },
    { 2550, 2700, 79, FALSE, "⠴ Looking… 2 s of 2.7" },
    { 61000, 0, 79, FALSE, "⠋ Looking… 61 s" },
    { 100, 0, 79, TRUE, "/ Looking..." },
    { 1000, 10000, 8, FALSE, "⠋ Looki…" },
    { 1000, 10000, 0, FALSE, "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const ToolLook look = { .terminal = TRUE, .ascii = rows[i].ascii };
      g_autofree char *text = tool_progress_format ("Looking…", rows[i].elapsed_ms,
                                                    rows[i].timeout_ms, rows[i].width, look);

      if (!g_str_equal (text, rows[i].text))
        fail_msg ("%u ms: \"%s\"", rows[i].elapsed_ms, text);
    }
}

typedef struct
{
  char *text; /* (owned) (nullable): what was written */
  size_t size;
} Written;

static gboolean
has_written (gpointer data)
{
  return ((Written *)data)->text != NULL && strchr (((Written *)data)->text, 'L') != NULL;
}

static void
nothing_of_it_is_left_behind (void **state)
{
  Written written = { NULL };
  FILE *err = open_memstream (&written.text, &written.size);
  ToolProgress *progress = tool_progress_new (err, (ToolLook){ .terminal = 1 }, "Looking…", 0);

  test_wait_until (NULL, has_written, &written);
  tool_progress_free (progress);
  fclose (err);
  /* whichever of the spinner's pictures it was time for */
  assert_true (g_str_has_prefix (written.text, "\r\x1b[K"));
  assert_true (
      g_str_has_prefix (g_utf8_next_char (written.text + strlen ("\r\x1b[K")), " Looking…"));
  assert_true (g_str_has_suffix (written.text, "Looking…\r\x1b[K"));
  free (written.text);
}

static void
what_is_over_at_once_shows_nothing (void **state)
{
  Written written = { NULL };
  FILE *err = open_memstream (&written.text, &written.size);

  tool_progress_free (tool_progress_new (err, (ToolLook){ .terminal = 1 }, "Looking…", 0));
  fclose (err);
  assert_string_equal (written.text, "");
  free (written.text);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (a_line_counts_seconds_after_the_first),
    cmocka_unit_test (nothing_of_it_is_left_behind),
    cmocka_unit_test (what_is_over_at_once_shows_nothing),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
