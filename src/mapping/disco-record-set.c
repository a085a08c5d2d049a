/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-label-private.h"
#include "disco-record-set-private.h"
#include "disco-registration-private.h"
#include "disco-target-private.h"
#include "disco-txt-private.h"

#include <string.h>

void
disco_record_set_free (DiscoRecordSet *self)
{
  g_clear_pointer (&self->service, disco_service_name_unref);
  g_free (self->id);
  g_free (self->label);
  g_free (self->domain);
  g_free (self->host);
  g_clear_pointer (&self->txt, g_bytes_unref);
  g_strfreev (self->subtypes);
  g_free (self->addr);
  g_free (self->wanted_label);
  g_free (self);
}

const char *
disco_record_set_get_wanted_label (const DiscoRecordSet *self)
{
  return *self->wanted_label != '\0' ? self->wanted_label : self->id;
}

static gboolean
set_service (DiscoRecordSet *self, const char *name, GError **error)
{
  self->service = disco_service_name_parse (name != NULL ? name : "", error);
  return self->service != NULL && disco_service_name_check_registrable (self->service, error);
}

/* @id: (nullable) */
static gboolean
set_id (DiscoRecordSet *self, const char *id, GError **error)
{
  self->id = id != NULL ? g_strdup (id) : g_uuid_string_random ();
  return disco_id_check (self->id, error);
}

/* RFC 6763 §4.1.1: a label may be any text without control characters. */
static gboolean
set_label (DiscoRecordSet *self, const char *label, GError **error)
{
  const char *text;

  self->wanted_label = g_strdup (label != NULL ? label : "");
  text = disco_record_set_get_wanted_label (self);
  if (!disco_text_check ("label", text, G_MAXSIZE, error))
    return FALSE;
  self->label = disco_label_cut (text, self->service->type, self->domain);
  return TRUE;
}

static gboolean
set_addr (DiscoRecordSet *self, const char *addr, const char *advertise_address, GError **error)
{
  g_auto (DiscoTarget) target = { 0 };

  self->addr = g_strdup (addr != NULL ? addr : "");
  if (*self->addr != '\0' || advertise_address == NULL)
    advertise_address = self->addr;
  if (!disco_target_parse (&target, advertise_address, error))
    return FALSE;
  self->host = g_steal_pointer (&target.host);
  self->has_address = target.has_address;
  self->address = target.address;
  return TRUE;
}

/* Texts, each once, at its first place. */
typedef struct
{
  GHashTable *seen; /* (owned): the keys */
  GPtrArray *texts; /* (owned) (element owned char *): NULL-terminated by unique_end() */
} Unique;

static void
unique_init (Unique *self)
{
  self->seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->texts = g_ptr_array_new_with_free_func (g_free);
}

