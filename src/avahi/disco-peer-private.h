/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-engine-private.h"
#include "disco-name-private.h"

#include <disco/disco-instance.h>

G_BEGIN_DECLS

/* One DNS-SD instance name of one browsed service, and what the network says of it: on which
 * interfaces its PTR is seen, its SRV and TXT records, its host's addresses. */
typedef struct _DiscoPeer DiscoPeer;

/* Something has changed: build it again, at @due_us (monotonic) or soon after */
typedef void (*DiscoPeerFunc) (DiscoPeer *peer, gint64 due_us, gpointer user_data);

typedef enum
{
  DISCO_PEER_WAIT, /* not known well enough to be shown, or to look different from now */
  DISCO_PEER_SHOW,
  DISCO_PEER_HIDE, /* its records have gone and stay away */
} DiscoPeerVerdict;

DiscoPeer *disco_peer_new (DiscoEngine *engine, DiscoServiceName *service, const char *label,
                           const char *type, const char *domain, DiscoPeerFunc func,
                           gpointer user_data);
void disco_peer_free (DiscoPeer *self);
const char *disco_peer_get_full_name (DiscoPeer *self);
/* In lower case; there is one when it has been built to be shown. */
const char *disco_peer_get_host_name (DiscoPeer *self);

/* The PTR came or went. */
void disco_peer_add_sighting (DiscoPeer *self, int ifindex, int protocol, gboolean local);
void disco_peer_remove_sighting (DiscoPeer *self, int ifindex, int protocol);
gboolean disco_peer_is_sighted (DiscoPeer *self);
gboolean disco_peer_is_sighted_at (DiscoPeer *self, int ifindex, int protocol);
/* A record of it was heard past the responder. TRUE if it has been sighted there. */
gboolean disco_peer_hear (DiscoPeer *self, const DiscoHeard *heard);

/* The link is gone: forgets what it showed. What was shown stands until it can be shown anew. */
void disco_peer_detach (DiscoPeer *self);
/* TRUE after detach until the new link has shown as much as there was, or @peer was given up on */
gboolean disco_peer_is_stale (DiscoPeer *self);
void disco_peer_end_stale (DiscoPeer *self);
/* Asks directly whether it is still there; DiscoPeerFunc is called when that is known. */
void disco_peer_ask_again (DiscoPeer *self);
/* TRUE if the last question had no answer */
gboolean disco_peer_is_unanswered (DiscoPeer *self);

/* What it looks like at @now. SHOW: @instance is set (transfer full). @again_at: when to build
 * again whatever happens, or -1. */
DiscoPeerVerdict disco_peer_build (DiscoPeer *self, gint64 now, DiscoInstance **instance,
                                   gint64 *again_at);
/* FALSE while it may yet become part of the first full set; @until: when that ends */
gboolean disco_peer_is_settled (DiscoPeer *self, gint64 now, gint64 *until);

G_END_DECLS
