/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-link-private.h"
#include "disco-watchdog-private.h"

G_BEGIN_DECLS

/* The link to the system's avahi-daemon, over D-Bus: by avahi-client to browse, which blocks for
 * the reply to each call, and by calls of its own to resolve and publish. Its objects are spread
 * over several connections, so that the daemon's objects-per-client-max is no limit of ours. */
#define DISCO_TYPE_DAEMON_LINK (disco_daemon_link_get_type ())
G_DECLARE_FINAL_TYPE (DiscoDaemonLink, disco_daemon_link, DISCO, DAEMON_LINK, DiscoLink)

/* @context: the thread-default context of the calling thread; it is iterated there. @watchdog:
 * outlives the link. @activate: ask the bus once to start the daemon. */
DiscoLink *disco_daemon_link_new (GMainContext *context, DiscoWatchdog *watchdog,
                                  gboolean activate);

G_END_DECLS
