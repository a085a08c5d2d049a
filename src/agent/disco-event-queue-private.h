/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <disco/disco-event.h>
#include <gio/gio.h>

G_BEGIN_DECLS

/* What one reader has not yet been told: per id what the reader has and what is true now, nothing
 * else. So folding needs no rules: the event is whatever turns the one into the other, and where
 * they are equal there is none. Memory is bounded by the instances, never by the number of events.
 * No lock of its own: the watcher's or the test's. */
typedef struct _DiscoEventQueue DiscoEventQueue;

G_END_DECLS
