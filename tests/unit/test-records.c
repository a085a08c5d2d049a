/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-records-private.h"
#include "test-support.h"
#include "test-txt.h"

#include <string.h>

/* What the network says where a table row does not say otherwise. */
static DiscoRecords
usual_records (void)
{
  static const char *const none[] = { NULL };

  return (DiscoRecords){ .label = "HP LaserJet",
                         .type = "_ipp._tcp",
                         .domain = "local",
                         .hostname = "printer.local",
                         .port = 631,
                         .addresses = none,
                         .interfaces = none };
}

static DiscoInstance *
make_instance (const DiscoRecords *records, const char *name, guint *malformed)
{
  g_autoptr (DiscoServiceName) service = disco_service_name_parse (name, NULL);

  assert_non_null (service);
  return disco_records_to_instance (records, service, malformed);
}

static void
instance_shows_what_the_records_say (void **state)
{
  static const char *const addresses[] = { "192.0.2.1", "fe80::1%eth0", NULL };
  static const char *const interfaces[] = { "eth0", "eth1", NULL };
  DiscoRecords records = usual_records ();
  g_autoptr (GBytes) txt = test_txt_new ("disco.id=lj|disco.tags=duplex,a4|Paper=A4|color|");
  g_autoptr (DiscoInstance) instance = NULL;
  GBytes *paper;
  g_auto (GStrv) keys = NULL;
  gboolean present = FALSE;
  guint malformed = 7;

  records.txt = txt;
  records.addresses = addresses;
  records.interfaces = interfaces;
  records.local = TRUE;
  instance = make_instance (&records, "IPP", &malformed);
  assert_string_equal (disco_instance_get_id (instance), "lj");
  assert_string_equal (disco_instance_get_name (instance), "ipp");
  assert_string_equal (disco_instance_get_label (instance), "HP LaserJet");
  assert_string_equal (disco_instance_get_service_type (instance), "_ipp._tcp");
  assert_string_equal (disco_instance_get_domain (instance), "local");
  assert_string_equal (disco_instance_get_hostname (instance), "printer.local");
  assert_string_equal (disco_instance_get_host (instance), "192.0.2.1");
  assert_int_equal (disco_instance_get_port (instance), 631);
  assert_true (g_strv_equal (disco_instance_get_addresses (instance), addresses));
  assert_true (g_strv_equal (disco_instance_get_interfaces (instance), interfaces));
  assert_true (disco_instance_get_local (instance));
  assert_true (g_strv_equal (disco_instance_get_tags (instance),
                             (const char *const[]){ "duplex", "a4", NULL }));
  keys = disco_instance_get_attribute_keys (instance);
  assert_true (
      g_strv_equal ((const char *const *)keys, (const char *const[]){ "Paper", "color", NULL }));
  paper = disco_instance_get_attribute (instance, "paper", &present);
  assert_true (present);
  assert_memory_equal (g_bytes_get_data (paper, NULL), "A4", 2);
  assert_int_equal (malformed, 7);
}

static void
instance_without_txt_has_its_full_name_for_an_id (void **state)
{
  DiscoRecords records = usual_records ();
  g_autoptr (DiscoInstance) instance = make_instance (&records, "ipp", NULL);

  assert_string_equal (disco_instance_get_id (instance), "HP\\032LaserJet._ipp._tcp.local");
  assert_string_equal (disco_instance_get_host (instance), "printer.local");
  assert_null (disco_instance_get_tags (instance)[0]);
  assert_false (disco_instance_get_local (instance));
}

