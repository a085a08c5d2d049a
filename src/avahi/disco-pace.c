/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-pace-private.h"

/* Three probes and what is around them take 0.75 to 1 s (RFC 6762 §8.1). */
#define PROMPT_US (1250 * G_TIME_SPAN_MILLISECOND)
#define LATE_US (2 * G_TIME_SPAN_SECOND)

struct _DiscoPace
{
  void (*begin) (gpointer registration);
  GQueue waiting; /* of DiscoTurn's links */
  guint n_under_way;
  guint window;
  gint64 narrowed_at;
};

DiscoPace *
disco_pace_new (void (*begin) (gpointer registration))
{
  DiscoPace *self = g_new0 (DiscoPace, 1);

  self->begin = begin;
  g_queue_init (&self->waiting);
  self->window = DISCO_PACE_MAX;
  return self;
}

void
disco_pace_free (DiscoPace *self)
{
  g_assert (g_queue_is_empty (&self->waiting));
  g_free (self);
}

/* The turn that a link of the queue is of */
static DiscoTurn *
turn_of (GList *link)
{
  return (DiscoTurn *)((char *)link - G_STRUCT_OFFSET (DiscoTurn, link));
}

static gpointer
pop (DiscoPace *self)
{
  GList *link = g_queue_pop_head_link (&self->waiting);

  turn_of (link)->waits = FALSE;
  return link->data;
}

static void
admit (DiscoPace *self)
{
  while (self->n_under_way < self->window && !g_queue_is_empty (&self->waiting))
    self->begin (pop (self));
}

gboolean
disco_pace_enter (DiscoPace *self, DiscoTurn *turn, gpointer registration, gint64 now)
{
  if (turn->began_at != 0)
    return TRUE;
  if (turn->waits)
    return FALSE;
  if (self->n_under_way < self->window)
    {
      self->n_under_way++;
      turn->began_at = now;
      return TRUE;
    }
  turn->waits = TRUE;
  turn->link.data = registration;
  g_queue_push_tail_link (&self->waiting, &turn->link);
  return FALSE;
}

/* Half as many at most once for those that began before: they are late for one reason. */
static void
adapt (DiscoPace *self, gint64 began_at, gint64 now)
{
  if (now - began_at <= PROMPT_US)
    self->window = MIN (self->window + 1, DISCO_PACE_MAX);
  else if (now - began_at >= LATE_US && began_at >= self->narrowed_at)
    {
      self->window = MAX (self->window / 2, DISCO_PACE_MIN);
      self->narrowed_at = now;
    }
}

void
disco_pace_arrive (DiscoPace *self, DiscoTurn *turn, gint64 now)
{
  if (turn->began_at != 0)
    adapt (self, turn->began_at, now);
  disco_pace_leave (self, turn);
}

void
disco_pace_leave (DiscoPace *self, DiscoTurn *turn)
{
  if (turn->waits)
    g_queue_unlink (&self->waiting, &turn->link);
  turn->waits = FALSE;
  if (turn->began_at == 0)
    return;
  turn->began_at = 0;
  self->n_under_way--;
  admit (self);
}

void
disco_pace_clear (DiscoPace *self)
{
  while (!g_queue_is_empty (&self->waiting))
    pop (self);
}
