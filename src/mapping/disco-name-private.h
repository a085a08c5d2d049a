/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Service name ⇄ service type (docs/mapping.md, "Service name → service type"). */

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
  char *subtype;           /* (nullable): the subtype's own label with its underscore: "_printer" */
  gboolean is_generic;     /* carried by _disco._tcp under disco.name */
  gboolean is_any_generic; /* "disco", "_disco._tcp": all generic instances; browse only */
} DiscoServiceName;

/* INVALID_ARGUMENT that quotes @text and names the fault. @text may be any bytes. */
DiscoServiceName *disco_service_name_parse (const char *text, GError **error);
DiscoServiceName *disco_service_name_ref (DiscoServiceName *self);
void disco_service_name_unref (DiscoServiceName *self);
/* FALSE with INVALID_ARGUMENT for names that can be watched only: subtypes, "disco" */
gboolean disco_service_name_check_registrable (const DiscoServiceName *self, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DiscoServiceName, disco_service_name_unref)

/* @text for an error message: quoted, cut, with control characters and bytes that are not UTF-8
 * escaped. (transfer full) */
char *disco_quote (const char *text);

G_END_DECLS