static void
id_is_disco_id_only_if_that_is_valid (void **state)
{
  static const struct
  {
    const char *txt;
    const char *id;
    guint malformed;
  } rows[] = {
    { "disco.id=a|", "a", 0 },
    { "DISCO.ID=A b|", "A b", 0 },
    { "|", "HP\\032LaserJet._ipp._tcp.local", 0 },
    { "id=a|", "HP\\032LaserJet._ipp._tcp.local", 0 },
    { "disco.id=|", "HP\\032LaserJet._ipp._tcp.local", 1 },
    { "disco.id=a\\033[2J|", "HP\\032LaserJet._ipp._tcp.local", 1 },
    { "disco.id=\\377|disco.tags=a,%|", "HP\\032LaserJet._ipp._tcp.local", 2 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      DiscoRecords records = usual_records ();
      g_autoptr (GBytes) txt = test_txt_new (rows[i].txt);
      g_autoptr (DiscoInstance) instance = NULL;
      guint malformed = 0;

      records.txt = txt;
      instance = make_instance (&records, "ipp", &malformed);
      if (!g_str_equal (disco_instance_get_id (instance), rows[i].id)
          || malformed != rows[i].malformed)
        fail_msg ("%s: id %s, %u malformed", rows[i].txt, disco_instance_get_id (instance),
                  malformed);
    }
}

static void
name_is_the_service_s_or_for_generic_ones_that_of_disco_name (void **state)
{
  static const struct
  {
    const char *service;
    const char *txt;
    const char *name; /* NULL: the instance belongs to another service */
  } rows[] = {
    { "http", "|", "http" },
    { "_HTTP._tcp", "|", "http" },
    { "_ntp._udp", "|", "_ntp._udp" },
    { "_red._sub._http._tcp", "|", "_red._sub._http._tcp" },
    { "http", "disco.name=billing.invoices|", "http" },
    { "billing.invoices", "disco.name=billing.invoices|", "billing.invoices" },
    { "billing.invoices", "disco.name=Billing.Invoices|", NULL },
    { "billing.invoices", "disco.name=billing.orders|", NULL },
    { "billing.invoices", "disco.name=http|", NULL },
    { "billing.invoices", "|", NULL },
    { "x", "disco.name=x|", "x" },
    { "disco", "disco.name=billing.invoices|", "billing.invoices" },
    { "_disco._tcp", "disco.name=x|", "x" },
    { "disco", "|", "disco" },
    { "disco", "disco.name=http|", "disco" },
    { "disco", "disco.name=\\377|", "disco" },
    { "_red._sub._disco._tcp", "disco.name=x|", "_red._sub._disco._tcp" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      DiscoRecords records = usual_records ();
      g_autoptr (GBytes) txt = test_txt_new (rows[i].txt);
      g_autoptr (DiscoInstance) instance = NULL;
      const char *name;

      records.txt = txt;
      instance = make_instance (&records, rows[i].service, NULL);
      name = instance != NULL ? disco_instance_get_name (instance) : NULL;
      if (g_strcmp0 (name, rows[i].name) != 0)
        fail_msg ("%s with %s: %s", rows[i].service, rows[i].txt, name);
    }
}

static void
malformed_pieces_are_counted_even_of_another_service_s_instance (void **state)
{
  DiscoRecords records = usual_records ();
  g_autoptr (GBytes) txt = test_txt_new ("disco.name=o.p|disco.tags=,|\\001=x|");
  guint malformed = 1;

  records.txt = txt;
  assert_null (make_instance (&records, "n.m", &malformed));
  assert_int_equal (malformed, 4);
}

static void
texts_that_are_not_utf8_show_the_replacement_character (void **state)
{
  static const char *const interfaces[] = { "eth\xff", NULL };
  static const char *const addresses[] = { "fe80::1%eth\xff", NULL };
  DiscoRecords records = usual_records ();
  g_autoptr (DiscoInstance) instance = NULL;

  records.label = "caf\xe9 \x1b";
  records.hostname = "caf\xe9.local";
  records.domain = "l\xff";
  records.type = "_i\xff._tcp";
  records.interfaces = interfaces;
  records.addresses = addresses;
  instance = make_instance (&records, "ipp", NULL);
  assert_string_equal (disco_instance_get_label (instance), "caf\xef\xbf\xbd \x1b");
  assert_string_equal (disco_instance_get_hostname (instance), "caf\xef\xbf\xbd.local");
  assert_string_equal (disco_instance_get_domain (instance), "l\xef\xbf\xbd");
  assert_string_equal (disco_instance_get_service_type (instance), "_i\xef\xbf\xbd._tcp");
  assert_string_equal (disco_instance_get_interfaces (instance)[0], "eth\xef\xbf\xbd");
  assert_string_equal (disco_instance_get_addresses (instance)[0], "fe80::1%eth\xef\xbf\xbd");
  /* The id keeps the bytes, so that two such labels stay apart. */
  assert_string_equal (disco_instance_get_id (instance), "caf\\233\\032\\027._i\\255._tcp.l\\255");
}

static void
any_txt_gives_an_instance_of_valid_texts (void **state)
{
  g_autoptr (GRand) rand = test_rand_new ();

  for (int round = 0; round < 20000; round++)
    {
      DiscoRecords records = usual_records ();
      g_autoptr (GBytes) txt = NULL;
      g_autoptr (DiscoInstance) instance = NULL;
      g_autofree char *address = NULL;
      guint8 data[64];
      char label[16] = "";
      gsize size = (gsize)g_rand_int_range (rand, 0, sizeof data);

      for (gsize i = 0; i < size; i++)
        data[i] = (guint8)g_rand_int_range (rand, 0, i % 5 == 0 ? 8 : 256);
      for (gsize i = 0; i + 1 < sizeof label; i++)
        label[i] = (char)g_rand_int_range (rand, 0, 256);
      txt = g_bytes_new (data, size);
      records.txt = txt;
      records.label = label;
      instance = make_instance (&records, "ipp", NULL);
      assert_true (g_utf8_validate (disco_instance_get_label (instance), -1, NULL));
      assert_true (g_utf8_validate (disco_instance_get_id (instance), -1, NULL));
      address = disco_instance_dup_address (instance);
      assert_string_equal (address, "printer.local:631");
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (instance_shows_what_the_records_say),
    cmocka_unit_test (instance_without_txt_has_its_full_name_for_an_id),
    cmocka_unit_test (id_is_disco_id_only_if_that_is_valid),
    cmocka_unit_test (name_is_the_service_s_or_for_generic_ones_that_of_disco_name),
    cmocka_unit_test (malformed_pieces_are_counted_even_of_another_service_s_instance),
    cmocka_unit_test (texts_that_are_not_utf8_show_the_replacement_character),
    cmocka_unit_test (any_txt_gives_an_instance_of_valid_texts),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
