/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <dbus/dbus.h>
#include <gio/gio.h>

G_BEGIN_DECLS

/* Opens a private connection to the system bus, in a thread: connect() blocks on a bus that hangs
 * and has others waiting. It says nothing to the bus yet, and never ends the process.
 * @cancellable: ends it at once, and leaves the thread behind if it must. @callback comes in the
 * thread-default context, never from inside. */
void disco_bus_open_async (GCancellable *cancellable, GAsyncReadyCallback callback,
                           gpointer user_data);
/* (transfer full): to be closed with disco_bus_close(); NULL with an error, a DISCO_ERROR where it
 * is a limit of this process */
DBusConnection *disco_bus_open_finish (GAsyncResult *result, GError **error);
void disco_bus_close (DBusConnection *connection);

G_END_DECLS
