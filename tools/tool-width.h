/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How many cells of a terminal @text takes. Here and below it is escaped (tool_escape()). */
guint tool_width (const char *text);

/* Appends @text, and blanks up to @width cells. What is wider is cut, and ends with an ellipsis.
 * @ascii: which is dots then. A character never stands half, and what combines with one stays. */
void tool_width_append (GString *string, const char *text, guint width, gboolean ascii);
/* (transfer full): the same without the blanks */
char *tool_width_cut (const char *text, guint width, gboolean ascii);

G_END_DECLS
