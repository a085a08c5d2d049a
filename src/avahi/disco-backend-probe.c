/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-backend-probe-private.h"
#include "disco-bus-watch-private.h"
#include "disco-engine-private.h"

/* How long the bus has for its first word, and then for the start of the daemon */
#define ANSWER_US (1 * G_TIME_SPAN_SECOND)
#define START_US (2 * G_TIME_SPAN_SECOND)

struct _DiscoBackendProbe
{
  DiscoBusWatch *watch; /* (owned) */
  GSource *deadline;    /* (owned) */
  const char *late;     /* what has not happened at the deadline */
  DiscoBackendProbeFunc func;
  gpointer user_data;
};

static void
decide (DiscoBackendProbe *self, DiscoBackend backend, const char *why)
{
  disco_bus_watch_stop (self->watch);
  g_source_set_ready_time (self->deadline, -1);
  self->func (backend, why, self->user_data);
}

static void
await (DiscoBackendProbe *self, gint64 for_us, const char *late)
{
  self->late = late;
  g_source_set_ready_time (self->deadline, g_get_monotonic_time () + for_us);
}

static gboolean
on_deadline (gpointer user_data)
{
  DiscoBackendProbe *self = user_data;

  decide (self, DISCO_BACKEND_EMBEDDED, self->late);
  return G_SOURCE_CONTINUE;
}

static void
on_bus (DiscoBusState state, const GError *error, gpointer user_data)
{
  DiscoBackendProbe *self = user_data;
  g_autofree char *message = NULL;

  switch (state)
    {
    case DISCO_BUS_NAME_OWNED:
      decide (self, DISCO_BACKEND_DAEMON, "avahi-daemon is running");
      break;
    case DISCO_BUS_NAME_STARTING:
      await (self, START_US, "avahi-daemon does not start");
      break;
    case DISCO_BUS_NAME_FREE:
      decide (self, DISCO_BACKEND_EMBEDDED, "there is no avahi-daemon");
      break;
    case DISCO_BUS_GONE:
    default:
      message = g_strdup_printf ("no system bus: %s", error->message);
      decide (self, DISCO_BACKEND_EMBEDDED, message);
    }
}

DiscoBackendProbe *
disco_backend_probe_new (DiscoBackendProbeFunc func, gpointer user_data)
{
  DiscoBackendProbe *self = g_new0 (DiscoBackendProbe, 1);
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();

  self->func = func;
  self->user_data = user_data;
  self->deadline = disco_timer_new (context, on_deadline, self);
  await (self, ANSWER_US, "the system bus does not answer");
  self->watch = disco_bus_watch_new (DISCO_AVAHI_BUS_NAME, TRUE, on_bus, self);
  return self;
}

void
disco_backend_probe_free (DiscoBackendProbe *self)
{
  disco_timer_free (self->deadline);
  disco_bus_watch_free (self->watch);
  g_free (self);
}
