/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-sleep-watch-private.h"

#include "disco-bus-watch-private.h"
#include "disco-engine-private.h"

#define LOGIND_NAME "org.freedesktop.login1"
#define LOGIND_PATH "/org/freedesktop/login1"
#define LOGIND_INTERFACE "org.freedesktop.login1.Manager"

/* Where there is no bus, or no more: how soon to look again. Nobody waits for it. */
#define RETRY_US (10 * G_TIME_SPAN_SECOND)

struct _DiscoSleepWatch
{
  DiscoBusWatch *bus; /* (owned) (nullable) */
  gboolean subscribed;
  GSource *timer; /* (owned) */
  DiscoSleepFunc awake;
  gpointer user_data;
};

/* PrepareForSleep (b): TRUE before, FALSE after */
static void
on_prepare_for_sleep (DBusMessage *signal, gpointer user_data)
{
  DiscoSleepWatch *self = user_data;
  dbus_bool_t begins;

  if (dbus_message_get_args (signal, NULL, DBUS_TYPE_BOOLEAN, &begins, DBUS_TYPE_INVALID)
      && !begins)
    self->awake (self->user_data);
}

/* A logind that comes later is heard too. */
static void
on_bus (DiscoBusState state, const GError *error, gpointer user_data)
{
  DiscoSleepWatch *self = user_data;

  if (state == DISCO_BUS_GONE)
    disco_timer_advance (self->timer, g_get_monotonic_time () + RETRY_US);
  else if (!self->subscribed)
    {
      self->subscribed = TRUE;
      disco_bus_watch_subscribe (self->bus, LOGIND_PATH, LOGIND_INTERFACE, "PrepareForSleep",
                                 on_prepare_for_sleep, self);
    }
}

static gboolean
on_timer (gpointer user_data)
{
  DiscoSleepWatch *self = user_data;

  g_clear_pointer (&self->bus, disco_bus_watch_free);
  self->subscribed = FALSE;
  self->bus = disco_bus_watch_new (LOGIND_NAME, FALSE, on_bus, self);
  return G_SOURCE_CONTINUE;
}

DiscoSleepWatch *
disco_sleep_watch_new (DiscoSleepFunc awake, gpointer user_data)
{
  DiscoSleepWatch *self = g_new0 (DiscoSleepWatch, 1);
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();

  self->awake = awake;
  self->user_data = user_data;
  self->timer = disco_timer_new (context, on_timer, self);
  self->bus = disco_bus_watch_new (LOGIND_NAME, FALSE, on_bus, self);
  return self;
}

void
disco_sleep_watch_free (DiscoSleepWatch *self)
{
  disco_timer_free (self->timer);
  g_clear_pointer (&self->bus, disco_bus_watch_free);
  g_free (self);
}
