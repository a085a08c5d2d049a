/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"
#include "tool-json.h"
#include "tool-rank.h"

static void
print_instance (ToolRun *run, DiscoInstance *instance)
{
  g_autofree char *address = disco_instance_dup_address (instance);
  g_autofree char *line = tool_run_get_options (run)->global.json ? tool_json_lookup (instance)
                                                                  : tool_escape (address);

  tool_run_print_line (run, line);
}

static void
print_instances (ToolRun *run, DiscoService *service)
{
  g_autoptr (GPtrArray) instances = disco_service_get_instances (service);
  guint n = tool_run_get_options (run)->all ? instances->len : MIN (instances->len, 1);

  tool_rank (instances);
  for (guint i = 0; i < n; i++)
    print_instance (run, g_ptr_array_index (instances, i));
  if (n == 0)
    tool_run_end_with_nothing (run);
  else
    tool_run_end (run, TOOL_STATUS_DONE);
}

static void
on_service (GObject *source, GAsyncResult *result, gpointer user_data)
{
  ToolRun *run = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (DiscoService) service
      = disco_agent_service_finish (DISCO_AGENT (source), result, &error);

  if (!tool_run_done (run))
    return;
  if (service == NULL)
    tool_run_fail (run, error);
  else
    print_instances (run, service);
}

void
command_lookup (ToolRun *run)
{
  const ToolOptions *options = tool_run_get_options (run);
  g_autofree char *name = tool_escape (options->name);
  g_autofree char *what = g_strdup_printf ("Looking for %s…", name);

  tool_run_start_timeout (run);
  tool_run_show_progress (run, what);
  if (tool_run_begin (run))
    disco_agent_service_async (tool_run_get_agent (run), options->name,
                               (const char *const *)options->tags, tool_run_get_cancellable (run),
                               on_service, run);
}
