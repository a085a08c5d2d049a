/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* look-dbus TYPE COUNT - the other way to a daemon: its D-Bus interface itself, by GDBus, where no
 * call waits for its reply and one call resolves one name. As many are under way as libdisco has,
 * and the rest waits. Says "known" when COUNT instances are resolved. */
#include "bench.h"
#include "look.h"

#define AVAHI "org.freedesktop.Avahi"
#define ANY (-1)
#define WINDOW 8

/* avahi-common's AVAHI_LOOKUP_NO_ADDRESS: libdisco, too, looks a host's addresses up once only. */
#define NO_ADDRESS 8

typedef struct
{
  Look *look;
  GDBusConnection *bus; /* (owned) */
  GHashTable *found;    /* (owned) set of (owned) labels */
  GQueue waiting;       /* of (owned) GVariant: the browser's signals */
  guint under_way;
} Pipeline;

static void advance (Pipeline *self);

static void
on_resolved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Pipeline *self = user_data;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);
  char *label;

  self->under_way--;
  advance (self);
  if (reply == NULL)
    return;
  g_variant_get_child (reply, 2, "s", &label);
  if (g_hash_table_add (self->found, label))
    look_set_known (self->look, g_hash_table_size (self->found));
}

static void
resolve (Pipeline *self, GVariant *item)
{
  const char *label, *type, *domain;
  int interface, protocol;

  g_variant_get (item, "(ii&s&s&su)", &interface, &protocol, &label, &type, &domain, NULL);
  self->under_way++;
  g_dbus_connection_call (
      self->bus, AVAHI, "/", AVAHI ".Server", "ResolveService",
      g_variant_new ("(iisssiu)", interface, protocol, label, type, domain, ANY, NO_ADDRESS), NULL,
      G_DBUS_CALL_FLAGS_NONE, -1, NULL, on_resolved, self);
}

static void
advance (Pipeline *self)
{
  while (self->under_way < WINDOW && self->waiting.length > 0)
    {
      g_autoptr (GVariant) item = g_queue_pop_head (&self->waiting);
      resolve (self, item);
    }
}

static void
on_item (GDBusConnection *bus, const char *sender, const char *path, const char *interface,
         const char *signal, GVariant *item, gpointer user_data)
{
  Pipeline *self = user_data;

  g_queue_push_tail (&self->waiting, g_variant_ref (item));
  advance (self);
}

/* All of it lives as long as the program. */
static void
start (Look *look)
{
  Pipeline *self = g_new0 (Pipeline, 1);
  g_autoptr (GError) error = NULL;

  self->look = look;
  self->found = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->bus = g_bus_get_sync (G_BUS_TYPE_SYSTEM, NULL, &error);
  if (self->bus == NULL)
    bench_fail ("%s", error->message);
  /* before there is a browser, whose first signals may come before its name does */
  g_dbus_connection_signal_subscribe (self->bus, AVAHI, AVAHI ".ServiceBrowser", "ItemNew", NULL,
                                      NULL, G_DBUS_SIGNAL_FLAGS_NONE, on_item, self, NULL);
  g_dbus_connection_call (self->bus, AVAHI, "/", AVAHI ".Server", "ServiceBrowserNew",
                          g_variant_new ("(iissu)", ANY, ANY, look->name, "", 0), NULL,
                          G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL, NULL);
}

int
main (int argc, char **argv)
{
  return look_main (argc, argv, start);
}
