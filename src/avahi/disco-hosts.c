/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-hosts-private.h"
#include "disco-label-private.h"
#include "disco-retry-private.h"

#include <string.h>

/* From a host's first address until it counts as known in full: the other family and the other
 * interface come within this time where there is one. */
#define QUIET_US (50 * G_TIME_SPAN_MILLISECOND)

/* Addresses kept a host (each counts once an interface and protocol); a flooder's further ones are
 * refused. */
#define MAX_ADDRESSES 128

#define DOMAIN_SUFFIX ".local"

typedef enum
{
  IPV4,
  IPV6,
  N_FAMILIES
} Family;

static const GSocketFamily families[N_FAMILIES] = { G_SOCKET_FAMILY_IPV4, G_SOCKET_FAMILY_IPV6 };

struct _DiscoHosts
{
  DiscoEngine *engine;
  GHashTable *table; /* (owned) lower-case name → (owned) DiscoHost */
};

struct _DiscoHost
{
  DiscoHosts *hosts;
  char *name; /* (owned): lower case */
  gboolean in_domain;
  DiscoLinkObject *browsers[N_FAMILIES]; /* (owned) (nullable): A and AAAA */
  DiscoRetry *retry;                     /* (owned): where those have failed */
  GArray *addresses;                     /* (owned) of DiscoHostAddress */
  gint64 first_at;                       /* when the first of these addresses came */
  GHashTable *users;                     /* (owned) user_data → DiscoHostFunc */
};

static void
host_free (gpointer data)
{
  DiscoHost *self = data;

  for (guint i = 0; i < G_N_ELEMENTS (self->browsers); i++)
    g_clear_pointer (&self->browsers[i], disco_link_object_free);
  disco_retry_free (self->retry);
  g_array_unref (self->addresses);
  g_hash_table_unref (self->users);
  g_free (self->name);
  g_free (self);
}

DiscoHosts *
disco_hosts_new (DiscoEngine *engine)
{
  DiscoHosts *self = g_new0 (DiscoHosts, 1);

  self->engine = engine;
  self->table = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, host_free);
  return self;
}

void
disco_hosts_free (DiscoHosts *self)
{
  g_hash_table_unref (self->table);
  g_free (self);
}

static void
tell_users (DiscoHost *self)
{
  GHashTableIter iter;
  gpointer user_data;
  gpointer func;

  g_hash_table_iter_init (&iter, self->users);
  while (g_hash_table_iter_next (&iter, &user_data, &func))
    ((DiscoHostFunc)func) (self, user_data);
}

/* By the bytes: an interface that has gone has no name, and so its addresses no zone, when they are
 * told to go. */
static gboolean
find_address (DiscoHost *self, const DiscoHostAddress *wanted, guint *index)
{
  for (guint i = 0; i < self->addresses->len; i++)
    {
      const DiscoHostAddress *address = &g_array_index (self->addresses, DiscoHostAddress, i);
      if (address->ifindex != wanted->ifindex || address->protocol != wanted->protocol
          || address->address.family != wanted->address.family
          || memcmp (address->address.bytes, wanted->address.bytes, sizeof wanted->address.bytes)
                 != 0)
        continue;
      *index = i;
      return TRUE;
    }
  return FALSE;
}

static void
add_address (DiscoHost *self, const DiscoHostAddress *address)
{
  guint index;

  if (find_address (self, address, &index))
    {
      g_array_index (self->addresses, DiscoHostAddress, index).suspect = FALSE;
      return;
    }
  if (self->addresses->len >= MAX_ADDRESSES)
    {
      disco_engine_refuse (self->hosts->engine, DISCO_COUNT_REFUSED_RECORDS, self->name);
      return;
    }
  if (self->addresses->len == 0)
    self->first_at = g_get_monotonic_time ();
  g_array_append_val (self->addresses, *address);
  tell_users (self);
}

static void
remove_address (DiscoHost *self, const DiscoHostAddress *address)
{
  guint index;

  if (!find_address (self, address, &index))
    return;
  g_array_remove_index (self->addresses, index);
  tell_users (self);
}

/* What it showed stands until the next one has shown what there is. */
static void
on_failure (DiscoHost *self, Family family, const GError *error)
{
  g_debug ("addresses of %s: %s", self->name, error->message);
  g_clear_pointer (&self->browsers[family], disco_link_object_free);
  for (guint i = 0; i < self->addresses->len; i++)
    {
      DiscoHostAddress *address = &g_array_index (self->addresses, DiscoHostAddress, i);
      address->suspect |= address->address.family == families[family];
    }
  disco_retry_later (self->retry);
}

/* All there is has been shown. */
static void
drop_suspects (DiscoHost *self, Family family)
{
  const guint before = self->addresses->len;

  for (guint i = before; i > 0; i--)
    {
      const DiscoHostAddress *address = &g_array_index (self->addresses, DiscoHostAddress, i - 1);
      if (address->suspect && address->address.family == families[family])
        g_array_remove_index (self->addresses, i - 1);
    }
  if (self->addresses->len < before)
    tell_users (self);
}

