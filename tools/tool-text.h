/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tool-look.h"

#include <disco/disco.h>

G_BEGIN_DECLS

/* Whether a terminal could act upon @c, or show what follows it in another order. */
gboolean tool_escapes (gunichar c);
/* @text as valid UTF-8 that a terminal only shows: control characters, and those that change the
 * direction of what follows, are escaped; bytes that are not UTF-8 become U+FFFD. (transfer full)
 */
char *tool_escape (const char *text);
/* The same where a terminal gets it that may take the bytes of UTF-8 for something else, control
 * characters even: what is not ASCII is escaped too, but for the ellipsis. @text is escaped
 * already. (transfer full) */
char *tool_escape_for (ToolLook look, const char *text);

/* Rows of cells. On a terminal the cells are padded to columns that grow as rows come; else a tab
 * stands between them, which escaped text does not hold. */
typedef struct _ToolColumns ToolColumns;

ToolColumns *tool_columns_new (ToolLook look);
void tool_columns_free (ToolColumns *self);
/* Makes the columns wide enough for @cells (escaped, NULL-terminated). */
void tool_columns_widen (ToolColumns *self, const char *const *cells);
/* (transfer full): one line, without a newline. @first is what the first cell looks like. */
char *tool_columns_format (ToolColumns *self, const char *const *cells, ToolStyle first);

/* (transfer full): @first, then what a row tells of @instance, escaped */
char **tool_instance_cells (const char *first, DiscoInstance *instance);
/* (transfer full): what a row tells of @diagnosis, escaped */
char **tool_diagnosis_cells (DiscoDiagnosis *diagnosis);
/* (transfer none): "ok", "warning" or "failed" */
const char *tool_diagnosis_status (DiscoDiagnosis *diagnosis);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ToolColumns, tool_columns_free)

G_END_DECLS
