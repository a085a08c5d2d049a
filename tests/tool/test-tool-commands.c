/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-support.h"
#include "tool-run.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

/* A command runs to its end on an agent in memory. Where it needs something to happen meanwhile, a
 * script acts each time that what it waits for has been printed. */
typedef struct _Fixture Fixture;

typedef struct
{
  const char *awaited; /* in standard output, or NULL: at once */
  void (*act) (Fixture *self);
} Step;

struct _Fixture
{
  GMainContext *context;
  DiscoAgent *agent;
  char *out;
  char *err;
  size_t out_size, err_size;
  ToolRun *run;
  const Step *steps;
};

static int
setup (void **state)
{
  Fixture *self = g_new0 (Fixture, 1);

  self->context = g_main_context_new ();
  g_main_context_push_thread_default (self->context);
  self->agent = DISCO_AGENT (disco_local_agent_new ());
  *state = self;
  return 0;
}

static int
teardown (void **state)
{
  Fixture *self = *state;

  g_object_unref (self->agent);
  g_main_context_pop_thread_default (self->context);
  g_main_context_unref (self->context);
  free (self->out);
  free (self->err);
  g_free (self);
  return 0;
}

static void
announce (Fixture *self, const char *name, const char *id, const char *tag)
{
  g_autoptr (DiscoRegistration) registration = disco_registration_new (name, 80);
  g_autofree char *made = NULL;
  g_autoptr (GError) error = NULL;

  disco_registration_set_id (registration, id);
  disco_registration_set_tags (registration, (const char *const[]){ tag, NULL });
  made = disco_agent_register (self->agent, registration, NULL, &error);
  assert_null (error);
}

static gboolean
on_tick (gpointer data)
{
  Fixture *self = data;

  if (self->steps->act == NULL)
    return G_SOURCE_CONTINUE;
  if (self->steps->awaited == NULL
      || (self->out != NULL && strstr (self->out, self->steps->awaited) != NULL))
    (self->steps++)->act (self);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_late (gpointer data)
{
  fail_msg ("the command did not end within %d s", TEST_DEADLINE_S);
  return G_SOURCE_REMOVE;
}

static ToolStatus
run_with_files (Fixture *self, const char *line, const Step *steps, FILE *out, FILE *err)
{
  g_autofree char *whole = g_strconcat ("disco ", line, NULL);
  g_autofree char *info = NULL;
  g_auto (GStrv) args = NULL;
  g_autoptr (ToolOptions) options = NULL;
  g_autoptr (ToolOutput) output = NULL;
  g_autoptr (ToolRun) run = NULL;
  g_autoptr (GSource) tick = g_timeout_source_new (1);
  g_autoptr (GSource) late = g_timeout_source_new_seconds (TEST_DEADLINE_S);
  static const Step no_steps[] = { { NULL, NULL } };
  ToolStatus status;

  assert_true (g_shell_parse_argv (whole, NULL, &args, NULL));
  options = tool_options_parse ((const char *const *)args, &info, NULL);
  assert_non_null (options);
  output = tool_output_new (out, err, options->global.json, FALSE);
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

static ToolStatus
run (Fixture *self, const char *line, const Step *steps)
{
  FILE *out, *err;
  ToolStatus status;

  g_clear_pointer (&self->out, free);
  g_clear_pointer (&self->err, free);
  out = open_memstream (&self->out, &self->out_size);
  err = open_memstream (&self->err, &self->err_size);
  status = run_with_files (self, line, steps, out, err);
  fclose (out);
  fclose (err);
  return status;
}

static void
interrupt (Fixture *self)
{
  tool_run_interrupt (self->run);
}

static void
assert_starts_with (const char *text, const char *start)
{
  if (!g_str_has_prefix (text, start))
    fail_msg ("'%s' does not begin with '%s'", text, start);
}

static void
list_prints_all_services_by_name_with_their_instances (void **state)
{
  Fixture *self = *state;

  announce (self, "ipp", "printer", "x");
  announce (self, "http", "web", "y");
  announce (self, "billing.invoices", "b\xc3\xbc", NULL);
  assert_int_equal (run (self, "list", NULL), TOOL_STATUS_DONE);
  assert_string_equal (self->out, "billing.invoices\tb\xc3\xbc\t127.0.0.1:80\tb\xc3\xbc\n"
                                  "http\tweb\t127.0.0.1:80\tweb\ty\n"
                                  "ipp\tprinter\t127.0.0.1:80\tprinter\tx\n");
  assert_string_equal (self->err, "");
}

static void
list_with_tags_prints_what_has_them (void **state)
{
  Fixture *self = *state;

  announce (self, "ipp", "printer", "x");
  announce (self, "http", "web", "y");
  announce (self, "http", "web2", "x");
  assert_int_equal (run (self, "list --tag x --json", NULL), TOOL_STATUS_DONE);
  assert_starts_with (self->out,
                      "{\"name\":\"http\",\"instances\":[{\"id\":\"web2\",\"name\":\"http\"");
  assert_non_null (strstr (self->out, "\n{\"name\":\"ipp\",\"instances\":[{\"id\":\"printer\""));
  assert_null (strstr (self->out, "\"web\""));
}

static void
nothing_found_is_status_3 (void **state)
{
  Fixture *self = *state;
  static const char *const lines[] = { "list", "lookup http", "watch --once http" };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      assert_int_equal (run (self, lines[i], NULL), TOOL_STATUS_NOTHING);
      assert_string_equal (self->out, "");
      assert_string_equal (self->err, "disco: Nothing was found\n");
    }
}

static void
lookup_prints_the_best_instance_or_all (void **state)
{
  Fixture *self = *state;

  announce (self, "http", "c", NULL);
  announce (self, "http", "a", NULL);
  announce (self, "http", "b", NULL);
  assert_int_equal (run (self, "lookup http", NULL), TOOL_STATUS_DONE);
  assert_string_equal (self->out, "127.0.0.1:80\n");
  assert_int_equal (run (self, "lookup http --json", NULL), TOOL_STATUS_DONE);
  assert_starts_with (self->out, "{\"instance\":{\"id\":\"a\",\"name\":\"http\"");
  assert_int_equal (run (self, "lookup http --all", NULL), TOOL_STATUS_DONE);
  assert_string_equal (self->out, "127.0.0.1:80\n127.0.0.1:80\n127.0.0.1:80\n");
}

static void
a_name_or_tag_that_breaks_a_rule_is_wrong_usage (void **state)
{
  Fixture *self = *state;
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

      assert_int_equal (run (self, lines[i], NULL), TOOL_STATUS_USAGE);
      assert_starts_with (self->err, "disco: ");
      assert_ptr_equal (strchr (self->err, '\n'), self->err + self->err_size - 1);
      assert_int_equal (run (self, json, NULL), TOOL_STATUS_USAGE);
      assert_string_equal (self->out, "");
      assert_starts_with (self->err,
                          "{\"event\":\"error\",\"code\":\"invalid-argument\",\"message\":\"");
    }
}

