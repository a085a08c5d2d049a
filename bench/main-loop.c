/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* main-loop [INSTANCES] - what opening a service costs the caller's main loop: a program with a
 * timer of 1 ms on its main context, idle, and then while it opens and watches a service with 500
 * instances on another host. How late the timer comes, 99th percentile and worst, in milliseconds.
 */
#include "bench.h"

#include <disco/disco.h>
#include <stdlib.h>

#define NAME "bench-many"
/* Each phase lasts this long at least, so that both have thousands of ticks. */
#define PHASE_US (5 * G_TIME_SPAN_SECOND)
#define DEADLINE_US (60 * G_TIME_SPAN_SECOND)

/* --- the other host --- */

static void
on_registered (GObject *source, GAsyncResult *result, gpointer data)
{
  int *waiting = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *id = disco_agent_register_finish (DISCO_AGENT (source), result, &error);

  if (id == NULL)
    bench_fail ("%s", error->message);
  --*waiting;
}

static int
announce_many (int commands, int reports)
{
  g_autoptr (DiscoAgent) agent = DISCO_AGENT (disco_avahi_agent_new (DISCO_BACKEND_DAEMON));
  char what;
  int count, waiting;

  if (!bench_next_command (commands, &what, &count))
    return EXIT_FAILURE;
  waiting = count;
  for (int i = 0; i < count; i++)
    {
      g_autoptr (DiscoRegistration) registration = disco_registration_new (NAME, 4711);
      disco_agent_register_async (agent, registration, NULL, on_registered, &waiting);
    }
  while (waiting > 0)
    g_main_context_iteration (NULL, TRUE);
  bench_report (reports, count, g_get_monotonic_time ());
  while (bench_next_command (commands, &what, &count))
    continue;
  return disco_agent_leave (agent, NULL, NULL) ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* --- the program with the timer --- */

typedef struct
{
  gint64 expected_us; /* when the next tick is due */
  GArray *late;       /* (owned) (element-type double) milliseconds */
} Timer;

typedef struct
{
  guint known;
  guint wanted;
  gint64 complete_us; /* 0: not yet */
} Progress;

static gboolean
on_tick (gpointer data)
{
  Timer *self = data;
  gint64 now = g_get_monotonic_time ();
  double late_ms = (double)(now - self->expected_us) / 1000;

  g_array_append_val (self->late, late_ms);
  self->expected_us = now + 1000;
  return G_SOURCE_CONTINUE;
}

/* Runs the main loop for the phase's time, and until @progress is complete. */
static GArray *
run_phase (const Progress *progress)
{
  gint64 start = g_get_monotonic_time ();
  gint64 now = start;
  Timer timer
      = { .expected_us = start + 1000, .late = g_array_new (FALSE, FALSE, sizeof (double)) };
  guint source = g_timeout_add_full (G_PRIORITY_DEFAULT, 1, on_tick, &timer, NULL);

  while (now < start + PHASE_US || (progress != NULL && progress->complete_us == 0))
    {
      g_main_context_iteration (NULL, TRUE);
      now = g_get_monotonic_time ();
      if (now > start + DEADLINE_US)
        bench_fail ("not all instances were found");
    }
  g_source_remove (source);
  return timer.late;
}

static void
on_events (GObject *source, GAsyncResult *result, gpointer data)
{
  Progress *progress = data;
  DiscoWatcher *watcher = DISCO_WATCHER (source);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) events = disco_watcher_next_finish (watcher, result, &error);

  if (events == NULL)
    return; /* closed */
  for (guint i = 0; i < events->len; i++)
    if (disco_event_get_operation (events->pdata[i]) == DISCO_OPERATION_ADD)
      progress->known++;
  if (progress->known >= progress->wanted && progress->complete_us == 0)
    progress->complete_us = g_get_monotonic_time ();
  disco_watcher_next_async (watcher, NULL, on_events, progress);
}

/* The agent too is made in the phase that is measured. */
static GArray *
run_busy_phase (guint count, double *seconds)
{
  Progress progress = { .wanted = count };
  gint64 start = g_get_monotonic_time ();
  g_autoptr (DiscoAgent) agent = DISCO_AGENT (disco_avahi_agent_new (DISCO_BACKEND_DAEMON));
  g_autoptr (DiscoService) service = disco_agent_open_service (agent, NAME, NULL, NULL);
  g_autoptr (DiscoWatcher) watcher = disco_service_watch_full (service, DISCO_WATCH_IMMEDIATE);
  GArray *late;

  disco_watcher_next_async (watcher, NULL, on_events, &progress);
  late = run_phase (&progress);
  disco_watcher_close (watcher);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  *seconds = (double)(progress.complete_us - start) / G_USEC_PER_SEC;
  return late;
}

int
main (int argc, char **argv)
{
  int count = argc > 1 ? (int)g_ascii_strtoll (argv[1], NULL, 10) : 500;
  BenchPeer peer = bench_peer_start ("b", announce_many);
  g_autoptr (GArray) idle = NULL;
  g_autoptr (GArray) busy = NULL;
  double seconds = 0;

  bench_peer_ask (&peer, 'r', count);
  bench_peer_wait (&peer, count);
  idle = run_phase (NULL);
  busy = run_busy_phase ((guint)count, &seconds);
  g_print ("1 ms timer, ms late         idle   opening %d   (all known after %.2f s)\n", count,
           seconds);
  g_print ("99th percentile         %8.3f %13.3f   at most 1 more\n", bench_percentile (idle, 99),
           bench_percentile (busy, 99));
  g_print ("worst                   %8.3f %13.3f   at most 5 more\n", bench_percentile (idle, 100),
           bench_percentile (busy, 100));
  bench_peer_stop (&peer);
  return EXIT_SUCCESS;
}
