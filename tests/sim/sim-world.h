/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sim-fail.h"
#include "sim-link.h"

#include <disco/disco.h>

G_BEGIN_DECLS

/* What one schedule is played on: a simulated network with two interfaces and two protocols, other
 * hosts on it and what they offer, and one agent of ours with all who use it. Everything random is
 * drawn from one seed. */

#define N_INTERFACES 2         /* 1 and 2: "sim1", "sim2" */
#define SIM_SHARED_ID "shared" /* that several offers claim */
#define N_OFFERS 8
#define N_HOSTS 3
#define N_HOST_NAMES 5
#define N_REMEMBERED 6
#define N_ADDRESSES 4 /* of one host on one interface */

/* What another host says of an offer on one interface */
typedef struct
{
  gboolean has_ptr;
  gboolean has_subtype;
  gboolean has_srv;
  gboolean has_txt;
  guint16 port;
  const char *host;     /* SRV target */
  guint16 old_port;     /* of another SRV record, older than that */
  const char *old_host; /* (nullable): of that; NULL: there is none */
  char *txt;            /* (owned) (nullable) as test_txt_new() reads it */
} Say;

typedef struct
{
  const char *label;
  const char *type;
  const char *subtype;
  const char *generic; /* (nullable): disco.name */
  Say says[N_INTERFACES];
  gboolean mute; /* its host has died: what the responder remembers stands */
} Offer;

typedef struct
{
  GRand *rand; /* (owned) */
  guint step;
  const guint8 *input; /* (nullable): what is drawn from first */
  gsize input_size;    /* what is left of it */

  SimNet *net;        /* (owned) */
  GPtrArray *links;   /* (owned) of (owned) DiscoLink */
  const char *host;   /* this host's name */
  gboolean link_down; /* new links get no further than CONNECTING */
  gboolean no_link;   /* where the backend can tell: there can be none */
  gboolean stopped;   /* the responder */
  Offer offers[N_OFFERS];
  gboolean addresses[N_HOSTS][N_INTERFACES][N_ADDRESSES];
  gboolean unreachable; /* past the responder nothing is sent or heard */
  gboolean unsound;     /* something was amiss since the last rest: calls may fail */
  guint version;        /* of the last thing that was made up */

  DiscoAvahiAgent *agent; /* (owned) */
  GPtrArray *agents;      /* (owned) of DiscoAvahiAgent: all that there are */
  guint generation;       /* of the agent */
  char **interfaces;      /* (owned) (nullable): those that it uses */
  DiscoState told_state;  /* by notify::state */
  GHashTable *renamed;    /* (owned) (owned) id → (owned) label, as last told */
  GPtrArray *readers;     /* (owned) of (owned) Reader */
  GPtrArray *calls;       /* (owned) of (owned) Call, the finished ones too */
  GHashTable *desired;    /* (owned) (owned) id → (owned) Spec */
  guint left;             /* what was called before this number is withdrawn */
  guint n_calls;
  DiscoInstance *remembered[N_REMEMBERED]; /* (owned) (nullable): some that were seen */
} World;

extern const char *const sim_host_names[N_HOST_NAMES];

World *sim_world_new (guint32 seed);
/* What is drawn comes from @input while it lasts, and then from the seed. Where something is not as
 * it should be the process is aborted, as a fuzzer wants it. */
World *sim_world_new_for_input (guint32 seed, const guint8 *input, gsize size);
void sim_world_free (World *self);

/* For the links that stand in for the daemon's and the embedded one. (transfer full) (nullable) */
DiscoLink *sim_world_make_link (GError **error);

/* A number of 0 … @n - 1; TRUE in one of @n cases */
guint sim_draw (World *self, guint n);
gboolean sim_one_in (World *self, guint n);
/* A line of the trace, where one is asked for */
void sim_trace (const char *format, ...) G_GNUC_PRINTF (1, 2);
void sim_trace_enable (void);
gboolean sim_trace_is_on (void);

const char *sim_interface_name (int ifindex);
/* The agent's link, where it stands */
DiscoLink *sim_world_get_link (World *self);
/* Whether it is one of those that the agent uses */
gboolean sim_world_is_used (World *self, int ifindex);
/* The agent goes and a new one comes. Calls and readers of the old one may still be there. */
void sim_world_renew_agent (World *self);
/* The network and the kernel's list of interfaces together */
void sim_world_set_interface (World *self, int ifindex, gboolean up);

/* --- sim-play.c: a schedule --- */

#define SIM_N_STEPS 200

/* One step, and what must hold after it */
void sim_play_step (World *self);
/* With all at rest, with more than that, or in the midst of it */
void sim_play_end (World *self);

/* --- sim-steps.c: what happens --- */

/* One thing, at random, in the network or by API */
void sim_step (World *self);
/* Ends all that is amiss. What other hosts offer stays as it is. */
void sim_heal (World *self);

/* --- sim-offers.c: what other hosts do --- */

void sim_offers_init (World *self);
void sim_offers_clear (World *self);
void sim_step_offers (World *self);
/* Its host dies without a goodbye; or is back, and says so. */
void sim_offer_set_mute (World *self, Offer *offer, gboolean mute);

