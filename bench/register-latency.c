/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* register-latency [ROUNDS] - how long from the call that announces to the event at a waiting
 * watcher, and from a changed TXT record to the update: libdisco with a daemon and with a responder
 * of its own, avahi-client, and python-zeroconf watching what avahi-client announces, by turns, so
 * that all see the same machine; between two hosts and on one. The hosts a and b have daemons, c to
 * e have not. Prints a line for each
 * figure: what, who and seconds, with tabs between them. */
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
  const char *type;
  LatencyOurs ours;
  BenchPeer announcer;
  BenchPeer watcher;
} Side;

static void
start (Side *self)
{
  latency_ours = self->ours;
  latency_type = self->type;
  self->watcher = bench_peer_start (self->to, self->watch);
  self->announcer = bench_peer_start (self->from, self->announce);
  bench_peer_wait (&self->watcher, 0);
}

static void
measure (Side *self, char what, int index)
{
  int number = index + (what == 'u' ? LATENCY_UPDATE : 0);
  gint64 asked, seen;

  bench_peer_ask (&self->announcer, what, index);
  asked = bench_peer_wait (&self->announcer, number);
  seen = bench_peer_wait (&self->watcher, number);
  g_print ("%s\t%s\t%.6f\n", what == 'u' ? "TXT change to UPDATE" : "register to ADD", self->title,
           (double)(seen - asked) / G_USEC_PER_SEC);
}

static void
stop (Side *self)
{
  bench_peer_stop (&self->announcer);
  bench_peer_stop (&self->watcher);
}

int
main (int argc, char **argv)
{
  Side sides[] = {
    { "avahi-client", "b", "a", naive_announce, naive_watch, "_bench-naive._tcp" },
    { "python-zeroconf", "b", "e", naive_announce, zeroconf_watch, "_bench-zeroconf._tcp" },
    { "libdisco", "b", "a", ours_announce, ours_watch, NULL, { "b-daemon", FALSE } },
    { "libdisco, embedded", "d", "c", ours_announce, ours_watch, NULL, { "b-embedded", TRUE } },
    { "libdisco, one host", "a", "a", ours_announce, ours_watch, NULL, { "b-daemon-one", FALSE } },
    { "libdisco, embedded, one host",
      "c",
      "c",
      ours_announce,
      ours_watch,
      NULL,
      { "b-embedded-one", TRUE } },
  };
  int rounds = argc > 1 ? (int)g_ascii_strtoll (argv[1], NULL, 10) : 40;

  if (rounds < 1)
    bench_fail ("usage: register-latency [ROUNDS]");
  for (guint i = 0; i < G_N_ELEMENTS (sides); i++)
    start (&sides[i]);
  for (int round = 1; round <= rounds; round++)
    for (guint i = 0; i < G_N_ELEMENTS (sides); i++)
      measure (&sides[i], 'r', round);
  for (int round = 1; round <= rounds; round++)
    for (guint i = 0; i < G_N_ELEMENTS (sides); i++)
      measure (&sides[i], 'u', round);
  for (guint i = 0; i < G_N_ELEMENTS (sides); i++)
    stop (&sides[i]);
  return EXIT_SUCCESS;
}
