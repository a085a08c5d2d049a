/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* limits BACKEND REGISTRATIONS NAME INSTANCES - one program that registers so many services and
 * watches so many instances of NAME, which others announce, at once. Prints how long both took,
 * what memory it has, and how many sockets, of which each connection to a daemon takes one. Exit
 * status 1 if anything is missing after five minutes. */
#include "bench.h"

#include <disco/disco.h>
#include <stdlib.h>
#include <string.h>

#define DEADLINE_S 300

typedef struct
{
  GMainLoop *loop; /* (owned) */
  DiscoAgent *agent;
  DiscoWatcher *watcher;
  gint64 began_at;
  guint n_wanted;
  guint n_registered;
  guint n_failed;
  guint n_instances_wanted;
  guint n_instances;
} Limits;

static double
seconds_since (gint64 began_at)
{
  return (double)(g_get_monotonic_time () - began_at) / G_TIME_SPAN_SECOND;
}

static void
look_whether_done (Limits *self)
{
  if (self->n_registered + self->n_failed == self->n_wanted
      && self->n_instances >= self->n_instances_wanted)
    g_main_loop_quit (self->loop);
}

static void
on_registered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Limits *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *id = disco_agent_register_finish (DISCO_AGENT (source), result, &error);

  if (id != NULL)
    self->n_registered++;
  else if (self->n_failed++ == 0)
    g_printerr ("register: %s\n", error->message);
  if (self->n_registered == self->n_wanted)
    g_print ("%u services registered after %.1f s\n", self->n_registered,
             seconds_since (self->began_at));
  look_whether_done (self);
}

/* Each backend under names of its own: with those that another host has just said goodbye to,
 * avahi-core would first announce all of its own again, for each. */
static void
register_all (Limits *self, const char *backend)
{
  for (guint i = 0; i < self->n_wanted; i++)
    {
      g_autoptr (DiscoRegistration) registration = disco_registration_new ("own-many", 80);
      g_autofree char *id = g_strdup_printf ("%s-%u", backend, i);

      disco_registration_set_id (registration, id);
      disco_agent_register_async (self->agent, registration, NULL, on_registered, self);
    }
}

static void
on_next (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Limits *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) events = disco_watcher_next_finish (DISCO_WATCHER (source), result, &error);
  const guint before = self->n_instances;

  if (events == NULL)
    bench_fail ("%s", error->message);
  for (guint i = 0; i < events->len; i++)
    {
      DiscoOperation operation = disco_event_get_operation (events->pdata[i]);
      if (operation == DISCO_OPERATION_ADD)
        self->n_instances++;
      else if (operation == DISCO_OPERATION_REMOVE)
        self->n_instances--;
    }
  if (before < self->n_instances_wanted && self->n_instances >= self->n_instances_wanted)
    g_print ("%u instances known after %.1f s\n", self->n_instances,
             seconds_since (self->began_at));
  look_whether_done (self);
  disco_watcher_next_async (self->watcher, NULL, on_next, self);
}

static gboolean
on_deadline (gpointer user_data)
{
  Limits *self = user_data;

  g_print ("after %d s: %u services registered, %u instances known\n", DEADLINE_S,
           self->n_registered, self->n_instances);
  g_main_loop_quit (self->loop);
  return G_SOURCE_REMOVE;
}

/* --- what it costs --- */

static void
print_memory (const char *whose, const char *pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%s/status", pid);
  g_autofree char *status = NULL;
  const char *line;

  if (!g_file_get_contents (path, &status, NULL, NULL))
    return;
  line = strstr (status, "VmRSS:");
  if (line != NULL)
    g_print ("%s: %" G_GINT64_FORMAT " kB resident\n", whose,
             g_ascii_strtoll (line + strlen ("VmRSS:"), NULL, 10));
}

