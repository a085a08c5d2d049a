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

/* A call of a method of whoever owns the name */
typedef struct _DiscoBusCall DiscoBusCall;
/* @reply: (nullable): NULL where there is an error, which is as it came: a remote one has its name
 * (g_dbus_error_get_remote_error()). */
typedef void (*DiscoBusReplyFunc) (GVariant *reply, const GError *error, gpointer user_data);
/* While the name is owned: (transfer full). @func is called once, and never from inside; not after
 * disco_bus_call_free(), which it may call, and not once the watch is stopped. @parameters: a
 * floating one is taken. */
DiscoBusCall *disco_bus_watch_call (DiscoBusWatch *self, const char *interface, const char *method,
                                    GVariant *parameters, const GVariantType *reply_type,
                                    DiscoBusReplyFunc func, gpointer user_data);
/* What it asked for is done all the same. */
void disco_bus_call_free (DiscoBusCall *self);
/* How many calls are under way, those included that nobody waits for any more: the bus allows a
 * connection 128. */
guint disco_bus_watch_get_n_calls (DiscoBusWatch *self);

/* Nothing is told any more. */
void disco_bus_watch_stop (DiscoBusWatch *self);
/* Iterates the context until the calls that were under way have ended, which is soon, as they are
 * cancelled: to be called where nothing else is in it, or nothing that minds. */
void disco_bus_watch_free (DiscoBusWatch *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DiscoBusWatch, disco_bus_watch_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DiscoBusCall, disco_bus_call_free)

G_END_DECLS
