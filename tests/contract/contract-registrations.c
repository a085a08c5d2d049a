/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* register, deregister, leave */
#include "contract.h"

#include <string.h>

static void
register_returns_the_id_that_was_asked_for (void **state)
{
  contract_register (*state, "an id of mine", 1, "");
}

static void
register_makes_an_id_up_where_none_was_given (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoRegistration) registration = contract_registration (self->name, NULL, 1, "");
  g_autoptr (GError) error = NULL;
  g_autofree char *id = disco_agent_register (self->agent, registration, NULL, &error);
  g_autofree char *lower = NULL;

  assert_null (error);
  assert_true (g_uuid_string_is_valid (id));
  assert_int_equal (id[14], '4');
  lower = g_ascii_strdown (id, -1);
  assert_string_equal (id, lower);
}

static void
service_is_established_when_register_returns (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoService) service = NULL;
  g_autoptr (DiscoInstance) instance = NULL;

  contract_register (self, "one", 1234, "");
  service = contract_service (self, NULL);
  instance = contract_wait_for (service, "one", 1234);
}

static void
instance_is_what_was_registered (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoService) service = contract_service (self, NULL);
  g_autoptr (DiscoRegistration) registration
      = contract_registration (self->name, "one", 8080, "red green");
  g_autoptr (GBytes) value = g_bytes_new_static ("a\0=b", 4);
  g_autoptr (GBytes) empty = g_bytes_new_static ("", 0);
  g_autofree char *id = NULL;
  g_autofree char *label = g_strconcat ("A label: ", self->name, " (ä)", NULL);
  g_autoptr (DiscoInstance) instance = NULL;
  g_auto (GStrv) keys = NULL;
  const char *const *tags;
  GBytes *got;
  gboolean present;

  disco_registration_set_label (registration, label);
  disco_registration_set_attribute (registration, "Path", value);
  disco_registration_set_attribute (registration, "flag", NULL);
  disco_registration_set_attribute (registration, "empty", empty);
  id = disco_agent_register (self->agent, registration, NULL, NULL);
  assert_string_equal (id, "one");
  instance = contract_wait_for (service, "one", 8080);

  assert_string_equal (disco_instance_get_name (instance), self->name);
  assert_string_equal (disco_instance_get_label (instance), label);
  assert_string_equal (disco_instance_get_service_type (instance), self->type);
  assert_string_equal (disco_instance_get_domain (instance), "local");
  assert_int_equal (disco_instance_get_local (instance), contract_world->is_one_host);
  tags = disco_instance_get_tags (instance);
  assert_int_equal (g_strv_length ((char **)tags), 2);
  assert_string_equal (tags[0], "red");
  assert_string_equal (tags[1], "green");
  keys = disco_instance_get_attribute_keys (instance);
  assert_int_equal (g_strv_length (keys), 3);
  assert_string_equal (keys[0], "Path");
  assert_string_equal (keys[1], "flag");
  assert_string_equal (keys[2], "empty");
  got = disco_instance_get_attribute (instance, "PATH", &present);
  assert_true (present && got != NULL && g_bytes_equal (got, value));
  got = disco_instance_get_attribute (instance, "flag", &present);
  assert_true (present && got == NULL);
  got = disco_instance_get_attribute (instance, "empty", &present);
  assert_true (present && got != NULL && g_bytes_get_size (got) == 0);
  got = disco_instance_get_attribute (instance, "other", &present);
  assert_true (!present && got == NULL);
}

static void
label_is_the_id_where_none_was_given (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoService) service = contract_service (self, NULL);
  g_autoptr (DiscoInstance) instance = NULL;

  contract_register (self, "the id", 1, "");
  instance = contract_wait_for (service, "the id", 1);
  assert_string_equal (disco_instance_get_label (instance), "the id");
}

