/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-registration-private.h"
#include "test-support.h"

static void
set_text_attribute (DiscoRegistration *registration, const char *key, const char *value)
{
  g_autoptr (GBytes) bytes = value != NULL ? g_bytes_new (value, strlen (value)) : NULL;

  disco_registration_set_attribute (registration, key, bytes);
}

static void
a_new_registration_has_a_name_and_a_port_and_nothing_else (void **state)
{
  g_autoptr (DiscoRegistration) registration = disco_registration_new ("http", 8080);
  g_auto (GStrv) keys = disco_registration_get_attribute_keys (registration);

  assert_string_equal (disco_registration_get_name (registration), "http");
  assert_int_equal (disco_registration_get_port (registration), 8080);
  assert_null (disco_registration_get_id (registration));
  assert_null (disco_registration_get_label (registration));
  assert_null (disco_registration_get_addr (registration));
  assert_null (disco_registration_get_tags (registration)[0]);
  assert_null (keys[0]);
}

static void
setters_take_any_bytes_and_null (void **state)
{
  static const char *const tags[] = { "a", "\xff", "", "a", NULL };
  g_autoptr (DiscoRegistration) registration = disco_registration_new ("\xff\x01", 65535);

  disco_registration_set_id (registration, "\xfe");
  disco_registration_set_label (registration, "\x1b[31m");
  disco_registration_set_addr (registration, "not an address");
  disco_registration_set_tags (registration, tags);
  assert_string_equal (disco_registration_get_name (registration), "\xff\x01");
  assert_int_equal (disco_registration_get_port (registration), 65535);
  assert_string_equal (disco_registration_get_id (registration), "\xfe");
  assert_string_equal (disco_registration_get_label (registration), "\x1b[31m");
  assert_string_equal (disco_registration_get_addr (registration), "not an address");
  assert_true (g_strv_equal (disco_registration_get_tags (registration), tags));

  disco_registration_set_id (registration, NULL);
  disco_registration_set_label (registration, NULL);
  disco_registration_set_addr (registration, NULL);
  disco_registration_set_tags (registration, NULL);
  assert_null (disco_registration_get_id (registration));
  assert_null (disco_registration_get_label (registration));
  assert_null (disco_registration_get_addr (registration));
  assert_null (disco_registration_get_tags (registration)[0]);
}

static void
a_setter_may_be_given_what_the_getter_returned (void **state)
{
  static const char *const tags[] = { "a", "b", NULL };
  g_autoptr (DiscoRegistration) registration = disco_registration_new ("http", 1);

  disco_registration_set_label (registration, "label");
  disco_registration_set_label (registration, disco_registration_get_label (registration));
  assert_string_equal (disco_registration_get_label (registration), "label");
  disco_registration_set_label (registration, disco_registration_get_label (registration) + 2);
  assert_string_equal (disco_registration_get_label (registration), "bel");
  disco_registration_set_tags (registration, tags);
  disco_registration_set_tags (registration, disco_registration_get_tags (registration) + 1);
  assert_true (g_strv_equal (disco_registration_get_tags (registration), tags + 1));
}

static void
set_attribute_replaces_the_very_same_key_at_its_place (void **state)
{
  g_autoptr (DiscoRegistration) registration = disco_registration_new ("http", 1);
  g_auto (GStrv) keys = NULL;
  gboolean present = FALSE;
  GBytes *value;

  set_text_attribute (registration, "path", "/");
  set_text_attribute (registration, "alone", NULL);
  set_text_attribute (registration, "path", "/new");
  keys = disco_registration_get_attribute_keys (registration);
  assert_true (
      g_strv_equal ((const char *const *)keys, (const char *const[]){ "path", "alone", NULL }));
  value = disco_registration_get_attribute (registration, "Path", &present);
  assert_true (present);
  assert_int_equal (g_bytes_get_size (value), 4);
  assert_memory_equal (g_bytes_get_data (value, NULL), "/new", 4);
  assert_null (disco_registration_get_attribute (registration, "alone", &present));
  assert_true (present);
  assert_null (disco_registration_get_attribute (registration, "absent", &present));
  assert_false (present);
  assert_null (disco_registration_get_attribute (registration, "absent", NULL));
  assert_int_equal (disco_attributes_get_size (disco_registration_peek_attributes (registration)),
                    2);
}

