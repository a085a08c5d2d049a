/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-descriptors-private.h"

#include <disco/disco-error.h>
#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* The most that is asked for */
#define MAX_ASKED 8

gboolean
disco_descriptors_check (guint n, GError **error)
{
  int fds[MAX_ASKED];
  guint n_open = 0;
  int reason = 0;

  g_assert (n <= MAX_ASKED);
  while (n_open < n && reason == 0)
    {
      fds[n_open] = eventfd (0, EFD_CLOEXEC);
      if (fds[n_open] == -1)
        reason = errno;
      else
        n_open++;
    }
  while (n_open > 0)
    (void)close (fds[--n_open]);
  if (reason == 0)
    return TRUE;
  g_set_error (error, DISCO_ERROR, DISCO_ERROR_LIMIT,
               "this process has no file descriptor left: %s; raise RLIMIT_NOFILE (ulimit -n)",
               g_strerror (reason));
  return FALSE;
}
