/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-address-private.h"

#include <gio/gio.h>
#include <sys/socket.h>

G_BEGIN_DECLS

/* This host's network interfaces: which of them an agent uses, their names, their addresses. Kept
 * up to date by the kernel's notes (rtnetlink).
 *
 * Threads: lives on the thread that made it. */
typedef struct _DiscoInterfaces DiscoInterfaces;

/* The usable interfaces or their addresses may have changed */
typedef void (*DiscoInterfacesFunc) (gpointer user_data);

/* @allow: (nullable): globs, empty: all; @deny: (nullable): globs */
DiscoInterfaces *disco_interfaces_new (const char *const *allow, const char *const *deny,
                                       GMainContext *context, DiscoInterfacesFunc func,
                                       gpointer user_data);
void disco_interfaces_free (DiscoInterfaces *self);

/* They may have changed: they are read anew, and func is told. */
void disco_interfaces_reread (DiscoInterfaces *self);

/* Reads them, by disco_interfaces_add() */
typedef void (*DiscoInterfacesReader) (DiscoInterfaces *self, gpointer user_data);
/* They are not the kernel's from now on, but those of @reader, as on a simulated network. */
void disco_interfaces_set_reader (DiscoInterfaces *self, DiscoInterfacesReader reader,
                                  gpointer user_data);
/* For a reader: an interface, once for each of its addresses. @flags: IFF_UP and so on; @address:
 * (nullable) */
void disco_interfaces_add (DiscoInterfaces *self, int ifindex, const char *name, guint flags,
                           const struct sockaddr *address);

/* TRUE if not every interface is used: then what is published is published on each one by itself */
gboolean disco_interfaces_is_restricted (DiscoInterfaces *self);
gboolean disco_interfaces_is_used (DiscoInterfaces *self, int ifindex);
/* (transfer full) (element int): the indexes of the interfaces used that are up, in order */
GArray *disco_interfaces_list (DiscoInterfaces *self);
gboolean disco_ifindexes_contain (const GArray *ifindexes, int ifindex);
/* (nullable): NULL if there is no such interface any more */
const char *disco_interfaces_get_name (DiscoInterfaces *self, int ifindex);
/* TRUE if @address is one of the interface's; a loopback address counts on the loopback interface
 * only */
gboolean disco_interfaces_has_address (DiscoInterfaces *self, int ifindex,
                                       const DiscoAddress *address);
/* TRUE if all that is heard comes in by one interface and one protocol; the loopback interface
 * counts only where there is no other. FALSE where that is not known. */
gboolean disco_interfaces_have_one_path (DiscoInterfaces *self);

/* Whether an agent with these globs (each nullable) wants the interface of that name */
gboolean disco_interfaces_is_wanted (char **allow, char **deny, const char *name);

G_END_DECLS
