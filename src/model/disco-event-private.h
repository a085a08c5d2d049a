/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <disco/disco-event.h>

G_BEGIN_DECLS

/* What turns @previous into @instance, either of which may be NULL: ADD, REMOVE (of @previous) or
 * UPDATE. NULL if there is nothing to tell, because both are NULL or equal. */
DiscoEvent *disco_event_new_change (DiscoInstance *previous, DiscoInstance *instance);

G_END_DECLS
