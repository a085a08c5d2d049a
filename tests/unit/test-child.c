/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* This program is its own responder: started as one, it reports what it finds in a file of its own
 * in the test's folder, takes sessions, says "x" on each, and ends when its parent lets go. */
#include "disco-child-private.h"
#include "disco-wire-private.h"
#include "test-support.h"

#include <disco/disco-error.h>
#include <errno.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define FOLDER_VARIABLE "DISCO_TEST_FOLDER"

/* --- the responder --- */

static char *
report_path (int pid)
{
  g_autofree char *name = g_strdup_printf ("%d", pid);

  return g_build_filename (g_getenv (FOLDER_VARIABLE), name, NULL);
}

/* "3 --interface=lo": the open descriptors that are no standard ones, then the options. "-" before
 * it where the standard input is not /dev/null. */
static char *
describe_self (char **argv)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *input = g_file_read_link ("/proc/self/fd/0", NULL);
  g_autofree char *options = g_strjoinv (" ", argv + 1);

  if (g_strcmp0 (input, "/dev/null") != 0)
    g_string_append (text, "-");
  for (int fd = 3; fd < 256; fd++)
    {
      struct pollfd asked = { .fd = fd };
      if (poll (&asked, 1, 0) >= 0 && (asked.revents & POLLNVAL) == 0)
        g_string_append_printf (text, "%d ", fd);
    }
  g_string_append (text, options);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static gboolean
serve (GError **error)
{
  struct pollfd control = { .fd = DISCO_WIRE_CONTROL_FD, .events = POLLIN };
  int fd;

  poll (&control, 1, -1);
  fd = disco_wire_receive_fd (DISCO_WIRE_CONTROL_FD, error);
  if (fd < 0)
    return FALSE;
  /* the other side may have closed it already */
  send (fd, "x", 1, MSG_NOSIGNAL);
  close (fd);
  return TRUE;
}

static int
be_responder (char **argv)
{
  g_autofree char *path = report_path (getpid ());
  g_autofree char *text = describe_self (argv);
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  while (serve (&error))
    continue;
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED) ? 0 : 1;
}

/* --- the fixture --- */

typedef struct
{
  GMainContext *context;
  char *folder; /* (owned) */
  char *self;   /* (owned): this program */
} Fixture;

static int
set_up (void **state)
{
  Fixture *self = g_new0 (Fixture, 1);

  test_context_push ((void **)&self->context);
  self->folder = g_dir_make_tmp ("disco-child-XXXXXX", NULL);
  self->self = g_file_read_link ("/proc/self/exe", NULL);
  g_setenv (FOLDER_VARIABLE, self->folder, TRUE);
  g_setenv (DISCO_CHILD_VARIABLE, self->self, TRUE);
  *state = self;
  return 0;
}

/* (transfer full) (element int): the responders that were ever started */
static GArray *
list_pids (void)
{
  GArray *pids = g_array_new (FALSE, FALSE, sizeof (int));
  g_autoptr (GDir) folder = g_dir_open (g_getenv (FOLDER_VARIABLE), 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (folder)) != NULL)
    {
      int pid = (int)g_ascii_strtoll (name, NULL, 10);
      /* g_file_set_contents() writes under another name at first */
      if (pid > 0 && strchr (name, '.') == NULL)
        g_array_append_val (pids, pid);
    }
  return pids;
}

/* Ended and reaped */
static gboolean
is_gone (gpointer data)
{
  return kill (*(int *)data, 0) != 0 && errno == ESRCH;
}

