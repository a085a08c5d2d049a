/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-child-private.h"
#include "disco-wire-private.h"

#include <disco/disco-error.h>
#include <dlfcn.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

/* Where the build tree has it, seen from the library's own folder */
#define BUILT_PROGRAM "responder/disco-responder"

/* Agents that share one: each has a session, and the responder may not have noticed yet that some
 * of those before have ended. */
#define MAX_USERS (DISCO_WIRE_MAX_SESSIONS / 2)

struct _DiscoChild
{
  char **options;       /* (owned): the command line after the program; tells children apart */
  char *program;        /* (owned) */
  GSubprocess *process; /* (owned): reaped by GLib, whoever still has it */
  int control;
  guint n_users; /* protected by children_mutex */
};

static GMutex children_mutex;
/* of (not owned) DiscoChild: those that may be given to others; protected by children_mutex */
static GList *children;

/* --- the program --- */

static char *
find_beside_library (void)
{
  g_autofree char *folder = NULL;
  g_autofree char *program = NULL;
  Dl_info info;

  if (dladdr (&children_mutex, &info) == 0 || info.dli_fname == NULL
      || !g_path_is_absolute (info.dli_fname))
    return NULL;
  folder = g_path_get_dirname (info.dli_fname);
  program = g_build_filename (folder, BUILT_PROGRAM, NULL);
  return g_file_test (program, G_FILE_TEST_IS_EXECUTABLE) ? g_steal_pointer (&program) : NULL;
}

/* The environment of a program with more rights than its caller is the caller's, and not obeyed. */
static char *
find_program (void)
{
  const char *given = secure_getenv (DISCO_CHILD_VARIABLE);
  char *program;

  if (given != NULL && *given != '\0')
    return g_strdup (given);
  program = find_beside_library ();
  return program != NULL ? program : g_strdup (DISCO_INSTALLED_RESPONDER);
}

static void
add_options (GStrvBuilder *builder, const char *name, const char *const *globs)
{
  for (guint i = 0; globs != NULL && globs[i] != NULL; i++)
    {
      g_autofree char *option = g_strconcat (name, globs[i], NULL);
      g_strv_builder_add (builder, option);
    }
}

static char **
make_options (const char *const *interfaces, const char *const *excluded)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  add_options (builder, "--interface=", interfaces);
  add_options (builder, "--exclude=", excluded);
  return g_strv_builder_end (builder);
}

/* --- one child --- */

static void
child_free (DiscoChild *self)
{
  if (self->control >= 0)
    close (self->control);
  g_clear_object (&self->process);
  g_strfreev (self->options);
  g_free (self->program);
  g_free (self);
}

static GSubprocess *
spawn (DiscoChild *self, int control, GError **error)
{
  /* what it would print is no part of the program's own output */
  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) argv = NULL;

  g_strv_builder_add (builder, self->program);
  g_strv_builder_addv (builder, (const char **)self->options);
  argv = g_strv_builder_end (builder);
  g_subprocess_launcher_take_fd (launcher, control, DISCO_WIRE_CONTROL_FD);
  return g_subprocess_launcher_spawnv (launcher, (const char *const *)argv, error);
}

static gboolean
start (DiscoChild *self, GError **error)
{
  g_autoptr (GError) local = NULL;
  int fds[2];

  if (disco_wire_socketpair (fds, &local))
    {
      self->control = fds[0];
      self->process = spawn (self, fds[1], &local);
    }
  if (self->process != NULL)
    return TRUE;
  g_set_error (error, DISCO_ERROR, DISCO_ERROR_UNAVAILABLE,
               "cannot start the responder \"%s\": %s; " DISCO_CHILD_VARIABLE
               " in the environment may name another one",
               self->program, local->message);
  return FALSE;
}

/* Takes @options. */
static DiscoChild *
child_new (char **options, GError **error)
{
  DiscoChild *self = g_new0 (DiscoChild, 1);

  self->options = options;
  self->program = find_program ();
  self->control = -1;
  if (start (self, error))
    return self;
  child_free (self);
  return NULL;
}

static gboolean
is_alive (DiscoChild *self)
{
  struct pollfd control = { .fd = self->control, .events = POLLRDHUP };

  return poll (&control, 1, 0) == 0;
}

/* --- all of them --- */

static DiscoChild *
find_child_locked (char **options)
{
  for (GList *i = children; i != NULL; i = i->next)
    {
      DiscoChild *child = i->data;
      if (!g_strv_equal ((const char *const *)child->options, (const char *const *)options)
          || child->n_users >= MAX_USERS)
        continue;
      if (is_alive (child))
        return child;
      /* those who have it let go of it by themselves */
      children = g_list_delete_link (children, i);
      return NULL;
    }
  return NULL;
}

DiscoChild *
disco_child_acquire (const char *const *interfaces, const char *const *excluded, GError **error)
{
  g_auto (GStrv) options = make_options (interfaces, excluded);
  DiscoChild *child;

  g_mutex_lock (&children_mutex);
  child = find_child_locked (options);
  if (child == NULL)
    {
      child = child_new (g_steal_pointer (&options), error);
      if (child != NULL)
        children = g_list_prepend (children, child);
    }
  if (child != NULL)
    child->n_users++;
  g_mutex_unlock (&children_mutex);
  return child;
}

void
disco_child_release (DiscoChild *self)
{
  gboolean is_last;

  g_mutex_lock (&children_mutex);
  is_last = --self->n_users == 0;
  if (is_last)
    children = g_list_remove (children, self);
  g_mutex_unlock (&children_mutex);
  if (is_last)
    child_free (self);
}

const char *
disco_child_get_program (DiscoChild *self)
{
  return self->program;
}

int
disco_child_open_session (DiscoChild *self, GError **error)
{
  g_autoptr (GError) local = NULL;
  int fds[2];

  if (disco_wire_socketpair (fds, &local))
    {
      gboolean sent = disco_wire_send_fd (self->control, fds[1], &local);
      close (fds[1]);
      if (sent)
        return fds[0];
      close (fds[0]);
    }
  g_set_error (error, DISCO_ERROR, DISCO_ERROR_UNAVAILABLE, "cannot reach the responder \"%s\": %s",
               self->program, local->message);
  return -1;
}

void
disco_child_give_up (DiscoChild *self)
{
  g_mutex_lock (&children_mutex);
  children = g_list_remove (children, self);
  g_mutex_unlock (&children_mutex);
  g_subprocess_force_exit (self->process);
}
