/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <disco/disco-instance.h>

G_BEGIN_DECLS

/* The instances of one service by DNS-SD name, with unique ids: where several names claim one id,
 * the smallest name (strcmp) keeps it and the others go by their full names (docs/mapping.md,
 * "id"). A full name that another name's disco.id has taken is not taken over: that disco.id loses.
 */
typedef struct _DiscoSnapshot DiscoSnapshot;

DiscoSnapshot *disco_snapshot_new (void);
void disco_snapshot_free (DiscoSnapshot *self);
/* @full_name: presentation form; @instance bears the id that it claims. Replaces; O(1). */
void disco_snapshot_put (DiscoSnapshot *self, const char *full_name, DiscoInstance *instance);
gboolean disco_snapshot_remove (DiscoSnapshot *self, const char *full_name);
/* (transfer none) (nullable): the instance as it was put */
DiscoInstance *disco_snapshot_get (DiscoSnapshot *self, const char *full_name);
guint disco_snapshot_get_size (DiscoSnapshot *self);
/* (transfer full) (element DiscoInstance): a new array, in an order that stays the same as long as
 * the names do; the same objects for names that did not change; O(n) pointer copies */
GPtrArray *disco_snapshot_list (DiscoSnapshot *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DiscoSnapshot, disco_snapshot_free)

G_END_DECLS
