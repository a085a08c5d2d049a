/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The library's worker without a thread: its context is the loop's. Being in the program itself,
 * these functions go before those of src/avahi/disco-worker.c in the archive. */
#include "disco-worker-private.h"

#include "sim-loop.h"
#include "test-support.h"

struct _DiscoWorker
{
  DiscoWorkerFunc last;
  gpointer last_data;
  gboolean nobody_waits;
  gboolean stopped;
};

DiscoWorker *
disco_worker_new (const char *name, GError **error)
{
  return g_new0 (DiscoWorker, 1);
}

GMainContext *
disco_worker_get_context (DiscoWorker *self)
{
  return sim_loop_get_worker_context ();
}

void
disco_worker_invoke (DiscoWorker *self, DiscoWorkerFunc func, gpointer data)
{
  test_invoke (sim_loop_get_worker_context (), func, data);
}

static void
on_stop (gpointer data)
{
  DiscoWorker *self = data;

  self->last (self->last_data);
  self->stopped = TRUE;
  if (self->nobody_waits)
    g_free (self);
}

void
disco_worker_stop (DiscoWorker *self, DiscoWorkerFunc last, gpointer data)
{
  self->last = last;
  self->last_data = data;
  self->nobody_waits = sim_loop_is_in_worker ();
  disco_worker_invoke (self, on_stop, self);
  if (self->nobody_waits)
    return;
  while (!self->stopped)
    sim_loop_turn_worker ();
  g_free (self);
}
