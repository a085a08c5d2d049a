/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"
#include "disco-diagnosis-private.h"
#include "tool-fixture.h"

#define OK DISCO_DIAGNOSIS_STATUS_OK
#define WARNING DISCO_DIAGNOSIS_STATUS_WARNING
#define FAILED DISCO_DIAGNOSIS_STATUS_FAILED

/* (transfer full): the bus is ok, the rest as given */
static GPtrArray *
make_diagnoses (DiscoDiagnosisStatus responders, DiscoDiagnosisStatus loop)
{
  GPtrArray *all = g_ptr_array_new_with_free_func ((GDestroyNotify)disco_diagnosis_unref);

  g_ptr_array_add (all, disco_diagnosis_new ("bus", OK, "It answers."));
  g_ptr_array_add (all, disco_diagnosis_new ("responders", responders, "\x1b[31mx (pid 1)."));
  g_ptr_array_add (all, disco_diagnosis_new ("loop", loop, "Found \"it\"."));
  return all;
}

/* What doctor prints of @diagnoses, which is taken, is @expected; returns its status. */
static ToolStatus
tell (ToolFixture *self, const char *line, ToolLook look, GPtrArray *diagnoses,
      const char *expected)
{
  g_autoptr (GPtrArray) owned = diagnoses;
  g_auto (GStrv) args = g_strsplit (line, " ", -1);
  g_autofree char *info = NULL;
  g_autoptr (ToolOptions) options = tool_options_parse ((const char *const *)args, &info, NULL);
  FILE *out = open_memstream (&self->out, &self->out_size);
  g_autoptr (ToolOutput) output = tool_output_new (out, look, stderr, look, options->global.json);
  g_autoptr (ToolRun) run = tool_run_new (options, output, self->agent);
  ToolStatus status;

  command_doctor_tell (run, diagnoses);
  status = tool_run_main (run); /* it has ended: no doctor is asked */
  fclose (out);
  assert_string_equal (self->out, expected);
  return status;
}

static void
each_check_is_one_line (void **state)
{
  assert_int_equal (tell (*state, "disco doctor", (ToolLook){ 0 }, make_diagnoses (OK, OK),
                          "ok\tbus\tIt answers.\n"
                          "ok\tresponders\t\\x1b[31mx (pid 1).\n"
                          "ok\tloop\tFound \"it\".\n"),
                    TOOL_STATUS_DONE);
}

static void
lines_are_aligned_on_a_terminal (void **state)
{
  assert_int_equal (tell (*state, "disco doctor", (ToolLook){ .terminal = TRUE },
                          make_diagnoses (WARNING, OK),
                          "ok       bus         It answers.\n"
                          "warning  responders  \\x1b[31mx (pid 1).\n"
                          "ok       loop        Found \"it\".\n"),
                    TOOL_STATUS_DONE);
}

static void
statuses_have_colours_where_there_are_any (void **state)
{
  assert_int_equal (tell (*state, "disco doctor", (ToolLook){ .terminal = TRUE, .colours = TRUE },
                          make_diagnoses (WARNING, FAILED),
                          "\x1b[32mok\x1b[m       bus         It answers.\n"
                          "\x1b[33mwarning\x1b[m  responders  \\x1b[31mx (pid 1).\n"
                          "\x1b[31mfailed\x1b[m   loop        Found \"it\".\n"),
                    TOOL_STATUS_FAILED);
}

static void
one_failed_line_is_status_1 (void **state)
{
  assert_int_equal (tell (*state, "disco doctor", (ToolLook){ 0 }, make_diagnoses (OK, FAILED),
                          "ok\tbus\tIt answers.\n"
                          "ok\tresponders\t\\x1b[31mx (pid 1).\n"
                          "failed\tloop\tFound \"it\".\n"),
                    TOOL_STATUS_FAILED);
}

static void
failed_line_is_not_outweighed_by_what_follows (void **state)
{
  assert_int_equal (tell (*state, "disco doctor", (ToolLook){ 0 }, make_diagnoses (FAILED, OK),
                          "ok\tbus\tIt answers.\n"
                          "failed\tresponders\t\\x1b[31mx (pid 1).\n"
                          "ok\tloop\tFound \"it\".\n"),
                    TOOL_STATUS_FAILED);
}

static void
with_json_each_check_is_an_object (void **state)
{
  assert_int_equal (
      tell (
          *state, "disco --json doctor", (ToolLook){ 0 }, make_diagnoses (WARNING, FAILED),
          "{\"check\":\"bus\",\"status\":\"ok\",\"detail\":\"It answers.\"}\n"
          "{\"check\":\"responders\",\"status\":\"warning\",\"detail\":\"\\u001b[31mx (pid 1).\"}\n"
          "{\"check\":\"loop\",\"status\":\"failed\",\"detail\":\"Found \\\"it\\\".\"}\n"),
      TOOL_STATUS_FAILED);
}

#define doctor_test(test)                                                                          \
  cmocka_unit_test_setup_teardown (test, tool_fixture_setup, tool_fixture_teardown)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    doctor_test (each_check_is_one_line),
    doctor_test (lines_are_aligned_on_a_terminal),
    doctor_test (statuses_have_colours_where_there_are_any),
    doctor_test (one_failed_line_is_status_1),
    doctor_test (failed_line_is_not_outweighed_by_what_follows),
    doctor_test (with_json_each_check_is_an_object),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
