/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* disco-responder: the process in which avahi-core runs for a program that uses libdisco where
 * there is no avahi-daemon. It is started by that program, speaks with nobody else, and ends with
 * it. */
#include "disco-allowed-private.h"
#include "disco-confine-private.h"
#include "disco-server-private.h"
#include "disco-session-private.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define EXIT_WRONG_USAGE 2
/* How long it goes on for the goodbyes, which are due at once, and what is dispatched yet if even
 * that was too short on a busy machine */
#define GOODBYE_MS 100
#define DISPATCHES_MAX 10000

typedef struct
{
  GMainContext *context; /* (owned) */
  DiscoAllowed *allowed; /* (owned) */
  DiscoServer *server;   /* (owned) (nullable): while it is made, it tells of itself already */
  GPtrArray *sessions;   /* (owned) of DiscoSession */
  GSource *control;      /* (owned) */
  gboolean ended;
  gboolean outdated; /* the program starts another one, which takes over */
  int status;
} Responder;

static void
end (Responder *self, int status)
{
  self->ended = TRUE;
  self->status = MAX (self->status, status);
}

static void
on_outdated (gpointer user_data)
{
  Responder *self = user_data;

  self->outdated = TRUE;
  end (self, EXIT_SUCCESS);
}

static void
on_state (gpointer user_data)
{
  Responder *self = user_data;

  for (guint i = 0; self->server != NULL && i < self->sessions->len; i++)
    disco_session_tell_state (g_ptr_array_index (self->sessions, i));
}

static void
on_session_ended (DiscoSession *session, gpointer user_data)
{
  Responder *self = user_data;

  g_ptr_array_remove_fast (self->sessions, session);
  disco_session_free (session);
  /* a server that has failed stays so as a rule: once all know, this process is of no more use */
  if (disco_server_get_avahi (self->server) == NULL && self->sessions->len == 0
      && !disco_server_restart (self->server))
    end (self, EXIT_FAILURE);
}

/* FALSE: there is no further session now, or never again. */
static gboolean
take_session (Responder *self)
{
  g_autoptr (GError) error = NULL;
  int fd = disco_wire_receive_fd (DISCO_WIRE_CONTROL_FD, &error);

  if (fd < 0)
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        end (self, EXIT_SUCCESS);
      return FALSE;
    }
  if (self->sessions->len >= DISCO_WIRE_MAX_SESSIONS)
    close (fd);
  else
    g_ptr_array_add (self->sessions,
                     disco_session_new (fd, self->context, self->server, on_session_ended, self));
  return TRUE;
}

static gboolean
on_control (int fd, GIOCondition condition, gpointer user_data)
{
  while (take_session (user_data))
    continue;
  return G_SOURCE_CONTINUE;
}

/* --- the process --- */

static gboolean
has_control_socket (void)
{
  int domain = 0;
  socklen_t size = sizeof domain;

  return getsockopt (DISCO_WIRE_CONTROL_FD, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0
         && domain == AF_UNIX;
}

/* The keys and the orders that end a group of processes reach this one as well, which ends with its
 * parent and not before: goodbyes are the parent's to order. */
static void
ignore_signals (void)
{
  static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE };

  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    signal (signals[i], SIG_IGN);
}

static void
keep_few_descriptors (void)
{
  fcntl (DISCO_WIRE_CONTROL_FD, F_SETFD, FD_CLOEXEC);
  close_range (DISCO_WIRE_CONTROL_FD + 1, ~0U, 0);
}

static gboolean
on_goodbye_over (gpointer data)
{
  *(gboolean *)data = TRUE;
  return G_SOURCE_REMOVE;
}

/* For the services, whose groups went with the sessions. The host's name and addresses are not said
 * goodbye to, as avahi_server_free() would: another responder of this host may go on with them. It
 * repeats what it hears a goodbye for, but not within half a second of when they were last told of,
 * and then the others forget where its services are. */
static void
say_goodbyes (GMainContext *context)
{
  g_autoptr (GSource) timer = g_timeout_source_new (GOODBYE_MS);
  gboolean over = FALSE;

  g_source_set_callback (timer, on_goodbye_over, &over, NULL);
  g_source_attach (timer, context);
  while (!over)
    g_main_context_iteration (context, TRUE);
  for (guint i = 0; i < DISPATCHES_MAX && g_main_context_iteration (context, FALSE); i++)
    continue;
}

static void
end_sessions (Responder *self)
{
  for (guint i = 0; i < self->sessions->len; i++)
    disco_session_free (g_ptr_array_index (self->sessions, i));
  g_ptr_array_set_size (self->sessions, 0);
  say_goodbyes (self->context);
}

static int
run (char **include, char **exclude)
{
  /* what is left of it ends with the process */
  static Responder self;

  self.context = g_main_context_new ();
  self.sessions = g_ptr_array_new ();
  self.allowed = disco_allowed_new ((const char *const *)include, (const char *const *)exclude,
                                    self.context, on_outdated, &self);
  self.server
      = disco_server_new (disco_allowed_get_names (self.allowed), self.context, on_state, &self);
  self.control = g_unix_fd_source_new (DISCO_WIRE_CONTROL_FD, G_IO_IN);
  g_source_set_callback (self.control, G_SOURCE_FUNC (on_control), &self, NULL);
  g_source_attach (self.control, self.context);
  while (!self.ended)
    g_main_context_iteration (self.context, TRUE);

  g_source_destroy (self.control);
  /* what is announced again in a second or two was never away */
  if (!self.outdated)
    end_sessions (&self);
  return self.status;
}

int
main (int argc, char **argv)
{
  g_auto (GStrv) include = NULL;
  g_auto (GStrv) exclude = NULL;
  const GOptionEntry entries[] = {
    { "interface", 0, 0, G_OPTION_ARG_STRING_ARRAY, &include, "Use this interface only", "GLOB" },
    { "exclude", 0, 0, G_OPTION_ARG_STRING_ARRAY, &exclude, "Do not use this interface", "GLOB" },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_set_summary (context, "Started by programs that use libdisco, not by hand.");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc > 1)
    {
      g_printerr ("disco-responder: %s\n", error != NULL ? error->message : "too many arguments");
      return EXIT_WRONG_USAGE;
    }
  if (!has_control_socket ())
    {
      g_printerr (
          "disco-responder: programs that use libdisco start it; by hand it does nothing\n");
      return EXIT_WRONG_USAGE;
    }
  ignore_signals ();
  keep_few_descriptors ();
  disco_confine ();
  return run (include, exclude);
}