static void
empty_addr_means_this_host (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoService) service = contract_service (self, NULL);
  g_autoptr (DiscoInstance) instance = NULL;
  const char *const *addresses;

  contract_register (self, "one", 1, "");
  instance = contract_wait_for (service, "one", 1);
  addresses = disco_instance_get_addresses (instance);
  assert_non_null (addresses[0]);
  assert_string_equal (disco_instance_get_host (instance), addresses[0]);
  if (contract_world->is_network)
    return;
  assert_string_equal (disco_instance_get_hostname (instance), "localhost");
  assert_string_equal (addresses[0], "127.0.0.1");
  assert_null (addresses[1]);
  assert_null (disco_instance_get_interfaces (instance)[0]);
}

static DiscoInstance *
register_with_addr (Contract *self, DiscoService *service, const char *id, const char *addr)
{
  g_autoptr (DiscoRegistration) registration = contract_registration (self->name, id, 9, "");
  g_autoptr (GError) error = NULL;
  g_autofree char *got = NULL;

  disco_registration_set_addr (registration, addr);
  got = disco_agent_register (self->agent, registration, NULL, &error);
  if (got == NULL)
    fail_msg ("registering with addr %s: %s", addr, error->message);
  return contract_wait_for (service, id, 9);
}

static void
addr_may_be_an_address_literal (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoService) service = contract_service (self, NULL);
  g_autoptr (DiscoInstance) four = register_with_addr (self, service, "four", "192.0.2.7");
  g_autoptr (DiscoInstance) six = register_with_addr (self, service, "six", "2001:db8::7");
  g_autofree char *address = disco_instance_dup_address (four);
  g_autofree char *bracketed = disco_instance_dup_address (six);

  assert_string_equal (address, "192.0.2.7:9");
  assert_string_equal (bracketed, "[2001:db8::7]:9");
  assert_null (disco_instance_get_addresses (four)[1]);
  assert_null (disco_instance_get_addresses (six)[1]);
}

static void
addr_may_be_a_dns_name (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoService) service = contract_service (self, NULL);
  g_autoptr (DiscoInstance) instance
      = register_with_addr (self, service, "one", "printer.example.com");

  assert_string_equal (disco_instance_get_hostname (instance), "printer.example.com");
  assert_string_equal (disco_instance_get_host (instance), "printer.example.com");
  assert_null (disco_instance_get_addresses (instance)[0]);
}

static void
default_tags_are_appended_to_those_of_every_registration (void **state)
{
  Contract *self = *state;
  const char *defaults[] = { "home", "red", NULL };
  g_autoptr (DiscoService) service = contract_service (self, NULL);
  g_autoptr (DiscoInstance) instance = NULL;
  g_autofree char *joined = NULL;
  g_auto (GStrv) got = NULL;

  g_object_set (self->agent, "default-tags", defaults, NULL);
  g_object_get (self->agent, "default-tags", &got, NULL);
  assert_true (g_strv_equal (defaults, (const char *const *)got));
  contract_register (self, "one", 1, "red blue");
  instance = contract_wait_for (service, "one", 1);
  joined = g_strjoinv (" ", (char **)disco_instance_get_tags (instance));
  assert_string_equal (joined, "red blue home");
}

static gboolean
is_true (gpointer flag)
{
  return *(gboolean *)flag;
}

static void
set_flag (gpointer flag)
{
  *(gboolean *)flag = TRUE;
}

static void
default_tags_are_notified_when_they_change (void **state)
{
  Contract *self = *state;
  const char *tags[] = { "home", NULL };
  gboolean notified = FALSE;
  gulong id = g_signal_connect_swapped (self->agent, "notify::default-tags", G_CALLBACK (set_flag),
                                        &notified);

  g_object_set (self->agent, "default-tags", tags, NULL);
  test_wait_until (NULL, is_true, &notified);
  g_signal_handler_disconnect (self->agent, id);
}

static void
same_id_twice_on_one_agent_exists (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoRegistration) other = contract_registration (self->generic, "one", 2, "");
  g_autoptr (GError) error = NULL;

  contract_register (self, "one", 1, "");
  assert_null (disco_agent_register (self->agent, other, NULL, &error));
  test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_EXISTS, "one");
}

