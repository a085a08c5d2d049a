/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-daemon-poll-private.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

struct _DiscoDaemonPoll
{
  AvahiPoll api;
  DiscoWatchdog *watchdog;
  GMainContext *context; /* (owned) (nullable): NULL until attached */
  GPtrArray *waiting;    /* (owned) of GSource: those made before */

  GMutex mutex;
  int fd;             /* (owned): protected by mutex; a duplicate, or -1 */
  gboolean shut_down; /* protected by mutex */
};

/* Both are sources, so that what they need comes in one allocation. */
struct AvahiWatch
{
  GSource source;
  DiscoDaemonPoll *poll;
  int fd;
  gpointer tag;
  AvahiWatchEvent happened;
  AvahiWatchCallback callback;
  void *userdata;
};

struct AvahiTimeout
{
  GSource source;
  DiscoDaemonPoll *poll;
  AvahiTimeoutCallback callback;
  void *userdata;
};

/* --- the descriptor --- */

/* A duplicate, since libdbus closes its own whenever it likes, and then the number may be that of
 * somebody else's file. */
static void
note_fd (DiscoDaemonPoll *self, int fd)
{
  g_mutex_lock (&self->mutex);
  if (self->fd == -1)
    self->fd = fcntl (fd, F_DUPFD_CLOEXEC, 0);
  if (self->shut_down)
    (void)shutdown (self->fd, SHUT_RDWR);
  g_mutex_unlock (&self->mutex);
}

void
disco_daemon_poll_shut_down (gpointer user_data)
{
  DiscoDaemonPoll *self = user_data;

  g_mutex_lock (&self->mutex);
  self->shut_down = TRUE;
  if (self->fd != -1)
    (void)shutdown (self->fd, SHUT_RDWR);
  g_mutex_unlock (&self->mutex);
}

/* --- sources --- */

static void
add_source (DiscoDaemonPoll *self, GSource *source)
{
  if (self->context != NULL)
    g_source_attach (source, self->context);
  else
    g_ptr_array_add (self->waiting, source);
}

static void
drop_source (DiscoDaemonPoll *self, GSource *source)
{
  g_ptr_array_remove_fast (self->waiting, source);
  g_source_destroy (source);
  g_source_unref (source);
}

/* --- watches --- */

static gboolean
watch_dispatch (GSource *source, GSourceFunc func, gpointer user_data)
{
  AvahiWatch *self = (AvahiWatch *)source;
  DiscoWatchdog *watchdog = self->poll->watchdog;
  DiscoWatchdogGuard guard;

  self->happened = (AvahiWatchEvent)g_source_query_unix_fd (source, self->tag);
  disco_watchdog_enter (watchdog, &guard, disco_daemon_poll_shut_down, self->poll);
  self->callback (self, self->fd, self->happened, self->userdata);
  disco_watchdog_leave (watchdog, &guard);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs watch_funcs = { .dispatch = watch_dispatch };

static AvahiWatch *
watch_new (const AvahiPoll *api, int fd, AvahiWatchEvent event, AvahiWatchCallback callback,
           void *userdata)
{
  DiscoDaemonPoll *poll = api->userdata;
  GSource *source = g_source_new (&watch_funcs, sizeof (AvahiWatch));
  AvahiWatch *self = (AvahiWatch *)source;

  note_fd (poll, fd);
  self->poll = poll;
  self->fd = fd;
  self->callback = callback;
  self->userdata = userdata;
  self->tag = g_source_add_unix_fd (source, fd, (GIOCondition)event);
  add_source (poll, source);
  return self;
}

static void
watch_update (AvahiWatch *self, AvahiWatchEvent event)
{
  g_source_modify_unix_fd (&self->source, self->tag, (GIOCondition)event);
}

static AvahiWatchEvent
watch_get_events (AvahiWatch *self)
{
  return self->happened;
}

static void
watch_free (AvahiWatch *self)
{
  drop_source (self->poll, &self->source);
}

/* --- timers --- */

static gboolean
timeout_dispatch (GSource *source, GSourceFunc func, gpointer user_data)
{
  AvahiTimeout *self = (AvahiTimeout *)source;
  DiscoWatchdog *watchdog = self->poll->watchdog;
  DiscoWatchdogGuard guard;

  g_source_set_ready_time (source, -1);
  disco_watchdog_enter (watchdog, &guard, disco_daemon_poll_shut_down, self->poll);
  self->callback (self, self->userdata);
  disco_watchdog_leave (watchdog, &guard);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs timeout_funcs = { .dispatch = timeout_dispatch };

/* avahi-client counts by the time of day, from when it sets a timer. */
static void
timeout_update (AvahiTimeout *self, const struct timeval *at)
{
  gint64 left_us;

  if (at == NULL)
    {
      g_source_set_ready_time (&self->source, -1);
      return;
    }
  left_us = (gint64)at->tv_sec * G_USEC_PER_SEC + at->tv_usec - g_get_real_time ();
  g_source_set_ready_time (&self->source, left_us <= 0 ? 0 : g_get_monotonic_time () + left_us);
}

static AvahiTimeout *
timeout_new (const AvahiPoll *api, const struct timeval *at, AvahiTimeoutCallback callback,
             void *userdata)
{
  DiscoDaemonPoll *poll = api->userdata;
  GSource *source = g_source_new (&timeout_funcs, sizeof (AvahiTimeout));
  AvahiTimeout *self = (AvahiTimeout *)source;

  self->poll = poll;
  self->callback = callback;
  self->userdata = userdata;
  timeout_update (self, at);
  add_source (poll, source);
  return self;
}

static void
timeout_free (AvahiTimeout *self)
{
  drop_source (self->poll, &self->source);
}

/* --- the poll --- */

DiscoDaemonPoll *
disco_daemon_poll_new (DiscoWatchdog *watchdog)
{
  DiscoDaemonPoll *self = g_new0 (DiscoDaemonPoll, 1);

  self->watchdog = watchdog;
  self->waiting = g_ptr_array_new ();
  self->fd = -1;
  g_mutex_init (&self->mutex);
  self->api = (AvahiPoll){
    .userdata = self,
    .watch_new = watch_new,
    .watch_update = watch_update,
    .watch_get_events = watch_get_events,
    .watch_free = watch_free,
    .timeout_new = timeout_new,
    .timeout_update = timeout_update,
    .timeout_free = timeout_free,
  };
  return self;
}

void
disco_daemon_poll_free (DiscoDaemonPoll *self)
{
  /* avahi_client_free() has freed all watches and timers */
  g_ptr_array_unref (self->waiting);
  if (self->fd != -1)
    (void)close (self->fd);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_mutex_clear (&self->mutex);
  g_free (self);
}

const AvahiPoll *
disco_daemon_poll_get_api (DiscoDaemonPoll *self)
{
  return &self->api;
}

gboolean
disco_daemon_poll_attach (DiscoDaemonPoll *self, GMainContext *context)
{
  self->context = g_main_context_ref (context);
  for (guint i = 0; i < self->waiting->len; i++)
    g_source_attach (self->waiting->pdata[i], context);
  g_ptr_array_set_size (self->waiting, 0);
  return self->fd != -1;
}
