/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* calls daemon|local - how long asynchronous calls keep their caller. Says "ready", and after a
 * line of input makes each call 1,000 times and cancels it: "CALL MS" is the worst of each, and
 * "CALL-cancelled MS" how long it took to end where each was cancelled alone; then comes "called".
 * After another line of input it says "well" when an announcement has come to the watcher. */
#include "bench.h"

#include <disco/disco.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N_CALLS 1000
#define NAME "bench-calls"

typedef struct
{
  DiscoAgent *agent;       /* (owned) */
  DiscoService *service;   /* (owned) */
  DiscoWatcher *watcher;   /* (owned) */
  DiscoInstance *instance; /* (owned): what the agent itself announces */
  guint n_waiting;         /* calls that have not ended */
} Calls;

static void
on_end (GObject *source, GAsyncResult *result, gpointer user_data)
{
  ((Calls *)user_data)->n_waiting--;
}

static void
wait_all (Calls *self)
{
  while (self->n_waiting > 0)
    g_main_context_iteration (NULL, TRUE);
}

static void
wait_line (void)
{
  char line[16];

  fflush (stdout);
  if (fgets (line, sizeof line, stdin) == NULL)
    bench_fail ("no more is asked for");
}

static DiscoRegistration *
registration_of (const char *id)
{
  DiscoRegistration *registration = disco_registration_new (NAME, 4711);

  disco_registration_set_id (registration, id);
  return registration;
}

static DiscoInstance *
find_added (GPtrArray *events, const char *id)
{
  for (guint i = 0; i < events->len; i++)
    {
      DiscoInstance *instance = disco_event_get_instance (events->pdata[i]);
      if (disco_event_get_operation (events->pdata[i]) == DISCO_OPERATION_ADD
          && strcmp (disco_instance_get_id (instance), id) == 0)
        return instance;
    }
  return NULL;
}

/* (transfer full): Returns once the watcher has been told of it. */
static DiscoInstance *
announce_and_wait (Calls *self, const char *id)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DiscoRegistration) registration = registration_of (id);
  g_autofree char *registered = disco_agent_register (self->agent, registration, NULL, &error);
  DiscoInstance *added = NULL;

  if (registered == NULL)
    bench_fail ("%s", error->message);
  while (added == NULL)
    {
      g_autoptr (GPtrArray) events = disco_watcher_next (self->watcher, NULL, &error);
      if (events == NULL)
        bench_fail ("%s", error->message);
      g_set_object (&added, find_added (events, id));
    }
  return added;
}

/* --- the calls --- */

static void
call_register (Calls *self, guint index, GCancellable *cancellable)
{
  g_autofree char *id = g_strdup_printf ("call-%u", index);
  g_autoptr (DiscoRegistration) registration = registration_of (id);

  disco_agent_register_async (self->agent, registration, cancellable, on_end, self);
}

static void
call_update (Calls *self, guint index, GCancellable *cancellable)
{
  g_autoptr (DiscoRegistration) registration = registration_of ("one");
  g_autofree char *text = g_strdup_printf ("%u", index);
  g_autoptr (GBytes) value = g_bytes_new (text, strlen (text));

  disco_registration_set_attribute (registration, "number", value);
  disco_agent_update_async (self->agent, "one", registration, cancellable, on_end, self);
}

static void
call_deregister (Calls *self, guint index, GCancellable *cancellable)
{
  disco_agent_deregister_async (self->agent, "nobody", cancellable, on_end, self);
}

static void
call_services (Calls *self, guint index, GCancellable *cancellable)
{
  disco_agent_services_async (self->agent, NULL, cancellable, on_end, self);
}

static void
call_service (Calls *self, guint index, GCancellable *cancellable)
{
  g_autofree char *name = g_strdup_printf ("name-%u", index % 8);

  disco_agent_service_async (self->agent, name, NULL, cancellable, on_end, self);
}

static void
call_verify (Calls *self, guint index, GCancellable *cancellable)
{
  disco_agent_verify_async (self->agent, self->instance, cancellable, on_end, self);
}

