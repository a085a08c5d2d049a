/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Simulated time. All that the library knows of time is GLib's monotonic clock and the ready times
 * of sources, and both stand on clock_gettime() and on how long a main context polls. So a program
 * that links this file has a clock of its own, and nothing of the library need know: the monotonic
 * clock stands still until the program moves it, and a context that was handed over does not sleep.
 *
 * Threads: one, the program's only one. */

gint64 sim_clock_get (void);
void sim_clock_advance (gint64 us);

/* @context polls no file descriptor and never waits from now on; what it would have waited for is
 * what sim_clock_iterate() returns. */
void sim_clock_adopt (GMainContext *context);
/* Dispatches what is ready. 0 if anything was, else the time until something will be, or -1: never
 */
gint64 sim_clock_iterate (GMainContext *context);
/* Moves on by @left, which is such a time; FALSE if nothing will be ready before or at @end: then
 * the clock stands. */
gboolean sim_clock_skip (gint64 left, gint64 end);

G_END_DECLS
