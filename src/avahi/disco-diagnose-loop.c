/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asks by multicast, as another host would, for a service that this host announces: whether the
 * question comes in is what a firewall decides. */
#include "disco-diagnose-private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <glib-unix.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define MDNS_TTL 255      /* RFC 6762 §11 */
#define PACKET_BYTES 9000 /* RFC 6762 §17 */

/* A packet may be lost: asked again, each time after the time before. */
static const gint64 patience_us[] = { 200000, 400000, 900000 };

enum
{
  OVER_IPV4,
  OVER_IPV6,
  N_FAMILIES,
};

/* The answers of one interface over one version of IP */
typedef struct
{
  int fd;
  int family; /* OVER_… */
  int ifindex;
  GSource *source; /* (owned) (nullable) */
  guint16 id;
  const char *label;  /* (not owned) */
  GArray *results;    /* (not owned) of DiscoLoopResult */
  guint result_index; /* in results */
} Ear;

static DiscoLoopResult *
ear_result (Ear *self)
{
  return &g_array_index (self->results, DiscoLoopResult, self->result_index);
}

static gboolean
on_packet (int fd, GIOCondition condition, gpointer user_data)
{
  Ear *self = user_data;
  g_autofree guint8 *packet = g_malloc (PACKET_BYTES);
  gssize length = recv (fd, packet, PACKET_BYTES, MSG_DONTWAIT);

  if (length > 0 && disco_loop_is_answer (packet, (gsize)length, self->id, self->label))
    ear_result (self)->answered[self->family] = TRUE;
  return G_SOURCE_CONTINUE;
}

/* Where no route leads to the group, Linux takes none of an interface's addresses of host scope,
 * such as the loopback interface has, and what comes from 0.0.0.0 cannot be answered. */
static struct in_addr
first_ipv4 (int fd, int ifindex)
{
  struct ifreq request = { 0 };
  const struct sockaddr_in *address = (const struct sockaddr_in *)&request.ifr_addr;

  if (if_indextoname ((guint)ifindex, request.ifr_name) == NULL
      || ioctl (fd, SIOCGIFADDR, &request) < 0)
    return (struct in_addr){ INADDR_ANY };
  return address->sin_addr;
}

static gboolean
aim_ipv4 (int fd, int ifindex)
{
  const struct ip_mreqn out = { .imr_ifindex = ifindex, .imr_address = first_ipv4 (fd, ifindex) };
  const int ttl = MDNS_TTL;

  return setsockopt (fd, IPPROTO_IP, IP_MULTICAST_IF, &out, sizeof out) == 0
         && setsockopt (fd, IPPROTO_IP, IP_MULTICAST_TTL, &ttl, sizeof ttl) == 0;
}

static gboolean
aim_ipv6 (int fd, int ifindex)
{
  const int hops = MDNS_TTL;

  return setsockopt (fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &ifindex, sizeof ifindex) == 0
         && setsockopt (fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &hops, sizeof hops) == 0;
}

static void
ear_free (gpointer data)
{
  Ear *self = data;

  if (self->source != NULL)
    {
      g_source_destroy (self->source);
      g_source_unref (self->source);
    }
  if (self->fd >= 0)
    close (self->fd);
  g_free (self);
}

