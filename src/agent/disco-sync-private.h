/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A blocking call made of its asynchronous form: the call runs on a main context of its own, so
 * that nothing else of the caller's is dispatched while it waits.
 *
 *   g_auto (DiscoSync) sync = { NULL };
 *
 *   if (!disco_sync_begin (&sync, error))
 *     return FALSE;
 *   disco_agent_leave_async (self, cancellable, disco_sync_callback, &sync);
 *   return disco_agent_leave_finish (self, disco_sync_wait (&sync), error);
 *
 * _finish runs in the caller's own thread-default context again, so that the objects which it makes
 * belong there. */
typedef struct
{
  GMainContext *context; /* (owned) (nullable) */
  GAsyncResult *result;  /* (owned) (nullable) */
} DiscoSync;

/* FALSE with DISCO_ERROR_LIMIT where the process has no file descriptor left for it */
gboolean disco_sync_begin (DiscoSync *self, GError **error);
void disco_sync_callback (GObject *source, GAsyncResult *result, gpointer user_data);
/* (transfer none): the result, valid until @self is cleared */
GAsyncResult *disco_sync_wait (DiscoSync *self);
void disco_sync_clear (DiscoSync *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DiscoSync, disco_sync_clear)

G_END_DECLS
