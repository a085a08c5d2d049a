/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a program that paints a whole terminal owes to its user: the screen before it comes back,
 * the cursor too, and keys are echoed again, however it ends: by itself, stopped by Ctrl+Z, or
 * killed by any signal that can be caught. */

/* Another screen, without a cursor; what is too long is not continued on the next line. */
#define TOOL_SCREEN_ENTER "\x1b[?1049h\x1b[?25l\x1b[?7l"
/* A terminal that has no other screen is left empty. */
#define TOOL_SCREEN_LEAVE "\x1b[H\x1b[J\x1b[?7h\x1b[?25h\x1b[?1049l"

/* Called in the main context: with SIGWINCH the size has changed, with SIGTSTP the process is to
 * stop, with SIGCONT it goes on. */
typedef void (*ToolScreenFunc) (int signum, gpointer user_data);

/* From now on keys come one by one, and signals to @func. There is one screen in a process. Writes
 * nothing to @fd, the terminal, but TOOL_SCREEN_LEAVE where a signal ends the process. */
void tool_screen_take (int fd, ToolScreenFunc func, gpointer user_data);
void tool_screen_give_back (void);
/* Whether keys can be read from standard input */
gboolean tool_screen_has_keys (void);

/* Stops the process as SIGTSTP does, with keys as they were; returns when it goes on. */
void tool_screen_stop (void);
/* Keys come one by one again. */
void tool_screen_resume (void);

G_END_DECLS