static void
call_leave (Calls *self, guint index, GCancellable *cancellable)
{
  disco_agent_leave_async (self->agent, cancellable, on_end, self);
}

static void
call_diagnose (Calls *self, guint index, GCancellable *cancellable)
{
  disco_diagnose_async (DISCO_AVAHI_AGENT (self->agent), cancellable, on_end, self);
}

static void
call_next (Calls *self, guint index, GCancellable *cancellable)
{
  disco_watcher_next_async (self->watcher, cancellable, on_end, self);
}

typedef void (*Call) (Calls *self, guint index, GCancellable *cancellable);

typedef struct
{
  const char *name;
  Call call;
} Named;

/* What ends by being cancelled, all together: what stands still ends none of them. Leaving comes
 * last, for it ends the others. */
static const Named together[] = {
  { "register", call_register }, { "update", call_update },   { "deregister", call_deregister },
  { "services", call_services }, { "service", call_service }, { "verify", call_verify },
  { "leave", call_leave },
};

/* What there can be one of at a time, or takes threads and sockets: each is cancelled alone. */
static const Named next = { "next", call_next };
static const Named diagnose = { "diagnose", call_diagnose };

static void
say_worst (const char *what, gint64 worst_us)
{
  g_print ("%s %.3f\n", what, (double)worst_us / 1000);
}

static void
measure_together (Calls *self, const Named *named)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  gint64 worst = 0;

  for (guint i = 0; i < N_CALLS; i++)
    {
      const gint64 began = g_get_monotonic_time ();

      self->n_waiting++;
      named->call (self, i, cancellable);
      worst = MAX (worst, g_get_monotonic_time () - began);
    }
  say_worst (named->name, worst);
  g_cancellable_cancel (cancellable);
  wait_all (self);
}

/* The call, and from the cancellation until the callback has run */
static void
measure_one_by_one (Calls *self, const Named *named)
{
  g_autofree char *cancelled = g_strconcat (named->name, "-cancelled", NULL);
  gint64 worst = 0, worst_cancelled = 0;

  for (guint i = 0; i < N_CALLS; i++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      gint64 began = g_get_monotonic_time ();

      self->n_waiting++;
      named->call (self, i, cancellable);
      worst = MAX (worst, g_get_monotonic_time () - began);
      began = g_get_monotonic_time ();
      g_cancellable_cancel (cancellable);
      wait_all (self);
      worst_cancelled = MAX (worst_cancelled, g_get_monotonic_time () - began);
    }
  say_worst (named->name, worst);
  say_worst (cancelled, worst_cancelled);
}

int
main (int argc, char **argv)
{
  Calls self = { 0 };
  g_autoptr (GPtrArray) first_set = NULL;

  if (argc != 2)
    bench_fail ("usage: %s daemon|local", argv[0]);
  self.agent = strcmp (argv[1], "local") == 0
                   ? DISCO_AGENT (disco_local_agent_new ())
                   : DISCO_AGENT (disco_avahi_agent_new (DISCO_BACKEND_DAEMON));
  self.service = disco_agent_open_service (self.agent, NAME, NULL, NULL);
  self.watcher = disco_service_watch (self.service);
  first_set = disco_watcher_next (self.watcher, NULL, NULL);
  self.instance = announce_and_wait (&self, "one");
  g_print ("ready\n");

  wait_line ();
  measure_one_by_one (&self, &next);
  if (DISCO_IS_AVAHI_AGENT (self.agent))
    measure_one_by_one (&self, &diagnose);
  for (guint i = 0; i < G_N_ELEMENTS (together); i++)
    measure_together (&self, &together[i]);
  g_print ("called\n");

  wait_line ();
  g_object_unref (announce_and_wait (&self, "after"));
  g_print ("well\n");
  fflush (stdout);
  g_object_unref (self.instance);
  g_object_unref (self.watcher);
  g_object_unref (self.service);
  g_object_unref (self.agent);
  return EXIT_SUCCESS;
}
