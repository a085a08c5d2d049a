/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-engine-private.h"

G_BEGIN_DECLS

/* Looks for one service name for as long as its source lives: the responder's events become peers,
 * the peers a snapshot, and the source hands on what changed. */
typedef struct _DiscoBrowser DiscoBrowser;

/* Takes @source, whose data is its DiscoServiceName */
DiscoBrowser *disco_browser_new (DiscoEngine *engine, DiscoSource *source);
void disco_browser_free (DiscoBrowser *self);

/* A link is RUNNING: browses on it. */
void disco_browser_attach (DiscoBrowser *self);
/* The link is gone: the snapshot stands until the next one has shown what is true. */
void disco_browser_detach (DiscoBrowser *self);
/* Asks the network whether all that is shown is still there, but for what this agent announces. */
void disco_browser_verify_all (DiscoBrowser *self);
/* TRUE if it is of a peer that the responder shows where it was heard */
gboolean disco_browser_hear (DiscoBrowser *self, const DiscoHeard *heard);
/* TRUE if @name may be one of the service that the responder does not show there yet */
gboolean disco_browser_awaits (DiscoBrowser *self, const char *name, int ifindex, int protocol);
/* Something else than the records of that name has changed: whether it is ours. */
void disco_browser_refresh (DiscoBrowser *self, const char *label, const char *type,
                            const char *domain);

G_END_DECLS
