/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The machine sleeps and wakes. What happens on the network meanwhile it does not see: goodbyes are
 * missed, so that what has gone seems to be there, and announcements too. */
#include "sim-world.h"

#include "disco-engine-private.h"
#include "disco-sleep-watch-private.h"
#include "sim-clock.h"
#include "sim-loop.h"

#define MAX_SLEEP_S 7200
#define MAX_TELL_MS 3000
/* From the news of it until all that is silent is known to be. With the rest that follows it makes
 * no multiple of a minute: a name that has been silent for long enough is let go just then. */
#define LOOK_US (27 * G_TIME_SPAN_SECOND)

/* In the place of the library's: it is told by the simulation. */
struct _DiscoSleepWatch
{
  DiscoSleepFunc awake;
  gpointer user_data;
  GSource *timer; /* (owned) */
};

static GPtrArray *watches; /* (owned) (nullable) of DiscoSleepWatch */

static gboolean
on_timer (gpointer user_data)
{
  DiscoSleepWatch *self = user_data;

  sim_trace ("the agent is told that the machine has slept");
  self->awake (self->user_data);
  return G_SOURCE_CONTINUE;
}

DiscoSleepWatch *
disco_sleep_watch_new (DiscoSleepFunc awake, gpointer user_data)
{
  DiscoSleepWatch *self = g_new0 (DiscoSleepWatch, 1);

  self->awake = awake;
  self->user_data = user_data;
  self->timer = disco_timer_new (sim_loop_get_worker_context (), on_timer, self);
  if (watches == NULL)
    watches = g_ptr_array_new ();
  g_ptr_array_add (watches, self);
  return self;
}

void
disco_sleep_watch_free (DiscoSleepWatch *self)
{
  g_ptr_array_remove (watches, self);
  if (watches->len == 0)
    g_clear_pointer (&watches, g_ptr_array_unref);
  disco_timer_free (self->timer);
  g_free (self);
}

/* logind may be slow to tell of it. */
static void
tell_awake (World *self)
{
  gint64 at = sim_one_in (self, 2) ? 0 : sim_draw (self, MAX_TELL_MS) * G_TIME_SPAN_MILLISECOND;

  for (guint i = 0; watches != NULL && i < watches->len; i++)
    disco_timer_advance (((DiscoSleepWatch *)watches->pdata[i])->timer,
                         g_get_monotonic_time () + at);
}

/* Most machines' monotonic clock stands still meanwhile. Where it does not no call is to blame, and
 * what waits for a link has waited for long. */
static void
jump (World *self)
{
  gint64 us = sim_draw (self, MAX_SLEEP_S) * G_TIME_SPAN_SECOND;

  if (sim_one_in (self, 2))
    return;
  sim_trace ("the clock jumps by %u s", (guint)(us / G_TIME_SPAN_SECOND));
  self->unsound = TRUE;
  sim_clock_advance (us);
  for (guint i = 0; i < self->calls->len; i++)
    ((Call *)self->calls->pdata[i])->started_at += us;
}

void
sim_sleep (World *self)
{
  sim_trace ("the machine sleeps");
  sim_net_set_asleep (self->net, TRUE);
  for (guint i = sim_draw (self, 6); i > 0; i--)
    sim_step_offers (self);
  jump (self);
  sim_net_set_asleep (self->net, FALSE);
  sim_trace ("the machine wakes up");
  tell_awake (self);
}

/* --- from one rest to another --- */

/* What is shown, by full name. (transfer full) (element utf8) */
static GPtrArray *
list_shown (World *self)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < self->readers->len; i++)
    {
      Reader *reader = self->readers->pdata[i];
      GHashTableIter iter;
      gpointer instance;

      g_hash_table_iter_init (&iter, reader->known);
      while (g_hash_table_iter_next (&iter, NULL, &instance))
        g_ptr_array_add (names, sim_full_name (instance));
    }
  return names;
}

static gboolean
is_shown (World *self, const char *full_name)
{
  for (guint i = 0; i < self->readers->len; i++)
    {
      g_autoptr (GPtrArray) snapshot = sim_snapshot (self->readers->pdata[i]);

      for (guint k = 0; k < snapshot->len; k++)
        {
          g_autofree char *name = sim_full_name (snapshot->pdata[k]);
          if (g_str_equal (name, full_name))
            return TRUE;
        }
    }
  return FALSE;
}

void
sim_rest_after_sleep (World *self)
{
  g_autoptr (GPtrArray) shown = list_shown (self);
  gboolean sound = !self->unsound;

  sim_sleep (self);
  sim_loop_run (LOOK_US);
  for (guint i = 0; sound && i < shown->len; i++)
    sim_check (sim_is_answered (self, shown->pdata[i]) || sim_is_silent (self, shown->pdata[i])
                   || !is_shown (self, shown->pdata[i]),
               "%s is a ghost, and nobody asked for it", (char *)shown->pdata[i]);
  sim_rest (self);
}
