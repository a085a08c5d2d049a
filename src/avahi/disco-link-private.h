/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-address-private.h"
#include "disco-ear-private.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* The seam to Avahi. A link is one connection to one responder, whatever that is; what stands above
 * knows of no other way to the network. A link is used once: when it has failed it is closed and a
 * new one made.
 *
 * Every operation returns an object at once and never fails: what happens, an error included, is
 * told by its callback, which is called from the main context of the link and never from inside the
 * call that made the object. Freeing an object ends it; its callback is not called afterwards. An
 * object may be freed from inside its own callback, and after its link has failed or been closed.
 *
 * Threads: a link lives on the thread that iterates its context; nothing here takes a lock. */
#define DISCO_TYPE_LINK (disco_link_get_type ())
G_DECLARE_DERIVABLE_TYPE (DiscoLink, disco_link, DISCO, LINK, GObject)

/* interface index or protocol: any */
#define DISCO_LINK_ANY (-1)

/* protocols, as Avahi counts them */
#define DISCO_LINK_IPV4 0
#define DISCO_LINK_IPV6 1

/* DNS record types (RFC 1035 §3.2.2, RFC 3596, RFC 2782) */
#define DISCO_RECORD_A 1
#define DISCO_RECORD_TXT 16
#define DISCO_RECORD_AAAA 28
#define DISCO_RECORD_SRV 33

typedef enum
{
  DISCO_LINK_CONNECTING,
  DISCO_LINK_RUNNING,
  DISCO_LINK_RENAMING, /* the host's name is being probed or has collided: no group may stand, but
                        * one can look */
  DISCO_LINK_FAILED,
} DiscoLinkState;

typedef enum
{
  DISCO_BROWSE_NEW,
  DISCO_BROWSE_REMOVE,
  DISCO_BROWSE_ALL_FOR_NOW,
  DISCO_BROWSE_FAILURE, /* the object is dead; error tells why */
} DiscoBrowseKind;

typedef struct
{
  DiscoBrowseKind kind;
  int ifindex;
  int protocol;
  const char *label;   /* service browser */
  const char *type;    /* service and type browser */
  const char *domain;  /* service and type browser */
  gboolean local;      /* published through this very responder, as far as it says so */
  const guint8 *rdata; /* record browser */
  gsize rdata_size;
  const GError *error;
} DiscoBrowseEvent;

typedef struct
{
  int ifindex;
  int protocol;
  const char *hostname;
  guint16 port;
  GBytes *txt;
  const GError *error; /* nothing else is set: no answer in 5 s, or refused */
} DiscoResolveEvent;

typedef enum
{
  DISCO_GROUP_ESTABLISHED,
  DISCO_GROUP_COLLISION,
  DISCO_GROUP_FAILURE,
} DiscoGroupState;

typedef enum
{
  DISCO_ENTRY_SERVICE,
  DISCO_ENTRY_SUBTYPE,
  DISCO_ENTRY_ADDRESS,
} DiscoEntryKind;

/* One thing that a group publishes. Nothing is owned. */
typedef struct
{
  DiscoEntryKind kind;
  int ifindex; /* or DISCO_LINK_ANY */
  const char *label;
  const char *type;
  const char *domain;
  const char *host; /* SERVICE: SRV target or NULL for the host's own; ADDRESS: the name */
  guint16 port;
  GBytes *txt;
  const char *subtype; /* whole: "_a._sub._http._tcp" */
  const DiscoAddress *address;
} DiscoLinkEntry;

typedef struct _DiscoLinkObject DiscoLinkObject;
typedef void (*DiscoBrowseFunc) (const DiscoBrowseEvent *event, gpointer user_data);
typedef void (*DiscoResolveFunc) (const DiscoResolveEvent *event, gpointer user_data);
typedef void (*DiscoGroupFunc) (DiscoGroupState state, const GError *error, gpointer user_data);
typedef void (*DiscoLinkStateFunc) (DiscoLink *link, gpointer user_data);

/* The head of every implementation's objects. */
struct _DiscoLinkObject
{
  DiscoLink *link; /* (owned) */
};

struct _DiscoLinkClass
{
  GObjectClass parent_class;

