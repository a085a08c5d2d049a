/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The one place in which a pending call is completed. @func runs in the source's context with @data
 * whenever somebody, in any thread, sets the source's ready time to 0, and when @task's cancellable
 * is cancelled; G_SOURCE_REMOVE ends it, and @free_data runs. As nothing else completes the task,
 * no two threads ever race for it, and what a call would have returned is still there after a
 * cancel. */
GSource *disco_wakeup_new (GTask *task, GSourceFunc func, gpointer data, GDestroyNotify free_data);
/* In place of g_source_attach(): from here on the cancellable is heard.
 *
 * Whoever sets the ready time does so under a lock that @free_data takes to be forgotten. The
 * source is attached under that lock too: a ready time that is set meanwhile would wake nobody up.
 */
void disco_wakeup_attach (GSource *source, GMainContext *context);

G_END_DECLS
