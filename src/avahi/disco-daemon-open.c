/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-daemon-open-private.h"

#include "disco-avahi-error-private.h"

#include <avahi-common/error.h>
#include <sys/socket.h>
#include <unistd.h>

/* Threads of this process that were left behind, in avahi_client_new(). While there is one the bus
 * hangs, and libdbus has a lock that another one would only wait for. */
static int n_left_behind; /* atomic */

/* What the worker and the thread that opens share */
typedef struct
{
  DiscoDaemonClient *client; /* (owned) (nullable) */
  DiscoDaemonPoll *poll;     /* the client's */
  AvahiClientCallback callback;
  GMutex mutex; /* protects what follows */
  GCond changed;
  int code;
  gboolean finished;
  gboolean abandoned;
} Opening;

static void
opening_clear (gpointer data)
{
  Opening *self = data;

  if (self->client != NULL)
    {
      disco_daemon_client_close (self->client);
      g_free (self->client);
    }
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->changed);
}

static void
opening_unref (Opening *self)
{
  g_atomic_rc_box_release_full (self, opening_clear);
}

static Opening *
opening_new (DiscoWatchdog *watchdog, AvahiClientCallback callback)
{
  Opening *self = g_atomic_rc_box_new0 (Opening);

  self->client = g_new0 (DiscoDaemonClient, 1);
  self->poll = self->client->poll = disco_daemon_poll_new (watchdog);
  self->callback = callback;
  g_mutex_init (&self->mutex);
  g_cond_init (&self->changed);
  return self;
}

static gboolean
has_descriptor (void)
{
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  return fd != -1 && close (fd) == 0;
}

/* Why there is no connection, better than Avahi tells: for it all is the bus's fault. */
static int
find_reason (int code)
{
  if (!has_descriptor ())
    return DISCO_AVAHI_ERR_NO_DESCRIPTORS;
  return code == AVAHI_ERR_TOO_MANY_OBJECTS ? DISCO_AVAHI_ERR_NO_CONNECTION : code;
}

static gpointer
open_client (gpointer data)
{
  Opening *self = data;
  int code = 0;
  AvahiClient *client = avahi_client_new (disco_daemon_poll_get_api (self->poll), 0, self->callback,
                                          self->client, &code);

  g_mutex_lock (&self->mutex);
  self->client->client = client;
  self->code = code;
  self->finished = TRUE;
  if (self->abandoned)
    g_atomic_int_dec_and_test (&n_left_behind);
  g_cond_signal (&self->changed);
  g_mutex_unlock (&self->mutex);
  opening_unref (self);
  return NULL;
}

/* Where the descriptor is known already this ends the thread as well. */
static void
abandon (gpointer user_data)
{
  Opening *self = user_data;

  disco_daemon_poll_shut_down (self->poll);
  g_mutex_lock (&self->mutex);
  self->abandoned = !self->finished;
  if (self->abandoned)
    g_atomic_int_inc (&n_left_behind);
  g_cond_signal (&self->changed);
  g_mutex_unlock (&self->mutex);
}

/* TRUE if it has come to an end, whatever that is */
static gboolean
wait_opened (Opening *self, DiscoWatchdog *watchdog)
{
  DiscoWatchdogGuard guard;
  gboolean finished;

  disco_watchdog_enter (watchdog, &guard, abandon, self);
  g_mutex_lock (&self->mutex);
  while (!self->finished && !self->abandoned)
    g_cond_wait (&self->changed, &self->mutex);
  finished = self->finished && !self->abandoned;
  g_mutex_unlock (&self->mutex);
  disco_watchdog_leave (watchdog, &guard);
  return finished;
}

/* (transfer full) (nullable): what came of it, with one of the codes */
static DiscoDaemonClient *
take_client (Opening *self, int *code)
{
  if (self->client->client != NULL)
    return g_steal_pointer (&self->client);
  *code = find_reason (self->code);
  return NULL;
}

DiscoDaemonClient *
disco_daemon_client_open (DiscoWatchdog *watchdog, AvahiClientCallback callback, int *code)
{
  DiscoDaemonClient *client = NULL;
  Opening *opening;
  GThread *thread;

  *code = AVAHI_ERR_DISCONNECTED;
  if (g_atomic_int_get (&n_left_behind) > 0)
    return NULL;
  opening = opening_new (watchdog, callback);
  thread = g_thread_try_new ("disco-open", open_client, g_atomic_rc_box_acquire (opening), NULL);
  if (thread == NULL)
    {
      *code = DISCO_AVAHI_ERR_NO_THREAD;
      opening_unref (opening); /* the thread's */
    }
  else
    g_thread_unref (thread);
  if (thread != NULL && wait_opened (opening, watchdog))
    client = take_client (opening, code);
  opening_unref (opening);
  return client;
}

void
disco_daemon_client_close (DiscoDaemonClient *self)
{
  g_clear_pointer (&self->client, avahi_client_free);
  g_clear_pointer (&self->poll, disco_daemon_poll_free);
}