static void
unique_clear (Unique *self)
{
  g_clear_pointer (&self->seen, g_hash_table_unref);
  g_clear_pointer (&self->texts, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Unique, unique_clear)

/* Texts of one key are the same. @key, @text: taken */
static void
unique_take (Unique *self, char *key, char *text)
{
  if (g_hash_table_add (self->seen, key))
    g_ptr_array_add (self->texts, text);
  else
    g_free (text);
}

static char **
unique_end (Unique *self)
{
  g_ptr_array_add (self->texts, NULL);
  return (char **)g_ptr_array_free (g_steal_pointer (&self->texts), FALSE);
}

static gboolean
add_tags (Unique *all, const char *const *tags, GError **error)
{
  for (; tags != NULL && *tags != NULL; tags++)
    {
      if (!disco_tag_check (*tags, error))
        return FALSE;
      unique_take (all, g_strdup (*tags), g_strdup (*tags));
    }
  return TRUE;
}

/* NULL on error. (transfer full) */
static char **
make_tags (const char *const *tags, const char *const *default_tags, GError **error)
{
  g_auto (Unique) all = { 0 };

  unique_init (&all);
  if (!add_tags (&all, tags, error) || !add_tags (&all, default_tags, error))
    return NULL;
  return unique_end (&all);
}

static gboolean
check_attributes (DiscoAttributes *attributes, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  guint n = disco_attributes_get_size (attributes);

  for (guint i = 0; i < n; i++)
    {
      const char *key = disco_attributes_get_key (attributes, i);
      g_autofree char *lower = NULL;
      const char *other;

      if (!disco_attribute_key_check (key, error))
        return FALSE;
      lower = g_ascii_strdown (key, -1);
      other = g_hash_table_lookup (seen, lower);
      if (other != NULL)
        {
          g_autofree char *quoted = disco_quote (other);
          g_autofree char *fault
              = g_strdup_printf ("it is the key %s again, in which case does not count", quoted);

          return disco_text_invalid (error, "attribute key", key, fault);
        }
      g_hash_table_insert (seen, g_steal_pointer (&lower), (char *)key);
    }
  return TRUE;
}

/* DNS compares names without case: "Red" and "red" are one subtype. @subtype: (nullable): taken */
static void
add_subtype (Unique *subtypes, char *subtype)
{
  if (subtype != NULL)
    unique_take (subtypes, g_ascii_strdown (subtype, -1), subtype);
}

static char **
make_subtypes (const DiscoServiceName *service, char **tags)
{
  g_auto (Unique) subtypes = { 0 };

  unique_init (&subtypes);
  if (service->is_generic)
    add_subtype (&subtypes, g_strdup (service->browse_type));
  for (; *tags != NULL; tags++)
    add_subtype (&subtypes, disco_subtype_join (*tags, service->type));
  return unique_end (&subtypes);
}

static gboolean
set_txt (DiscoRecordSet *self, DiscoRegistration *registration, const char *const *default_tags,
         GError **error)
{
  DiscoAttributes *attributes = disco_registration_peek_attributes (registration);
  const char *generic_name = self->service->is_generic ? self->service->name : NULL;
  g_auto (GStrv) tags = make_tags (disco_registration_get_tags (registration), default_tags, error);

  if (tags == NULL || !check_attributes (attributes, error))
    return FALSE;
  self->txt
      = disco_txt_encode (self->id, generic_name, (const char *const *)tags, attributes, error);
  if (self->txt == NULL)
    return FALSE;
  self->subtypes = make_subtypes (self->service, tags);
  return TRUE;
}

static gboolean
fill (DiscoRecordSet *self, DiscoRegistration *registration, const char *id,
      const char *const *default_tags, const char *advertise_address, GError **error)
{
  self->domain = g_strdup (DISCO_DOMAIN);
  self->port = disco_registration_get_port (registration);
  if (id == NULL)
    id = disco_registration_get_id (registration);
  return set_service (self, disco_registration_get_name (registration), error)
         && set_id (self, id, error)
         && set_label (self, disco_registration_get_label (registration), error)
         && set_addr (self, disco_registration_get_addr (registration), advertise_address, error)
         && set_txt (self, registration, default_tags, error);
}

DiscoRecordSet *
disco_record_set_new (DiscoRegistration *registration, const char *id,
                      const char *const *default_tags, const char *advertise_address,
                      GError **error)
{
  DiscoRecordSet *self = g_new0 (DiscoRecordSet, 1);

  if (!fill (self, registration, id, default_tags, advertise_address, error))
    g_clear_pointer (&self, disco_record_set_free);
  return self;
}

static gboolean
refuse_change (const char *what, const char *from, const char *to, GError **error)
{
  g_autofree char *quoted = disco_quote (from);
  g_autofree char *fault = g_strdup_printf (
      "an update cannot change it from %s; deregister and register anew", quoted);

  return disco_text_invalid (error, what, to, fault);
}

static gboolean
is_same_host (const char *a, const char *b)
{
  if (a == NULL || b == NULL)
    return a == b;
  return disco_domain_name_equal (a, b);
}

gboolean
disco_record_set_check_update (const DiscoRecordSet *self, const DiscoRecordSet *updated,
                               GError **error)
{
  const char *label = disco_record_set_get_wanted_label (self);

  if (!g_str_equal (updated->service->name, self->service->name))
    return refuse_change ("service name", self->service->name, updated->service->name, error);
  if (*updated->wanted_label != '\0' && !g_str_equal (updated->wanted_label, label))
    return refuse_change ("label", label, updated->wanted_label, error);
  if (*updated->addr != '\0' && !is_same_host (updated->host, self->host))
    return refuse_change ("address", self->addr, updated->addr, error);
  return TRUE;
}

static void
replace_text (char **text, const char *by)
{
  g_free (*text);
  *text = g_strdup (by);
}

void
disco_record_set_inherit (DiscoRecordSet *updated, const DiscoRecordSet *self)
{
  replace_text (&updated->label, self->label);
  replace_text (&updated->wanted_label, self->wanted_label);
  replace_text (&updated->host, self->host);
  replace_text (&updated->addr, self->addr);
  updated->has_address = self->has_address;
  updated->address = self->address;
}
