/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who is followed by ear: of a name that was heard where it is shown every change is heard as well,
 * as it is announced twice (RFC 6762 §8.4). Should both be lost, or should its owner go without a
 * goodbye while its host stays, a question now and then finds that out: one packet in three
 * minutes, for those that nothing was heard of for longest. So that costs the network next to
 * nothing, and with a thousand names it takes most of an hour. */
#include "disco-live-state-private.h"

/* A name that was not heard for that long is asked for; and the time between two packets */
#define SILENCE_US (3 * G_TIME_SPAN_MINUTE)
/* All are asked for in that time, however many there are: between questions that go on there is no
 * longer one (RFC 6762 §5.2). */
#define ROUND_US G_TIME_SPAN_HOUR
/* Names asked for at a time: of common length, as many as a packet holds */
#define MAX_ASKED 60
/* Between two packets for names of which it is not known whether they are heard: all of those names
 * are answered for at once. */
#define PACE_US (500 * G_TIME_SPAN_MILLISECOND)
/* It is asked for anew after this time, as its owner does not repeat an answer for a second
 * (RFC 6762 §6); as many questions without an answer, and it is missed. */
#define PATIENCE_US (1500 * G_TIME_SPAN_MILLISECOND)
#define N_QUESTIONS 3

static GQueue *
heard (DiscoLive *self)
{
  return &self->queues[DISCO_SLOT_HEARD][DISCO_SLOT_KNOWN];
}

static GQueue *
asked (DiscoLive *self)
{
  return &self->queues[DISCO_SLOT_ASKED][DISCO_SLOT_KNOWN];
}

static DiscoHearing
get_hearing (DiscoLiveSlot *slot)
{
  return slot->funcs->get_hearing (slot->user_data);
}

static gboolean
is_new (const DiscoLiveSlot *slot)
{
  return slot->since == 0;
}

/* When the first of the HEARD is to be asked for; G_MAXINT64: never */
static gint64
get_heard_due_at (DiscoLive *self)
{
  const DiscoLiveSlot *first = g_queue_peek_head (heard (self));

  if (first == NULL)
    return G_MAXINT64;
  return is_new (first) ? 0 : MAX (first->since + SILENCE_US, self->next_round_at);
}

/* The same of the ASKED, or given up */
static gint64
get_asked_due_at (DiscoLive *self)
{
  const DiscoLiveSlot *first = g_queue_peek_head (asked (self));

  return first != NULL ? first->since + PATIENCE_US : G_MAXINT64;
}

static void
schedule (DiscoLive *self)
{
  const gint64 at = MIN (get_heard_due_at (self), get_asked_due_at (self));

  if (at != G_MAXINT64)
    disco_timer_advance (self->ask_timer, MAX (at, self->next_ask_at));
}

static void
set_heard (DiscoLiveSlot *slot)
{
  slot->n_asked = 0;
  slot->srv_heard = slot->txt_heard = FALSE;
  slot->missed = FALSE;
  slot->in_doubt = FALSE;
  disco_live_put (slot, DISCO_SLOT_KNOWN, DISCO_SLOT_HEARD);
  schedule (slot->live);
}

/* It was not heard yet where it is shown, or its word is needed: before all others. */
static void
ask_soon (DiscoLiveSlot *slot, gboolean in_doubt)
{
  GQueue *queue = heard (slot->live);

  set_heard (slot);
  slot->since = 0;
  slot->in_doubt = in_doubt;
  g_queue_unlink (queue, &slot->node);
  g_queue_push_head_link (queue, &slot->node);
  schedule (slot->live);
}

/* It needs record browsers. */
static void
unfollow (DiscoLiveSlot *slot, gboolean missed)
{
  slot->missed = missed;
  slot->n_asked = 0;
  slot->srv_heard = slot->txt_heard = FALSE;
  disco_live_put (slot, DISCO_SLOT_KNOWN, DISCO_SLOT_WAITING);
  slot->funcs->unheard (slot->user_data);
  disco_live_wake_soon (slot->live);
}

gboolean
disco_live_follow (DiscoLiveSlot *slot)
{
  const DiscoHearing hearing = slot->missed ? DISCO_HEARING_NONE : get_hearing (slot);

  if (hearing == DISCO_HEARING_NONE)
    return FALSE;
  if (hearing == DISCO_HEARING_GOOD && !slot->in_doubt)
    set_heard (slot);
  else
    ask_soon (slot, slot->in_doubt);
  return TRUE;
}

/* --- asking --- */

static void
ask (DiscoLiveSlot *slot, GPtrArray *names)
{
  if (slot->n_asked++ == 0)
    {
      slot->srv_heard = slot->txt_heard = FALSE;
      slot->asked_at = g_get_monotonic_time ();
    }
  disco_live_put (slot, DISCO_SLOT_KNOWN, DISCO_SLOT_ASKED);
  g_ptr_array_add (names, (gpointer)slot->name);
}

