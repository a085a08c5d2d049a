/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The input is a TXT record's data. It is decoded as a second, plain reading of the rules says, and
 * what was decoded comes back when it is encoded. */
#include "disco-txt-private.h"
#include "fuzz.h"

#include <disco/disco-error.h>
#include <stdlib.h>
#include <string.h>

#define TAGS_KEY "disco.tags"

/* A string of the record with a key that no string before it has. Nothing is owned but the key. */
typedef struct
{
  char *key; /* (owned) */
  const char *value;
  gsize size;
  gboolean has_value;
} Pair;

typedef struct
{
  GArray *pairs; /* (owned) of Pair */
  guint malformed;
} Reading;

static void
pair_clear (gpointer data)
{
  g_free (((Pair *)data)->key);
}

static const Pair *
find_pair (const Reading *reading, const char *key)
{
  for (guint i = 0; i < reading->pairs->len; i++)
    {
      const Pair *pair = &g_array_index (reading->pairs, Pair, i);
      if (g_ascii_strcasecmp (pair->key, key) == 0)
        return pair;
    }
  return NULL;
}

static void
read_string (Reading *reading, const char *string, gsize size)
{
  const char *equals = memchr (string, '=', size);
  Pair pair = { .has_value = equals != NULL };
  gsize key_size = equals != NULL ? (gsize)(equals - string) : size;

  if (key_size == 0)
    return;
  for (gsize i = 0; i < key_size; i++)
    if (string[i] < ' ' || string[i] > '~')
      {
        reading->malformed++;
        return;
      }
  pair.key = g_strndup (string, key_size);
  pair.value = equals != NULL ? equals + 1 : "";
  pair.size = equals != NULL ? size - key_size - 1 : 0;
  if (find_pair (reading, pair.key) == NULL)
    g_array_append_val (reading->pairs, pair);
  else
    g_free (pair.key);
}

static void
read_record (Reading *reading, const guint8 *data, gsize size)
{
  const guint8 *end = data + size;

  reading->pairs = g_array_new (FALSE, FALSE, sizeof (Pair));
  g_array_set_clear_func (reading->pairs, pair_clear);
  while (data < end)
    {
      if (data + 1 + *data > end)
        {
          reading->malformed++;
          return;
        }
      read_string (reading, (const char *)data + 1, *data);
      data += 1 + *data;
    }
}

/* -1 for what is no list of tags */
static int
get_tags_number (const Pair *pair)
{
  const char *digits = pair->key + strlen (TAGS_KEY);
  g_autofree char *again = NULL;
  int number;

  if (g_ascii_strncasecmp (pair->key, TAGS_KEY, strlen (TAGS_KEY)) != 0 || strlen (digits) > 4)
    return -1;
  if (*digits == '\0')
    return 0;
  number = atoi (digits); /* NOLINT(cert-err34-c): what it reads wrongly differs below */
  again = g_strdup_printf ("%d", number);
  return number > 0 && g_str_equal (again, digits) ? number : -1;
}

static int
compare_pairs (gconstpointer a, gconstpointer b)
{
  return get_tags_number (*(const Pair *const *)a) - get_tags_number (*(const Pair *const *)b);
}

/* The rules for one tag: of the escapes only these three. (transfer full) (nullable) */
static char *
read_tag (const char *text, gsize size)
{
  g_autofree char *copy = g_strndup (text, size);
  g_autofree char *tag = NULL;

  if (strlen (copy) != size)
    return NULL;
  for (const char *p = strchr (copy, '%'); p != NULL; p = strchr (p + 1, '%'))
    if (g_ascii_strncasecmp (p, "%25", 3) != 0 && g_ascii_strncasecmp (p, "%2c", 3) != 0
        && g_ascii_strncasecmp (p, "%3d", 3) != 0)
      return NULL;
  tag = g_uri_unescape_string (copy, NULL);
  return tag != NULL && fuzz_is_text (tag, strlen (tag), 63) ? g_steal_pointer (&tag) : NULL;
}

static void
read_tag_list (Reading *reading, const Pair *pair, GPtrArray *tags)
{
  g_autoptr (GByteArray) list = g_byte_array_new ();
  gsize start = 0;

  if (pair->size == 0)
    return;
  g_byte_array_append (list, (const guint8 *)pair->value, (guint)pair->size);
  g_byte_array_append (list, (const guint8 *)",", 1);
  for (gsize i = 0; i < list->len; i++)
    if (list->data[i] == ',')
      {
        g_autofree char *tag = read_tag ((const char *)list->data + start, i - start);

        start = i + 1;
        if (tag == NULL)
          reading->malformed++;
        else if (!g_ptr_array_find_with_equal_func (tags, tag, g_str_equal, NULL))
          g_ptr_array_add (tags, g_steal_pointer (&tag));
      }
}

