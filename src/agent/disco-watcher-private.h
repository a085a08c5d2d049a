/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <disco/disco-service.h>

G_BEGIN_DECLS

DiscoWatcher *disco_watcher_new (DiscoService *service, DiscoWatchFlags flags);
/* For a reader that shows what there is at once, and wants to know when that is all: a watcher with
 * DISCO_WATCH_IMMEDIATE whose next() returns, maybe with an empty array, also when the first full
 * set is known. */
DiscoWatcher *disco_watcher_new_for_display (DiscoService *service);
/* (transfer full) (nullable): what next() would return without waiting, or NULL */
GPtrArray *disco_watcher_take (DiscoWatcher *self);
/* Whether the first full set is in what has been returned */
gboolean disco_watcher_is_complete (DiscoWatcher *self);

G_END_DECLS
