/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* update */
#include "contract.h"

static void
update_changes_tags_attributes_and_port_in_one_update (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoService) service = contract_service (self, NULL);
  g_autoptr (DiscoWatcher) watcher = disco_service_watch (service);
  g_autoptr (DiscoRegistration) registration = contract_registration (self->name, NULL, 2, "new");
  g_autoptr (GBytes) value = g_bytes_new_static ("v", 1);
  g_autoptr (GPtrArray) events = NULL;
  g_autoptr (GError) error = NULL;
  TestReader reader;
  DiscoInstance *known;
  gboolean present;

  test_reader_init (&reader);
  contract_register (self, "one", 1, "old");
  contract_read_until (watcher, &reader, "one", 1);
  disco_registration_set_attribute (registration, "key", value);
  assert_true (disco_agent_update (self->agent, "one", registration, NULL, &error));
  assert_null (error);
  do
    {
      g_clear_pointer (&events, g_ptr_array_unref);
      events = contract_next (watcher);
      assert_int_equal (events->len, 1);
      assert_int_equal (disco_event_get_operation (events->pdata[0]), DISCO_OPERATION_UPDATE);
      test_reader_replay (&reader, events);
      known = test_reader_get (&reader, "one");
      disco_instance_get_attribute (known, "key", &present);
    }
  /* On a network SRV and TXT may come one after the other. */
  while (contract_world->is_network && (disco_instance_get_port (known) != 2 || !present));
  assert_int_equal (disco_instance_get_port (known), 2);
  assert_true (present);
  assert_string_equal (disco_instance_get_tags (known)[0], "new");
  assert_null (disco_instance_get_tags (known)[1]);
  test_reader_clear (&reader);
}

static void
update_of_an_unknown_id_is_not_found (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoRegistration) registration = contract_registration (self->name, NULL, 2, "");
  g_autoptr (GError) error = NULL;

  assert_false (disco_agent_update (self->agent, "nobody", registration, NULL, &error));
  test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_NOT_FOUND, "nobody");
}

static void
assert_update_refused (Contract *self, DiscoRegistration *registration, const char *part)
{
  g_autoptr (GError) error = NULL;

  assert_false (disco_agent_update (self->agent, "one", registration, NULL, &error));
  test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_INVALID_ARGUMENT, part);
}

static void
update_cannot_change_name_label_or_addr (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoService) service = contract_service (self, NULL);
  g_autoptr (DiscoRegistration) name = contract_registration (self->generic, NULL, 2, "");
  g_autoptr (DiscoRegistration) label = contract_registration (self->name, NULL, 2, "");
  g_autoptr (DiscoRegistration) addr = contract_registration (self->name, NULL, 2, "");
  g_autoptr (DiscoInstance) before = NULL;
  g_autoptr (DiscoInstance) after = NULL;

  contract_register (self, "one", 1, "");
  before = contract_wait_for (service, "one", 1);
  disco_registration_set_label (label, "another label");
  disco_registration_set_addr (addr, "192.0.2.99");
  assert_update_refused (self, name, self->generic);
  assert_update_refused (self, label, "another label");
  assert_update_refused (self, addr, "192.0.2.99");
  after = contract_wait_for (service, "one", 1);
  assert_true (disco_instance_equal (before, after));
}

static void
update_may_repeat_the_label_and_addr_that_were_asked_for (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoService) service = contract_service (self, NULL);
  g_autoptr (DiscoRegistration) registration = contract_registration (self->name, "one", 1, "");
  g_autoptr (DiscoRegistration) updated = contract_registration (self->name, "other", 2, "");
  g_autoptr (DiscoInstance) instance = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *id = NULL;

  disco_registration_set_label (registration, "A label");
  disco_registration_set_addr (registration, "192.0.2.7");
  disco_registration_set_label (updated, "A label");
  disco_registration_set_addr (updated, "192.0.2.7");
  id = disco_agent_register (self->agent, registration, NULL, NULL);
  assert_string_equal (id, "one");
  assert_true (disco_agent_update (self->agent, "one", updated, NULL, &error));
  assert_null (error);
  instance = contract_wait_for (service, "one", 2);
  assert_string_equal (disco_instance_get_label (instance), "A label");
  assert_string_equal (disco_instance_get_host (instance), "192.0.2.7");
}

static void
update_of_a_renamed_registration_keeps_its_new_label (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoService) service = contract_service (self, NULL);
  g_autoptr (DiscoInstance) instance = NULL;

  contract_register_with_label (self, "one", "Printer");
  contract_register_with_label (self, "two", "Printer");
  contract_update (self, "two", 2, "");
  instance = contract_wait_for (service, "two", 2);
  assert_string_equal (disco_instance_get_label (instance), "Printer #2");
}

int
contract_run_updates (void)
{
  const struct CMUnitTest tests[] = {
    contract_test (update_changes_tags_attributes_and_port_in_one_update),
    contract_test (update_of_an_unknown_id_is_not_found),
    contract_test (update_cannot_change_name_label_or_addr),
    contract_test (update_may_repeat_the_label_and_addr_that_were_asked_for),
    contract_test (update_of_a_renamed_registration_keeps_its_new_label),
  };
  return cmocka_run_group_tests_name ("updates", tests, NULL, NULL);
}
