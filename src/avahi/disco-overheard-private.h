/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-ear-private.h"

G_BEGIN_DECLS

/* What was heard of names that the responder has not shown yet: a packet with a name has its
 * records, too, mostly (RFC 6763 §12.1), and comes here before the responder has told the name. So
 * its records need not be asked for. It is kept for some seconds.
 *
 * Threads: lives on the thread that iterates its context. */
typedef struct _DiscoOverheard DiscoOverheard;

DiscoOverheard *disco_overheard_new (GMainContext *context);
void disco_overheard_free (DiscoOverheard *self);
void disco_overheard_clear (DiscoOverheard *self);

/* In the place of an older one; a goodbye takes that away. */
void disco_overheard_put (DiscoOverheard *self, const DiscoHeard *heard);
/* Hands what is kept of @name there to @func; FALSE if that is nothing. */
gboolean disco_overheard_recall (DiscoOverheard *self, const char *name, int ifindex, int protocol,
                                 DiscoHeardFunc func, gpointer user_data);
void disco_overheard_forget (DiscoOverheard *self, const char *name, int ifindex, int protocol);

G_END_DECLS