static void
watch_once_prints_the_first_full_set_and_ends (void **state)
{
  Fixture *self = *state;

  announce (self, "http", "a", "x");
  announce (self, "http", "b", NULL);
  assert_int_equal (run (self, "watch http --once --tag x", NULL), TOOL_STATUS_DONE);
  assert_string_equal (self->out, "add\ta\t127.0.0.1:80\ta\tx\n");
  assert_int_equal (run (self, "watch http --once --json", NULL), TOOL_STATUS_DONE);
  assert_starts_with (self->out, "{\"event\":\"add\",\"instance\":{\"id\":\"");
  assert_true (g_str_has_suffix (self->out, "}\n{\"event\":\"synced\",\"count\":2}\n"));
}

static void
announce_later (Fixture *self)
{
  announce (self, "http", "later", "t");
}

static void
change_later (Fixture *self)
{
  g_autoptr (DiscoRegistration) registration = disco_registration_new ("http", 81);
  g_autoptr (GError) error = NULL;

  assert_true (disco_agent_update (self->agent, "later", registration, NULL, &error));
}

static void
withdraw_later (Fixture *self)
{
  g_autoptr (GError) error = NULL;

  assert_true (disco_agent_deregister (self->agent, "later", NULL, &error));
}

static void
watch_prints_every_event_until_it_is_interrupted (void **state)
{
  Fixture *self = *state;
  static const Step steps[] = { { "synced\t1\n", announce_later },
                                { "add\tlater\t", change_later },
                                { "update\tlater\t", withdraw_later },
                                { "remove\tlater\t", interrupt },
                                { NULL, NULL } };

  announce (self, "http", "a", NULL);
  assert_int_equal (run (self, "watch http", steps), TOOL_STATUS_DONE);
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
  Fixture *self = *state;
  static const Step steps[] = { { "synced", interrupt }, { NULL, NULL } };
  const char *p;

  for (guint i = 0; i < 200; i++)
    {
      g_autofree char *id = g_strdup_printf ("i%u", i);

      announce (self, "http", id, NULL);
    }
  assert_int_equal (run (self, "watch http --json", steps), TOOL_STATUS_DONE);
  p = strstr (self->out, "{\"event\":\"synced\"");
  assert_string_equal (p, "{\"event\":\"synced\",\"count\":200}\n");
}

