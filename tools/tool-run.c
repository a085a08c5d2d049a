/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tool-run.h"

#include "commands.h"
#include "tool-progress.h"

struct _ToolRun
{
  const ToolOptions *options;
  ToolOutput *output;
  DiscoAgent *agent;         /* (owned) */
  GCancellable *cancellable; /* (owned) */
  GMainLoop *loop;           /* (owned) */
  GSource *timeout;          /* (owned) (nullable) */
  ToolProgress *progress;    /* (owned) (nullable) */
  gpointer state;            /* (owned) (nullable) */
  GDestroyNotify free_state;
  void (*on_interrupt) (ToolRun *run);
  void (*on_end) (ToolRun *run);
  guint n_pending; /* asynchronous calls under way */
  ToolStatus status;
  gboolean ended;
  gboolean timed_out;
  gboolean interrupted;
  gboolean output_failed;
};

ToolRun *
tool_run_new (const ToolOptions *options, ToolOutput *output, DiscoAgent *agent)
{
  ToolRun *self = g_new0 (ToolRun, 1);

  self->options = options;
  self->output = output;
  self->agent = g_object_ref (agent);
  self->cancellable = g_cancellable_new ();
  self->loop = g_main_loop_new (g_main_context_get_thread_default (), FALSE);
  return self;
}

void
tool_run_free (ToolRun *self)
{
  g_assert (self->n_pending == 0);
  tool_run_stop_timeout (self);
  g_assert (self->progress == NULL);
  if (self->state != NULL)
    self->free_state (self->state);
  g_main_loop_unref (self->loop);
  g_object_unref (self->cancellable);
  g_object_unref (self->agent);
  g_free (self);
}

ToolStatus
tool_run_main (ToolRun *self)
{
  switch (self->options->command)
    {
    case TOOL_COMMAND_REGISTER:
      command_register (self);
      break;
    case TOOL_COMMAND_WATCH:
      command_watch (self);
      break;
    case TOOL_COMMAND_LIST:
      command_list (self);
      break;
    case TOOL_COMMAND_LOOKUP:
      command_lookup (self);
      break;
    case TOOL_COMMAND_DOCTOR:
      command_doctor (self);
      break;
    default:
      g_assert_not_reached ();
    }
  if (!self->ended || self->n_pending > 0)
    g_main_loop_run (self->loop);
  return self->status;
}

void
tool_run_interrupt (ToolRun *self)
{
  if (self->interrupted || self->ended)
    return;
  self->interrupted = TRUE;
  if (self->on_interrupt != NULL)
    self->on_interrupt (self);
  else
    tool_run_end (self, TOOL_STATUS_DONE);
}

const ToolOptions *
tool_run_get_options (ToolRun *self)
{
  return self->options;
}

ToolOutput *
tool_run_get_output (ToolRun *self)
{
  return self->output;
}

DiscoAgent *
tool_run_get_agent (ToolRun *self)
{
  return self->agent;
}

GCancellable *
tool_run_get_cancellable (ToolRun *self)
{
  return self->cancellable;
}

void
tool_run_set_state (ToolRun *self, gpointer state, GDestroyNotify free_state)
{
  self->state = state;
  self->free_state = free_state;
}

gpointer
tool_run_get_state (ToolRun *self)
{
  return self->state;
}

void
tool_run_set_on_interrupt (ToolRun *self, void (*on_interrupt) (ToolRun *run))
{
  self->on_interrupt = on_interrupt;
}

void
tool_run_set_on_end (ToolRun *self, void (*on_end) (ToolRun *run))
{
  self->on_end = on_end;
}

static gboolean
on_timeout (gpointer user_data)
{
  ToolRun *self = user_data;

  self->timed_out = TRUE;
  g_cancellable_cancel (self->cancellable);
  return G_SOURCE_REMOVE;
}

void
tool_run_start_timeout (ToolRun *self)
{
  self->timeout = g_timeout_source_new (self->options->timeout_ms);
  g_source_set_callback (self->timeout, on_timeout, self, NULL);
  g_source_attach (self->timeout, g_main_context_get_thread_default ());
}

void
tool_run_stop_timeout (ToolRun *self)
{
  if (self->timeout == NULL)
    return;
  g_source_destroy (self->timeout);
  g_clear_pointer (&self->timeout, g_source_unref);
}

