/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Service names, service types, labels that are cut, subtypes, tags */
#include "contract.h"

#include <string.h>

static DiscoService *
open_synced (Contract *self, const char *name)
{
  g_autoptr (GError) error = NULL;
  DiscoService *service = disco_agent_service (self->agent, name, NULL, NULL, &error);

  if (service == NULL)
    fail_msg ("opening %s: %s", name, error->message);
  return service;
}

static void
register_as (Contract *self, const char *name, const char *id, const char *tags)
{
  g_autoptr (DiscoRegistration) registration = contract_registration (name, id, 1, tags);
  g_autoptr (GError) error = NULL;
  g_autofree char *got = disco_agent_register (self->agent, registration, NULL, &error);

  if (got == NULL)
    fail_msg ("registering %s: %s", name, error->message);
}

static void
name_and_its_type_are_one_service_in_any_case (void **state)
{
  Contract *self = *state;
  g_autofree char *upper = g_ascii_strup (self->name, -1);
  g_autofree char *upper_type = g_ascii_strup (self->type, -1);
  g_autoptr (DiscoService) by_name = open_synced (self, upper);
  g_autoptr (DiscoService) by_type = open_synced (self, upper_type);

  assert_string_equal (disco_service_get_name (by_name), self->name);
  assert_string_equal (disco_service_get_name (by_type), self->name);
  assert_string_equal (disco_service_get_service_type (by_name), self->type);
  assert_string_equal (disco_service_get_service_type (by_type), self->type);
  register_as (self, upper_type, "one", "");
  contract_wait_for_size (by_name, 1);
  contract_wait_for_size (by_type, 1);
}

static void
udp_and_tcp_are_two_services (void **state)
{
  Contract *self = *state;
  g_autofree char *udp = g_strdup_printf ("_%s._udp", self->name);
  g_autoptr (DiscoService) service = open_synced (self, udp);
  g_autoptr (DiscoInstance) instance = NULL;
  g_autoptr (GPtrArray) instances = NULL;

  assert_string_equal (disco_service_get_name (service), udp);
  register_as (self, udp, "u", "");
  contract_register (self, "t", 2, "");
  instance = contract_wait_for (service, "u", 1);
  assert_string_equal (disco_instance_get_name (instance), udp);
  assert_string_equal (disco_instance_get_service_type (instance), udp);
  instances = disco_service_get_instances (service);
  assert_int_equal (instances->len, 1);
}

static void
any_text_is_a_generic_service (void **state)
{
  Contract *self = *state;
  g_autofree char *other = g_strconcat (self->generic, "!", NULL);
  g_autoptr (DiscoService) service = open_synced (self, self->generic);
  g_autoptr (DiscoInstance) instance = NULL;
  g_autoptr (GPtrArray) instances = NULL;

  assert_string_equal (disco_service_get_name (service), self->generic);
  assert_string_equal (disco_service_get_service_type (service), "_disco._tcp");
  register_as (self, self->generic, "mine", "");
  register_as (self, other, "other", "");
  instance = contract_wait_for (service, "mine", 1);
  assert_string_equal (disco_instance_get_name (instance), self->generic);
  assert_string_equal (disco_instance_get_service_type (instance), "_disco._tcp");
  instances = disco_service_get_instances (service);
  assert_int_equal (instances->len, 1);
}

static void
generic_names_differ_by_case (void **state)
{
  Contract *self = *state;
  g_autofree char *upper = g_ascii_strup (self->generic, -1);
  g_autoptr (DiscoService) service = open_synced (self, self->generic);
  g_autoptr (DiscoService) other = open_synced (self, upper);
  g_autoptr (DiscoInstance) instance = NULL;
  g_autoptr (GPtrArray) instances = NULL;

  register_as (self, upper, "upper", "");
  register_as (self, self->generic, "lower", "");
  g_object_unref (contract_wait_for (other, "upper", 1));
  instance = contract_wait_for (service, "lower", 1);
  instances = disco_service_get_instances (service);
  assert_int_equal (instances->len, 1);
}

static void
long_generic_names_are_found_too (void **state)
{
  Contract *self = *state;
  g_autofree char *tail = g_strnfill (200 - strlen (self->generic), 'x');
  g_autofree char *name = g_strconcat (self->generic, tail, NULL);
  g_autoptr (DiscoService) service = open_synced (self, name);
  g_autoptr (DiscoInstance) instance = NULL;

  register_as (self, name, "one", "");
  instance = contract_wait_for (service, "one", 1);
  assert_string_equal (disco_instance_get_name (instance), name);
}

static void
disco_shows_all_generic_instances_with_their_own_names (void **state)
{
  Contract *self = *state;
  g_autofree char *other = g_strconcat (self->generic, "!", NULL);
  g_autofree char *first_id = g_strconcat ("first of ", self->name, NULL);
  g_autofree char *second_id = g_strconcat ("second of ", self->name, NULL);
  g_autoptr (DiscoService) service = open_synced (self, "disco");
  g_autoptr (DiscoInstance) first = NULL;
  g_autoptr (DiscoInstance) second = NULL;

  assert_string_equal (disco_service_get_service_type (service), "_disco._tcp");
  register_as (self, self->generic, first_id, "");
  register_as (self, other, second_id, "");
  first = contract_wait_for (service, first_id, 1);
  second = contract_wait_for (service, second_id, 1);
  assert_string_equal (disco_instance_get_name (first), self->generic);
  assert_string_equal (disco_instance_get_name (second), other);
}

