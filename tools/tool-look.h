/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What can be shown where a text goes. All FALSE: to a file or a program, which get each byte as it
 * is. */
typedef struct
{
  gboolean terminal;
  gboolean paints;  /* its cursor can be moved, and what was shown be replaced */
  gboolean colours; /* it can, and its user wants that */
  gboolean ascii;   /* nobody says that it understands UTF-8 */
} ToolLook;

/* What a part of a text is, for who can see it */
typedef enum
{
  TOOL_STYLE_PLAIN,
  TOOL_STYLE_STRONG,
  TOOL_STYLE_FAINT,
  TOOL_STYLE_GOOD,
  TOOL_STYLE_CHANGED,
  TOOL_STYLE_BAD,
} ToolStyle;

/* @term, @no_color: (nullable): the environment's TERM and NO_COLOR
 * @utf8: whether the locale's encoding is UTF-8 */
ToolLook tool_look_of (gboolean terminal, const char *term, const char *no_color, gboolean utf8);

/* Appends @text, which has no control characters, so that it looks like @style where it can. */
void tool_look_append (ToolLook self, GString *string, ToolStyle style, const char *text);

G_END_DECLS
