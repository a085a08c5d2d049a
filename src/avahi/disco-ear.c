/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-ear-private.h"

#include "disco-answer-private.h"
#include "disco-engine-private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#define MDNS_PORT 5353
#define MDNS_TTL 255
#define PACKET_BYTES 9000 /* RFC 6762 §17 */
/* Packets, and SRV and TXT records in them, that are read before the context's other sources have
 * their turn */
#define PACKETS_A_TURN 16
#define RECORDS_A_TURN 500
/* Those that are read in a second: as many packets as a responder sends at most. Of a flood the
 * rest is left to the kernel, which drops it. */
#define PACKETS_A_SECOND 1000
#define RECORDS_A_SECOND 5000
/* For the time when this thread waits for the responder; mostly the kernel grants less. */
#define RECEIVE_BYTES (1 << 20)
/* Sockets; a host with more interfaces is heard on the lowest of them. */
#define MAX_CHANNELS 64

typedef union
{
  sa_family_t family;
  struct sockaddr_in ipv4;
  struct sockaddr_in6 ipv6;
} Address;

typedef struct
{
  DiscoEar base;
  GMainContext *context; /* (owned) */
  GPtrArray *channels;   /* (owned) of (owned) Channel */
  GSource *timer;        /* (owned): the second is over */
  gint64 second_at;      /* when it began */
  guint n_packets;       /* in it */
  guint n_records;       /* in those */
  DiscoHeardFunc func;
  gpointer user_data;
  guint8 packet[PACKET_BYTES];
} SocketEar;

/* One interface over one version of IP */
typedef struct
{
  SocketEar *ear;
  int ifindex;
  int protocol;
  int fd;
  GSource *source; /* (owned) */
  gpointer tag;    /* the source's, of fd */
  Address group;   /* mDNS's, on the interface */
} Channel;

gboolean
disco_ear_ask (DiscoEar *self, GPtrArray *names)
{
  return self->ask (self, names);
}

gboolean
disco_ear_covers (DiscoEar *self, int ifindex, int protocol)
{
  return self->covers (self, ifindex, protocol);
}

void
disco_ear_move (DiscoEar *self, const GArray *ifindexes)
{
  self->move (self, ifindexes);
}

void
disco_ear_free (DiscoEar *self)
{
  self->free (self);
}

static void
channel_free (gpointer data)
{
  Channel *self = data;

  g_source_destroy (self->source);
  g_source_unref (self->source);
  (void)close (self->fd);
  g_free (self);
}

/* An answer that does not come from port 5353 is none (RFC 6762 §6). */
static gboolean
is_from_responder (const Address *from)
{
  if (from->family == AF_INET)
    return from->ipv4.sin_port == htons (MDNS_PORT);
  return from->family == AF_INET6 && from->ipv6.sin6_port == htons (MDNS_PORT);
}

static void
listen_for (SocketEar *self, GIOCondition condition)
{
  for (guint i = 0; i < self->channels->len; i++)
    {
      const Channel *channel = self->channels->pdata[i];
      g_source_modify_unix_fd (channel->source, channel->tag, condition);
    }
}

static gboolean
on_second (gpointer user_data)
{
  SocketEar *self = user_data;

  self->n_packets = self->n_records = 0;
  listen_for (self, G_IO_IN);
  return G_SOURCE_CONTINUE;
}

/* FALSE where enough were read in this second */
static gboolean
may_read (SocketEar *self)
{
  const gint64 now = g_get_monotonic_time ();

  if (now >= self->second_at + G_TIME_SPAN_SECOND)
    {
      self->second_at = now;
      self->n_packets = self->n_records = 0;
    }
  if (self->n_packets < PACKETS_A_SECOND && self->n_records < RECORDS_A_SECOND)
    return TRUE;
  listen_for (self, 0);
  disco_timer_advance (self->timer, self->second_at + G_TIME_SPAN_SECOND);
  return FALSE;
}

