/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tool-rank.h"

/* Best first. */
typedef enum
{
  CLASS_IPV4,
  CLASS_IPV6,
  CLASS_IPV4_LINK_LOCAL,
  CLASS_IPV6_LINK_LOCAL,
  CLASS_LOOPBACK,
  CLASS_NO_ADDRESS,
} AddressClass;

/* An instance's addresses come best first, so the first one is its class. */
static AddressClass
instance_class (DiscoInstance *instance)
{
  const char *text = disco_instance_get_addresses (instance)[0];
  g_auto (GStrv) parts = NULL;
  g_autoptr (GInetAddress) address = NULL;
  gboolean is_ipv4;

  if (text == NULL)
    return CLASS_NO_ADDRESS;
  parts = g_strsplit (text, "%", 2);
  address = g_inet_address_new_from_string (parts[0]);
  if (address == NULL)
    return CLASS_NO_ADDRESS;
  is_ipv4 = g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV4;
  if (g_inet_address_get_is_loopback (address))
    return CLASS_LOOPBACK;
  if (g_inet_address_get_is_link_local (address))
    return is_ipv4 ? CLASS_IPV4_LINK_LOCAL : CLASS_IPV6_LINK_LOCAL;
  return is_ipv4 ? CLASS_IPV4 : CLASS_IPV6;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  DiscoInstance *left = *(DiscoInstance *const *)a;
  DiscoInstance *right = *(DiscoInstance *const *)b;
  const AddressClass left_class = instance_class (left);
  const AddressClass right_class = instance_class (right);

  if (left_class != right_class)
    return left_class < right_class ? -1 : 1;
  return strcmp (disco_instance_get_id (left), disco_instance_get_id (right));
}

void
tool_rank (GPtrArray *instances)
{
  g_ptr_array_sort (instances, compare);
}
