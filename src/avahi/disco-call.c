/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-call-private.h"
#include "disco-wakeup-private.h"

struct _DiscoCall
{
  GTask *task;     /* (owned) (nullable): NULL once returned */
  GSource *source; /* (owned) (nullable) */
  DiscoCallFunc cancelled;
  gpointer user_data;
};

static gboolean
on_cancelled (gpointer data)
{
  DiscoCall *self = data;

  self->cancelled (self, self->user_data);
  return G_SOURCE_REMOVE;
}

DiscoCall *
disco_call_new (GTask *task, GMainContext *context, DiscoCallFunc cancelled, gpointer user_data)
{
  DiscoCall *self = g_new0 (DiscoCall, 1);

  self->task = task;
  self->cancelled = cancelled;
  self->user_data = user_data;
  if (g_task_get_cancellable (task) != NULL)
    {
      self->source = disco_wakeup_new (task, on_cancelled, self, NULL);
      disco_wakeup_attach (self->source, context);
    }
  return self;
}

/* (transfer full): the task, no longer to be cancelled */
static GTask *
take_task (DiscoCall *self)
{
  if (self->source != NULL)
    {
      g_source_destroy (self->source);
      g_clear_pointer (&self->source, g_source_unref);
    }
  return g_steal_pointer (&self->task);
}

void
disco_call_free (DiscoCall *self)
{
  g_autoptr (GTask) task = take_task (self);

  if (task != NULL)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "cancelled");
  g_free (self);
}

GObject *
disco_call_get_source_object (DiscoCall *self)
{
  return g_task_get_source_object (self->task);
}

void
disco_call_return_pointer (DiscoCall *self, gpointer value, GDestroyNotify free_value)
{
  g_autoptr (GTask) task = take_task (self);

  g_task_return_pointer (task, value, free_value);
}

void
disco_call_return_boolean (DiscoCall *self, gboolean value)
{
  g_autoptr (GTask) task = take_task (self);

  g_task_return_boolean (task, value);
}

void
disco_call_return_error (DiscoCall *self, GError *error)
{
  g_autoptr (GTask) task = take_task (self);

  g_task_return_error (task, error);
}
