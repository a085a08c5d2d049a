/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tool-screen.h"

#include "tool-terminal.h"

#include <errno.h>
#include <glib-unix.h>
#include <pthread.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

static const int told[] = { SIGWINCH, SIGTSTP, SIGCONT };
static const int fatal[] = { SIGHUP, SIGQUIT, SIGABRT, SIGSEGV, SIGBUS };

/* What signal handlers need is in variables; all of it is of the main thread, which takes the
 * screen before handlers are there and gives it back after they have gone. */
static struct
{
  int fd;
  int pipe[2];
  pid_t pid;
  pthread_t thread; /* that takes it and gives it back */
  gboolean has_keys;
  struct termios before; /* of standard input, where it has keys */
  struct sigaction old_told[G_N_ELEMENTS (told)];
  struct sigaction old_fatal[G_N_ELEMENTS (fatal)];
  ToolScreenFunc func;
  gpointer user_data;
  GSource *source; /* (owned) (nullable) */
} screen;

/* A terminal's keys signal the whole group of processes, and so a child as well that is about to
 * become another program, which has this handler and the pipe until then. In the process any thread
 * may get the signal, also one that the library has made: it passes it on, so that the pipe is not
 * closed while it is written to. */
static void
on_told (int signum)
{
  const int saved_errno = errno;
  const char byte = (char)signum;

  if (getpid () != screen.pid)
    return;
  if (!pthread_equal (pthread_self (), screen.thread))
    pthread_kill (screen.thread, signum);
  else if (write (screen.pipe[1], &byte, 1) < 0)
    {
      /* a full pipe has enough to wake up for */
    }
  errno = saved_errno;
}

/* Whoever changes them in the background is stopped (SIGTTOU); a job that got there has left them
 * as they were. */
static void
echo_keys_as_before (void)
{
  if (screen.has_keys && !tool_terminal_in_background (STDIN_FILENO))
    tcsetattr (STDIN_FILENO, TCSANOW, &screen.before);
}

static void
restore_terminal (void)
{
  if (write (screen.fd, TOOL_SCREEN_LEAVE, sizeof TOOL_SCREEN_LEAVE - 1) < 0)
    errno = 0;
  echo_keys_as_before ();
}

/* The handler has gone when it is called (SA_RESETHAND): the signal does the rest. Only what may be
 * called in a handler is (signal-safety(7)). When the leader of a session has died, a child that is
 * about to become another program gets SIGHUP: then all has been restored. */
static void
on_fatal (int signum)
{
  if (getpid () == screen.pid)
    restore_terminal ();
  raise (signum);
}

/* A signal that is ignored, as nohup(1) and shells without jobs make it, or is handled already
 * stays that way. */
static void
handle (const int *signums, guint n, struct sigaction *old, void (*handler) (int), int flags)
{
  for (guint i = 0; i < n; i++)
    {
      struct sigaction action = { .sa_handler = handler, .sa_flags = flags };

      sigemptyset (&action.sa_mask);
      if (sigaction (signums[i], NULL, &old[i]) == 0 && old[i].sa_handler == SIG_DFL)
        sigaction (signums[i], &action, NULL);
    }
}

static void
unhandle (const int *signums, guint n, const struct sigaction *old)
{
  for (guint i = 0; i < n; i++)
    sigaction (signums[i], &old[i], NULL);
}

static gboolean
on_readable (int fd, GIOCondition condition, gpointer user_data)
{
  char bytes[64];
  const gssize n = read (fd, bytes, sizeof bytes);

  for (gssize i = 0; i < n && screen.source != NULL; i++)
    screen.func (bytes[i], screen.user_data);
  return G_SOURCE_CONTINUE;
}

void
tool_screen_take (int fd, ToolScreenFunc func, gpointer user_data)
{
  g_assert (screen.source == NULL);
  if (!g_unix_open_pipe (screen.pipe, FD_CLOEXEC, NULL))
    g_error ("No file descriptor is left"); /* as GLib's own main loop does */
  g_unix_set_fd_nonblocking (screen.pipe[0], TRUE, NULL);
  g_unix_set_fd_nonblocking (screen.pipe[1], TRUE, NULL);
  screen.fd = fd;
  screen.pid = getpid ();
  screen.thread = pthread_self ();
  screen.func = func;
  screen.user_data = user_data;
  screen.source = g_unix_fd_source_new (screen.pipe[0], G_IO_IN);
  g_source_set_callback (screen.source, G_SOURCE_FUNC (on_readable), NULL, NULL);
  g_source_attach (screen.source, g_main_context_get_thread_default ());
  screen.has_keys = isatty (fd) && !tool_terminal_in_background (STDIN_FILENO)
                    && tcgetattr (STDIN_FILENO, &screen.before) == 0;
  tool_screen_resume ();
  handle (told, G_N_ELEMENTS (told), screen.old_told, on_told, SA_RESTART);
  handle (fatal, G_N_ELEMENTS (fatal), screen.old_fatal, on_fatal, (int)SA_RESETHAND);
}

void
tool_screen_give_back (void)
{
  if (screen.source == NULL)
    return;
  unhandle (fatal, G_N_ELEMENTS (fatal), screen.old_fatal);
  unhandle (told, G_N_ELEMENTS (told), screen.old_told);
  echo_keys_as_before ();
  g_source_destroy (screen.source);
  g_clear_pointer (&screen.source, g_source_unref);
  close (screen.pipe[0]);
  close (screen.pipe[1]);
}

gboolean
tool_screen_has_keys (void)
{
  return screen.has_keys;
}

/* SIGSTOP would stop it too where no shell is there to make it go on. */
void
tool_screen_stop (void)
{
  struct sigaction action = { .sa_handler = SIG_DFL };
  struct sigaction ours;

  echo_keys_as_before ();
  sigemptyset (&action.sa_mask);
  sigaction (SIGTSTP, &action, &ours);
  raise (SIGTSTP);
  sigaction (SIGTSTP, &ours, NULL);
}

/* Signals are still made of Ctrl+C and Ctrl+Z. */
void
tool_screen_resume (void)
{
  struct termios quiet = screen.before;

  if (!screen.has_keys)
    return;
  quiet.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
  quiet.c_cc[VMIN] = 1;
  quiet.c_cc[VTIME] = 0;
  tcsetattr (STDIN_FILENO, TCSANOW, &quiet);
}
