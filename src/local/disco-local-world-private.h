/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-record-set-private.h"
#include "disco-source-private.h"

G_BEGIN_DECLS

/* A network in memory: what is offered, who looks for it, and the names in it. Everything that is
 * offered is turned into records and back by the mapping, so that names, types, tags and limits are
 * those of the wire. Threads: any. */
typedef struct _DiscoLocalWorld DiscoLocalWorld;

DiscoLocalWorld *disco_local_world_new (void);
/* No source of it may be in use. */
void disco_local_world_free (DiscoLocalWorld *self);

/* @records: (transfer full). @label: (out): under which label it was added. EXISTS. */
gboolean disco_local_world_add (DiscoLocalWorld *self, DiscoRecordSet *records, char **label,
                                GError **error);
/* @records: (transfer full): takes the place of the one with the same id, label and host of which
 * stay. NOT_FOUND, or INVALID_ARGUMENT where it changes what it must not. */
gboolean disco_local_world_replace (DiscoLocalWorld *self, DiscoRecordSet *records, GError **error);
/* An unknown id is nothing to remove. */
void disco_local_world_remove (DiscoLocalWorld *self, const char *id);
void disco_local_world_remove_all (DiscoLocalWorld *self);

/* Whether something is offered under that label and service type */
gboolean disco_local_world_has (DiscoLocalWorld *self, const char *label, const char *type);

/* (transfer full): a use of the source of that name; always synced */
DiscoSource *disco_local_world_open (DiscoLocalWorld *self, DiscoServiceName *service);
/* (transfer full) name → (owned) DiscoServiceName of what is offered with all of @tags */
GHashTable *disco_local_world_dup_services (DiscoLocalWorld *self, const char *const *tags);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DiscoLocalWorld, disco_local_world_free)

G_END_DECLS
