/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tool-table.h"

#include "tool-fit.h"
#include "tool-progress.h"
#include "tool-text.h"
#include "tool-width.h"

#define MARK_US (4 * (gint64)G_USEC_PER_SEC) /* as long as it takes to notice */
#define MAX_GONE 100 /* rows that only say what was there; others go at once */
#define MARK_WIDTH 2

enum
{
  COLUMN_ID,
  COLUMN_ADDRESS,
  COLUMN_LABEL,
  COLUMN_TAGS,
  N_COLUMNS
};

static const char *const headings[] = { "ID", "ADDRESS", "LABEL", "TAGS" };

typedef struct
{
  char *id;     /* (owned): as it was sent */
  char **cells; /* (owned): escaped; the first is empty, the others are the columns */
  DiscoOperation mark;
  gint64 until_us; /* the mark stands; 0: there is none */
} Row;

struct _ToolTable
{
  char *name;        /* (owned) */
  GPtrArray *rows;   /* (owned) of (owned) Row, by id where sorted */
  GHashTable *by_id; /* (owned) id of a row → Row */
  guint n_gone;      /* rows marked as removed */
  gboolean sorted;
  ToolTableState state;
};

static void
row_free (gpointer data)
{
  Row *row = data;

  g_free (row->id);
  g_strfreev (row->cells);
  g_free (row);
}

static gboolean
is_gone (const Row *row)
{
  return row->until_us != 0 && row->mark == DISCO_OPERATION_REMOVE;
}

ToolTable *
tool_table_new (const char *name)
{
  ToolTable *self = g_new0 (ToolTable, 1);

  self->name = g_strdup (name);
  self->rows = g_ptr_array_new_with_free_func (row_free);
  self->by_id = g_hash_table_new (g_str_hash, g_str_equal);
  return self;
}

void
tool_table_free (ToolTable *self)
{
  g_hash_table_unref (self->by_id);
  g_ptr_array_unref (self->rows);
  g_free (self->name);
  g_free (self);
}

void
tool_table_set_state (ToolTable *self, ToolTableState state)
{
  self->state = state;
}

ToolTableState
tool_table_get_state (ToolTable *self)
{
  return self->state;
}

/* --- what happens to the rows --- */

static void
unmark (ToolTable *self, Row *row)
{
  if (is_gone (row))
    self->n_gone--;
  row->until_us = 0;
}

static void
drop (ToolTable *self, Row *row)
{
  unmark (self, row);
  g_hash_table_remove (self->by_id, row->id);
  g_ptr_array_remove_fast (self->rows, row);
  self->sorted = FALSE;
}

static Row *
find_or_add (ToolTable *self, const char *id)
{
  Row *row = g_hash_table_lookup (self->by_id, id);

  if (row != NULL)
    return row;
  row = g_new0 (Row, 1);
  row->id = g_strdup (id);
  g_ptr_array_add (self->rows, row);
  g_hash_table_insert (self->by_id, row->id, row);
  self->sorted = FALSE;
  return row;
}

void
tool_table_take (ToolTable *self, DiscoOperation operation, DiscoInstance *instance, gint64 now_us)
{
  Row *row = find_or_add (self, disco_instance_get_id (instance));

  unmark (self, row);
  if (operation == DISCO_OPERATION_REMOVE
      && (self->state == TOOL_TABLE_LOOKING || self->n_gone == MAX_GONE))
    {
      drop (self, row);
      return;
    }
  g_strfreev (row->cells);
  row->cells = tool_instance_cells ("", instance);
  if (self->state == TOOL_TABLE_LOOKING)
    return;
  row->mark = operation;
  row->until_us = now_us + MARK_US;
  if (is_gone (row))
    self->n_gone++;
}

gint64
tool_table_expire (ToolTable *self, gint64 now_us)
{
  gint64 next_us = -1;

  for (guint i = self->rows->len; i-- > 0;)
    {
      Row *row = g_ptr_array_index (self->rows, i);

      if (row->until_us == 0)
        continue;
      if (row->until_us > now_us)
        next_us = next_us < 0 ? row->until_us : MIN (next_us, row->until_us);
      else if (is_gone (row))
        drop (self, row);
      else
        unmark (self, row);
    }
  return next_us;
}

static int
compare_rows (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(const Row *const *)a)->id, (*(const Row *const *)b)->id);
}

static void
sort (ToolTable *self)
{
  if (!self->sorted)
    g_ptr_array_sort (self->rows, compare_rows);
  self->sorted = TRUE;
}

/* --- what is where --- */

/* A low screen does without what is not needed most. */
static gboolean
has_blank_line (ToolSize size)
{
  return size.height >= 10;
}

