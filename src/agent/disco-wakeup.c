/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-wakeup-private.h"

static gboolean
dispatch (GSource *source, GSourceFunc func, gpointer data)
{
  g_source_set_ready_time (source, -1);
  return func (data);
}

static GSourceFuncs wakeup_funcs = { .dispatch = dispatch };

GSource *
disco_wakeup_new (GTask *task, GSourceFunc func, gpointer data, GDestroyNotify free_data)
{
  GSource *self = g_source_new (&wakeup_funcs, sizeof (GSource));
  GCancellable *cancellable = g_task_get_cancellable (task);

  g_source_set_static_name (self, "[disco] pending call");
  g_source_set_priority (self, g_task_get_priority (task));
  g_source_set_callback (self, func, data, free_data);
  if (cancellable != NULL)
    {
      g_autoptr (GSource) child = g_cancellable_source_new (cancellable);

      g_source_set_dummy_callback (child);
      g_source_add_child_source (self, child);
    }
  return self;
}
