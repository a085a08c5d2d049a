/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-listener-private.h"

G_BEGIN_DECLS

/* How names are followed. What is said of them is heard, where this program hears what the
 * responder shows: that costs nothing, and each is asked for only when nothing was heard of it for
 * minutes. The others have record browsers of their own, and this tells how fast such browsers are
 * started: each queries at 0.1, 1, 2, 4 … s with all known answers, so many at once load every host
 * on the link. What is beyond the bound is asked anew in turn. Names that may be invented, as no
 * SRV record is known of them, get a part of the places only, and in turn. */
typedef struct _DiscoLiveSlot DiscoLiveSlot;

typedef struct
{
  void (*start) (gpointer user_data);               /* open the record browsers */
  void (*stop) (gpointer user_data);                /* close them: others are to have the place */
  void (*refresh) (gpointer user_data);             /* no room: ask once */
  DiscoHearing (*get_hearing) (gpointer user_data); /* where it is shown */
  /* It is not followed by ear any more. */
  void (*unheard) (gpointer user_data);
  /* It was asked for, at @asked_at for the first time, and was not heard. */
  void (*missed) (gpointer user_data, gint64 asked_at);
  void (*release) (gpointer user_data); /* close the record browsers: it is heard */
} DiscoLiveFuncs;

DiscoLive *disco_live_new (DiscoEngine *engine);
void disco_live_free (DiscoLive *self);

/* @name: its full name, kept by the caller until it leaves */
DiscoLiveSlot *disco_live_join (DiscoLive *self, const char *name, const DiscoLiveFuncs *funcs,
                                gpointer user_data);
/* The name has an SRV record. */
void disco_live_slot_set_known (DiscoLiveSlot *slot);
/* A record of that type, SRV or TXT, was heard where it counts; the other is known, too. */
void disco_live_slot_set_heard (DiscoLiveSlot *slot, guint16 type);
/* A record of it was heard to go. Mostly the name goes with it; else it is asked for. */
void disco_live_slot_set_doubtful (DiscoLiveSlot *slot);
/* It is to be heard elsewhere from now on. */
void disco_live_slot_set_moved (DiscoLiveSlot *slot);
void disco_live_slot_free (DiscoLiveSlot *slot);
/* To be called when the resolver has become idle: starting waits for that */
void disco_live_wake (DiscoLive *self);
/* It may be worse than it was for some of them. */
void disco_live_hearing_changed (DiscoLive *self);

G_END_DECLS
