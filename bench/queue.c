/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* queue [ROUNDS] - from a source's snapshots to watchers' events, without a network: how many
 * events a second 1, 10 and 100 watchers of one service take, all of them together, and what a
 * watcher that has nothing to do keeps in memory. Prints a line for each figure: what, who and how
 * much, with tabs between them. */
#include "bench.h"
#include "disco-instance-private.h"
#include "disco-service-private.h"

#include <disco/disco.h>
#include <malloc.h>
#include <stdlib.h>

#define INSTANCES 1000
#define EVENTS 1000000
#define IDLE_WATCHERS 1000

static void
start_nothing (gpointer owner, DiscoSource *source)
{
}

static void
stop_nothing (gpointer owner, DiscoSource *source)
{
  disco_source_free (source);
}

static const DiscoSourceFuncs funcs = { start_nothing, stop_nothing };

static GPtrArray *
make_snapshot (guint16 port)
{
  GPtrArray *snapshot = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < INSTANCES; i++)
    {
      g_autofree char *id = g_strdup_printf ("1b9d6bcd-bbfd-4b2d-9b5d-ab8d%08x", i);
      const DiscoInstanceFields fields = { .id = id, .port = port };
      g_ptr_array_add (snapshot, disco_instance_new (&fields));
    }
  return snapshot;
}

static guint
take_all (GPtrArray *watchers)
{
  guint events = 0;

  for (guint i = 0; i < watchers->len; i++)
    {
      g_autoptr (GPtrArray) batch = disco_watcher_next (watchers->pdata[i], NULL, NULL);
      events += batch->len;
    }
  return events;
}

static GPtrArray *
make_watchers (DiscoService *service, guint n)
{
  GPtrArray *watchers = g_ptr_array_new_full (n, g_object_unref);

  for (guint i = 0; i < n; i++)
    g_ptr_array_add (watchers, disco_service_watch (service));
  return watchers;
}

/* Each snapshot changes every instance. */
static double
measure_rate (DiscoSource *source, DiscoService *service, GPtrArray *const *snapshots, guint n)
{
  g_autoptr (GPtrArray) watchers = make_watchers (service, n);
  guint events = 0;
  gint64 start;

  take_all (watchers);
  start = bench_cpu_time ();
  for (guint i = 0; events < EVENTS; i++)
    {
      disco_source_set_snapshot (source, snapshots[i % 2], TRUE);
      events += take_all (watchers);
    }
  return (double)events / (double)(bench_cpu_time () - start);
}

static void
on_events (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GPtrArray) events = disco_watcher_next_finish (DISCO_WATCHER (source), result, NULL);
}

/* Bytes a watcher, of those that have been told all there is and wait for more */
static double
measure_memory (DiscoService *service)
{
  const size_t before = mallinfo2 ().uordblks;
  g_autoptr (GPtrArray) watchers = g_ptr_array_new_full (IDLE_WATCHERS, g_object_unref);
  size_t after;

  for (guint i = 0; i < IDLE_WATCHERS; i++)
    {
      DiscoWatcher *watcher = disco_service_watch (service);
      g_autoptr (GPtrArray) events = disco_watcher_next (watcher, NULL, NULL);

      disco_watcher_next_async (watcher, NULL, on_events, NULL);
      g_ptr_array_add (watchers, watcher);
    }
  after = mallinfo2 ().uordblks;
  for (guint i = 0; i < watchers->len; i++)
    disco_watcher_close (watchers->pdata[i]);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  return (double)(after - before) / IDLE_WATCHERS;
}

int
main (int argc, char **argv)
{
  const guint counts[] = { 1, 10, 100 };
  guint rounds = argc > 1 ? (guint)g_ascii_strtoull (argv[1], NULL, 10) : 7;
  g_autoptr (DiscoAgent) agent = DISCO_AGENT (disco_local_agent_new ());
  g_autoptr (DiscoSourceTable) table = disco_source_table_new (&funcs, NULL);
  g_autoptr (DiscoSource) source = disco_source_table_open (table, "x", "_x._tcp", NULL, NULL);
  g_autoptr (GPtrArray) one = make_snapshot (1);
  g_autoptr (GPtrArray) other = make_snapshot (2);
  GPtrArray *const snapshots[] = { one, other };
  g_autoptr (DiscoService) service = NULL;

  disco_source_set_snapshot (source, other, TRUE);
  service = disco_service_new (agent, source, NULL);
  for (guint round = 0; round < rounds; round++)
    {
      for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
        g_print ("%u watchers\tlibdisco\t%.3f\n", counts[i],
                 measure_rate (source, service, snapshots, counts[i]));
      g_print ("memory\tlibdisco\t%.0f\n", measure_memory (service));
    }
  return EXIT_SUCCESS;
}