static void
on_record (DiscoHost *self, const DiscoBrowseEvent *event)
{
  DiscoInterfaces *interfaces = disco_engine_get_interfaces (self->hosts->engine);
  DiscoHostAddress address = { event->ifindex, event->protocol, { 0 }, FALSE };

  if (event->kind == DISCO_BROWSE_NEW && !disco_interfaces_is_used (interfaces, event->ifindex))
    return;
  if (!disco_address_from_rdata (&address.address, event->rdata, event->rdata_size,
                                 disco_interfaces_get_name (interfaces, event->ifindex)))
    {
      disco_engine_count (self->hosts->engine, DISCO_COUNT_MALFORMED, 1);
      return;
    }
  if (event->kind == DISCO_BROWSE_NEW)
    add_address (self, &address);
  else
    remove_address (self, &address);
}

static void
on_event (DiscoHost *self, Family family, const DiscoBrowseEvent *event)
{
  switch (event->kind)
    {
    case DISCO_BROWSE_NEW:
    case DISCO_BROWSE_REMOVE:
      on_record (self, event);
      break;
    case DISCO_BROWSE_ALL_FOR_NOW:
      drop_suspects (self, family);
      break;
    case DISCO_BROWSE_FAILURE:
    default:
      on_failure (self, family, event->error);
      break;
    }
}

static void
on_ipv4 (const DiscoBrowseEvent *event, gpointer user_data)
{
  on_event (user_data, IPV4, event);
}

static void
on_ipv6 (const DiscoBrowseEvent *event, gpointer user_data)
{
  on_event (user_data, IPV6, event);
}

/* Looks up what is not looked up already. */
static void
host_attach (DiscoHost *self)
{
  DiscoLink *link = disco_engine_get_link (self->hosts->engine);

  if (link == NULL || !self->in_domain)
    return;
  if (self->browsers[IPV4] == NULL)
    self->browsers[IPV4]
        = disco_link_browse_records (link, self->name, DISCO_RECORD_A, on_ipv4, self);
  if (self->browsers[IPV6] == NULL)
    self->browsers[IPV6]
        = disco_link_browse_records (link, self->name, DISCO_RECORD_AAAA, on_ipv6, self);
}

static gboolean
on_retry (gpointer user_data)
{
  host_attach (user_data);
  return G_SOURCE_CONTINUE;
}

void
disco_hosts_attach (DiscoHosts *self)
{
  GHashTableIter iter;
  gpointer host;

  g_hash_table_iter_init (&iter, self->table);
  while (g_hash_table_iter_next (&iter, NULL, &host))
    host_attach (host);
}

void
disco_hosts_detach (DiscoHosts *self)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->table);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      DiscoHost *host = value;
      for (guint i = 0; i < G_N_ELEMENTS (host->browsers); i++)
        g_clear_pointer (&host->browsers[i], disco_link_object_free);
      disco_retry_cancel (host->retry);
      g_array_set_size (host->addresses, 0);
    }
}

/* A name that is malformed is never asked for: it can stop a daemon. */
static gboolean
is_askable (const char *name)
{
  g_autoptr (GBytes) wire = disco_domain_name_to_wire (name);

  return wire != NULL && strlen (name) <= DISCO_ESCAPED_NAME_MAX_CHARS
         && g_str_has_suffix (name, DOMAIN_SUFFIX);
}

DiscoHost *
disco_hosts_use (DiscoHosts *self, const char *hostname, DiscoHostFunc func, gpointer user_data)
{
  g_autofree char *name = g_ascii_strdown (hostname, -1);
  DiscoHost *host = g_hash_table_lookup (self->table, name);

  if (host == NULL)
    {
      host = g_new0 (DiscoHost, 1);
      host->hosts = self;
      host->in_domain = is_askable (name);
      host->name = g_steal_pointer (&name);
      host->addresses = g_array_new (FALSE, FALSE, sizeof (DiscoHostAddress));
      host->retry = disco_retry_new (disco_engine_get_context (self->engine), on_retry, host);
      host->users = g_hash_table_new (NULL, NULL);
      g_hash_table_insert (self->table, host->name, host);
      host_attach (host);
    }
  g_hash_table_insert (host->users, user_data, func);
  return host;
}

void
disco_host_unuse (DiscoHost *self, gpointer user_data)
{
  g_hash_table_remove (self->users, user_data);
  if (g_hash_table_size (self->users) == 0)
    g_hash_table_remove (self->hosts->table, self->name);
}

const char *
disco_host_get_name (DiscoHost *self)
{
  return self->name;
}

const GArray *
disco_host_get_addresses (DiscoHost *self)
{
  return self->addresses;
}

gboolean
disco_host_is_in_domain (DiscoHost *self)
{
  return self->in_domain;
}

gint64
disco_host_get_quiet_at (DiscoHost *self)
{
  return self->first_at + QUIET_US;
}
