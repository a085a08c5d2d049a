/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sim-net.h"

#include <disco/disco-error.h>

G_BEGIN_DECLS

/* sim-net.c: what there is, and when it is told. sim-net-script.c: what the test does.
 * sim-net-objects.c: what links ask. sim-ear.c: what they hear past their responder.
 * sim-net-groups.c: what they publish. sim-net-crowd.c: floods. */

typedef struct _SimObject SimObject;

/* A record on one (interface, protocol) pair */
typedef struct
{
  int ifindex;
  int protocol;
  char *label;      /* (owned) (nullable): PTR */
  char *type;       /* (owned) (nullable): PTR */
  char *name;       /* (owned) (nullable): any other's */
  GBytes *rdata;    /* (owned) (nullable): any other's */
  SimObject *owner; /* (nullable): the group that published it */
} SimFact;

typedef enum
{
  SIM_GROUP_PROBING,
  SIM_GROUP_ESTABLISHED,
  SIM_GROUP_OVER,
} SimGroupState;

struct _SimObject
{
  DiscoLinkObject base;
  SimNet *net;
  SimKind kind;
  guint ref_count; /* the user's, and one for each event on its way */
  gboolean silent; /* freed, or its link is cut */
  gboolean failed; /* browser: FAILURE is on its way or told, and nothing after it */
  GList node;      /* among the live ones */
  char *key;       /* (owned): what it looks for; a group: its service's name, or "" */
  DiscoBrowseFunc on_browse;
  DiscoResolveFunc on_resolve;
  DiscoGroupFunc on_group;
  gpointer user_data;
  gboolean told_all; /* browser: ALL_FOR_NOW is on its way or told */
  int ifindex;       /* question */
  int protocol;      /* question */
  gboolean answered; /* question */
  gint64 asked_at;   /* question, group */
  GArray *entries;   /* (owned) (nullable) of DiscoLinkEntry with all texts owned: group */
  char *title;       /* (owned) (nullable): group, for the log */
  SimGroupState state;
};

/* Something to be told; what is not told stays 0 */
typedef struct
{
  SimObject *object; /* (owned): a reference */
  DiscoBrowseEvent browse;
  DiscoResolveEvent resolve;
  DiscoGroupState group;
  SimFact fact;   /* (owned): what browse points into */
  char *hostname; /* (owned) (nullable) */
  GBytes *txt;    /* (owned) (nullable) */
  GError *error;  /* (owned) (nullable) */
} SimEvent;

typedef struct
{
  int ifindex;
  int protocol;
  gboolean is_up;
} SimPair;

struct _SimNet
{
  GMainContext *context;    /* (owned) */
  GRand *rand;              /* (owned) */
  GSource *source;          /* (owned): tells */
  GQueue events;            /* of (owned) SimEvent, oldest first */
  GArray *pairs;            /* (owned) of SimPair */
  GHashTable *facts;        /* (owned) (owned) key → (owned) GPtrArray of (owned) SimFact */
  GHashTable *taken;        /* (owned) set of (owned) names of others' services */
  GQueue live[SIM_N_KINDS]; /* of SimObject, oldest first */
  guint n_made[SIM_N_KINDS];
  guint n_links;
  GPtrArray *ears;  /* (owned) of SimEar */
  GHashTable *mute; /* (owned) set of (owned) full names in lower case */
  gboolean unreachable;
  gboolean local_ears;
  gboolean deaf;
  gboolean asleep;
  guint n_asked;
  GString *log; /* (owned) */
  SimGroups groups;
  SimRefuse refuse;
  gint64 timeout_us;
  gint64 probe_us;
  gint64 tell_at; /* nothing is told before */
  guint pace_us;
  gboolean stopped;
  gboolean all_for_now;
  gboolean hold;
  gboolean shuffle;
  gboolean refuse_browsers;
  gboolean moving;         /* an interface goes or comes */
  const SimService *crowd; /* (nullable) */
  GBytes *crowd_txt;       /* (owned) (nullable) */
};

/* --- sim-net.c --- */

/* "PTR _http._tcp", "33 a._http._tcp.local", in lower case. (transfer full) */
char *sim_key_ptr (const char *type);
char *sim_key_record (guint16 type, const char *name);
/* (transfer full): rdata */
GBytes *sim_srv_rdata (const char *host, guint16 port);

/* Adds on every pair of @ifindex. */
void sim_net_add_fact (SimNet *self, const char *key, int ifindex, const SimFact *like);
/* Removes the facts of @key (NULL: any) on @ifindex that are as @like; NULL fields match all */
void sim_net_remove_facts (SimNet *self, const char *key, int ifindex, const SimFact *like);
/* (nullable): the newest that is seen on that pair, either of which may be DISCO_LINK_ANY */
SimFact *sim_net_find_fact (SimNet *self, const char *key, int ifindex, int protocol);
/* Calls @func for all facts of the key, or of all keys, that are seen. */
typedef void (*SimFactFunc) (SimNet *self, const char *key, SimFact *fact, gpointer user_data);
void sim_net_for_each_fact (SimNet *self, const char *key, SimFactFunc func, gpointer user_data);

/* An event for @object, to be told after those before it. (transfer none) */
SimEvent *sim_net_push_event (SimNet *self, SimObject *object);
/* When the next thing is to be told or done */
void sim_net_schedule (SimNet *self);

/* --- sim-net-crowd.c --- */

/* (nullable) (transfer full): what the crowd has of that type and name */
GBytes *sim_crowd_rdata (SimNet *self, guint16 type, const char *name);

/* --- sim-net-objects.c --- */

SimObject *sim_object_new (SimNet *net, DiscoLink *link, SimKind kind, char *key,
                           gpointer user_data);
void sim_object_unref (SimObject *self);
void sim_object_tell (SimObject *self, SimEvent *event);
void sim_object_push_browse (SimObject *browser, const SimFact *fact, DiscoBrowseKind kind);
/* A fact has come or gone: tells those who look for it. */
void sim_net_tell_fact (SimNet *self, const char *key, SimFact *fact, DiscoBrowseKind kind);
void sim_net_tell_all (SimObject *browser);
void sim_net_fail_browser (SimObject *browser, DiscoError code, const char *message);
/* Answers what can be answered, and ends what has waited for too long. */
void sim_net_answer (SimNet *self, gint64 now);
/* Ends what has waited for too long. */
void sim_net_expire (SimNet *self, gint64 now);

/* --- sim-ear.c --- */

/* A record of that key is announced, or says goodbye. */
void sim_net_tell_ears (SimNet *self, const char *key, const SimFact *fact, gboolean goodbye);

/* --- sim-net-groups.c --- */

/* What it shows goes, and it never shows anything again. */
void sim_group_withdraw (SimObject *group);
/* Decides the groups that have probed long enough. */
void sim_net_decide (SimNet *self);
/* When the next of them has; -1: none has to wait for its time alone */
gint64 sim_net_next_decision (SimNet *self);

G_END_DECLS
