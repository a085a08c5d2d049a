/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-wakeup-private.h"

/* What the cancellable's handler has hold of. Not the source itself: once that is destroyed its
 * context may go any time, and neither may a ready time be set then, nor a reference dropped, which
 * both take the lock of a context that may be no more. */
typedef struct
{
  GMutex mutex;
  GSource *source; /* (nullable): NULL once it is destroyed */
} Handle;

typedef struct
{
  GSource source;
  GSourceFunc func;
  gpointer data;
  GDestroyNotify free_data;
  GCancellable *cancellable; /* (owned) (nullable) */
  gulong cancelled_id;
  Handle *handle; /* (owned) (nullable): with a cancellable */
} Wakeup;

static void
clear_handle (gpointer data)
{
  g_mutex_clear (&((Handle *)data)->mutex);
}

static void
handle_unref (gpointer data)
{
  g_atomic_rc_box_release_full (data, clear_handle);
}

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

  if (self->handle != NULL)
    {
      g_mutex_lock (&self->handle->mutex);
      self->handle->source = NULL;
      g_mutex_unlock (&self->handle->mutex);
      g_clear_pointer (&self->handle, handle_unref);
      /* Not g_cancellable_disconnect(), which waits for handlers that may wait for us. */
      g_clear_signal_handler (&self->cancelled_id, self->cancellable);
    }
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

/* In any thread */
static void
on_cancelled (GCancellable *cancellable, gpointer data)
{
  Handle *self = data;

  g_mutex_lock (&self->mutex);
  if (self->source != NULL)
    g_source_set_ready_time (self->source, 0);
  g_mutex_unlock (&self->mutex);
}

static void
release (gpointer data, GClosure *closure)
{
  handle_unref (data);
}

static void
listen_to_cancellable (Wakeup *self, GCancellable *cancellable)
{
  self->handle = g_atomic_rc_box_new0 (Handle);
  g_mutex_init (&self->handle->mutex);
  self->handle->source = &self->source;
  self->cancelled_id = g_signal_connect_data (cancellable, "cancelled", G_CALLBACK (on_cancelled),
                                              g_atomic_rc_box_acquire (self->handle), release, 0);
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
    listen_to_cancellable (self, cancellable);
  g_source_attach (source, context);
  /* Cancelled, maybe, before the handler was there, or while it had no context to wake. */
  if (g_cancellable_is_cancelled (cancellable))
    g_source_set_ready_time (source, 0);
}
