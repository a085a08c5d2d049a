/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tool-options.h"
#include "tool-output.h"

G_BEGIN_DECLS

typedef enum
{
  TOOL_STATUS_DONE = 0,
  TOOL_STATUS_FAILED = 1,
  TOOL_STATUS_USAGE = 2,
  TOOL_STATUS_NOTHING = 3,
  TOOL_STATUS_UNAVAILABLE = 4,
} ToolStatus;

/* One run of one command, from its start to its exit status, on the thread-default main context.
 *
 * A command starts asynchronous calls, all with the run's cancellable, and says so with
 * tool_run_begin(); their callbacks begin with tool_run_done(). tool_run_end() cancels what is
 * under way, and the run is over when that has come back, so that no callback ever finds its run
 * gone. */
typedef struct _ToolRun ToolRun;

ToolRun *tool_run_new (const ToolOptions *options, ToolOutput *output, DiscoAgent *agent);
void tool_run_free (ToolRun *self);

/* Starts the command of the options and waits for its end. */
ToolStatus tool_run_main (ToolRun *self);
/* What SIGINT and SIGTERM do: ends the run with status 0 unless the command does more. */
void tool_run_interrupt (ToolRun *self);

/* --- for the commands --- */

const ToolOptions *tool_run_get_options (ToolRun *self);
ToolOutput *tool_run_get_output (ToolRun *self);
DiscoAgent *tool_run_get_agent (ToolRun *self);
GCancellable *tool_run_get_cancellable (ToolRun *self);

/* The command's own state, freed with the run. */
void tool_run_set_state (ToolRun *self, gpointer state, GDestroyNotify free_state);
gpointer tool_run_get_state (ToolRun *self);
/* Called instead of ending at once: on an interrupt, and when standard output is gone. The command
 * ends the run soon. */
void tool_run_set_on_interrupt (ToolRun *self, void (*on_interrupt) (ToolRun *run));

/* Called once when the run ends, before the error is told that it may end with: the command leaves
 * the terminal as it found it. */
void tool_run_set_on_end (ToolRun *self, void (*on_end) (ToolRun *run));

/* From now on the time of --timeout runs. Over, it cancels what is under way. */
void tool_run_start_timeout (ToolRun *self);
void tool_run_stop_timeout (ToolRun *self);

/* FALSE if the run has ended, and nothing is to be started any more. */
gboolean tool_run_begin (ToolRun *self);
/* FALSE if the run has ended, and nothing is to be done any more. */
gboolean tool_run_done (ToolRun *self);

/* Ends the run. Only the first call counts. */
void tool_run_end (ToolRun *self, ToolStatus status);
/* Ends it with what @error means, and says so unless it was interrupted. */
void tool_run_fail (ToolRun *self, const GError *error);
/* Ends it because what was looked for is not there. */
void tool_run_end_with_nothing (ToolRun *self);

/* Shows people that look at standard error what is going on, until something is printed or the run
 * ends. @what: escaped */
void tool_run_show_progress (ToolRun *self, const char *what);

/* Each writes one line. A line that cannot be written ends the run. */
void tool_run_print_row (ToolRun *self, const char *const *cells, ToolStyle first);
void tool_run_print_line (ToolRun *self, const char *line);
/* The same for a text that is ready for the terminal */
void tool_run_print_text (ToolRun *self, const char *text);
/* ... which says what the columns are, for people who look at them */
void tool_run_print_header (ToolRun *self, const char *const *cells);
void tool_run_widen_columns (ToolRun *self, const char *const *cells);

ToolStatus tool_status_from_error (const GError *error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ToolRun, tool_run_free)

G_END_DECLS
