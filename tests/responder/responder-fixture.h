/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-wire-private.h"
#include "test-support.h"

/* --- a disco-responder on the interface lo alone --- */

typedef struct
{
  GPid pid;
  int control;    /* or -1 once it is closed */
  GSource *watch; /* (owned) */
  gboolean exited;
  int wait_status;
} Responder;

Responder *responder_start (void);
/* @options: NULL-terminated */
Responder *responder_start_full (const char *const *options);
/* Closes the control socket, as the end of the parent does. */
void responder_leave (Responder *self);
/* Waits until it has exited; its exit status */
int responder_wait (Responder *self);
void responder_free (Responder *self);
/* Leaves, and asserts that it exits with status 0. */
void responder_end (Responder *self);

/* --- the parent's end of a session --- */

typedef struct
{
  DiscoWirePort *port; /* (owned) */
  GPtrArray *messages; /* (owned) of (owned) Message: not yet expected */
  gboolean closed;
} Session;

typedef struct
{
  DiscoWireKind kind;
  GVariant *body; /* (owned); of BROWSED one event */
} Message;

/* Says HELLO of this version. */
Session *session_open_version (Responder *responder, guint32 version);
/* Says HELLO, and waits until the server is running. */
Session *session_open (Responder *responder);
/* @body: a floating one is consumed */
void session_send (Session *self, DiscoWireKind kind, GVariant *body);
/* Waits for the next message of this kind; those before it stay. (transfer full) */
GVariant *session_expect (Session *self, DiscoWireKind kind);
/* Waits for the browse event of this kind that @object tells; others stay. (transfer full) */
GVariant *session_expect_browsed (Session *self, guint32 object, DiscoWireBrowse kind);
void session_expect_group (Session *self, guint32 object, DiscoWireGroup state);
/* Waits until the other side has closed it. */
void session_expect_closed (Session *self);
void session_close (Session *self);

/* A service type of this process alone: others may test on the same loopback interface. */
const char *own_type (void);
/* An entry for a service on all interfaces of this host, with one TXT string; floating */
GVariant *service_entry (const char *label, const char *type, guint16 port, const char *text);
/* "(ua entry)" with one entry, floating */
GVariant *publish_body (guint32 object, GVariant *entry);
