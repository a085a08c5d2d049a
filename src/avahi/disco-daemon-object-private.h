/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-bus-watch-private.h"
#include "disco-daemon-client-private.h"
#include "disco-daemon-lines-private.h"
#include "disco-link-private.h"

G_BEGIN_DECLS

/* One object at the daemon: a browser, a resolver or an entry group. */
typedef struct _DiscoDaemonObject DiscoDaemonObject;

/* What only an entry group has */
typedef struct _DiscoDaemonGroup DiscoDaemonGroup;

/* Makes the object at the daemon over @client and stores it in @self->avahi; TRUE, or FALSE with
 * one of Avahi's codes. */
typedef gboolean (*DiscoDaemonMake) (DiscoDaemonObject *self, AvahiClient *client,
                                     gconstpointer arguments, int *code);

struct _DiscoDaemonObject
{
  DiscoLinkObject base;
  DiscoDaemonClient *client; /* (nullable): of what avahi-client has made */
  gpointer avahi;            /* (nullable): that; belongs to the client */
  int (*avahi_free) (gpointer avahi);
  DiscoBusCall *question; /* (owned) (nullable): the call over the bus that is under way */
  DBusMessage *asked;     /* (owned) (nullable): resolver: what it asks */
  DiscoBrowseFunc on_browse;
  GSource *second;   /* (owned) (nullable): browser: until it is told that this is all for now */
  gboolean answered; /* browser: the daemon has, after that second */
  gboolean all_told; /* browser: that this is all for now */
  DiscoResolveFunc on_resolve;
  DiscoDaemonGroup *group; /* (owned) (nullable) */
  DiscoGroupFunc on_group;
  gpointer user_data;
  GSource *failure;  /* (owned) (nullable): pending call that tells error */
  GError *error;     /* (owned) (nullable) */
  gboolean collided; /* group: the pending call tells a collision */
};

/* Makes an object on a connection with room. It is always returned: where it could not be made, it
 * tells so from the main context. */
DiscoDaemonObject *disco_daemon_object_new (DiscoLink *link, gpointer user_data);
void disco_daemon_object_make (DiscoDaemonObject *self, DiscoDaemonMake make,
                               gconstpointer arguments, int (*avahi_free) (gpointer),
                               const char *what);
/* Tells the failure later, from the main context. */
void disco_daemon_object_fail (DiscoDaemonObject *self, int code, const char *what);
/* Takes @error */
void disco_daemon_object_fail_with (DiscoDaemonObject *self, GError *error);
/* The same for a reply that is an error, and for one that has another signature than @expected */
void disco_daemon_object_fail_by (DiscoDaemonObject *self, DBusMessage *error, const char *what);
void disco_daemon_object_fail_on_nonsense (DiscoDaemonObject *self, DBusMessage *reply,
                                           const char *expected, const char *what);

/* TRUE once the daemon is known not to answer any more: to ask it would only block again. */
gboolean disco_daemon_link_is_lost (DiscoLink *link);
/* NULL once the link is closed */
DiscoDaemonPool *disco_daemon_link_get_pool (DiscoLink *link);
DiscoDaemonLines *disco_daemon_link_get_lines (DiscoLink *link);
GMainContext *disco_daemon_link_get_context (DiscoLink *link);
DiscoWatchdog *disco_daemon_link_get_watchdog (DiscoLink *link);
/* The bus, if one question more may be asked there; NULL once the link is closed */
DiscoBusWatch *disco_daemon_link_get_questions_bus (DiscoLink *link);
/* One question more than are under way now was refused. */
void disco_daemon_link_limit_questions (DiscoLink *link);

/* --- browsing --- */

DiscoLinkObject *disco_daemon_browse_services (DiscoLink *link, const char *type,
                                               DiscoBrowseFunc func, gpointer user_data);
DiscoLinkObject *disco_daemon_browse_types (DiscoLink *link, DiscoBrowseFunc func,
                                            gpointer user_data);
DiscoLinkObject *disco_daemon_browse_records (DiscoLink *link, const char *name, guint16 type,
                                              DiscoBrowseFunc func, gpointer user_data);

/* --- resolving --- */

DiscoLinkObject *disco_daemon_resolve_new (DiscoLink *link, int ifindex, int protocol,
                                           const char *label, const char *type, const char *domain,
                                           DiscoResolveFunc func, gpointer user_data);

/* --- the entry groups of the daemon link --- */

DiscoLinkObject *disco_daemon_group_new (DiscoLink *link, const DiscoLinkEntry *entries,
                                         guint n_entries, DiscoGroupFunc func, gpointer user_data);
/* The daemon has withdrawn it then. */
void disco_daemon_group_free (DiscoDaemonGroup *self);
/* What becomes of a group on its line; its group is the DiscoDaemonObject. */
extern const DiscoDaemonLinesFuncs disco_daemon_group_funcs;
gboolean disco_daemon_group_update_txt (DiscoLinkObject *object, const DiscoLinkEntry *entry,
                                        GError **error);
gboolean disco_daemon_group_update_srv (DiscoLinkObject *object, const DiscoLinkEntry *entry,
                                        GError **error);

G_END_DECLS
