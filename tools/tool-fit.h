/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define TOOL_FIT_GAP 2

/* Makes columns fit into @available cells with TOOL_FIT_GAP cells between them. @widths has what
 * each would take, 0: nothing to show; and then what it gets, 0: left out. @keep: the column that
 * is cut last. The first column goes last of all, and @keep before it; of the others the last go
 * first. */
void tool_fit (guint *widths, guint n_columns, guint keep, guint available);

G_END_DECLS
