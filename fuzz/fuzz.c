/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"

#include <disco/disco-error.h>
#include <string.h>

guint
fuzz_take_byte (FuzzInput *self)
{
  if (self->size == 0)
    return 0;
  self->size--;
  return *self->data++;
}

guint16
fuzz_take_uint16 (FuzzInput *self)
{
  guint high = fuzz_take_byte (self);

  return (guint16)(high << 8 | fuzz_take_byte (self));
}

guint
fuzz_take_below (FuzzInput *self, guint end)
{
  return fuzz_take_byte (self) % end;
}

const guint8 *
fuzz_take_bytes (FuzzInput *self, gsize *size)
{
  const guint8 *bytes;

  *size = fuzz_take_byte (self);
  *size = MIN (*size, self->size);
  bytes = self->data;
  self->data += *size;
  self->size -= *size;
  return bytes;
}

char *
fuzz_take_text (FuzzInput *self)
{
  gsize size;
  const guint8 *bytes = fuzz_take_bytes (self, &size);

  return g_strndup ((const char *)bytes, size);
}

char *
fuzz_take_utf8 (FuzzInput *self)
{
  g_autofree char *text = fuzz_take_text (self);

  return g_utf8_make_valid (text, -1);
}

char *
fuzz_take_rest (FuzzInput *self)
{
  char *text = g_strndup ((const char *)self->data, self->size);

  self->size = 0;
  return text;
}

gboolean
fuzz_is_text (const void *text, gsize size, gsize max_bytes)
{
  g_autofree gunichar *characters = NULL;
  glong n;

  if (size < 1 || size > max_bytes || !g_utf8_validate_len (text, size, NULL))
    return FALSE;
  characters = g_utf8_to_ucs4_fast (text, (glong)size, &n);
  for (glong i = 0; i < n; i++)
    if (g_unichar_type (characters[i]) == G_UNICODE_CONTROL)
      return FALSE;
  return TRUE;
}

gboolean
fuzz_is_type_name (const char *text)
{
  static GRegex *regex;

  if (regex == NULL)
    regex = g_regex_new ("^(?=.{2,15}$)(?=.*[A-Za-z])[A-Za-z0-9]+(-[A-Za-z0-9]+)*$",
                         G_REGEX_RAW | G_REGEX_DOLLAR_ENDONLY, 0, NULL);
  return g_regex_match (regex, text, 0, NULL);
}

void
fuzz_assert_strv_equal (const char *const *a, const char *const *b)
{
  g_assert_cmpuint (g_strv_length ((char **)a), ==, g_strv_length ((char **)b));
  for (; *a != NULL; a++, b++)
    g_assert_cmpstr (*a, ==, *b);
}

void
fuzz_assert_error (const GError *error)
{
  g_assert_nonnull (error);
  g_assert_true (error->domain == DISCO_ERROR);
  g_assert_true (fuzz_is_text (error->message, strlen (error->message), 2048));
}
