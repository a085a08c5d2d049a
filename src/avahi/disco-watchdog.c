/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-watchdog-private.h"

#include <disco/disco-error.h>
#include <string.h>

/* A daemon that has answered in time for so long is no slow one any more. */
#define FORGIVEN_US (5 * G_TIME_SPAN_MINUTE)
/* What part of the first bound it is looked at for, to see whether it works */
#define LOOKS_A_BOUND 5
/* Fields of /proc/PID/stat, from the end of the program's name on (proc(5)) */
enum
{
  STAT_STATE = 1,
  STAT_USER = 12,
  STAT_SYSTEM = 13,
};

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
  gint64 cut_at;  /* when it cut last; 0: never */
  gint64 look_at; /* until when the thread waits; G_MAXINT64: for a call */
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
  g_debug ("a call has been blocked for %" G_GINT64_FORMAT " ms: cut",
           (self->guard->deadline - self->guard->last_deadline + self->max_us) / 1000);
  self->limit_us = MIN (self->limit_us * 2, self->max_us);
  self->cut_at = g_get_monotonic_time ();
  cut_locked (self, self->guard);
}

/* Whether a process runs, waits for a processor, or has had one since @ticks were counted, which
 * are counted anew. FALSE where it is not to be seen (another PID namespace), or has gone. */
static gboolean
has_worked (int pid, guint64 *ticks)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", pid);
  g_autofree char *text = NULL;
  g_auto (GStrv) fields = NULL;
  const guint64 before = *ticks;
  const char *name_end;

  if (pid == 0 || !g_file_get_contents (path, &text, NULL, NULL))
    return FALSE;
  name_end = strrchr (text, ')');
  fields = g_strsplit (name_end != NULL ? name_end : "", " ", -1);
  if (g_strv_length (fields) <= STAT_SYSTEM)
    return FALSE;
  *ticks = g_ascii_strtoull (fields[STAT_USER], NULL, 10)
           + g_ascii_strtoull (fields[STAT_SYSTEM], NULL, 10);
  return g_str_equal (fields[STAT_STATE], "R") || *ticks > before;
}

/* Looks again later at a daemon that works, as long as a call may block at all. */
static gboolean
prolong_locked (DiscoWatchdog *self, DiscoWatchdogGuard *guard)
{
  if (!has_worked (self->pid, &guard->ticks) || guard->deadline >= guard->last_deadline)
    return FALSE;
  guard->deadline = MIN (guard->deadline + self->min_us / LOOKS_A_BOUND, guard->last_deadline);
  return TRUE;
}

/* When there is something to do about the call under way */
static gint64
next_look_locked (DiscoWatchdog *self, DiscoWatchdogGuard *guard)
{
  return guard->looked ? guard->deadline : guard->deadline - self->min_us / LOOKS_A_BOUND;
}

/* A look that comes late begins the time that the daemon is looked at for. */
static void
look_locked (DiscoWatchdog *self, DiscoWatchdogGuard *guard)
{
  if (!guard->looked)
    {
      has_worked (self->pid, &guard->ticks);
      guard->deadline
          = MAX (guard->deadline, g_get_monotonic_time () + self->min_us / LOOKS_A_BOUND);
    }
  else if (!prolong_locked (self, guard))
    bite_locked (self);
  guard->looked = TRUE;
}

static gpointer
run (gpointer data)
{
  DiscoWatchdog *self = data;

  g_mutex_lock (&self->mutex);
  while (!self->ended)
    {
      DiscoWatchdogGuard *guard = self->guard;

      self->look_at = G_MAXINT64;
      if (guard != NULL && !guard->done)
        self->look_at = next_look_locked (self, guard);
      if (self->look_at == G_MAXINT64)
        g_cond_wait (&self->changed, &self->mutex);
      else if (g_get_monotonic_time () < self->look_at)
        g_cond_wait_until (&self->changed, &self->mutex, self->look_at);
      else
        look_locked (self, guard);
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

/* The thread is woken only where it would wait for too long: mostly it waits for the time of an
 * earlier call, and looks by itself when that has come, which is once in many calls. */
static void
watch_locked (DiscoWatchdog *self, DiscoWatchdogGuard *guard, gint64 since)
{
  const gint64 now = g_get_monotonic_time ();

  self->guard = guard;
  if (guard == NULL)
    return;
  if (self->stopped && !guard->done)
    cut_locked (self, guard);
  guard->deadline = MAX (since + self->limit_us, now + self->min_us / LOOKS_A_BOUND);
  guard->last_deadline = MAX (since + self->max_us, guard->deadline);
  guard->looked = FALSE;
  if (!guard->done && next_look_locked (self, guard) < self->look_at)
    g_cond_signal (&self->changed);
}

void
disco_watchdog_enter_since (DiscoWatchdog *self, DiscoWatchdogGuard *guard, gint64 since,
                            DiscoWatchdogCut cut, gpointer user_data)
{
  g_mutex_lock (&self->mutex);
  *guard = (DiscoWatchdogGuard){ .cut = cut, .user_data = user_data, .outer = self->guard };
  if (self->cut_at != 0 && g_get_monotonic_time () >= self->cut_at + FORGIVEN_US)
    {
      self->limit_us = self->min_us;
      self->cut_at = 0;
    }
  watch_locked (self, guard, since);
  g_mutex_unlock (&self->mutex);
}

void
disco_watchdog_enter (DiscoWatchdog *self, DiscoWatchdogGuard *guard, DiscoWatchdogCut cut,
                      gpointer user_data)
{
  disco_watchdog_enter_since (self, guard, g_get_monotonic_time (), cut, user_data);
}

gboolean
disco_watchdog_leave (DiscoWatchdog *self, DiscoWatchdogGuard *guard)
{
  g_mutex_lock (&self->mutex);
  g_assert (self->guard == guard);
  /* the outer one's time begins anew: not it has blocked */
  watch_locked (self, guard->outer, g_get_monotonic_time ());
  g_mutex_unlock (&self->mutex);
  return guard->done;
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