static void
registration_that_was_refused_may_be_handed_over_again (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoService) service = contract_service (self, NULL);
  g_autoptr (DiscoRegistration) other = contract_registration (self->name, "one", 2, "");
  g_autoptr (DiscoInstance) instance = NULL;
  g_autofree char *id = NULL;

  contract_register (self, "one", 1, "");
  assert_null (disco_agent_register (self->agent, other, NULL, NULL));
  contract_deregister (self, "one");
  id = disco_agent_register (self->agent, other, NULL, NULL);
  assert_string_equal (id, "one");
  instance = contract_wait_for (service, "one", 2);
}

static void
id_is_free_again_after_deregister (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoService) service = contract_service (self, NULL);
  g_autoptr (DiscoInstance) instance = NULL;

  contract_register (self, "one", 1, "");
  contract_deregister (self, "one");
  contract_register (self, "one", 2, "");
  instance = contract_wait_for (service, "one", 2);
}

/* What the renamed signal said */
typedef struct
{
  guint n;
  char *id;
  char *label;
  GThread *thread;
} Renamed;

static void
on_renamed (DiscoAgent *agent, const char *id, const char *label, gpointer user_data)
{
  Renamed *renamed = user_data;

  renamed->n++;
  g_free (renamed->id);
  g_free (renamed->label);
  renamed->id = g_strdup (id);
  renamed->label = g_strdup (label);
  renamed->thread = g_thread_self ();
}

static gboolean
is_renamed (gpointer data)
{
  return ((Renamed *)data)->n > 0;
}

static void
label_that_is_taken_is_renamed_and_the_id_stays (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoService) service = contract_service (self, NULL);
  g_autoptr (DiscoInstance) first = NULL;
  g_autoptr (DiscoInstance) second = NULL;
  Renamed renamed = { 0 };

  g_signal_connect (self->agent, "renamed", G_CALLBACK (on_renamed), &renamed);
  contract_register_with_label (self, "one", "Printer");
  contract_register_with_label (self, "two", "Printer");
  test_wait_until (NULL, is_renamed, &renamed);
  assert_int_equal (renamed.n, 1);
  assert_string_equal (renamed.id, "two");
  assert_string_equal (renamed.label, "Printer #2");
  assert_ptr_equal (renamed.thread, g_thread_self ());
  contract_wait_for_size (service, 2);
  first = contract_wait_for (service, "one", 1);
  second = contract_wait_for (service, "two", 1);
  assert_string_equal (disco_instance_get_label (first), "Printer");
  assert_string_equal (disco_instance_get_label (second), "Printer #2");
  g_free (renamed.id);
  g_free (renamed.label);
}

static void
labels_conflict_only_within_one_type (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoRegistration) other = contract_registration (self->generic, "two", 1, "");
  g_autoptr (DiscoService) service = NULL;
  g_autoptr (DiscoInstance) instance = NULL;
  g_autofree char *label = g_strconcat ("Printer of ", self->name, NULL);
  g_autofree char *id = NULL;

  contract_register_with_label (self, "one", label);
  disco_registration_set_label (other, label);
  id = disco_agent_register (self->agent, other, NULL, NULL);
  assert_string_equal (id, "two");
  service = disco_agent_service (self->agent, self->generic, NULL, NULL, NULL);
  instance = contract_wait_for (service, "two", 1);
  assert_string_equal (disco_instance_get_label (instance), label);
}

/* The services "one" and "two" are there, and their reader knows. */
static void
read_one_and_two (Contract *self, ContractView *view)
{
  contract_view_init (view, self);
  contract_register (self, "one", 1, "");
  contract_register (self, "two", 2, "");
  contract_read_until_size (view->watcher, &view->reader, 2);
}

static void
deregister_withdraws (void **state)
{
  Contract *self = *state;
  g_auto (ContractView) view = { NULL };

  read_one_and_two (self, &view);
  contract_deregister (self, "one");
  contract_read_until_size (view.watcher, &view.reader, 1);
  assert_non_null (test_reader_get (&view.reader, "two"));
}

