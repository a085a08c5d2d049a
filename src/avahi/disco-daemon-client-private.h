/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-daemon-poll-private.h"

#include <avahi-client/client.h>

G_BEGIN_DECLS

/* The client connections of one daemon link. Avahi allows 1,024 objects a connection unless the
 * daemon's objects-per-client-max says otherwise, and looks them up in a list: so another
 * connection is opened well before. */
typedef struct _DiscoDaemonPool DiscoDaemonPool;

typedef struct
{
  AvahiClient *client;   /* (owned) (nullable): NULL once the pool is closed */
  DiscoDaemonPoll *poll; /* (owned) (nullable): the same */
  guint n_objects;
  gboolean full;         /* the daemon has refused one more object */
  DiscoDaemonPool *pool; /* NULL while it is being opened */
} DiscoDaemonClient;

/* The state of the connections has changed; called from the main context. */
typedef void (*DiscoDaemonPoolFunc) (gpointer user_data);

/* @watchdog: outlives the pool, and has been started */
DiscoDaemonPool *disco_daemon_pool_new (GMainContext *context, DiscoWatchdog *watchdog,
                                        DiscoDaemonPoolFunc func, gpointer user_data);
/* Drops all connections, and with them all objects at the daemon. Not from inside a callback of
 * avahi-client. The DiscoDaemonClients stay until disco_daemon_pool_free(). */
void disco_daemon_pool_close (DiscoDaemonPool *self);
void disco_daemon_pool_free (DiscoDaemonPool *self);

/* Opens the first connection; FALSE with one of Avahi's codes */
gboolean disco_daemon_pool_open (DiscoDaemonPool *self, int *code);
/* The state of the whole: the first connection's, but AVAHI_CLIENT_FAILURE if any has failed */
AvahiClientState disco_daemon_pool_get_state (DiscoDaemonPool *self, int *code);
/* TRUE once a call was cut, which the state tells too: the daemon does not answer. */
gboolean disco_daemon_pool_is_lost (DiscoDaemonPool *self);
/* The host's name with its domain; NULL where the daemon does not tell it */
const char *disco_daemon_pool_get_host_name (DiscoDaemonPool *self);

/* A connection with room for one more object, opened if need be; NULL with one of Avahi's codes */
DiscoDaemonClient *disco_daemon_pool_acquire (DiscoDaemonPool *self, int *code);
void disco_daemon_pool_release (DiscoDaemonClient *client);

/* Around each call of avahi-client that asks the daemon: it ends when the watchdog says so, and the
 * connection with it. */
void disco_daemon_client_enter (DiscoDaemonClient *self, DiscoWatchdogGuard *guard);
void disco_daemon_client_leave (DiscoDaemonClient *self, DiscoWatchdogGuard *guard);

G_END_DECLS
