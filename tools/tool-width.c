/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tool-width.h"

#define ELLIPSIS "…"
#define ASCII_ELLIPSIS ".."

static guint
char_width (gunichar c)
{
  if (g_unichar_iszerowidth (c))
    return 0;
  return g_unichar_iswide (c) ? 2 : 1;
}

guint
tool_width (const char *text)
{
  guint width = 0;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    width += char_width (g_utf8_get_char (p));
  return width;
}

/* Where the part of @text ends that takes at most @width cells, which is set to what it takes. */
static const char *
find_end (const char *text, guint *width)
{
  const guint bound = *width;
  const char *p = text;

  *width = 0;
  for (; *p != '\0'; p = g_utf8_next_char (p))
    {
      const guint wider = *width + char_width (g_utf8_get_char (p));

      if (wider > bound)
        break;
      *width = wider;
    }
  return p;
}

/* Returns how many cells it has appended. */
static guint
append_cut (GString *string, const char *text, guint width, gboolean ascii)
{
  const char *ellipsis = ascii ? ASCII_ELLIPSIS : ELLIPSIS;
  guint taken = width;

  if (*find_end (text, &taken) == '\0')
    {
      g_string_append (string, text);
      return taken;
    }
  if (width <= tool_width (ellipsis)) /* too narrow to show more than that it is cut */
    {
      taken = width;
      g_string_append_len (string, ellipsis, find_end (ellipsis, &taken) - ellipsis);
      return taken;
    }
  taken = width - tool_width (ellipsis);
  g_string_append_len (string, text, find_end (text, &taken) - text);
  g_string_append (string, ellipsis);
  return taken + tool_width (ellipsis);
}

void
tool_width_append (GString *string, const char *text, guint width, gboolean ascii)
{
  const guint taken = append_cut (string, text, width, ascii);

  g_string_append_printf (string, "%*s", (int)(width - taken), "");
}

char *
tool_width_cut (const char *text, guint width, gboolean ascii)
{
  GString *cut = g_string_new (NULL);

  append_cut (cut, text, width, ascii);
  return g_string_free (cut, FALSE);
}
