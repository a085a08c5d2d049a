/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <disco/disco-instance.h>

#include "fuzz.h"

G_BEGIN_DECLS

/* Instances drawn from a few, so that an input has the same one, equal ones and different ones
 * under one id. */

/* @n_ids: at most 256; the id is a number as text. (transfer full) */
DiscoInstance *fuzz_take_instance (FuzzInput *input, guint n_ids);

/* What changed between two snapshots, told by looking for every instance in the whole of the other
 * one: additions and updates in the order of @after, then removals in the order of @before. */
void fuzz_assert_changes (GPtrArray *events, GPtrArray *before, GPtrArray *after);
/* Adds @instance unless there is one of that id. */
void fuzz_add_first (GPtrArray *instances, DiscoInstance *instance);
/* (nullable) */
DiscoInstance *fuzz_find_id (GPtrArray *instances, const char *id);

G_END_DECLS
