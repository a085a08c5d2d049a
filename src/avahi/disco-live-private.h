/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-engine-private.h"

G_BEGIN_DECLS

/* Which names are followed live, by record browsers of their own, and how fast such browsers are
 * started: each queries at 0.1, 1, 2, 4 … s with all known answers, so many at once load every host
 * on the link. What is beyond the bound is asked anew in turn. Names that may be invented, as no
 * SRV record is known of them, get a part of the places only, and in turn. */
typedef struct _DiscoLiveSlot DiscoLiveSlot;

typedef struct
{
  void (*start) (gpointer user_data);   /* open the record browsers */
  void (*stop) (gpointer user_data);    /* close them: others are to have the place */
  void (*refresh) (gpointer user_data); /* no room: ask once */
} DiscoLiveFuncs;

DiscoLive *disco_live_new (DiscoEngine *engine);
void disco_live_free (DiscoLive *self);

DiscoLiveSlot *disco_live_join (DiscoLive *self, const DiscoLiveFuncs *funcs, gpointer user_data);
/* The name has an SRV record. */
void disco_live_slot_set_known (DiscoLiveSlot *slot);
void disco_live_slot_free (DiscoLiveSlot *slot);
/* To be called when the resolver has become idle: starting waits for that */
void disco_live_wake (DiscoLive *self);

G_END_DECLS
