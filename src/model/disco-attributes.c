/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-attributes-private.h"

#include <string.h>

#define NO_VALUE G_MAXUINT32
#define MIN_ROOM 4

/* A thousand instances have some thousand attributes, few of which are ever asked for: a key is
 * interned, as all of a service have the same, and a value stays where it is in the TXT record. */
typedef struct
{
  GRefString *key; /* (owned) */
  GBytes *value;   /* (owned) (nullable) (atomic): of a slice it is made when it is asked for */
  guint32 offset;  /* of the slice, in the TXT record */
  guint32 size;    /* likewise; NO_VALUE: a key alone, or a value that is none of it */
} Attribute;

struct _DiscoAttributes
{
  gatomicrefcount ref_count;
  guint size;
  Attribute *list; /* (owned) (nullable) */
  GBytes *txt;     /* (owned) (nullable) */
};

DiscoAttributes *
disco_attributes_new (void)
{
  return disco_attributes_new_for_txt (NULL);
}

DiscoAttributes *
disco_attributes_new_for_txt (GBytes *txt)
{
  DiscoAttributes *self = g_new0 (DiscoAttributes, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->txt = txt != NULL ? g_bytes_ref (txt) : NULL;
  return self;
}

DiscoAttributes *
disco_attributes_ref (DiscoAttributes *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
disco_attributes_unref (DiscoAttributes *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  for (guint i = 0; i < self->size; i++)
    {
      g_ref_string_release (self->list[i].key);
      g_clear_pointer (&self->list[i].value, g_bytes_unref);
    }
  g_free (self->list);
  g_clear_pointer (&self->txt, g_bytes_unref);
  g_free (self);
}

static Attribute *
get_attribute (DiscoAttributes *self, guint index)
{
  g_assert (index < self->size);
  return &self->list[index];
}

/* There is room for the next power of two, and for few at least. */
static void
append (DiscoAttributes *self, const char *key, Attribute added)
{
  const guint n = self->size;

  if (n == 0 || (n >= MIN_ROOM && (n & (n - 1)) == 0))
    self->list = g_renew (Attribute, self->list, MAX (2 * n, MIN_ROOM));
  added.key = g_ref_string_new_intern (key);
  self->list[self->size++] = added;
}

void
disco_attributes_append_slice (DiscoAttributes *self, const char *key, const char *value,
                               gsize size)
{
  const char *data = g_bytes_get_data (self->txt, NULL);
  Attribute added = { .size = NO_VALUE };

  if (value != NULL)
    {
      added.offset = (guint32)(value - data);
      added.size = (guint32)size;
    }
  append (self, key, added);
}

void
disco_attributes_set (DiscoAttributes *self, const char *key, GBytes *value)
{
  const Attribute added = { .value = value != NULL ? g_bytes_ref (value) : NULL, .size = NO_VALUE };

  for (guint i = 0; i < self->size; i++)
    {
      Attribute *attribute = get_attribute (self, i);
      GBytes *old = attribute->value; /* @value may be the same */

      if (!g_str_equal (attribute->key, key))
        continue;
      attribute->value = added.value;
      attribute->size = NO_VALUE;
      g_clear_pointer (&old, g_bytes_unref);
      return;
    }
  append (self, key, added);
}

guint
disco_attributes_get_size (DiscoAttributes *self)
{
  return self->size;
}

const char *
disco_attributes_get_key (DiscoAttributes *self, guint index)
{
  return get_attribute (self, index)->key;
}

/* Of two threads that ask for it first one makes it for both. */
GBytes *
disco_attributes_get_value (DiscoAttributes *self, guint index)
{
  Attribute *attribute = get_attribute (self, index);
  GBytes *value = g_atomic_pointer_get (&attribute->value);

  if (value != NULL || attribute->size == NO_VALUE)
    return value;
  value = g_bytes_new_from_bytes (self->txt, attribute->offset, attribute->size);
  if (g_atomic_pointer_compare_and_exchange (&attribute->value, NULL, value))
    return value;
  g_bytes_unref (value);
  return g_atomic_pointer_get (&attribute->value);
}

gboolean
disco_attributes_find (DiscoAttributes *self, const char *key, guint *index)
{
  for (guint i = 0; i < self->size; i++)
    {
      if (g_ascii_strcasecmp (get_attribute (self, i)->key, key) != 0)
        continue;
      if (index != NULL)
        *index = i;
      return TRUE;
    }
  return FALSE;
}

GBytes *
disco_attributes_look_up (DiscoAttributes *self, const char *key, gboolean *present)
{
  guint index;
  const gboolean found = disco_attributes_find (self, key, &index);

  if (present != NULL)
    *present = found;
  return found ? disco_attributes_get_value (self, index) : NULL;
}

/* FALSE for a key alone */
static gboolean
peek_value (DiscoAttributes *self, guint index, const guint8 **data, gsize *size)
{
  Attribute *attribute = get_attribute (self, index);
  GBytes *value = g_atomic_pointer_get (&attribute->value);

  if (attribute->size != NO_VALUE)
    {
      *data = (const guint8 *)g_bytes_get_data (self->txt, NULL) + attribute->offset;
      *size = attribute->size;
    }
  else if (value != NULL)
    *data = g_bytes_get_data (value, size);
  return attribute->size != NO_VALUE || value != NULL;
}

static gboolean
values_equal (DiscoAttributes *self, DiscoAttributes *other, guint index)
{
  const guint8 *a, *b;
  gsize a_size, b_size;
  const gboolean has_a = peek_value (self, index, &a, &a_size);
  const gboolean has_b = peek_value (other, index, &b, &b_size);

  if (!has_a || !has_b)
    return has_a == has_b;
  return a_size == b_size && (a_size == 0 || memcmp (a, b, a_size) == 0);
}

gboolean
disco_attributes_equal (DiscoAttributes *self, DiscoAttributes *other)
{
  if (self == other)
    return TRUE;
  if (self->size != other->size)
    return FALSE;
  for (guint i = 0; i < self->size; i++)
    {
      if (!g_str_equal (self->list[i].key, other->list[i].key) || !values_equal (self, other, i))
        return FALSE;
    }
  return TRUE;
}

char **
disco_attributes_dup_keys (DiscoAttributes *self)
{
  char **keys = g_new (char *, self->size + 1);

  for (guint i = 0; i < self->size; i++)
    keys[i] = g_strdup (get_attribute (self, i)->key);
  keys[self->size] = NULL;
  return keys;
}
