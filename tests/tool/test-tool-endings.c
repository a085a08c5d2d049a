/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tool-fixture.h"

#include <signal.h>
#include <unistd.h>

/* --- standard output that cannot be written --- */

static void
a_reader_that_went_away_ends_the_command_quietly (void **state)
{
  ToolFixture *self = *state;
  static const char *const lines[]
      = { "watch http", "list --json", "register http 1 --id two", "lookup http" };

  tool_fixture_announce (self, "http", "one", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      int fds[2];
      FILE *out, *err;

      g_clear_pointer (&self->err, free);
      assert_int_equal (pipe (fds), 0);
      close (fds[0]);
      out = fdopen (fds[1], "w");
      err = open_memstream (&self->err, &self->err_size);
      assert_int_equal (tool_fixture_run_with_files (self, lines[i], NULL, out, err),
                        TOOL_STATUS_DONE);
      fclose (out);
      fclose (err);
      assert_string_equal (self->err, "");
      if (g_str_has_prefix (lines[i], "register"))
        {
          assert_int_equal (tool_fixture_count_instances (self, "http"), 0);
          tool_fixture_announce (self, "http", "one", NULL);
        }
    }
}

static void
a_full_disk_is_a_failure (void **state)
{
  ToolFixture *self = *state;
  FILE *out = fopen ("/dev/full", "w");
  FILE *err = open_memstream (&self->err, &self->err_size);

  tool_fixture_announce (self, "http", "one", NULL);
  assert_int_equal (tool_fixture_run_with_files (self, "lookup http", NULL, out, err),
                    TOOL_STATUS_FAILED);
  fclose (out);
  fclose (err);
  assert_starts_with (self->err, "disco: Cannot write to standard output: ");
}

/* --- an agent that never answers --- */

#define SILENT_TYPE_AGENT (silent_agent_get_type ())
G_DECLARE_FINAL_TYPE (SilentAgent, silent_agent, SILENT, AGENT, GObject)

struct _SilentAgent
{
  GObject parent_instance;
  GError *error; /* (nullable): answers with this at once */
  gboolean left;
};

static void
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  GTask *task = user_data;

  g_task_return_error_if_cancelled (task);
}

static void
wait_for_cancel (SilentAgent *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                 gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  if (self->error != NULL)
    g_task_return_error (task, g_error_copy (self->error));
  else
    g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), g_steal_pointer (&task),
                           g_object_unref);
}

static void
silent_register_async (DiscoAgent *agent, DiscoRegistration *registration,
                       GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  wait_for_cancel (SILENT_AGENT (agent), cancellable, callback, user_data);
}

