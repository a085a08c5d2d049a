/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-diagnose-private.h"
#include "disco-interfaces-private.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>

/* In this order the first one is the one to do something about. Point-to-point interfaces are left
 * out because avahi-daemon does so, unless it is told otherwise. */
const char *
disco_interface_reason (guint flags, gboolean has_address, gboolean wanted, gboolean named)
{
  if (!wanted)
    return "left out by the agent's settings";
  if ((flags & IFF_LOOPBACK) != 0 && !named)
    return "loopback";
  if ((flags & IFF_UP) == 0)
    return "down";
  if ((flags & IFF_RUNNING) == 0)
    return "no carrier";
  if ((flags & IFF_POINTOPOINT) != 0)
    return "point-to-point";
  if ((flags & (IFF_MULTICAST | IFF_LOOPBACK)) == 0)
    return "no multicast";
  if (!has_address)
    return "no address";
  return NULL;
}

static void
clear_facts (gpointer data)
{
  g_free (((DiscoInterfaceFacts *)data)->name);
}

static DiscoInterfaceFacts *
ensure_facts (GArray *list, const char *name, int ifindex, guint flags)
{
  DiscoInterfaceFacts facts = { .ifindex = ifindex, .flags = flags };

  for (guint i = 0; i < list->len; i++)
    {
      DiscoInterfaceFacts *known = &g_array_index (list, DiscoInterfaceFacts, i);
      if (known->ifindex == ifindex)
        return known;
    }
  facts.name = g_strdup (name);
  g_array_append_val (list, facts);
  return &g_array_index (list, DiscoInterfaceFacts, list->len - 1);
}

static void
read_list (GArray *list)
{
  struct ifaddrs *addresses = NULL;

  if (getifaddrs (&addresses) < 0)
    return;
  for (struct ifaddrs *i = addresses; i != NULL; i = i->ifa_next)
    {
      guint ifindex = if_nametoindex (i->ifa_name);
      DiscoInterfaceFacts *facts;

      if (ifindex == 0)
        continue;
      facts = ensure_facts (list, i->ifa_name, (int)ifindex, i->ifa_flags);
      facts->has_ipv4 |= i->ifa_addr != NULL && i->ifa_addr->sa_family == AF_INET;
      facts->has_ipv6 |= i->ifa_addr != NULL && i->ifa_addr->sa_family == AF_INET6;
    }
  freeifaddrs (addresses);
}

static int
compare_facts (gconstpointer a, gconstpointer b)
{
  return ((const DiscoInterfaceFacts *)a)->ifindex - ((const DiscoInterfaceFacts *)b)->ifindex;
}

GArray *
disco_interface_facts_list (char **allow, char **deny)
{
  GArray *list = g_array_new (FALSE, FALSE, sizeof (DiscoInterfaceFacts));
  const gboolean named = allow != NULL && allow[0] != NULL;

  g_array_set_clear_func (list, clear_facts);
  read_list (list);
  g_array_sort (list, compare_facts);
  for (guint i = 0; i < list->len; i++)
    {
      DiscoInterfaceFacts *facts = &g_array_index (list, DiscoInterfaceFacts, i);
      facts->reason
          = disco_interface_reason (facts->flags, facts->has_ipv4 || facts->has_ipv6,
                                    disco_interfaces_is_wanted (allow, deny, facts->name), named);
    }
  return list;
}

static void
append_item (GString *text, const char *item)
{
  g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", item);
}

DiscoDiagnosis *
disco_diagnose_interfaces (GArray *interfaces)
{
  g_autoptr (GString) usable = g_string_new (NULL);
  g_autoptr (GString) others = g_string_new (NULL);

  for (guint i = 0; i < interfaces->len; i++)
    {
      const DiscoInterfaceFacts *facts = &g_array_index (interfaces, DiscoInterfaceFacts, i);
      g_autofree char *item = g_strdup_printf ("%s (%s)", facts->name, facts->reason);
      append_item (facts->reason == NULL ? usable : others,
                   facts->reason == NULL ? facts->name : item);
    }
  if (usable->len == 0)
    return disco_diagnosis_new (
        "interfaces", DISCO_DIAGNOSIS_STATUS_FAILED,
        "No network interface is usable: %s. Connect one to a network and bring it up, or let the "
        "agent use others.",
        others->len > 0 ? others->str : "there is none");
  return disco_diagnosis_new ("interfaces", DISCO_DIAGNOSIS_STATUS_OK, "Usable: %s.%s%s%s",
                              usable->str, others->len > 0 ? " Not used: " : "", others->str,
                              others->len > 0 ? "." : "");
}
