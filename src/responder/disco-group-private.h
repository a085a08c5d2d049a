/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-object-private.h"

G_BEGIN_DECLS

/* Publishes all entries as one group. NULL if the message breaks the rules. */
DiscoObject *disco_group_publish (DiscoSession *session, guint32 number, GVariant *body);
/* Replaces a record in place; where that fails the group tells its FAILURE. FALSE if the message
 * breaks the rules. */
gboolean disco_group_update_txt (DiscoObject *self, GVariant *body);
gboolean disco_group_update_srv (DiscoObject *self, GVariant *body);

G_END_DECLS
