/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tool-run.h"
#include "tool-table.h"

G_BEGIN_DECLS

/* A table on the whole terminal that is painted anew as it changes, but not more often than one can
 * see; keys scroll it, and end the run. */
typedef struct _ToolLive ToolLive;

/* Whether standard output of the run is a terminal that can show one, and is its to paint. */
gboolean tool_live_is_possible (ToolRun *run);

/* @table: (transfer full) */
ToolLive *tool_live_new (ToolRun *run, ToolTable *table);
/* Closes it. */
void tool_live_free (ToolLive *self);

ToolTable *tool_live_get_table (ToolLive *self);
/* To be called when the table has changed. */
void tool_live_changed (ToolLive *self);
/* Leaves the terminal as it was, with what the table has at last. */
void tool_live_close (ToolLive *self);

G_END_DECLS
