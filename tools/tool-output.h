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
  ToolLook out_look, err_look;
  ToolColumns *columns; /* (owned) */
} ToolOutput;

/* Does not take the files. */
ToolOutput *tool_output_new (FILE *out, ToolLook out_look, FILE *err, ToolLook err_look,
                             gboolean json);
void tool_output_free (ToolOutput *self);

/* Writes one line of escaped text and hands it on at once; FALSE with a G_IO_ERROR, BROKEN_PIPE
 * where nobody reads any more. */
gboolean tool_output_line (ToolOutput *self, const char *line, GError **error);
/* Writes what the tool says of itself, which is never JSON. */
gboolean tool_output_info (ToolOutput *self, const char *text, GError **error);
/* Writes a text that is ready for the terminal. */
gboolean tool_output_text (ToolOutput *self, const char *text, GError **error);
/* Writes one row of escaped cells, NULL-terminated, the first of which looks like @first. */
gboolean tool_output_row (ToolOutput *self, const char *const *cells, ToolStyle first,
                          GError **error);
/* Writes an error on one line, as JSON where that is asked for. */
void tool_output_error (ToolOutput *self, const GError *error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ToolOutput, tool_output_free)

G_END_DECLS
