/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-diagnose-private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int
join_ipv4 (int fd, int ifindex)
{
  struct ip_mreqn request = { .imr_ifindex = ifindex };

  inet_pton (AF_INET, DISCO_MDNS_GROUP_IPV4, &request.imr_multiaddr);
  return setsockopt (fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &request, sizeof request);
}

static int
join_ipv6 (int fd, int ifindex)
{
  struct ipv6_mreq request = { .ipv6mr_interface = (unsigned int)ifindex };

  inet_pton (AF_INET6, DISCO_MDNS_GROUP_IPV6, &request.ipv6mr_multiaddr);
  return setsockopt (fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &request, sizeof request);
}

/* Joins, and leaves again with the socket; returns errno, or 0 */
static int
try_to_join (int family, int ifindex)
{
  int fd = socket (family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  int error = 0;

  if (fd < 0)
    return errno;
  if ((family == AF_INET ? join_ipv4 : join_ipv6) (fd, ifindex) < 0)
    error = errno;
  close (fd);
  return error;
}

static void
check (GString *faults, GString *joined, const DiscoInterfaceFacts *facts, int family)
{
  int error = try_to_join (family, facts->ifindex);
  const char *group = family == AF_INET ? DISCO_MDNS_GROUP_IPV4 : DISCO_MDNS_GROUP_IPV6;

  if (error != 0)
    g_string_append_printf (faults, "%s%s on %s (%s)", faults->len > 0 ? ", " : "", group,
                            facts->name, g_strerror (error));
  else
    g_string_append_printf (joined, "%s%s on %s", joined->len > 0 ? ", " : "", group, facts->name);
}

DiscoDiagnosis *
disco_diagnose_multicast (GArray *interfaces)
{
  g_autoptr (GString) faults = g_string_new (NULL);
  g_autoptr (GString) joined = g_string_new (NULL);

  for (guint i = 0; i < interfaces->len; i++)
    {
      const DiscoInterfaceFacts *facts = &g_array_index (interfaces, DiscoInterfaceFacts, i);
      if (facts->reason == NULL && facts->has_ipv4)
        check (faults, joined, facts, AF_INET);
      if (facts->reason == NULL && facts->has_ipv6)
        check (faults, joined, facts, AF_INET6);
    }
  if (faults->len > 0)
    return disco_diagnosis_new (
        "multicast", DISCO_DIAGNOSIS_STATUS_FAILED,
        "Multicast groups cannot be joined: %s. A sandbox may forbid it, or "
        "the kernel's limit is reached (sysctl "
        "net.ipv4.igmp_max_memberships).",
        faults->str);
  if (joined->len == 0)
    return NULL;
  return disco_diagnosis_new ("multicast", DISCO_DIAGNOSIS_STATUS_OK, "Joined %s.", joined->str);
}
