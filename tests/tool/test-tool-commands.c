/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tool-fixture.h"

static void
list_prints_all_services_by_name_with_their_instances (void **state)
{
  ToolFixture *self = *state;

  tool_fixture_announce (self, "ipp", "printer", "x");
  tool_fixture_announce (self, "http", "web", "y");
  tool_fixture_announce (self, "billing.invoices", "b\xc3\xbc", NULL);
  assert_int_equal (tool_fixture_run (self, "list", NULL), TOOL_STATUS_DONE);
  assert_string_equal (self->out, "billing.invoices\tb\xc3\xbc\t127.0.0.1:80\tb\xc3\xbc\n"
                                  "http\tweb\t127.0.0.1:80\tweb\ty\n"
                                  "ipp\tprinter\t127.0.0.1:80\tprinter\tx\n");
  assert_string_equal (self->err, "");
}

static void
list_tells_people_what_the_columns_are (void **state)
{
  ToolFixture *self = *state;

  tool_fixture_announce (self, "ipp", "printer", "x");
  tool_fixture_announce (self, "http", "web", NULL);
  tool_fixture_announce (self, "http", "b", "y");
  self->look = (ToolLook){ .terminal = TRUE };
  assert_int_equal (tool_fixture_run (self, "list", NULL), TOOL_STATUS_DONE);
  assert_string_equal (self->out, "SERVICE  ID       ADDRESS       LABEL    TAGS\n"
                                  "http     b        127.0.0.1:80  b        y\n"
                                  "http     web      127.0.0.1:80  web\n"
                                  "ipp      printer  127.0.0.1:80  printer  x\n");
  self->look.colours = TRUE;
  assert_int_equal (tool_fixture_run (self, "list --tag y", NULL), TOOL_STATUS_DONE);
  assert_string_equal (self->out, "SERVICE  ID  ADDRESS       LABEL  TAGS\n"
                                  "\x1b[1mhttp\x1b[m     b   127.0.0.1:80  b      y\n");
  assert_int_equal (tool_fixture_run (self, "list --tag y --json", NULL), TOOL_STATUS_DONE);
  assert_starts_with (self->out, "{\"name\":\"http\"");
}

static void
list_with_tags_prints_what_has_them (void **state)
{
  ToolFixture *self = *state;

  tool_fixture_announce (self, "ipp", "printer", "x");
  tool_fixture_announce (self, "http", "web", "y");
  tool_fixture_announce (self, "http", "web2", "x");
  assert_int_equal (tool_fixture_run (self, "list --tag x --json", NULL), TOOL_STATUS_DONE);
  assert_starts_with (self->out,
                      "{\"name\":\"http\",\"instances\":[{\"id\":\"web2\",\"name\":\"http\"");
  assert_non_null (strstr (self->out, "\n{\"name\":\"ipp\",\"instances\":[{\"id\":\"printer\""));
  assert_null (strstr (self->out, "\"web\""));
}

static void
nothing_found_is_status_3 (void **state)
{
  ToolFixture *self = *state;
  static const char *const lines[] = { "list", "lookup http", "watch --once http" };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      assert_int_equal (tool_fixture_run (self, lines[i], NULL), TOOL_STATUS_NOTHING);
      assert_string_equal (self->out, "");
      assert_string_equal (self->err, "disco: Nothing was found\n");
    }
}

static void
lookup_prints_the_best_instance_or_all (void **state)
{
  ToolFixture *self = *state;

  tool_fixture_announce (self, "http", "c", NULL);
  tool_fixture_announce (self, "http", "a", NULL);
  tool_fixture_announce (self, "http", "b", NULL);
  assert_int_equal (tool_fixture_run (self, "lookup http", NULL), TOOL_STATUS_DONE);
  assert_string_equal (self->out, "127.0.0.1:80\n");
  assert_int_equal (tool_fixture_run (self, "lookup http --json", NULL), TOOL_STATUS_DONE);
  assert_starts_with (self->out, "{\"instance\":{\"id\":\"a\",\"name\":\"http\"");
  assert_int_equal (tool_fixture_run (self, "lookup http --all", NULL), TOOL_STATUS_DONE);
  assert_string_equal (self->out, "127.0.0.1:80\n127.0.0.1:80\n127.0.0.1:80\n");
}

static void
a_name_or_tag_that_breaks_a_rule_is_wrong_usage (void **state)
{
  ToolFixture *self = *state;
  static const char *const lines[] = { "lookup ''",
                                       "watch _x",
                                       "watch --once _x",
                                       "register disco 1",
                                       "register '' 1",
                                       "register x 1 --tag ''",
                                       "register x 1 --id ''",
                                       "register x 1 --attr disco.x=1" };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autofree char *json = g_strconcat (lines[i], " --json", NULL);

      assert_int_equal (tool_fixture_run (self, lines[i], NULL), TOOL_STATUS_USAGE);
      assert_starts_with (self->err, "disco: ");
      assert_ptr_equal (strchr (self->err, '\n'), self->err + self->err_size - 1);
      assert_int_equal (tool_fixture_run (self, json, NULL), TOOL_STATUS_USAGE);
      assert_string_equal (self->out, "");
      assert_starts_with (self->err,
                          "{\"event\":\"error\",\"code\":\"invalid-argument\",\"message\":\"");
    }
}

