/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-descriptors-private.h"
#include "disco-sync-private.h"

gboolean
disco_sync_begin (DiscoSync *self, GError **error)
{
  if (!disco_descriptors_check (1, error))
    return FALSE;
  self->context = g_main_context_new ();
  g_main_context_push_thread_default (self->context);
  return TRUE;
}

void
disco_sync_callback (GObject *source, GAsyncResult *result, gpointer user_data)
{
  DiscoSync *self = user_data;

  self->result = g_object_ref (result);
}

GAsyncResult *
disco_sync_wait (DiscoSync *self)
{
  while (self->result == NULL)
    g_main_context_iteration (self->context, TRUE);
  g_main_context_pop_thread_default (self->context);
  return self->result;
}

void
disco_sync_clear (DiscoSync *self)
{
  g_clear_object (&self->result);
  g_clear_pointer (&self->context, g_main_context_unref);
}
