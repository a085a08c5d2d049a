/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who has record browsers. */
#include "disco-live-state-private.h"
#include "disco-resolver-private.h"

/* Names that have some; each costs two objects at the daemon. */
#define MAX_BROWSED 1000
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

static GQueue *
waiting (DiscoLive *self, DiscoSlotClass class)
{
  return &self->queues[DISCO_SLOT_WAITING][class];
}

static GQueue *
browsed (DiscoLive *self, DiscoSlotClass class)
{
  return &self->queues[DISCO_SLOT_BROWSED][class];
}

static guint
n_waiting (DiscoLive *self)
{
  return waiting (self, DISCO_SLOT_UNKNOWN)->length + waiting (self, DISCO_SLOT_KNOWN)->length;
}

static guint
n_browsed (DiscoLive *self)
{
  return browsed (self, DISCO_SLOT_UNKNOWN)->length + browsed (self, DISCO_SLOT_KNOWN)->length;
}

static GQueue *
queue_of (DiscoLiveSlot *slot)
{
  return &slot->live->queues[slot->state][slot->class];
}

void
disco_live_put (DiscoLiveSlot *slot, DiscoSlotClass class, DiscoSlotState state)
{
  g_queue_unlink (queue_of (slot), &slot->node);
  slot->class = class;
  slot->state = state;
  slot->since = g_get_monotonic_time ();
  g_queue_push_tail_link (queue_of (slot), &slot->node);
}

static gboolean
has_room (DiscoLive *self, DiscoSlotClass class)
{
  return n_browsed (self) < MAX_BROWSED
         && (class == DISCO_SLOT_KNOWN || browsed (self, DISCO_SLOT_UNKNOWN)->length < MAX_UNKNOWN);
}

static gboolean
can_start (DiscoLive *self, DiscoSlotClass class)
{
  return waiting (self, class)->length > 0 && has_room (self, class);
}

/* How long until the next one's turn */
static gint64
interval (DiscoLive *self)
{
  guint n_known = waiting (self, DISCO_SLOT_KNOWN)->length;
  guint n_unknown = MIN (waiting (self, DISCO_SLOT_UNKNOWN)->length, MAX_UNKNOWN_ROUND);
  guint n_steps = MAX (n_known, n_unknown);

  if (n_waiting (self) == 0 || can_start (self, DISCO_SLOT_UNKNOWN)
      || can_start (self, DISCO_SLOT_KNOWN))
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

  if (browsed (self, DISCO_SLOT_UNKNOWN)->length == 0 || n_waiting (self) == 0
      || can_start (self, DISCO_SLOT_UNKNOWN) || can_start (self, DISCO_SLOT_KNOWN))
    return;
  oldest = browsed (self, DISCO_SLOT_UNKNOWN)->head->data;
  if (now < oldest->since + UNKNOWN_TURN_US)
    return;
  disco_live_put (oldest, DISCO_SLOT_UNKNOWN, DISCO_SLOT_WAITING);
  oldest->funcs->stop (oldest->user_data);
}

/* Whose turn it is of those that can be started or, where none can, refreshed; one waits */
static DiscoLiveSlot *
next_slot (DiscoLive *self)
{
  DiscoSlotClass class = self->turn;

  self->turn = class == DISCO_SLOT_KNOWN ? DISCO_SLOT_UNKNOWN : DISCO_SLOT_KNOWN;
  if (can_start (self, DISCO_SLOT_UNKNOWN) || can_start (self, DISCO_SLOT_KNOWN))
    {
      if (!can_start (self, class))
        class = self->turn;
    }
  else if (waiting (self, class)->length == 0)
    class = self->turn;
  return waiting (self, class)->head->data;
}

/* When it is time for a start, whatever the resolver does and whoever joins */
static gint64
get_overdue_at (DiscoLive *self)
{
  gint64 at = G_MAXINT64;

  for (DiscoSlotClass class = DISCO_SLOT_UNKNOWN; class < DISCO_SLOT_N_CLASSES; class ++)
    if (can_start (self, class))
      {
        const DiscoLiveSlot *oldest = waiting (self, class)->head->data;
        at = MIN (at, oldest->since + OVERDUE_US);
      }
  return MAX (at, self->next_at);
}

/* When it is time for the next step, if the resolver is idle. What is asked by turns does not wait
 * for a lull: a host that goes on inventing names would put it off for ever. */
static gint64
get_due_at (DiscoLive *self)
{
  if (!can_start (self, DISCO_SLOT_UNKNOWN) && !can_start (self, DISCO_SLOT_KNOWN))
    return self->next_at;
  return MIN (MAX (self->joined_at + LULL_US, self->next_at), get_overdue_at (self));
}

/* Those that can be followed by ear need no place. */
static void
follow_by_ear (DiscoLive *self)
{
  const GQueue *known = waiting (self, DISCO_SLOT_KNOWN);

  while (known->length > 0 && disco_live_follow (known->head->data))
    ;
}

static void
step (DiscoLive *self, gint64 now)
{
  DiscoLiveSlot *slot;

  make_room (self, now);
  slot = next_slot (self);
  disco_live_put (slot, slot->class,
                  has_room (self, slot->class) ? DISCO_SLOT_BROWSED : DISCO_SLOT_WAITING);
  if (slot->state == DISCO_SLOT_BROWSED)
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
      follow_by_ear (self);
      if (n_waiting (self) > 0)
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
  self->ask_timer = disco_timer_new (disco_engine_get_context (engine), disco_live_ask, self);
  return self;
}

void
disco_live_free (DiscoLive *self)
{
  disco_timer_free (self->timer);
  disco_timer_free (self->ask_timer);
  g_free (self);
}

void
disco_live_wake (DiscoLive *self)
{
  if (n_waiting (self) > 0)
    disco_timer_advance (self->timer, MAX (get_due_at (self), g_get_monotonic_time ()));
}

DiscoLiveSlot *
disco_live_join (DiscoLive *self, const char *name, const DiscoLiveFuncs *funcs, gpointer user_data)
{
  DiscoLiveSlot *slot = g_new0 (DiscoLiveSlot, 1);

  slot->live = self;
  slot->name = name;
  slot->node.data = slot;
  slot->funcs = funcs;
  slot->user_data = user_data;
  slot->in_doubt = funcs->get_hearing (user_data) == DISCO_HEARING_NONE;
  slot->since = self->joined_at = g_get_monotonic_time ();
  g_queue_push_tail_link (queue_of (slot), &slot->node);
  disco_live_wake (self);
  return slot;
}

void
disco_live_wake_soon (DiscoLive *self)
{
  self->next_at = MIN (self->next_at, g_get_monotonic_time () + START_US);
  disco_live_wake (self);
}

void
disco_live_slot_set_known (DiscoLiveSlot *slot)
{
  if (slot->class == DISCO_SLOT_KNOWN)
    return;
  disco_live_put (slot, DISCO_SLOT_KNOWN, slot->state);
  if (slot->state == DISCO_SLOT_WAITING
      && slot->funcs->get_hearing (slot->user_data) == DISCO_HEARING_GOOD)
    (void)disco_live_follow (slot);
  else
    disco_live_wake_soon (slot->live);
}

void
disco_live_slot_free (DiscoLiveSlot *slot)
{
  DiscoLive *self = slot->live;

  g_queue_unlink (queue_of (slot), &slot->node);
  g_free (slot);
  disco_live_wake_soon (self);
}
