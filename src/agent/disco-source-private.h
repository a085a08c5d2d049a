/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-event-queue-private.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* A source is what an agent knows of one service name: the current snapshot and whether the first
 * full set is known. All Services and Watchers of one agent that look for one name share one
 * source, whatever tags they ask for, so that the network is asked once.
 *
 * A source table belongs to an agent, which is the producer: start() tells it that somebody looks
 * for a name for the first time, stop() that nobody does any more. stop() takes the source and
 * ends, at once or later and in any thread, with disco_source_free(). Both are called without a
 * lock held, from the thread that opens or drops; for one source start() returns before stop() is
 * called. A name opened again after its stop() is a new source.
 *
 * Threads: everything here may be called from any thread. The producer pushes one source's
 * snapshots from one thread at a time. */
typedef struct _DiscoSource DiscoSource;
typedef struct _DiscoSourceTable DiscoSourceTable;

typedef struct
{
  void (*start) (gpointer owner, DiscoSource *source);
  void (*stop) (gpointer owner, DiscoSource *source);
} DiscoSourceFuncs;

/* @owner outlives all sources: Services and Watchers hold the agent */
DiscoSourceTable *disco_source_table_new (const DiscoSourceFuncs *funcs, gpointer owner);
void disco_source_table_free (DiscoSourceTable *self);

/* The source of the canonical service name @name, started if it is new. @type is what
 * DiscoService:type shows. @make_data makes what the producer keeps with it, read by
 * disco_source_get_data(): @data is handed over where the source is new, else freed.
 * (transfer full): a use; stop() comes when the last one is dropped */
DiscoSource *disco_source_table_open (DiscoSourceTable *self, const char *name, const char *type,
                                      gpointer data, GDestroyNotify free_data);

/* (transfer full) (element DiscoInstance): what all sources have now; an instance that two of them
 * look for is there twice */
GPtrArray *disco_source_table_dup_instances (DiscoSourceTable *self);

DiscoSource *disco_source_ref (DiscoSource *self);
void disco_source_unref (DiscoSource *self);

const char *disco_source_get_name (DiscoSource *self);
const char *disco_source_get_service_type (DiscoSource *self);

/* --- for the producer --- */

gpointer disco_source_get_data (DiscoSource *self);
/* Makes @instances (element DiscoInstance, ids unique, never changed afterwards) what is true now
 * and hands what changed to all queues. @synced: the first full set is known; once TRUE it stays
 * TRUE. */
void disco_source_set_snapshot (DiscoSource *self, GPtrArray *instances, gboolean synced);
/* The calls that wait for the first full set fail with @error, and so do those that begin to wait
 * from now on, until the next disco_source_set_snapshot(), or until this is called with NULL.
 * Sources and watchers live on. */
void disco_source_fail_waiting (DiscoSource *self, const GError *error);
void disco_source_free (DiscoSource *self);

/* --- for the consumers --- */

gboolean disco_source_get_synced (DiscoSource *self);
/* (transfer full) (element DiscoInstance): those that have all of @tags */
GPtrArray *disco_source_get_instances (DiscoSource *self, const char *const *tags);
/* The queue gets the current snapshot at once, as ADDs, and every later change until it is removed.
 */
void disco_source_add_queue (DiscoSource *self, DiscoEventQueue *queue);
void disco_source_remove_queue (DiscoSource *self, DiscoEventQueue *queue);

/* Calls @func once, from whatever thread it happens in (at once if it has): when the source is
 * synced, or with an error when the agent gives up for now. Returns 0 if it has been called
 * already, else a number for disco_source_remove_waiter(), after which it is not called any more.
 * No lock is held. */
typedef void (*DiscoSourceWaiter) (DiscoSource *source, const GError *error, gpointer user_data);
guint disco_source_add_waiter (DiscoSource *self, DiscoSourceWaiter func, gpointer user_data);
/* The same, but it waits until the source is synced, however often the agent gives up meanwhile. */
guint disco_source_add_patient_waiter (DiscoSource *self, DiscoSourceWaiter func,
                                       gpointer user_data);
/* TRUE if the waiter was still there; FALSE: it has been or is being called */
gboolean disco_source_remove_waiter (DiscoSource *self, guint id);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DiscoSource, disco_source_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DiscoSourceTable, disco_source_table_free)

G_END_DECLS
