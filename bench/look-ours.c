/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* look-ours [--embedded] [--first-set] [--watchers N] [--timer] NAME COUNT - watches a service with
 * libdisco. Says "known" when there are COUNT instances, "first-set N" when the first batch has
 * come, where that is waited for, "synced N" when the service says that its first full set is
 * known, and "gone" when none is left.
 */
#include "bench.h"
#include "look.h"

#include <disco/disco.h>

static void
on_synced (DiscoService *service, GParamSpec *pspec, gpointer user_data)
{
  g_autoptr (GPtrArray) instances = disco_service_get_instances (service);

  look_say ("synced %u", instances->len);
}

static guint
count_change (GPtrArray *events, guint known)
{
  for (guint i = 0; i < events->len; i++)
    {
      DiscoOperation operation = disco_event_get_operation (events->pdata[i]);
      if (operation == DISCO_OPERATION_ADD)
        known++;
      else if (operation == DISCO_OPERATION_REMOVE)
        known--;
    }
  return known;
}

/* One of the further watchers: it keeps up, and says nothing. */
static void
on_further_events (GObject *source, GAsyncResult *result, gpointer user_data)
{
  DiscoWatcher *watcher = DISCO_WATCHER (source);
  g_autoptr (GPtrArray) events = disco_watcher_next_finish (watcher, result, NULL);

  if (events != NULL)
    disco_watcher_next_async (watcher, NULL, on_further_events, NULL);
}

static void
on_events (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Look *self = user_data;
  DiscoWatcher *watcher = DISCO_WATCHER (source);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) events = disco_watcher_next_finish (watcher, result, &error);

  if (events == NULL)
    bench_fail ("%s", error->message);
  if (self->first_set)
    look_say ("first-set %u", events->len);
  self->first_set = FALSE;
  look_set_known (self, count_change (events, self->known));
  disco_watcher_next_async (watcher, NULL, on_events, self);
}

/* All of it lives as long as the program: the call that waits holds the watcher, which holds the
 * service and its agent. */
static void
start (Look *self)
{
  DiscoBackend backend = self->embedded ? DISCO_BACKEND_EMBEDDED : DISCO_BACKEND_DAEMON;
  g_autoptr (DiscoAgent) agent = DISCO_AGENT (disco_avahi_agent_new (backend));
  g_autoptr (GError) error = NULL;
  DiscoService *service = disco_agent_open_service (agent, self->name, NULL, &error);
  DiscoWatcher *watcher;

  if (service == NULL)
    bench_fail ("%s", error->message);
  g_signal_connect (service, "notify::synced", G_CALLBACK (on_synced), self);
  watcher = disco_service_watch_full (service,
                                      self->first_set ? DISCO_WATCH_NONE : DISCO_WATCH_IMMEDIATE);
  disco_watcher_next_async (watcher, NULL, on_events, self);
  for (int i = 1; i < self->watchers; i++)
    disco_watcher_next_async (disco_service_watch (service), NULL, on_further_events, NULL);
}

int
main (int argc, char **argv)
{
  return look_main (argc, argv, start);
}
