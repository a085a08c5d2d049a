/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-backend-probe-private.h"
#include "disco-counts-private.h"
#include "disco-default-tags-private.h"
#include "disco-engine-private.h"
#include "disco-outlet-private.h"
#include "disco-sleep-watch-private.h"
#include "disco-source-private.h"
#include "disco-watchdog-private.h"
#include "disco-worker-private.h"

#include <disco/disco-avahi-agent.h>

G_BEGIN_DECLS

/* What outlives the agent by the worker's last steps */
typedef struct
{
  GWeakRef agent;
  DiscoEngine *engine;       /* (owned): the worker thread's */
  char **interfaces;         /* (owned) (nullable) */
  char **exclude_interfaces; /* (owned) (nullable) */
  GMainContext *context;     /* the worker's */
  DiscoCounts *counts;       /* (owned) */
  DiscoWatchdog *watchdog;   /* (owned) */
  DiscoSleepWatch *sleep;    /* (owned): the worker thread's */
  guint max_instances;
  DiscoBackend backend;     /* AUTO: not decided yet */
  DiscoBackendProbe *probe; /* (owned) (nullable): with AUTO */
} DiscoAvahiInside;

struct _DiscoAvahiAgent
{
  GObject parent_instance;

  DiscoBackend backend;
  char **interfaces;         /* (owned) (nullable) */
  char **exclude_interfaces; /* (owned) (nullable) */
  char *advertise_address;   /* (owned) (nullable) */
  guint max_instances;
  DiscoOutlet *outlet;       /* (owned): the way of signals to where they fire */
  DiscoCounts *counts;       /* (owned): also the engine's */
  DiscoWorker *worker;       /* (owned) (nullable): NULL with failure */
  GError *failure;           /* (owned) (nullable): why there is no worker, and never will be */
  DiscoAvahiInside *inside;  /* (owned) (nullable): what the worker thread uses */
  DiscoSourceTable *sources; /* (owned) */
  int state;                 /* DiscoState, atomic */
  int backend_in_use;        /* DiscoBackend, atomic */

  DiscoDefaultTags default_tags;
};

/* The agent interface and the agent's sources: each call goes to the worker thread. */
void disco_avahi_agent_iface_init (DiscoAgentInterface *iface);
extern const DiscoSourceFuncs disco_avahi_agent_source_funcs;

G_END_DECLS
