/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-retry-private.h"

#include "disco-engine-private.h"

/* Often what is refused once is so for good (a daemon's limit): one question in half a minute costs
 * it nothing. */
#define RETRY_MIN_US G_TIME_SPAN_SECOND
#define RETRY_MAX_US (30 * G_TIME_SPAN_SECOND)

struct _DiscoRetry
{
  GMainContext *context; /* (owned) */
  GSourceFunc func;
  gpointer user_data;
  GSource *timer;  /* (owned) (nullable): only while it waits, for there may be thousands */
  gint64 delay_us; /* of the last time */
  gint64 due_at;   /* then, or now; 0: it has not failed yet */
};

DiscoRetry *
disco_retry_new (GMainContext *context, GSourceFunc func, gpointer user_data)
{
  DiscoRetry *self = g_new0 (DiscoRetry, 1);

  self->context = g_main_context_ref (context);
  self->func = func;
  self->user_data = user_data;
  return self;
}

void
disco_retry_free (DiscoRetry *self)
{
  disco_retry_cancel (self);
  g_main_context_unref (self->context);
  g_free (self);
}

static gboolean
on_timer (gpointer user_data)
{
  DiscoRetry *self = user_data;

  disco_retry_cancel (self);
  return self->func (self->user_data);
}

void
disco_retry_later (DiscoRetry *self)
{
  const gint64 now = g_get_monotonic_time ();

  if (self->timer != NULL)
    return;
  if (self->due_at == 0 || now > self->due_at + RETRY_MAX_US)
    self->delay_us = RETRY_MIN_US;
  else
    self->delay_us = MIN (self->delay_us * 2, RETRY_MAX_US);
  self->due_at = now + self->delay_us + g_random_int_range (0, (gint32)(self->delay_us / 2));
  self->timer = disco_timer_new (self->context, on_timer, self);
  disco_timer_advance (self->timer, self->due_at);
}

void
disco_retry_cancel (DiscoRetry *self)
{
  g_clear_pointer (&self->timer, disco_timer_free);
}
