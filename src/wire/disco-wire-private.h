/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What a program's embedded link and its disco-responder say to each other.
 *
 * There is a control socket between a process and its child, which carries nothing but the sockets
 * of sessions, and a session for each link. A session begins with a HELLO from both sides; then the
 * link makes objects, each under a number of its own choice that is not in use, and the responder
 * tells what becomes of them until they are freed. Both ends are the same machine's and the same
 * version's, but neither trusts the other: a message is bounded, and checked for its type, its
 * normal form and its kind's own rules before anybody looks at it.
 *
 * A frame: size of the body (32 bit, native), kind (32 bit, native), body: a serialised GVariant of
 * the kind's type. */

#define DISCO_WIRE_VERSION 1

/* The descriptor of the control socket in the child */
#define DISCO_WIRE_CONTROL_FD 3

/* Bytes of a body. What Avahi lets into one group is far less. */
#define DISCO_WIRE_MAX_BODY ((gsize)256 * 1024)
/* Bytes that wait for the other side to read; with more it is as good as dead. */
#define DISCO_WIRE_MAX_QUEUED ((gsize)64 * 1024 * 1024)
/* Events in one message */
#define DISCO_WIRE_MAX_BATCH 256
/* Sessions of one responder; a further one is closed at once. */
#define DISCO_WIRE_MAX_SESSIONS 256
/* Entries in one group */
#define DISCO_WIRE_MAX_ENTRIES 64

typedef enum
{
  DISCO_WIRE_HELLO = 1, /* (u version) — both ways */

  /* from the link; each begins with the object's number */
  DISCO_WIRE_BROWSE_SERVICES, /* (u, s type) */
  DISCO_WIRE_BROWSE_TYPES,    /* (u) */
  DISCO_WIRE_BROWSE_RECORDS,  /* (u, s name, q record type) */
  DISCO_WIRE_RESOLVE,         /* (u, i ifindex, i protocol, s label, s type, s domain) */
  DISCO_WIRE_PUBLISH,         /* (u, a entry) */
  DISCO_WIRE_UPDATE_TXT,      /* (u, entry) */
  DISCO_WIRE_UPDATE_SRV,      /* (u, entry) */
  DISCO_WIRE_FREE,            /* (u) */

  /* from the responder */
  DISCO_WIRE_STATE,    /* (y DiscoWireState, s host name with domain, i code) */
  DISCO_WIRE_BROWSED,  /* (a browse event): in the order in which they came */
  DISCO_WIRE_RESOLVED, /* (u, i ifindex, i protocol, s host name, q port, ay TXT, i code) */
  DISCO_WIRE_GROUP,    /* (u, y DiscoWireGroup, i code) */
  DISCO_WIRE_N_KINDS,
} DiscoWireKind;

/* An entry of a group: y DiscoWireEntry, i ifindex, s label, s type, s domain, s host ("": the
 * host's own), q port, ay TXT, s subtype, ay address (4 or 16 bytes). What its kind does not need
 * is empty. The label is bytes on the wire, but none of ours that is not UTF-8. */
#define DISCO_WIRE_ENTRY_TYPE "(yissssqaysay)"
/* A browse event: u object, y DiscoWireBrowse, i ifindex, i protocol, s label, s type, s domain, b
 * local, ay rdata, i code. A label from the network that is no UTF-8 cannot be told, and is not. */
#define DISCO_WIRE_BROWSED_TYPE "(uyiisssbayi)"

/* The values of these are those of the link's own (disco-link-private.h), and never change within a
 * version. */
typedef enum
{
  DISCO_WIRE_STATE_RUNNING = 1,
  DISCO_WIRE_STATE_RENAMING, /* the host's name is probed or has collided */
  DISCO_WIRE_STATE_FAILED,   /* the last message; code tells why */
} DiscoWireState;

typedef enum
{
  DISCO_WIRE_BROWSE_NEW,
  DISCO_WIRE_BROWSE_REMOVE,
  DISCO_WIRE_BROWSE_ALL_FOR_NOW,
  DISCO_WIRE_BROWSE_FAILURE, /* code tells why; the object is dead */
} DiscoWireBrowse;

typedef enum
{
  DISCO_WIRE_GROUP_ESTABLISHED,
  DISCO_WIRE_GROUP_COLLISION,
  DISCO_WIRE_GROUP_FAILURE, /* code tells why */
} DiscoWireGroup;

typedef enum
{
  DISCO_WIRE_ENTRY_SERVICE,
  DISCO_WIRE_ENTRY_SUBTYPE,
  DISCO_WIRE_ENTRY_ADDRESS,
} DiscoWireEntry;

/* NULL for a kind that there is not */
const GVariantType *disco_wire_kind_get_type (guint kind);

/* --- one end of a session --- */

/* Sends and receives without blocking, on the thread that iterates its context. */
typedef struct _DiscoWirePort DiscoWirePort;

/* A message that was checked; @body is the caller's. The port may be freed in it. */
typedef void (*DiscoWireReceived) (DiscoWireKind kind, GVariant *body, gpointer user_data);
/* Nothing more will come: the other side has gone (G_IO_ERROR_CLOSED), or has sent what is no
 * message (G_IO_ERROR_INVALID_DATA), or does not read (G_IO_ERROR_NO_SPACE). Told once, from the
 * context. The port may be freed in it. */
typedef void (*DiscoWireClosed) (const GError *error, gpointer user_data);

/* Takes @fd, a connected stream socket. */
DiscoWirePort *disco_wire_port_new (int fd, GMainContext *context, DiscoWireReceived received,
                                    DiscoWireClosed closed, gpointer user_data);
/* @body: of the kind's type; a floating one is consumed. Queued where the other side does not read
 * fast enough; dropped once closed. FALSE, and nothing is sent, if it is larger than
 * DISCO_WIRE_MAX_BODY. */
gboolean disco_wire_port_send (DiscoWirePort *self, DiscoWireKind kind, GVariant *body);
/* Closes the socket; what is queued is lost. */
void disco_wire_port_free (DiscoWirePort *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DiscoWirePort, disco_wire_port_free)

/* --- the control socket --- */

/* A pair of connected stream sockets, close-on-exec and non-blocking. */
gboolean disco_wire_socketpair (int fds[2], GError **error);
/* Hands @fd, which stays the caller's, over to the other side. Never blocks. */
gboolean disco_wire_send_fd (int control, int fd, GError **error);
/* The next one, or -1: G_IO_ERROR_WOULD_BLOCK, or G_IO_ERROR_CLOSED when the other side has gone.
 */
int disco_wire_receive_fd (int control, GError **error);

G_END_DECLS
