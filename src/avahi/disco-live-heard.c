/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who is followed by ear: of a name that was heard where it is shown every change is heard as well,
 * as it is announced twice (RFC 6762 §8.4). Should both be lost, or should its owner go without a
 * goodbye while its host stays, a question now and then finds that out. */
#include "disco-live-state-private.h"

/* A name that was not heard for that long is asked for. */
#define SILENCE_US (3 * G_TIME_SPAN_MINUTE)
/* Those whose time comes within this one are asked for in the same packet. */
#define SLACK_US (20 * G_TIME_SPAN_SECOND)
/* Names asked for at a time: of common length, as many as a packet holds */
#define MAX_ASKED 60
/* Between two packets: all of those names are answered for at once. */
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

/* When the next one is to be asked for, or given up; G_MAXINT64: never */
static gint64
get_due_at (DiscoLive *self)
{
  gint64 at = G_MAXINT64;

  if (heard (self)->length > 0)
    at = ((DiscoLiveSlot *)heard (self)->head->data)->since + SILENCE_US;
  if (asked (self)->length > 0)
    at = MIN (at, ((DiscoLiveSlot *)asked (self)->head->data)->since + PATIENCE_US);
  return at;
}

static void
schedule (DiscoLive *self)
{
  const gint64 at = get_due_at (self);

  if (at != G_MAXINT64)
    disco_timer_advance (self->ask_timer, MAX (at, self->next_ask_at));
}

static void
set_heard (DiscoLiveSlot *slot)
{
  slot->n_asked = 0;
  slot->srv_heard = slot->txt_heard = FALSE;
  slot->missed = FALSE;
  slot->moved = FALSE;
  disco_live_put (slot, DISCO_SLOT_KNOWN, DISCO_SLOT_HEARD);
  schedule (slot->live);
}

/* It was not heard yet where it is shown: before all others. */
static void
ask_soon (DiscoLiveSlot *slot)
{
  GQueue *queue = heard (slot->live);

  set_heard (slot);
  slot->since = 0;
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
  disco_live_put (slot, DISCO_SLOT_KNOWN, DISCO_SLOT_WAITING);
  slot->funcs->unheard (slot->user_data, missed);
  disco_live_wake_soon (slot->live);
}

gboolean
disco_live_follow (DiscoLiveSlot *slot)
{
  const DiscoHearing hearing = slot->missed ? DISCO_HEARING_NONE : get_hearing (slot);

  if (hearing == DISCO_HEARING_NONE)
    return FALSE;
  if (hearing == DISCO_HEARING_GOOD)
    set_heard (slot);
  else
    ask_soon (slot);
  return TRUE;
}

/* --- asking --- */

static void
ask (DiscoLiveSlot *slot, GPtrArray *names)
{
  if (slot->n_asked++ == 0)
    slot->srv_heard = slot->txt_heard = FALSE;
  disco_live_put (slot, DISCO_SLOT_KNOWN, DISCO_SLOT_ASKED);
  g_ptr_array_add (names, (gpointer)slot->name);
}

static void
miss (DiscoLiveSlot *slot)
{
  g_debug ("%s was not heard", slot->name);
  unfollow (slot, TRUE);
}

/* Those that were asked for and not heard since, but not more than make up a packet */
static void
ask_again (DiscoLive *self, gint64 now, GPtrArray *names)
{
  while (asked (self)->length > 0 && names->len < MAX_ASKED)
    {
      DiscoLiveSlot *slot = asked (self)->head->data;
      if (now < slot->since + PATIENCE_US)
        return;
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

  if (slot->moved || hearing == DISCO_HEARING_UNSURE)
    return TRUE;
  if (hearing == DISCO_HEARING_GOOD)
    set_heard (slot);
  else
    unfollow (slot, FALSE);
  return FALSE;
}

/* Whom it is time to ask for, and, as there is room in the packet, whom it soon will be */
static void
ask_silent (DiscoLive *self, gint64 now, GPtrArray *names)
{
  gint64 latest = now - SILENCE_US;

  while (heard (self)->length > 0 && names->len < MAX_ASKED)
    {
      DiscoLiveSlot *slot = heard (self)->head->data;
      if (slot->since > latest)
        return;
      latest = now - SILENCE_US + SLACK_US;
      if (slot->since == 0 && !is_to_be_asked (slot))
        continue;
      ask (slot, names);
    }
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
      ask_silent (self, now, names);
    }
  if (names->len > 0)
    {
      self->next_ask_at = now + PACE_US;
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
  if (slot->srv_heard && slot->txt_heard && slot->state != DISCO_SLOT_BROWSED)
    set_heard (slot);
}

/* Once the responder has had its second to tell the same (RFC 6762 §10.1) */
void
disco_live_slot_set_doubtful (DiscoLiveSlot *slot)
{
  if (slot->state != DISCO_SLOT_HEARD && slot->state != DISCO_SLOT_ASKED)
    return;
  slot->n_asked = 0;
  disco_live_put (slot, DISCO_SLOT_KNOWN, DISCO_SLOT_ASKED);
  slot->srv_heard = slot->txt_heard = FALSE;
  schedule (slot->live);
}

void
disco_live_slot_set_moved (DiscoLiveSlot *slot)
{
  if (slot->state == DISCO_SLOT_BROWSED || slot->class == DISCO_SLOT_UNKNOWN)
    return;
  slot->missed = FALSE;
  if (get_hearing (slot) != DISCO_HEARING_NONE)
    {
      ask_soon (slot);
      slot->moved = TRUE;
    }
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
