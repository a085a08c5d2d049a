/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Asks the network itself, past the responder and what it remembers, and hears what is answered.
 *
 * Threads: lives on the thread that iterates its context. */
typedef struct _DiscoEar DiscoEar;

/* A service of that full name has answered, or was announced; never called from inside a call */
typedef void (*DiscoHeardFunc) (const char *name, gpointer user_data);

/* The head of every implementation's ears */
struct _DiscoEar
{
  gboolean (*ask) (DiscoEar *self, GPtrArray *names);
  void (*free) (DiscoEar *self);
};

/* Asks for the SRV records of @names (element utf8); FALSE if no question could be sent anywhere */
gboolean disco_ear_ask (DiscoEar *self, GPtrArray *names);
void disco_ear_free (DiscoEar *self);

/* On sockets of its own, on the interfaces @ifindexes (element int). They are bound to port 5353,
 * so that questions and answers are plain multicast, which passes wherever mDNS does; and to its
 * group, so that they take nothing from the responder that is sent to this host alone. */
DiscoEar *disco_socket_ear_new (GMainContext *context, const GArray *ifindexes, DiscoHeardFunc func,
                                gpointer user_data);

G_END_DECLS
