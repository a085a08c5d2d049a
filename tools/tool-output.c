/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tool-output.h"

#include "tool-json.h"

#include <errno.h>

ToolOutput *
tool_output_new (FILE *out, ToolLook out_look, FILE *err, ToolLook err_look, gboolean json)
{
  ToolOutput *self = g_new0 (ToolOutput, 1);

  self->out = out;
  self->err = err;
  self->json = json;
  self->out_look = out_look;
  self->err_look = err_look;
  self->columns = tool_columns_new (out_look);
  return self;
}

void
tool_output_free (ToolOutput *self)
{
  tool_columns_free (self->columns);
  g_free (self);
}

gboolean
tool_output_text (ToolOutput *self, const char *text, GError **error)
{
  int saved_errno;

  if (fputs (text, self->out) >= 0 && fflush (self->out) == 0)
    return TRUE;
  saved_errno = errno;
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved_errno),
               "Cannot write to standard output: %s", g_strerror (saved_errno));
  return FALSE;
}

static gboolean
write_line (ToolOutput *self, const char *line, GError **error)
{
  g_autofree char *text = g_strconcat (line, "\n", NULL);

  return tool_output_text (self, text, error);
}

gboolean
tool_output_line (ToolOutput *self, const char *line, GError **error)
{
  g_autofree char *shown
      = self->json ? tool_json_for (self->out_look, line) : tool_escape_for (self->out_look, line);

  return write_line (self, shown, error);
}

gboolean
tool_output_info (ToolOutput *self, const char *text, GError **error)
{
  g_autofree char *shown = tool_escape_for (self->out_look, text);

  return write_line (self, shown, error);
}

gboolean
tool_output_row (ToolOutput *self, const char *const *cells, ToolStyle first, GError **error)
{
  g_autofree char *line = tool_columns_format (self->columns, cells, first);

  return write_line (self, line, error);
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

static char *
format_error (ToolOutput *self, const GError *error)
{
  g_autofree char *message = tool_escape (error->message);
  g_autofree char *shown = tool_escape_for (self->err_look, message);
  GString *text = g_string_new (NULL);

  tool_look_append (self->err_look, text, TOOL_STYLE_BAD, "disco:");
  g_string_append_printf (text, " %s", shown);
  return g_string_free (text, FALSE);
}

static char *
format_error_as_json (ToolOutput *self, const GError *error)
{
  g_autofree char *line = tool_json_error (error_code (error), error->message);

  return tool_json_for (self->err_look, line);
}

void
tool_output_error (ToolOutput *self, const GError *error)
{
  g_autofree char *text
      = self->json ? format_error_as_json (self, error) : format_error (self, error);

  fprintf (self->err, "%s\n", text);
  fflush (self->err);
}
