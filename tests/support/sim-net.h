/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-link-private.h"

G_BEGIN_DECLS

/* A simulated network: the records that its responders know, each on some (interface, protocol)
 * pair, and what links to it ask. A test scripts it, and everything that it tells is told from the
 * main context, one event a dispatch, in the order in which it came about; never from inside a
 * call. Nothing depends on time but the end of a question that nobody answers, and what the test
 * asks for: how long groups probe, and the pace of telling.
 *
 * What a link publishes is on the network too, on every pair that its entries name, and is seen by
 * all links.
 *
 * Threads: lives on the thread that iterates its context. */
typedef struct _SimNet SimNet;

typedef enum
{
  SIM_BROWSE_SERVICES,
  SIM_BROWSE_TYPES,
  SIM_BROWSE_RECORDS,
  SIM_RESOLVE,
  SIM_GROUP,
  SIM_N_KINDS,
} SimKind;

/* What becomes of groups */
typedef enum
{
  SIM_GROUPS_PROBE,         /* COLLISION where the name is taken, else ESTABLISHED */
  SIM_GROUPS_HOLD,          /* nothing is told until sim_net_set_groups() says otherwise */
  SIM_GROUPS_FAIL,          /* FAILURE with DISCO_ERROR_LIMIT */
  SIM_GROUPS_COLLIDE,       /* whatever the name: COLLISION for groups with a service */
  SIM_GROUPS_HOLD_SUBTYPES, /* as HOLD for groups without a service, else as PROBE */
  SIM_GROUPS_FAIL_SUBTYPES, /* as FAIL for groups without a service, else as PROBE */
} SimGroups;

/* What becomes of in-place updates: those refused fail with DISCO_ERROR_FAILED */
typedef enum
{
  SIM_REFUSE_NONE,
  SIM_REFUSE_ALL,
  SIM_REFUSE_SRV, /* those of the TXT record are carried out */
} SimRefuse;

typedef struct
{
  const char *label;
  const char *type;
  const char *host; /* SRV target */
  guint16 port;
  const char *txt;             /* as test_txt_new() reads it; NULL: no TXT record */
  const char *const *subtypes; /* (nullable): "_a._sub._http._tcp" */
} SimService;

/* @seed: of what is random once sim_net_set_shuffle() is on */
SimNet *sim_net_new (GMainContext *context, guint32 seed);
/* Fails the test where a link or an object of one is left. */
void sim_net_free (SimNet *self);

/* --- the script: what there is. @ifindex: DISCO_LINK_ANY is all pairs --- */

/* The pair exists from now on, without anything on it. */
void sim_net_add_pair (SimNet *self, int ifindex, int protocol);
/* Down: what is on the interface is gone for all who look, and comes back with it. A group that
 * still probes there does so for ever. */
void sim_net_set_up (SimNet *self, int ifindex, gboolean up);
gboolean sim_net_is_up (SimNet *self, int ifindex);

/* PTR (the subtypes' too), SRV and TXT, in this order */
void sim_net_announce (SimNet *self, int ifindex, const SimService *service);
void sim_net_withdraw (SimNet *self, int ifindex, const SimService *service);

/* @type: with subtype, if it is a subtype's */
void sim_net_add_ptr (SimNet *self, int ifindex, const char *label, const char *type);
void sim_net_remove_ptr (SimNet *self, int ifindex, const char *label, const char *type);
void sim_net_add_srv (SimNet *self, int ifindex, const SimService *service);
void sim_net_remove_srv (SimNet *self, int ifindex, const SimService *service);
void sim_net_add_txt (SimNet *self, int ifindex, const SimService *service);
void sim_net_remove_txt (SimNet *self, int ifindex, const SimService *service);
void sim_net_add_address (SimNet *self, int ifindex, const char *host, const char *address);
void sim_net_remove_address (SimNet *self, int ifindex, const char *host, const char *address);
void sim_net_add_record (SimNet *self, int ifindex, const char *name, guint16 type, GBytes *rdata);
void sim_net_remove_record (SimNet *self, int ifindex, const char *name, guint16 type,
                            GBytes *rdata);

/* A pointer comes or goes, and nothing remembers it but those who browse just now: for floods. */
void sim_net_tell_ptr (SimNet *self, int ifindex, const char *label, const char *type,
                       gboolean comes);
/* From now on whatever name of @like's type has no records of its own is answered for as @like is,
 * on interface 1. @like->host NULL: their labels end in a digit, and the SRV records of two and two
 * point at each other's names. Kept by the caller. */
void sim_net_set_crowd (SimNet *self, const SimService *like);

/* --- the script: how it is told --- */