static guint
count_instances (Fixture *self, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DiscoService) service = disco_agent_service (self->agent, name, NULL, NULL, &error);
  g_autoptr (GPtrArray) instances = NULL;

  assert_null (error);
  instances = disco_service_get_instances (service);
  return instances->len;
}

static void
interrupt_what_is_announced (Fixture *self)
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
  Fixture *self = *state;
  static const Step steps[] = { { "registered", interrupt_what_is_announced }, { NULL, NULL } };

  assert_int_equal (run (self,
                         "register http 8080 --id one --label One --tag a --tag 'b c' "
                         "--attr path=/a=b --attr alone",
                         steps),
                    TOOL_STATUS_DONE);
  assert_string_equal (self->out, "registered\tone\tOne\thttp\nleft\tone\n");
  assert_string_equal (self->err, "");
  assert_int_equal (count_instances (self, "http"), 0);
}

static void
register_tells_the_label_that_it_got (void **state)
{
  Fixture *self = *state;
  static const Step steps[] = { { "registered", interrupt }, { NULL, NULL } };
  g_autoptr (DiscoRegistration) first = disco_registration_new ("http", 1);
  g_autofree char *id = NULL;

  disco_registration_set_label (first, "One");
  id = disco_agent_register (self->agent, first, NULL, NULL);
  assert_non_null (id);
  assert_int_equal (run (self, "register http 1 --id two --label One --json", steps),
                    TOOL_STATUS_DONE);
  assert_string_equal (
      self->out,
      "{\"event\":\"registered\",\"id\":\"two\",\"name\":\"http\",\"label\":\"One #2\"}\n"
      "{\"event\":\"left\",\"id\":\"two\"}\n");
}

static void
rename_it (Fixture *self)
{
  g_signal_emit_by_name (self->agent, "renamed", "one", "One #2");
}

static void
register_tells_every_later_rename (void **state)
{
  Fixture *self = *state;
  static const Step steps[]
      = { { "registered", rename_it }, { "renamed", interrupt }, { NULL, NULL } };

  assert_int_equal (run (self, "register http 1 --id one --json", steps), TOOL_STATUS_DONE);
  assert_string_equal (
      self->out, "{\"event\":\"registered\",\"id\":\"one\",\"name\":\"http\",\"label\":\"one\"}\n"
                 "{\"event\":\"renamed\",\"id\":\"one\",\"label\":\"One #2\"}\n"
                 "{\"event\":\"left\",\"id\":\"one\"}\n");
}

static void
register_that_fails_says_why (void **state)
{
  Fixture *self = *state;
  g_autofree char *attribute = g_strnfill (251, 'v');
  g_autofree char *line = g_strdup_printf ("register http 1 --json --attr k1234=%s", attribute);

  assert_int_equal (run (self, line, NULL), TOOL_STATUS_USAGE);
  assert_starts_with (self->err, "{\"event\":\"error\",\"code\":\"too-large\",");
  announce (self, "http", "one", NULL);
  assert_int_equal (run (self, "register http 1 --id one --json", NULL), TOOL_STATUS_FAILED);
  assert_starts_with (self->err, "{\"event\":\"error\",\"code\":\"exists\",");
  assert_string_equal (self->out, "");
}

/* --- standard output that cannot be written --- */

static void
a_reader_that_went_away_ends_the_command_quietly (void **state)
{
  Fixture *self = *state;
  static const char *const lines[]
      = { "watch http", "list --json", "register http 1 --id two", "lookup http" };

  announce (self, "http", "one", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      int fds[2];
      FILE *out, *err;

      g_clear_pointer (&self->err, free);
      assert_int_equal (pipe (fds), 0);
      close (fds[0]);
      out = fdopen (fds[1], "w");
      err = open_memstream (&self->err, &self->err_size);
      assert_int_equal (run_with_files (self, lines[i], NULL, out, err), TOOL_STATUS_DONE);
      fclose (out);
      fclose (err);
      assert_string_equal (self->err, "");
      if (g_str_has_prefix (lines[i], "register"))
        {
          assert_int_equal (count_instances (self, "http"), 0);
          announce (self, "http", "one", NULL);
        }
    }
}