/* Opens a socket whose packets go out of that interface, and of no other. */
static gboolean
ear_open (Ear *self, GMainContext *context)
{
  const gboolean ipv4 = self->family == OVER_IPV4;

  self->fd = socket (ipv4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (self->fd < 0 || !(ipv4 ? aim_ipv4 : aim_ipv6) (self->fd, self->ifindex))
    return FALSE;
  self->source = g_unix_fd_source_new (self->fd, G_IO_IN);
  g_source_set_callback (self->source, G_SOURCE_FUNC (on_packet), self, NULL);
  g_source_attach (self->source, context);
  return TRUE;
}

static void
ear_ask (Ear *self, GByteArray *question)
{
  struct sockaddr_in ipv4 = { .sin_family = AF_INET, .sin_port = htons (DISCO_MDNS_PORT) };
  struct sockaddr_in6 ipv6 = { .sin6_family = AF_INET6,
                               .sin6_port = htons (DISCO_MDNS_PORT),
                               .sin6_scope_id = (guint32)self->ifindex };
  const struct sockaddr *to
      = self->family == OVER_IPV4 ? (struct sockaddr *)&ipv4 : (struct sockaddr *)&ipv6;
  socklen_t size = self->family == OVER_IPV4 ? sizeof ipv4 : sizeof ipv6;
  DiscoLoopResult *result = ear_result (self);

  if (result->answered[self->family] || self->source == NULL)
    return;
  inet_pton (AF_INET, DISCO_MDNS_GROUP_IPV4, &ipv4.sin_addr);
  inet_pton (AF_INET6, DISCO_MDNS_GROUP_IPV6, &ipv6.sin6_addr);
  if (sendto (self->fd, question->data, question->len, MSG_DONTWAIT, to, size) < 0)
    result->error = errno;
}

/* --- all interfaces --- */

typedef struct
{
  DiscoDiagnoseRun *run;
  GPtrArray *ears; /* (owned) of Ear */
  GArray *results; /* (owned) of DiscoLoopResult */
  const char *label;
  guint16 id;
} Loop;

static void
listen_on (Loop *self, const DiscoInterfaceFacts *facts, int family)
{
  Ear *ear = g_new0 (Ear, 1);

  ear->family = family;
  ear->ifindex = facts->ifindex;
  ear->id = self->id;
  ear->label = self->label;
  ear->results = self->results;
  ear->result_index = self->results->len - 1;
  ear_result (ear)->asked[family] = TRUE;
  if (!ear_open (ear, self->run->context))
    ear_result (ear)->error = errno;
  g_ptr_array_add (self->ears, ear);
}

static void
listen_on_all (Loop *self, GArray *interfaces)
{
  for (guint i = 0; i < interfaces->len; i++)
    {
      const DiscoInterfaceFacts *facts = &g_array_index (interfaces, DiscoInterfaceFacts, i);
      const DiscoLoopResult result = { .name = facts->name };
      if (facts->reason != NULL)
        continue;
      g_array_append_val (self->results, result);
      if (facts->has_ipv4)
        listen_on (self, facts, OVER_IPV4);
      if (facts->has_ipv6)
        listen_on (self, facts, OVER_IPV6);
    }
}

static gboolean
has_all_answers (gpointer data)
{
  Loop *self = data;

  for (guint i = 0; i < self->results->len; i++)
    {
      const DiscoLoopResult *result = &g_array_index (self->results, DiscoLoopResult, i);
      for (guint family = 0; family < N_FAMILIES; family++)
        if (result->asked[family] && !result->answered[family])
          return FALSE;
    }
  return TRUE;
}

static gboolean
is_answered_on_all (gpointer data)
{
  Loop *self = data;

  for (guint i = 0; i < self->results->len; i++)
    {
      const DiscoLoopResult *result = &g_array_index (self->results, DiscoLoopResult, i);
      if (!result->answered[OVER_IPV4] && !result->answered[OVER_IPV6])
        return FALSE;
    }
  return TRUE;
}

/* A responder that does not use one version of IP is not waited for to the end. */
static void
ask_until_answered (Loop *self, GByteArray *question)
{
  for (guint i = 0; i < G_N_ELEMENTS (patience_us); i++)
    {
      for (guint j = 0; j < self->ears->len; j++)
        ear_ask (self->ears->pdata[j], question);
      if (disco_diagnose_run_wait (self->run, patience_us[i],
                                   i == 0 ? has_all_answers : is_answered_on_all, self))
        return;
    }
}

DiscoDiagnosis *
disco_diagnose_loop (DiscoDiagnoseRun *run, GArray *interfaces, const char *label, const char *type,
                     gboolean daemon)
{
  g_autoptr (GPtrArray) ears = g_ptr_array_new_with_free_func (ear_free);
  g_autoptr (GArray) results = g_array_new (FALSE, TRUE, sizeof (DiscoLoopResult));
  Loop loop = { .run = run, .ears = ears, .results = results, .label = label };
  g_autoptr (GByteArray) question = NULL;

  loop.id = (guint16)g_random_int ();
  question = disco_loop_question_new (loop.id, label, type);
  g_assert (question != NULL);
  listen_on_all (&loop, interfaces);
  ask_until_answered (&loop, question);
  return disco_diagnose_loop_results (results, daemon);
}

/* --- what it means --- */

static void
append_answered (GString *text, const DiscoLoopResult *result)
{
  const gboolean both = result->answered[OVER_IPV4] && result->answered[OVER_IPV6];

  g_string_append_printf (text, "%s%s (%s)", text->len > 0 ? ", " : "", result->name,
                          both                          ? "IPv4 and IPv6"
                          : result->answered[OVER_IPV4] ? "IPv4"
                                                        : "IPv6");
}

static void
append_silent (GString *text, const DiscoLoopResult *result)
{
  g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", result->name);
  if (result->error != 0)
    g_string_append_printf (text, " (%s)", g_strerror (result->error));
}

/* An interface is fine if it answers over either version of IP: a responder may be set to use one
 * of them alone. */
DiscoDiagnosis *
disco_diagnose_loop_results (GArray *results, gboolean daemon)
{
  g_autoptr (GString) answered = g_string_new (NULL);
  g_autoptr (GString) silent = g_string_new (NULL);

  for (guint i = 0; i < results->len; i++)
    {
      const DiscoLoopResult *result = &g_array_index (results, DiscoLoopResult, i);
      if (result->answered[OVER_IPV4] || result->answered[OVER_IPV6])
        append_answered (answered, result);
      else
        append_silent (silent, result);
    }
  if (results->len == 0)
    return disco_diagnosis_new ("loop", DISCO_DIAGNOSIS_STATUS_FAILED,
                                "There is no usable interface to look for a test service on.");
  if (silent->len > 0)
    return disco_diagnosis_new (
        "loop", DISCO_DIAGNOSIS_STATUS_FAILED,
        "A test service was not found by multicast on %s. A firewall probably drops UDP port 5353: "
        "open it (firewall-cmd --add-service=mdns, or ufw allow 5353/udp)%s.",
        silent->str, daemon ? "; or avahi-daemon.conf keeps the daemon from this interface" : "");
  return disco_diagnosis_new ("loop", DISCO_DIAGNOSIS_STATUS_OK,
                              "A test service was announced, and found by multicast on %s.",
                              answered->str);
}
