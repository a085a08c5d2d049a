/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"
#include "tool-json.h"

static ToolStyle
status_style (DiscoDiagnosisStatus status)
{
  switch (status)
    {
    case DISCO_DIAGNOSIS_STATUS_OK:
      return TOOL_STYLE_GOOD;
    case DISCO_DIAGNOSIS_STATUS_WARNING:
      return TOOL_STYLE_CHANGED;
    case DISCO_DIAGNOSIS_STATUS_FAILED:
      return TOOL_STYLE_BAD;
    default:
      return TOOL_STYLE_PLAIN;
    }
}

static void
print_diagnosis (ToolRun *run, DiscoDiagnosis *diagnosis, const char *const *cells)
{
  if (tool_run_get_options (run)->global.json)
    {
      g_autofree char *line = tool_json_diagnosis (diagnosis);

      tool_run_print_line (run, line);
    }
  else
    tool_run_print_row (run, cells, status_style (disco_diagnosis_get_status (diagnosis)));
}

void
command_doctor_tell (ToolRun *run, GPtrArray *diagnoses)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify)g_strfreev);
  ToolStatus status = TOOL_STATUS_DONE;

  for (guint i = 0; i < diagnoses->len; i++)
    {
      char **cells = tool_diagnosis_cells (diagnoses->pdata[i]);

      g_ptr_array_add (rows, cells);
      tool_run_widen_columns (run, (const char *const *)cells);
    }
  for (guint i = 0; i < diagnoses->len; i++)
    {
      print_diagnosis (run, diagnoses->pdata[i], rows->pdata[i]);
      if (disco_diagnosis_get_status (diagnoses->pdata[i]) == DISCO_DIAGNOSIS_STATUS_FAILED)
        status = TOOL_STATUS_FAILED;
    }
  tool_run_end (run, status);
}

static void
on_diagnosed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  ToolRun *run = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) diagnoses = disco_diagnose_finish (result, &error);

  if (!tool_run_done (run))
    return;
  if (diagnoses == NULL)
    tool_run_fail (run, error);
  else
    command_doctor_tell (run, diagnoses);
}

/* It is bounded by itself, and what it would find out too late is just what is wrong: --timeout
 * does not cut it short. */
void
command_doctor (ToolRun *run)
{
  tool_run_show_progress (run, "Examining this machine and its network…");
  if (tool_run_begin (run))
    disco_diagnose_async (DISCO_AVAHI_AGENT (tool_run_get_agent (run)),
                          tool_run_get_cancellable (run), on_diagnosed, run);
}
