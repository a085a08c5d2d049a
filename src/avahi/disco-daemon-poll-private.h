/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-watchdog-private.h"

#include <avahi-common/watch.h>

G_BEGIN_DECLS

/* The main loop of one AvahiClient, on GLib's. Unlike avahi-glib's it can be filled on one thread
 * and used on another; it knows the descriptor of the connection, so that it can be shut down; what
 * it dispatches is guarded by the watchdog; and its timers do not follow a clock that is set. */
typedef struct _DiscoDaemonPoll DiscoDaemonPoll;

/* Nothing is dispatched before disco_daemon_poll_attach(), and until then the poll belongs to one
 * thread, which may be another one. */
DiscoDaemonPoll *disco_daemon_poll_new (DiscoWatchdog *watchdog);
/* After avahi_client_free() */
void disco_daemon_poll_free (DiscoDaemonPoll *self);
const AvahiPoll *disco_daemon_poll_get_api (DiscoDaemonPoll *self);
/* FALSE: the process has no descriptor left, and the connection could not be shut down. */
gboolean disco_daemon_poll_attach (DiscoDaemonPoll *self, GMainContext *context);
/* From any thread: ends what blocks on the connection, for good. A DiscoWatchdogCut */
void disco_daemon_poll_shut_down (gpointer user_data);

G_END_DECLS