  void (*start) (DiscoLink *self);
  void (*close) (DiscoLink *self);
  const char *(*get_host_name) (DiscoLink *self);
  DiscoLinkObject *(*browse_services) (DiscoLink *self, const char *type, DiscoBrowseFunc func,
                                       gpointer user_data);
  DiscoLinkObject *(*browse_types) (DiscoLink *self, DiscoBrowseFunc func, gpointer user_data);
  DiscoLinkObject *(*browse_records) (DiscoLink *self, const char *name, guint16 type,
                                      DiscoBrowseFunc func, gpointer user_data);
  DiscoLinkObject *(*resolve) (DiscoLink *self, int ifindex, int protocol, const char *label,
                               const char *type, const char *domain, DiscoResolveFunc func,
                               gpointer user_data);
  DiscoLinkObject *(*publish) (DiscoLink *self, const DiscoLinkEntry *entries, guint n_entries,
                               DiscoGroupFunc func, gpointer user_data);
  gboolean (*update_txt) (DiscoLinkObject *group, const DiscoLinkEntry *entry, GError **error);
  gboolean (*update_srv) (DiscoLinkObject *group, const DiscoLinkEntry *entry, GError **error);
  void (*free_object) (DiscoLinkObject *object);
  /* by default a DiscoEar on sockets */
  DiscoEar *(*listen) (DiscoLink *self, GMainContext *context, const GArray *ifindexes,
                       DiscoHeardFunc func, gpointer user_data);
};

/* The state is CONNECTING until start() has found a responder, which may take for ever. FAILED is
 * final; error then tells why. */
void disco_link_start (DiscoLink *self, DiscoLinkStateFunc func, gpointer user_data);
DiscoLinkState disco_link_get_state (DiscoLink *self);
const GError *disco_link_get_error (DiscoLink *self);
/* Drops the connection and all that stands on it: the responder sends the goodbyes. */
void disco_link_close (DiscoLink *self);
/* The host's name with its domain, "box.local"; NULL while not RUNNING. */
const char *disco_link_get_host_name (DiscoLink *self);

/* @type: with subtype: "_printer._sub._http._tcp" */
DiscoLinkObject *disco_link_browse_services (DiscoLink *self, const char *type,
                                             DiscoBrowseFunc func, gpointer user_data);
DiscoLinkObject *disco_link_browse_types (DiscoLink *self, DiscoBrowseFunc func,
                                          gpointer user_data);
/* A live view of the records of @name: NEW and REMOVE as they come and go on each interface and
 * protocol. */
DiscoLinkObject *disco_link_browse_records (DiscoLink *self, const char *name, guint16 type,
                                            DiscoBrowseFunc func, gpointer user_data);
/* Asks once for SRV and TXT; the answer comes once. */
DiscoLinkObject *disco_link_resolve (DiscoLink *self, int ifindex, int protocol, const char *label,
                                     const char *type, const char *domain, DiscoResolveFunc func,
                                     gpointer user_data);
/* Publishes all entries as one group. Its callback tells each state until it is freed. */
DiscoLinkObject *disco_link_publish (DiscoLink *self, const DiscoLinkEntry *entries,
                                     guint n_entries, DiscoGroupFunc func, gpointer user_data);
/* Replaces the TXT record, or the SRV record (@entry has host and port), of a service of the group
 * in place: no probing, no goodbye. */
gboolean disco_link_update_txt (DiscoLinkObject *group, const DiscoLinkEntry *entry,
                                GError **error);
gboolean disco_link_update_srv (DiscoLinkObject *group, const DiscoLinkEntry *entry,
                                GError **error);
void disco_link_object_free (DiscoLinkObject *object);
/* Asks and hears the network itself. */
DiscoEar *disco_link_listen (DiscoLink *self, GMainContext *context, const GArray *ifindexes,
                             DiscoHeardFunc func, gpointer user_data);

/* --- for implementations --- */

/* Later states and a second failure after FAILED are ignored. */
void disco_link_set_state (DiscoLink *self, DiscoLinkState state, const GError *error);
void disco_link_object_init (DiscoLinkObject *object, DiscoLink *link);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DiscoLinkObject, disco_link_object_free)

G_END_DECLS
