/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-local-offer-private.h"
#include "test-support.h"

#include <disco/disco.h>

static DiscoLocalOffer *
offer_new (const char *name, const char *id, const char *addr, const char *tag)
{
  g_autoptr (DiscoRegistration) registration = disco_registration_new (name, 80);
  const char *tags[] = { tag, NULL };
  DiscoRecordSet *records;

  disco_registration_set_id (registration, id);
  disco_registration_set_addr (registration, addr);
  disco_registration_set_tags (registration, tags);
  records = disco_record_set_new (registration, NULL, NULL, NULL, NULL);
  assert_non_null (records);
  return disco_local_offer_new (records);
}

static void
offer_is_found_by_its_type_and_subtypes_as_dns_compares_them (void **state)
{
  static const struct
  {
    const char *name, *tag, *types;
  } rows[] = {
    { "http", NULL, "_http._tcp" },
    { "HTTP", NULL, "_http._tcp" },
    { "_x1._udp", NULL, "_x1._udp" },
    { "http", "Red", "_http._tcp _red._sub._http._tcp" },
    { "Some.Name", NULL, "_disco._tcp _some\\.name._sub._disco._tcp" },
    { "Some.Name", "Red", "_disco._tcp _some\\.name._sub._disco._tcp _red._sub._disco._tcp" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      DiscoLocalOffer *offer = offer_new (rows[i].name, "id", NULL, rows[i].tag);
      g_autofree char *types = g_strjoinv (" ", offer->browse_types);

      assert_string_equal (types, rows[i].types);
      disco_local_offer_free (offer);
    }
}

static void
offers_host_is_localhost_or_what_was_asked_for (void **state)
{
  static const struct
  {
    const char *addr, *host, *hostname;
    guint n_addresses;
  } rows[] = {
    { NULL, "127.0.0.1", "localhost", 1 },
    { "", "127.0.0.1", "localhost", 1 },
    { "192.0.2.1", "192.0.2.1", NULL, 1 },
    { "2001:db8::1", "2001:db8::1", NULL, 1 },
    { "host.example.com", "host.example.com", "host.example.com", 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      DiscoLocalOffer *offer = offer_new ("http", "id", rows[i].addr, NULL);
      DiscoInstance *instance = offer->instance;

      assert_string_equal (disco_instance_get_host (instance), rows[i].host);
      if (rows[i].hostname != NULL)
        assert_string_equal (disco_instance_get_hostname (instance), rows[i].hostname);
      assert_int_equal (g_strv_length ((char **)disco_instance_get_addresses (instance)),
                        rows[i].n_addresses);
      assert_null (disco_instance_get_interfaces (instance)[0]);
      assert_true (disco_instance_get_local (instance));
      assert_string_equal (disco_instance_get_domain (instance), "local");
      disco_local_offer_free (offer);
    }
}

static void
names_are_the_same_without_regard_to_ascii_case (void **state)
{
  DiscoLocalOffer *lower = offer_new ("http", "a label", NULL, NULL);
  DiscoLocalOffer *upper = offer_new ("http", "A Label", NULL, NULL);
  DiscoLocalOffer *other = offer_new ("http", "a label 2", NULL, NULL);

  assert_string_equal (lower->name_key, upper->name_key);
  assert_string_not_equal (lower->full_name, upper->full_name);
  assert_string_not_equal (lower->name_key, other->name_key);
  disco_local_offer_free (lower);
  disco_local_offer_free (upper);
  disco_local_offer_free (other);
}

/* (transfer full) (nullable) */
static DiscoInstance *
show (DiscoLocalOffer *offer, const char *name)
{
  g_autoptr (DiscoServiceName) service = disco_service_name_parse (name, NULL);
  return disco_local_offer_show (offer, service);
}

static void
offer_is_shown_under_the_name_that_was_looked_for (void **state)
{
  DiscoLocalOffer *typed = offer_new ("http", "id", NULL, "red");
  DiscoLocalOffer *generic = offer_new ("some name", "id", NULL, NULL);
  g_autoptr (DiscoInstance) by_name = show (typed, "http");
  g_autoptr (DiscoInstance) by_subtype = show (typed, "_red._sub._http._tcp");
  g_autoptr (DiscoInstance) by_generic = show (generic, "some name");
  g_autoptr (DiscoInstance) by_any = show (generic, "disco");

  assert_ptr_equal (by_name, typed->instance);
  assert_string_equal (disco_instance_get_name (by_subtype), "_red._sub._http._tcp");
  assert_ptr_equal (by_generic, generic->instance);
  assert_string_equal (disco_instance_get_name (by_any), "some name");
  assert_null (show (generic, "Some Name"));
  disco_local_offer_free (typed);
  disco_local_offer_free (generic);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (offer_is_found_by_its_type_and_subtypes_as_dns_compares_them),
    cmocka_unit_test (offers_host_is_localhost_or_what_was_asked_for),
    cmocka_unit_test (names_are_the_same_without_regard_to_ascii_case),
    cmocka_unit_test (offer_is_shown_under_the_name_that_was_looked_for),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
