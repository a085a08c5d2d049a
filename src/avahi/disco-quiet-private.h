/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Whether names have stopped coming. Avahi says ALL_FOR_NOW a second after the first question even
 * while answers pour in, so the first full set needs quiet as well: no new name for a while, and
 * for as long as names had been coming before that, and the longer the more there are: with
 * thousands, the responders pause to work through their lists, and what is lost of a burst comes
 * when it is asked for again.
 *
 * Time that this thread was held up in (by a call to a busy daemon, by other programs) is none in
 * which it was quiet: names may be waiting. So whoever waits looks often, and is told when.
 *
 * All times are monotonic, in microseconds. All zeros is a new one. */
typedef struct
{
  gint64 first_at;   /* of the first name; 0: none yet */
  gint64 last_at;    /* of the last one */
  gint64 look_at;    /* when it is to be looked again; 0: it need not */
  gint64 held_up_at; /* it was looked later than that */
} DiscoQuiet;

/* A new name has come. */
void disco_quiet_break (DiscoQuiet *self, gint64 now);
/* When it will have been quiet for long enough, as far as can be said @now: it is, where that is
 * not later. @n_names: how many there are, however many interfaces show them, for each responder
 * has a list for each. */
gint64 disco_quiet_get_at (DiscoQuiet *self, gint64 n_names, gint64 now);
/* When to look again for something that may be the case @at some time, but not before */
gint64 disco_quiet_look (DiscoQuiet *self, gint64 at, gint64 now);

G_END_DECLS
