/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-quiet-private.h"

#define MIN_US (100 * G_TIME_SPAN_MILLISECOND)
/* Avahi asks again after 1, 3 and 7 seconds: this spans the first of them, and with the names that
 * came before it the second. */
#define MAX_US (2 * G_TIME_SPAN_SECOND)
/* For each name: a daemon whose cache had most of them tells these at once, and then it and those
 * who announce the rest go through their lists, which took 1.7 s with two thousand. */
#define NAME_US G_TIME_SPAN_MILLISECOND
/* How often to look, and how late that may be without counting */
#define LOOK_US (20 * G_TIME_SPAN_MILLISECOND)

void
disco_quiet_break (DiscoQuiet *self, gint64 now)
{
  self->n_names++;
  self->last_at = now;
  if (self->first_at == 0)
    self->first_at = now;
}

gint64
disco_quiet_get_at (DiscoQuiet *self, gint64 now)
{
  const gint64 came_us = MAX (self->last_at - self->first_at, self->n_names * NAME_US);
  const gint64 needed_us = CLAMP (came_us, MIN_US, MAX_US);

  if (self->look_at != 0 && now > self->look_at + LOOK_US)
    self->held_up_at = now;
  return MAX (self->last_at + needed_us, self->held_up_at + MIN_US);
}

gint64
disco_quiet_look (DiscoQuiet *self, gint64 at, gint64 now)
{
  self->look_at = MIN (at, now + LOOK_US);
  return self->look_at;
}
