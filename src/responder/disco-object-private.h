/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-session-private.h"

G_BEGIN_DECLS

/* What a session has at the server: a browser, a resolver or a group. Where avahi-core refuses to
 * make it, that is told as its own end, and its number stays in use until it is freed. */
typedef struct _DiscoObject DiscoObject;

/* How often a browser or resolver that has heard nothing begins anew */
#define DISCO_OBJECT_N_AGAIN 2

/* Makes what avahi-core has of a browser or resolver, which asks then; FALSE if it refuses. */
typedef gboolean (*DiscoObjectAsk) (DiscoObject *self);

struct _DiscoObject
{
  DiscoSession *session;
  guint32 number;
  gpointer avahi; /* (owned) (nullable) */
  void (*avahi_free) (gpointer avahi);
  DiscoObjectAsk ask; /* browser, resolver */
  GVariant *body;     /* (owned) (nullable): browser, resolver: the message that it is made of */
  GSource *again; /* (owned) (nullable): browser, resolver: asks anew, unless something is heard */
  guint n_again;  /* how often it has */
  gboolean is_group;
  gboolean committed;   /* group: states before that are of no interest */
  gint64 asked_us;      /* browser: when it has asked often enough; 0: from the start */
  GSource *all_for_now; /* (owned) (nullable): browser: that is to be told then */
};

/* Each takes the body of its message; NULL if that breaks the rules. */
DiscoObject *disco_object_browse_services (DiscoSession *session, guint32 number, GVariant *body);
DiscoObject *disco_object_browse_types (DiscoSession *session, guint32 number, GVariant *body);
DiscoObject *disco_object_browse_records (DiscoSession *session, guint32 number, GVariant *body);
DiscoObject *disco_object_resolve (DiscoSession *session, guint32 number, GVariant *body);
void disco_object_free (DiscoObject *self);

/* --- for kinds of objects --- */

DiscoObject *disco_object_new (DiscoSession *session, guint32 number);
/* Ends what avahi-core has of it, and its questions. */
void disco_object_clear (DiscoObject *self);
void disco_object_clear_source (GSource **source);
/* Asks, and again until something is heard. Returns @self; keeps @body */
DiscoObject *disco_object_begin_to_ask (DiscoObject *self, GVariant *body, DiscoObjectAsk asks);
/* Why avahi-core has refused */
int disco_object_get_errno (DiscoObject *self);
/* (transfer floating): bytes as a message has them */
GVariant *disco_object_bytes_new (gconstpointer data, gsize size);

G_END_DECLS
