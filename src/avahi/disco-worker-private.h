/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A thread that iterates a main context of its own, which is its thread-default one. What Avahi
 * blocks on blocks this thread and no caller. */
typedef struct _DiscoWorker DiscoWorker;

typedef void (*DiscoWorkerFunc) (gpointer data);

/* NULL with DISCO_ERROR_LIMIT where there can be no thread, or no context */
DiscoWorker *disco_worker_new (const char *name, GError **error);
GMainContext *disco_worker_get_context (DiscoWorker *self);
/* Calls @func on the thread, never from inside this call; calls come in the order in which they
 * were made. May be called from any thread. */
void disco_worker_invoke (DiscoWorker *self, DiscoWorkerFunc func, gpointer data);
/* Calls @last on the thread after all that was invoked before, then ends the thread and waits for
 * it; called on the thread itself it does not wait. The worker is gone afterwards. */
void disco_worker_stop (DiscoWorker *self, DiscoWorkerFunc last, gpointer data);

G_END_DECLS
