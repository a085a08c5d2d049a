/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-engine-private.h"

G_BEGIN_DECLS

/* The addresses of hosts, looked up live (A and AAAA) once a host name, however many instances live
 * there. */
typedef struct _DiscoHost DiscoHost;

typedef struct
{
  int ifindex; /* where it was seen */
  int protocol;
  DiscoAddress address;
  gboolean suspect; /* the look-up that showed it has failed */
} DiscoHostAddress;

/* The host's addresses have changed */
typedef void (*DiscoHostFunc) (DiscoHost *host, gpointer user_data);

DiscoHosts *disco_hosts_new (DiscoEngine *engine);
void disco_hosts_free (DiscoHosts *self);
void disco_hosts_attach (DiscoHosts *self);
/* The link is gone: forgets all addresses, without telling */
void disco_hosts_detach (DiscoHosts *self);

/* Becomes a user of the host; @user_data names the user and is used once a host. */
DiscoHost *disco_hosts_use (DiscoHosts *self, const char *hostname, DiscoHostFunc func,
                            gpointer user_data);
void disco_host_unuse (DiscoHost *self, gpointer user_data);
const char *disco_host_get_name (DiscoHost *self);
/* (element DiscoHostAddress) */
const GArray *disco_host_get_addresses (DiscoHost *self);
/* FALSE where mDNS has no addresses for it: the name lies outside the browsed domain */
gboolean disco_host_is_in_domain (DiscoHost *self);
/* When (monotonic µs) the second family or interface has had its time to come, too */
gint64 disco_host_get_quiet_at (DiscoHost *self);

G_END_DECLS
