/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Watches, without ever blocking, whether a name on the system bus is owned. The connection is a
 * private one with exit-on-close off: GIO's shared one ends the process when the bus dies.
 * Everything happens in the thread-default context of disco_bus_watch_new(). */
typedef struct _DiscoBusWatch DiscoBusWatch;

typedef enum
{
  DISCO_BUS_NAME_OWNED,
  DISCO_BUS_NAME_STARTING, /* nobody owns it, and the bus was asked to start the service */
  DISCO_BUS_NAME_FREE,     /* nobody owns it, or the bus could not start the service */
  DISCO_BUS_NAME_ANSWERS,  /* its owner has answered to disco_bus_watch_ping() */
  DISCO_BUS_GONE,          /* there is no bus, or no more; the last call; error tells why */
} DiscoBusState;

/* Never called from inside disco_bus_watch_new(). */
typedef void (*DiscoBusWatchFunc) (DiscoBusState state, const GError *error, gpointer user_data);

#define DISCO_AVAHI_BUS_NAME "org.freedesktop.Avahi"

/* @activate: ask the bus once to start the service if nobody owns the name */
DiscoBusWatch *disco_bus_watch_new (const char *name, gboolean activate, DiscoBusWatchFunc func,
                                    gpointer user_data);
/* While the name is owned: asks its owner for a sign of life, and waits for it as long as it takes,
 * or until the owner has gone. */
void disco_bus_watch_ping (DiscoBusWatch *self);
typedef void (*DiscoBusSignalFunc) (GVariant *parameters, gpointer user_data);
/* Once any state but GONE has been told: calls @func, with the watch's user data, for each such
 * signal of whoever owns the name. Once a watch. */
void disco_bus_watch_subscribe (DiscoBusWatch *self, const char *path, const char *interface,
                                const char *signal, DiscoBusSignalFunc func);
/* Nothing is told any more. */
void disco_bus_watch_stop (DiscoBusWatch *self);
/* Iterates the context until the calls that were under way have ended, which is soon, as they are
 * cancelled: to be called where nothing else is in it, or nothing that minds. */
void disco_bus_watch_free (DiscoBusWatch *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DiscoBusWatch, disco_bus_watch_free)

G_END_DECLS
