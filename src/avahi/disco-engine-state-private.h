/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-catalog-private.h"
#include "disco-engine-private.h"

G_BEGIN_DECLS

/* The inside of a DiscoEngine, shared by what keeps its link (disco-engine.c) and what its parts
 * ask of it (disco-engine-parts.c). */
struct _DiscoEngine
{
  GMainContext *context; /* (owned) */
  const DiscoEngineFuncs *funcs;
  gpointer user_data;

  DiscoLink *link;     /* (owned) (nullable): in whatever state */
  gboolean attached;   /* what looks stands on link, which is RUNNING or RENAMING */
  gboolean publishing; /* what announces does, too: it is RUNNING */
  gboolean named;      /* the link has been RUNNING */
  gboolean renamed;    /* the host has or gets another name than what stands refers to */
  gboolean first_link;
  gint64 retry_us;
  gint64 lost_at;     /* since when it is not attached */
  gint64 unnamed_at;  /* since when it is not publishing */
  GError *last_error; /* (owned) (nullable): why there is no link */
  DiscoState state;
  GSource *link_timer;  /* (owned): drops a failed link, makes a new one */
  GSource *state_timer; /* (owned): UNAVAILABLE_US after lost_at, or else unnamed_at */

  DiscoInterfaces *interfaces; /* (owned) */
  DiscoHosts *hosts;           /* (owned) */
  DiscoResolver *resolver;     /* (owned) */
  DiscoLive *live;             /* (owned) */
  DiscoPublisher *publisher;   /* (owned) */
  DiscoVerifier *verifier;     /* (owned) */
  DiscoListener *listener;     /* (owned) */
  GHashTable *browsers;        /* (owned) DiscoSource → (owned) DiscoBrowser */
  GHashTable *catalogs;        /* (owned) set of (owned) DiscoCatalog */
  DiscoCounts *counts;         /* (owned): also the agent's */
  guint max_instances;
};

G_END_DECLS
