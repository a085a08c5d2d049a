/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The one place in which a pending call is completed. @func runs in @task's context with @data
 * whenever somebody, in any thread, sets the source's ready time to 0, and when @task's cancellable
 * is cancelled; G_SOURCE_REMOVE ends it. As nothing else completes the task, no two threads ever
 * race for it, and what a call would have returned is still there after a cancel.
 *
 * @free_data runs when the source is destroyed, be it that the whole context is: whoever sets the
 * ready time does so under a lock that @free_data takes to be forgotten, since a source must not be
 * touched while its context goes away. For
 * the same reason it is attached under that lock. */
GSource *disco_wakeup_new (GTask *task, GSourceFunc func, gpointer data, GDestroyNotify free_data);

G_END_DECLS
