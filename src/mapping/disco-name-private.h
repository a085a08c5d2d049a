/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-text-private.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* Service name ⇄ service type (docs/mapping.md, "Service name → service type"). */

#define DISCO_NAME_MAX_BYTES 200
#define DISCO_GENERIC_NAME "disco"
#define DISCO_GENERIC_TYPE "_disco._tcp"
#define DISCO_DOMAIN "local"

/* What a service name means on the wire. Immutable, atomically reference counted. */
typedef struct
{
  /*< private >*/
  gatomicrefcount ref_count;
  /*< public: read only >*/
  char
      *name; /* canonical name: "http", "_x._udp", "_printer._sub._http._tcp", "billing.invoices" */
  char *type;              /* service type, without subtype: "_http._tcp" */
  char *browse_type;       /* what a browser asks for: the type, or "_sub._sub._type._tcp" */
  char *subtype;           /* (nullable): the subtype's own label, not escaped: "_printer" */
  gboolean is_generic;     /* carried by _disco._tcp under disco.name; also if is_any_generic */
  gboolean is_any_generic; /* "disco", "_disco._tcp": all generic instances; browse only */
} DiscoServiceName;

/* INVALID_ARGUMENT that quotes @text and names the fault. @text may be any bytes. */
DiscoServiceName *disco_service_name_parse (const char *text, GError **error);
DiscoServiceName *disco_service_name_ref (DiscoServiceName *self);
void disco_service_name_unref (DiscoServiceName *self);
/* FALSE with INVALID_ARGUMENT for names that can be watched only: subtypes, "disco" */
gboolean disco_service_name_check_registrable (const DiscoServiceName *self, GError **error);

/* What publishes and browses a subtype: "_printer._sub._http._tcp", @label being the text without
 * its underscore, any bytes. NULL if "_@label" is no label of 3 to 63 bytes, or the name would have
 * more than 255 characters escaped. (transfer full) */
char *disco_subtype_join (const char *label, const char *type);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DiscoServiceName, disco_service_name_unref)

G_END_DECLS
