/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <disco/disco-event.h>
#include <gio/gio.h>

G_BEGIN_DECLS

/* What one reader has not yet been told: per id what the reader has and what is true now, nothing
 * else. So folding needs no rules: the event is whatever turns the one into the other, and where
 * they are equal there is none. Memory is bounded by the instances, never by the number of events.
 *
 * Threads: any. The source pushes, the watcher takes. A queue's lock is taken inside its source's
 * and nothing is called with it held but GMainContext. */
typedef struct _DiscoEventQueue DiscoEventQueue;

/* @tags: (nullable): the reader sees only what has them all; an instance that comes to have them is
 * added, one that loses one is removed. @immediate: the first batch too is what there is, instead
 * of the first full set. */
DiscoEventQueue *disco_event_queue_new (const char *const *tags, gboolean immediate);
void disco_event_queue_free (DiscoEventQueue *self);
/* Before a source has the queue: with @immediate too there is something to take, maybe an empty
 * array, when the first full set is known. */
void disco_event_queue_tell_synced (DiscoEventQueue *self);

/* --- for the source --- */

/* @events: (element DiscoEvent), each of another id. @synced: the first full set is known once
 * these are in. What the queue lets go of is moved to @garbage (element GObject), for the caller to
 * free without locks. */
void disco_event_queue_push (DiscoEventQueue *self, GPtrArray *events, gboolean synced,
                             GPtrArray *garbage);
/* The whole truth, for a reader that has nothing yet: @instances as ADDs */
void disco_event_queue_push_all (DiscoEventQueue *self, GPtrArray *instances, gboolean synced);

/* --- for the watcher --- */

/* (transfer full) (nullable) (element DiscoEvent): all that is pending, in the order of the first
 * change, and nothing is pending then. NULL if there is nothing to deliver; an empty array only as
 * the first full set. */
GPtrArray *disco_event_queue_take (DiscoEventQueue *self);
/* Whether the first full set is in what has been taken */
gboolean disco_event_queue_is_complete (DiscoEventQueue *self);
/* Attaches @wakeup, and from now on sets its ready time to 0 when there is something to take or the
 * queue is closed; at once, if that is so already. FALSE if another one waits: a queue has one
 * reader. */
gboolean disco_event_queue_begin_wait (DiscoEventQueue *self, GSource *wakeup,
                                       GMainContext *context);
/* Nothing happens if another source than @wakeup waits. */
void disco_event_queue_end_wait (DiscoEventQueue *self, GSource *wakeup);
/* Nothing is delivered any more, and what is pending is forgotten. */
void disco_event_queue_close (DiscoEventQueue *self);
gboolean disco_event_queue_is_closed (DiscoEventQueue *self);
/* How many ids have something pending, for tests of the bounds */
guint disco_event_queue_get_size (DiscoEventQueue *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DiscoEventQueue, disco_event_queue_free)

G_END_DECLS
