/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-name-private.h"
#include "disco-text-private.h"
#include "disco-txt-private.h"

#include <string.h>

/* disco.tags9999 is far beyond what fits in any packet; a longer number is no number of ours. */
#define TAGS_NUMBER_MAX_DIGITS 4

/* One disco.tags, disco.tags1, …; nothing is owned. */
typedef struct
{
  guint number;
  const char *value;
  gsize size;
} TagList;

typedef struct
{
  DiscoTxt *txt;
  GHashTable *seen; /* (owned): keys in lower case */
  GArray *lists;    /* (owned) (element TagList) */
} Decoder;

/* The same as disco_text_fault(), where only the answer counts. */
static gboolean
is_text (const char *text, gsize size, gsize max_bytes)
{
  g_autofree char *fault = disco_text_fault (text, size, max_bytes);

  return fault == NULL;
}

static void
decode_id (DiscoTxt *txt, const char *value, gsize size)
{
  if (is_text (value, size, DISCO_ID_MAX_BYTES))
    txt->id = g_strndup (value, size);
  else
    txt->malformed++;
}

static void
decode_name (DiscoTxt *txt, const char *value, gsize size)
{
  g_autofree char *name = NULL;
  g_autoptr (DiscoServiceName) service = NULL;

  if (is_text (value, size, DISCO_NAME_MAX_BYTES))
    {
      name = g_strndup (value, size);
      service = disco_service_name_parse (name, NULL);
    }
  if (service != NULL && service->is_generic && !service->is_any_generic)
    txt->generic_name = g_steal_pointer (&name);
  else
    txt->malformed++;
}

/* "" → 0, "1" → 1, "12" → 12; FALSE for "0", "01" and what is no number. */
static gboolean
parse_tags_number (const char *text, guint *number)
{
  gsize size = strlen (text);

  *number = 0;
  if (size > TAGS_NUMBER_MAX_DIGITS || *text == '0')
    return FALSE;
  for (const char *p = text; *p != '\0'; p++)
    {
      if (!g_ascii_isdigit (*p))
        return FALSE;
      *number = *number * 10 + (guint)(*p - '0');
    }
  return TRUE;
}

/* @key: in lower case, without "disco.". Other keys of that kind are those of a later version. */
static void
decode_own (Decoder *self, const char *key, const char *value, gsize size)
{
  TagList list = { 0, value, size };

  if (g_str_equal (key, "id"))
    decode_id (self->txt, value, size);
  else if (g_str_equal (key, "name"))
    decode_name (self->txt, value, size);
  else if (g_str_has_prefix (key, "tags") && parse_tags_number (key + 4, &list.number))
    g_array_append_val (self->lists, list);
}

static gboolean
is_printable_ascii (const char *text, gsize size)
{
  for (gsize i = 0; i < size; i++)
    if (!g_ascii_isprint (text[i]))
      return FALSE;
  return TRUE;
}

static void
decode_string (Decoder *self, const char *string, gsize size)
{
  const char *equals = memchr (string, '=', size);
  gsize key_size = equals != NULL ? (gsize)(equals - string) : size;
  gsize value_size = equals != NULL ? size - key_size - 1 : 0;
  g_autofree char *lower = NULL;

  /* RFC 6763 §6.4: such a string is skipped, and no fault. */
  if (key_size == 0)
    return;
  if (!is_printable_ascii (string, key_size))
    {
      self->txt->malformed++;
      return;
    }
  lower = g_ascii_strdown (string, (gssize)key_size);
  if (g_hash_table_contains (self->seen, lower))
    return;
  if (g_str_has_prefix (lower, DISCO_RESERVED_PREFIX))
    decode_own (self, lower + strlen (DISCO_RESERVED_PREFIX), equals != NULL ? equals + 1 : "",
                value_size);
  else
    {
      g_autofree char *key = g_strndup (string, key_size);

      disco_attributes_append_slice (self->txt->attributes, key, equals != NULL ? equals + 1 : NULL,
                                     value_size);
    }
  g_hash_table_add (self->seen, g_steal_pointer (&lower));
}

