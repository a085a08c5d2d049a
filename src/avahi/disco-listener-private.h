/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-engine-private.h"

G_BEGIN_DECLS

/* The engine's ear, which is open while somebody wants to hear, and what is known of how well it
 * hears: whether what the responder shows on an interface is heard there, too. It is not where this
 * program sees other interfaces than the responder (a container), or where the responder lets
 * nobody listen beside it. What is heard goes to the engine. */

typedef enum
{
  DISCO_HEARING_NONE, /* nothing is heard there */
  DISCO_HEARING_UNSURE,
  DISCO_HEARING_GOOD,
} DiscoHearing;

DiscoListener *disco_listener_new (DiscoEngine *engine);
void disco_listener_free (DiscoListener *self);

/* It is to be open while there is a link, until as many have released it. */
void disco_listener_hold (DiscoListener *self);
void disco_listener_release (DiscoListener *self);
/* There is a link. */
void disco_listener_attach (DiscoListener *self);
/* There is none: a daemon that starts anew may want the port for itself. */
void disco_listener_detach (DiscoListener *self);
void disco_listener_interfaces_changed (DiscoListener *self);
/* The responder shows @name there: hands what was heard of it until now to @func. */
void disco_listener_recall (DiscoListener *self, const char *name, int ifindex, int protocol,
                            DiscoHeardFunc func, gpointer user_data);

/* Asks for the SRV and TXT records of @names (element utf8) on all interfaces; FALSE if that was
 * not possible. */
gboolean disco_listener_ask (DiscoListener *self, GPtrArray *names);

DiscoHearing disco_listener_get_hearing (DiscoListener *self, int ifindex, int protocol);
/* A name that the responder shows there was heard, and not by way of this host alone. */
void disco_listener_note_heard (DiscoListener *self, int ifindex, int protocol);
/* A name that the responder shows there was asked for, at @asked_at for the first time, and was not
 * heard. */
void disco_listener_note_missed (DiscoListener *self, int ifindex, int protocol, gint64 asked_at);

G_END_DECLS
