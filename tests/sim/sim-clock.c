/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim-clock.h"

#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Not 0: that is what "not yet" is in many places. */
#define START_US (1000 * G_TIME_SPAN_SECOND)

static gint64 now_us = START_US;
static int polled_ms;

gint64
sim_clock_get (void)
{
  return now_us - START_US;
}

void
sim_clock_advance (gint64 us)
{
  now_us += us;
}

/* Stands in for libc's in the whole program: GLib reads the monotonic clock by it. The names are
 * libc's, as clang-tidy wants it. */
int
clock_gettime (clockid_t __clock_id, struct timespec *__tp)
{
  if (__clock_id != CLOCK_MONOTONIC)
    return (int)syscall (SYS_clock_gettime, __clock_id, __tp);
  __tp->tv_sec = now_us / G_TIME_SPAN_SECOND;
  __tp->tv_nsec = now_us % G_TIME_SPAN_SECOND * 1000;
  return 0;
}

static gint
poll_nothing (GPollFD *fds, guint n_fds, gint timeout_ms)
{
  polled_ms = timeout_ms;
  return 0;
}

void
sim_clock_adopt (GMainContext *context)
{
  g_main_context_set_poll_func (context, poll_nothing);
}

gint64
sim_clock_iterate (GMainContext *context)
{
  if (g_main_context_iteration (context, TRUE))
    return 0;
  return polled_ms < 0 ? -1 : polled_ms * G_TIME_SPAN_MILLISECOND;
}

gboolean
sim_clock_skip (gint64 left, gint64 end)
{
  if (left == -1 || sim_clock_get () + left > end)
    return FALSE;
  sim_clock_advance (left);
  return TRUE;
}
