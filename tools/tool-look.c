/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tool-look.h"

/* Select Graphic Rendition (ECMA-48 §8.3.117). Colours of the terminal's own palette only, which
 * its user has chosen to be readable. */
static const char *const sgr[] = {
  [TOOL_STYLE_PLAIN] = NULL, [TOOL_STYLE_STRONG] = "1",   [TOOL_STYLE_FAINT] = "2",
  [TOOL_STYLE_GOOD] = "32",  [TOOL_STYLE_CHANGED] = "33", [TOOL_STYLE_BAD] = "31",
};

ToolLook
tool_look_of (gboolean terminal, const char *term, const char *no_color, gboolean utf8)
{
  ToolLook self = { 0 };

  if (!terminal)
    return self;
  self.terminal = TRUE;
  self.paints = term != NULL && *term != '\0' && !g_str_equal (term, "dumb")
                && !g_str_equal (term, "unknown");
  self.colours = self.paints && (no_color == NULL || *no_color == '\0');
  self.ascii = !utf8;
  return self;
}

void
tool_look_append (ToolLook self, GString *string, ToolStyle style, const char *text)
{
  if (self.colours && sgr[style] != NULL && *text != '\0')
    g_string_append_printf (string, "\x1b[%sm%s\x1b[m", sgr[style], text);
  else
    g_string_append (string, text);
}