/* FALSE where there was none */
static gboolean
read_packet (const Channel *channel)
{
  SocketEar *self = channel->ear;
  Address from = { 0 };
  socklen_t from_size = sizeof from;
  gssize size = recvfrom (channel->fd, self->packet, sizeof self->packet, MSG_DONTWAIT,
                          (struct sockaddr *)&from, &from_size);

  if (size < 0)
    return FALSE;
  self->n_packets++;
  if (is_from_responder (&from))
    self->n_records += disco_answers_read (self->packet, (gsize)size, channel->ifindex,
                                           channel->protocol, self->func, self->user_data);
  return TRUE;
}

static gboolean
on_packet (gpointer user_data)
{
  const Channel *channel = user_data;
  SocketEar *self = channel->ear;
  const guint before = self->n_records;

  for (guint i = 0; i < PACKETS_A_TURN && may_read (self); i++)
    {
      /* a new second begins from 0 */
      if (!read_packet (channel)
          || (self->n_records >= before && self->n_records - before >= RECORDS_A_TURN))
        break;
    }
  return G_SOURCE_CONTINUE;
}

static gboolean
channel_dispatch (GSource *source, GSourceFunc func, gpointer user_data)
{
  return func (user_data);
}

static GSourceFuncs channel_funcs = { .dispatch = channel_dispatch };

static gboolean
set_option (int fd, int level, int option, int value)
{
  return setsockopt (fd, level, option, &value, sizeof value) == 0;
}

static gboolean
set_up_ipv4 (int fd, int ifindex, const struct sockaddr_in *group)
{
  const struct ip_mreqn request = { .imr_multiaddr = group->sin_addr, .imr_ifindex = ifindex };

  return set_option (fd, IPPROTO_IP, IP_MULTICAST_TTL, MDNS_TTL)
         && set_option (fd, IPPROTO_IP, IP_MULTICAST_ALL, 0)
         && setsockopt (fd, IPPROTO_IP, IP_MULTICAST_IF, &request, sizeof request) == 0
         && bind (fd, (const struct sockaddr *)group, sizeof *group) == 0
         && setsockopt (fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &request, sizeof request) == 0;
}

static gboolean
set_up_ipv6 (int fd, int ifindex, const struct sockaddr_in6 *group)
{
  const struct ipv6_mreq request
      = { .ipv6mr_multiaddr = group->sin6_addr, .ipv6mr_interface = (unsigned)ifindex };

  return set_option (fd, IPPROTO_IPV6, IPV6_V6ONLY, TRUE)
         && set_option (fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, MDNS_TTL)
         && set_option (fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, ifindex)
         && bind (fd, (const struct sockaddr *)group, sizeof *group) == 0
         && setsockopt (fd, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &request, sizeof request) == 0;
}

/* FALSE where the interface does not speak that version of IP */
static gboolean
set_up (Channel *channel, int ifindex)
{
  (void)set_option (channel->fd, SOL_SOCKET, SO_RCVBUF, RECEIVE_BYTES);
  if (!set_option (channel->fd, SOL_SOCKET, SO_REUSEADDR, TRUE)
      || !set_option (channel->fd, SOL_SOCKET, SO_REUSEPORT, TRUE))
    return FALSE;
  if (channel->group.family == AF_INET)
    return set_up_ipv4 (channel->fd, ifindex, &channel->group.ipv4);
  return set_up_ipv6 (channel->fd, ifindex, &channel->group.ipv6);
}

static void
set_group (Channel *channel)
{
  if (channel->protocol == DISCO_LINK_IPV4)
    {
      channel->group.ipv4.sin_family = AF_INET;
      channel->group.ipv4.sin_port = htons (MDNS_PORT);
      inet_pton (AF_INET, "224.0.0.251", &channel->group.ipv4.sin_addr);
      return;
    }
  channel->group.ipv6.sin6_family = AF_INET6;
  channel->group.ipv6.sin6_port = htons (MDNS_PORT);
  channel->group.ipv6.sin6_scope_id = (guint32)channel->ifindex;
  inet_pton (AF_INET6, "ff02::fb", &channel->group.ipv6.sin6_addr);
}

