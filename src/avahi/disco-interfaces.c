/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-interfaces-private.h"

#include <errno.h>
#include <glib-unix.h>
#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Bytes read of one batch of the kernel's notes; what they say is read anew anyway. */
#define NOTE_BYTES 8192

typedef struct
{
  char *name; /* (owned) */
  gboolean is_used;
  gboolean is_loopback;
  gboolean is_usable; /* up, and multicast reaches somebody */
  GArray *addresses;  /* (owned) of DiscoAddress */
} Interface;

struct _DiscoInterfaces
{
  char **allow;      /* (owned) */
  char **deny;       /* (owned) */
  GHashTable *table; /* (owned) (nullable) ifindex → (owned) Interface; NULL: to be read */
  GSource *notes;    /* (owned) (nullable) */
  int fd;            /* rtnetlink, or -1 */
  DiscoInterfacesReader reader;
  gpointer reader_data;
  DiscoInterfacesFunc func;
  gpointer user_data;
};

static void
interface_free (gpointer data)
{
  Interface *self = data;

  g_array_unref (self->addresses);
  g_free (self->name);
  g_free (self);
}

static gboolean
matches (char **globs, const char *name)
{
  for (guint i = 0; globs != NULL && globs[i] != NULL; i++)
    {
      if (g_pattern_match_simple (globs[i], name))
        return TRUE;
    }
  return FALSE;
}

gboolean
disco_interfaces_is_wanted (char **allow, char **deny, const char *name)
{
  if (allow != NULL && allow[0] != NULL && !matches (allow, name))
    return FALSE;
  return !matches (deny, name);
}

static Interface *
ensure_interface (DiscoInterfaces *self, const char *name, int ifindex)
{
  Interface *interface = g_hash_table_lookup (self->table, GINT_TO_POINTER (ifindex));

  if (interface != NULL)
    return interface;
  interface = g_new0 (Interface, 1);
  interface->name = g_strdup (name);
  interface->is_used = disco_interfaces_is_wanted (self->allow, self->deny, name);
  interface->addresses = g_array_new (FALSE, FALSE, sizeof (DiscoAddress));
  g_hash_table_insert (self->table, GINT_TO_POINTER (ifindex), interface);
  return interface;
}

static void
add_address (Interface *interface, const struct sockaddr *sockaddr)
{
  DiscoAddress address;
  gboolean known = FALSE;

  if (sockaddr == NULL)
    return;
  if (sockaddr->sa_family == AF_INET)
    {
      const struct sockaddr_in *in = (const struct sockaddr_in *)sockaddr;
      known
          = disco_address_from_rdata (&address, (const guint8 *)&in->sin_addr, 4, interface->name);
    }
  else if (sockaddr->sa_family == AF_INET6)
    {
      const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)sockaddr;
      known = disco_address_from_rdata (&address, (const guint8 *)&in6->sin6_addr, 16,
                                        interface->name);
    }
  if (known)
    g_array_append_val (interface->addresses, address);
}

void
disco_interfaces_add (DiscoInterfaces *self, int ifindex, const char *name, guint flags,
                      const struct sockaddr *address)
{
  Interface *interface = ensure_interface (self, name, ifindex);

  interface->is_loopback = (flags & IFF_LOOPBACK) != 0;
  interface->is_usable = (flags & IFF_UP) != 0 && (flags & (IFF_MULTICAST | IFF_LOOPBACK)) != 0;
  add_address (interface, address);
}

static void
read_kernel (DiscoInterfaces *self, gpointer user_data)
{
  struct ifaddrs *list = NULL;

  if (getifaddrs (&list) < 0)
    return;
  for (struct ifaddrs *i = list; i != NULL; i = i->ifa_next)
    {
      guint ifindex = if_nametoindex (i->ifa_name);

      if (ifindex != 0)
        disco_interfaces_add (self, (int)ifindex, i->ifa_name, i->ifa_flags, i->ifa_addr);
    }
  freeifaddrs (list);
}

static void
read_interfaces (DiscoInterfaces *self)
{
  if (self->table != NULL)
    return;
  self->table = g_hash_table_new_full (NULL, NULL, NULL, interface_free);
  self->reader (self, self->reader_data);
}

static Interface *
lookup (DiscoInterfaces *self, int ifindex)
{
  read_interfaces (self);
  return g_hash_table_lookup (self->table, GINT_TO_POINTER (ifindex));
}

static gboolean
on_notes (int fd, GIOCondition condition, gpointer user_data)
{
  DiscoInterfaces *self = user_data;
  char notes[NOTE_BYTES];

  while (recv (fd, notes, sizeof notes, MSG_DONTWAIT) > 0)
    continue;
  disco_interfaces_reread (self);
  return G_SOURCE_CONTINUE;
}

/* Without the kernel's notes, as in a sandbox that forbids netlink, what was read at first stands.
 */
