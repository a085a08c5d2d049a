/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* When to begin anew what has failed: after a second, then at growing intervals up to half a
 * minute, with jitter. What has stood for longer than that begins with a second again. It is for
 * one thing that stands on a link which itself is well; a link has a rhythm of its own.
 *
 * Threads: lives on the thread that iterates its context. */
typedef struct _DiscoRetry DiscoRetry;

DiscoRetry *disco_retry_new (GMainContext *context, GSourceFunc func, gpointer user_data);
void disco_retry_free (DiscoRetry *self);
/* It has failed: @func is called when it is to be begun anew. What waits for that already does so.
 */
void disco_retry_later (DiscoRetry *self);
/* It is begun anew by other ways, or not at all. */
void disco_retry_cancel (DiscoRetry *self);

G_END_DECLS
