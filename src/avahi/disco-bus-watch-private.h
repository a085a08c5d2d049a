/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-watchdog-private.h"

#include <dbus/dbus.h>
#include <gio/gio.h>

G_BEGIN_DECLS

/* Watches, without blocking, whether a name on the system bus is owned, and calls its owner.
 * The connection is a private one, of libdbus, which avahi-client brings along: GDBus takes more
 * than a megabyte and a thread of its own, and twice the time for a call.
 * Everything happens in the thread-default context of disco_bus_watch_new(). */
typedef struct _DiscoBusWatch DiscoBusWatch;

typedef enum
{
  DISCO_BUS_NAME_OWNED,
  DISCO_BUS_NAME_STARTING, /* nobody owns it, and the bus was asked to start the service */
  DISCO_BUS_NAME_FREE,     /* nobody owns it, or the bus could not start the service */
  DISCO_BUS_NAME_ANSWERS,  /* its owner has answered to disco_bus_watch_ping() */
  DISCO_BUS_GONE,          /* there is no bus, or no more; the last call; error tells why,
                            * as a DISCO_ERROR_LIMIT where there is no room for a connection */
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

typedef void (*DiscoBusSignalFunc) (DBusMessage *signal, gpointer user_data);
/* Once any state but GONE has been told: calls @func for each such signal of whoever owns the name.
 * @path: (nullable): NULL for any, of signals that are sent to this connection alone. Once a watch;
 * the texts are static. */
void disco_bus_watch_subscribe (DiscoBusWatch *self, const char *path, const char *interface,
                                const char *member, DiscoBusSignalFunc func, gpointer user_data);

/* A call of a method of whoever owns the name, or of the bus */
typedef struct _DiscoBusCall DiscoBusCall;
/* @reply: of the type METHOD_RETURN or ERROR. The error NO_REPLY: there was none in 25 s, or
 * whoever was called left the bus. */
typedef void (*DiscoBusReplyFunc) (DBusMessage *reply, gpointer user_data);
/* While the name is owned: (transfer full). @func is called once, and never from inside; not after
 * disco_bus_call_free(), which it may call, and not once the watch is stopped or the bus gone.
 * @message: a method call to the name, or to the bus. */
DiscoBusCall *disco_bus_watch_call (DiscoBusWatch *self, DBusMessage *message,
                                    DiscoBusReplyFunc func, gpointer user_data);
/* What it asked for is done all the same. */
void disco_bus_call_free (DiscoBusCall *self);
/* Takes the call and blocks until its reply is there, which is not told then, and meanwhile nothing
 * else is either. (transfer full) (nullable): NULL where the bus has gone. The error of a call that
 * @watchdog has cut is one of the bus, and the bus is about to be gone. */
DBusMessage *disco_bus_call_wait (DiscoBusCall *self, DiscoWatchdog *watchdog);
/* How many calls are under way, those included that nobody waits for any more: the bus allows a
 * connection 128. */
guint disco_bus_watch_get_n_calls (DiscoBusWatch *self);

/* A method call with arguments as dbus_message_append_args() takes them. (transfer full): as GLib,
 * it ends the process where there is no memory */
DBusMessage *disco_bus_message_new (const char *name, const char *path, const char *interface,
                                    const char *method, int first_type, ...);
/* More arguments */
void disco_bus_message_append (DBusMessage *message, int first_type, ...);
/* A TXT record's strings, in the wire's order, as an array of arrays of bytes, without the empty
 * ones, which say nothing (RFC 6763 §6.1), and which Avahi refuses. @rdata: well-formed (RFC 1035
 * §3.3.14) */
void disco_bus_message_append_strings (DBusMessage *message, GBytes *rdata);
/* The text of an error; never NULL */
const char *disco_bus_message_get_text (DBusMessage *error);

/* Nothing is told any more. */
void disco_bus_watch_stop (DiscoBusWatch *self);
/* It may be called from any of the watch's callbacks. */
void disco_bus_watch_free (DiscoBusWatch *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DiscoBusWatch, disco_bus_watch_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DiscoBusCall, disco_bus_call_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DBusMessage, dbus_message_unref)

G_END_DECLS
