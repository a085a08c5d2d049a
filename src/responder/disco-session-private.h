/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-server-private.h"
#include "disco-wire-private.h"

G_BEGIN_DECLS

/* One link of the parent's: its end of the socket, and its objects at the server. */
typedef struct _DiscoSession DiscoSession;

/* Objects that one session can have: as many as its parent could use, and an end to what a mistake
 * there can make us hold. */
#define DISCO_SESSION_MAX_OBJECTS 20000

/* The session is over: the other side has gone, or has broken the rules. To be freed. */
typedef void (*DiscoSessionEnded) (DiscoSession *self, gpointer user_data);

/* Takes @fd. */
DiscoSession *disco_session_new (int fd, GMainContext *context, DiscoServer *server,
                                 DiscoSessionEnded ended, gpointer user_data);
/* Frees its objects at the server: what it published says goodbye. */
void disco_session_free (DiscoSession *self);

/* Tells the server's state; to be called when that has changed. */
void disco_session_tell_state (DiscoSession *self);

/* --- for its objects --- */

AvahiServer *disco_session_get_avahi (DiscoSession *self);
DiscoServer *disco_session_get_server (DiscoSession *self);
GMainContext *disco_session_get_context (DiscoSession *self);
/* Events of browsers are gathered, and sent once a turn of the main loop. @event: of type
 * DISCO_WIRE_BROWSED_TYPE; a floating one is consumed. */
void disco_session_add_browsed (DiscoSession *self, GVariant *event);
/* Sends what has been gathered, so that the order stays, and then this. */
void disco_session_send (DiscoSession *self, DiscoWireKind kind, GVariant *body);

G_END_DECLS
