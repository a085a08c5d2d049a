/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is registered at one end is what is seen at the other: random registrations through the
 * whole mapping, out and back. */
#include "disco-instance-private.h"
#include "disco-label-private.h"
#include "disco-record-set-private.h"
#include "disco-records-private.h"
#include "disco-registration-private.h"
#include "test-support.h"

#include <avahi-common/domain.h>
#include <disco/disco-error.h>
#include <string.h>

#define ROUNDS 5000

/* Valid text of at most @max_bytes, which must have room for one character of four. */
static char *
random_text (GRand *rand, gsize max_bytes)
{
  static const char *const pieces[] = { ".", "\\", "%", ",", "=", " ", "#", "\"", "_", "-", "%2C" };
  GString *text = g_string_new (NULL);
  gsize size = (gsize)g_rand_int_range (rand, 1, (gint32)max_bytes - 3);

  while (text->len < size)
    switch (g_rand_int_range (rand, 0, 6))
      {
      case 0:
        g_string_append_unichar (text, (gunichar)g_rand_int_range (rand, 0xa0, 0xd800));
        break;
      case 1:
        g_string_append_unichar (text, (gunichar)g_rand_int_range (rand, 0x1f300, 0x1f600));
        break;
      case 2:
        g_string_append (text, pieces[g_rand_int_range (rand, 0, G_N_ELEMENTS (pieces))]);
        break;
      default:
        g_string_append_c (text, (char)g_rand_int_range (rand, ' ', 0x7f));
        break;
      }
  return g_string_free (text, FALSE);
}

static char *
random_name (GRand *rand)
{
  static const char *const names[] = { "http", "HTTP", "_ipp._tcp", "_NTP._udp", "x" };
  gint32 i = g_rand_int_range (rand, 0, 2 * G_N_ELEMENTS (names));
  g_autofree char *text = NULL;

  if (i < (gint32)G_N_ELEMENTS (names))
    return g_strdup (names[i]);
  /* Not "_", which begins a type. */
  text = random_text (rand, 196);
  return g_strconcat ("g.", text, NULL);
}

static void
set_random_tags (DiscoRegistration *registration, GRand *rand)
{
  g_autoptr (GStrvBuilder) tags = g_strv_builder_new ();
  g_auto (GStrv) strv = NULL;

  for (gint32 n = g_rand_int_range (rand, 0, 8); n > 0; n--)
    {
      g_autofree char *tag = g_rand_boolean (rand) ? random_text (rand, 63) : random_text (rand, 6);

      g_strv_builder_add (tags, tag);
    }
  strv = g_strv_builder_end (tags);
  disco_registration_set_tags (registration, (const char *const *)strv);
}

static GBytes *
random_value (GRand *rand)
{
  gsize size = (gsize)g_rand_int_range (rand, 0, 40);
  guint8 *data;

  if (g_rand_int_range (rand, 0, 4) == 0)
    return NULL;
  data = g_malloc (size);
  for (gsize i = 0; i < size; i++)
    data[i] = (guint8)g_rand_int_range (rand, 0, 256);
  return g_bytes_new_take (data, size);
}

static void
set_random_attributes (DiscoRegistration *registration, GRand *rand)
{
  for (gint32 n = g_rand_int_range (rand, 0, 6); n > 0; n--)
    {
      /* The number keeps keys apart whatever their case. */
      g_autoptr (GString) key = g_string_new (NULL);
      g_autoptr (GBytes) value = random_value (rand);

      g_string_append_printf (key, "%c%d", "aZ ~"[g_rand_int_range (rand, 0, 4)], n);
      for (gint32 more = g_rand_int_range (rand, 0, 20); more > 0; more--)
        g_string_append_c (key, (char)g_rand_int_range (rand, '>', 0x7f));
      disco_registration_set_attribute (registration, key->str, value);
    }
}

static char *
random_addr (GRand *rand)
{
  static const char *const addrs[]
      = { "", "a.local", "_b-c.example.org.", "[fe80::1]", "127.0.0.1" };
  gint32 i = g_rand_int_range (rand, 0, 2 * G_N_ELEMENTS (addrs));

  if (i < (gint32)G_N_ELEMENTS (addrs))
    return g_strdup (addrs[i]);
  return g_strdup_printf ("%d.%d.0.%d", g_rand_int_range (rand, 1, 224),
                          g_rand_int_range (rand, 0, 256), g_rand_int_range (rand, 0, 256));
}

static DiscoRegistration *
random_registration (GRand *rand)
{
  g_autofree char *addr = random_addr (rand);
  g_autofree char *name = random_name (rand);
  DiscoRegistration *registration
      = disco_registration_new (name, (guint16)g_rand_int_range (rand, 0, 65536));

  if (g_rand_boolean (rand))
    {
      g_autofree char *id = random_text (rand, 128);

      disco_registration_set_id (registration, id);
    }
  if (g_rand_boolean (rand))
    {
      g_autofree char *label = random_text (rand, 100);

      disco_registration_set_label (registration, label);
    }
  disco_registration_set_addr (registration, addr);
  set_random_tags (registration, rand);
  set_random_attributes (registration, rand);
  return registration;
}