/* --- sim-calls.c: what the program does --- */

typedef struct
{
  guint name; /* 0: "http", 1: "billing" */
  guint16 port;
  guint tags;    /* bits: "aa", "bb" */
  guint version; /* an attribute */
  guint addr;    /* 0: none, 1: an address, 2: another host's name */
  guint label;   /* 0: none, else one of a few */
  guint serial;  /* of the call that registered it */
} Spec;

typedef enum
{
  CALL_REGISTER,
  CALL_UPDATE,
  CALL_DEREGISTER,
  CALL_LEAVE,
  CALL_SERVICE,
  CALL_SERVICES,
  CALL_NEXT,
  CALL_VERIFY,
} CallKind;

typedef struct _Reader Reader;

typedef struct
{
  World *world;
  CallKind kind;
  guint serial;
  guint generation;
  char *id; /* (owned) (nullable); of verify: the full name */
  Spec spec;
  Reader *reader;            /* (owned) (nullable): a reference */
  GCancellable *cancellable; /* (owned) (nullable) */
  gint64 started_at;
  gboolean finished;
  gboolean is_second; /* of next: there was another one */
  gboolean was_there; /* verify: at some time somebody would have answered */
  gboolean was_away;  /* verify: at some time nobody would */
  gboolean succeeded; /* verify */
} Call;

extern const char *const sim_names[2];
/* What it asks for; @otherwise: where it asks for none */
const char *sim_label (guint label, const char *otherwise);
void sim_step_calls (World *self);
void sim_call_free (gpointer data);
void sim_cancel_all (World *self);
/* All have finished; those of next may wait. */
void sim_check_calls_finished (World *self);
/* While the agent is UNAVAILABLE no call waits for the network. */
void sim_check_none_waits (World *self);
Call *sim_call_new (World *self, CallKind kind, const char *id);
/* Of its callback: it was not called before */
void sim_call_finish (Call *call, const GError *error);
/* The same, and there is a reason for @error, which is taken. TRUE if there is no error */
gboolean sim_call_end (Call *call, GError *taken_error);

/* --- sim-verify.c --- */

void sim_step_verify (World *self);
/* After each step: who is there, and who is not, for the calls in flight */
void sim_verify_look (World *self);
/* One of those that may be verified later */
void sim_remember (World *self, DiscoInstance *instance);
/* (transfer full) */
char *sim_full_name (DiscoInstance *instance);
/* Who asks past the responder is answered. */
gboolean sim_is_answered (World *self, const char *full_name);
/* The agent takes it for one that nobody answers for. */
gboolean sim_is_silent (World *self, const char *full_name);
/* At rest: what is there and what is not is told apart, and so it shows. */
void sim_check_verify (World *self);

/* --- sim-sleep.c --- */

/* The machine sleeps, wakes up, and the agents are told, maybe later. */
void sim_sleep (World *self);
/* From one rest to another while it sleeps: what has gone is not shown. */
void sim_rest_after_sleep (World *self);

/* --- sim-readers.c: those who look --- */

struct _Reader
{
  World *world;
  guint ref_count; /* the world's and the call's */
  guint number;
  guint generation;
  char *name;            /* (owned) */
  guint tags;            /* bits */
  DiscoService *service; /* (owned) */
  DiscoWatcher *watcher; /* (owned) (nullable): else */
  gpointer queue;        /* (owned) (nullable): one of its own, a DiscoEventQueue */
  gboolean immediate;
  gboolean begun; /* the first batch has come */
  gboolean closed;
  guint n_waiting;    /* calls of next that have not returned */
  guint sloth;        /* it reads in one of so many steps */
  GHashTable *before; /* (owned) (nullable) set of (owned) ids that were known before a loss */
  guint n_told;       /* of events about them */
  GHashTable *known;  /* (owned) id → (owned) DiscoInstance, which owns the id */
};

void sim_step_readers (World *self);
/* After every step: those whose turn it is read, and what must hold at any time is checked. */
void sim_readers_look (World *self, gboolean all);
void sim_reader_unref (gpointer data);
void sim_readers_close_all (World *self);
const char *const *sim_tags (guint bits);
GPtrArray *sim_snapshot (Reader *self);

/* --- sim-oracle.c: what is true --- */

/* An instance as text, with all that can be seen of it; good until the next call */
#define SIM_DESCRIPTION_SIZE 1024
const char *sim_describe (DiscoInstance *instance);
/* What the network says that @name with @tags has, sorted. (transfer full) (element utf8) */
GPtrArray *sim_oracle (World *self, const char *name, guint tags);

/* --- sim-truth.c: what must hold when all has been at rest for long --- */

/* Heals and waits; then what readers know and what is published must be the truth. */
void sim_rest (World *self);
/* What readers know is the truth. */
void sim_check_readers (World *self);
/* At rest, when nobody looks for it any more: a service that is opened is given when all of it is
 * known. */
void sim_check_first_set (World *self);
/* From one rest to another while the link is lost and nothing else happens: nobody is told of
 * anything. */
void sim_rest_after_loss (World *self);

G_END_DECLS
