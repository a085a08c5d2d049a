/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-hosts-private.h"
#include "disco-live-private.h"
#include "disco-peer-private.h"
#include "disco-peer-records-private.h"
#include "disco-resolver-private.h"
#include "disco-retry-private.h"

G_BEGIN_DECLS

/* The inside of a DiscoPeer, shared by what collects its records (disco-peer.c), by asking and by
 * ear (disco-peer-heard.c), and what tells how it looks (disco-peer-build.c). */

/* What belongs to one change comes within this time: SRV and TXT, the two protocols. */
#define DISCO_PEER_RECORDS_US (5 * G_TIME_SPAN_MILLISECOND)
/* What belongs to one change of addresses or interfaces comes within this time. */
#define DISCO_PEER_ADDRESSES_US (100 * G_TIME_SPAN_MILLISECOND)

typedef struct
{
  int ifindex;
  int protocol;
  gboolean local;
} DiscoSighting;

struct _DiscoPeer
{
  DiscoEngine *engine;
  DiscoServiceName *service; /* (owned) */
  char *label;               /* (owned) */
  GRefString *type;          /* (owned): interned, as all of a service have the same */
  GRefString *domain;        /* (owned): interned */
  char *full_name;           /* (owned) */
  DiscoPeerFunc func;
  gpointer user_data;

  DiscoSighting *sightings; /* (owned) (nullable): mostly one or two, and no GArray for that */
  guint n_sightings;
  DiscoPeerRecords srv;
  DiscoPeerRecords txt;
  DiscoResolveJob *job;         /* (owned) (nullable): the one-shot question */
  DiscoLiveSlot *slot;          /* (owned) (nullable) */
  DiscoLinkObject *browsers[2]; /* (owned) (nullable): live SRV and TXT */
  DiscoRetry *retry;            /* (owned) (nullable): where those have failed */

  DiscoHost *host;    /* (nullable): used; the SRV target's */
  GBytes *srv_parsed; /* (owned) (nullable): the rdata that host and port come from */
  guint16 port;

  gint64 sighted_at;     /* when it was first seen on this link */
  gint64 srv_at;         /* when its SRV became known, 0: it is not */
  gint64 lost_at;        /* when what is shown lost its SRV or addresses, 0: it did not */
  gint64 asked_again_at; /* when it was last asked for to see whether it is still there, or 0 */
  gboolean shown;
  gboolean stale;
  gboolean unanswered; /* the last question had no answer */
};

/* Builds again, @hold_us from now */
void disco_peer_changed (DiscoPeer *self, gint64 hold_us);
void disco_peer_drop_host (DiscoPeer *self);
void disco_peer_clear_records (DiscoPeer *self);
/* It has an SRV record. */
void disco_peer_become_known (DiscoPeer *self);
/* Follows it from now on. */
void disco_peer_join_live (DiscoPeer *self);
void disco_peer_drop_browsers (DiscoPeer *self);
/* Takes what was heard of it before it was sighted there. */
void disco_peer_recall (DiscoPeer *self, int ifindex, int protocol);
/* Counts one that is over a bound. */
void disco_peer_refuse_record (DiscoPeer *self);
/* (nullable): where it is shown on the interface that rules: the lowest that shows it */
const DiscoSighting *disco_peer_get_ruling (DiscoPeer *self);
gboolean disco_peer_is_shown (DiscoPeer *self, int ifindex);
/* (nullable) (transfer none) */
GBytes *disco_peer_get_current (DiscoPeer *self, const DiscoPeerRecords *records);
gboolean disco_peer_is_same_record (GBytes *a, GBytes *b);
/* (nullable) */
DiscoSighting *disco_peer_find_sighting (DiscoPeer *self, int ifindex, int protocol, guint *index);

/* DiscoLiveFuncs; @user_data: the peer */
void disco_peer_ask (gpointer user_data);
DiscoHearing disco_peer_get_hearing (gpointer user_data);
void disco_peer_set_unheard (gpointer user_data);
void disco_peer_note_missed (gpointer user_data, gint64 asked_at);

G_END_DECLS