static void
decode_strings (Decoder *self, const guint8 *data, gsize size)
{
  gsize i = 0;

  while (i < size && data[i] < size - i)
    {
      decode_string (self, (const char *)data + i + 1, data[i]);
      i += (gsize)data[i] + 1;
    }
  /* A string that goes on after the end. */
  if (i < size)
    self->txt->malformed++;
}

/* The character that the three bytes at @p stand for, 0 if none. */
static char
unescape (const char *p, gsize size)
{
  static const char escapes[][4] = { "25%", "2C,", "3D=" };

  if (size < 3)
    return 0;
  for (gsize i = 0; i < G_N_ELEMENTS (escapes); i++)
    if (g_ascii_strncasecmp (p + 1, escapes[i], 2) == 0)
      return escapes[i][2];
  return 0;
}

/* NULL if it is malformed. (transfer full) */
static char *
decode_tag (const char *text, gsize size)
{
  g_autoptr (GString) tag = g_string_new (NULL);

  for (gsize i = 0; i < size; i++)
    {
      char c = text[i];

      if (c == '%')
        {
          c = unescape (text + i, size - i);
          if (c == '\0')
            return NULL;
          i += 2;
        }
      g_string_append_c (tag, c);
    }
  if (!is_text (tag->str, tag->len, DISCO_TAG_MAX_BYTES))
    return NULL;
  return g_string_free (g_steal_pointer (&tag), FALSE);
}

/* Adds the tags of one list to @tags; @known holds what is there already. */
static void
decode_tag_list (Decoder *self, const TagList *list, GPtrArray *tags, GHashTable *known)
{
  const char *p = list->value;
  const char *end = list->value + list->size;

  while (list->size > 0 && p <= end)
    {
      const char *comma = memchr (p, ',', (gsize)(end - p));
      gsize size = (gsize)((comma != NULL ? comma : end) - p);
      g_autofree char *tag = decode_tag (p, size);

      if (tag == NULL)
        self->txt->malformed++;
      else if (!g_hash_table_contains (known, tag))
        {
          g_hash_table_add (known, tag);
          g_ptr_array_add (tags, g_steal_pointer (&tag));
        }
      p += size + 1;
    }
}

static int
compare_lists (gconstpointer a, gconstpointer b)
{
  return (int)((const TagList *)a)->number - (int)((const TagList *)b)->number;
}

static void
decode_tags (Decoder *self)
{
  g_autoptr (GPtrArray) tags = g_ptr_array_new ();
  g_autoptr (GHashTable) known = g_hash_table_new (g_str_hash, g_str_equal);

  g_array_sort (self->lists, compare_lists);
  for (guint i = 0; i < self->lists->len; i++)
    decode_tag_list (self, &g_array_index (self->lists, TagList, i), tags, known);
  g_ptr_array_add (tags, NULL);
  self->txt->tags = (char **)g_ptr_array_free (g_steal_pointer (&tags), FALSE);
}

void
disco_txt_decode (DiscoTxt *txt, GBytes *rdata)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GArray) lists = g_array_new (FALSE, FALSE, sizeof (TagList));
  Decoder decoder = { txt, seen, lists };

  *txt = (DiscoTxt){ .attributes = disco_attributes_new_for_txt (rdata) };
  if (rdata != NULL)
    {
      gsize size;
      const guint8 *data = g_bytes_get_data (rdata, &size);

      decode_strings (&decoder, data, size);
    }
  decode_tags (&decoder);
}

void
disco_txt_clear (DiscoTxt *txt)
{
  g_clear_pointer (&txt->id, g_free);
  g_clear_pointer (&txt->generic_name, g_free);
  g_clear_pointer (&txt->tags, g_strfreev);
  g_clear_pointer (&txt->attributes, disco_attributes_unref);
}
