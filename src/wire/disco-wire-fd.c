/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-wire-private.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void
set_error (GError **error, int code, const char *what)
{
  g_set_error (error, G_IO_ERROR, (int)g_io_error_from_errno (code), "%s: %s", what,
               g_strerror (code));
}

gboolean
disco_wire_socketpair (int fds[2], GError **error)
{
  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) == 0)
    return TRUE;
  set_error (error, errno, "no socket pair");
  return FALSE;
}

/* Room for one descriptor, aligned as the kernel wants it */
typedef union
{
  struct cmsghdr header;
  char bytes[CMSG_SPACE (sizeof (int))];
} Control;

gboolean
disco_wire_send_fd (int control, int fd, GError **error)
{
  char byte = 0;
  struct iovec data = { &byte, 1 };
  Control room = { 0 };
  struct msghdr message
      = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = &room, .msg_controllen = sizeof room };
  struct cmsghdr *header = CMSG_FIRSTHDR (&message);
  ssize_t n;

  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN (sizeof (int));
  memcpy (CMSG_DATA (header), &fd, sizeof fd);
  do
    n = sendmsg (control, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  while (n < 0 && errno == EINTR);
  if (n == 1)
    return TRUE;
  set_error (error, errno, "the responder takes no session");
  return FALSE;
}

int
disco_wire_receive_fd (int control, GError **error)
{
  char byte;
  struct iovec data = { &byte, 1 };
  Control room = { 0 };
  struct msghdr message
      = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = &room, .msg_controllen = sizeof room };
  struct cmsghdr *header;
  int fd = -1;
  ssize_t n;

  do
    n = recvmsg (control, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  while (n < 0 && errno == EINTR);
  if (n < 0)
    {
      set_error (error, errno, "no session");
      return -1;
    }
  if (n == 0)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CLOSED, "the other side has gone");
      return -1;
    }
  header = CMSG_FIRSTHDR (&message);
  if (header == NULL || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS
      || header->cmsg_len != CMSG_LEN (sizeof (int)))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "a message with no session");
      return -1;
    }
  memcpy (&fd, CMSG_DATA (header), sizeof fd);
  return fd;
}