static void
subtype_of_a_tag_can_be_browsed (void **state)
{
  Contract *self = *state;
  g_autofree char *subtype = g_strdup_printf ("_colour._sub.%s", self->type);
  g_autoptr (DiscoService) service = open_synced (self, subtype);
  g_autoptr (DiscoInstance) instance = NULL;
  g_autoptr (GPtrArray) instances = NULL;

  assert_string_equal (disco_service_get_name (service), subtype);
  assert_string_equal (disco_service_get_service_type (service), self->type);
  register_as (self, self->name, "with", "Colour");
  register_as (self, self->name, "without", "");
  instance = contract_wait_for (service, "with", 1);
  assert_string_equal (disco_instance_get_name (instance), subtype);
  instances = disco_service_get_instances (service);
  assert_int_equal (instances->len, 1);
}

static void
update_of_the_tags_is_seen_in_their_subtypes (void **state)
{
  Contract *self = *state;
  g_autofree char *red = g_strdup_printf ("_red._sub.%s", self->type);
  g_autofree char *blue = g_strdup_printf ("_blue._sub.%s", self->type);
  g_autoptr (DiscoService) in_red = open_synced (self, red);
  g_autoptr (DiscoService) in_blue = open_synced (self, blue);

  contract_register (self, "one", 1, "red");
  contract_wait_for_size (in_red, 1);
  contract_update (self, "one", 1, "blue");
  contract_wait_for_size (in_red, 0);
  contract_wait_for_size (in_blue, 1);
}

static void
service_shows_instances_with_all_of_its_tags (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoService) all = contract_service (self, NULL);
  g_autoptr (DiscoService) both = contract_service (self, "a b");
  g_autoptr (DiscoInstance) instance = NULL;
  g_autoptr (GPtrArray) instances = NULL;

  contract_register (self, "none", 1, "");
  contract_register (self, "a", 2, "a");
  contract_register (self, "ab", 3, "b c a");
  contract_wait_for_size (all, 3);
  instance = contract_wait_for (both, "ab", 3);
  instances = disco_service_get_instances (both);
  assert_int_equal (instances->len, 1);
  assert_string_equal (disco_service_get_tags (both)[0], "a");
  assert_string_equal (disco_service_get_tags (both)[1], "b");
  assert_null (disco_service_get_tags (all)[0]);
}

static void
update_that_enters_or_leaves_the_tags_is_an_add_or_a_remove (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoService) service = contract_service (self, "on");
  g_autoptr (DiscoWatcher) watcher = disco_service_watch (service);
  TestReader reader;

  test_reader_init (&reader);
  contract_register (self, "one", 1, "");
  contract_update (self, "one", 1, "on");
  contract_read_until_size (watcher, &reader, 1);
  contract_update (self, "one", 1, "off");
  contract_read_until_size (watcher, &reader, 0);
  test_reader_clear (&reader);
}

static void
tags_are_any_text (void **state)
{
  Contract *self = *state;
  const char *tags[] = { "a,b=c%d", "ein schönes Etikett", "x", NULL };
  g_autoptr (DiscoRegistration) registration = contract_registration (self->name, "one", 1, "");
  g_autoptr (DiscoService) service = NULL;
  g_autoptr (DiscoInstance) instance = NULL;
  g_autofree char *id = NULL;

  disco_registration_set_tags (registration, tags);
  id = disco_agent_register (self->agent, registration, NULL, NULL);
  assert_non_null (id);
  service = disco_agent_service (self->agent, self->name, tags, NULL, NULL);
  instance = contract_wait_for (service, "one", 1);
  assert_true (g_strv_equal (disco_instance_get_tags (instance), tags));
}

static void
note_label (DiscoAgent *agent, const char *id, const char *label, gpointer user_data)
{
  g_string_append_printf (user_data, "%s is %s. ", id, label);
}

static void
label_that_is_too_long_is_cut_at_a_character_and_told_first (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoRegistration) registration = contract_registration (self->name, "one", 1, "");
  g_autoptr (GString) told = g_string_new (NULL);
  g_autofree char *cut = g_strnfill (62, 'x');
  g_autofree char *label = g_strconcat (cut, "\303\274", NULL);
  g_autofree char *expected = g_strdup_printf ("one is %s. ", cut);
  g_autofree char *id = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (DiscoService) service = NULL;
  g_autoptr (DiscoInstance) instance = NULL;
  TestResult registered = { NULL };

  g_signal_connect (self->agent, "renamed", G_CALLBACK (note_label), told);
  contract_register (self, "short", 2, "");
  disco_registration_set_label (registration, label);
  disco_agent_register_async (self->agent, registration, NULL, test_result_callback, &registered);
  result = test_result_wait (&registered);
  assert_string_equal (told->str, expected);
  id = disco_agent_register_finish (self->agent, result, NULL);
  assert_string_equal (id, "one");
  service = contract_service (self, NULL);
  instance = contract_wait_for (service, "one", 1);
  assert_string_equal (disco_instance_get_label (instance), cut);
}

int
contract_run_names (void)
{
  const struct CMUnitTest tests[] = {
    contract_test (name_and_its_type_are_one_service_in_any_case),
    contract_test (udp_and_tcp_are_two_services),
    contract_test (any_text_is_a_generic_service),
    contract_test (generic_names_differ_by_case),
    contract_test (long_generic_names_are_found_too),
    contract_test (disco_shows_all_generic_instances_with_their_own_names),
    contract_test (subtype_of_a_tag_can_be_browsed),
    contract_test (update_of_the_tags_is_seen_in_their_subtypes),
    contract_test (service_shows_instances_with_all_of_its_tags),
    contract_test (update_that_enters_or_leaves_the_tags_is_an_add_or_a_remove),
    contract_test (tags_are_any_text),
    contract_test (label_that_is_too_long_is_cut_at_a_character_and_told_first),
  };
  return cmocka_run_group_tests_name ("names", tests, NULL, NULL);
}
