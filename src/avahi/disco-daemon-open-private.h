/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-daemon-client-private.h"

G_BEGIN_DECLS

/* Opens a connection to the daemon: (transfer full), or NULL with one of Avahi's codes. It takes no
 * longer than @watchdog allows, even where the bus hangs: avahi_client_new() blocks then before its
 * descriptor can be learnt, so it runs on a thread of its own, which is left behind.
 *
 * @callback: called with the new client, on that thread while its pool is NULL */
DiscoDaemonClient *disco_daemon_client_open (DiscoWatchdog *watchdog, AvahiClientCallback callback,
                                             int *code);
void disco_daemon_client_close (DiscoDaemonClient *self);

G_END_DECLS
