/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tool-fixture.h"

int
tool_fixture_setup (void **state)
{
  ToolFixture *self = g_new0 (ToolFixture, 1);

  self->context = g_main_context_new ();
  g_main_context_push_thread_default (self->context);
  self->agent = DISCO_AGENT (disco_local_agent_new ());
  *state = self;
  return 0;
}

int
tool_fixture_teardown (void **state)
{
  ToolFixture *self = *state;

  g_object_unref (self->agent);
  g_main_context_pop_thread_default (self->context);
  g_main_context_unref (self->context);
  free (self->out);
  free (self->err);
  g_free (self);
  return 0;
}

void
tool_fixture_announce (ToolFixture *self, const char *name, const char *id, const char *tag)
{
  g_autoptr (DiscoRegistration) registration = disco_registration_new (name, 80);
  g_autofree char *made = NULL;
  g_autoptr (GError) error = NULL;

  disco_registration_set_id (registration, id);
  disco_registration_set_tags (registration, (const char *const[]){ tag, NULL });
  made = disco_agent_register (self->agent, registration, NULL, &error);
  assert_null (error);
  assert_non_null (made);
}

static gboolean
is_written (ToolFixture *self, const char *text)
{
  return (self->out != NULL && strstr (self->out, text) != NULL)
         || (self->err != NULL && strstr (self->err, text) != NULL);
}

static gboolean
on_tick (gpointer data)
{
  ToolFixture *self = data;

  if (self->steps->act == NULL)
    return G_SOURCE_CONTINUE;
  if (self->steps->awaited == NULL || is_written (self, self->steps->awaited))
    (self->steps++)->act (self);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_late (gpointer data)
{
  fail_msg ("the command did not end within %d s", TEST_DEADLINE_S);
  return G_SOURCE_REMOVE;
}

ToolStatus
tool_fixture_run_with_files (ToolFixture *self, const char *line, const ToolStep *steps, FILE *out,
                             FILE *err)
{
  g_autofree char *whole = g_strconcat ("disco ", line, NULL);
  g_autofree char *info = NULL;
  g_auto (GStrv) args = NULL;
  g_autoptr (ToolOptions) options = NULL;
  g_autoptr (ToolOutput) output = NULL;
  g_autoptr (ToolRun) run = NULL;
  g_autoptr (GSource) tick = g_timeout_source_new (1);
  g_autoptr (GSource) late = g_timeout_source_new_seconds (TEST_DEADLINE_S);
  static const ToolStep no_steps[] = { { NULL, NULL } };
  ToolStatus status;

  assert_true (g_shell_parse_argv (whole, NULL, &args, NULL));
  options = tool_options_parse ((const char *const *)args, &info, NULL);
  assert_non_null (options);
  output = tool_output_new (out, self->look, err, self->err_look, options->global.json);
  run = self->run = tool_run_new (options, output, self->agent);
  self->steps = steps != NULL ? steps : no_steps;
  g_source_set_callback (tick, on_tick, self, NULL);
  g_source_attach (tick, self->context);
  g_source_set_callback (late, on_late, self, NULL);
  g_source_attach (late, self->context);
  status = tool_run_main (run);
  g_source_destroy (tick);
  g_source_destroy (late);
  assert_null (self->steps->act);
  return status;
}

ToolStatus
tool_fixture_run (ToolFixture *self, const char *line, const ToolStep *steps)
{
  FILE *out, *err;
  ToolStatus status;

  g_clear_pointer (&self->out, free);
  g_clear_pointer (&self->err, free);
  out = open_memstream (&self->out, &self->out_size);
  err = open_memstream (&self->err, &self->err_size);
  status = tool_fixture_run_with_files (self, line, steps, out, err);
  fclose (out);
  fclose (err);
  return status;
}

void
tool_fixture_interrupt (ToolFixture *self)
{
  tool_run_interrupt (self->run);
}

void
assert_starts_with (const char *text, const char *start)
{
  if (!g_str_has_prefix (text, start))
    fail_msg ("'%s' does not begin with '%s'", text, start);
}

guint
tool_fixture_count_instances (ToolFixture *self, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DiscoService) service = disco_agent_service (self->agent, name, NULL, NULL, &error);
  g_autoptr (GPtrArray) instances = NULL;

  assert_null (error);
  instances = disco_service_get_instances (service);
  return instances->len;
}
