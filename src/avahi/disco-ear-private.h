/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Asks the network itself, past the responder and what it remembers, and hears what is answered and
 * announced.
 *
 * Threads: lives on the thread that iterates its context. */
typedef struct _DiscoEar DiscoEar;

/* An SRV or TXT record that somebody sent. Nothing is owned. */
typedef struct
{
  const char *name; /* in presentation form, as disco_full_name_join() writes it; in lower case but
                       for its label */
  guint16 type;     /* DISCO_RECORD_SRV or DISCO_RECORD_TXT */
  gboolean goodbye; /* its time to live is 0 (RFC 6762 §10.1) */
  int ifindex;
  int protocol;
  const guint8 *rdata; /* names in it are not compressed */
  gsize rdata_size;
} DiscoHeard;

/* Never called from inside a call; the ear must not be freed or moved in it. */
typedef void (*DiscoHeardFunc) (const DiscoHeard *heard, gpointer user_data);

/* The head of every implementation's ears */
struct _DiscoEar
{
  gboolean (*ask) (DiscoEar *self, GPtrArray *names);
  gboolean (*covers) (DiscoEar *self, int ifindex, int protocol);
  void (*move) (DiscoEar *self, const GArray *ifindexes);
  void (*free) (DiscoEar *self);
};

/* Asks for the SRV and TXT records of @names (element utf8); FALSE if no question could be sent
 * anywhere */
gboolean disco_ear_ask (DiscoEar *self, GPtrArray *names);
/* TRUE if it listens there */
gboolean disco_ear_covers (DiscoEar *self, int ifindex, int protocol);
/* Listens on the interfaces @ifindexes (element int) from now on; where it listened already, it
 * goes on. */
void disco_ear_move (DiscoEar *self, const GArray *ifindexes);
void disco_ear_free (DiscoEar *self);

/* On sockets of its own, on the interfaces @ifindexes (element int). They are bound to port 5353,
 * so that questions and answers are plain multicast, which passes wherever mDNS does; and to its
 * group, so that they take nothing from the responder that is sent to this host alone, and hear
 * nothing from beyond the link (RFC 6762 §11). */
DiscoEar *disco_socket_ear_new (GMainContext *context, const GArray *ifindexes, DiscoHeardFunc func,
                                gpointer user_data);

G_END_DECLS
