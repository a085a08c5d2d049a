/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <math.h>
#include <poll.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define REPORT_DEADLINE_MS 30000

typedef struct
{
  char what;
  int index;
} Command;

void
bench_fail (const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_printerr ("bench: ");
  vfprintf (stderr, format, arguments);
  g_printerr ("\n");
  va_end (arguments);
  exit (EXIT_FAILURE);
}

/* Moves this process to the host's network and bus, as "bed.sh exec" does, and gives it the host's
 * name: responders of our own ask the system for it. */
static void
enter_host (const char *host)
{
  const char *dir = g_getenv ("BED_DIR");
  const char *prefix = g_getenv ("BED_PREFIX");
  g_autofree char *bus = g_strdup_printf ("unix:path=%s/%s/bus", dir, host);
  g_autofree char *network = g_strdup_printf ("/run/netns/%s-%s", prefix, host);
  g_autofree char *name = g_strconcat ("host-", host, NULL);
  int fd = open (network, O_RDONLY | O_CLOEXEC);

  if (fd < 0 || setns (fd, CLONE_NEWNET) != 0)
    bench_fail ("%s: %s", network, g_strerror (errno));
  close (fd);
  if (unshare (CLONE_NEWUTS) != 0 || sethostname (name, strlen (name)) != 0)
    bench_fail ("%s: %s", name, g_strerror (errno));
  g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", bus, TRUE);
}

/* The ends of the pipes to earlier peers, which a later one must not hold open. */
static int parent_fds[32];
static guint n_parent_fds;

static void
run_peer (const char *host, BenchMain main_func, int commands, int reports)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  for (guint i = 0; i < n_parent_fds; i++)
    close (parent_fds[i]);
  enter_host (host);
  _exit (main_func (commands, reports));
}

BenchPeer
bench_peer_start (const char *host, BenchMain main_func)
{
  BenchPeer self;
  int commands[2], reports[2];

  if (g_getenv ("BED_DIR") == NULL || g_getenv ("BED_PREFIX") == NULL)
    bench_fail ("run this by scripts/bench, on a bed");
  if (pipe2 (commands, O_CLOEXEC) != 0 || pipe2 (reports, O_CLOEXEC) != 0)
    bench_fail ("pipe: %s", g_strerror (errno));
  self.pid = fork ();
  if (self.pid < 0)
    bench_fail ("fork: %s", g_strerror (errno));
  if (self.pid == 0)
    {
      close (commands[1]);
      close (reports[0]);
      run_peer (host, main_func, commands[0], reports[1]);
    }
  close (commands[0]);
  close (reports[1]);
  self.commands = commands[1];
  self.reports = reports[0];
  g_assert (n_parent_fds + 2 <= G_N_ELEMENTS (parent_fds));
  parent_fds[n_parent_fds++] = self.commands;
  parent_fds[n_parent_fds++] = self.reports;
  return self;
}

/* The end of its commands is the peer's sign to leave. */
void
bench_peer_stop (BenchPeer *self)
{
  int status;

  close (self->commands);
  if (waitpid (self->pid, &status, 0) != self->pid || status != 0)
    bench_fail ("a peer failed");
  close (self->reports);
}

void
bench_peer_ask (BenchPeer *self, char what, int index)
{
  Command command;

  memset (&command, 0, sizeof command);
  command.what = what;
  command.index = index;
  if (write (self->commands, &command, sizeof command) != sizeof command)
    bench_fail ("a peer is gone");
}

gint64
bench_peer_wait (BenchPeer *self, int index)
{
  BenchReport report;
  struct pollfd item = { .fd = self->reports, .events = POLLIN };

  do
    {
      if (poll (&item, 1, REPORT_DEADLINE_MS) != 1)
        bench_fail ("no report of %d", index);
      if (read (self->reports, &report, sizeof report) != sizeof report)
        bench_fail ("a peer ended before it reported %d", index);
    }
  while (report.index != index);
  return report.time_us;
}

gboolean
bench_next_command (int commands, char *what, int *index)
{
  Command command;

  if (read (commands, &command, sizeof command) != sizeof command)
    return FALSE;
  *what = command.what;
  *index = command.index;
  return TRUE;
}

void
bench_report (int reports, int index, gint64 time_us)
{
  BenchReport report;

  memset (&report, 0, sizeof report);
  report.index = index;
  report.time_us = time_us;
  if (write (reports, &report, sizeof report) != sizeof report)
    _exit (EXIT_FAILURE);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  double one = *(const double *)a;
  double other = *(const double *)b;
  return (one > other) - (one < other);
}

double
bench_percentile (GArray *values, double percent)
{
  guint rank;

  g_array_sort (values, compare);
  rank = (guint)ceil (percent / 100 * values->len);
  return g_array_index (values, double, MAX (rank, 1) - 1);
}

gint64
bench_cpu_time (void)
{
  struct timespec time;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &time);
  return (gint64)time.tv_sec * G_USEC_PER_SEC + time.tv_nsec / 1000;
}

static gboolean
on_input (int fd, GIOCondition condition, gpointer user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_REMOVE;
}

void
bench_run (void)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);

  g_unix_fd_add (STDIN_FILENO, G_IO_IN | G_IO_HUP, on_input, loop);
  g_main_loop_run (loop);
}
