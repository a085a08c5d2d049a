/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-wire-private.h"
#include "test-support.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

static int
set_up (void **state)
{
  int *fds = g_new (int, 2);

  assert_true (disco_wire_socketpair (fds, NULL));
  *state = fds;
  return 0;
}

static int
tear_down (void **state)
{
  int *fds = *state;

  for (int i = 0; i < 2; i++)
    {
      if (fds[i] >= 0)
        close (fds[i]);
    }
  g_free (fds);
  return 0;
}

#define fd_test(test) cmocka_unit_test_setup_teardown (test, set_up, tear_down)

static void
assert_receives_none (int control, GIOErrorEnum code)
{
  g_autoptr (GError) error = NULL;

  assert_int_equal (disco_wire_receive_fd (control, &error), -1);
  test_assert_error (&error, G_IO_ERROR, (int)code, NULL);
}

static void
sockets_are_not_inherited_and_do_not_block (void **state)
{
  int *fds = *state;

  for (int i = 0; i < 2; i++)
    {
      assert_true (fcntl (fds[i], F_GETFD) & FD_CLOEXEC);
      assert_true (fcntl (fds[i], F_GETFL) & O_NONBLOCK);
    }
}

static void
descriptor_is_handed_over (void **state)
{
  int *fds = *state;
  int pair[2];
  int session;
  char byte = 'x';

  assert_true (disco_wire_socketpair (pair, NULL));
  assert_true (disco_wire_send_fd (fds[0], pair[1], NULL));
  close (pair[1]);
  session = disco_wire_receive_fd (fds[1], NULL);
  assert_true (session >= 0);
  assert_true (fcntl (session, F_GETFD) & FD_CLOEXEC);
  assert_int_equal (send (pair[0], &byte, 1, 0), 1);
  byte = 0;
  assert_int_equal (recv (session, &byte, 1, 0), 1);
  assert_int_equal (byte, 'x');
  close (session);
  close (pair[0]);
}

static void
nothing_to_receive_is_told (void **state)
{
  int *fds = *state;

  assert_receives_none (fds[1], G_IO_ERROR_WOULD_BLOCK);
}

static void
other_side_that_has_gone_is_told_by_both (void **state)
{
  int *fds = *state;
  g_autoptr (GError) error = NULL;

  close (fds[0]);
  fds[0] = -1;
  assert_receives_none (fds[1], G_IO_ERROR_CLOSED);
  assert_false (disco_wire_send_fd (fds[1], STDIN_FILENO, &error));
  test_assert_error (&error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE, "takes no session");
}

static void
message_without_a_descriptor_is_none (void **state)
{
  int *fds = *state;

  assert_int_equal (send (fds[0], "x", 1, 0), 1);
  assert_receives_none (fds[1], G_IO_ERROR_INVALID_DATA);
}

/* A stopped responder must not stop the library. */
static void
sending_to_one_that_does_not_read_fails_at_last (void **state)
{
  int *fds = *state;
  g_autoptr (GError) error = NULL;
  guint n = 0;

  while (n < 100000 && disco_wire_send_fd (fds[0], STDIN_FILENO, &error))
    n++;
  assert_in_range (n, 1, 99999);
  assert_non_null (error);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    fd_test (sockets_are_not_inherited_and_do_not_block),
    fd_test (descriptor_is_handed_over),
    fd_test (nothing_to_receive_is_told),
    fd_test (other_side_that_has_gone_is_told_by_both),
    fd_test (message_without_a_descriptor_is_none),
    fd_test (sending_to_one_that_does_not_read_fails_at_last),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
