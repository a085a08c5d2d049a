/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-live-private.h"
#include "disco-resolver-private.h"

/* Names an agent follows live; each costs two objects at the daemon. */
#define MAX_LIVE 1000
/* Between two starts: two record browsers each, so 100 of them a second. */
#define START_US (20 * G_TIME_SPAN_MILLISECOND)
/* All that is not live is asked once in this time. */
#define ROUND_US (60 * G_TIME_SPAN_SECOND)

typedef enum
{
  SLOT_WAITING, /* for its turn to start, or without room in the round */
  SLOT_LIVE,
} SlotState;

struct _DiscoLiveSlot
{
  DiscoLive *live;
  SlotState state;
  GList node;
  const DiscoLiveFuncs *funcs;
  gpointer user_data;
};

struct _DiscoLive
{
  DiscoEngine *engine;
  GQueue waiting;
  guint n_live;
  gint64 next_at; /* no start and no refresh before */
  GSource *timer; /* (owned) */
};

/* How long until the next one's turn */
static gint64
interval (DiscoLive *self)
{
  if (self->n_live < MAX_LIVE)
    return START_US;
  return MAX (ROUND_US / MAX (self->waiting.length, 1), G_TIME_SPAN_MILLISECOND);
}

static gboolean
on_timer (gpointer user_data)
{
  DiscoLive *self = user_data;
  DiscoLiveSlot *slot;

  if (self->waiting.length == 0 || disco_engine_get_link (self->engine) == NULL
      || !disco_resolver_is_idle (disco_engine_get_resolver (self->engine)))
    return G_SOURCE_CONTINUE; /* disco_live_wake() */
  slot = self->waiting.head->data;
  g_queue_unlink (&self->waiting, &slot->node);
  if (self->n_live < MAX_LIVE)
    {
      slot->state = SLOT_LIVE;
      self->n_live++;
      slot->funcs->start (slot->user_data);
    }
  else
    {
      g_queue_push_tail_link (&self->waiting, &slot->node);
      slot->funcs->refresh (slot->user_data);
    }
  self->next_at = g_get_monotonic_time () + interval (self);
  disco_live_wake (self);
  return G_SOURCE_CONTINUE;
}

DiscoLive *
disco_live_new (DiscoEngine *engine)
{
  DiscoLive *self = g_new0 (DiscoLive, 1);

  self->engine = engine;
  self->timer = disco_timer_new (disco_engine_get_context (engine), on_timer, self);
  return self;
}

void
disco_live_free (DiscoLive *self)
{
  disco_timer_free (self->timer);
  g_free (self);
}

void
disco_live_wake (DiscoLive *self)
{
  if (self->waiting.length > 0)
    disco_timer_advance (self->timer, MAX (self->next_at, g_get_monotonic_time ()));
}

DiscoLiveSlot *
disco_live_join (DiscoLive *self, const DiscoLiveFuncs *funcs, gpointer user_data)
{
  DiscoLiveSlot *slot = g_new0 (DiscoLiveSlot, 1);

  slot->live = self;
  slot->node.data = slot;
  slot->funcs = funcs;
  slot->user_data = user_data;
  g_queue_push_tail_link (&self->waiting, &slot->node);
  disco_live_wake (self);
  return slot;
}

void
disco_live_slot_free (DiscoLiveSlot *slot)
{
  DiscoLive *self = slot->live;

  if (slot->state == SLOT_LIVE)
    self->n_live--;
  else
    g_queue_unlink (&self->waiting, &slot->node);
  self->next_at = MIN (self->next_at, g_get_monotonic_time () + START_US);
  disco_live_wake (self);
  g_free (slot);
}
