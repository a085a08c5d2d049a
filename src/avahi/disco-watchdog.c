/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-watchdog-private.h"

#include <disco/disco-error.h>

/* A daemon that has answered in time for so long is no slow one any more. */
#define FORGIVEN_US (5 * G_TIME_SPAN_MINUTE)

struct _DiscoWatchdog
{
  gint64 min_us;
  gint64 max_us;
  GThread *thread; /* (owned) (nullable) */

  GMutex mutex; /* protects what follows */
  GCond changed;
  DiscoWatchdogGuard *guard; /* (nullable): the innermost call under way */
  gint64 limit_us;
  gint64 cut_at; /* when it cut last; 0: never */
  gboolean idle; /* the thread waits for a call, not for a time */
  gboolean stopped;
  gboolean ended;
};

static void
cut_locked (DiscoWatchdog *self, DiscoWatchdogGuard *guard)
{
  guard->done = TRUE;
  guard->cut (guard->user_data);
}

/* A daemon that hangs is cut off once, and is asked again when it answers (disco-daemon-link.c).
 * One that is merely busy would be cut off again and again by a bound that stays as it is, and
 * loses each time all that it has worked for. */
static void
bite_locked (DiscoWatchdog *self)
{
  g_debug ("a call of avahi-client has been blocked for %" G_GINT64_FORMAT " ms: cut",
           self->limit_us / 1000);
  self->limit_us = MIN (self->limit_us * 2, self->max_us);
  self->cut_at = g_get_monotonic_time ();
  cut_locked (self, self->guard);
}

static gpointer
run (gpointer data)
{
  DiscoWatchdog *self = data;

  g_mutex_lock (&self->mutex);
  while (!self->ended)
    {
      self->idle = self->guard == NULL || self->guard->done;
      if (self->idle)
        g_cond_wait (&self->changed, &self->mutex);
      else if (g_get_monotonic_time () < self->guard->deadline)
        g_cond_wait_until (&self->changed, &self->mutex, self->guard->deadline);
      else
        bite_locked (self);
    }
  g_mutex_unlock (&self->mutex);
  return NULL;
}

DiscoWatchdog *
disco_watchdog_new (gint64 min_us, gint64 max_us)
{
  DiscoWatchdog *self = g_new0 (DiscoWatchdog, 1);

  self->min_us = min_us;
  self->max_us = max_us;
  self->limit_us = min_us;
  g_mutex_init (&self->mutex);
  g_cond_init (&self->changed);
  return self;
}

void
disco_watchdog_free (DiscoWatchdog *self)
{
  g_mutex_lock (&self->mutex);
  self->ended = TRUE;
  g_cond_signal (&self->changed);
  g_mutex_unlock (&self->mutex);
  g_clear_pointer (&self->thread, g_thread_join);
  g_cond_clear (&self->changed);
  g_mutex_clear (&self->mutex);
  g_free (self);
}

gboolean
disco_watchdog_start (DiscoWatchdog *self, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (self->thread == NULL)
    self->thread = g_thread_try_new ("disco-watchdog", run, self, &local);
  if (self->thread != NULL)
    return TRUE;
  g_set_error (error, DISCO_ERROR, DISCO_ERROR_UNAVAILABLE, "no thread can be made: %s",
               local->message);
  return FALSE;
}

/* The thread is woken only where it waits for a call: where it waits for a time it looks by itself
 * when that has come, which is once in many calls. */
static void
watch_locked (DiscoWatchdog *self, DiscoWatchdogGuard *guard, gint64 now)
{
  self->guard = guard;
  if (guard == NULL)
    return;
  if (self->stopped && !guard->done)
    cut_locked (self, guard);
  guard->deadline = now + self->limit_us;
  if (self->idle && !guard->done)
    g_cond_signal (&self->changed);
}

void
disco_watchdog_enter (DiscoWatchdog *self, DiscoWatchdogGuard *guard, DiscoWatchdogCut cut,
                      gpointer user_data)
{
  gint64 now = g_get_monotonic_time ();

  g_mutex_lock (&self->mutex);
  *guard = (DiscoWatchdogGuard){ .cut = cut, .user_data = user_data, .outer = self->guard };
  if (self->cut_at != 0 && now >= self->cut_at + FORGIVEN_US)
    {
      self->limit_us = self->min_us;
      self->cut_at = 0;
    }
  watch_locked (self, guard, now);
  g_mutex_unlock (&self->mutex);
}

void
disco_watchdog_leave (DiscoWatchdog *self, DiscoWatchdogGuard *guard)
{
  gint64 now = g_get_monotonic_time ();

  g_mutex_lock (&self->mutex);
  g_assert (self->guard == guard);
  watch_locked (self, guard->outer, now); /* its time begins anew: not it has blocked */
  g_mutex_unlock (&self->mutex);
}

void
disco_watchdog_stop (DiscoWatchdog *self)
{
  g_mutex_lock (&self->mutex);
  self->stopped = TRUE;
  if (self->guard != NULL && !self->guard->done)
    cut_locked (self, self->guard);
  g_mutex_unlock (&self->mutex);
}
