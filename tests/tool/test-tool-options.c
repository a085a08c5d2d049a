/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-support.h"
#include "tool-options.h"

/* Parses a command line in the shell's syntax. */
static ToolOptions *
parse (const char *line, char **info, GError **error)
{
  g_autofree char *whole = g_strconcat ("disco ", line, NULL);
  g_auto (GStrv) args = NULL;

  assert_true (g_shell_parse_argv (whole, NULL, &args, NULL));
  return tool_options_parse ((const char *const *)args, info, error);
}

static ToolOptions *
parse_well (const char *line)
{
  g_autofree char *info = NULL;
  g_autoptr (GError) error = NULL;
  ToolOptions *options = parse (line, &info, &error);

  if (options == NULL)
    fail_msg ("%s: %s", line, error != NULL ? error->message : info);
  assert_null (error);
  assert_null (info);
  return options;
}

static void
assert_strv (char **actual, const char *expected)
{
  g_autofree char *joined = actual != NULL ? g_strjoinv ("|", actual) : g_strdup ("NULL");

  assert_string_equal (joined, expected);
}

static void
wrong_usage_is_an_invalid_argument_that_names_the_fault (void **state)
{
  static const struct
  {
    const char *line, *part;
  } rows[] = {
    { "", "command is missing" },
    { "--json", "command is missing" },
    { "--", "command is missing" },
    { "frobnicate", "\"frobnicate\" is no command" },
    { "frobnicate", "see \"disco --help\"" },
    { "Watch http", "\"Watch\" is no command; did you mean \"watch\"?" },
    { "wacth http", "did you mean \"watch\"?" },
    { "reg http 1", "did you mean \"register\"?" },
    { "resolve http", "did you mean \"lookup\"?" },
    { "halp", "did you mean \"help\"?" },
    { "help frobnicate", "\"frobnicate\" is no command" },
    { "help watch http", "\"http\"" },
    { "--jsno watch http", "did you mean \"--json\"?" },
    { "watch http --tags=x", "did you mean \"--tag\"?" },
    { "watch --ocne http", "did you mean \"--once\"?" },
    { "list --ocne", "see \"disco list --help\"" },
    { "watch http --tag", "see \"disco watch --help\"" },
    { "register http", "see \"disco register --help\"" },
    { "--frobnicate watch http", "--frobnicate" },
    { "watch http --frobnicate", "--frobnicate" },
    { "watch", "watch needs NAME" },
    { "watch http extra", "\"extra\"" },
    { "lookup", "lookup needs NAME" },
    { "list http", "\"http\"" },
    { "doctor now", "\"now\"" },
    { "register", "register needs NAME PORT" },
    { "register http", "register needs NAME PORT" },
    { "register http 80 81", "\"81\"" },
    { "register http port", "\"port\" is no port" },
    { "register http 65536", "\"65536\" is no port" },
    { "register http ''", "\"\" is no port" },
    { "register http +80", "\"+80\" is no port" },
    { "register http -- -1", "\"-1\" is no port" },
    { "list --once", "--once" },
    { "watch http --all", "--all" },
    { "watch http --id x", "--id" },
    { "lookup http --once", "--once" },
    { "doctor --tag x", "--tag" },
    { "watch http --tag", "--tag" },
    { "--backend=bonjour list", "\"bonjour\" is no backend" },
    { "list --backend=", "\"\" is no backend" },
    { "--timeout=soon list", "\"soon\" is no number of seconds" },
    { "--timeout= list", "\"\" is no number of seconds" },
    { "--timeout=0 list", "\"0\" is no number of seconds" },
    { "--timeout=-1 list", "\"-1\" is no number of seconds" },
    { "--timeout=5s list", "\"5s\" is no number of seconds" },
    { "--timeout=nan list", "\"nan\" is no number of seconds" },
    { "--timeout=inf list", "\"inf\" is no number of seconds" },
    { "--timeout=1e9 list", "\"1e9\" is no number of seconds" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *info = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (ToolOptions) options = parse (rows[i].line, &info, &error);

      if (options != NULL || info != NULL)
        fail_msg ("\"%s\" should be wrong usage", rows[i].line);
      test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_INVALID_ARGUMENT, rows[i].part);
    }
}

static void
without_options_the_defaults_hold (void **state)
{
  g_autoptr (ToolOptions) options = parse_well ("watch http");

  assert_int_equal (options->command, TOOL_COMMAND_WATCH);
  assert_string_equal (options->name, "http");
  assert_int_equal (options->backend, DISCO_BACKEND_AUTO);
  assert_int_equal (options->timeout_ms, 10000);
  assert_false (options->global.json);
  assert_false (options->once);
  assert_null (options->global.interfaces);
  assert_null (options->tags);
}

