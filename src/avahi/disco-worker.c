/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-worker-private.h"

#include "disco-descriptors-private.h"

#include <disco/disco-error.h>

/* Its context's, and those of the first thing that GLib is asked for there */
#define DESCRIPTORS 4

struct _DiscoWorker
{
  gatomicrefcount ref_count; /* the owner's and the thread's */
  GMainContext *context;     /* (owned) */
  GThread *thread;           /* (owned) */
  gboolean stopped;          /* the thread's own */
  DiscoWorkerFunc last;      /* set before the call that ends the loop */
  gpointer last_data;
};

typedef struct
{
  DiscoWorkerFunc func;
  gpointer data;
} Call;

static void
disco_worker_unref (DiscoWorker *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_main_context_unref (self->context);
  g_free (self);
}

static gpointer
run (gpointer data)
{
  DiscoWorker *self = data;

  g_main_context_push_thread_default (self->context);
  while (!self->stopped)
    g_main_context_iteration (self->context, TRUE);
  g_main_context_pop_thread_default (self->context);
  disco_worker_unref (self);
  return NULL;
}

DiscoWorker *
disco_worker_new (const char *name, GError **error)
{
  g_autoptr (GError) local = NULL;
  DiscoWorker *self;

  if (!disco_descriptors_check (DESCRIPTORS, error))
    return NULL;
  self = g_new0 (DiscoWorker, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->context = g_main_context_new ();
  g_atomic_ref_count_inc (&self->ref_count);
  self->thread = g_thread_try_new (name, run, self, &local);
  if (self->thread != NULL)
    return self;
  g_set_error (error, DISCO_ERROR, DISCO_ERROR_LIMIT, "this process can make no thread: %s",
               local->message);
  g_main_context_unref (self->context);
  g_free (self);
  return NULL;
}

GMainContext *
disco_worker_get_context (DiscoWorker *self)
{
  return self->context;
}

static gboolean
on_call (gpointer data)
{
  Call *call = data;

  call->func (call->data);
  return G_SOURCE_REMOVE;
}

/* Not g_main_context_invoke(), which calls at once on the thread itself: order would depend on who
 * calls. */
void
disco_worker_invoke (DiscoWorker *self, DiscoWorkerFunc func, gpointer data)
{
  g_autoptr (GSource) source = g_idle_source_new ();
  Call *call = g_new (Call, 1);

  call->func = func;
  call->data = data;
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, on_call, call, g_free);
  g_source_attach (source, self->context);
}

static void
on_stop (gpointer data)
{
  DiscoWorker *self = data;

  self->last (self->last_data);
  self->stopped = TRUE;
}

void
disco_worker_stop (DiscoWorker *self, DiscoWorkerFunc last, gpointer data)
{
  GThread *thread = self->thread;

  self->last = last;
  self->last_data = data;
  disco_worker_invoke (self, on_stop, self);
  if (thread == g_thread_self ())
    g_thread_unref (thread);
  else
    g_thread_join (thread);
  disco_worker_unref (self);
}