static char *
silent_register_finish (DiscoAgent *agent, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
silent_services_async (DiscoAgent *agent, const char *const *tags, GCancellable *cancellable,
                       GAsyncReadyCallback callback, gpointer user_data)
{
  wait_for_cancel (SILENT_AGENT (agent), cancellable, callback, user_data);
}

static GHashTable *
silent_services_finish (DiscoAgent *agent, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
silent_leave_async (DiscoAgent *agent, GCancellable *cancellable, GAsyncReadyCallback callback,
                    gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (agent, cancellable, callback, user_data);

  SILENT_AGENT (agent)->left = TRUE;
  g_task_return_boolean (task, TRUE);
}

static gboolean
silent_leave_finish (DiscoAgent *agent, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
silent_agent_iface_init (DiscoAgentInterface *iface)
{
  iface->register_async = silent_register_async;
  iface->register_finish = silent_register_finish;
  iface->services_async = silent_services_async;
  iface->services_finish = silent_services_finish;
  iface->leave_async = silent_leave_async;
  iface->leave_finish = silent_leave_finish;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (SilentAgent, silent_agent, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (DISCO_TYPE_AGENT, silent_agent_iface_init))

static void
silent_agent_finalize (GObject *object)
{
  g_clear_error (&SILENT_AGENT (object)->error);
  G_OBJECT_CLASS (silent_agent_parent_class)->finalize (object);
}

static void
silent_agent_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  g_value_set_boxed (value, NULL);
}

static void
silent_agent_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
}

static void
silent_agent_class_init (SilentAgentClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = silent_agent_finalize;
  object_class->get_property = silent_agent_get_property;
  object_class->set_property = silent_agent_set_property;
  g_object_class_override_property (object_class, 1, "default-tags");
}

static void
silent_agent_init (SilentAgent *self)
{
}

static SilentAgent *
use_silent_agent (ToolFixture *self)
{
  g_object_unref (self->agent);
  self->agent = g_object_new (SILENT_TYPE_AGENT, NULL);
  return SILENT_AGENT (self->agent);
}

static void
time_over_is_status_1 (void **state)
{
  ToolFixture *self = *state;
  SilentAgent *agent = use_silent_agent (self);

  assert_int_equal (tool_fixture_run (self, "list --timeout 0.02", NULL), TOOL_STATUS_FAILED);
  assert_string_equal (self->err, "disco: Timed out after 0.02 s\n");
  assert_false (agent->left);
  assert_int_equal (tool_fixture_run (self, "register http 1 --timeout 0.02 --json", NULL),
                    TOOL_STATUS_FAILED);
  assert_string_equal (
      self->err,
      "{\"event\":\"error\",\"code\":\"failed\",\"message\":\"Timed out after 0.02 s\"}\n");
  assert_true (agent->left);
}

static void
an_interrupt_while_it_works_is_status_0 (void **state)
{
  ToolFixture *self = *state;
  static const ToolStep steps[] = { { NULL, tool_fixture_interrupt }, { NULL, NULL } };
  SilentAgent *agent = use_silent_agent (self);

  assert_int_equal (tool_fixture_run (self, "list", steps), TOOL_STATUS_DONE);
  assert_string_equal (self->err, "");
  assert_int_equal (tool_fixture_run (self, "register http 1", steps), TOOL_STATUS_DONE);
  assert_string_equal (self->err, "");
  assert_string_equal (self->out, "");
  assert_true (agent->left);
}

static void
people_who_wait_are_shown_that_something_goes_on (void **state)
{
  static const ToolStep list[]
      = { { "Looking for all services…", tool_fixture_interrupt }, { NULL, NULL } };
  static const ToolStep reg[]
      = { { "Announcing b\\x0as…", tool_fixture_interrupt }, { NULL, NULL } };
  ToolFixture *self = *state;

  use_silent_agent (self);
  self->err_look = (ToolLook){ .terminal = TRUE, .paints = TRUE };
  assert_int_equal (tool_fixture_run (self, "list", list), TOOL_STATUS_DONE);
  assert_true (g_str_has_suffix (self->err, "services…\r\x1b[K"));
  assert_string_equal (self->out, "");
  assert_int_equal (tool_fixture_run (self, "register 'b\ns' 1", reg), TOOL_STATUS_DONE);
  assert_true (g_str_has_suffix (self->err, "\r\x1b[K"));
  assert_int_equal (tool_fixture_run (self, "list --json --timeout 0.25", NULL),
                    TOOL_STATUS_FAILED);
  assert_starts_with (self->err, "{\"event\":\"error\",");
}

static void
each_error_has_its_status (void **state)
{
  static const struct
  {
    DiscoError code;
    ToolStatus status;
  } rows[] = {
    { DISCO_ERROR_INVALID_ARGUMENT, TOOL_STATUS_USAGE },
    { DISCO_ERROR_TOO_LARGE, TOOL_STATUS_USAGE },
    { DISCO_ERROR_UNAVAILABLE, TOOL_STATUS_UNAVAILABLE },
    { DISCO_ERROR_LIMIT, TOOL_STATUS_FAILED },
    { DISCO_ERROR_FAILED, TOOL_STATUS_FAILED },
  };
  ToolFixture *self = *state;
  SilentAgent *agent = use_silent_agent (self);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_clear_error (&agent->error);
      agent->error = g_error_new (DISCO_ERROR, rows[i].code, "bad\x1bthing");
      assert_int_equal (tool_fixture_run (self, "list", NULL), rows[i].status);
      assert_string_equal (self->err, "disco: bad\\x1bthing\n");
      assert_int_equal (tool_fixture_run (self, "register http 1", NULL), rows[i].status);
      assert_string_equal (self->err, "disco: bad\\x1bthing\n");
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown (a_reader_that_went_away_ends_the_command_quietly,
                                     tool_fixture_setup, tool_fixture_teardown),
    cmocka_unit_test_setup_teardown (a_full_disk_is_a_failure, tool_fixture_setup,
                                     tool_fixture_teardown),
    cmocka_unit_test_setup_teardown (time_over_is_status_1, tool_fixture_setup,
                                     tool_fixture_teardown),
    cmocka_unit_test_setup_teardown (an_interrupt_while_it_works_is_status_0, tool_fixture_setup,
                                     tool_fixture_teardown),
    cmocka_unit_test_setup_teardown (people_who_wait_are_shown_that_something_goes_on,
                                     tool_fixture_setup, tool_fixture_teardown),
    cmocka_unit_test_setup_teardown (each_error_has_its_status, tool_fixture_setup,
                                     tool_fixture_teardown),
  };

  signal (SIGPIPE, SIG_IGN);
  return cmocka_run_group_tests (tests, NULL, NULL);
}
