/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-engine-private.h"
#include "disco-record-set-private.h"

G_BEGIN_DECLS

/* The entry groups that together publish one part of a registration: the service itself (one group
 * an interface), or its subtypes (as many groups an interface as the daemon's bound on entries
 * needs; none is right too). Told as one: ESTABLISHED when all have come to be, again so after each
 * extension; any trouble of any. */
typedef struct _DiscoGroupSet DiscoGroupSet;

/* @ifindexes: (element int). @func is never called from inside these; @records is not kept. */
DiscoGroupSet *disco_group_set_new_service (DiscoEngine *engine, const DiscoRecordSet *records,
                                            const char *label, const GArray *ifindexes,
                                            DiscoGroupFunc func, gpointer user_data);
/* (nullable): NULL if there are none */
DiscoGroupSet *disco_group_set_new_subtypes (DiscoEngine *engine, const DiscoRecordSet *records,
                                             const char *label, const GArray *ifindexes,
                                             DiscoGroupFunc func, gpointer user_data);
void disco_group_set_free (DiscoGroupSet *self);
/* What comes from now on goes to @func */
void disco_group_set_redirect (DiscoGroupSet *self, DiscoGroupFunc func, gpointer user_data);
gboolean disco_group_set_is_established (DiscoGroupSet *self);

/* Withdraws what is on any other interface; that what is left is established is not told, but seen.
 */
void disco_group_set_keep (DiscoGroupSet *self, const GArray *ifindexes);
/* Publishes on those interfaces where it does not yet. */
void disco_group_set_extend (DiscoGroupSet *self, const DiscoRecordSet *records, const char *label,
                             const GArray *ifindexes);

/* Of the service's set: shows the TXT, or the port, of @records from now on, on each interface */
gboolean disco_group_set_update_txt (DiscoGroupSet *self, const DiscoRecordSet *records,
                                     const char *label, GError **error);
gboolean disco_group_set_update_srv (DiscoGroupSet *self, const DiscoRecordSet *records,
                                     const char *label, GError **error);

G_END_DECLS
