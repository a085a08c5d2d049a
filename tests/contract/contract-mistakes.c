/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bad input of every kind is refused with a message that quotes it, before anything is published.
 */
#include "contract.h"

#include <string.h>

#define TEXT_OF_200                                                                                \
  "0123456789012345678901234567890123456789012345678901234567890123456789012345678901"             \
  "2345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345" \
  "67"                                                                                             \
  "8901234567890123456789"

typedef struct
{
  const char *what;
  const char *name; /* NULL: the test's own */
  const char *id;
  const char *label;
  const char *addr;
  const char *tag;
  const char *key;
  gsize value_size;
  int code;
  const char *quoted;
} Mistake;

static const Mistake mistakes[] = {
  { .what = "empty name", .name = "" },
  { .what = "a type that is none", .name = "_x", .quoted = "_x" },
  { .what = "a type too short", .name = "_x._tcp", .quoted = "_x._tcp" },
  { .what = "a type with two hyphens", .name = "_a--b._tcp", .quoted = "_a--b._tcp" },
  { .what = "neither TCP nor UDP", .name = "_http._sctp", .quoted = "_http._sctp" },
  { .what = "a subtype", .name = "_s._sub._http._tcp", .quoted = "_s._sub._http._tcp" },
  { .what = "all generic services", .name = "disco", .quoted = "disco" },
  { .what = "their type", .name = "_disco._tcp", .quoted = "disco" },
  { .what = "control character in a name", .name = "a\nb", .quoted = "a\\x0ab" },
  { .what = "a name that is not UTF-8", .name = "a\xff" },
  { .what = "a name of 201 bytes", .name = TEXT_OF_200 "x", .quoted = "0123456789" },
  { .what = "an id of 129 bytes",
    .id
    = "012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
      "012345678901234567890123456789012345678",
    .quoted = "0123456789" },
  { .what = "control character in an id", .id = "a\tb", .quoted = "a\\x09b" },
  { .what = "an id that is not UTF-8", .id = "\xfe" },
  { .what = "control character in a label", .label = "a\x01", .quoted = "a" },
  { .what = "a label that is not UTF-8", .label = "\xfe" },
  { .what = "an addr that is none", .addr = "not a host", .quoted = "not a host" },
  { .what = "an addr of two dots", .addr = "a..b", .quoted = "a..b" },
  { .what = "an empty tag", .tag = "" },
  { .what = "a tag of 64 bytes",
    .tag = "0123456789012345678901234567890123456789012345678901234567890123",
    .quoted = "0123456789" },
  { .what = "control character in a tag", .tag = "a\rb", .quoted = "a\\x0db" },
  { .what = "an empty key", .key = "" },
  { .what = "a key with =", .key = "a=b", .quoted = "a=b" },
  { .what = "a key of ours", .key = "disco.x", .quoted = "disco.x" },
  { .what = "a key of ours in another case", .key = "DISCO.x", .quoted = "DISCO.x" },
  { .what = "a key that is not ASCII", .key = "\xc3\xa4", .quoted = "ä" },
  { .what = "a key of 65 characters",
    .key = "01234567890123456789012345678901234567890123456789012345678901234",
    .quoted = "0123456789" },
  { .what = "a value too long for its string",
    .key = "key",
    .value_size = 252,
    .code = DISCO_ERROR_TOO_LARGE,
    .quoted = "key" },
};

static DiscoRegistration *
make (const Mistake *mistake, const char *name)
{
  DiscoRegistration *registration
      = disco_registration_new (mistake->name != NULL ? mistake->name : name, 1);
  const char *tags[] = { mistake->tag, NULL };

  disco_registration_set_id (registration, mistake->id != NULL ? mistake->id : "one");
  if (mistake->label != NULL)
    disco_registration_set_label (registration, mistake->label);
  if (mistake->addr != NULL)
    disco_registration_set_addr (registration, mistake->addr);
  disco_registration_set_tags (registration, tags);
  if (mistake->key != NULL)
    {
      g_autofree char *bytes = g_strnfill (mistake->value_size, 'x');
      g_autoptr (GBytes) value = g_bytes_new (bytes, mistake->value_size);

      disco_registration_set_attribute (registration, mistake->key, value);
    }
  return registration;
}