static gboolean
has_headings (ToolSize size)
{
  return size.height >= 5;
}

static gboolean
has_footer (ToolSize size)
{
  return size.height >= 7;
}

guint
tool_table_get_page (ToolSize size)
{
  const guint others = 1 + (has_blank_line (size) ? 1 : 0) + (has_headings (size) ? 1 : 0)
                       + (has_footer (size) ? 1 : 0);

  return size.height > others ? size.height - others : 0;
}

guint
tool_table_get_last_first (ToolTable *self, ToolSize size)
{
  const guint page = tool_table_get_page (size);

  return self->rows->len > page ? self->rows->len - page : 0;
}

/* What each column would take. One in which there is nothing, or nothing new, takes nothing. */
static void
measure (ToolTable *self, ToolLook look, guint *widths)
{
  gboolean labels_are_ids = TRUE;

  memset (widths, 0, N_COLUMNS * sizeof *widths);
  for (guint i = 0; i < self->rows->len; i++)
    {
      char **cells = ((Row *)g_ptr_array_index (self->rows, i))->cells + 1;

      for (guint column = 0; column < N_COLUMNS; column++)
        {
          g_autofree char *cell = tool_escape_for (look, cells[column]);

          widths[column] = MAX (widths[column], tool_width (cell));
        }
      labels_are_ids &= g_str_equal (cells[COLUMN_LABEL], cells[COLUMN_ID]);
    }
  if (labels_are_ids)
    widths[COLUMN_LABEL] = 0;
  for (guint column = 0; column < N_COLUMNS; column++)
    if (widths[column] > 0)
      widths[column] = MAX (widths[column], (guint)strlen (headings[column]));
}

/* (transfer full) */
static char *
format_cells (const char *const *cells, const guint *widths, ToolLook look)
{
  GString *line = g_string_new (NULL);
  gboolean any = FALSE;

  for (guint column = 0; column < N_COLUMNS; column++)
    {
      g_autofree char *cell = tool_escape_for (look, cells[column]);

      if (widths[column] == 0)
        continue;
      if (any)
        g_string_append_printf (line, "%*s", TOOL_FIT_GAP, "");
      tool_width_append (line, cell, widths[column], look.ascii);
      any = TRUE;
    }
  return g_strchomp (g_string_free (line, FALSE));
}

/* --- what it looks like --- */

/* At most @width cells of a text of the tool's own, ended by a newline */
static void
append_line (GString *text, const ToolTableView *view, ToolStyle style, const char *line)
{
  g_autofree char *shown = tool_escape_for (view->look, line);
  g_autofree char *cut = tool_width_cut (shown, view->size.width, view->look.ascii);

  tool_look_append (view->look, text, style, cut);
  g_string_append_c (text, '\n');
}

static guint
count_present (ToolTable *self)
{
  return self->rows->len - self->n_gone;
}

/* (transfer full) */
static char *
describe_state (ToolTable *self, const ToolTableView *view, gint64 now_us)
{
  switch (self->state)
    {
    case TOOL_TABLE_LOOKING:
      return tool_progress_format ("looking…", (guint)(now_us / 1000 % 1000), 0, G_MAXINT,
                                   view->look);
    case TOOL_TABLE_CUT_OFF:
      return g_strdup ("no responder: this is how it was");
    case TOOL_TABLE_CURRENT:
    default:
      return g_strdup ("");
    }
}

/* "http  3 instances  looking…": where there is no room the name is cut, and then the state. */
static void
append_title (ToolTable *self, GString *text, const ToolTableView *view, gint64 now_us)
{
  const guint n = count_present (self);
  g_autofree char *count = g_strdup_printf ("  %u %s", n, n == 1 ? "instance" : "instances");
  g_autofree char *state = describe_state (self, view, now_us);
  g_autofree char *name = tool_escape_for (view->look, self->name);
  const guint left = view->size.width - MIN (view->size.width, tool_width (count));
  g_autofree char *shown_name = tool_width_cut (name, left, view->look.ascii);
  const guint rest = left - tool_width (shown_name);
  g_autofree char *shown_state = tool_width_cut (state, rest > 2 ? rest - 2 : 0, view->look.ascii);
  g_autofree char *shown_count = tool_width_cut (count, view->size.width, view->look.ascii);

  tool_look_append (view->look, text, TOOL_STYLE_STRONG, shown_name);
  g_string_append (text, shown_count);
  if (*shown_state != '\0')
    g_string_append (text, "  ");
  tool_look_append (view->look, text,
                    self->state == TOOL_TABLE_CUT_OFF ? TOOL_STYLE_BAD : TOOL_STYLE_FAINT,
                    shown_state);
  g_string_append_c (text, '\n');
}

