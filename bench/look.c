/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "look.h"

#include "bench.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* Each phase lasts this long at least, so that both have thousands of ticks. */
#define PHASE_US (5 * G_TIME_SPAN_SECOND)

void
look_say (const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  vprintf (format, arguments);
  va_end (arguments);
  putchar ('\n');
  fflush (stdout);
}

void
look_set_known (Look *self, guint known)
{
  self->known = known;
  if (!self->is_full && known >= self->wanted)
    {
      self->is_full = TRUE;
      look_say ("known");
    }
  else if (self->is_full && known == 0)
    look_say ("gone");
}

/* --- the timer of 1 ms --- */

typedef struct
{
  gint64 expected_us; /* when the next tick is due */
  GArray *late;       /* (owned) (element-type double) milliseconds */
} Timer;

static gboolean
on_tick (gpointer user_data)
{
  Timer *self = user_data;
  gint64 now = g_get_monotonic_time ();
  double late = (double)(now - self->expected_us) / 1000;

  g_array_append_val (self->late, late);
  self->expected_us = now + 1000;
  return G_SOURCE_CONTINUE;
}

/* (transfer full): how late the timer came until the time is over and, if @look, all is known */
static GArray *
run_phase (const Look *look)
{
  gint64 start = g_get_monotonic_time ();
  Timer timer = { start + 1000, g_array_new (FALSE, FALSE, sizeof (double)) };
  guint source = g_timeout_add_full (G_PRIORITY_DEFAULT, 1, on_tick, &timer, NULL);

  while (g_get_monotonic_time () < start + PHASE_US || (look != NULL && !look->is_full))
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (source);
  return timer.late;
}

/* Looking begins within the phase that is measured. */
static gboolean
on_begin (gpointer user_data)
{
  Look *self = user_data;

  self->start (self);
  return G_SOURCE_REMOVE;
}

static void
measure_timer (Look *self)
{
  g_autoptr (GArray) idle = run_phase (NULL);
  g_autoptr (GArray) busy = NULL;

  g_idle_add_full (G_PRIORITY_DEFAULT, on_begin, self, NULL);
  busy = run_phase (self);
  look_say ("late %.3f %.3f %.3f %.3f", bench_percentile (idle, 99), bench_percentile (idle, 100),
            bench_percentile (busy, 99), bench_percentile (busy, 100));
}

int
look_main (int argc, char **argv, LookStart start)
{
  Look self = { .start = start };
  const GOptionEntry options[] = {
    { "first-set", 0, 0, G_OPTION_ARG_NONE, &self.first_set, "Wait for the first full set", NULL },
    { "names", 0, 0, G_OPTION_ARG_NONE, &self.names, "Browse for names only", NULL },
    { "keep", 0, 0, G_OPTION_ARG_NONE, &self.keep, "Keep a resolver for each instance", NULL },
    { "embedded", 0, 0, G_OPTION_ARG_NONE, &self.embedded, "Look without a daemon", NULL },
    { "watchers", 0, 0, G_OPTION_ARG_INT, &self.watchers, "How many watch", "N" },
    { "timer", 0, 0, G_OPTION_ARG_NONE, &self.timer, "Measure how late a timer comes", NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("NAME COUNT");

  g_option_context_add_main_entries (context, options, NULL);
  if (!g_option_context_parse (context, &argc, &argv, NULL) || argc != 3)
    bench_fail ("usage: %s [OPTION]… NAME COUNT", argv[0]);
  self.name = argv[1];
  self.wanted = (guint)g_ascii_strtoull (argv[2], NULL, 10);
  if (self.timer)
    measure_timer (&self);
  else
    start (&self);
  bench_run ();
  return EXIT_SUCCESS;
}