static void
miss (DiscoLiveSlot *slot)
{
  g_debug ("%s was not heard", slot->name);
  slot->funcs->missed (slot->user_data, slot->asked_at);
  unfollow (slot, TRUE);
}

/* Those that were asked for and not heard since, but not more than make up a packet */
static void
ask_again (DiscoLive *self, gint64 now, GPtrArray *names)
{
  while (names->len < MAX_ASKED && now >= get_asked_due_at (self))
    {
      DiscoLiveSlot *slot = asked (self)->head->data;
      if (slot->n_asked < N_QUESTIONS)
        ask (slot, names);
      else
        miss (slot);
    }
}

/* FALSE where others were heard meanwhile, or several were not */
static gboolean
is_to_be_asked (DiscoLiveSlot *slot)
{
  const DiscoHearing hearing = get_hearing (slot);

  if (hearing == DISCO_HEARING_UNSURE || (hearing == DISCO_HEARING_GOOD && slot->in_doubt))
    return TRUE;
  if (hearing == DISCO_HEARING_GOOD)
    set_heard (slot);
  else
    unfollow (slot, FALSE);
  return FALSE;
}

static void
ask_new (DiscoLive *self, GPtrArray *names)
{
  DiscoLiveSlot *slot;

  while (names->len < MAX_ASKED && (slot = g_queue_peek_head (heard (self))) != NULL
         && is_new (slot))
    {
      if (is_to_be_asked (slot))
        ask (slot, names);
    }
}

static gint64
get_interval (DiscoLive *self)
{
  const guint n_packets = (heard (self)->length + asked (self)->length) / MAX_ASKED + 1;

  return MIN (SILENCE_US, ROUND_US / n_packets);
}

/* A packet of those that were not heard for longest; their time has come for half of it at least.
 */
static void
ask_silent (DiscoLive *self, gint64 now, GPtrArray *names)
{
  DiscoLiveSlot *slot;

  if (now < get_heard_due_at (self))
    return;
  while (names->len < MAX_ASKED && (slot = g_queue_peek_head (heard (self))) != NULL
         && now >= slot->since + SILENCE_US / 2)
    ask (slot, names);
  self->next_round_at = now + get_interval (self);
}

gboolean
disco_live_ask (gpointer user_data)
{
  DiscoLive *self = user_data;
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  const gint64 now = g_get_monotonic_time ();

  if (now >= self->next_ask_at)
    {
      ask_again (self, now, names);
      ask_new (self, names);
      if (names->len == 0)
        ask_silent (self, now, names);
    }
  if (names->len > 0)
    {
      self->next_ask_at = now + PACE_US;
      /* what could not be sent counts: there are record browsers for those */
      (void)disco_listener_ask (disco_engine_get_listener (self->engine), names);
    }
  schedule (self);
  return G_SOURCE_CONTINUE;
}

/* --- what is heard --- */

/* Both: where one has gone, and nobody heard the goodbye, the other is heard all the same. */
void
disco_live_slot_set_heard (DiscoLiveSlot *slot, guint16 type)
{
  disco_live_slot_set_known (slot);
  slot->srv_heard |= type == DISCO_RECORD_SRV;
  slot->txt_heard |= type == DISCO_RECORD_TXT;
  if (!slot->srv_heard || !slot->txt_heard || get_hearing (slot) == DISCO_HEARING_NONE)
    return;
  if (slot->state == DISCO_SLOT_BROWSED)
    slot->funcs->release (slot->user_data);
  set_heard (slot);
}

/* Once the responder has had its second to tell the same (RFC 6762 §10.1) */
void
disco_live_slot_set_doubtful (DiscoLiveSlot *slot)
{
  if (slot->state == DISCO_SLOT_WAITING)
    slot->in_doubt = TRUE;
  if (slot->state != DISCO_SLOT_HEARD)
    return;
  disco_live_put (slot, DISCO_SLOT_KNOWN, DISCO_SLOT_ASKED);
  schedule (slot->live);
}

void
disco_live_slot_set_moved (DiscoLiveSlot *slot)
{
  if (slot->state == DISCO_SLOT_BROWSED || slot->class == DISCO_SLOT_UNKNOWN)
    return;
  slot->missed = FALSE;
  if (get_hearing (slot) != DISCO_HEARING_NONE)
    ask_soon (slot, TRUE);
  else if (slot->state != DISCO_SLOT_WAITING)
    unfollow (slot, FALSE);
}

void
disco_live_hearing_changed (DiscoLive *self)
{
  for (DiscoSlotState state = DISCO_SLOT_HEARD; state <= DISCO_SLOT_ASKED; state++)
    {
      GList *next;
      for (GList *i = self->queues[state][DISCO_SLOT_KNOWN].head; i != NULL; i = next)
        {
          next = i->next;
          if (get_hearing (i->data) == DISCO_HEARING_NONE)
            unfollow (i->data, FALSE);
        }
    }
}
