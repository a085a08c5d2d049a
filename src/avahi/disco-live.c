/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-live-private.h"
#include "disco-resolver-private.h"

/* Names an agent follows live; each costs two objects at the daemon. */
#define MAX_LIVE 1000
/* Of these, names of which no SRV record is known: they may be invented. Some need it, because a
 * name without a TXT record is answered for in no other way. */
#define MAX_UNKNOWN 250
/* One of them makes room for the next after that time. */
#define UNKNOWN_TURN_US (30 * G_TIME_SPAN_SECOND)
/* Between two starts: two record browsers each, so 100 of them a second. */
#define START_US (20 * G_TIME_SPAN_MILLISECOND)
/* All that is not live is asked once in this time. */
#define ROUND_US (60 * G_TIME_SPAN_SECOND)
/* Invented names are not to keep the responder busy: there, a round has no more steps than that. */
#define MAX_UNKNOWN_ROUND 3000
/* Starting waits until no name has joined for that long. While a thousand pour in, the resolver has
 * nothing to do for an instant time and again, and record browsers that are started then take the
 * daemon's time, and ask the network for what is about to come. */
#define LULL_US (500 * G_TIME_SPAN_MILLISECOND)
/* Names and questions that never end put no start off for longer; two thousand names have come by
 * then. */
#define OVERDUE_US (5 * G_TIME_SPAN_SECOND)

/* What is known of a name */
typedef enum
{
  UNKNOWN,
  KNOWN, /* it has, or had, an SRV record */
  N_CLASSES,
} SlotClass;

struct _DiscoLiveSlot
{
  DiscoLive *live;
  SlotClass class;
  gboolean is_live; /* else it waits for its turn to start, or goes without in the round */
  gint64 since;     /* when it began to wait, or was started */
  GList node;       /* among those waiting, or live, of its class; oldest first */
  const DiscoLiveFuncs *funcs;
  gpointer user_data;
};

struct _DiscoLive
{
  DiscoEngine *engine;
  GQueue waiting[N_CLASSES];
  GQueue live[N_CLASSES];
  SlotClass turn;   /* whose turn it is, where both wait */
  gint64 joined_at; /* the last one */
  gint64 next_at;   /* no start and no refresh before */
  GSource *timer;   /* (owned) */
};

static guint
n_waiting (DiscoLive *self)
{
  return self->waiting[UNKNOWN].length + self->waiting[KNOWN].length;
}

static guint
n_live (DiscoLive *self)
{
  return self->live[UNKNOWN].length + self->live[KNOWN].length;
}

static GQueue *
queue_of (DiscoLiveSlot *slot)
{
  return slot->is_live ? &slot->live->live[slot->class] : &slot->live->waiting[slot->class];
}

static void
put (DiscoLiveSlot *slot, SlotClass class, gboolean is_live)
{
  g_queue_unlink (queue_of (slot), &slot->node);
  slot->class = class;
  slot->is_live = is_live;
  slot->since = g_get_monotonic_time ();
  g_queue_push_tail_link (queue_of (slot), &slot->node);
}

static gboolean
has_room (DiscoLive *self, SlotClass class)
{
  return n_live (self) < MAX_LIVE && (class == KNOWN || self->live[UNKNOWN].length < MAX_UNKNOWN);
}

static gboolean
can_start (DiscoLive *self, SlotClass class)
{
  return self->waiting[class].length > 0 && has_room (self, class);
}

/* How long until the next one's turn */
static gint64
interval (DiscoLive *self)
{
  guint n_known = self->waiting[KNOWN].length;
  guint n_unknown = MIN (self->waiting[UNKNOWN].length, MAX_UNKNOWN_ROUND);
  guint n_steps = MAX (n_known, n_unknown);

  if (n_waiting (self) == 0 || can_start (self, UNKNOWN) || can_start (self, KNOWN))
    return START_US;
  if (n_known > 0 && n_unknown > 0)
    n_steps *= 2; /* they take turns */
  return MAX (ROUND_US / MAX (n_steps, 1), G_TIME_SPAN_MILLISECOND);
}

