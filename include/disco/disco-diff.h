/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <disco/disco-macros.h>
#include <gio/gio.h>

G_BEGIN_DECLS

#define DISCO_TYPE_DIFF (disco_diff_get_type ())

typedef struct _DiscoDiff DiscoDiff;

DISCO_AVAILABLE_IN_1_0
GType disco_diff_get_type (void);

DISCO_AVAILABLE_IN_1_0
DiscoDiff *disco_diff_new (void);
DISCO_AVAILABLE_IN_1_0
DiscoDiff *disco_diff_copy (DiscoDiff *self);
DISCO_AVAILABLE_IN_1_0
void disco_diff_free (DiscoDiff *self);
DISCO_AVAILABLE_IN_1_0
GPtrArray *disco_diff_apply (DiscoDiff *self, GPtrArray *instances);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DiscoDiff, disco_diff_free)

G_END_DECLS
