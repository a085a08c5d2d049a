/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bench.h"
#include "latency.h"

#include <disco/disco.h>
#include <stdlib.h>

LatencyOurs latency_ours;

static DiscoAgent *
agent_new (void)
{
  return DISCO_AGENT (disco_avahi_agent_new (latency_ours.embedded ? DISCO_BACKEND_EMBEDDED
                                                                   : DISCO_BACKEND_DAEMON));
}

static DiscoRegistration *
registration_of (int index, gboolean changed)
{
  g_autofree char *id = g_strdup_printf ("%d", index);
  g_autoptr (GBytes) value = g_bytes_new_static (changed ? "new" : "old", 3);
  DiscoRegistration *registration = disco_registration_new (latency_ours.name, 4711);

  disco_registration_set_id (registration, id);
  disco_registration_set_attribute (registration, "state", value);
  return registration;
}

int
ours_announce (int commands, int reports)
{
  g_autoptr (DiscoAgent) agent = agent_new ();
  char what;
  int index;

  while (bench_next_command (commands, &what, &index))
    {
      gboolean is_update = what == 'u';
      g_autoptr (GError) error = NULL;
      g_autoptr (DiscoRegistration) registration = registration_of (index, is_update);
      g_autofree char *id = g_strdup_printf ("%d", index);
      g_autofree char *registered = NULL;

      bench_report (reports, index + (is_update ? LATENCY_UPDATE : 0), g_get_monotonic_time ());
      if (is_update)
        disco_agent_update (agent, id, registration, NULL, &error);
      else
        registered = disco_agent_register (agent, registration, NULL, &error);
      if (error != NULL)
        bench_fail ("%s", error->message);
    }
  return disco_agent_leave (agent, NULL, NULL) ? EXIT_SUCCESS : EXIT_FAILURE;
}

static void
report_event (DiscoEvent *event, int reports, gint64 now)
{
  int index
      = (int)g_ascii_strtoll (disco_instance_get_id (disco_event_get_instance (event)), NULL, 10);

  if (disco_event_get_operation (event) == DISCO_OPERATION_ADD)
    bench_report (reports, index, now);
  else if (disco_event_get_operation (event) == DISCO_OPERATION_UPDATE)
    bench_report (reports, index + LATENCY_UPDATE, now);
}

/* It watches for ever: the one that measures ends it by closing its commands, which a thread of
 * its own waits for. */
static gpointer
cancel_at_end (gpointer data)
{
  int *commands = ((gpointer *)data)[0];
  char what;
  int index;

  while (bench_next_command (*commands, &what, &index))
    continue;
  g_cancellable_cancel (((gpointer *)data)[1]);
  return NULL;
}

int
ours_watch (int commands, int reports)
{
  g_autoptr (DiscoAgent) agent = agent_new ();
  g_autoptr (DiscoService) service
      = disco_agent_open_service (agent, latency_ours.name, NULL, NULL);
  g_autoptr (DiscoWatcher) watcher = disco_service_watch (service);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  gpointer end[] = { &commands, cancellable };
  GThread *thread = g_thread_new ("end", cancel_at_end, end);
  GPtrArray *events;

  while ((events = disco_watcher_next (watcher, cancellable, NULL)) != NULL)
    {
      gint64 now = g_get_monotonic_time ();

      /* the first set, known to be empty: it waits from here on */
      if (events->len == 0)
        bench_report (reports, 0, now);
      for (guint i = 0; i < events->len; i++)
        report_event (events->pdata[i], reports, now);
      g_ptr_array_unref (events);
    }
  g_thread_join (thread);
  return EXIT_SUCCESS;
}