static void
watch_kernel (DiscoInterfaces *self, GMainContext *context)
{
  struct sockaddr_nl address
      = { .nl_family = AF_NETLINK,
          .nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR };

  self->fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
  if (self->fd < 0 || bind (self->fd, (struct sockaddr *)&address, sizeof address) < 0)
    {
      g_debug ("no notes of interfaces from the kernel: %s", g_strerror (errno));
      return;
    }
  self->notes = g_unix_fd_source_new (self->fd, G_IO_IN);
  g_source_set_callback (self->notes, G_SOURCE_FUNC (on_notes), self, NULL);
  g_source_attach (self->notes, context);
}

DiscoInterfaces *
disco_interfaces_new (const char *const *allow, const char *const *deny, GMainContext *context,
                      DiscoInterfacesFunc func, gpointer user_data)
{
  DiscoInterfaces *self = g_new0 (DiscoInterfaces, 1);

  self->allow = g_strdupv ((char **)allow);
  self->deny = g_strdupv ((char **)deny);
  self->reader = read_kernel;
  self->func = func;
  self->user_data = user_data;
  watch_kernel (self, context);
  return self;
}

void
disco_interfaces_free (DiscoInterfaces *self)
{
  if (self->notes != NULL)
    {
      g_source_destroy (self->notes);
      g_source_unref (self->notes);
    }
  if (self->fd >= 0)
    close (self->fd);
  g_clear_pointer (&self->table, g_hash_table_unref);
  g_strfreev (self->allow);
  g_strfreev (self->deny);
  g_free (self);
}

void
disco_interfaces_reread (DiscoInterfaces *self)
{
  g_clear_pointer (&self->table, g_hash_table_unref);
  self->func (self->user_data);
}

void
disco_interfaces_set_reader (DiscoInterfaces *self, DiscoInterfacesReader reader,
                             gpointer user_data)
{
  self->reader = reader;
  self->reader_data = user_data;
  disco_interfaces_reread (self);
}

gboolean
disco_interfaces_is_restricted (DiscoInterfaces *self)
{
  return (self->allow != NULL && self->allow[0] != NULL)
         || (self->deny != NULL && self->deny[0] != NULL);
}

gboolean
disco_interfaces_is_used (DiscoInterfaces *self, int ifindex)
{
  Interface *interface;

  if (!disco_interfaces_is_restricted (self))
    return TRUE;
  interface = lookup (self, ifindex);
  return interface != NULL && interface->is_used;
}

static int
compare_ints (gconstpointer a, gconstpointer b)
{
  return *(const int *)a - *(const int *)b;
}

GArray *
disco_interfaces_list (DiscoInterfaces *self)
{
  GArray *list = g_array_new (FALSE, FALSE, sizeof (int));
  GHashTableIter iter;
  gpointer key;
  gpointer value;

  read_interfaces (self);
  g_hash_table_iter_init (&iter, self->table);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      int ifindex = GPOINTER_TO_INT (key);
      Interface *interface = value;
      if (interface->is_used && interface->is_usable)
        g_array_append_val (list, ifindex);
    }
  g_array_sort (list, compare_ints);
  return list;
}

gboolean
disco_ifindexes_contain (const GArray *ifindexes, int ifindex)
{
  for (guint i = 0; i < ifindexes->len; i++)
    {
      if (g_array_index (ifindexes, int, i) == ifindex)
        return TRUE;
    }
  return FALSE;
}

const char *
disco_interfaces_get_name (DiscoInterfaces *self, int ifindex)
{
  Interface *interface = lookup (self, ifindex);

  return interface != NULL ? interface->name : NULL;
}

gboolean
disco_interfaces_has_address (DiscoInterfaces *self, int ifindex, const DiscoAddress *address)
{
  Interface *interface = lookup (self, ifindex);

  if (interface == NULL || (disco_address_is_loopback (address) && !interface->is_loopback))
    return FALSE;
  for (guint i = 0; i < interface->addresses->len; i++)
    {
      if (disco_address_compare (&g_array_index (interface->addresses, DiscoAddress, i), address)
          == 0)
        return TRUE;
    }
  return FALSE;
}

static guint
count_protocols (const Interface *interface)
{
  gboolean has[2] = { FALSE, FALSE };

  for (guint i = 0; i < interface->addresses->len; i++)
    {
      const DiscoAddress *address = &g_array_index (interface->addresses, DiscoAddress, i);
      has[address->family == G_SOCKET_FAMILY_IPV6] = TRUE;
    }
  return has[0] + has[1];
}

gboolean
disco_interfaces_have_one_path (DiscoInterfaces *self)
{
  guint n_paths[2] = { 0, 0 }; /* by the loopback interface, by others */
  GHashTableIter iter;
  gpointer value;

  read_interfaces (self);
  g_hash_table_iter_init (&iter, self->table);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const Interface *interface = value;
      if (interface->is_used && interface->is_usable)
        n_paths[!interface->is_loopback] += count_protocols (interface);
    }
  return n_paths[n_paths[1] > 0] == 1;
}
