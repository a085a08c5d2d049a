/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* register-latency [ROUNDS] - how long from the call that announces on host b to the event at a
 * waiting watcher on host a, and from a changed TXT record to the update: libdisco and avahi-client
 * by turns, so that both see the same machine. Medians, in seconds. */
#include "bench.h"
#include "latency.h"

#include <stdlib.h>

typedef struct
{
  const char *name;
  BenchMain announce;
  BenchMain watch;
  BenchPeer announcer;
  BenchPeer watcher;
  GArray *add;    /* (owned) (element-type double) seconds */
  GArray *update; /* (owned) (element-type double) seconds */
} Side;

static void
start (Side *self)
{
  self->watcher = bench_peer_start ("a", self->watch);
  self->announcer = bench_peer_start ("b", self->announce);
  self->add = g_array_new (FALSE, FALSE, sizeof (double));
  self->update = g_array_new (FALSE, FALSE, sizeof (double));
  bench_peer_wait (&self->watcher, 0);
}

static void
measure (Side *self, char what, int index, GArray *into)
{
  int number = index + (what == 'u' ? LATENCY_UPDATE : 0);
  gint64 asked, seen;
  double seconds;

  bench_peer_ask (&self->announcer, what, index);
  asked = bench_peer_wait (&self->announcer, number);
  seen = bench_peer_wait (&self->watcher, number);
  seconds = (double)(seen - asked) / G_USEC_PER_SEC;
  g_array_append_val (into, seconds);
}

static void
stop (Side *self)
{
  bench_peer_stop (&self->announcer);
  bench_peer_stop (&self->watcher);
  g_array_unref (self->add);
  g_array_unref (self->update);
}

static void
print_row (const char *what, GArray *ours, GArray *naive, const char *bound)
{
  g_print ("%-24s %8.3f %14.3f   %s\n", what, bench_percentile (ours, 50),
           bench_percentile (naive, 50), bound);
}

int
main (int argc, char **argv)
{
  Side ours = { .name = "libdisco", .announce = ours_announce, .watch = ours_watch };
  Side naive = { .name = "avahi-client", .announce = naive_announce, .watch = naive_watch };
  int rounds = argc > 1 ? (int)g_ascii_strtoll (argv[1], NULL, 10) : 40;

  if (rounds < 1)
    bench_fail ("usage: register-latency [ROUNDS]");
  start (&ours);
  start (&naive);
  for (int i = 1; i <= rounds; i++)
    {
      measure (&ours, 'r', i, ours.add);
      measure (&naive, 'r', i, naive.add);
    }
  for (int i = 1; i <= rounds; i++)
    {
      measure (&ours, 'u', i, ours.update);
      measure (&naive, 'u', i, naive.update);
    }
  g_print ("medians of %-12d %8s %14s\n", rounds, "libdisco", "avahi-client");
  print_row ("register to ADD, s", ours.add, naive.add, "at most 0.080 more");
  print_row ("TXT change to UPDATE, s", ours.update, naive.update, "at most 0.300");
  stop (&ours);
  stop (&naive);
  return EXIT_SUCCESS;
}
