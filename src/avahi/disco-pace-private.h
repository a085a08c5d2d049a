/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* How many registrations claim their names at once (RFC 6762 §8.1). A responder hears its own
 * probes, and compares each with all that it announces and has heard of: one that is given
 * thousands at once is busy with them for as long as that takes, and Avahi's answers nobody on
 * D-Bus meanwhile. So some go ahead, and the next when one of them is established; half as many
 * where the responder does not keep up, until it does. */
typedef struct _DiscoPace DiscoPace;

/* One registration's place; the caller's, all zero at first. */
typedef struct
{
  GList link; /* of those that wait; its data is the registration */
  gboolean waits;
  gint64 began_at; /* 0: it is not under way */
} DiscoTurn;

/* How many, where the responder has much to do, and where it keeps up */
#define DISCO_PACE_MIN 32
#define DISCO_PACE_MAX 512

/* @begin: there is room for what has waited, which may disco_pace_enter() now, and waits no more */
DiscoPace *disco_pace_new (void (*begin) (gpointer registration));
void disco_pace_free (DiscoPace *self);
/* TRUE if it may begin, or is under way; else @begin is called when it may. */
gboolean disco_pace_enter (DiscoPace *self, DiscoTurn *turn, gpointer registration, gint64 now);
/* It is under way or waits no more, if it did: it is established, or has been withdrawn. What waits
 * begins from inside. */
void disco_pace_arrive (DiscoPace *self, DiscoTurn *turn, gint64 now);
void disco_pace_leave (DiscoPace *self, DiscoTurn *turn);
/* Nobody waits any more. */
void disco_pace_clear (DiscoPace *self);

G_END_DECLS
