/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tool-text.h"

#include <stdio.h>

G_BEGIN_DECLS

/* Where a command writes what it found, and its one complaint. */
typedef struct
{
  FILE *out;
  FILE *err;
  gboolean json;
  ToolColumns *columns; /* (owned) */
} ToolOutput;

/* Does not take the files; @aligned: columns for a terminal. */
ToolOutput *tool_output_new (FILE *out, FILE *err, gboolean json, gboolean aligned);
void tool_output_free (ToolOutput *self);

/* Writes one line and hands it on at once; FALSE with a G_IO_ERROR, BROKEN_PIPE where nobody reads
 * any more. */
gboolean tool_output_line (ToolOutput *self, const char *line, GError **error);
/* Writes one row of escaped cells, NULL-terminated. */
gboolean tool_output_row (ToolOutput *self, const char *const *cells, GError **error);
/* Writes an error on one line, as JSON where that is asked for. */
void tool_output_error (ToolOutput *self, const GError *error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ToolOutput, tool_output_free)

G_END_DECLS
