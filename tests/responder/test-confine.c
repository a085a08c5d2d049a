/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-confine-private.h"
#include "test-support.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* What cannot be undone is done in a process of its own. */
static int
run_confined (int (*check) (void))
{
  pid_t pid = fork ();
  int wait_status;

  assert_true (pid >= 0);
  if (pid == 0)
    {
      disco_confine ();
      _exit (check ());
    }
  assert_int_equal (waitpid (pid, &wait_status, 0), pid);
  assert_true (WIFEXITED (wait_status));
  return WEXITSTATUS (wait_status);
}

static int
open_files (void)
{
  if (open ("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0 || errno != EACCES)
    return 1;
  if (open ("/tmp/disco-test-confine", O_WRONLY | O_CREAT | O_CLOEXEC, 0600) >= 0)
    return 2;
  if (open (".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) >= 0)
    return 3;
  return 0;
}

static void
no_file_can_be_opened (void **state)
{
  if (syscall (SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) < 1)
    skip ();
#ifdef DISCO_RESPONDER_KEEPS_FILES
  skip ();
#endif
  assert_int_equal (run_confined (open_files), 0);
}

static int
open_sockets (void)
{
  if (socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0) < 0)
    return 1;
  return socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0) < 0 ? 2 : 0;
}

static void
the_network_stays_within_reach (void **state)
{
  assert_int_equal (run_confined (open_sockets), 0);
}

static int
look_at_process (void)
{
  if (prctl (PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
    return 1;
  if (prctl (PR_GET_DUMPABLE, 0, 0, 0, 0) != 0)
    return 2;
  return prctl (PR_CAPBSET_READ, 0, 0, 0, 0) == 0 || geteuid () != 0 ? 0 : 3;
}

static void
it_can_gain_nothing_and_is_not_read_by_others (void **state)
{
  assert_int_equal (run_confined (look_at_process), 0);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (no_file_can_be_opened),
    cmocka_unit_test (the_network_stays_within_reach),
    cmocka_unit_test (it_can_gain_nothing_and_is_not_read_by_others),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
