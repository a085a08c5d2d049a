/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-poll-private.h"

#include "disco-shield-private.h"

#include <sys/socket.h>
#include <sys/time.h>

/* The largest UDP packet */
#define PACKET_BYTES 65536
/* Packets and timer events that are handled before the context's other sources have their turn.
 * Each record that is heard makes an event of its own, half a second later, which forgets it: if
 * those fell behind, what avahi-core walks through for each record would grow, and all that it
 * plans be late. So there are more events than records: a packet has 30 or so, 60 at most. */
#define PACKETS_A_TURN 16
#define EVENTS_A_TURN 1024
/* Asked of the kernel, which gives what it allows: answers to a question come in bursts. */
#define RECEIVE_BYTES (4 * 1024 * 1024)

struct _DiscoPoll
{
  AvahiPoll api;
  GMainContext *context; /* (owned) */
  guint64 n_dropped;
  guint8 packet[PACKET_BYTES];
};

/* Both are sources, so that what they need comes in one allocation. */
struct AvahiWatch
{
  GSource source;
  DiscoPoll *poll;
  int fd;
  gpointer tag;
  AvahiWatchEvent asked;
  AvahiWatchEvent happened;
  AvahiWatchCallback callback;
  void *userdata;
  gboolean is_network; /* its packets are judged by the shield */
};

struct AvahiTimeout
{
  GSource source;
  AvahiTimeoutCallback callback;
  void *userdata;
};

/* --- watches --- */

/* TRUE if the next packet is one that avahi-core may read. */
static gboolean
next_packet_is_good (AvahiWatch *self)
{
  DiscoPoll *poll = self->poll;

  for (guint i = 0; i < PACKETS_A_TURN; i++)
    {
      ssize_t n = recv (self->fd, poll->packet, sizeof poll->packet, MSG_PEEK | MSG_DONTWAIT);
      DiscoShieldVerdict verdict;

      if (n < 0)
        return FALSE;
      verdict = disco_shield_judge (poll->packet, (gsize)n);
      if (verdict == DISCO_SHIELD_PASS)
        return TRUE;
      (void)recv (self->fd, poll->packet, 1, MSG_DONTWAIT);
      poll->n_dropped++;
      g_debug ("dropped a packet %s",
               verdict == DISCO_SHIELD_CNAME ? "with a CNAME record" : "that is malformed");
    }
  return FALSE;
}

static void
read_packets (AvahiWatch *self)
{
  for (guint i = 0; i < PACKETS_A_TURN && !g_source_is_destroyed (&self->source); i++)
    {
      if (!next_packet_is_good (self))
        return;
      self->callback (self, self->fd, AVAHI_WATCH_IN, self->userdata);
    }
}

/* An error that nobody asked about would be told for ever: it is read, and forgotten. */
static void
clear_error (AvahiWatch *self, GIOCondition condition)
{
  int error;
  socklen_t size = sizeof error;

  if ((condition & (G_IO_HUP | G_IO_NVAL)) != 0
      || getsockopt (self->fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
    g_source_modify_unix_fd (&self->source, self->tag, 0);
}

static gboolean
watch_dispatch (GSource *source, GSourceFunc func, gpointer user_data)
{
  AvahiWatch *self = (AvahiWatch *)source;
  GIOCondition condition = g_source_query_unix_fd (source, self->tag);

  self->happened = (AvahiWatchEvent)condition & self->asked;
  if (self->happened == 0)
    clear_error (self, condition);
  else if (self->is_network && self->happened == AVAHI_WATCH_IN)
    read_packets (self);
  else
    self->callback (self, self->fd, self->happened, self->userdata);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs watch_funcs = { .dispatch = watch_dispatch };

static gboolean
is_udp_socket (int fd)
{
  int domain = 0;
  int type = 0;
  socklen_t size = sizeof domain;

  if (getsockopt (fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) < 0
      || getsockopt (fd, SOL_SOCKET, SO_TYPE, &type, &size) < 0)
    return FALSE;
  return (domain == AF_INET || domain == AF_INET6) && type == SOCK_DGRAM;
}

static AvahiWatch *
watch_new (const AvahiPoll *api, int fd, AvahiWatchEvent event, AvahiWatchCallback callback,
           void *userdata)
{
  DiscoPoll *poll = api->userdata;
  GSource *source = g_source_new (&watch_funcs, sizeof (AvahiWatch));
  AvahiWatch *self = (AvahiWatch *)source;
  const int size = RECEIVE_BYTES;

  self->poll = poll;
  self->fd = fd;
  self->asked = event;
  self->callback = callback;
  self->userdata = userdata;
  self->is_network = is_udp_socket (fd);
  if (self->is_network)
    (void)setsockopt (fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  self->tag = g_source_add_unix_fd (source, fd, (GIOCondition)event);
  g_source_attach (source, poll->context);
  return self;
}

static void
watch_update (AvahiWatch *self, AvahiWatchEvent event)
{
  self->asked = event;
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
  g_source_destroy (&self->source);
  g_source_unref (&self->source);
}

/* --- timers --- */

static gboolean
is_due (GSource *source)
{
  gint64 ready = g_source_get_ready_time (source);

  return ready != -1 && ready <= g_get_monotonic_time ();
}

/* avahi-core has one timer for all that it plans, and does one thing each time that it fires. */
static gboolean
timeout_dispatch (GSource *source, GSourceFunc func, gpointer user_data)
{
  AvahiTimeout *self = (AvahiTimeout *)source;

  for (guint i = 0; i < EVENTS_A_TURN && !g_source_is_destroyed (source) && is_due (source); i++)
    {
      g_source_set_ready_time (source, -1);
      self->callback (self, self->userdata);
    }
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs timeout_funcs = { .dispatch = timeout_dispatch };

/* A microsecond is added for what both clocks have rounded off: a timer that fires early would have
 * avahi-core find nothing to do, and ask again. */
static void
timeout_update (AvahiTimeout *self, const struct timeval *at)
{
  struct timeval now;
  gint64 left_us;

  if (at == NULL)
    {
      g_source_set_ready_time (&self->source, -1);
      return;
    }
  gettimeofday (&now, NULL);
  left_us = ((gint64)at->tv_sec - now.tv_sec) * G_USEC_PER_SEC + (at->tv_usec - now.tv_usec);
  g_source_set_ready_time (&self->source, left_us <= 0 ? 0 : g_get_monotonic_time () + left_us + 1);
}

static AvahiTimeout *
timeout_new (const AvahiPoll *api, const struct timeval *at, AvahiTimeoutCallback callback,
             void *userdata)
{
  DiscoPoll *poll = api->userdata;
  GSource *source = g_source_new (&timeout_funcs, sizeof (AvahiTimeout));
  AvahiTimeout *self = (AvahiTimeout *)source;

  self->callback = callback;
  self->userdata = userdata;
  timeout_update (self, at);
  g_source_attach (source, poll->context);
  return self;
}

static void
timeout_free (AvahiTimeout *self)
{
  g_source_destroy (&self->source);
  g_source_unref (&self->source);
}

/* --- the poll --- */

DiscoPoll *
disco_poll_new (GMainContext *context)
{
  DiscoPoll *self = g_new0 (DiscoPoll, 1);

  self->context = g_main_context_ref (context);
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
disco_poll_free (DiscoPoll *self)
{
  g_main_context_unref (self->context);
  g_free (self);
}

const AvahiPoll *
disco_poll_get_api (DiscoPoll *self)
{
  return &self->api;
}

guint64
disco_poll_get_n_dropped (DiscoPoll *self)
{
  return self->n_dropped;
}