/* One that may be invented leaves its place, where others wait for one. */
static void
make_room (DiscoLive *self, gint64 now)
{
  DiscoLiveSlot *oldest;

  if (self->live[UNKNOWN].length == 0 || n_waiting (self) == 0 || can_start (self, UNKNOWN)
      || can_start (self, KNOWN))
    return;
  oldest = self->live[UNKNOWN].head->data;
  if (now < oldest->since + UNKNOWN_TURN_US)
    return;
  put (oldest, UNKNOWN, FALSE);
  oldest->funcs->stop (oldest->user_data);
}

/* Whose turn it is of those that can be started or, where none can, refreshed; one waits */
static DiscoLiveSlot *
next_slot (DiscoLive *self)
{
  SlotClass class = self->turn;

  self->turn = class == KNOWN ? UNKNOWN : KNOWN;
  if (can_start (self, UNKNOWN) || can_start (self, KNOWN))
    {
      if (!can_start (self, class))
        class = self->turn;
    }
  else if (self->waiting[class].length == 0)
    class = self->turn;
  return self->waiting[class].head->data;
}

/* When it is time for a start, whatever the resolver does and whoever joins */
static gint64
get_overdue_at (DiscoLive *self)
{
  gint64 at = G_MAXINT64;

  for (SlotClass class = UNKNOWN; class < N_CLASSES; class ++)
    if (can_start (self, class))
      {
        const DiscoLiveSlot *oldest = self->waiting[class].head->data;
        at = MIN (at, oldest->since + OVERDUE_US);
      }
  return MAX (at, self->next_at);
}

/* When it is time for the next step, if the resolver is idle. What is asked by turns does not wait
 * for a lull: a host that goes on inventing names would put it off for ever. */
static gint64
get_due_at (DiscoLive *self)
{
  if (!can_start (self, UNKNOWN) && !can_start (self, KNOWN))
    return self->next_at;
  return MIN (MAX (self->joined_at + LULL_US, self->next_at), get_overdue_at (self));
}

static void
step (DiscoLive *self, gint64 now)
{
  DiscoLiveSlot *slot;

  make_room (self, now);
  slot = next_slot (self);
  put (slot, slot->class, has_room (self, slot->class));
  if (slot->is_live)
    slot->funcs->start (slot->user_data);
  else
    slot->funcs->refresh (slot->user_data);
  self->next_at = g_get_monotonic_time () + interval (self);
}

static gboolean
on_timer (gpointer user_data)
{
  DiscoLive *self = user_data;
  gint64 now = g_get_monotonic_time ();
  gint64 due_at;
  gint64 overdue_at;

  if (n_waiting (self) == 0 || disco_engine_get_link (self->engine) == NULL)
    return G_SOURCE_CONTINUE; /* disco_live_wake() */
  due_at = get_due_at (self);
  overdue_at = get_overdue_at (self);
  if (now < due_at)
    disco_timer_advance (self->timer, due_at);
  else if (now < overdue_at && !disco_resolver_is_idle (disco_engine_get_resolver (self->engine)))
    disco_timer_advance (self->timer, overdue_at); /* or disco_live_wake() */
  else
    {
      step (self, now);
      disco_live_wake (self);
    }
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
  if (n_waiting (self) > 0)
    disco_timer_advance (self->timer, MAX (get_due_at (self), g_get_monotonic_time ()));
}

DiscoLiveSlot *
disco_live_join (DiscoLive *self, const DiscoLiveFuncs *funcs, gpointer user_data)
{
  DiscoLiveSlot *slot = g_new0 (DiscoLiveSlot, 1);

  slot->live = self;
  slot->node.data = slot;
  slot->funcs = funcs;
  slot->user_data = user_data;
  slot->since = self->joined_at = g_get_monotonic_time ();
  g_queue_push_tail_link (queue_of (slot), &slot->node);
  disco_live_wake (self);
  return slot;
}

/* A place may have become free: it is not to wait for the end of a step of the round. */
static void
wake_soon (DiscoLive *self)
{
  self->next_at = MIN (self->next_at, g_get_monotonic_time () + START_US);
  disco_live_wake (self);
}

void
disco_live_slot_set_known (DiscoLiveSlot *slot)
{
  if (slot->class == KNOWN)
    return;
  put (slot, KNOWN, slot->is_live);
  wake_soon (slot->live);
}

void
disco_live_slot_free (DiscoLiveSlot *slot)
{
  g_queue_unlink (queue_of (slot), &slot->node);
  wake_soon (slot->live);
  g_free (slot);
}
