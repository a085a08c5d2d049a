/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-label-private.h"

#include <string.h>

/* RFC 1035 §3.1: with all length bytes and the root. */
#define WIRE_NAME_MAX_BYTES 255
/* A number that a label ends with: more digits are no number of ours, and cannot overflow. */
#define NUMBER_MAX_DIGITS 9

/* NOTES: the escaping is that of Avahi, not the shorter one of RFC 6763 §4.3, because programs
 * compare our ids with the names that Avahi prints. */
static gsize
escaped_size (guint8 byte)
{
  if (g_ascii_isalnum (byte) || byte == '_' || byte == '-')
    return 1;
  return byte == '.' || byte == '\\' ? 2 : 4;
}

static gsize
escaped_length (const char *label, gsize size)
{
  gsize length = 0;

  for (gsize i = 0; i < size; i++)
    length += escaped_size ((guint8)label[i]);
  return length;
}

static void
append_escaped (GString *out, const char *label, gsize size)
{
  for (gsize i = 0; i < size; i++)
    {
      guint8 byte = (guint8)label[i];

      switch (escaped_size (byte))
        {
        case 1:
          g_string_append_c (out, (char)byte);
          break;
        case 2:
          g_string_append_c (out, '\\');
          g_string_append_c (out, (char)byte);
          break;
        default:
          g_string_append_c (out, '\\');
          g_string_append_c (out, (char)('0' + byte / 100));
          g_string_append_c (out, (char)('0' + byte / 10 % 10));
          g_string_append_c (out, (char)('0' + byte % 10));
          break;
        }
    }
}

/* Reads "ddd" after a backslash; FALSE if it is none, or over 255. */
static gboolean
read_decimal (const char *p, guint8 *byte)
{
  guint value = 0;

  for (int i = 0; i < 3; i++)
    {
      if (!g_ascii_isdigit (p[i]))
        return FALSE;
      value = value * 10 + (guint)(p[i] - '0');
    }
  *byte = (guint8)value;
  return value <= 255;
}

/* RFC 1035 §5.1: "\ddd" is a byte, "\X" is X. A backslash that is neither stands for itself. */
static const char *
read_escape (const char *p, guint8 *byte, gboolean *malformed)
{
  if (g_ascii_isdigit (p[1]) && read_decimal (p + 1, byte))
    return p + 4;
  if (p[1] != '\0' && !g_ascii_isdigit (p[1]))
    {
      *byte = (guint8)p[1];
      return p + 2;
    }
  *malformed = TRUE;
  *byte = '\\';
  return p + 1;
}

const char *
disco_label_read (const char *p, GString *label, gboolean *malformed)
{
  g_string_truncate (label, 0);
  while (*p != '\0' && *p != '.')
    {
      guint8 byte = (guint8)*p;

      if (byte == '\\')
        p = read_escape (p, &byte, malformed);
      else
        p++;
      g_string_append_c (label, (char)byte);
    }
  return *p == '.' ? p + 1 : p;
}

/* Appends @name to @out with every label escaped in the one way. */
static void
append_normalized (GString *out, const char *name)
{
  g_autoptr (GString) label = g_string_new (NULL);
  gboolean malformed = FALSE;

  while (*name != '\0')
    {
      name = disco_label_read (name, label, &malformed);
      if (label->len == 0)
        continue;
      if (out->len > 0)
        g_string_append_c (out, '.');
      append_escaped (out, label->str, label->len);
    }
}

/* Names are kept as long as what they name is there, by the thousand: in no more than they need. */
static char *
free_to_text (GString *name)
{
  char *text = g_strndup (name->str, name->len);

  g_string_free (name, TRUE);
  return text;
}

char *
disco_full_name_join (const char *label, const char *type, const char *domain)
{
  GString *name = g_string_new (NULL);

  append_escaped (name, label, strlen (label));
  append_normalized (name, type);
  append_normalized (name, domain);
  return free_to_text (name);
}

/* How many bytes of @text, which is UTF-8, go before @suffix in a label. */
static gsize
fitting_size (const char *text, const char *suffix, const char *type, const char *domain)
{
  g_autofree char *rest = disco_full_name_join (suffix, type, domain);
  /* An empty suffix leaves out the dot between label and type. */
  gsize escaped = strlen (rest) + (*suffix == '\0' ? 1 : 0);
  gsize size = strlen (suffix);
  const char *p = text;

  while (*p != '\0')
    {
      gsize step = (gsize)(g_utf8_next_char (p) - p);

      size += step;
      escaped += escaped_length (p, step);
      if (size > DISCO_LABEL_MAX_BYTES || escaped > DISCO_ESCAPED_NAME_MAX_CHARS)
        break;
      p += step;
    }
  return (gsize)(p - text);
}

