/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <avahi-core/core.h>
#include <glib.h>

G_BEGIN_DECLS

/* Another responder on this very host, such as an avahi-daemon that was given another host name.
 * Each of both claims the addresses' reverse names for its own host name, so that neither gets far,
 * under whatever name: unless it is the same one. So that name is asked for. */
typedef struct _DiscoNeighbour DiscoNeighbour;

/* @name: (nullable): the neighbour's host name, a label, escaped; NULL: nobody has answered for a
 * while. Told once, from the context; @self may be freed in it. */
typedef void (*DiscoNeighbourFunc) (const char *name, gpointer user_data);

DiscoNeighbour *disco_neighbour_ask (AvahiServer *avahi, const char *const *interfaces,
                                     GMainContext *context, DiscoNeighbourFunc func,
                                     gpointer user_data);
void disco_neighbour_free (DiscoNeighbour *self);

G_END_DECLS