static void
append_mark (GString *text, const Row *row, ToolLook look)
{
  if (row->until_us == 0)
    g_string_append (text, " ");
  else if (row->mark == DISCO_OPERATION_ADD)
    tool_look_append (look, text, TOOL_STYLE_GOOD, "+");
  else if (row->mark == DISCO_OPERATION_UPDATE)
    tool_look_append (look, text, TOOL_STYLE_CHANGED, "*");
  else
    tool_look_append (look, text, TOOL_STYLE_BAD, "-");
}

static void
append_row (GString *text, const Row *row, const guint *widths, const ToolTableView *view)
{
  g_autofree char *line = format_cells ((const char *const *)row->cells + 1, widths, view->look);

  if (view->size.width >= MARK_WIDTH)
    {
      append_mark (text, row, view->look);
      g_string_append_c (text, ' ');
    }
  tool_look_append (view->look, text, is_gone (row) ? TOOL_STYLE_FAINT : TOOL_STYLE_PLAIN, line);
  g_string_append_c (text, '\n');
}

static void
append_headings (GString *text, const guint *widths, const ToolTableView *view)
{
  g_autofree char *line = format_cells (headings, widths, view->look);
  g_autofree char *moved = g_strdup_printf ("%*s%s", MARK_WIDTH, "", line);

  append_line (text, view, TOOL_STYLE_FAINT, *line != '\0' ? moved : "");
}

/* Returns how many lines it has appended. */
static guint
append_rows (ToolTable *self, GString *text, const guint *widths, const ToolTableView *view)
{
  const guint page = tool_table_get_page (view->size);
  const guint first = MIN (view->first, tool_table_get_last_first (self, view->size));
  const guint end = MIN (self->rows->len, first + page);

  if (self->rows->len == 0 && page > 0 && self->state == TOOL_TABLE_CURRENT)
    {
      append_line (text, view, TOOL_STYLE_PLAIN,
                   "Nobody offers it. \"disco doctor\" says what may be wrong.");
      return 1;
    }
  for (guint i = first; i < end; i++)
    append_row (text, g_ptr_array_index (self->rows, i), widths, view);
  return end - first;
}

static void
append_footer (ToolTable *self, GString *text, const ToolTableView *view)
{
  const guint page = tool_table_get_page (view->size);
  const guint first = MIN (view->first, tool_table_get_last_first (self, view->size));
  g_autofree char *line = NULL;

  if (self->rows->len > page)
    line = g_strdup_printf ("%u-%u of %u  arrows and page keys scroll, q ends", first + 1,
                            first + page, self->rows->len);
  append_line (text, view, TOOL_STYLE_FAINT, line != NULL ? line : "q ends");
}

char *
tool_table_format (ToolTable *self, const ToolTableView *view, gint64 now_us)
{
  GString *text = g_string_new (NULL);
  const guint width = view->size.width;
  guint widths[N_COLUMNS];
  guint n;

  sort (self);
  measure (self, view->look, widths);
  tool_fit (widths, N_COLUMNS, COLUMN_ADDRESS, width > MARK_WIDTH ? width - MARK_WIDTH : 0);
  append_title (self, text, view, now_us);
  if (has_blank_line (view->size))
    g_string_append_c (text, '\n');
  if (has_headings (view->size))
    append_headings (text, widths, view);
  n = append_rows (self, text, widths, view);
  for (; n < tool_table_get_page (view->size); n++)
    g_string_append_c (text, '\n');
  if (has_footer (view->size))
    append_footer (self, text, view);
  g_string_truncate (text, text->len - 1);
  return g_string_free (text, FALSE);
}

char *
tool_table_format_all (ToolTable *self, ToolLook look)
{
  GString *text = g_string_new (NULL);
  g_autofree char *heading = NULL;
  guint widths[N_COLUMNS];

  tool_table_expire (self, G_MAXINT64);
  sort (self);
  measure (self, look, widths);
  if (self->rows->len > 0)
    heading = format_cells (headings, widths, look);
  for (guint i = 0; i < self->rows->len; i++)
    {
      const Row *row = g_ptr_array_index (self->rows, i);
      g_autofree char *line = format_cells ((const char *const *)row->cells + 1, widths, look);

      g_string_append_printf (text, "%s\n", line);
    }
  if (heading != NULL)
    {
      g_string_prepend (text, "\n");
      g_string_prepend (text, heading);
    }
  return g_string_free (text, FALSE);
}
