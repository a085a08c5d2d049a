/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-label-private.h"
#include "disco-name-private.h"

#include <disco/disco-error.h>
#include <string.h>

/* RFC 6335 §5.1 has 1 to 15; Avahi refuses a type whose label has under 3 bytes with its "_". */
#define TYPE_NAME_MIN_BYTES 2
#define TYPE_NAME_MAX_BYTES 15
#define SUBTYPE_LABEL_MIN_BYTES 3
/* What of SHA-256 stands for a generic name that is no subtype label itself. */
#define HASH_DIGITS 32

/* A service type, taken apart: "_printer", "_http", "_tcp". */
typedef struct
{
  GPtrArray *labels; /* (owned) (element GString): lower case, not escaped */
  gboolean malformed;
} Labels;

static DiscoServiceName *
service_name_new (const char *name, const char *type)
{
  DiscoServiceName *self = g_new0 (DiscoServiceName, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->name = g_strdup (name);
  self->type = g_strdup (type);
  return self;
}

DiscoServiceName *
disco_service_name_ref (DiscoServiceName *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
disco_service_name_unref (DiscoServiceName *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_free (self->name);
  g_free (self->type);
  g_free (self->browse_type);
  g_free (self->subtype);
  g_free (self);
}

static gboolean
is_type_name (const char *text)
{
  gsize size = strlen (text);
  gboolean has_letter = FALSE;

  if (size < TYPE_NAME_MIN_BYTES || size > TYPE_NAME_MAX_BYTES)
    return FALSE;
  for (const char *p = text; *p != '\0'; p++)
    {
      has_letter |= g_ascii_isalpha (*p);
      if (!g_ascii_isalnum (*p) && *p != '-')
        return FALSE;
      /* No hyphen first, last or doubled. */
      if (*p == '-' && (p == text || p[1] == '-' || p[1] == '\0'))
        return FALSE;
    }
  return has_letter;
}

static void
free_label (gpointer label)
{
  g_string_free (label, TRUE);
}

static void
labels_clear (Labels *self)
{
  g_clear_pointer (&self->labels, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Labels, labels_clear)

static void
labels_read (Labels *self, const char *text)
{
  gboolean ends_in_dot = FALSE;

  self->labels = g_ptr_array_new_with_free_func (free_label);
  while (*text != '\0')
    {
      GString *label = g_string_new (NULL);

      text = disco_label_read (text, label, &self->malformed);
      ends_in_dot = *text == '\0' && text[-1] == '.';
      self->malformed |= strlen (label->str) != label->len;
      g_string_ascii_down (label);
      g_ptr_array_add (self->labels, label);
    }
  self->malformed |= ends_in_dot;
}

static const GString *
labels_get (const Labels *self, guint index)
{
  return g_ptr_array_index (self->labels, index);
}

/* "_http", "_tcp" at @index. */
static gboolean
labels_are_type (const Labels *self, guint index)
{
  const char *name = labels_get (self, index)->str;
  const char *protocol = labels_get (self, index + 1)->str;

  return name[0] == '_' && is_type_name (name + 1)
         && (g_str_equal (protocol, "_tcp") || g_str_equal (protocol, "_udp"));
}

static char *
labels_dup_type (const Labels *self, guint index)
{
  return g_strconcat (labels_get (self, index)->str, ".", labels_get (self, index + 1)->str, NULL);
}

char *
disco_subtype_join (const char *label, const char *type)
{
  g_autofree char *own = g_strconcat ("_", label, NULL);
  g_autofree char *rest = g_strconcat ("_sub.", type, NULL);
  g_autofree char *full = disco_full_name_join (own, rest, DISCO_DOMAIN);
  gsize size = strlen (own);

  if (size < SUBTYPE_LABEL_MIN_BYTES || size > DISCO_LABEL_MAX_BYTES
      || strlen (full) > DISCO_ESCAPED_NAME_MAX_CHARS)
    return NULL;
  return g_strndup (full, strlen (full) - strlen ("." DISCO_DOMAIN));
}

static DiscoServiceName *
new_any_generic (void)
{
  DiscoServiceName *self = service_name_new (DISCO_GENERIC_NAME, DISCO_GENERIC_TYPE);

  self->browse_type = g_strdup (DISCO_GENERIC_TYPE);
  self->is_generic = TRUE;
  self->is_any_generic = TRUE;
  return self;
}

static DiscoServiceName *
new_generic (const char *text)
{
  DiscoServiceName *self = service_name_new (text, DISCO_GENERIC_TYPE);
  g_autofree char *hash = NULL;

  self->is_generic = TRUE;
  self->browse_type = disco_subtype_join (text, DISCO_GENERIC_TYPE);
  if (self->browse_type == NULL)
    {
      hash = disco_sha256_hex ((const guint8 *)text, strlen (text), HASH_DIGITS);
      self->browse_type = disco_subtype_join (hash, DISCO_GENERIC_TYPE);
    }
  self->subtype = g_strconcat ("_", hash != NULL ? hash : text, NULL);
  return self;
}

/* @type: in lower case */
static DiscoServiceName *
new_typed (const char *type)
{
  DiscoServiceName *self;
  g_autofree char *name = NULL;

  if (g_str_equal (type, DISCO_GENERIC_TYPE))
    return new_any_generic ();
  name = g_str_has_suffix (type, "._tcp") ? g_strndup (type + 1, strlen (type) - strlen ("_._tcp"))
                                          : g_strdup (type);
  self = service_name_new (name, type);
  self->browse_type = g_strdup (type);
  return self;
}

static gboolean
is_subtype (const Labels *labels)
{
  g_autofree char *fault = NULL;
  const GString *own;

  if (labels->labels->len != 4 || !g_str_equal (labels_get (labels, 1)->str, "_sub")
      || !labels_are_type (labels, 2))
    return FALSE;
  own = labels_get (labels, 0);
  fault = disco_text_fault (own->str, own->len, DISCO_LABEL_MAX_BYTES);
  return fault == NULL && own->str[0] == '_';
}

static DiscoServiceName *
new_subtype (const Labels *labels, const char *text)
{
  g_autoptr (DiscoServiceName) self = NULL;
  g_autofree char *type = labels_dup_type (labels, 2);
  g_autofree char *name = g_ascii_strdown (text, -1);
  const char *own = labels_get (labels, 0)->str;

  self = service_name_new (name, type);
  self->subtype = g_strdup (own);
  self->browse_type = disco_subtype_join (own + 1, type);
  return self->browse_type != NULL ? g_steal_pointer (&self) : NULL;
}

/* @text begins with "_". NULL if it is no type. */
static DiscoServiceName *
parse_type (const char *text)
{
  g_auto (Labels) labels = { 0 };
  g_autofree char *type = NULL;

  labels_read (&labels, text);
  if (labels.malformed)
    return NULL;
  if (is_subtype (&labels))
    return new_subtype (&labels, text);
  if (labels.labels->len != 2 || !labels_are_type (&labels, 0))
    return NULL;
  type = labels_dup_type (&labels, 0);
  return new_typed (type);
}

static DiscoServiceName *
parse_name (const char *text)
{
  g_autofree char *name = NULL;
  g_autofree char *type = NULL;

  if (!is_type_name (text))
    return new_generic (text);
  name = g_ascii_strdown (text, -1);
  type = g_strconcat ("_", name, "._tcp", NULL);
  return new_typed (type);
}

DiscoServiceName *
disco_service_name_parse (const char *text, GError **error)
{
  DiscoServiceName *self;

  if (!disco_text_check ("service name", text, DISCO_NAME_MAX_BYTES, error))
    return NULL;
  self = text[0] == '_' ? parse_type (text) : parse_name (text);
  if (self == NULL)
    disco_text_invalid (error, "service name", text,
                        "a name that begins with \"_\" must be a service type such as "
                        "\"_http._tcp\", whose name has 2 to 15 letters, digits and single "
                        "hyphens, or a subtype such as \"_printer._sub._http._tcp\"");
  return self;
}

gboolean
disco_service_name_check_registrable (const DiscoServiceName *self, GError **error)
{
  if (self->is_any_generic)
    return disco_text_invalid (error, "service name", self->name,
                               "it stands for all services without a type of their own; it can be "
                               "watched, but not registered");
  if (self->subtype != NULL && !self->is_generic)
    return disco_text_invalid (error, "service name", self->name,
                               "a subtype can be watched, but not registered; register its type "
                               "with a tag");
  return TRUE;
}