static void
open_channel (SocketEar *self, int ifindex, int protocol)
{
  Channel wanted = { .ear = self, .ifindex = ifindex, .protocol = protocol };
  Channel *channel;

  if (self->channels->len >= MAX_CHANNELS || disco_ear_covers (&self->base, ifindex, protocol))
    return;
  set_group (&wanted);
  wanted.fd = socket (wanted.group.family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (wanted.fd == -1)
    return;
  if (!set_up (&wanted, ifindex))
    {
      g_debug ("no ear on interface %d: %s", ifindex, g_strerror (errno));
      (void)close (wanted.fd);
      return;
    }
  channel = g_memdup2 (&wanted, sizeof wanted);
  channel->source = g_source_new (&channel_funcs, sizeof (GSource));
  channel->tag = g_source_add_unix_fd (channel->source, channel->fd, G_IO_IN);
  g_source_set_callback (channel->source, on_packet, channel, NULL);
  g_source_attach (channel->source, self->context);
  g_ptr_array_add (self->channels, channel);
}

/* --- the ear --- */

static gboolean
send_packet (SocketEar *self, const GByteArray *packet)
{
  gboolean sent = FALSE;

  for (guint i = 0; i < self->channels->len; i++)
    {
      const Channel *channel = self->channels->pdata[i];
      const socklen_t size = channel->group.family == AF_INET ? sizeof channel->group.ipv4
                                                              : sizeof channel->group.ipv6;
      sent |= sendto (channel->fd, packet->data, packet->len, MSG_DONTWAIT,
                      (const struct sockaddr *)&channel->group, size)
              >= 0;
    }
  return sent;
}

static gboolean
socket_ear_ask (DiscoEar *ear, GPtrArray *names)
{
  gboolean sent = FALSE;

  for (guint at = 0; at < names->len;)
    {
      g_autoptr (GByteArray) packet = disco_questions_new (names, at, &at);
      if (packet != NULL)
        sent |= send_packet ((SocketEar *)ear, packet);
    }
  return sent;
}

static gboolean
socket_ear_covers (DiscoEar *ear, int ifindex, int protocol)
{
  const SocketEar *self = (const SocketEar *)ear;

  for (guint i = 0; i < self->channels->len; i++)
    {
      const Channel *channel = self->channels->pdata[i];
      if (channel->ifindex == ifindex && channel->protocol == protocol)
        return TRUE;
    }
  return FALSE;
}

static void
socket_ear_move (DiscoEar *ear, const GArray *ifindexes)
{
  SocketEar *self = (SocketEar *)ear;

  for (guint i = self->channels->len; i > 0; i--)
    {
      const Channel *channel = self->channels->pdata[i - 1];
      if (!disco_ifindexes_contain (ifindexes, channel->ifindex))
        g_ptr_array_remove_index (self->channels, i - 1);
    }
  for (guint i = 0; i < ifindexes->len; i++)
    {
      open_channel (self, g_array_index (ifindexes, int, i), DISCO_LINK_IPV4);
      open_channel (self, g_array_index (ifindexes, int, i), DISCO_LINK_IPV6);
    }
}

static void
socket_ear_free (DiscoEar *ear)
{
  SocketEar *self = (SocketEar *)ear;

  g_ptr_array_unref (self->channels);
  disco_timer_free (self->timer);
  g_main_context_unref (self->context);
  g_free (self);
}

DiscoEar *
disco_socket_ear_new (GMainContext *context, const GArray *ifindexes, DiscoHeardFunc func,
                      gpointer user_data)
{
  SocketEar *self = g_new0 (SocketEar, 1);

  self->base = (DiscoEar){ socket_ear_ask, socket_ear_covers, socket_ear_move, socket_ear_free };
  self->context = g_main_context_ref (context);
  self->channels = g_ptr_array_new_with_free_func (channel_free);
  self->timer = disco_timer_new (context, on_second, self);
  self->func = func;
  self->user_data = user_data;
  socket_ear_move (&self->base, ifindexes);
  return &self->base;
}
