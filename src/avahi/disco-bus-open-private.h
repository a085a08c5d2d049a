/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <dbus/dbus.h>
#include <gio/gio.h>

G_BEGIN_DECLS

/* Opens a private connection to the system bus, in a thread: connect() blocks on a bus that hangs
 * and has others waiting. It says nothing to the bus yet, and never ends the process. */
typedef struct _DiscoBusOpening DiscoBusOpening;

/* @connection: (transfer full) (nullable): to be closed with disco_bus_close(); NULL with an error,
 * a DISCO_ERROR where it is a limit of this process */
typedef void (*DiscoBusOpenFunc) (DBusConnection *connection, const GError *error,
                                  gpointer user_data);

/* (transfer full): @func is called once, from @context and never from inside. */
DiscoBusOpening *disco_bus_open (GMainContext *context, DiscoBusOpenFunc func, gpointer user_data);
/* Nothing is told any more. A thread that still waits is left behind. It may be called from the
 * function. */
void disco_bus_opening_free (DiscoBusOpening *self);

void disco_bus_close (DBusConnection *connection);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DiscoBusOpening, disco_bus_opening_free)

G_END_DECLS