/* (transfer full) */
static GPtrArray *
read_tags (Reading *reading)
{
  GPtrArray *tags = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) lists = g_ptr_array_new ();

  for (guint i = 0; i < reading->pairs->len; i++)
    {
      Pair *pair = &g_array_index (reading->pairs, Pair, i);
      if (get_tags_number (pair) >= 0)
        g_ptr_array_add (lists, pair);
    }
  g_ptr_array_sort (lists, compare_pairs);
  for (guint i = 0; i < lists->len; i++)
    read_tag_list (reading, lists->pdata[i], tags);
  g_ptr_array_add (tags, NULL);
  return tags;
}

static gboolean
is_generic_name (const Pair *pair)
{
  g_autofree char *name = g_strndup (pair->value, pair->size);

  return fuzz_is_text (pair->value, pair->size, 200) && *name != '_' && !fuzz_is_type_name (name);
}

/* @is_valid: whether the pair may be told */
static void
assert_text (Reading *reading, const Pair *pair, gboolean is_valid, const char *decoded)
{
  g_autofree char *expected = NULL;

  if (is_valid)
    expected = g_strndup (pair->value, pair->size);
  else if (pair != NULL)
    reading->malformed++;
  g_assert_cmpstr (decoded, ==, expected);
}

static void
assert_attributes (const Reading *reading, DiscoAttributes *attributes)
{
  guint n = 0;

  for (guint i = 0; i < reading->pairs->len; i++)
    {
      const Pair *pair = &g_array_index (reading->pairs, Pair, i);
      GBytes *value;

      if (g_ascii_strncasecmp (pair->key, "disco.", 6) == 0)
        continue;
      g_assert_cmpuint (n, <, disco_attributes_get_size (attributes));
      g_assert_cmpstr (disco_attributes_get_key (attributes, n), ==, pair->key);
      value = disco_attributes_get_value (attributes, n++);
      g_assert_cmpint (value != NULL, ==, pair->has_value);
      if (value != NULL)
        g_assert_cmpmem (g_bytes_get_data (value, NULL), g_bytes_get_size (value), pair->value,
                         pair->size);
    }
  g_assert_cmpuint (n, ==, disco_attributes_get_size (attributes));
}

static void
assert_as_read (const DiscoTxt *txt, const guint8 *data, gsize size)
{
  Reading reading = { 0 };
  g_autoptr (GPtrArray) tags = NULL;
  const Pair *id;
  const Pair *name;

  read_record (&reading, data, size);
  tags = read_tags (&reading);
  fuzz_assert_strv_equal ((const char *const *)txt->tags, (const char *const *)tags->pdata);
  id = find_pair (&reading, "disco.id");
  assert_text (&reading, id, id != NULL && fuzz_is_text (id->value, id->size, 128), txt->id);
  name = find_pair (&reading, "disco.name");
  assert_text (&reading, name, name != NULL && is_generic_name (name), txt->generic_name);
  assert_attributes (&reading, txt->attributes);
  g_assert_cmpuint (txt->malformed, ==, reading.malformed);
  g_array_unref (reading.pairs);
}

static void
assert_comes_back (const DiscoTxt *txt)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) rdata = disco_txt_encode (
      txt->id, txt->generic_name, (const char *const *)txt->tags, txt->attributes, &error);
  g_auto (DiscoTxt) again = { 0 };

  if (rdata == NULL)
    {
      fuzz_assert_error (error);
      g_assert_true (g_error_matches (error, DISCO_ERROR, DISCO_ERROR_TOO_LARGE));
      return;
    }
  g_assert_cmpuint (g_bytes_get_size (rdata), <=, DISCO_TXT_MAX_BYTES);
  disco_txt_decode (&again, rdata);
  g_assert_cmpuint (again.malformed, ==, 0);
  g_assert_cmpstr (again.id, ==, txt->id);
  g_assert_cmpstr (again.generic_name, ==, txt->generic_name);
  fuzz_assert_strv_equal ((const char *const *)again.tags, (const char *const *)txt->tags);
  g_assert_true (disco_attributes_equal (again.attributes, txt->attributes));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) rdata = g_bytes_new (data, size);
  g_auto (DiscoTxt) txt = { 0 };

  disco_txt_decode (&txt, rdata);
  assert_as_read (&txt, data, size);
  assert_comes_back (&txt);
  return 0;
}
