/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* test-peers PEERS DISCO SENSOR - runs the window of examples/peers on host a, on a display of its
 * own, and reads what it shows while programs on hosts b and c announce themselves, change and end.
 * Leaves pictures in the working directory, from which those in docs/ are made. */
#include "peers-window.h"
#include "screen.h"

#include <glib/gstdio.h>
#include <string.h>

typedef struct
{
  AdwApplication *app;    /* (owned) */
  DiscoAvahiAgent *agent; /* (owned) */
  GtkWidget *window;      /* (nullable): NULL once it is destroyed */
} Fixture;

static const char *peers_program, *disco, *sensor;

static int
set_up (void **state)
{
  Fixture *self = g_new0 (Fixture, 1);
  g_autoptr (GError) error = NULL;

  self->app = adw_application_new ("org.example.Peers", G_APPLICATION_NON_UNIQUE);
  assert_true (g_application_register (G_APPLICATION (self->app), NULL, NULL));
  self->agent = disco_avahi_agent_new (DISCO_BACKEND_AUTO);
  self->window
      = GTK_WIDGET (peers_window_new (GTK_APPLICATION (self->app), self->agent, "http", &error));
  assert_null (error);
  g_object_add_weak_pointer (G_OBJECT (self->window), (gpointer *)&self->window);
  gtk_window_present (GTK_WINDOW (self->window));
  *state = self;
  return 0;
}

static gboolean
is_gone (gpointer window)
{
  return *(GtkWidget **)window == NULL;
}

/* A window that is closed keeps nothing of itself, whatever was under way. */
static int
tear_down (void **state)
{
  Fixture *self = *state;

  gtk_window_destroy (GTK_WINDOW (self->window));
  test_wait_until (NULL, is_gone, &self->window);
  g_object_unref (self->agent);
  g_object_unref (self->app);
  g_free (self);
  return 0;
}

/* --- the other hosts --- */

/* @host has the name @hostname meanwhile. The chain of programs only executes the next, so that
 * signals reach the last. */
static GSubprocess *
run_on (const char *host, const char *hostname, const char *program, ...)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  const char *const words[]
      = { g_getenv ("BED"), "exec", host, "unshare",
          "--uts",          "sh",   "-c", "echo \"$0\" >/proc/sys/kernel/hostname && exec \"$@\"",
          hostname,         program };
  GSubprocess *process;
  char *word;
  va_list args;

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    g_ptr_array_add (argv, (char *)words[i]);
  va_start (args, program);
  do
    {
      word = va_arg (args, char *);
      g_ptr_array_add (argv, word);
    }
  while (word != NULL);
  va_end (args);
  process = g_subprocess_newv ((const char *const *)argv->pdata, G_SUBPROCESS_FLAGS_STDOUT_SILENCE,
                               NULL);
  assert_non_null (process);
  return process;
}

static void
end (GSubprocess *process)
{
  g_subprocess_send_signal (process, SIGTERM);
  assert_true (g_subprocess_wait_check (process, NULL, NULL));
  g_object_unref (process);
}

static void
set_value (const char *file, const char *value)
{
  assert_true (g_file_set_contents (file, value, -1, NULL));
}

/* --- what a user does --- */

static void
search (Fixture *self, const char *text)
{
  GtkSearchBar *bar = screen_find (self->window, GTK_TYPE_SEARCH_BAR);

  gtk_search_bar_set_search_mode (bar, text != NULL);
  if (text != NULL)
    gtk_editable_set_text (GTK_EDITABLE (gtk_search_bar_get_child (bar)), text);
}

static void
choose_row (Fixture *self, guint position)
{
  GtkListView *list = screen_find (self->window, GTK_TYPE_LIST_VIEW);

  assert_true (gtk_selection_model_select_item (gtk_list_view_get_model (list), position, TRUE));
}

static void
assert_selected (Fixture *self, const char *label)
{
  GtkListView *list = screen_find (self->window, GTK_TYPE_LIST_VIEW);
  DiscoInstance *peer = gtk_single_selection_get_selected_item (
      GTK_SINGLE_SELECTION (gtk_list_view_get_model (list)));

  assert_string_equal (peer != NULL ? disco_instance_get_label (peer) : "nothing", label);
}

/* --- tests --- */

static void
set_interface (const char *state)
{
  g_autoptr (GSubprocess) process = g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, NULL,
                                                      g_getenv ("BED"), "link", "a", state, NULL);

  assert_true (g_subprocess_wait_check (process, NULL, NULL));
}