static void
deregister_of_an_unknown_id_is_success (void **state)
{
  Contract *self = *state;

  contract_deregister (self, "nobody");
  contract_register (self, "one", 1, "");
  contract_deregister (self, "one");
  contract_deregister (self, "one");
}

static void
leave_withdraws_all_and_watchers_stay (void **state)
{
  Contract *self = *state;
  g_auto (ContractView) view = { NULL };
  g_autoptr (GError) error = NULL;

  read_one_and_two (self, &view);
  assert_true (disco_agent_leave (self->agent, NULL, &error));
  assert_null (error);
  contract_read_until_size (view.watcher, &view.reader, 0);
  contract_register (self, "one", 3, "");
  contract_read_until (view.watcher, &view.reader, "one", 3);
  assert_string_equal (disco_instance_get_label (test_reader_get (&view.reader, "one")), "one");
}

static void
leave_withdraws_what_this_agent_registered_and_nothing_else (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoAgent) other = contract_world->make_agent ();
  g_autoptr (DiscoService) service = contract_service (self, NULL);

  contract_register (self, "one", 1, "");
  contract_wait_for_size (service, 1);
  assert_true (disco_agent_leave (other, NULL, NULL));
  contract_wait_for_size (service, 1);
  contract_update (self, "one", 2, "");
  g_object_unref (contract_wait_for (service, "one", 2));
}

static void
leave_that_is_cancelled_before_withdraws_all_the_same (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoService) service = contract_service (self, NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  contract_register (self, "one", 1, "");
  contract_wait_for_size (service, 1);
  g_cancellable_cancel (cancellable);
  assert_false (disco_agent_leave (self->agent, cancellable, &error));
  test_assert_error (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, NULL);
  contract_wait_for_size (service, 0);
}

static void
leave_ends_registers_in_flight (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoService) service = contract_service (self, NULL);
  g_autoptr (DiscoRegistration) registration = contract_registration (self->name, "one", 1, "");
  TestResult called = { NULL };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *id = NULL;

  disco_agent_register_async (self->agent, registration, NULL, test_result_callback, &called);
  assert_true (disco_agent_leave (self->agent, NULL, NULL));
  result = test_result_wait (&called);
  id = disco_agent_register_finish (self->agent, result, &error);
  if (contract_world->is_network)
    test_assert_error (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, NULL);
  contract_wait_for_size (service, 0);
  contract_register (self, "one", 2, "");
}

int
contract_run_registrations (void)
{
  const struct CMUnitTest tests[] = {
    contract_test (register_returns_the_id_that_was_asked_for),
    contract_test (register_makes_an_id_up_where_none_was_given),
    contract_test (service_is_established_when_register_returns),
    contract_test (instance_is_what_was_registered),
    contract_test (label_is_the_id_where_none_was_given),
    contract_test (empty_addr_means_this_host),
    contract_test (addr_may_be_an_address_literal),
    contract_test (addr_may_be_a_dns_name),
    contract_test (default_tags_are_appended_to_those_of_every_registration),
    contract_test (default_tags_are_notified_when_they_change),
    contract_test (same_id_twice_on_one_agent_exists),
    contract_test (registration_that_was_refused_may_be_handed_over_again),
    contract_test (id_is_free_again_after_deregister),
    contract_test (label_that_is_taken_is_renamed_and_the_id_stays),
    contract_test (labels_conflict_only_within_one_type),
    contract_test (deregister_withdraws),
    contract_test (deregister_of_an_unknown_id_is_success),
    contract_test (leave_withdraws_all_and_watchers_stay),
    contract_test (leave_withdraws_what_this_agent_registered_and_nothing_else),
    contract_test (leave_that_is_cancelled_before_withdraws_all_the_same),
    contract_test (leave_ends_registers_in_flight),
  };
  return cmocka_run_group_tests_name ("registrations", tests, NULL, NULL);
}
