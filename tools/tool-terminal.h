/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  guint width, height; /* in cells */
} ToolSize;

/* The size of the terminal @fd, as it is now; of a usual one where it cannot be known. */
ToolSize tool_terminal_get_size (int fd);
/* Whether another job has the terminal, and what is written to it would stand in the midst of that
 */
gboolean tool_terminal_in_background (int fd);

G_END_DECLS
