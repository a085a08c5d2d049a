/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tool-look.h"

#include <stdio.h>

G_BEGIN_DECLS

/* A line on standard error that shows that something is going on, as long as nothing else is to be
 * shown. It appears after a moment, so that what is quick does not flicker. */
typedef struct _ToolProgress ToolProgress;

/* @what: escaped: what is going on
 * @timeout_ms: 0: it has no end of its own */
ToolProgress *tool_progress_new (FILE *err, ToolLook look, const char *what, guint timeout_ms);
/* Leaves nothing of it on the terminal. */
void tool_progress_free (ToolProgress *self);

/* (transfer full): what the line reads, at most @width cells */
char *tool_progress_format (const char *what, guint elapsed_ms, guint timeout_ms, guint width,
                            ToolLook look);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ToolProgress, tool_progress_free)

G_END_DECLS
