/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-text-private.h"
#include "disco-txt-private.h"

#include <disco/disco-error.h>
#include <string.h>

gboolean
disco_id_check (const char *id, GError **error)
{
  return disco_text_check ("id", id, DISCO_ID_MAX_BYTES, error);
}

gboolean
disco_tag_check (const char *tag, GError **error)
{
  return disco_text_check ("tag", tag, DISCO_TAG_MAX_BYTES, error);
}

static const char *
key_fault (const char *key)
{
  gsize size = strlen (key);

  if (size == 0)
    return "it is empty";
  if (size > DISCO_ATTRIBUTE_KEY_MAX_BYTES)
    return "it is longer than 64 bytes";
  for (const char *p = key; *p != '\0'; p++)
    if (!g_ascii_isprint (*p) || *p == '=')
      return "it may have printable ASCII characters other than \"=\" only";
  if (g_ascii_strncasecmp (key, DISCO_RESERVED_PREFIX, strlen (DISCO_RESERVED_PREFIX)) == 0)
    return "keys that begin with \"disco.\" are the library's own";
  return NULL;
}

gboolean
disco_attribute_key_check (const char *key, GError **error)
{
  const char *fault = key_fault (key);

  return fault == NULL || disco_text_invalid (error, "attribute key", key, fault);
}

/* @value: (nullable): NULL for a key alone */
static gboolean
append_string (GByteArray *rdata, const char *key, const void *value, gsize value_size,
               GError **error)
{
  gsize key_size = strlen (key);
  gsize size = key_size + (value != NULL ? 1 + value_size : 0);
  guint8 length = (guint8)size;

  if (size > DISCO_TXT_STRING_MAX_BYTES)
    {
      g_autofree char *quoted = disco_quote (key);

      g_set_error (error, DISCO_ERROR, DISCO_ERROR_TOO_LARGE,
                   "attribute %s: key and value take %" G_GSIZE_FORMAT
                   " bytes, and a string of a TXT record has at most %d",
                   quoted, size, DISCO_TXT_STRING_MAX_BYTES);
      return FALSE;
    }
  g_byte_array_append (rdata, &length, 1);
  g_byte_array_append (rdata, (const guint8 *)key, (guint)key_size);
  if (value != NULL)
    {
      g_byte_array_append (rdata, (const guint8 *)"=", 1);
      g_byte_array_append (rdata, value, (guint)value_size);
    }
  return TRUE;
}

static gboolean
append_text (GByteArray *rdata, const char *key, const char *value, GError **error)
{
  return value == NULL || append_string (rdata, key, value, strlen (value), error);
}

static char *
escape_tag (const char *tag)
{
  GString *escaped = g_string_new (NULL);

  for (const char *p = tag; *p != '\0'; p++)
    if (*p == '%' || *p == ',' || *p == '=')
      g_string_append_printf (escaped, "%%%02X", (guint)*p);
    else
      g_string_append_c (escaped, *p);
  return g_string_free (escaped, FALSE);
}

static char *
tags_key (guint number)
{
  return number == 0 ? g_strdup ("disco.tags") : g_strdup_printf ("disco.tags%u", number);
}

/* disco.tags=…, and what does not fit from a whole tag on in disco.tags1=…. A tag of 63 bytes, each
 * escaped, always fits. */
static gboolean
append_tags (GByteArray *rdata, const char *const *tags, GError **error)
{
  g_autoptr (GString) list = g_string_new (NULL);
  g_autofree char *key = tags_key (0);
  guint number = 0;

  for (; tags != NULL && *tags != NULL; tags++)
    {
      g_autofree char *tag = escape_tag (*tags);
      gsize size = strlen (key) + 1 + list->len + 1 + strlen (tag);

      if (list->len > 0 && size > DISCO_TXT_STRING_MAX_BYTES)
        {
          if (!append_text (rdata, key, list->str, error))
            return FALSE;
          g_string_truncate (list, 0);
          g_free (key);
          key = tags_key (++number);
        }
      g_string_append_printf (list, "%s%s", list->len > 0 ? "," : "", tag);
    }
  return list->len == 0 || append_text (rdata, key, list->str, error);
}

static gboolean
append_attributes (GByteArray *rdata, DiscoAttributes *attributes, GError **error)
{
  guint n = attributes != NULL ? disco_attributes_get_size (attributes) : 0;

  for (guint i = 0; i < n; i++)
    {
      GBytes *bytes = disco_attributes_get_value (attributes, i);
      gsize size = 0;
      const void *value = bytes != NULL ? g_bytes_get_data (bytes, &size) : NULL;

      /* An empty GBytes may have no data, and still is a value. */
      if (bytes != NULL && value == NULL)
        value = "";
      if (!append_string (rdata, disco_attributes_get_key (attributes, i), value, size, error))
        return FALSE;
    }
  return TRUE;
}

GBytes *
disco_txt_encode (const char *id, const char *generic_name, const char *const *tags,
                  DiscoAttributes *attributes, GError **error)
{
  g_autoptr (GByteArray) rdata = g_byte_array_new ();

  if (!append_text (rdata, "disco.id", id, error)
      || !append_text (rdata, "disco.name", generic_name, error)
      || !append_tags (rdata, tags, error) || !append_attributes (rdata, attributes, error))
    return NULL;
  if (rdata->len > DISCO_TXT_MAX_BYTES)
    {
      g_autofree char *quoted = disco_quote (id);

      g_set_error (error, DISCO_ERROR, DISCO_ERROR_TOO_LARGE,
                   "registration %s: its TXT record of id, tags and attributes takes %u bytes, and "
                   "mDNS carries at most %d",
                   quoted, rdata->len, DISCO_TXT_MAX_BYTES);
      return NULL;
    }
  /* RFC 6763 §6.1: a TXT record has at least one string. */
  if (rdata->len == 0)
    g_byte_array_append (rdata, (const guint8 *)"", 1);
  return g_byte_array_free_to_bytes (g_steal_pointer (&rdata));
}
