/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tool-output.h"

#include "tool-json.h"

#include <errno.h>

ToolOutput *
tool_output_new (FILE *out, FILE *err, gboolean json, gboolean aligned)
{
  ToolOutput *self = g_new0 (ToolOutput, 1);

  self->out = out;
  self->err = err;
  self->json = json;
  self->columns = tool_columns_new (aligned);
  return self;
}

void
tool_output_free (ToolOutput *self)
{
  tool_columns_free (self->columns);
  g_free (self);
}

gboolean
tool_output_line (ToolOutput *self, const char *line, GError **error)
{
  int saved_errno;

  if (fputs (line, self->out) >= 0 && putc ('\n', self->out) != EOF && fflush (self->out) == 0)
    return TRUE;
  saved_errno = errno;
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved_errno),
               "Cannot write to standard output: %s", g_strerror (saved_errno));
  return FALSE;
}

gboolean
tool_output_row (ToolOutput *self, const char *const *cells, GError **error)
{
  g_autofree char *line = tool_columns_format (self->columns, cells);

  return tool_output_line (self, line, error);
}

static const char *
error_code (const GError *error)
{
  g_autoptr (GEnumClass) codes = g_type_class_ref (DISCO_TYPE_ERROR);
  const GEnumValue *value = NULL;

  if (error->domain == DISCO_ERROR)
    value = g_enum_get_value (codes, error->code);
  return value != NULL ? value->value_nick : "failed";
}

void
tool_output_error (ToolOutput *self, const GError *error)
{
  g_autofree char *text = NULL;

  if (self->json)
    {
      text = tool_json_error (error_code (error), error->message);
      fprintf (self->err, "%s\n", text);
    }
  else
    {
      text = tool_escape (error->message);
      fprintf (self->err, "disco: %s\n", text);
    }
  fflush (self->err);
}
