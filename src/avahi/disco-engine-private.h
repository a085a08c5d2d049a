/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-counts-private.h"
#include "disco-interfaces-private.h"
#include "disco-link-private.h"
#include "disco-source-private.h"

#include <disco/disco-avahi-agent.h>

G_BEGIN_DECLS

/* What an Avahi agent does on its worker thread: it keeps a link to the responder, makes a new one
 * when it fails, and puts the desired state on it: what the publisher announces and what the
 * browsers look for.
 *
 * Threads: everything here belongs to the worker thread. */
typedef struct _DiscoEngine DiscoEngine;
typedef struct _DiscoHosts DiscoHosts;
typedef struct _DiscoResolver DiscoResolver;
typedef struct _DiscoLive DiscoLive;
typedef struct _DiscoPublisher DiscoPublisher;
typedef struct _DiscoCatalog DiscoCatalog;
typedef struct _DiscoVerifier DiscoVerifier;
typedef struct _DiscoListener DiscoListener;

/* Makes a link in the worker's context; @first: the agent's first one. NULL with an error where
 * there can be none: then the agent is UNAVAILABLE at once, and asks again later. NULL without one:
 * not yet; disco_engine_connect() is called when there can be one. */
typedef DiscoLink *(*DiscoEngineMakeLink) (GMainContext *context, gboolean first,
                                           gpointer user_data, GError **error);
typedef void (*DiscoEngineStateFunc) (DiscoState state, gpointer user_data);
typedef void (*DiscoEngineRenamedFunc) (const char *id, const char *label, gpointer user_data);

typedef struct
{
  DiscoEngineMakeLink make_link;
  DiscoEngineStateFunc state_changed;
  DiscoEngineRenamedFunc renamed;
} DiscoEngineFuncs;

/* @counts: referenced */
DiscoEngine *disco_engine_new (GMainContext *context, const char *const *allow,
                               const char *const *deny, DiscoCounts *counts,
                               const DiscoEngineFuncs *funcs, gpointer user_data);
/* All calls in flight end with G_IO_ERROR_CANCELLED; the link is closed. */
void disco_engine_free (DiscoEngine *self);
/* How many instances there may be of a service whose source is started from now on */
void disco_engine_set_max_instances (DiscoEngine *self, guint max_instances);
/* Tries to get a link now, if there is none. */
void disco_engine_connect (DiscoEngine *self);

/* This machine has slept: what is watched is looked for anew, and what is known is asked for. */
void disco_engine_look_anew (DiscoEngine *self);

/* --- for the agent --- */

DiscoPublisher *disco_engine_get_publisher (DiscoEngine *self);
void disco_engine_start_source (DiscoEngine *self, DiscoSource *source);
/* Takes the source */
void disco_engine_stop_source (DiscoEngine *self, DiscoSource *source);
/* Finds what services there are, opening their sources in @table; @task, which is taken, returns a
 * DiscoCatalogFound. */
void disco_engine_enumerate (DiscoEngine *self, DiscoSourceTable *table, GTask *task);
/* Fails at once while UNAVAILABLE: sets @error and returns FALSE */
gboolean disco_engine_check_available (DiscoEngine *self, GError **error);
/* The same while the host has had no name for as long */
gboolean disco_engine_check_can_publish (DiscoEngine *self, GError **error);

/* --- for the engine's parts --- */

GMainContext *disco_engine_get_context (DiscoEngine *self);
/* NULL unless it is RUNNING or RENAMING: there is a responder */
DiscoLink *disco_engine_get_link (DiscoEngine *self);
/* The link is RUNNING: the host has a name */
gboolean disco_engine_is_publishing (DiscoEngine *self);
DiscoInterfaces *disco_engine_get_interfaces (DiscoEngine *self);
DiscoHosts *disco_engine_get_hosts (DiscoEngine *self);
DiscoResolver *disco_engine_get_resolver (DiscoEngine *self);
DiscoLive *disco_engine_get_live (DiscoEngine *self);
DiscoVerifier *disco_engine_get_verifier (DiscoEngine *self);
DiscoListener *disco_engine_get_listener (DiscoEngine *self);
/* The catalog is done and frees itself */
void disco_engine_forget_catalog (DiscoEngine *self, DiscoCatalog *catalog);
void disco_engine_count (DiscoEngine *self, DiscoCount count, guint n);
/* Counts something that is over a bound, DISCO_COUNT_REFUSED_…, and says so now and then. */
void disco_engine_refuse (DiscoEngine *self, DiscoCount count, const char *what);
guint disco_engine_get_max_instances (DiscoEngine *self);
/* A name of ours was established or withdrawn: whoever browses it looks again. */
void disco_engine_refresh (DiscoEngine *self, const char *label, const char *type,
                           const char *domain);
/* Past the responder; TRUE if it is of a name that the responder shows where it was heard. */
gboolean disco_engine_hear (DiscoEngine *self, const DiscoHeard *heard);
/* TRUE if a browser looks for @name, and the responder does not show it there yet */
gboolean disco_engine_awaits (DiscoEngine *self, const char *name, int ifindex, int protocol);
void disco_engine_tell_renamed (DiscoEngine *self, const char *id, const char *label);

/* A source of the engine's context that calls @func when its ready time is set and has come; not
 * attached for ever: destroy it with disco_timer_free(). */
GSource *disco_timer_new (GMainContext *context, GSourceFunc func, gpointer user_data);
/* (transfer full): one that leaves precedence to all else that is ready: when it comes, what had
 * arrived by its time has been taken in. Where that never ends, it never comes. */
GSource *disco_timer_new_after_all (GMainContext *context, GSourceFunc func, gpointer user_data);
/* Makes it due at @at_us (monotonic), if it is not due earlier already */
void disco_timer_advance (GSource *timer, gint64 at_us);
void disco_timer_free (GSource *timer);

G_END_DECLS