static void
a_full_disk_is_a_failure (void **state)
{
  Fixture *self = *state;
  FILE *out = fopen ("/dev/full", "w");
  FILE *err = open_memstream (&self->err, &self->err_size);

  announce (self, "http", "one", NULL);
  assert_int_equal (run_with_files (self, "lookup http", NULL, out, err), TOOL_STATUS_FAILED);
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
use_silent_agent (Fixture *self)
{
  g_object_unref (self->agent);
  self->agent = g_object_new (SILENT_TYPE_AGENT, NULL);
  return SILENT_AGENT (self->agent);
}

static void
time_over_is_status_1 (void **state)
{
  Fixture *self = *state;
  SilentAgent *agent = use_silent_agent (self);

  assert_int_equal (run (self, "list --timeout 0.02", NULL), TOOL_STATUS_FAILED);
  assert_string_equal (self->err, "disco: Timed out after 0.02 s\n");
  assert_false (agent->left);
  assert_int_equal (run (self, "register http 1 --timeout 0.02 --json", NULL), TOOL_STATUS_FAILED);
  assert_string_equal (
      self->err,
      "{\"event\":\"error\",\"code\":\"failed\",\"message\":\"Timed out after 0.02 s\"}\n");
  assert_true (agent->left);
}

static void
an_interrupt_while_it_works_is_status_0 (void **state)
{
  Fixture *self = *state;
  static const Step steps[] = { { NULL, interrupt }, { NULL, NULL } };
  SilentAgent *agent = use_silent_agent (self);

  assert_int_equal (run (self, "list", steps), TOOL_STATUS_DONE);
  assert_string_equal (self->err, "");
  assert_int_equal (run (self, "register http 1", steps), TOOL_STATUS_DONE);
  assert_string_equal (self->err, "");
  assert_string_equal (self->out, "");
  assert_true (agent->left);
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
  Fixture *self = *state;
  SilentAgent *agent = use_silent_agent (self);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_clear_error (&agent->error);
      agent->error = g_error_new (DISCO_ERROR, rows[i].code, "bad\x1bthing");
      assert_int_equal (run (self, "list", NULL), rows[i].status);
      assert_string_equal (self->err, "disco: bad\\x1bthing\n");
      assert_int_equal (run (self, "register http 1", NULL), rows[i].status);
      assert_string_equal (self->err, "disco: bad\\x1bthing\n");
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown (list_prints_all_services_by_name_with_their_instances, setup,
                                     teardown),
    cmocka_unit_test_setup_teardown (list_with_tags_prints_what_has_them, setup, teardown),
    cmocka_unit_test_setup_teardown (nothing_found_is_status_3, setup, teardown),
    cmocka_unit_test_setup_teardown (lookup_prints_the_best_instance_or_all, setup, teardown),
    cmocka_unit_test_setup_teardown (a_name_or_tag_that_breaks_a_rule_is_wrong_usage, setup,
                                     teardown),
    cmocka_unit_test_setup_teardown (watch_once_prints_the_first_full_set_and_ends, setup,
                                     teardown),
    cmocka_unit_test_setup_teardown (watch_prints_every_event_until_it_is_interrupted, setup,
                                     teardown),
    cmocka_unit_test_setup_teardown (synced_comes_after_all_adds_of_the_first_full_set, setup,
                                     teardown),
    cmocka_unit_test_setup_teardown (register_announces_until_it_is_interrupted_and_leaves, setup,
                                     teardown),
    cmocka_unit_test_setup_teardown (register_tells_the_label_that_it_got, setup, teardown),
    cmocka_unit_test_setup_teardown (register_tells_every_later_rename, setup, teardown),
    cmocka_unit_test_setup_teardown (register_that_fails_says_why, setup, teardown),
    cmocka_unit_test_setup_teardown (a_reader_that_went_away_ends_the_command_quietly, setup,
                                     teardown),
    cmocka_unit_test_setup_teardown (a_full_disk_is_a_failure, setup, teardown),
    cmocka_unit_test_setup_teardown (time_over_is_status_1, setup, teardown),
    cmocka_unit_test_setup_teardown (an_interrupt_while_it_works_is_status_0, setup, teardown),
    cmocka_unit_test_setup_teardown (each_error_has_its_status, setup, teardown),
  };

  signal (SIGPIPE, SIG_IGN);
  return cmocka_run_group_tests (tests, NULL, NULL);
}
