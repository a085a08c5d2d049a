/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-wakeup-private.h"

typedef struct
{
  GSource source;
  GSourceFunc func;
  gpointer data;
  GDestroyNotify free_data;
  GCancellable *cancellable; /* (owned) (nullable) */
  gulong cancelled_id;       /* its handler holds the source until this one is destroyed */
} Wakeup;

static gboolean
dispatch (GSource *source, GSourceFunc func, gpointer data)
{
  g_source_set_ready_time (source, -1);
  return func (data);
}

static void
finalize (GSource *source)
{
  Wakeup *self = (Wakeup *)source;

  g_clear_object (&self->cancellable);
}

static GSourceFuncs wakeup_funcs = { .dispatch = dispatch, .finalize = finalize };

static gboolean
on_ready (gpointer data)
{
  Wakeup *self = data;

  return self->func (self->data);
}

static void
on_destroyed (gpointer data)
{
  Wakeup *self = data;

  /* Not g_cancellable_disconnect(), which waits for handlers that may wait for us. */
  if (self->cancelled_id != 0)
    g_clear_signal_handler (&self->cancelled_id, self->cancellable);
  if (self->free_data != NULL)
    self->free_data (self->data);
}

GSource *
disco_wakeup_new (GTask *task, GSourceFunc func, gpointer data, GDestroyNotify free_data)
{
  GSource *source = g_source_new (&wakeup_funcs, sizeof (Wakeup));
  Wakeup *self = (Wakeup *)source;

  self->func = func;
  self->data = data;
  self->free_data = free_data;
  g_set_object (&self->cancellable, g_task_get_cancellable (task));
  g_source_set_static_name (source, "[disco] pending call");
  g_source_set_priority (source, g_task_get_priority (task));
  g_source_set_callback (source, on_ready, self, on_destroyed);
  return source;
}

static void
on_cancelled (GCancellable *cancellable, gpointer data)
{
  g_source_set_ready_time (data, 0);
}

static void
release (gpointer data, GClosure *closure)
{
  g_source_unref (data);
}

/* GIO's own source for a cancellable is not used: it leaks if it is destroyed in one thread while
 * g_cancellable_cancel() still runs in another. */
void
disco_wakeup_attach (GSource *source, GMainContext *context)
{
  Wakeup *self = (Wakeup *)source;
  g_autoptr (GCancellable) cancellable = NULL;

  g_set_object (&cancellable, self->cancellable);
  if (cancellable != NULL)
    self->cancelled_id = g_signal_connect_data (cancellable, "cancelled", G_CALLBACK (on_cancelled),
                                                g_source_ref (source), release, 0);
  g_source_attach (source, context);
  /* Cancelled, maybe, before the handler was there, or while it had no context to wake. */
  if (g_cancellable_is_cancelled (cancellable))
    g_source_set_ready_time (source, 0);
}
