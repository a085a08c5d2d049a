/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tool-fixture.h"

static void
interrupt_what_is_announced (ToolFixture *self)
{
  g_autoptr (DiscoService) service = disco_agent_service (self->agent, "http", NULL, NULL, NULL);
  g_autoptr (GPtrArray) instances = disco_service_get_instances (service);
  DiscoInstance *instance;
  gboolean present;

  assert_int_equal (instances->len, 1);
  instance = g_ptr_array_index (instances, 0);
  assert_string_equal (disco_instance_get_label (instance), "One");
  assert_int_equal (disco_instance_get_port (instance), 8080);
  assert_string_equal (disco_instance_get_tags (instance)[1], "b c");
  assert_int_equal (g_bytes_get_size (disco_instance_get_attribute (instance, "path", &present)),
                    4);
  assert_null (disco_instance_get_attribute (instance, "alone", &present));
  assert_true (present);
  tool_run_interrupt (self->run);
}

static void
register_announces_until_it_is_interrupted_and_leaves (void **state)
{
  ToolFixture *self = *state;
  static const ToolStep steps[] = { { "registered", interrupt_what_is_announced }, { NULL, NULL } };

  assert_int_equal (tool_fixture_run (self,
                                      "register http 8080 --id one --label One --tag a --tag 'b c' "
                                      "--attr path=/a=b --attr alone",
                                      steps),
                    TOOL_STATUS_DONE);
  assert_string_equal (self->out, "registered\tone\tOne\thttp\nleft\tone\n");
  assert_string_equal (self->err, "");
  assert_int_equal (tool_fixture_count_instances (self, "http"), 0);
}

static void
register_tells_the_label_that_it_got (void **state)
{
  ToolFixture *self = *state;
  static const ToolStep steps[] = { { "registered", tool_fixture_interrupt }, { NULL, NULL } };
  g_autoptr (DiscoRegistration) first = disco_registration_new ("http", 1);
  g_autofree char *id = NULL;

  disco_registration_set_label (first, "One");
  id = disco_agent_register (self->agent, first, NULL, NULL);
  assert_non_null (id);
  assert_int_equal (tool_fixture_run (self, "register http 1 --id two --label One --json", steps),
                    TOOL_STATUS_DONE);
  assert_string_equal (
      self->out,
      "{\"event\":\"registered\",\"id\":\"two\",\"name\":\"http\",\"label\":\"One #2\"}\n"
      "{\"event\":\"left\",\"id\":\"two\"}\n");
}

/* Registers, and interrupts when that is told: what was told of label and name, as text and JSON */
static void
assert_registered (ToolFixture *self, const char *arguments, const char *label, const char *name)
{
  static const ToolStep steps[] = { { "registered", tool_fixture_interrupt }, { NULL, NULL } };
  g_autofree char *line = g_strdup_printf ("register %s --id one", arguments);
  g_autofree char *json_line = g_strdup_printf ("%s --json", line);
  g_autofree char *text = g_strdup_printf ("registered\tone\t%s\t%s\nleft\tone\n", label, name);
  g_autofree char *json = g_strdup_printf (
      "{\"event\":\"registered\",\"id\":\"one\",\"name\":\"%s\",\"label\":\"%s\"}\n"
      "{\"event\":\"left\",\"id\":\"one\"}\n",
      name, label);

  assert_int_equal (tool_fixture_run (self, line, steps), TOOL_STATUS_DONE);
  assert_string_equal (self->out, text);
  assert_int_equal (tool_fixture_run (self, json_line, steps), TOOL_STATUS_DONE);
  assert_string_equal (self->out, json);
}

#define TEN "0123456789"
#define SIXTY TEN TEN TEN TEN TEN TEN

static void
register_tells_what_is_really_announced (void **state)
{
  static const struct
  {
    const char *arguments;
    const char *label;
    const char *name;
  } rows[] = {
    { "http 1 --label " SIXTY "abc", SIXTY "abc", "http" },
    { "http 1 --label " SIXTY "abcd", SIXTY "abc", "http" },
    { "http 1 --label " SIXTY "ab\u00fc", SIXTY "ab", "http" },
    { "http 1 --label ''", "one", "http" },
    { "HTTP 1", "one", "http" },
    { "_Http._TCP 1", "one", "http" },
    { "_NTP._udp 1", "one", "_ntp._udp" },
    { "Billing.Invoices 1", "one", "Billing.Invoices" },
  };
  ToolFixture *self = *state;

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    assert_registered (self, rows[i].arguments, rows[i].label, rows[i].name);
}

static void
rename_it (ToolFixture *self)
{
  g_signal_emit_by_name (self->agent, "renamed", "one", "One #2");
}

static void
register_tells_every_later_rename (void **state)
{
  ToolFixture *self = *state;
  static const ToolStep steps[]
      = { { "registered", rename_it }, { "renamed", tool_fixture_interrupt }, { NULL, NULL } };

  assert_int_equal (tool_fixture_run (self, "register http 1 --id one --json", steps),
                    TOOL_STATUS_DONE);
  assert_string_equal (
      self->out, "{\"event\":\"registered\",\"id\":\"one\",\"name\":\"http\",\"label\":\"one\"}\n"
                 "{\"event\":\"renamed\",\"id\":\"one\",\"label\":\"One #2\"}\n"
                 "{\"event\":\"left\",\"id\":\"one\"}\n");
}

static void
register_that_fails_says_why (void **state)
{
  ToolFixture *self = *state;
  g_autofree char *attribute = g_strnfill (251, 'v');
  g_autofree char *line = g_strdup_printf ("register http 1 --json --attr k1234=%s", attribute);

  assert_int_equal (tool_fixture_run (self, line, NULL), TOOL_STATUS_USAGE);
  assert_starts_with (self->err, "{\"event\":\"error\",\"code\":\"too-large\",");
  tool_fixture_announce (self, "http", "one", NULL);
  assert_int_equal (tool_fixture_run (self, "register http 1 --id one --json", NULL),
                    TOOL_STATUS_FAILED);
  assert_starts_with (self->err, "{\"event\":\"error\",\"code\":\"exists\",");
  assert_string_equal (self->out, "");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown (register_announces_until_it_is_interrupted_and_leaves,
                                     tool_fixture_setup, tool_fixture_teardown),
    cmocka_unit_test_setup_teardown (register_tells_the_label_that_it_got, tool_fixture_setup,
                                     tool_fixture_teardown),
    cmocka_unit_test_setup_teardown (register_tells_what_is_really_announced, tool_fixture_setup,
                                     tool_fixture_teardown),
    cmocka_unit_test_setup_teardown (register_tells_every_later_rename, tool_fixture_setup,
                                     tool_fixture_teardown),
    cmocka_unit_test_setup_teardown (register_that_fails_says_why, tool_fixture_setup,
                                     tool_fixture_teardown),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
