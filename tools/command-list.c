/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"
#include "tool-json.h"

static const char *const header[] = { "SERVICE", "ID", "ADDRESS", "LABEL", "TAGS", NULL };

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (a, b);
}

static int
compare_ids (gconstpointer a, gconstpointer b)
{
  return strcmp (disco_instance_get_id (*(DiscoInstance *const *)a),
                 disco_instance_get_id (*(DiscoInstance *const *)b));
}

static void
print_as_json (ToolRun *run, const char *name, GPtrArray *instances)
{
  g_autofree char *line = tool_json_service (name, instances);

  tool_run_print_line (run, line);
}

/* The rows of all services first, so that the columns fit all of them. */
static void
add_rows (GPtrArray *rows, const char *name, GPtrArray *instances)
{
  for (guint i = 0; i < instances->len; i++)
    g_ptr_array_add (rows, tool_instance_cells (name, g_ptr_array_index (instances, i)));
}

/* A service's name stands out where it comes first, for its instances follow each other. */
static void
print_rows (ToolRun *run, GPtrArray *rows)
{
  const char *previous = NULL;

  for (guint i = 0; i < rows->len; i++)
    tool_run_widen_columns (run, g_ptr_array_index (rows, i));
  if (rows->len > 0)
    tool_run_print_header (run, header);
  for (guint i = 0; i < rows->len; i++)
    {
      const char *const *cells = g_ptr_array_index (rows, i);

      tool_run_print_row (
          run, cells, g_strcmp0 (cells[0], previous) != 0 ? TOOL_STYLE_STRONG : TOOL_STYLE_FAINT);
      previous = cells[0];
    }
}

/* Returns how many services there are. One that lost its instances meanwhile is none any more. */
static guint
print_services (ToolRun *run, GHashTable *services)
{
  const gboolean json = tool_run_get_options (run)->global.json;
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify)g_strfreev);
  g_autoptr (GList) names = g_list_sort (g_hash_table_get_keys (services), compare_names);
  guint n = 0;

  for (GList *l = names; l != NULL; l = l->next)
    {
      DiscoService *service = g_hash_table_lookup (services, l->data);
      g_autoptr (GPtrArray) instances = disco_service_get_instances (service);

      if (instances->len == 0)
        continue;
      g_ptr_array_sort (instances, compare_ids);
      n++;
      if (json)
        print_as_json (run, l->data, instances);
      else
        add_rows (rows, l->data, instances);
    }
  print_rows (run, rows);
  return n;
}

static void
on_services (GObject *source, GAsyncResult *result, gpointer user_data)
{
  ToolRun *run = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GHashTable) services
      = disco_agent_services_finish (DISCO_AGENT (source), result, &error);

  if (!tool_run_done (run))
    return;
  if (services == NULL)
    tool_run_fail (run, error);
  else if (print_services (run, services) == 0)
    tool_run_end_with_nothing (run);
  else
    tool_run_end (run, TOOL_STATUS_DONE);
}

void
command_list (ToolRun *run)
{
  const ToolOptions *options = tool_run_get_options (run);

  tool_run_start_timeout (run);
  tool_run_show_progress (run, "Looking for all services…");
  if (tool_run_begin (run))
    disco_agent_services_async (tool_run_get_agent (run), (const char *const *)options->tags,
                                tool_run_get_cancellable (run), on_services, run);
}
