/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* An ordered list of DNS-SD attributes (RFC 6763 §6.4): a key with a value, which may be empty, or
 * a key alone. Keys are compared without regard to ASCII case when they are looked up. Nothing is
 * validated here: the mapping does that. Atomically reference counted; mutable only while its one
 * owner builds it. */
typedef struct _DiscoAttributes DiscoAttributes;

DiscoAttributes *disco_attributes_new (void);
/* @txt: (nullable): the rdata of a TXT record, for disco_attributes_append_slice() */
DiscoAttributes *disco_attributes_new_for_txt (GBytes *txt);
DiscoAttributes *disco_attributes_ref (DiscoAttributes *self);
void disco_attributes_unref (DiscoAttributes *self);

/* Replaces the value of the same key, byte for byte, at its place; else appends. NULL: key alone.
 */
void disco_attributes_set (DiscoAttributes *self, const char *key, GBytes *value);
/* The same in O(1), for a key that is known not to be there, and with a @value that stands in the
 * TXT record and is not copied. */
void disco_attributes_append_slice (DiscoAttributes *self, const char *key, const char *value,
                                    gsize size);
guint disco_attributes_get_size (DiscoAttributes *self);
const char *disco_attributes_get_key (DiscoAttributes *self, guint index);
GBytes *disco_attributes_get_value (DiscoAttributes *self, guint index);
/* TRUE if there is an attribute of that key in any case; @index may be NULL */
gboolean disco_attributes_find (DiscoAttributes *self, const char *key, guint *index);
/* The value of that key in any case; @present (nullable): whether there is such an attribute */
GBytes *disco_attributes_look_up (DiscoAttributes *self, const char *key, gboolean *present);
gboolean disco_attributes_equal (DiscoAttributes *self, DiscoAttributes *other);
/* (transfer full): the keys in order */
char **disco_attributes_dup_keys (DiscoAttributes *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DiscoAttributes, disco_attributes_unref)

G_END_DECLS