static char *
cut_before (const char *text, const char *suffix, const char *type, const char *domain)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_autofree char *cut = g_strndup (valid, fitting_size (valid, suffix, type, domain));

  return g_strconcat (cut, suffix, NULL);
}

char *
disco_label_cut (const char *text, const char *type, const char *domain)
{
  return cut_before (text, "", type, domain);
}

/* The number of "Printer #12", and in @base_size how much goes before its " #"; 0 if there is
 * none. */
static guint64
trailing_number (const char *label, gsize *base_size)
{
  gsize size = strlen (label);
  gsize start = size;

  while (start > 0 && g_ascii_isdigit (label[start - 1]))
    start--;
  if (start == size || size - start > NUMBER_MAX_DIGITS || label[start] == '0')
    return 0;
  if (start < 2 || label[start - 1] != '#' || label[start - 2] != ' ')
    return 0;
  *base_size = start - 2;
  return g_ascii_strtoull (label + start, NULL, 10);
}

char *
disco_label_next (const char *label, const char *type, const char *domain)
{
  gsize base_size = strlen (label);
  guint64 number = MAX (trailing_number (label, &base_size), 1);
  g_autofree char *base = g_strndup (label, base_size);
  g_autofree char *suffix = g_strdup_printf (" #%" G_GUINT64_FORMAT, number + 1);

  return cut_before (base, suffix, type, domain);
}

/* FALSE if @label is no label of a name: empty or too long. */
static gboolean
append_wire_label (GByteArray *wire, const GString *label)
{
  guint8 size = (guint8)label->len;

  if (label->len == 0 || label->len > DISCO_LABEL_MAX_BYTES)
    return FALSE;
  g_byte_array_append (wire, &size, 1);
  g_byte_array_append (wire, (const guint8 *)label->str, size);
  return wire->len < WIRE_NAME_MAX_BYTES;
}

GBytes *
disco_domain_name_to_wire (const char *name)
{
  g_autoptr (GByteArray) wire = g_byte_array_new ();
  g_autoptr (GString) label = g_string_new (NULL);
  gboolean malformed = FALSE;

  if (strcmp (name, ".") == 0)
    name = "";
  while (*name != '\0')
    {
      name = disco_label_read (name, label, &malformed);
      if (malformed || !append_wire_label (wire, label))
        return NULL;
    }
  g_byte_array_append (wire, (const guint8 *)"", 1);
  return g_byte_array_free_to_bytes (g_steal_pointer (&wire));
}

char *
disco_domain_name_from_wire (const guint8 *data, gsize size, gsize *used)
{
  g_autoptr (GString) name = g_string_new (NULL);
  gsize i = 0;

  size = MIN (size, WIRE_NAME_MAX_BYTES);
  /* A compression pointer is over 63 too. */
  while (i < size && data[i] != 0)
    {
      if (data[i] > DISCO_LABEL_MAX_BYTES || data[i] >= size - i)
        return NULL;
      if (i > 0)
        g_string_append_c (name, '.');
      append_escaped (name, (const char *)data + i + 1, data[i]);
      i += data[i] + 1;
    }
  if (i >= size)
    return NULL;
  if (used != NULL)
    *used = i + 1;
  return i == 0 ? g_strdup (".") : free_to_text (g_steal_pointer (&name));
}

/* g_ascii_strncasecmp() would stop at a zero byte. */
static gboolean
label_equal (const GString *a, const GString *b)
{
  if (a->len != b->len)
    return FALSE;
  for (gsize i = 0; i < a->len; i++)
    if (g_ascii_tolower (a->str[i]) != g_ascii_tolower (b->str[i]))
      return FALSE;
  return TRUE;
}

gboolean
disco_domain_name_equal (const char *a, const char *b)
{
  g_autoptr (GString) label_a = g_string_new (NULL);
  g_autoptr (GString) label_b = g_string_new (NULL);
  gboolean malformed = FALSE;

  do
    {
      a = disco_label_read (a, label_a, &malformed);
      b = disco_label_read (b, label_b, &malformed);
      if (!label_equal (label_a, label_b))
        return FALSE;
    }
  while (*a != '\0' || *b != '\0');
  return TRUE;
}
