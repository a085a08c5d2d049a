/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-engine-private.h"

/* A ready time instead of a timeout that is made anew: moving it costs no allocation. */
static gboolean
timer_dispatch (GSource *source, GSourceFunc func, gpointer user_data)
{
  g_source_set_ready_time (source, -1);
  func (user_data);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs timer_funcs = { .dispatch = timer_dispatch };

GSource *
disco_timer_new (GMainContext *context, GSourceFunc func, gpointer user_data)
{
  GSource *timer = g_source_new (&timer_funcs, sizeof (GSource));

  g_source_set_callback (timer, func, user_data, NULL);
  g_source_attach (timer, context);
  return timer;
}

GSource *
disco_timer_new_after_all (GMainContext *context, GSourceFunc func, gpointer user_data)
{
  GSource *timer = disco_timer_new (context, func, user_data);

  g_source_set_priority (timer, G_PRIORITY_HIGH_IDLE);
  return timer;
}

void
disco_timer_advance (GSource *timer, gint64 at_us)
{
  gint64 now = g_source_get_ready_time (timer);

  if (now == -1 || at_us < now)
    g_source_set_ready_time (timer, at_us);
}

void
disco_timer_free (GSource *timer)
{
  g_source_destroy (timer);
  g_source_unref (timer);
}
