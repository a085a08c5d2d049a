/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tool-look.h"
#include "tool-terminal.h"

#include <disco/disco.h>

G_BEGIN_DECLS

/* What a watch shows to people: the instances as they are, those that have changed of late marked,
 * and those that have just gone. It does no input and no output, and knows no clock: what time it
 * is is said to it. */
typedef struct _ToolTable ToolTable;

typedef enum
{
  TOOL_TABLE_LOOKING, /* the first full set is not known yet */
  TOOL_TABLE_CURRENT,
  TOOL_TABLE_CUT_OFF, /* there is no responder: it stands as it was */
} ToolTableState;

/* What of it is to be seen */
typedef struct
{
  ToolSize size;
  ToolLook look;
  guint first; /* the row at the top; the nearest one that fills the screen is shown */
} ToolTableView;

/* @name: of the service, escaped */
ToolTable *tool_table_new (const char *name);
void tool_table_free (ToolTable *self);

void tool_table_set_state (ToolTable *self, ToolTableState state);
ToolTableState tool_table_get_state (ToolTable *self);
/* Takes what has happened to one instance. Before the first full set nothing is marked as new. */
void tool_table_take (ToolTable *self, DiscoOperation operation, DiscoInstance *instance,
                      gint64 now_us);
/* Lets marks and rows go whose time is over. Returns when the next will, or -1. */
gint64 tool_table_expire (ToolTable *self, gint64 now_us);

/* How many rows a screen of that size has for instances. */
guint tool_table_get_page (ToolSize size);
/* The greatest first row with which the screen is full. */
guint tool_table_get_last_first (ToolTable *self, ToolSize size);

/* (transfer full): exactly size.height lines, each at most size.width cells, parted by newlines and
 * without one at the end. @now_us: turns what turns */
char *tool_table_format (ToolTable *self, const ToolTableView *view, gint64 now_us);
/* (transfer full): all instances that are there, uncut, each line with its newline; empty if there
 * is none */
char *tool_table_format_all (ToolTable *self, ToolLook look);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ToolTable, tool_table_free)

G_END_DECLS
