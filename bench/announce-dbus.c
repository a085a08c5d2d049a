/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* announce-dbus TYPE COUNT - the other way to a daemon: its D-Bus interface itself, by GDBus, where
 * no call waits for its reply. Announces COUNT services as announce-naive does, a group for each;
 * as many groups as there is a window for are being made at a time. Says "established" when all
 * are, and ends when its input does. */
#include "bench.h"

#include <stdlib.h>
#include <string.h>

#define AVAHI "org.freedesktop.Avahi"
#define GROUP AVAHI ".EntryGroup"
#define ANY (-1)
#define WINDOW 32

/* avahi-common's AvahiEntryGroupState */
#define ESTABLISHED 2

typedef struct
{
  GDBusConnection *bus; /* (owned) */
  const char *type;
  guint count;
  guint next;    /* the one that is announced next */
  guint n_made;  /* groups that have been committed */
  guint waiting; /* groups that are not established yet */
} Pipeline;

/* One service */
typedef struct
{
  Pipeline *pipeline;
  guint index;
} Service;

static void advance (Pipeline *self);

static GVariant *
finish (GObject *bus, GAsyncResult *result)
{
  g_autoptr (GError) error = NULL;
  GVariant *reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (bus), result, &error);

  if (reply == NULL)
    bench_fail ("%s", error->message);
  return reply;
}

static void
on_added (GObject *bus, GAsyncResult *result, gpointer user_data)
{
  g_variant_unref (finish (bus, result));
}

static void
on_committed (GObject *bus, GAsyncResult *result, gpointer user_data)
{
  Pipeline *self = user_data;

  g_variant_unref (finish (bus, result));
  self->n_made++;
  advance (self);
}

/* The same that announce-naive has */
static GVariant *
make_txt (guint index)
{
  g_autofree char *number = g_strdup_printf ("number=%u", index);
  const char *texts[] = { "txtvers=1", "path=/index.html", "model=bench", number };
  GVariantBuilder txt;

  g_variant_builder_init (&txt, G_VARIANT_TYPE ("aay"));
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_variant_builder_add_value (
        &txt, g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, texts[i], strlen (texts[i]), 1));
  return g_variant_builder_end (&txt);
}

static void
call_group (Pipeline *self, const char *path, const char *method, GVariant *arguments,
            GAsyncReadyCallback func)
{
  g_dbus_connection_call (self->bus, AVAHI, path, GROUP, method, arguments, NULL,
                          G_DBUS_CALL_FLAGS_NONE, -1, NULL, func, self);
}

static void
on_group (GObject *bus, GAsyncResult *result, gpointer user_data)
{
  g_autofree Service *service = user_data;
  Pipeline *self = service->pipeline;
  g_autoptr (GVariant) reply = finish (bus, result);
  g_autofree char *label = g_strdup_printf ("Bench instance %05u", service->index);
  const char *path;

  g_variant_get (reply, "(&o)", &path);
  call_group (self, path, "AddService",
              g_variant_new ("(iiussssq@aay)", ANY, ANY, 0, label, self->type, "", "", 4711,
                             make_txt (service->index)),
              on_added);
  call_group (self, path, "Commit", NULL, on_committed);
}

static void
advance (Pipeline *self)
{
  for (; self->next < self->count && self->next - self->n_made < WINDOW; self->next++)
    {
      Service *service = g_new (Service, 1);

      *service = (Service){ self, self->next };
      g_dbus_connection_call (self->bus, AVAHI, "/", AVAHI ".Server", "EntryGroupNew", NULL, NULL,
                              G_DBUS_CALL_FLAGS_NONE, -1, NULL, on_group, service);
    }
}

static void
on_state (GDBusConnection *bus, const char *sender, const char *path, const char *interface,
          const char *signal, GVariant *arguments, gpointer user_data)
{
  Pipeline *self = user_data;
  int state;

  g_variant_get (arguments, "(i&s)", &state, NULL);
  if (state > ESTABLISHED)
    bench_fail ("a group failed");
  if (state == ESTABLISHED && --self->waiting == 0)
    g_print ("established\n");
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  Pipeline self = { 0 };

  if (argc < 3)
    bench_fail ("usage: announce-dbus TYPE COUNT");
  self.type = argv[1];
  self.count = self.waiting = (guint)g_ascii_strtoull (argv[2], NULL, 10);
  self.bus = g_bus_get_sync (G_BUS_TYPE_SYSTEM, NULL, &error);
  if (self.bus == NULL)
    bench_fail ("%s", error->message);
  g_dbus_connection_signal_subscribe (self.bus, AVAHI, GROUP, "StateChanged", NULL, NULL,
                                      G_DBUS_SIGNAL_FLAGS_NONE, on_state, &self, NULL);
  advance (&self);
  bench_run ();
  g_object_unref (self.bus);
  return EXIT_SUCCESS;
}