/* The responder is a child of whichever thread started it. */
static void
print_children (void)
{
  g_autoptr (GDir) tasks = g_dir_open ("/proc/self/task", 0, NULL);
  const char *task;

  while (tasks != NULL && (task = g_dir_read_name (tasks)) != NULL)
    {
      g_autofree char *path = g_strdup_printf ("/proc/self/task/%s/children", task);
      g_autofree char *children = NULL;
      g_auto (GStrv) pids = NULL;

      if (!g_file_get_contents (path, &children, NULL, NULL))
        continue;
      pids = g_strsplit (g_strstrip (children), " ", -1);
      for (char **pid = pids; *pid != NULL && **pid != '\0'; pid++)
        print_memory ("its responder", *pid);
    }
}

static guint
count_sockets (void)
{
  g_autoptr (GDir) files = g_dir_open ("/proc/self/fd", 0, NULL);
  const char *file;
  guint n = 0;

  while (files != NULL && (file = g_dir_read_name (files)) != NULL)
    {
      g_autofree char *path = g_build_filename ("/proc/self/fd", file, NULL);
      g_autofree char *target = g_file_read_link (path, NULL);

      n += target != NULL && g_str_has_prefix (target, "socket:");
    }
  return n;
}

/* More than one: it was lost in between, and all was begun anew. */
static void
print_links (Limits *self)
{
  g_autoptr (GVariant) statistics
      = disco_avahi_agent_dup_statistics (DISCO_AVAHI_AGENT (self->agent));
  guint64 n_links = 0;

  g_variant_lookup (statistics, "links", "t", &n_links);
  g_print ("%" G_GUINT64_FORMAT " links\n", n_links);
}

static gboolean
on_tick (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

/* A daemon that has just heard of thousands of services may take its time to answer. */
static void
wait_running (Limits *self)
{
  const gint64 end = g_get_monotonic_time () + DEADLINE_S * G_TIME_SPAN_SECOND;
  guint tick = g_timeout_add_seconds (1, on_tick, NULL);

  while (disco_avahi_agent_get_state (DISCO_AVAHI_AGENT (self->agent)) != DISCO_STATE_RUNNING)
    {
      if (g_get_monotonic_time () > end)
        bench_fail ("there is no responder");
      g_main_context_iteration (NULL, TRUE);
    }
  g_source_remove (tick);
}

int
main (int argc, char **argv)
{
  Limits self = { 0 };
  g_autoptr (DiscoService) service = NULL;
  g_autoptr (GError) error = NULL;
  gboolean complete;

  if (argc != 5)
    bench_fail ("usage: limits daemon|embedded REGISTRATIONS NAME INSTANCES");
  self.n_wanted = (guint)g_ascii_strtoull (argv[2], NULL, 10);
  self.n_instances_wanted = (guint)g_ascii_strtoull (argv[4], NULL, 10);
  self.loop = g_main_loop_new (NULL, FALSE);
  self.agent = DISCO_AGENT (disco_avahi_agent_new (
      g_str_equal (argv[1], "embedded") ? DISCO_BACKEND_EMBEDDED : DISCO_BACKEND_DAEMON));
  wait_running (&self);
  self.began_at = g_get_monotonic_time ();
  service = disco_agent_open_service (self.agent, argv[3], NULL, &error);
  if (service == NULL)
    bench_fail ("%s", error->message);
  self.watcher = disco_service_watch_full (service, DISCO_WATCH_IMMEDIATE);
  disco_watcher_next_async (self.watcher, NULL, on_next, &self);
  register_all (&self, argv[1]);
  g_timeout_add_seconds (DEADLINE_S, on_deadline, &self);
  g_main_loop_run (self.loop);

  complete = self.n_registered == self.n_wanted && self.n_instances >= self.n_instances_wanted;
  g_print ("%u sockets\n", count_sockets ());
  print_links (&self);
  print_memory ("the program", "self");
  print_children ();
  return complete ? EXIT_SUCCESS : EXIT_FAILURE;
}
