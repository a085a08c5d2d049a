/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-address-private.h"
#include "disco-name-private.h"

#include <disco/disco-registration.h>

G_BEGIN_DECLS

/* What one registration becomes on the wire (docs/mapping.md, "Registration → instance label, TXT,
 * host"). Immutable once made, except for the label after a conflict. */
typedef struct
{
  DiscoServiceName *service;
  char *id;             /* the registration's, or a new UUID */
  char *label;          /* first choice; already cut */
  char *domain;         /* "local" */
  char *host;           /* (nullable): SRV target; NULL: this host's own name */
  gboolean has_address; /* host is a name of our own that needs @address */
  DiscoAddress address;
  guint16 port;
  GBytes *txt;     /* rdata, wire order */
  char **subtypes; /* "_tag._sub._http._tcp", and the generic name's; each once */
  char *addr; /* the registration's addr as given, "" if none: what an update must not change */
  char *wanted_label; /* the registration's label as given, "" if none: likewise */
} DiscoRecordSet;

/* @id: (nullable): used instead of the registration's own, for an update or to keep a UUID.
 * @default_tags: (nullable): appended to the registration's. @advertise_address: (nullable): stands
 * in for an empty addr. Validates everything: INVALID_ARGUMENT or TOO_LARGE that quotes the fault.
 */
DiscoRecordSet *disco_record_set_new (DiscoRegistration *registration, const char *id,
                                      const char *const *default_tags,
                                      const char *advertise_address, GError **error);
void disco_record_set_free (DiscoRecordSet *self);

/* The label that was asked for, uncut: the registration's, or its id where it has none */
const char *disco_record_set_get_wanted_label (const DiscoRecordSet *self);

/* FALSE with INVALID_ARGUMENT where @updated differs from @self in what an update cannot change:
 * the service name, the label or addr that was asked for. An empty label or addr in @updated counts
 * as "as it is". */
gboolean disco_record_set_check_update (const DiscoRecordSet *self, const DiscoRecordSet *updated,
                                        GError **error);

/* Gives @updated what an update does not change: label, addr and host of @self. */
void disco_record_set_inherit (DiscoRecordSet *updated, const DiscoRecordSet *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DiscoRecordSet, disco_record_set_free)

G_END_DECLS
