/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-quiet-private.h"

#define MIN_US (100 * G_TIME_SPAN_MILLISECOND)
/* Avahi asks again after 1, 3 and 7 seconds: this spans the first of them, and with the names that
 * came before it the second. */
#define MAX_US (2 * G_TIME_SPAN_SECOND)
/* For each pair of names, and no more than that. Responders go through their lists for each name,
 * so that takes them a time that grows with the square. A daemon whose cache had most of two
 * thousand tells these at once, and the next ones came 1.2 to 2 s later. After 3 s the browser
 * takes no more heed of names that can not be shown, either. */
#define PAIR_US 1
#define MAX_PAIRS_US (3 * G_TIME_SPAN_SECOND)
/* How often to look, and how late that may be without counting */
#define LOOK_US (20 * G_TIME_SPAN_MILLISECOND)

void
disco_quiet_break (DiscoQuiet *self, gint64 now)
{
  self->last_at = now;
  if (self->first_at == 0)
    self->first_at = now;
}

gint64
disco_quiet_get_at (DiscoQuiet *self, gint64 n_names, gint64 now)
{
  const gint64 came_us = CLAMP (self->last_at - self->first_at, MIN_US, MAX_US);
  const gint64 pairs_us = MIN (n_names * n_names * PAIR_US, MAX_PAIRS_US);
  const gint64 needed_us = MAX (came_us, pairs_us);

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
