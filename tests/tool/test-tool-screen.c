/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tool-screen.h"

#include "test-support.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static void
on_told (int signum, gpointer user_data)
{
  g_array_append_val ((GArray *)user_data, signum);
}

static gboolean
has_one (gpointer data)
{
  return ((GArray *)data)->len == 1;
}

/* As a key's signal reaches a child that is about to run another program: what is told twice would
 * stop a job twice, that is told to go on once. */
static void
a_signal_to_a_child_is_not_told (void **state)
{
  g_autoptr (GArray) signums = g_array_new (FALSE, FALSE, sizeof (int));
  int status;
  pid_t child;

  tool_screen_take (STDOUT_FILENO, on_told, signums);
  child = fork ();
  if (child == 0)
    {
      raise (SIGTSTP);
      _exit (0);
    }
  assert_int_equal (waitpid (child, &status, WUNTRACED), child);
  assert_int_equal (status, 0);
  raise (SIGCONT);
  test_wait_until (g_main_context_get_thread_default (), has_one, signums);
  assert_int_equal (g_array_index (signums, int, 0), SIGCONT);
  tool_screen_give_back ();
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    test_in_own_context (a_signal_to_a_child_is_not_told),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