/* The instance that another host sees. */
static DiscoInstance *
see (const DiscoRecordSet *set, const char *service_name)
{
  g_autoptr (DiscoServiceName) service = disco_service_name_parse (service_name, NULL);
  DiscoRecords records = { .label = set->label,
                           .type = set->service->type,
                           .domain = set->domain,
                           .hostname = set->host != NULL ? set->host : "host.local",
                           .port = set->port,
                           .txt = set->txt };
  guint malformed = 0;
  DiscoInstance *instance = disco_records_to_instance (&records, service, &malformed);

  assert_non_null (instance);
  assert_int_equal (malformed, 0);
  return instance;
}

/* The tags, each once at its first place. */
static void
assert_tags (DiscoInstance *instance, DiscoRegistration *registration)
{
  const char *const *given = disco_registration_get_tags (registration);
  const char *const *seen = disco_instance_get_tags (instance);
  guint n = 0;

  for (guint i = 0; given[i] != NULL; i++)
    {
      guint first = 0;

      while (!g_str_equal (given[first], given[i]))
        first++;
      if (first == i)
        assert_string_equal (seen[n++], given[i]);
    }
  assert_null (seen[n]);
}

/* Every subtype can be asked for, Avahi takes it, and none is there twice. */
static void
assert_subtypes (const DiscoRecordSet *set)
{
  for (char **subtype = set->subtypes; *subtype != NULL; subtype++)
    {
      g_autofree char *full = g_strconcat (*subtype, ".local", NULL);
      g_autoptr (GBytes) wire = disco_domain_name_to_wire (full);

      assert_true (strlen (full) <= 255);
      assert_non_null (wire);
      assert_true (avahi_is_valid_service_subtype (*subtype));
      for (char **other = subtype + 1; *other != NULL; other++)
        assert_false (disco_domain_name_equal (*other, *subtype));
    }
}

static void
assert_same (DiscoRegistration *registration, const DiscoRecordSet *set)
{
  g_autoptr (DiscoInstance) instance = see (set, set->service->name);
  const char *id = disco_registration_get_id (registration);
  const char *label = disco_registration_get_label (registration);

  assert_string_equal (disco_instance_get_id (instance), id != NULL ? id : set->id);
  assert_string_equal (disco_instance_get_name (instance), set->service->name);
  assert_int_equal (disco_instance_get_port (instance), disco_registration_get_port (registration));
  if (label == NULL)
    label = set->id;
  assert_true (g_str_has_prefix (label, disco_instance_get_label (instance)));
  assert_string_equal (disco_instance_get_label (instance), set->label);
  assert_tags (instance, registration);
  assert_true (disco_attributes_equal (disco_instance_peek_attributes (instance),
                                       disco_registration_peek_attributes (registration)));
  if (set->service->is_generic)
    {
      g_autoptr (DiscoInstance) any = see (set, "disco");

      assert_string_equal (disco_instance_get_name (any),
                           disco_registration_get_name (registration));
    }
}

static void
what_is_registered_is_what_is_seen (void **state)
{
  g_autoptr (GRand) rand = test_rand_new ();
  guint seen = 0;

  for (int round = 0; round < ROUNDS; round++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DiscoRegistration) registration = random_registration (rand);
      g_autoptr (DiscoRecordSet) set
          = disco_record_set_new (registration, NULL, NULL, NULL, &error);

      if (set == NULL)
        {
          test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_TOO_LARGE, NULL);
          continue;
        }
      seen++;
      assert_true (g_bytes_get_size (set->txt) <= 1300);
      assert_true (avahi_is_valid_service_type_strict (set->service->type));
      assert_true (avahi_is_valid_service_name (set->label));
      assert_true (set->host == NULL || avahi_is_valid_fqdn (set->host));
      assert_subtypes (set);
      assert_same (registration, set);
    }
  assert_true (seen > ROUNDS / 2);
}

static void
record_sets_of_one_registration_are_the_same (void **state)
{
  g_autoptr (GRand) rand = test_rand_new ();

  for (int round = 0; round < 500; round++)
    {
      g_autoptr (DiscoRegistration) registration = random_registration (rand);
      g_autoptr (DiscoRecordSet) a = disco_record_set_new (registration, "id", NULL, NULL, NULL);
      g_autoptr (DiscoRecordSet) b = disco_record_set_new (registration, "id", NULL, NULL, NULL);

      assert_int_equal (a != NULL, b != NULL);
      if (a == NULL || b == NULL)
        continue;
      assert_true (g_bytes_equal (a->txt, b->txt));
      assert_string_equal (a->label, b->label);
      assert_true (disco_record_set_check_update (a, b, NULL));
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (what_is_registered_is_what_is_seen),
    cmocka_unit_test (record_sets_of_one_registration_are_the_same),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
