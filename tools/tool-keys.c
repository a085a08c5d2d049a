/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tool-keys.h"

#include <string.h>

/* With and without application cursor mode, and as xterm, rxvt and the console send them; and what
 * less(1) and vi(1) have for them. */
static const struct
{
  const char *bytes;
  ToolKey key;
} keys[] = {
  { "\x1b[A", TOOL_KEY_UP },    { "\x1bOA", TOOL_KEY_UP },       { "\x1b[B", TOOL_KEY_DOWN },
  { "\x1bOB", TOOL_KEY_DOWN },  { "\x1b[5~", TOOL_KEY_PAGE_UP }, { "\x1b[6~", TOOL_KEY_PAGE_DOWN },
  { "\x1b[H", TOOL_KEY_HOME },  { "\x1bOH", TOOL_KEY_HOME },     { "\x1b[1~", TOOL_KEY_HOME },
  { "\x1b[7~", TOOL_KEY_HOME }, { "\x1b[F", TOOL_KEY_END },      { "\x1bOF", TOOL_KEY_END },
  { "\x1b[4~", TOOL_KEY_END },  { "\x1b[8~", TOOL_KEY_END },     { "k", TOOL_KEY_UP },
  { "j", TOOL_KEY_DOWN },       { "b", TOOL_KEY_PAGE_UP },       { " ", TOOL_KEY_PAGE_DOWN },
  { "g", TOOL_KEY_HOME },       { "G", TOOL_KEY_END },           { "q", TOOL_KEY_QUIT },
  { "Q", TOOL_KEY_QUIT },       { "\x0c", TOOL_KEY_REDRAW },
};

/* A control sequence (ECMA-48 §5.4) ends with a byte of 0x40 to 0x7e; what is not one of ours is
 * skipped as a whole, lest its letters be taken for keys. */
static gsize
skip_sequence (const char *bytes, gsize n_bytes)
{
  gsize n = 2;

  if (n_bytes < 2 || bytes[0] != '\x1b' || (bytes[1] != '[' && bytes[1] != 'O'))
    return 1;
  while (n < n_bytes && (guchar)bytes[n] >= 0x20 && (guchar)bytes[n] < 0x40)
    n++;
  return MIN (n + 1, n_bytes);
}

gsize
tool_keys_parse (const char *bytes, gsize n_bytes, ToolKey *key)
{
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      const gsize n = strlen (keys[i].bytes);

      if (n <= n_bytes && memcmp (bytes, keys[i].bytes, n) == 0)
        {
          *key = keys[i].key;
          return n;
        }
    }
  *key = TOOL_KEY_NONE;
  return skip_sequence (bytes, n_bytes);
}