static void
count_notify (GObject *object, GParamSpec *pspec, gpointer user_data)
{
  GHashTable *counts = user_data;
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (counts, pspec->name));

  g_hash_table_insert (counts, (gpointer)pspec->name, GUINT_TO_POINTER (n + 1));
}

static void
notify_comes_once_a_change_and_only_for_a_change (void **state)
{
  static const char *const tags[] = { "a", NULL };
  static const char *const names[] = { "id", "label", "addr", "tags" };
  g_autoptr (GHashTable) counts = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (DiscoRegistration) registration = disco_registration_new ("http", 1);

  g_signal_connect (registration, "notify", G_CALLBACK (count_notify), counts);
  for (guint i = 0; i < 2; i++)
    {
      disco_registration_set_id (registration, "x");
      disco_registration_set_label (registration, "x");
      disco_registration_set_addr (registration, "x");
      disco_registration_set_tags (registration, tags);
    }
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    assert_int_equal (GPOINTER_TO_UINT (g_hash_table_lookup (counts, names[i])), 1);
}

static void
properties_are_the_same_as_the_accessors (void **state)
{
  static const char *const given[] = { "a", "b", NULL };
  g_autoptr (DiscoRegistration) registration
      = g_object_new (DISCO_TYPE_REGISTRATION, "name", "http", "port", 80, "id", "one", "label",
                      "One", "addr", "192.0.2.1", "tags", given, NULL);
  g_autofree char *name = NULL, *id = NULL, *label = NULL, *addr = NULL;
  g_auto (GStrv) tags = NULL;
  guint port;

  assert_string_equal (disco_registration_get_id (registration), "one");
  g_object_get (registration, "name", &name, "port", &port, "id", &id, "label", &label, "addr",
                &addr, "tags", &tags, NULL);
  assert_string_equal (name, "http");
  assert_int_equal (port, 80);
  assert_string_equal (id, "one");
  assert_string_equal (label, "One");
  assert_string_equal (addr, "192.0.2.1");
  assert_true (g_strv_equal ((const char *const *)tags, given));
}

static void
a_registration_made_without_a_name_has_an_empty_one (void **state)
{
  g_autoptr (DiscoRegistration) registration = g_object_new (DISCO_TYPE_REGISTRATION, NULL);

  assert_string_equal (disco_registration_get_name (registration), "");
}

static guint n_criticals;

static GLogWriterOutput
count_criticals (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  if ((level & G_LOG_LEVEL_CRITICAL) == 0)
    return g_log_writer_default (level, fields, n_fields, data);
  n_criticals++;
  return G_LOG_WRITER_HANDLED;
}

static void
a_setter_after_freeze_is_a_mistake_and_changes_nothing (void **state)
{
  static const char *const tags[] = { "a", NULL };
  g_autoptr (DiscoRegistration) registration = disco_registration_new ("http", 1);

  disco_registration_set_id (registration, "before");
  disco_registration_freeze (registration);
  disco_registration_freeze (registration);
  g_log_set_always_fatal (G_LOG_LEVEL_ERROR);
  g_log_set_writer_func (count_criticals, NULL, NULL);
  disco_registration_set_id (registration, "after");
  disco_registration_set_label (registration, "after");
  disco_registration_set_addr (registration, "after");
  disco_registration_set_tags (registration, tags);
  set_text_attribute (registration, "after", "x");
  assert_int_equal (n_criticals, 5);
  assert_string_equal (disco_registration_get_id (registration), "before");
  assert_null (disco_registration_get_label (registration));
  assert_null (disco_registration_get_addr (registration));
  assert_null (disco_registration_get_tags (registration)[0]);
  assert_int_equal (disco_attributes_get_size (disco_registration_peek_attributes (registration)),
                    0);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (a_new_registration_has_a_name_and_a_port_and_nothing_else),
    cmocka_unit_test (setters_take_any_bytes_and_null),
    cmocka_unit_test (a_setter_may_be_given_what_the_getter_returned),
    cmocka_unit_test (set_attribute_replaces_the_very_same_key_at_its_place),
    cmocka_unit_test (notify_comes_once_a_change_and_only_for_a_change),
    cmocka_unit_test (properties_are_the_same_as_the_accessors),
    cmocka_unit_test (a_registration_made_without_a_name_has_an_empty_one),
    /* last: it takes the log over */
    cmocka_unit_test (a_setter_after_freeze_is_a_mistake_and_changes_nothing),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
