/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-text-private.h"

#include <disco/disco-error.h>
#include <string.h>

/* A message stays readable, and one line, whatever was passed in. */
#define QUOTE_MAX_BYTES 96

static gboolean
has_control_character (const char *text, gsize size)
{
  for (const char *p = text; p < text + size; p = g_utf8_next_char (p))
    if (g_unichar_iscntrl (g_utf8_get_char (p)))
      return TRUE;
  return FALSE;
}

char *
disco_text_fault (const char *text, gsize size, gsize max_bytes)
{
  if (size == 0)
    return g_strdup ("it is empty");
  if (size > max_bytes)
    return g_strdup_printf ("it is longer than %" G_GSIZE_FORMAT " bytes", max_bytes);
  /* An embedded zero byte counts as a control character, and GLib takes it for an invalid one. */
  if (memchr (text, '\0', size) != NULL)
    return g_strdup ("it has a control character");
  if (!g_utf8_validate_len (text, size, NULL))
    return g_strdup ("it is not UTF-8");
  if (has_control_character (text, size))
    return g_strdup ("it has a control character");
  return NULL;
}

gboolean
disco_text_invalid (GError **error, const char *what, const char *text, const char *fault)
{
  g_autofree char *quoted = disco_quote (text);

  g_set_error (error, DISCO_ERROR, DISCO_ERROR_INVALID_ARGUMENT, "%s %s: %s", what, quoted, fault);
  return FALSE;
}

gboolean
disco_text_check (const char *what, const char *text, gsize max_bytes, GError **error)
{
  g_autofree char *fault = disco_text_fault (text, strlen (text), max_bytes);

  return fault == NULL || disco_text_invalid (error, what, text, fault);
}

/* Appends the character at @p, escaped where it must be, and returns what follows it. A backslash
 * is left as it is, because DNS names have them and would be hard to recognise. */
static const char *
quote_character (GString *quoted, const char *p)
{
  gunichar c = g_utf8_get_char_validated (p, -1);
  gboolean valid = c != (gunichar)-1 && c != (gunichar)-2;

  if (!valid || (c < 0x80 && g_ascii_iscntrl (*p)))
    {
      g_string_append_printf (quoted, "\\x%02x", (guint8)*p);
      return p + 1;
    }
  if (g_unichar_iscntrl (c))
    g_string_append_printf (quoted, "\\u%04x", c);
  else
    g_string_append_unichar (quoted, c);
  return g_utf8_next_char (p);
}

char *
disco_quote (const char *text)
{
  GString *quoted = g_string_new ("\"");
  const char *p = text != NULL ? text : "";

  while (*p != '\0' && quoted->len <= QUOTE_MAX_BYTES)
    p = quote_character (quoted, p);
  g_string_append (quoted, *p != '\0' ? "…\"" : "\"");
  return g_string_free (quoted, FALSE);
}

char *
disco_sha256_hex (const guint8 *data, gsize size, gsize digits)
{
  g_autofree char *hex = g_compute_checksum_for_data (G_CHECKSUM_SHA256, data, size);

  return g_strndup (hex, digits);
}
