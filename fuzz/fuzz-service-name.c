/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The input is a service name as a caller gives it. It is taken or refused as the rules of
 * docs/mapping.md say, and what comes of it means the same when it is read again. */
#include "disco-label-private.h"
#include "disco-name-private.h"
#include "fuzz.h"

#include <disco/disco-error.h>
#include <string.h>

typedef enum
{
  KIND_NONE,
  KIND_TYPED,
  KIND_GENERIC,
  KIND_ANY_GENERIC,
  KIND_SUBTYPE,
  KIND_UNKNOWN, /* a type with escapes: only what holds for all is looked at */
} Kind;

static gboolean
is_type (const char *label, const char *protocol)
{
  return *label == '_' && fuzz_is_type_name (label + 1)
         && (g_ascii_strcasecmp (protocol, "_tcp") == 0
             || g_ascii_strcasecmp (protocol, "_udp") == 0);
}

/* Labels that are not escaped have no dot and no backslash. */
static gsize
count_escaped (const char *label)
{
  gsize n = 0;

  for (; *label != '\0'; label++)
    n += g_ascii_isalnum (*label) || *label == '_' || *label == '-' ? 1 : 4;
  return n;
}

static gboolean
is_subtype (char **labels)
{
  gsize size = strlen (labels[0]);

  return *labels[0] == '_' && size >= 3 && size <= DISCO_LABEL_MAX_BYTES
         && g_ascii_strcasecmp (labels[1], "_sub") == 0 && is_type (labels[2], labels[3])
         && count_escaped (labels[0]) + strlen ("._sub.") + strlen (labels[2])
                    + strlen ("._tcp.local")
                <= DISCO_ESCAPED_NAME_MAX_CHARS;
}

static Kind
expect_type (const char *text)
{
  g_auto (GStrv) labels = g_strsplit (text, ".", -1);

  if (strchr (text, '\\') != NULL)
    return KIND_UNKNOWN;
  switch (g_strv_length (labels))
    {
    case 2:
      if (g_ascii_strcasecmp (text, "_disco._tcp") == 0)
        return KIND_ANY_GENERIC;
      return is_type (labels[0], labels[1]) ? KIND_TYPED : KIND_NONE;
    case 4:
      return is_subtype (labels) ? KIND_SUBTYPE : KIND_NONE;
    default:
      return KIND_NONE;
    }
}

static Kind
expect (const char *text)
{
  if (!fuzz_is_text (text, strlen (text), 200))
    return KIND_NONE;
  if (*text == '_')
    return expect_type (text);
  if (!fuzz_is_type_name (text))
    return KIND_GENERIC;
  return g_ascii_strcasecmp (text, "disco") == 0 ? KIND_ANY_GENERIC : KIND_TYPED;
}

static Kind
get_kind (const DiscoServiceName *self)
{
  if (self->is_any_generic)
    return KIND_ANY_GENERIC;
  if (self->is_generic)
    return KIND_GENERIC;
  return self->subtype != NULL ? KIND_SUBTYPE : KIND_TYPED;
}

static void
assert_same (const DiscoServiceName *a, const DiscoServiceName *b)
{
  g_assert_cmpstr (a->name, ==, b->name);
  g_assert_cmpstr (a->type, ==, b->type);
  g_assert_cmpstr (a->browse_type, ==, b->browse_type);
  g_assert_cmpstr (a->subtype, ==, b->subtype);
  g_assert_cmpint (get_kind (a), ==, get_kind (b));
}

/* The canonical name is read as what it stands for, and so is a type in other letters. */
static void
assert_read_again (const DiscoServiceName *self, const char *text)
{
  g_autofree char *upper = g_ascii_strup (text, -1);
  g_autoptr (DiscoServiceName) again = disco_service_name_parse (self->name, NULL);
  g_autoptr (DiscoServiceName) other = NULL;

  g_assert_nonnull (again);
  assert_same (self, again);
  if (get_kind (self) == KIND_GENERIC)
    {
      g_assert_cmpstr (self->name, ==, text);
      return;
    }
  other = disco_service_name_parse (upper, NULL);
  g_assert_nonnull (other);
  assert_same (self, other);
}

static void
assert_can_be_asked_for (const DiscoServiceName *self)
{
  g_auto (GStrv) labels = g_strsplit (self->type, ".", -1);
  g_autofree char *full = g_strconcat (self->browse_type, ".local", NULL);
  g_autofree char *lower = g_ascii_strdown (self->type, -1);
  g_autoptr (GBytes) wire = disco_domain_name_to_wire (full);

  g_assert_nonnull (wire);
  g_assert_cmpuint (strlen (full), <=, DISCO_ESCAPED_NAME_MAX_CHARS);
  g_assert_true (g_str_has_suffix (self->browse_type, self->type));
  g_assert_cmpuint (g_strv_length (labels), ==, 2);
  g_assert_true (is_type (labels[0], labels[1]));
  g_assert_cmpstr (lower, ==, self->type);
}

static void
assert_registrable (const DiscoServiceName *self)
{
  g_autoptr (GError) error = NULL;
  Kind kind = get_kind (self);
  gboolean expected = kind == KIND_TYPED || kind == KIND_GENERIC;

  g_assert_cmpint (disco_service_name_check_registrable (self, &error), ==, expected);
  if (!expected)
    fuzz_assert_error (error);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *)data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (DiscoServiceName) name = disco_service_name_parse (text, &error);
  Kind kind = expect (text);

  if (kind != KIND_UNKNOWN)
    g_assert_cmpint (name != NULL ? get_kind (name) : KIND_NONE, ==, kind);
  if (name == NULL)
    {
      fuzz_assert_error (error);
      g_assert_true (g_error_matches (error, DISCO_ERROR, DISCO_ERROR_INVALID_ARGUMENT));
      return 0;
    }
  assert_read_again (name, text);
  assert_can_be_asked_for (name);
  assert_registrable (name);
  return 0;
}