static void
assert_refused (const Mistake *mistake, const GError *error)
{
  const int code = mistake->code != 0 ? mistake->code : DISCO_ERROR_INVALID_ARGUMENT;

  if (error == NULL)
    fail_msg ("%s was accepted", mistake->what);
  if (!g_error_matches (error, DISCO_ERROR, code))
    fail_msg ("%s: %s %d: %s", mistake->what, g_quark_to_string (error->domain), error->code,
              error->message);
  if (mistake->quoted != NULL && strstr (error->message, mistake->quoted) == NULL)
    fail_msg ("%s is not quoted: %s", mistake->what, error->message);
  if (!g_utf8_validate (error->message, -1, NULL))
    fail_msg ("%s: the message is not UTF-8", mistake->what);
}

static void
mistakes_are_refused_with_a_message_that_quotes_them (void **state)
{
  Contract *self = *state;

  for (gsize i = 0; i < G_N_ELEMENTS (mistakes); i++)
    {
      g_autoptr (DiscoRegistration) registration = make (&mistakes[i], self->name);
      g_autoptr (GError) error = NULL;
      g_autofree char *id = disco_agent_register (self->agent, registration, NULL, &error);

      assert_refused (&mistakes[i], error);
      assert_null (id);
    }
}

static void
nothing_is_published_of_what_is_refused (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoService) service = NULL;
  g_autoptr (GPtrArray) instances = NULL;

  mistakes_are_refused_with_a_message_that_quotes_them (state);
  service = contract_service (self, NULL);
  instances = disco_service_get_instances (service);
  assert_int_equal (instances->len, 0);
}

static void
refused_id_is_free (void **state)
{
  mistakes_are_refused_with_a_message_that_quotes_them (state);
  contract_register (*state, "one", 1, "");
}

static void
update_refuses_the_same_mistakes_and_changes_nothing (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoService) service = contract_service (self, NULL);
  g_autoptr (DiscoInstance) before = NULL;
  g_autoptr (DiscoInstance) after = NULL;

  contract_register (self, "one", 1, "");
  before = contract_wait_for (service, "one", 1);
  for (gsize i = 0; i < G_N_ELEMENTS (mistakes); i++)
    {
      g_autoptr (DiscoRegistration) registration = make (&mistakes[i], self->name);
      g_autoptr (GError) error = NULL;

      if (mistakes[i].id != NULL) /* that of an update does not matter */
        continue;
      assert_false (disco_agent_update (self->agent, "one", registration, NULL, &error));
      assert_refused (&mistakes[i], error);
    }
  after = contract_wait_for (service, "one", 1);
  assert_true (disco_instance_equal (before, after));
}

static void
txt_record_of_more_than_1300_bytes_is_too_large (void **state)
{
  Contract *self = *state;
  g_autoptr (DiscoRegistration) registration = contract_registration (self->name, "one", 1, "");
  g_autoptr (GBytes) value = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *bytes = g_strnfill (240, 'x');

  value = g_bytes_new (bytes, 240);
  for (guint i = 0; i < 6; i++)
    {
      g_autofree char *key = g_strdup_printf ("key%u", i);
      disco_registration_set_attribute (registration, key, value);
    }
  assert_null (disco_agent_register (self->agent, registration, NULL, &error));
  test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_TOO_LARGE, NULL);
}

static void
bad_service_names_cannot_be_opened (void **state)
{
  static const char *const names[]
      = { "", "_x", "_x._tcp", "_http._sctp", "a\nb", "a\xff", TEXT_OF_200 "x" };
  Contract *self = *state;

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) error = NULL;

      assert_null (disco_agent_open_service (self->agent, names[i], NULL, &error));
      test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_INVALID_ARGUMENT, NULL);
      assert_null (disco_agent_service (self->agent, names[i], NULL, NULL, &error));
      test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_INVALID_ARGUMENT, NULL);
    }
}

int
contract_run_mistakes (void)
{
  const struct CMUnitTest tests[] = {
    contract_test (mistakes_are_refused_with_a_message_that_quotes_them),
    contract_test (nothing_is_published_of_what_is_refused),
    contract_test (refused_id_is_free),
    contract_test (update_refuses_the_same_mistakes_and_changes_nothing),
    contract_test (txt_record_of_more_than_1300_bytes_is_too_large),
    contract_test (bad_service_names_cannot_be_opened),
  };
  return cmocka_run_group_tests_name ("mistakes", tests, NULL, NULL);
}