void
tool_run_show_progress (ToolRun *self, const char *what)
{
  const guint timeout_ms = self->timeout != NULL ? self->options->timeout_ms : 0;

  if (self->output->err_look.paints && !self->options->global.json && !self->ended)
    self->progress
        = tool_progress_new (self->output->err, self->output->err_look, what, timeout_ms);
}

static void
hide_progress (ToolRun *self)
{
  g_clear_pointer (&self->progress, tool_progress_free);
}

/* What is on the terminal only while the command runs */
static void
clear_terminal (ToolRun *self)
{
  void (*on_end) (ToolRun * run) = g_steal_pointer (&self->on_end);

  hide_progress (self);
  if (on_end != NULL)
    on_end (self);
}

gboolean
tool_run_begin (ToolRun *self)
{
  if (self->ended)
    return FALSE;
  self->n_pending++;
  return TRUE;
}

gboolean
tool_run_done (ToolRun *self)
{
  g_assert (self->n_pending > 0);
  self->n_pending--;
  if (self->ended && self->n_pending == 0)
    g_main_loop_quit (self->loop);
  return !self->ended;
}

void
tool_run_end (ToolRun *self, ToolStatus status)
{
  if (self->ended)
    return;
  self->ended = TRUE;
  self->status = status;
  clear_terminal (self);
  tool_run_stop_timeout (self);
  g_cancellable_cancel (self->cancellable);
  if (self->n_pending == 0)
    g_main_loop_quit (self->loop);
}

ToolStatus
tool_status_from_error (const GError *error)
{
  if (g_error_matches (error, DISCO_ERROR, DISCO_ERROR_INVALID_ARGUMENT)
      || g_error_matches (error, DISCO_ERROR, DISCO_ERROR_TOO_LARGE))
    return TOOL_STATUS_USAGE;
  if (g_error_matches (error, DISCO_ERROR, DISCO_ERROR_UNAVAILABLE))
    return TOOL_STATUS_UNAVAILABLE;
  return TOOL_STATUS_FAILED;
}

static void
end_with_error (ToolRun *self, const GError *error, ToolStatus status)
{
  if (self->ended)
    return;
  clear_terminal (self);
  tool_output_error (self->output, error);
  tool_run_end (self, status);
}

void
tool_run_fail (ToolRun *self, const GError *error)
{
  g_autoptr (GError) late = g_error_new (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "Timed out after %g s",
                                         self->options->timeout_ms / 1000.0);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) && self->timed_out)
    end_with_error (self, late, TOOL_STATUS_FAILED);
  else
    end_with_error (self, error, tool_status_from_error (error));
}

void
tool_run_end_with_nothing (ToolRun *self)
{
  g_autoptr (GError) error
      = g_error_new_literal (DISCO_ERROR, DISCO_ERROR_NOT_FOUND, "Nothing was found");

  end_with_error (self, error, TOOL_STATUS_NOTHING);
}

/* A reader that went away has seen enough, as with head(1): that is an interrupt. */
static void
handle_output_error (ToolRun *self, const GError *error)
{
  if (self->output_failed)
    return;
  self->output_failed = TRUE;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE))
    tool_run_interrupt (self);
  else
    tool_run_fail (self, error);
}

void
tool_run_print_line (ToolRun *self, const char *line)
{
  g_autoptr (GError) error = NULL;

  hide_progress (self);
  if (!self->output_failed && !tool_output_line (self->output, line, &error))
    handle_output_error (self, error);
}

void
tool_run_print_text (ToolRun *self, const char *text)
{
  g_autoptr (GError) error = NULL;

  if (!self->output_failed && !tool_output_text (self->output, text, &error))
    handle_output_error (self, error);
}

void
tool_run_print_row (ToolRun *self, const char *const *cells, ToolStyle first)
{
  g_autoptr (GError) error = NULL;

  hide_progress (self);
  if (!self->output_failed && !tool_output_row (self->output, cells, first, &error))
    handle_output_error (self, error);
}

void
tool_run_print_header (ToolRun *self, const char *const *cells)
{
  if (self->output->out_look.terminal && !self->options->global.json)
    tool_run_print_row (self, cells, TOOL_STYLE_PLAIN);
}

void
tool_run_widen_columns (ToolRun *self, const char *const *cells)
{
  tool_columns_widen (self->output->columns, cells);
}
