/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The input is a registration. What it says is what an instance made of its records says, and
 * every name in these can be asked for; or it is refused with a reason. */
#include "disco-instance-private.h"
#include "disco-label-private.h"
#include "disco-record-set-private.h"
#include "disco-records-private.h"
#include "disco-registration-private.h"
#include "fuzz.h"

#include <disco/disco-error.h>
#include <string.h>

#define MAX_TAGS 16
#define MAX_ATTRIBUTES 12
#define HOST_NAME "box.local"

typedef struct
{
  DiscoRegistration *registration; /* (owned) */
  GPtrArray *tags;                 /* (owned) of (owned) text, and NULL */
  GPtrArray *default_tags;         /* (owned) of (owned) text, and NULL */
  GPtrArray *expected_tags;        /* (owned) of text, and NULL: both, each once */
} Case;

static GPtrArray *
take_tags (FuzzInput *input)
{
  GPtrArray *tags = g_ptr_array_new_with_free_func (g_free);
  guint n = fuzz_take_below (input, MAX_TAGS);

  for (guint i = 0; i < n; i++)
    g_ptr_array_add (tags, fuzz_take_text (input));
  g_ptr_array_add (tags, NULL);
  return tags;
}

static void
add_expected (GPtrArray *expected, const GPtrArray *tags)
{
  for (guint i = 0; tags->pdata[i] != NULL; i++)
    if (!g_ptr_array_find_with_equal_func (expected, tags->pdata[i], g_str_equal, NULL))
      g_ptr_array_add (expected, tags->pdata[i]);
}

static void
take_attributes (FuzzInput *input, DiscoRegistration *registration)
{
  guint n = fuzz_take_below (input, MAX_ATTRIBUTES);

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *key = fuzz_take_text (input);
      gboolean has_value = fuzz_take_below (input, 2) != 0;
      gsize size = 0;
      const guint8 *data = has_value ? fuzz_take_bytes (input, &size) : NULL;
      g_autoptr (GBytes) value = has_value ? g_bytes_new (data, size) : NULL;

      disco_registration_set_attribute (registration, key, value);
    }
}

static void
take_case (FuzzInput *input, Case *self)
{
  g_autofree char *name = fuzz_take_text (input);
  g_autofree char *id = fuzz_take_text (input);
  g_autofree char *label = fuzz_take_text (input);
  g_autofree char *addr = fuzz_take_text (input);

  self->registration = disco_registration_new (name, fuzz_take_uint16 (input));
  disco_registration_set_id (self->registration, *id != '\0' ? id : NULL);
  disco_registration_set_label (self->registration, label);
  disco_registration_set_addr (self->registration, addr);
  self->tags = take_tags (input);
  self->default_tags = take_tags (input);
  self->expected_tags = g_ptr_array_new ();
  add_expected (self->expected_tags, self->tags);
  add_expected (self->expected_tags, self->default_tags);
  g_ptr_array_add (self->expected_tags, NULL);
  disco_registration_set_tags (self->registration, (const char *const *)self->tags->pdata);
  take_attributes (input, self->registration);
}

static void
case_clear (Case *self)
{
  g_clear_object (&self->registration);
  g_clear_pointer (&self->tags, g_ptr_array_unref);
  g_clear_pointer (&self->default_tags, g_ptr_array_unref);
  g_clear_pointer (&self->expected_tags, g_ptr_array_unref);
}

static void
assert_can_be_asked_for (const char *name)
{
  g_autoptr (GBytes) wire = disco_domain_name_to_wire (name);

  g_assert_nonnull (wire);
  g_assert_cmpuint (strlen (name), <=, DISCO_ESCAPED_NAME_MAX_CHARS);
}

static void
assert_names (const DiscoRecordSet *set)
{
  g_autofree char *full = disco_full_name_join (set->label, set->service->type, set->domain);

  assert_can_be_asked_for (full);
  g_assert_true (fuzz_is_text (set->label, strlen (set->label), DISCO_LABEL_MAX_BYTES));
  if (set->host != NULL)
    assert_can_be_asked_for (set->host);
  for (char **subtype = set->subtypes; *subtype != NULL; subtype++)
    {
      g_autofree char *whole = g_strconcat (*subtype, ".local", NULL);

      assert_can_be_asked_for (whole);
      for (char **other = set->subtypes; other < subtype; other++)
        g_assert_false (disco_domain_name_equal (*other, *subtype));
    }
}

static DiscoInstance *
make_instance (const DiscoRecordSet *set)
{
  static const char *const addresses[] = { "192.0.2.1", NULL };
  static const char *const interfaces[] = { "eth0", NULL };
  const DiscoRecords records = { .label = set->label,
                                 .type = set->service->type,
                                 .domain = set->domain,
                                 .hostname = set->host != NULL ? set->host : HOST_NAME,
                                 .port = set->port,
                                 .txt = set->txt,
                                 .addresses = addresses,
                                 .interfaces = interfaces };
  guint malformed = 0;
  DiscoInstance *instance = disco_records_to_instance (&records, set->service, &malformed);

  g_assert_nonnull (instance);
  g_assert_cmpuint (malformed, ==, 0);
  return instance;
}

static void
assert_seen (const Case *self, const DiscoRecordSet *set)
{
  g_autoptr (DiscoInstance) instance = make_instance (set);
  const char *id = disco_registration_get_id (self->registration);
  g_autoptr (DiscoServiceName) named = NULL;

  if (id != NULL)
    g_assert_cmpstr (disco_instance_get_id (instance), ==, id);
  else
    g_assert_true (g_uuid_string_is_valid (disco_instance_get_id (instance)));
  named = disco_service_name_parse (disco_registration_get_name (self->registration), NULL);
  g_assert_cmpstr (disco_instance_get_name (instance), ==, named->name);
  g_assert_cmpstr (disco_instance_get_label (instance), ==, set->label);
  g_assert_cmpuint (disco_instance_get_port (instance), ==,
                    disco_registration_get_port (self->registration));
  fuzz_assert_strv_equal (disco_instance_get_tags (instance),
                          (const char *const *)self->expected_tags->pdata);
  g_assert_true (disco_attributes_equal (disco_instance_peek_attributes (instance),
                                         disco_registration_peek_attributes (self->registration)));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  FuzzInput input = { data, size };
  Case self = { 0 };
  g_autoptr (DiscoRecordSet) set = NULL;
  g_autoptr (GError) error = NULL;

  take_case (&input, &self);
  set = disco_record_set_new (self.registration, NULL,
                              (const char *const *)self.default_tags->pdata, NULL, &error);
  if (set != NULL)
    {
      assert_names (set);
      assert_seen (&self, set);
      g_assert_true (disco_record_set_check_update (set, set, NULL));
    }
  else
    {
      fuzz_assert_error (error);
      g_assert_true (error->code == DISCO_ERROR_INVALID_ARGUMENT
                     || error->code == DISCO_ERROR_TOO_LARGE);
    }
  case_clear (&self);
  return 0;
}