/* All that is not well, as disco_diagnose() says it */
static void
assert_hints_are_there (Fixture *self)
{
  g_autoptr (GPtrArray) diagnoses = disco_diagnose (self->agent, NULL, NULL);
  guint n_hints = 0;

  assert_non_null (diagnoses);
  for (guint i = 0; i < diagnoses->len; i++)
    {
      DiscoDiagnosis *diagnosis = diagnoses->pdata[i];
      const gboolean is_hint = disco_diagnosis_get_status (diagnosis) != DISCO_DIAGNOSIS_STATUS_OK;

      assert_int_equal (screen_has_text (self->window, disco_diagnosis_get_detail (diagnosis)),
                        is_hint);
      n_hints += is_hint;
    }
  assert_true (n_hints > 0);
}

static gboolean
can_check_again (gpointer data)
{
  Fixture *self = data;

  return screen_find_button (self->window, "Check Again") != NULL;
}

static void
an_empty_page_says_what_is_wrong_until_it_is_mended (void **state)
{
  Fixture *self = *state;

  set_interface ("down");
  screen_await_text (self->window, "Nobody Is There");
  assert_true (screen_has_text (self->window, "On this network nobody offers “http”."));
  test_wait_until (NULL, can_check_again, self);
  assert_hints_are_there (self);
  screen_shoot (GTK_WINDOW (self->window), "peers-empty.png");

  set_interface ("up");
  g_signal_emit_by_name (screen_find_button (self->window, "Check Again"), "clicked");
  assert_true (screen_has_text (self->window, "Checking the network…"));
  screen_await_text (self->window, "This computer and its network seem to be fine.");
}

static void
peers_come_change_are_found_and_go (void **state)
{
  Fixture *self = *state;
  g_autofree char *file = g_build_filename (g_getenv ("BED_DIR"), "value", NULL);
  GSubprocess *cellar, *kitchen, *attic;

  set_value (file, "12.5 C");
  attic = run_on ("b", "attic-pi", disco, "--backend=embedded", "register", "http", "8080", "--id",
                  "attic", "--label", "Attic", NULL);
  cellar = run_on ("b", "attic-pi", sensor, "--label", "Cellar", "--source", file, "--every", "1",
                   "--port", "8000", NULL);
  kitchen = run_on ("c", "radio", disco, "--backend=embedded", "register", "http", "80", "--id",
                    "kitchen", "--label", "Kitchen <Radio>", "--tag", "music", NULL);
  screen_await_rows (self->window, "Attic|Cellar|Kitchen <Radio>");
  assert_true (screen_has_text (self->window, "radio.local"));
  assert_true (screen_has_text (self->window, "Select a Peer"));

  choose_row (self, 1);
  screen_await_text (self->window, "198.51.100.2:8000");
  assert_true (screen_has_text (self->window, "sensor"));
  assert_true (screen_has_text (self->window, "12.5"));
  screen_shoot (GTK_WINDOW (self->window), "peers.png");

  search (self, "bathroom");
  screen_await_text (self->window, "No Results Found");
  search (self, "198.51.100.2");
  screen_await_rows (self->window, "Attic|Cellar");
  assert_selected (self, "Cellar");
  search (self, "MUSIC");
  screen_await_rows (self->window, "Kitchen <Radio>");

  /* the details follow a peer that is not in the list now */
  set_value (file, "13.0 C");
  screen_await_text (self->window, "13.0");
  assert_false (screen_has_text (self->window, "12.5"));
  end (kitchen);
  screen_await_text (self->window, "No Results Found");
  search (self, NULL);
  screen_await_rows (self->window, "Attic|Cellar");
  assert_selected (self, "Cellar");

  end (cellar);
  screen_await_rows (self->window, "Attic");
  assert_true (screen_has_text (self->window, "Select a Peer"));
  end (attic);
  screen_await_text (self->window, "Nobody Is There");
}

static void
a_name_that_cannot_be_is_refused (void **state)
{
  g_autoptr (GSubprocess) process
      = g_subprocess_new (G_SUBPROCESS_FLAGS_STDERR_PIPE, NULL, peers_program, "", NULL);
  g_autofree char *said = NULL;

  assert_non_null (process);
  assert_true (g_subprocess_communicate_utf8 (process, NULL, NULL, NULL, &said, NULL));
  assert_int_equal (g_subprocess_get_exit_status (process), 1);
  assert_true (g_str_has_prefix (said, "peers: "));
}

int
main (int argc, char *argv[])
{
  /* one window, which one after the other uses */
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (a_name_that_cannot_be_is_refused),
    cmocka_unit_test (an_empty_page_says_what_is_wrong_until_it_is_mended),
    cmocka_unit_test (peers_come_change_are_found_and_go),
  };

  assert_int_equal (argc, 4);
  peers_program = argv[1];
  disco = argv[2];
  sensor = argv[3];
  screen_open ();
  return cmocka_run_group_tests (tests, set_up, tear_down);
}