/* Off: ALL_FOR_NOW comes with sim_net_tell_all_for_now(). On at first: after the first events. */
void sim_net_set_all_for_now (SimNet *self, gboolean automatic);
void sim_net_tell_all_for_now (SimNet *self);
/* On: no question is answered until it is off again. */
void sim_net_hold_answers (SimNet *self, gboolean hold);
/* How long a question without an answer lasts; 5 s at first, as Avahi's */
void sim_net_set_timeout_ms (SimNet *self, guint timeout_ms);
/* The order of events between objects is random from now on; within each object it stays. */
void sim_net_set_shuffle (SimNet *self, gboolean shuffle);
/* On: the responder stands still. Nothing is told or decided until it is off again. */
void sim_net_set_stopped (SimNet *self, gboolean stopped);
/* From one event to the next passes a random time of up to @max_us; 0 at first */
void sim_net_set_pace_us (SimNet *self, guint max_us);
/* All browsers of that kind fail with @message, and are dead. */
void sim_net_fail_browsers (SimNet *self, SimKind kind, const char *message);
/* On: all browsers that are made fail at once. */
void sim_net_refuse_browsers (SimNet *self, gboolean refuse);

void sim_net_set_groups (SimNet *self, SimGroups groups);
/* How long groups probe before they are decided; 0 at first */
void sim_net_set_probe_us (SimNet *self, gint64 probe_us);
/* All groups that probe do so for ever, as where their interface goes. */
void sim_net_hang_groups (SimNet *self);
/* All groups that are established fail now. */
void sim_net_fail_groups (SimNet *self);
/* A name that somebody else has (case does not matter): groups with it collide. */
void sim_net_take_name (SimNet *self, const char *label, const char *type);
/* Somebody comes to have it now: groups that are established collide too. */
void sim_net_steal_name (SimNet *self, const char *label, const char *type);
/* Nobody has it any more. */
void sim_net_release_name (SimNet *self, const char *label, const char *type);
void sim_net_set_refuse_updates (SimNet *self, SimRefuse refuse);

/* Asleep: nothing that comes or goes is told, nor later: only who looks anew sees it. */
void sim_net_set_asleep (SimNet *self, gboolean asleep);
/* Mute: its records stand, as a responder remembers them, and nobody answers for them. Not mute any
 * more: it announces itself. */
void sim_net_set_mute (SimNet *self, const SimService *service, gboolean mute);
/* No question past the responder can be sent, and nothing is heard. */
void sim_net_set_unreachable (SimNet *self, gboolean unreachable);
/* On: past the responder only what is on the interfaces that are listened on is heard, and what is
 * announced there is. Off at first. */
void sim_net_set_local_ears (SimNet *self, gboolean local);
/* On: nothing but what was asked for is heard past the responder, and who asks is told so. */
void sim_net_set_deaf (SimNet *self, gboolean deaf);

/* --- what the test sees --- */

guint sim_net_get_n_live (SimNet *self, SimKind kind);
/* Ever made */
guint sim_net_get_n_made (SimNet *self, SimKind kind);
/* How many services of that type are shown on the interface, each on each protocol */
guint sim_net_count_seen (SimNet *self, int ifindex, const char *type);
/* TRUE if nothing waits to be told */
gboolean sim_net_is_quiet (SimNet *self);
/* How often names were asked for past the responder */
guint sim_net_get_n_asked (SimNet *self);
/* What links published, a line each: "+a 80", "+2 subtypes of a", "txt a", "srv a 81", "-a 80",
 * "-2 subtypes of a"; each with " on 1" at its end where it is on that interface only. Empty again
 * after that. (transfer full) */
char *sim_net_take_log (SimNet *self);

/* --- for DiscoSimLink --- */

void sim_net_link_made (SimNet *self, DiscoLink *link);
void sim_net_link_gone (SimNet *self, DiscoLink *link);
GMainContext *sim_net_get_context (SimNet *self);

DiscoLinkObject *sim_net_browse (SimNet *self, DiscoLink *link, SimKind kind, const char *name,
                                 guint16 type, DiscoBrowseFunc func, gpointer user_data);
DiscoLinkObject *sim_net_resolve (SimNet *self, DiscoLink *link, int ifindex, int protocol,
                                  const char *name, DiscoResolveFunc func, gpointer user_data);
DiscoLinkObject *sim_net_publish (SimNet *self, DiscoLink *link, const DiscoLinkEntry *entries,
                                  guint n_entries, DiscoGroupFunc func, gpointer user_data);
gboolean sim_net_update (SimNet *self, DiscoLinkObject *object, const DiscoLinkEntry *entry,
                         guint16 type, GError **error);
DiscoEar *sim_net_listen (SimNet *self, const GArray *ifindexes, DiscoHeardFunc func,
                          gpointer user_data);
void sim_net_free_object (SimNet *self, DiscoLinkObject *object);
/* Nothing that stands on the link is told of anything any more, and what it published goes. */
void sim_net_cut (SimNet *self, DiscoLink *link);

G_END_DECLS