/* All have ended and been reaped. */
static gboolean
have_gone (gpointer data)
{
  siginfo_t info;

  return waitid (P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 && errno == ECHILD;
}

static int
tear_down (void **state)
{
  Fixture *self = *state;
  g_autoptr (GArray) pids = NULL;

  test_wait_until (NULL, have_gone, NULL);
  pids = list_pids ();
  for (guint i = 0; i < pids->len; i++)
    {
      g_autofree char *path = report_path (g_array_index (pids, int, i));
      g_unlink (path);
    }
  assert_int_equal (g_rmdir (self->folder), 0);
  g_unsetenv (FOLDER_VARIABLE);
  test_context_pop ((void **)&self->context);
  g_free (self->folder);
  g_free (self->self);
  g_free (self);
  return 0;
}

#define child_test(test) cmocka_unit_test_setup_teardown (test, set_up, tear_down)

static gboolean
has_reported (gpointer data)
{
  g_autoptr (GArray) pids = list_pids ();

  return pids->len >= *(guint *)data;
}

/* Waits for the n-th report, and returns its process: the one that is not among @known. */
static int
wait_for_pid (guint n, const int *known)
{
  g_autoptr (GArray) pids = NULL;

  test_wait_until (NULL, has_reported, &n);
  pids = list_pids ();
  assert_int_equal (pids->len, n);
  for (guint i = 0; i < n; i++)
    if (known == NULL || g_array_index (pids, int, i) != *known)
      return g_array_index (pids, int, i);
  fail_msg ("only the one that was known");
  return 0;
}

static void
assert_report (int pid, const char *expected)
{
  g_autofree char *path = report_path (pid);
  g_autofree char *text = NULL;

  assert_true (g_file_get_contents (path, &text, NULL, NULL));
  assert_string_equal (text, expected);
}

static DiscoChild *
acquire (const char *interface)
{
  const char *interfaces[] = { interface, NULL };
  g_autoptr (GError) error = NULL;
  DiscoChild *child = disco_child_acquire (interfaces, NULL, &error);

  if (child == NULL)
    fail_msg ("no child: %s", error->message);
  return child;
}

/* --- tests --- */

static void
child_is_given_its_options_and_the_control_socket_alone (void **state)
{
  const char *interfaces[] = { "eth*", "lo", NULL };
  const char *excluded[] = { "eth1", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (DiscoChild) child = NULL;
  int other[2];

  assert_int_equal (pipe (other), 0);
  child = disco_child_acquire (interfaces, excluded, &error);
  assert_non_null (child);
  assert_report (wait_for_pid (1, NULL), "3 --interface=eth* --interface=lo --exclude=eth1");
  close (other[0]);
  close (other[1]);
}

static void
child_is_shared_by_those_with_the_same_options (void **state)
{
  g_autoptr (DiscoChild) first = acquire ("lo");
  g_autoptr (DiscoChild) second = acquire ("lo");
  g_autoptr (DiscoChild) other = acquire ("eth0");

  assert_ptr_equal (first, second);
  assert_ptr_not_equal (first, other);
  wait_for_pid (2, NULL);
}

/* A responder takes that many sessions and no more. */
static void
child_is_not_shared_by_more_than_it_can_serve (void **state)
{
  DiscoChild *children[DISCO_WIRE_MAX_SESSIONS + 1];
  g_autoptr (GHashTable) users = g_hash_table_new (NULL, NULL);
  GHashTableIter iter;
  gpointer n;

  for (gsize i = 0; i < G_N_ELEMENTS (children); i++)
    {
      children[i] = acquire ("lo");
      n = g_hash_table_lookup (users, children[i]);
      g_hash_table_insert (users, children[i], GUINT_TO_POINTER (GPOINTER_TO_UINT (n) + 1));
    }
  assert_in_range (g_hash_table_size (users), 2, 4);
  g_hash_table_iter_init (&iter, users);
  while (g_hash_table_iter_next (&iter, NULL, &n))
    assert_true (GPOINTER_TO_UINT (n) < DISCO_WIRE_MAX_SESSIONS);
  for (gsize i = 0; i < G_N_ELEMENTS (children); i++)
    disco_child_release (children[i]);
}

static void
child_ends_and_is_reaped_when_the_last_lets_go (void **state)
{
  DiscoChild *first = acquire ("lo");
  DiscoChild *second = acquire ("lo");
  int pid = wait_for_pid (1, NULL);

  disco_child_release (first);
  assert_int_equal (kill (pid, 0), 0);
  disco_child_release (second);
  test_wait_until (NULL, is_gone, &pid);
}

static gboolean
can_read (gpointer data)
{
  struct pollfd asked = { .fd = *(int *)data, .events = POLLIN };

  return poll (&asked, 1, 0) == 1;
}

static void
child_takes_sessions (void **state)
{
  g_autoptr (DiscoChild) child = acquire ("lo");

  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GError) error = NULL;
      int fd = disco_child_open_session (child, &error);
      char said = 0;

      assert_true (fd >= 0);
      test_wait_until (NULL, can_read, &fd);
      assert_int_equal (read (fd, &said, 1), 1);
      assert_int_equal (said, 'x');
      close (fd);
    }
}

