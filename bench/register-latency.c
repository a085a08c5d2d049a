/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* register-latency [ROUNDS] - how long from the call that announces to the event at a waiting
 * watcher, and from a changed TXT record to the update: libdisco with a daemon and with a responder
 * of its own, and avahi-client, by turns, so that all see the same machine; between two hosts and
 * on one. The hosts a and b have daemons, c and d have not. Medians, in seconds. */
#include "bench.h"
#include "latency.h"

#include <stdlib.h>

typedef struct
{
  const char *title;
  const char *from; /* host */
  const char *to;   /* host */
  BenchMain announce;
  BenchMain watch;
  LatencyOurs ours;
  BenchPeer announcer;
  BenchPeer watcher;
  GArray *add;    /* (owned) (element-type double) seconds */
  GArray *update; /* (owned) (element-type double) seconds */
} Side;

static void
start (Side *self)
{
  latency_ours = self->ours;
  self->watcher = bench_peer_start (self->to, self->watch);
  self->announcer = bench_peer_start (self->from, self->announce);
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
print_row (const Side *self)
{
  g_print ("%-32s %12.3f %12.3f\n", self->title, bench_percentile (self->add, 50),
           bench_percentile (self->update, 50));
}

int
main (int argc, char **argv)
{
  Side sides[] = {
    { "avahi-client", "b", "a", naive_announce, naive_watch },
    { "libdisco", "b", "a", ours_announce, ours_watch, { "b-daemon", FALSE } },
    { "libdisco, embedded", "d", "c", ours_announce, ours_watch, { "b-embedded", TRUE } },
    { "libdisco, one host", "a", "a", ours_announce, ours_watch, { "b-daemon-one", FALSE } },
    { "libdisco, embedded, one host",
      "c",
      "c",
      ours_announce,
      ours_watch,
      { "b-embedded-one", TRUE } },
  };
  int rounds = argc > 1 ? (int)g_ascii_strtoll (argv[1], NULL, 10) : 40;

  if (rounds < 1)
    bench_fail ("usage: register-latency [ROUNDS]");
  for (guint i = 0; i < G_N_ELEMENTS (sides); i++)
    start (&sides[i]);
  for (int round = 1; round <= rounds; round++)
    for (guint i = 0; i < G_N_ELEMENTS (sides); i++)
      measure (&sides[i], 'r', round, sides[i].add);
  for (int round = 1; round <= rounds; round++)
    for (guint i = 0; i < G_N_ELEMENTS (sides); i++)
      measure (&sides[i], 'u', round, sides[i].update);
  g_print ("medians of %-21d %12s %12s\n", rounds, "register to", "TXT change");
  g_print ("%-32s %12s %12s\n", "", "ADD, s", "to UPDATE, s");
  for (guint i = 0; i < G_N_ELEMENTS (sides); i++)
    {
      print_row (&sides[i]);
      stop (&sides[i]);
    }
  g_print (
      "to hold: libdisco at most 0.080 over avahi-client, embedded at most 0.060 over the daemon,\n"
      "UPDATE at most 0.300\n");
  return EXIT_SUCCESS;
}
