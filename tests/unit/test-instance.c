/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-instance-private.h"
#include "test-support.h"

static const char *const two_tags[] = { "fast", "eu", NULL };
static const char *const other_tags[] = { "eu", "fast", NULL };
static const char *const two_addresses[] = { "192.0.2.1", "2001:db8::1", NULL };
static const char *const other_addresses[] = { "2001:db8::1", "192.0.2.1", NULL };
static const char *const two_interfaces[] = { "eth0", "wlan0", NULL };
static const char *const one_interface[] = { "eth0", NULL };

static DiscoAttributes *
make_attributes (const char *value)
{
  DiscoAttributes *attributes = disco_attributes_new ();
  g_autoptr (GBytes) bytes = g_bytes_new (value, strlen (value));

  disco_attributes_set (attributes, "path", bytes);
  disco_attributes_set (attributes, "alone", NULL);
  return attributes;
}

static DiscoInstanceFields
full_fields (DiscoAttributes *attributes)
{
  return (DiscoInstanceFields){
    .id = "one",
    .name = "http",
    .label = "Web \"one\"",
    .type = "_http._tcp",
    .domain = "local",
    .hostname = "host.local",
    .port = 8080,
    .tags = two_tags,
    .addresses = two_addresses,
    .interfaces = two_interfaces,
    .attributes = attributes,
    .local = TRUE,
  };
}

static void
assert_strv (const char *const *actual, const char *const *expected)
{
  assert_non_null (actual);
  assert_true (g_strv_equal (actual, expected));
}

static void
assert_is_full (DiscoInstance *instance, const char *id)
{
  assert_string_equal (disco_instance_get_id (instance), id);
  assert_string_equal (disco_instance_get_name (instance), "http");
  assert_string_equal (disco_instance_get_label (instance), "Web \"one\"");
  assert_string_equal (disco_instance_get_service_type (instance), "_http._tcp");
  assert_string_equal (disco_instance_get_domain (instance), "local");
  assert_string_equal (disco_instance_get_hostname (instance), "host.local");
  assert_string_equal (disco_instance_get_host (instance), "192.0.2.1");
  assert_int_equal (disco_instance_get_port (instance), 8080);
  assert_strv (disco_instance_get_tags (instance), two_tags);
  assert_strv (disco_instance_get_addresses (instance), two_addresses);
  assert_strv (disco_instance_get_interfaces (instance), two_interfaces);
  assert_true (disco_instance_get_local (instance));
  assert_int_equal (disco_instance_get_hash (instance), g_str_hash (id));
}

static void
an_instance_is_what_it_was_made_of (void **state)
{
  g_autoptr (DiscoAttributes) attributes = make_attributes ("/");
  const DiscoInstanceFields fields = full_fields (attributes);
  g_autoptr (DiscoInstance) instance = disco_instance_new (&fields);

  assert_is_full (instance, "one");
  assert_ptr_equal (disco_instance_peek_attributes (instance), attributes);
}

static void
an_instance_copies_what_it_was_made_of (void **state)
{
  char id[] = "one";
  char tag[] = "fast";
  const char *tags[] = { tag, NULL };
  const DiscoInstanceFields fields = { .id = id, .tags = tags };
  g_autoptr (DiscoInstance) instance = disco_instance_new (&fields);

  id[0] = tag[0] = 'X';
  tags[0] = NULL;
  assert_string_equal (disco_instance_get_id (instance), "one");
  assert_string_equal (disco_instance_get_tags (instance)[0], "fast");
}

static void
assert_is_empty (DiscoInstance *instance)
{
  g_auto (GStrv) keys = disco_instance_get_attribute_keys (instance);

  assert_string_equal (disco_instance_get_id (instance), "");
  assert_string_equal (disco_instance_get_name (instance), "");
  assert_string_equal (disco_instance_get_label (instance), "");
  assert_string_equal (disco_instance_get_service_type (instance), "");
  assert_string_equal (disco_instance_get_domain (instance), "");
  assert_string_equal (disco_instance_get_hostname (instance), "");
  assert_string_equal (disco_instance_get_host (instance), "");
  assert_int_equal (disco_instance_get_port (instance), 0);
  assert_null (disco_instance_get_tags (instance)[0]);
  assert_null (disco_instance_get_addresses (instance)[0]);
  assert_null (disco_instance_get_interfaces (instance)[0]);
  assert_false (disco_instance_get_local (instance));
  assert_int_equal (disco_attributes_get_size (disco_instance_peek_attributes (instance)), 0);
  assert_null (keys[0]);
}