static gboolean
is_refused (gpointer data)
{
  g_autoptr (GError) error = NULL;
  int fd = disco_child_open_session (data, &error);

  if (fd >= 0)
    {
      close (fd);
      return FALSE;
    }
  test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_UNAVAILABLE, "cannot reach the responder");
  return TRUE;
}

static void
child_that_died_is_replaced_and_leaves_the_new_one_alone (void **state)
{
  DiscoChild *old = acquire ("lo");
  int pid = wait_for_pid (1, NULL);
  g_autoptr (DiscoChild) fresh = NULL;
  g_autoptr (DiscoChild) again = NULL;
  int fresh_pid;

  kill (pid, SIGKILL);
  test_wait_until (NULL, is_refused, old);
  fresh = acquire ("lo");
  assert_ptr_not_equal (fresh, old);
  fresh_pid = wait_for_pid (2, &pid);
  disco_child_release (old);
  again = acquire ("lo");
  assert_ptr_equal (again, fresh);
  assert_int_equal (kill (fresh_pid, 0), 0);
  assert_false (is_refused (fresh));
}

static void
child_that_hangs_is_killed_and_replaced_when_given_up (void **state)
{
  g_autoptr (DiscoChild) old = acquire ("lo");
  int pid = wait_for_pid (1, NULL);
  g_autoptr (DiscoChild) fresh = NULL;

  kill (pid, SIGSTOP);
  disco_child_give_up (old);
  fresh = acquire ("lo");
  assert_ptr_not_equal (fresh, old);
  test_wait_until (NULL, is_gone, &pid);
  disco_child_give_up (old);
  assert_false (is_refused (fresh));
}

static void
child_without_a_program_is_unavailable_and_says_how_to_name_one (void **state)
{
  static const char *const programs[] = { "/nonexistent/disco-responder", "/etc/passwd", "/tmp" };

  for (gsize i = 0; i < G_N_ELEMENTS (programs); i++)
    {
      g_autoptr (GError) error = NULL;

      g_setenv (DISCO_CHILD_VARIABLE, programs[i], TRUE);
      assert_null (disco_child_acquire (NULL, NULL, &error));
      assert_non_null (strstr (error->message, programs[i]));
      test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_UNAVAILABLE, DISCO_CHILD_VARIABLE);
    }
}

static void
child_is_the_installed_program_where_none_is_named_or_built (void **state)
{
  const char *interfaces[] = { "there is none of this name", NULL };
  g_autoptr (GError) error = NULL;
  DiscoChild *child;

  g_unsetenv (DISCO_CHILD_VARIABLE);
  child = disco_child_acquire (interfaces, NULL, &error);
  if (child == NULL)
    {
      test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_UNAVAILABLE, "/disco-responder\"");
      return;
    }
  assert_true (g_path_is_absolute (disco_child_get_program (child)));
  disco_child_release (child);
}

static gpointer
come_and_go (gpointer data)
{
  static const char *const interfaces[] = { "lo", "eth0" };

  for (guint i = 0; i < 20; i++)
    {
      g_autoptr (DiscoChild) child = acquire (interfaces[i % 2]);
      int fd = disco_child_open_session (child, NULL);

      g_assert_cmpint (fd, >=, 0);
      close (fd);
    }
  return NULL;
}

static void
children_come_and_go_on_many_threads (void **state)
{
  GThread *threads[4];

  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("agent", come_and_go, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  test_wait_until (NULL, have_gone, NULL);
}

int
main (int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    child_test (child_is_given_its_options_and_the_control_socket_alone),
    child_test (child_is_shared_by_those_with_the_same_options),
    child_test (child_is_not_shared_by_more_than_it_can_serve),
    child_test (child_ends_and_is_reaped_when_the_last_lets_go),
    child_test (child_takes_sessions),
    child_test (child_that_died_is_replaced_and_leaves_the_new_one_alone),
    child_test (child_that_hangs_is_killed_and_replaced_when_given_up),
    child_test (child_without_a_program_is_unavailable_and_says_how_to_name_one),
    child_test (child_is_the_installed_program_where_none_is_named_or_built),
    child_test (children_come_and_go_on_many_threads),
  };

  if (g_getenv (FOLDER_VARIABLE) != NULL)
    return be_responder (argv);
  return cmocka_run_group_tests (tests, NULL, NULL);
}
