/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-watchdog-private.h"

#include <disco/disco-error.h>

/* A daemon that has answered in time for so long is no slow one any more. */
#define FORGIVEN_US (5 * G_TIME_SPAN_MINUTE)
/* What part of the first bound it is looked at for, to see whether it works */
#define LOOKS_A_BOUND 5

struct _DiscoWatchdog
{
  gint64 min_us;
  gint64 max_us;
  GThread *thread; /* (owned) (nullable) */

  GMutex mutex; /* protects what follows */
  GCond changed;
  DiscoWatchdogGuard *guard; /* (nullable): the innermost call under way */
  int pid;                   /* of the daemon; 0: unknown */
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
           (self->guard->deadline - self->guard->last_deadline + self->max_us) / 1000);
  self->limit_us = MIN (self->limit_us * 2, self->max_us);
  self->cut_at = g_get_monotonic_time ();
  cut_locked (self, self->guard);
}

/* How long, in nanoseconds, a process has had a processor, or waited for one; 0 where it is not to
 * be seen (another PID namespace, a kernel that does not count), or has gone. */
static guint64
read_active_ns (int pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/schedstat", pid);
  g_autofree char *text = NULL;
  char *waited;
  guint64 ran_ns;

  if (pid == 0 || !g_file_get_contents (path, &text, NULL, NULL))
    return 0;
  ran_ns = g_ascii_strtoull (text, &waited, 10);
  return ran_ns + g_ascii_strtoull (waited, NULL, 10);
}

/* Looks again later at a daemon that works, as long as a call may block at all. */
static gboolean
prolong_locked (DiscoWatchdog *self, DiscoWatchdogGuard *guard)
{
  const guint64 before_ns = guard->active_ns;

  guard->active_ns = read_active_ns (self->pid);
  if (guard->active_ns <= before_ns || guard->deadline >= guard->last_deadline)
    return FALSE;
  guard->deadline = MIN (guard->deadline + self->min_us / LOOKS_A_BOUND, guard->last_deadline);
  return TRUE;
}

/* When there is something to do about the call under way */
static gint64
next_look_locked (DiscoWatchdog *self, DiscoWatchdogGuard *guard)
{
  if (guard->active_ns != 0 || self->pid == 0)
    return guard->deadline;
  return guard->deadline - self->min_us / LOOKS_A_BOUND;
}

static void
look_locked (DiscoWatchdog *self, DiscoWatchdogGuard *guard)
{
  if (g_get_monotonic_time () < guard->deadline)
    guard->active_ns = MAX (read_active_ns (self->pid), 1);
  else if (!prolong_locked (self, guard))
    bite_locked (self);
}

static gpointer
run (gpointer data)
{
  DiscoWatchdog *self = data;

  g_mutex_lock (&self->mutex);
  while (!self->ended)
    {
      gint64 look_at = 0;

      self->idle = self->guard == NULL || self->guard->done;
      if (!self->idle)
        look_at = next_look_locked (self, self->guard);
      if (self->idle)
        g_cond_wait (&self->changed, &self->mutex);
      else if (g_get_monotonic_time () < look_at)
        g_cond_wait_until (&self->changed, &self->mutex, look_at);
      else
        look_locked (self, self->guard);
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
  guard->last_deadline = now + self->max_us;
  guard->active_ns = 0;
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
disco_watchdog_set_process (DiscoWatchdog *self, int pid)
{
  g_mutex_lock (&self->mutex);
  self->pid = pid;
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
