/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-support.h"
#include "tool-keys.h"

/* What the keys of @bytes are, a letter each */
static char *
parse_all (const char *bytes, gsize n_bytes)
{
  static const char letters[]
      = { [TOOL_KEY_NONE] = '.',    [TOOL_KEY_UP] = 'u',        [TOOL_KEY_DOWN] = 'd',
          [TOOL_KEY_PAGE_UP] = 'U', [TOOL_KEY_PAGE_DOWN] = 'D', [TOOL_KEY_HOME] = 'h',
          [TOOL_KEY_END] = 'e',     [TOOL_KEY_QUIT] = 'q',      [TOOL_KEY_REDRAW] = 'r' };
  GString *text = g_string_new (NULL);

  for (gsize i = 0; i < n_bytes;)
    {
      ToolKey key;
      const gsize n = tool_keys_parse (bytes + i, n_bytes - i, &key);

      assert_true (n > 0 && n <= n_bytes - i);
      g_string_append_c (text, letters[key]);
      i += n;
    }
  return g_string_free (text, FALSE);
}

static void
each_terminal_has_its_bytes_for_a_key (void **state)
{
  static const struct
  {
    const char *bytes, *keys;
  } rows[] = {
    { "\x1b[A\x1b[B", "ud" },
    { "\x1bOA\x1bOB", "ud" },
    { "\x1b[5~\x1b[6~", "UD" },
    { "\x1b[H\x1b[F\x1b[1~\x1b[4~\x1b[7~\x1b[8~\x1bOH\x1bOF", "hehehehe" },
    { "kjb gGqQ\x0c", "udUDheqqr" },
    { "xyz", "..." },
    { "\x1b", "." },
    { "\x1b[", "." },
    { "\x1b[1;5", "." },
    { "\x1b[1;5q", "." }, /* what ends a sequence is no key */
    { "\x1b[24~q", ".q" },
    { "\x1bq", ".q" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *keys = parse_all (rows[i].bytes, strlen (rows[i].bytes));

      if (!g_str_equal (keys, rows[i].keys))
        fail_msg ("row %u: %s in place of %s", i, keys, rows[i].keys);
    }
}

static void
any_bytes_come_to_an_end (void **state)
{
  for (guint first = 0; first < 256; first++)
    for (guint second = 0; second < 256; second++)
      {
        const char bytes[] = { '\x1b', (char)first, (char)second, (char)first };

        g_free (parse_all (bytes, sizeof bytes));
      }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (each_terminal_has_its_bytes_for_a_key),
    cmocka_unit_test (any_bytes_come_to_an_end),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