static void
what_is_not_given_is_empty (void **state)
{
  const DiscoInstanceFields fields = { 0 };
  g_autoptr (DiscoInstance) instance = disco_instance_new (&fields);
  g_autoptr (DiscoInstance) bare = g_object_new (DISCO_TYPE_INSTANCE, NULL);

  assert_is_empty (instance);
  assert_is_empty (bare);
  assert_true (disco_instance_equal (instance, bare));
}

static void
new_with_id_changes_nothing_but_the_id (void **state)
{
  g_autoptr (DiscoAttributes) attributes = make_attributes ("/");
  const DiscoInstanceFields fields = full_fields (attributes);
  g_autoptr (DiscoInstance) first = disco_instance_new (&fields);
  g_autoptr (DiscoInstance) instance = disco_instance_new_with_id (first, "two");

  g_clear_object (&first);
  assert_is_full (instance, "two");
  assert_ptr_equal (disco_instance_peek_attributes (instance), attributes);
}

static void
host_is_the_first_address_or_else_the_hostname (void **state)
{
  static const char *const v6[] = { "fe80::1%eth0", "192.0.2.1", NULL };
  static const struct
  {
    const char *const *addresses;
    const char *hostname;
    const char *host;
    const char *address;
  } rows[] = {
    { two_addresses, "h.local", "192.0.2.1", "192.0.2.1:80" },
    { other_addresses, "h.local", "2001:db8::1", "[2001:db8::1]:80" },
    { v6, "h.local", "fe80::1%eth0", "[fe80::1%eth0]:80" },
    { NULL, "h.local", "h.local", "h.local:80" },
    { NULL, NULL, "", ":80" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const DiscoInstanceFields fields
          = { .hostname = rows[i].hostname, .addresses = rows[i].addresses, .port = 80 };
      g_autoptr (DiscoInstance) instance = disco_instance_new (&fields);
      g_autofree char *address = disco_instance_dup_address (instance);

      assert_string_equal (disco_instance_get_host (instance), rows[i].host);
      assert_string_equal (address, rows[i].address);
    }
}

static void
attributes_are_found_in_any_case (void **state)
{
  g_autoptr (DiscoAttributes) attributes = make_attributes ("/index");
  const DiscoInstanceFields fields = full_fields (attributes);
  g_autoptr (DiscoInstance) instance = disco_instance_new (&fields);
  g_auto (GStrv) keys = disco_instance_get_attribute_keys (instance);
  gboolean present = FALSE;
  GBytes *value = disco_instance_get_attribute (instance, "PATH", &present);

  assert_true (present);
  assert_int_equal (g_bytes_get_size (value), 6);
  assert_memory_equal (g_bytes_get_data (value, NULL), "/index", 6);
  assert_ptr_equal (disco_instance_get_attribute (instance, "path", NULL), value);

  present = FALSE;
  assert_null (disco_instance_get_attribute (instance, "alone", &present));
  assert_true (present);
  assert_null (disco_instance_get_attribute (instance, "absent", &present));
  assert_false (present);
  assert_strv ((const char *const *)keys, (const char *const[]){ "path", "alone", NULL });
}

static void
has_tags_wants_every_one (void **state)
{
  const struct
  {
    const char *const *tags;
    gboolean has;
  } rows[] = {
    { NULL, TRUE },
    { (const char *const[]){ NULL }, TRUE },
    { (const char *const[]){ "eu", NULL }, TRUE },
    { (const char *const[]){ "eu", "fast", NULL }, TRUE },
    { (const char *const[]){ "eu", "slow", NULL }, FALSE },
    { (const char *const[]){ "EU", NULL }, FALSE },
    { (const char *const[]){ "", NULL }, FALSE },
  };
  const DiscoInstanceFields fields = full_fields (NULL);
  g_autoptr (DiscoInstance) instance = disco_instance_new (&fields);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (disco_instance_has_tags (instance, rows[i].tags) != rows[i].has)
      fail_msg ("row %u should be %s", i, rows[i].has ? "TRUE" : "FALSE");
}

static void
equality_covers_every_property_and_the_order_within_it (void **state)
{
  g_autoptr (DiscoAttributes) attributes = make_attributes ("/");
  g_autoptr (DiscoAttributes) same_attributes = make_attributes ("/");
  g_autoptr (DiscoAttributes) other_attributes = make_attributes ("/other");
  const DiscoInstanceFields fields = full_fields (attributes);
  g_autoptr (DiscoInstance) instance = disco_instance_new (&fields);
  DiscoInstanceFields rows[13];
  DiscoInstanceFields same = full_fields (same_attributes);
  g_autoptr (DiscoInstance) twin = disco_instance_new (&same);

  assert_true (disco_instance_equal (instance, instance));
  assert_true (disco_instance_equal (instance, twin));
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    rows[i] = fields;
  rows[0].id = "two";
  rows[1].name = "https";
  rows[2].label = "web";
  rows[3].type = "_https._tcp";
  rows[4].domain = "example.org";
  rows[5].hostname = "other.local";
  rows[6].port = 8081;
  rows[7].tags = other_tags;
  rows[8].addresses = other_addresses;
  rows[9].interfaces = one_interface;
  rows[10].attributes = other_attributes;
  rows[11].attributes = NULL;
  rows[12].local = FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (DiscoInstance) other = disco_instance_new (&rows[i]);

      if (disco_instance_equal (instance, other) || disco_instance_equal (other, instance))
        fail_msg ("row %u should make a difference", i);
    }
}

