/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <dbus/dbus.h>
#include <glib.h>

G_BEGIN_DECLS

/* Serves a libdbus connection from a main context: its descriptors, its timers and its messages.
 * Nothing of it blocks. */
typedef struct _DiscoBusSource DiscoBusSource;

/* @connection is nobody else's to serve. */
DiscoBusSource *disco_bus_source_new (DBusConnection *connection, GMainContext *context);
/* It may be called from a callback of the connection, which is left open. */
void disco_bus_source_free (DiscoBusSource *self);

G_END_DECLS
