/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <disco/disco-macros.h>
#include <gio/gio.h>

G_BEGIN_DECLS

#define DISCO_TYPE_WATCHER (disco_watcher_get_type ())

DISCO_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (DiscoWatcher, disco_watcher, DISCO, WATCHER, GObject)

DISCO_AVAILABLE_IN_1_0
GPtrArray *disco_watcher_next (DiscoWatcher *self, GCancellable *cancellable, GError **error);
DISCO_AVAILABLE_IN_1_0
void disco_watcher_next_async (DiscoWatcher *self, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer user_data);
DISCO_AVAILABLE_IN_1_0
GPtrArray *disco_watcher_next_finish (DiscoWatcher *self, GAsyncResult *result, GError **error);
DISCO_AVAILABLE_IN_1_0
void disco_watcher_close (DiscoWatcher *self);

G_END_DECLS
