/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-attributes-private.h"

#include <disco/disco-instance.h>

G_BEGIN_DECLS

/* What an instance is made of. Everything is copied (attributes: referenced). Every text must be
 * valid UTF-8; NULL lists and attributes count as empty, a NULL text as "". host is derived: the
 * first address, else the hostname. */
typedef struct
{
  const char *id;
  const char *name;
  const char *label;
  const char *type;
  const char *domain;
  const char *hostname;
  const char *const *tags;
  const char *const *addresses;
  const char *const *interfaces;
  DiscoAttributes *attributes;
  gboolean local;
  guint16 port;
} DiscoInstanceFields;

/* Copies texts and lists into one allocation, for networks with thousands of instances, and makes
 * @packed point into it; never NULL there. attributes is passed on as it is. (transfer full):
 * the allocation, even where there is nothing to copy */
gpointer disco_instance_fields_pack (const DiscoInstanceFields *fields,
                                     DiscoInstanceFields *packed);

DiscoInstance *disco_instance_new (const DiscoInstanceFields *fields);
/* the same instance under another id */
DiscoInstance *disco_instance_new_with_id (DiscoInstance *self, const char *id);

/* g_str_hash() of the id, computed once */
guint disco_instance_get_hash (DiscoInstance *self);
/* The hash will be asked for: brings it nearer. */
void disco_instance_prefetch_hash (DiscoInstance *self);
/* never NULL */
DiscoAttributes *disco_instance_peek_attributes (DiscoInstance *self);
/* TRUE if the instance has every one of @tags (NULL: none asked for) */
gboolean disco_instance_has_tags (DiscoInstance *self, const char *const *tags);

/* For the class alone: what stands in sources of its own. */
void disco_instance_install_properties (GObjectClass *object_class);
void disco_instance_connectable_iface_init (GSocketConnectableIface *iface);

G_END_DECLS