static void
any_true_counts_as_local (void **state)
{
  const DiscoInstanceFields a_fields = { .local = 2 }, b_fields = { .local = TRUE };
  g_autoptr (DiscoInstance) a = disco_instance_new (&a_fields);
  g_autoptr (DiscoInstance) b = disco_instance_new (&b_fields);

  assert_int_equal (disco_instance_get_local (a), TRUE);
  assert_true (disco_instance_equal (a, b));
}

static void
properties_show_what_the_getters_show (void **state)
{
  const DiscoInstanceFields fields = full_fields (NULL);
  g_autoptr (DiscoInstance) instance = disco_instance_new (&fields);
  g_autofree char *id = NULL, *name = NULL, *label = NULL, *type = NULL, *domain = NULL;
  g_autofree char *hostname = NULL, *host = NULL;
  g_auto (GStrv) tags = NULL, addresses = NULL, interfaces = NULL;
  guint port;
  gboolean local;

  g_object_get (instance, "id", &id, "name", &name, "label", &label, "type", &type, "domain",
                &domain, "hostname", &hostname, "host", &host, "port", &port, "tags", &tags,
                "addresses", &addresses, "interfaces", &interfaces, "local", &local, NULL);
  assert_string_equal (id, "one");
  assert_string_equal (name, "http");
  assert_string_equal (label, "Web \"one\"");
  assert_string_equal (type, "_http._tcp");
  assert_string_equal (domain, "local");
  assert_string_equal (hostname, "host.local");
  assert_string_equal (host, "192.0.2.1");
  assert_int_equal (port, 8080);
  assert_strv ((const char *const *)tags, two_tags);
  assert_strv ((const char *const *)addresses, two_addresses);
  assert_strv ((const char *const *)interfaces, two_interfaces);
  assert_true (local);
}

static void
no_property_can_be_written (void **state)
{
  g_autoptr (GTypeClass) klass = g_type_class_ref (DISCO_TYPE_INSTANCE);
  g_autofree GParamSpec **props = NULL;
  guint n;

  props = g_object_class_list_properties (G_OBJECT_CLASS (klass), &n);
  assert_int_equal (n, 12);
  for (guint i = 0; i < n; i++)
    if ((props[i]->flags & G_PARAM_WRITABLE) != 0)
      fail_msg ("%s can be written", props[i]->name);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (an_instance_is_what_it_was_made_of),
    cmocka_unit_test (an_instance_copies_what_it_was_made_of),
    cmocka_unit_test (what_is_not_given_is_empty),
    cmocka_unit_test (new_with_id_changes_nothing_but_the_id),
    cmocka_unit_test (host_is_the_first_address_or_else_the_hostname),
    cmocka_unit_test (attributes_are_found_in_any_case),
    cmocka_unit_test (has_tags_wants_every_one),
    cmocka_unit_test (equality_covers_every_property_and_the_order_within_it),
    cmocka_unit_test (any_true_counts_as_local),
    cmocka_unit_test (properties_show_what_the_getters_show),
    cmocka_unit_test (no_property_can_be_written),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
