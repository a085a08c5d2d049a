/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-bus-source-private.h"

#include <glib-unix.h>

/* Messages that are dispatched before the context's other sources have their turn */
#define MAX_MESSAGES 64

struct _DiscoBusSource
{
  DBusConnection *connection; /* (owned) */
  GMainContext *context;      /* (owned) */
  GSource *messages;          /* (owned) */
};

/* --- descriptors --- */

typedef struct
{
  GSource source;
  DBusWatch *watch;
  gpointer tag; /* (nullable): while libdbus wants to know of the descriptor */
} WatchSource;

static gboolean
watch_dispatch (GSource *source, GSourceFunc func, gpointer user_data)
{
  WatchSource *self = (WatchSource *)source;
  const GIOCondition happened = self->tag != NULL ? g_source_query_unix_fd (source, self->tag) : 0;
  unsigned int flags = 0;

  if (happened & G_IO_IN)
    flags |= DBUS_WATCH_READABLE;
  if (happened & G_IO_OUT)
    flags |= DBUS_WATCH_WRITABLE;
  if (happened & G_IO_ERR)
    flags |= DBUS_WATCH_ERROR;
  if (happened & G_IO_HUP)
    flags |= DBUS_WATCH_HANGUP;
  if (flags != 0)
    dbus_watch_handle (self->watch, flags);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs watch_funcs = { .dispatch = watch_dispatch };

/* One that is not wanted is not polled at all: poll() tells of a hangup whatever it is asked. */
static void
on_watch_toggled (DBusWatch *watch, void *data)
{
  WatchSource *self = dbus_watch_get_data (watch);
  const unsigned int flags = dbus_watch_get_flags (watch);
  GIOCondition condition = 0;

  if (self->tag != NULL)
    g_source_remove_unix_fd (&self->source, self->tag);
  self->tag = NULL;
  if (!dbus_watch_get_enabled (watch))
    return;
  if (flags & DBUS_WATCH_READABLE)
    condition |= G_IO_IN;
  if (flags & DBUS_WATCH_WRITABLE)
    condition |= G_IO_OUT;
  self->tag = g_source_add_unix_fd (&self->source, dbus_watch_get_unix_fd (watch), condition);
}

static dbus_bool_t
on_watch_added (DBusWatch *watch, void *data)
{
  DiscoBusSource *self = data;
  GSource *source = g_source_new (&watch_funcs, sizeof (WatchSource));

  ((WatchSource *)source)->watch = watch;
  dbus_watch_set_data (watch, source, NULL);
  on_watch_toggled (watch, self);
  g_source_attach (source, self->context);
  return TRUE;
}

static void
drop_source (GSource *source)
{
  g_source_destroy (source);
  g_source_unref (source);
}

static void
on_watch_removed (DBusWatch *watch, void *data)
{
  drop_source (dbus_watch_get_data (watch));
  dbus_watch_set_data (watch, NULL, NULL);
}

/* --- timers --- */

typedef struct
{
  GSource source;
  DBusTimeout *timeout;
} TimeoutSource;

static void
on_timeout_toggled (DBusTimeout *timeout, void *data)
{
  GSource *source = dbus_timeout_get_data (timeout);
  const gint64 interval_us = dbus_timeout_get_interval (timeout) * G_TIME_SPAN_MILLISECOND;

  g_source_set_ready_time (
      source, dbus_timeout_get_enabled (timeout) ? g_get_monotonic_time () + interval_us : -1);
}

static gboolean
timeout_dispatch (GSource *source, GSourceFunc func, gpointer user_data)
{
  DBusTimeout *timeout = ((TimeoutSource *)source)->timeout;

  on_timeout_toggled (timeout, NULL); /* they repeat */
  dbus_timeout_handle (timeout);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs timeout_funcs = { .dispatch = timeout_dispatch };

static dbus_bool_t
on_timeout_added (DBusTimeout *timeout, void *data)
{
  DiscoBusSource *self = data;
  GSource *source = g_source_new (&timeout_funcs, sizeof (TimeoutSource));

  ((TimeoutSource *)source)->timeout = timeout;
  dbus_timeout_set_data (timeout, source, NULL);
  on_timeout_toggled (timeout, self);
  g_source_attach (source, self->context);
  return TRUE;
}

static void
on_timeout_removed (DBusTimeout *timeout, void *data)
{
  drop_source (dbus_timeout_get_data (timeout));
  dbus_timeout_set_data (timeout, NULL, NULL);
}

/* --- messages --- */

typedef struct
{
  GSource source;
  DBusConnection *connection;
} MessageSource;

static gboolean
messages_check (GSource *source)
{
  MessageSource *self = (MessageSource *)source;

  return dbus_connection_get_dispatch_status (self->connection) == DBUS_DISPATCH_DATA_REMAINS;
}

static gboolean
messages_prepare (GSource *source, int *timeout_ms)
{
  *timeout_ms = -1;
  return messages_check (source);
}

static gboolean
messages_dispatch (GSource *source, GSourceFunc func, gpointer user_data)
{
  MessageSource *self = (MessageSource *)source;
  DBusConnection *connection = dbus_connection_ref (self->connection);

  for (guint i = 0; i < MAX_MESSAGES && !g_source_is_destroyed (source); i++)
    if (dbus_connection_dispatch (connection) != DBUS_DISPATCH_DATA_REMAINS)
      break;
  dbus_connection_unref (connection);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs messages_funcs
    = { .prepare = messages_prepare, .check = messages_check, .dispatch = messages_dispatch };

/* --- the connection --- */

DiscoBusSource *
disco_bus_source_new (DBusConnection *connection, GMainContext *context)
{
  DiscoBusSource *self = g_new0 (DiscoBusSource, 1);

  self->connection = dbus_connection_ref (connection);
  self->context = g_main_context_ref (context);
  self->messages = g_source_new (&messages_funcs, sizeof (MessageSource));
  ((MessageSource *)self->messages)->connection = connection;
  g_source_attach (self->messages, context);
  dbus_connection_set_watch_functions (connection, on_watch_added, on_watch_removed,
                                       on_watch_toggled, self, NULL);
  dbus_connection_set_timeout_functions (connection, on_timeout_added, on_timeout_removed,
                                         on_timeout_toggled, self, NULL);
  return self;
}

void
disco_bus_source_free (DiscoBusSource *self)
{
  dbus_connection_set_watch_functions (self->connection, NULL, NULL, NULL, NULL, NULL);
  dbus_connection_set_timeout_functions (self->connection, NULL, NULL, NULL, NULL, NULL);
  drop_source (self->messages);
  g_main_context_unref (self->context);
  dbus_connection_unref (self->connection);
  g_free (self);
}
