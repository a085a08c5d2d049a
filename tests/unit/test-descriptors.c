/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-descriptors-private.h"
#include "disco-sync-private.h"
#include "test-support.h"

#include <disco/disco-error.h>
#include <fcntl.h>
#include <unistd.h>

static void
descriptors_that_are_there_are_told_and_left_alone (void **state)
{
  const int before = fcntl (STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
  int after;

  close (before);
  assert_true (disco_descriptors_check (8, NULL));
  after = fcntl (STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
  close (after);
  assert_int_equal (after, before);
}

static void
too_few_descriptors_are_a_limit_for_blocking_calls_too (void **state)
{
  g_autoptr (GArray) fds = g_array_new (FALSE, FALSE, sizeof (int));
  g_autoptr (GError) error = NULL;
  DiscoSync sync = { NULL };
  int fd;

  while ((fd = fcntl (STDERR_FILENO, F_DUPFD_CLOEXEC, 0)) != -1)
    g_array_append_val (fds, fd);
  for (guint n_free = 0; n_free < 2; n_free++)
    {
      assert_false (disco_descriptors_check (n_free + 1, &error));
      test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_LIMIT, "RLIMIT_NOFILE");
      assert_true (disco_descriptors_check (n_free, NULL));
      if (n_free == 0)
        {
          assert_false (disco_sync_begin (&sync, &error));
          test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_LIMIT, "RLIMIT_NOFILE");
        }
      close (g_array_index (fds, int, n_free));
    }
  for (guint i = 2; i < fds->len; i++)
    close (g_array_index (fds, int, i));
  disco_sync_clear (&sync);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (descriptors_that_are_there_are_told_and_left_alone),
    cmocka_unit_test (too_few_descriptors_are_a_limit_for_blocking_calls_too),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