static void
watch_once_prints_the_first_full_set_and_ends (void **state)
{
  ToolFixture *self = *state;

  tool_fixture_announce (self, "http", "a", "x");
  tool_fixture_announce (self, "http", "b", NULL);
  assert_int_equal (tool_fixture_run (self, "watch http --once --tag x", NULL), TOOL_STATUS_DONE);
  assert_string_equal (self->out, "add\ta\t127.0.0.1:80\ta\tx\n");
  assert_int_equal (tool_fixture_run (self, "watch http --once --json", NULL), TOOL_STATUS_DONE);
  assert_starts_with (self->out, "{\"event\":\"add\",\"instance\":{\"id\":\"");
  assert_true (g_str_has_suffix (self->out, "}\n{\"event\":\"synced\",\"count\":2}\n"));
}

static void
announce_later (ToolFixture *self)
{
  tool_fixture_announce (self, "http", "later", "t");
}

static void
change_later (ToolFixture *self)
{
  g_autoptr (DiscoRegistration) registration = disco_registration_new ("http", 81);
  g_autoptr (GError) error = NULL;

  assert_true (disco_agent_update (self->agent, "later", registration, NULL, &error));
}

static void
withdraw_later (ToolFixture *self)
{
  g_autoptr (GError) error = NULL;

  assert_true (disco_agent_deregister (self->agent, "later", NULL, &error));
}

static void
watch_prints_every_event_until_it_is_interrupted (void **state)
{
  ToolFixture *self = *state;
  static const ToolStep steps[] = { { "synced\t1\n", announce_later },
                                    { "add\tlater\t", change_later },
                                    { "update\tlater\t", withdraw_later },
                                    { "remove\tlater\t", tool_fixture_interrupt },
                                    { NULL, NULL } };

  tool_fixture_announce (self, "http", "a", NULL);
  assert_int_equal (tool_fixture_run (self, "watch http", steps), TOOL_STATUS_DONE);
  assert_string_equal (self->out, "add\ta\t127.0.0.1:80\ta\n"
                                  "synced\t1\n"
                                  "add\tlater\t127.0.0.1:80\tlater\tt\n"
                                  "update\tlater\t127.0.0.1:81\tlater\n"
                                  "remove\tlater\t127.0.0.1:81\tlater\n");
  assert_string_equal (self->err, "");
}

static void
synced_comes_after_all_adds_of_the_first_full_set (void **state)
{
  ToolFixture *self = *state;
  static const ToolStep steps[] = { { "synced", tool_fixture_interrupt }, { NULL, NULL } };
  const char *p;

  for (guint i = 0; i < 200; i++)
    {
      g_autofree char *id = g_strdup_printf ("i%u", i);

      tool_fixture_announce (self, "http", id, NULL);
    }
  assert_int_equal (tool_fixture_run (self, "watch http --json", steps), TOOL_STATUS_DONE);
  p = strstr (self->out, "{\"event\":\"synced\"");
  assert_string_equal (p, "{\"event\":\"synced\",\"count\":200}\n");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown (list_prints_all_services_by_name_with_their_instances,
                                     tool_fixture_setup, tool_fixture_teardown),
    cmocka_unit_test_setup_teardown (list_tells_people_what_the_columns_are, tool_fixture_setup,
                                     tool_fixture_teardown),
    cmocka_unit_test_setup_teardown (list_with_tags_prints_what_has_them, tool_fixture_setup,
                                     tool_fixture_teardown),
    cmocka_unit_test_setup_teardown (nothing_found_is_status_3, tool_fixture_setup,
                                     tool_fixture_teardown),
    cmocka_unit_test_setup_teardown (lookup_prints_the_best_instance_or_all, tool_fixture_setup,
                                     tool_fixture_teardown),
    cmocka_unit_test_setup_teardown (a_name_or_tag_that_breaks_a_rule_is_wrong_usage,
                                     tool_fixture_setup, tool_fixture_teardown),
    cmocka_unit_test_setup_teardown (watch_once_prints_the_first_full_set_and_ends,
                                     tool_fixture_setup, tool_fixture_teardown),
    cmocka_unit_test_setup_teardown (watch_prints_every_event_until_it_is_interrupted,
                                     tool_fixture_setup, tool_fixture_teardown),
    cmocka_unit_test_setup_teardown (synced_comes_after_all_adds_of_the_first_full_set,
                                     tool_fixture_setup, tool_fixture_teardown),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
