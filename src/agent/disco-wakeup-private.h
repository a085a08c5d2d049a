/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The one place in which a pending call is completed. @func runs in @task's context with @data
 * whenever somebody, in any thread, sets the source's ready time to 0, and when @task's cancellable
 * is cancelled; G_SOURCE_REMOVE ends it, and @free_data runs. As nothing else completes the task,
 * no two threads ever race for it, and what a call would have returned is still there after a
 * cancel.
 *
 * Whoever sets the ready time does so under a lock that @free_data takes to be forgotten. The
 * source is attached under that lock too: a ready time that is set meanwhile would wake nobody up.
 */
GSource *disco_wakeup_new (GTask *task, GSourceFunc func, gpointer data, GDestroyNotify free_data);

G_END_DECLS
