/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-live-private.h"

G_BEGIN_DECLS

/* The inside of a DiscoLive, shared by what gives out the places of record browsers (disco-live.c)
 * and what follows names by ear (disco-live-heard.c). */

/* What is known of a name */
typedef enum
{
  DISCO_SLOT_UNKNOWN,
  DISCO_SLOT_KNOWN, /* it has, or had, an SRV record */
  DISCO_SLOT_N_CLASSES,
} DiscoSlotClass;

typedef enum
{
  DISCO_SLOT_WAITING, /* for its turn; where there is no room, it goes without in the round */
  DISCO_SLOT_BROWSED, /* has record browsers */
  DISCO_SLOT_HEARD,   /* its changes are heard */
  DISCO_SLOT_ASKED,   /* the same, but it was not heard for a while, and is asked for */
  DISCO_SLOT_N_STATES,
} DiscoSlotState;

struct _DiscoLiveSlot
{
  DiscoLive *live;
  const char *name; /* the user's: full */
  DiscoSlotClass class;
  DiscoSlotState state;
  guint n_asked;
  gint64 asked_at;    /* for the first of these times */
  gboolean in_doubt;  /* it is to be asked for, however good the hearing is */
  gboolean srv_heard; /* since it was put among the HEARD, or asked for */
  gboolean txt_heard;
  gboolean missed; /* it was asked for in vain: it is to have browsers */
  gint64 since;    /* in this state; HEARD: heard last, or 0 if it is to be asked for at once */
  GList node;      /* in the queue of its state and class, oldest first */
  const DiscoLiveFuncs *funcs;
  gpointer user_data;
};

struct _DiscoLive
{
  DiscoEngine *engine;
  GQueue queues[DISCO_SLOT_N_STATES][DISCO_SLOT_N_CLASSES];
  DiscoSlotClass turn;  /* whose turn it is, where both wait */
  gint64 joined_at;     /* the last one */
  gint64 next_at;       /* no start and no refresh before */
  gint64 next_ask_at;   /* no question before, to those that are heard */
  gint64 next_round_at; /* none before to those that are silent */
  GSource *timer;       /* (owned) */
  GSource *ask_timer;   /* (owned) */
};

void disco_live_put (DiscoLiveSlot *slot, DiscoSlotClass class, DiscoSlotState state);
/* A place may have become free, or one is wanted: it is not to wait for the end of a step of the
 * round. */
void disco_live_wake_soon (DiscoLive *self);

/* Follows it by ear, if that is possible; TRUE then */
gboolean disco_live_follow (DiscoLiveSlot *slot);
/* Of ask_timer */
gboolean disco_live_ask (gpointer user_data);

G_END_DECLS
