/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-child-private.h"
#include "disco-embedded-link-private.h"
#include "disco-wire-private.h"

G_BEGIN_DECLS

/* The inside of a DiscoEmbeddedLink, shared by what keeps the session (disco-embedded-link.c), what
 * makes its objects (disco-embedded-object.c) and what the responder says of them
 * (disco-embedded-receive.c). */
struct _DiscoEmbeddedLink
{
  DiscoLink parent_instance;

  GMainContext *context; /* (owned) */
  DiscoChild *child;     /* (owned) (nullable) */
  int fd;                /* the session until there is the port, or -1 */
  DiscoWirePort *port;   /* (owned) (nullable): NULL before start() and once failed or closed */
  gint64 hello_us;
  GSource *hello_timer; /* (owned) (nullable): until it has said hello */
  char *host_name;      /* (owned) (nullable) */
  GHashTable *objects;  /* (owned) number → (not owned) DiscoEmbeddedObject */
  guint32 last_number;
};

typedef struct
{
  DiscoLinkObject base;
  guint32 number;
  DiscoWireKind made_by;
  DiscoBrowseFunc on_browse;
  DiscoResolveFunc on_resolve;
  DiscoGroupFunc on_group;
  gpointer user_data;
  GSource *failure; /* (owned) (nullable): pending call that tells that it could not be asked for */
} DiscoEmbeddedObject;

/* The session ends, and the link is FAILED. */
void disco_embedded_link_fail (DiscoEmbeddedLink *self, const char *format, ...)
    G_GNUC_PRINTF (2, 3);
/* The same because the responder sent @what, which it may not. */
void disco_embedded_link_refuse (DiscoEmbeddedLink *self, const char *what);

/* What the responder says of objects. The callees may free any object, and close the link. */
void disco_embedded_on_browsed (DiscoEmbeddedLink *self, GVariant *body);
void disco_embedded_on_resolved (DiscoEmbeddedLink *self, GVariant *body);
void disco_embedded_on_group (DiscoEmbeddedLink *self, GVariant *body);

/* The part of the class that is about objects */
void disco_embedded_object_class_init (DiscoLinkClass *klass);

G_END_DECLS
