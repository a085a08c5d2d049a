/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-diagnose-private.h"
#include "disco-engine-private.h"

static gboolean
on_time_over (gpointer user_data)
{
  *(gboolean *)user_data = TRUE;
  return G_SOURCE_CONTINUE;
}

DiscoDiagnoseRun *
disco_diagnose_run_new (void)
{
  DiscoDiagnoseRun *self = g_new0 (DiscoDiagnoseRun, 1);

  self->context = g_main_context_new ();
  self->cancellable = g_cancellable_new ();
  g_main_context_push_thread_default (self->context);
  return self;
}

void
disco_diagnose_run_free (DiscoDiagnoseRun *self)
{
  g_assert (self->n_calls == 0);
  g_main_context_pop_thread_default (self->context);
  g_main_context_unref (self->context);
  g_object_unref (self->cancellable);
  g_free (self);
}

gboolean
disco_diagnose_run_wait (DiscoDiagnoseRun *self, gint64 for_us, DiscoDiagnoseCondition condition,
                         gpointer data)
{
  gboolean over = FALSE;
  GSource *timer = disco_timer_new (self->context, on_time_over, &over);

  disco_timer_advance (timer, g_get_monotonic_time () + for_us);
  while (!over && !self->cancelled && !(condition != NULL && condition (data)))
    g_main_context_iteration (self->context, TRUE);
  disco_timer_free (timer);
  return condition != NULL && condition (data);
}
