/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-ear-private.h"

#include "disco-answer-private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <glib-unix.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#define MDNS_PORT 5353
#define MDNS_TTL 255
#define PACKET_BYTES 9000 /* RFC 6762 §17 */
/* Packets that are read before the context's other sources have their turn */
#define PACKETS_A_TURN 16

/* One interface over one version of IP */
typedef struct
{
  int fd;
  GSource *source; /* (owned) */
  union
  {
    sa_family_t family;
    struct sockaddr_in ipv4;
    struct sockaddr_in6 ipv6;
  } group; /* mDNS's, on the interface */
} Channel;

typedef struct
{
  DiscoEar base;
  GMainContext *context; /* (owned) */
  GArray *channels;      /* (owned) of Channel */
  DiscoHeardFunc func;
  gpointer user_data;
  guint8 packet[PACKET_BYTES];
} SocketEar;

gboolean
disco_ear_ask (DiscoEar *self, GPtrArray *names)
{
  return self->ask (self, names);
}

void
disco_ear_free (DiscoEar *self)
{
  self->free (self);
}

static void
channel_clear (gpointer data)
{
  Channel *channel = data;

  g_source_destroy (channel->source);
  g_source_unref (channel->source);
  (void)close (channel->fd);
}

static gboolean
on_packet (int fd, GIOCondition condition, gpointer user_data)
{
  SocketEar *self = user_data;

  for (guint i = 0; i < PACKETS_A_TURN; i++)
    {
      gssize size = recv (fd, self->packet, sizeof self->packet, MSG_DONTWAIT);
      if (size < 0)
        break;
      disco_answers_read (self->packet, (gsize)size, self->func, self->user_data);
    }
  return G_SOURCE_CONTINUE;
}

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
  if (!set_option (channel->fd, SOL_SOCKET, SO_REUSEADDR, TRUE)
      || !set_option (channel->fd, SOL_SOCKET, SO_REUSEPORT, TRUE))
    return FALSE;
  if (channel->group.family == AF_INET)
    return set_up_ipv4 (channel->fd, ifindex, &channel->group.ipv4);
  return set_up_ipv6 (channel->fd, ifindex, &channel->group.ipv6);
}

static void
open_channel (SocketEar *self, int ifindex, int family)
{
  Channel channel = { .group.family = (sa_family_t)family };

  if (family == AF_INET)
    {
      channel.group.ipv4.sin_port = htons (MDNS_PORT);
      inet_pton (AF_INET, "224.0.0.251", &channel.group.ipv4.sin_addr);
    }
  else
    {
      channel.group.ipv6.sin6_port = htons (MDNS_PORT);
      channel.group.ipv6.sin6_scope_id = (guint32)ifindex;
      inet_pton (AF_INET6, "ff02::fb", &channel.group.ipv6.sin6_addr);
    }
  channel.fd = socket (family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (channel.fd == -1)
    return;
  if (!set_up (&channel, ifindex))
    {
      g_debug ("no ear on interface %d: %s", ifindex, g_strerror (errno));
      (void)close (channel.fd);
      return;
    }
  channel.source = g_unix_fd_source_new (channel.fd, G_IO_IN);
  g_source_set_callback (channel.source, G_SOURCE_FUNC (on_packet), self, NULL);
  g_source_attach (channel.source, self->context);
  g_array_append_val (self->channels, channel);
}

/* --- the ear --- */

static gboolean
send_packet (SocketEar *self, const GByteArray *packet)
{
  gboolean sent = FALSE;

  for (guint i = 0; i < self->channels->len; i++)
    {
      const Channel *channel = &g_array_index (self->channels, Channel, i);
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

static void
socket_ear_free (DiscoEar *ear)
{
  SocketEar *self = (SocketEar *)ear;

  g_array_unref (self->channels);
  g_main_context_unref (self->context);
  g_free (self);
}

DiscoEar *
disco_socket_ear_new (GMainContext *context, const GArray *ifindexes, DiscoHeardFunc func,
                      gpointer user_data)
{
  SocketEar *self = g_new0 (SocketEar, 1);

  self->base.ask = socket_ear_ask;
  self->base.free = socket_ear_free;
  self->context = g_main_context_ref (context);
  self->channels = g_array_new (FALSE, FALSE, sizeof (Channel));
  g_array_set_clear_func (self->channels, channel_clear);
  self->func = func;
  self->user_data = user_data;
  for (guint i = 0; i < ifindexes->len; i++)
    {
      open_channel (self, g_array_index (ifindexes, int, i), AF_INET);
      open_channel (self, g_array_index (ifindexes, int, i), AF_INET6);
    }
  return &self->base;
}
