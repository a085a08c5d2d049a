/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tool-text.h"

#include "tool-width.h"

#define GAP 2

struct _ToolColumns
{
  ToolLook look;
  GArray *widths; /* (owned) of guint, in terminal cells */
};

/* Marks that reverse or embed text could make a line read as another one. */
static gboolean
changes_direction (gunichar c)
{
  return c == 0x061c || c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e)
         || (c >= 0x2066 && c <= 0x2069);
}

gboolean
tool_escapes (gunichar c)
{
  return g_unichar_iscntrl (c) || changes_direction (c);
}

char *
tool_escape (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString *escaped = g_string_sized_new (strlen (valid));

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      const gunichar c = g_utf8_get_char (p);

      if (c < 0x80 && g_ascii_iscntrl ((char)c))
        g_string_append_printf (escaped, "\\x%02x", c);
      else if (tool_escapes (c))
        g_string_append_printf (escaped, "\\u%04x", c);
      else
        g_string_append_unichar (escaped, c);
    }
  return g_string_free (escaped, FALSE);
}

char *
tool_escape_for (ToolLook look, const char *text)
{
  GString *escaped;

  if (!look.ascii)
    return g_strdup (text);
  escaped = g_string_sized_new (strlen (text));
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      const gunichar c = g_utf8_get_char (p);

      if (c < 0x80)
        g_string_append_c (escaped, (char)c);
      else if (c == 0x2026)
        g_string_append (escaped, "...");
      else
        g_string_append_printf (escaped, "\\u%04x", c);
    }
  return g_string_free (escaped, FALSE);
}

ToolColumns *
tool_columns_new (ToolLook look)
{
  ToolColumns *self = g_new0 (ToolColumns, 1);

  self->look = look;
  self->widths = g_array_new (FALSE, TRUE, sizeof (guint));
  return self;
}

void
tool_columns_free (ToolColumns *self)
{
  g_array_unref (self->widths);
  g_free (self);
}

void
tool_columns_widen (ToolColumns *self, const char *const *cells)
{
  const guint n = g_strv_length ((char **)cells);

  if (n > self->widths->len)
    g_array_set_size (self->widths, n);
  for (guint i = 0; i < n; i++)
    {
      guint *width = &g_array_index (self->widths, guint, i);
      g_autofree char *cell = tool_escape_for (self->look, cells[i]);

      *width = MAX (*width, tool_width (cell));
    }
}

/* Empty cells at the end are left out. */
char *
tool_columns_format (ToolColumns *self, const char *const *cells, ToolStyle first)
{
  GString *line = g_string_new (NULL);
  guint n = g_strv_length ((char **)cells);

  tool_columns_widen (self, cells);
  while (n > 0 && cells[n - 1][0] == '\0')
    n--;
  for (guint i = 0; i < n; i++)
    {
      const guint width = g_array_index (self->widths, guint, i);
      g_autofree char *cell = tool_escape_for (self->look, cells[i]);

      tool_look_append (self->look, line, i == 0 ? first : TOOL_STYLE_PLAIN, cell);
      if (i + 1 == n)
        break;
      if (self->look.terminal)
        g_string_append_printf (line, "%*s", (int)(width - tool_width (cell) + GAP), "");
      else
        g_string_append_c (line, '\t');
    }
  return g_string_free (line, FALSE);
}

char **
tool_instance_cells (const char *first, DiscoInstance *instance)
{
  g_autoptr (GStrvBuilder) cells = g_strv_builder_new ();
  g_autofree char *address = disco_instance_dup_address (instance);
  g_autofree char *tags = g_strjoinv (",", (char **)disco_instance_get_tags (instance));
  const char *const texts[] = { first, disco_instance_get_id (instance), address,
                                disco_instance_get_label (instance), tags };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *cell = tool_escape (texts[i]);

      g_strv_builder_add (cells, cell);
    }
  return g_strv_builder_end (cells);
}

const char *
tool_diagnosis_status (DiscoDiagnosis *diagnosis)
{
  g_autoptr (GEnumClass) statuses = g_type_class_ref (DISCO_TYPE_DIAGNOSIS_STATUS);

  return g_enum_get_value (statuses, (int)disco_diagnosis_get_status (diagnosis))->value_nick;
}

char **
tool_diagnosis_cells (DiscoDiagnosis *diagnosis)
{
  g_autoptr (GStrvBuilder) cells = g_strv_builder_new ();
  g_autofree char *check = tool_escape (disco_diagnosis_get_check (diagnosis));
  g_autofree char *detail = tool_escape (disco_diagnosis_get_detail (diagnosis));

  g_strv_builder_add_many (cells, tool_diagnosis_status (diagnosis), check, detail, NULL);
  return g_strv_builder_end (cells);
}