static void
global_options_stand_before_or_after_the_command (void **state)
{
  static const char *const lines[] = {
    "--json --backend=daemon --timeout=2.5 --interface=a --interface=b lookup --all x",
    "lookup x --all --json --backend=daemon --timeout=2.5 --interface a --interface b",
    "--backend=auto --timeout=9 --interface=a lookup --interface=b --backend=daemon "
    "--timeout=2.5 x --json --all",
    "--json --backend daemon --timeout 2.5 --interface=a -- lookup --all --interface=b -- x",
  };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autoptr (ToolOptions) options = parse_well (lines[i]);

      assert_int_equal (options->command, TOOL_COMMAND_LOOKUP);
      assert_string_equal (options->name, "x");
      assert_true (options->all);
      assert_true (options->global.json);
      assert_int_equal (options->backend, DISCO_BACKEND_DAEMON);
      assert_int_equal (options->timeout_ms, 2500);
      assert_strv (options->global.interfaces, "a|b");
    }
}

static void
register_takes_everything_byte_for_byte (void **state)
{
  g_autoptr (ToolOptions) options = parse_well (
      "register 'Bü\xff\n' 0 --id one --label '' --addr ::1 --tag a --tag 'b c' --attr k=v=w "
      "--attr alone --attr empty= --timeout 0.0001");

  assert_int_equal (options->command, TOOL_COMMAND_REGISTER);
  assert_string_equal (options->name, "Bü\xff\n");
  assert_int_equal (options->port, 0);
  assert_string_equal (options->id, "one");
  assert_string_equal (options->label, "");
  assert_string_equal (options->addr, "::1");
  assert_strv (options->tags, "a|b c");
  assert_strv (options->attributes, "k=v=w|alone|empty=");
  assert_int_equal (options->timeout_ms, 1);
}

static void
a_name_that_looks_like_an_option_goes_behind_two_dashes (void **state)
{
  g_autoptr (ToolOptions) options = parse_well ("watch --once -- --json");

  assert_string_equal (options->name, "--json");
  assert_false (options->global.json);
  assert_true (options->once);
}

static void
help_and_version_are_all_that_is_asked_for (void **state)
{
  static const struct
  {
    const char *line, *part;
  } rows[] = {
    { "--help", "COMMAND" },
    { "-h", "register NAME PORT" },
    { "--help watch", "lookup NAME" },
    { "register --help", "--attr=KEY[=VALUE]" },
    { "watch -h", "--once" },
    { "lookup x y z --help", "--all" },
    { "help", "register NAME PORT" },
    { "help help", "register NAME PORT" },
    { "help watch", "disco watch billing.invoices --tag eu" },
    { "--json help list", "Usage: disco [OPTION…] list" },
    { "doctor --help", "--interface=IF" },
    { "--version", "disco " DISCO_VERSION_STRING },
    { "list --version", "disco " DISCO_VERSION_STRING },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *info = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (ToolOptions) options = parse (rows[i].line, &info, &error);

      assert_null (options);
      assert_null (error);
      if (info == NULL || strstr (info, rows[i].part) == NULL)
        fail_msg ("\"%s\": '%s' is not in: %s", rows[i].line, rows[i].part, info);
      assert_false (g_str_has_suffix (info, "\n"));
    }
}

/* What stands in a help that is not wider than a terminal, and nowhere runs on. */
static void
the_help_of_a_command_has_all_that_one_needs (void **state)
{
  static const struct
  {
    const char *command, *own, *foreign;
  } rows[] = {
    { "register", "--attr=KEY[=VALUE]", "--once" },
    { "watch", "--once", "--all" },
    { "list", "--tag=TAG", "--once" },
    { "lookup", "--all", "--id" },
    { "doctor", "--timeout=SECONDS", "--tag" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *line = g_strconcat (rows[i].command, " --help", NULL);
      g_autofree char *usage = g_strconcat ("Usage: disco [OPTION…] ", rows[i].command, NULL);
      g_autofree char *example = g_strconcat ("Examples:\n  disco ", rows[i].command, NULL);
      g_autofree char *info = NULL;
      g_auto (GStrv) lines = NULL;

      assert_null (parse (line, &info, NULL));
      assert_true (g_str_has_prefix (info, usage));
      assert_non_null (strstr (info, example));
      assert_non_null (strstr (info, rows[i].own));
      assert_non_null (strstr (info, "--json"));
      assert_null (strstr (info, rows[i].foreign));
      lines = g_strsplit (info, "\n", -1);
      for (guint j = 0; lines[j] != NULL; j++)
        if (g_utf8_strlen (lines[j], -1) > 80)
          fail_msg ("too long: %s", lines[j]);
    }
}

static void
want_json_looks_at_options_only (void **state)
{
  assert_true (tool_options_want_json ((const char *const[]){ "disco", "x", "--json", NULL }));
  assert_false (tool_options_want_json ((const char *const[]){ "disco", "--", "--json", NULL }));
  assert_false (tool_options_want_json ((const char *const[]){ "disco", NULL }));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (wrong_usage_is_an_invalid_argument_that_names_the_fault),
    cmocka_unit_test (without_options_the_defaults_hold),
    cmocka_unit_test (global_options_stand_before_or_after_the_command),
    cmocka_unit_test (register_takes_everything_byte_for_byte),
    cmocka_unit_test (a_name_that_looks_like_an_option_goes_behind_two_dashes),
    cmocka_unit_test (help_and_version_are_all_that_is_asked_for),
    cmocka_unit_test (the_help_of_a_command_has_all_that_one_needs),
    cmocka_unit_test (want_json_looks_at_options_only),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
