/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-attributes-private.h"

typedef struct
{
  GRefString *key; /* (owned): interned, for a thousand instances of a service have the same few */
  GBytes *value;   /* (owned) (nullable): NULL: key alone */
} Attribute;

struct _DiscoAttributes
{
  gatomicrefcount ref_count;
  GArray *list; /* (owned) of Attribute */
};

static void
attribute_clear (gpointer data)
{
  Attribute *self = data;

  g_clear_pointer (&self->key, g_ref_string_release);
  g_clear_pointer (&self->value, g_bytes_unref);
}

DiscoAttributes *
disco_attributes_new (void)
{
  DiscoAttributes *self = g_new (DiscoAttributes, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->list = g_array_new (FALSE, FALSE, sizeof (Attribute));
  g_array_set_clear_func (self->list, attribute_clear);
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
  g_array_unref (self->list);
  g_free (self);
}

static Attribute *
get_attribute (DiscoAttributes *self, guint index)
{
  g_assert (index < self->list->len);
  return &g_array_index (self->list, Attribute, index);
}

void
disco_attributes_append (DiscoAttributes *self, const char *key, GBytes *value)
{
  const Attribute added = { .key = g_ref_string_new_intern (key),
                            .value = value != NULL ? g_bytes_ref (value) : NULL };

  g_array_append_val (self->list, added);
}

void
disco_attributes_set (DiscoAttributes *self, const char *key, GBytes *value)
{
  for (guint i = 0; i < self->list->len; i++)
    {
      Attribute *attribute = get_attribute (self, i);
      GBytes *old = attribute->value; /* @value may be the same */

      if (!g_str_equal (attribute->key, key))
        continue;
      attribute->value = value != NULL ? g_bytes_ref (value) : NULL;
      g_clear_pointer (&old, g_bytes_unref);
      return;
    }
  disco_attributes_append (self, key, value);
}

guint
disco_attributes_get_size (DiscoAttributes *self)
{
  return self->list->len;
}

const char *
disco_attributes_get_key (DiscoAttributes *self, guint index)
{
  return get_attribute (self, index)->key;
}

GBytes *
disco_attributes_get_value (DiscoAttributes *self, guint index)
{
  return get_attribute (self, index)->value;
}

gboolean
disco_attributes_find (DiscoAttributes *self, const char *key, guint *index)
{
  for (guint i = 0; i < self->list->len; i++)
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

static gboolean
values_equal (GBytes *a, GBytes *b)
{
  if (a == NULL || b == NULL)
    return a == b;
  return g_bytes_equal (a, b);
}

gboolean
disco_attributes_equal (DiscoAttributes *self, DiscoAttributes *other)
{
  if (self == other)
    return TRUE;
  if (self->list->len != other->list->len)
    return FALSE;
  for (guint i = 0; i < self->list->len; i++)
    {
      const Attribute *a = get_attribute (self, i);
      const Attribute *b = get_attribute (other, i);

      if (!g_str_equal (a->key, b->key) || !values_equal (a->value, b->value))
        return FALSE;
    }
  return TRUE;
}

char **
disco_attributes_dup_keys (DiscoAttributes *self)
{
  char **keys = g_new (char *, self->list->len + 1);

  for (guint i = 0; i < self->list->len; i++)
    keys[i] = g_strdup (get_attribute (self, i)->key);
  keys[self->list->len] = NULL;
  return keys;
}
