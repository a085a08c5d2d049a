/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-outlet-private.h"

typedef struct
{
  DiscoOutletFunc func;
  gpointer data;
  GDestroyNotify free_data;
} Parcel;

struct _DiscoOutlet
{
  gatomicrefcount ref_count; /* the owner and the source */
  GWeakRef owner;
  GMainContext *context; /* (not owned): compared only, it may be gone */
  GMutex mutex;
  GSource *source; /* (owned) (nullable): NULL once it is destroyed; protected by mutex */
  GQueue parcels;  /* of (owned) Parcel; protected by mutex */
  gboolean closed; /* the owner is gone; protected by mutex */
};

static void
parcel_free (Parcel *parcel)
{
  if (parcel->free_data != NULL)
    parcel->free_data (parcel->data);
  g_free (parcel);
}

static void
outlet_unref (DiscoOutlet *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_queue_clear_full (&self->parcels, (GDestroyNotify)parcel_free);
  g_weak_ref_clear (&self->owner);
  g_mutex_clear (&self->mutex);
  g_free (self);
}

static gboolean
dispatch (GSource *source, GSourceFunc func, gpointer data)
{
  g_source_set_ready_time (source, -1);
  return func (data);
}

static GSourceFuncs outlet_funcs = { .dispatch = dispatch };

static Parcel *
pop_parcel (DiscoOutlet *self, gboolean *closed)
{
  Parcel *parcel;

  g_mutex_lock (&self->mutex);
  parcel = g_queue_pop_head (&self->parcels);
  *closed = self->closed;
  g_mutex_unlock (&self->mutex);
  return parcel;
}

static gboolean
on_ready (gpointer data)
{
  DiscoOutlet *self = data;
  gboolean closed;
  Parcel *parcel;

  while ((parcel = pop_parcel (self, &closed)) != NULL)
    {
      g_autoptr (GObject) owner = g_weak_ref_get (&self->owner);

      if (owner != NULL)
        parcel->func (owner, parcel->data);
      parcel_free (parcel);
    }
  return closed ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

/* The source is being destroyed, by the owner or because its context is. In the latter case no
 * other thread may touch it any more when this returns. */
static void
on_source_gone (gpointer data)
{
  DiscoOutlet *self = data;
  GSource *source;

  g_mutex_lock (&self->mutex);
  source = g_steal_pointer (&self->source);
  g_mutex_unlock (&self->mutex);
  g_clear_pointer (&source, g_source_unref);
  outlet_unref (self);
}

DiscoOutlet *
disco_outlet_new (GObject *owner, GMainContext *context)
{
  g_autoptr (GMainContext) own
      = context != NULL ? g_main_context_ref (context) : g_main_context_ref_thread_default ();
  DiscoOutlet *self = g_new0 (DiscoOutlet, 1);

  g_atomic_ref_count_init (&self->ref_count);
  g_weak_ref_init (&self->owner, owner);
  g_mutex_init (&self->mutex);
  g_queue_init (&self->parcels);
  self->context = own;
  self->source = g_source_new (&outlet_funcs, sizeof (GSource));
  g_source_set_static_name (self->source, "[disco] signals");
  g_atomic_ref_count_inc (&self->ref_count);
  g_source_set_callback (self->source, on_ready, self, on_source_gone);
  g_source_attach (self->source, own);
  return self;
}

/* Another thread must not destroy a source whose context may go away at the same time. So it is
 * destroyed here only where the context is sure to stay; else by itself, when it is next dispatched
 * or with its context. */
void
disco_outlet_free (DiscoOutlet *self)
{
  g_autoptr (GMainContext) current = g_main_context_ref_thread_default ();
  g_autoptr (GSource) doomed = NULL;

  g_mutex_lock (&self->mutex);
  self->closed = TRUE;
  if (self->source != NULL)
    g_source_set_ready_time (self->source, 0);
  if (self->context == current || self->context == g_main_context_default ())
    doomed = g_steal_pointer (&self->source);
  g_mutex_unlock (&self->mutex);
  if (doomed != NULL)
    g_source_destroy (doomed);
  outlet_unref (self);
}

void
disco_outlet_send (DiscoOutlet *self, DiscoOutletFunc func, gpointer data, GDestroyNotify free_data)
{
  Parcel *parcel = g_new (Parcel, 1);

  *parcel = (Parcel){ func, data, free_data };
  g_mutex_lock (&self->mutex);
  if (self->source != NULL)
    {
      g_queue_push_tail (&self->parcels, g_steal_pointer (&parcel));
      g_source_set_ready_time (self->source, 0);
    }
  g_mutex_unlock (&self->mutex);
  if (parcel != NULL)
    parcel_free (parcel);
}

static void
notify (GObject *owner, gpointer data)
{
  g_object_notify_by_pspec (owner, data);
}

void
disco_outlet_notify (DiscoOutlet *self, GParamSpec *pspec)
{
  disco_outlet_send (self, notify, g_param_spec_ref (pspec), (GDestroyNotify)g_param_spec_unref);
}
