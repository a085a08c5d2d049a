/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Who may stay, of the names that are seen of one service: anybody on the network can invent any
 * number of them. A name is a candidate until it is shown as an instance, and then it is its
 * host's.
 *
 * Candidates have what room the instances leave, and some of their own. Where there is none a new
 * one takes the place of another, drawn at random: so whoever invents names for the most part
 * drives out his own. What is shown stays. A host may have its share of the instances, and no more.
 * A responder shows each name once: whoever was turned away has to be looked for again when there
 * is room. */
typedef struct _DiscoQuota DiscoQuota;

/* Instances of one service, unless DiscoAvahiAgent:max-instances says otherwise: more than any
 * network has, at some kilobytes each. */
#define DISCO_QUOTA_MAX_INSTANCES 20000
/* One host may have the half of them. */
#define DISCO_QUOTA_HOST_SHARE 2
/* Room of the candidates' own, however few instances are wanted: for as many as Avahi has records
 * in its cache by default. */
#define DISCO_QUOTA_MIN_CANDIDATES 4096

DiscoQuota *disco_quota_new (guint max_instances);
void disco_quota_free (DiscoQuota *self);

/* @name, which is compared by its address, is new: a candidate. FALSE: there is no room for any
 * instance more. TRUE: where @driven_out is set, that other candidate has lost its place to it. */
gboolean disco_quota_admit (DiscoQuota *self, gpointer name, gpointer *driven_out);
/* The candidate is about to be shown, as an instance of @host. FALSE: that has its share already,
 * or there is no room, and @name is no candidate any more. What is shown may change its host. */
gboolean disco_quota_assign (DiscoQuota *self, gpointer name, const char *host);
/* It is not shown any more, and a candidate again. */
void disco_quota_unassign (DiscoQuota *self, gpointer name);
/* It is gone, whatever it was. */
void disco_quota_remove (DiscoQuota *self, gpointer name);

/* TRUE: names were turned away, for want of room, and there is room for such names now. */
gboolean disco_quota_has_room_again (DiscoQuota *self);
/* All names are looked for again, those that were turned away among them. */
void disco_quota_begin_anew (DiscoQuota *self);

G_END_DECLS
