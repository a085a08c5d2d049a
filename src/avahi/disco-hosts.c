/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-hosts-private.h"
#include "disco-label-private.h"
#include "disco-retry-private.h"

#include <string.h>

/* From a host's first address until it counts as known in full: the other family and the other
 * interface come within this time where there is one. */
#define QUIET_US (50 * G_TIME_SPAN_MILLISECOND)
/* Where all comes in by one way: the other family is in the same packet. */
#define ONE_PATH_QUIET_US (10 * G_TIME_SPAN_MILLISECOND)

/* Addresses kept a host (each counts once an interface and protocol); a flooder's further ones are
 * refused. */
#define MAX_ADDRESSES 128

/* Hosts whose addresses are looked up; each costs two objects at the responder. */
#define MAX_HOSTS 8000
/* Of these, hosts without an address: they may be invented, and each makes the responder ask on and
 * on. Those that exist are answered for in less than 0.3 s for the most part. */
#define MAX_ASKED 500
/* Where others wait, one of them makes room after that time: it was asked for at 0.1, 1 and 3 s.
 * Where the others have had their turn as well, it need not hurry. */
#define ASKED_TURN_US (5 * G_TIME_SPAN_SECOND)
#define ASKED_AGAIN_US (30 * G_TIME_SPAN_SECOND)

#define DOMAIN_SUFFIX ".local"

typedef enum
{
  IPV4,
  IPV6,
  N_FAMILIES
} Family;

static const GSocketFamily families[N_FAMILIES] = { G_SOCKET_FAMILY_IPV4, G_SOCKET_FAMILY_IPV6 };

typedef enum
{
  HOST_NEW,   /* waits for a link, or for room */
  HOST_LATER, /* waits, and has had its turn */
  HOST_ASKED, /* is looked up, without an address yet */
  HOST_FOUND,
  N_HOST_STATES,
} HostState;

struct _DiscoHosts
{
  DiscoEngine *engine;
  GHashTable *table;            /* (owned) lower-case name → (owned) DiscoHost */
  GQueue queues[N_HOST_STATES]; /* by state, oldest first; without those outside the domain */
  guint turn;                   /* of those that wait */
  GSource *timer;               /* (owned) */
};

struct _DiscoHost
{
  DiscoHosts *hosts;
  HostState state;
  GList node; /* in the queue of its state, if it is in the domain */
  gint64 asked_at;
  char *name; /* (owned): lower case */
  gboolean in_domain;
  DiscoLinkObject *browsers[N_FAMILIES]; /* (owned) (nullable): A and AAAA */
  DiscoRetry *retry;                     /* (owned): where those have failed */
  GArray *addresses;                     /* (owned) of DiscoHostAddress */
  gint64 quiet_at;                       /* when they count as all, after the first one */
  GHashTable *users;                     /* (owned) user_data → DiscoHostFunc */
};

static void
set_host_state (DiscoHost *self, HostState state)
{
  g_queue_unlink (&self->hosts->queues[self->state], &self->node);
  self->state = state;
  g_queue_push_tail_link (&self->hosts->queues[state], &self->node);
}

static void
drop_browsers (DiscoHost *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->browsers); i++)
    g_clear_pointer (&self->browsers[i], disco_link_object_free);
}

static void
host_free (gpointer data)
{
  DiscoHost *self = data;

  drop_browsers (self);
  if (self->in_domain)
    {
      g_queue_unlink (&self->hosts->queues[self->state], &self->node);
      disco_timer_advance (self->hosts->timer, 0);
    }
  disco_retry_free (self->retry);
  g_array_unref (self->addresses);
  g_hash_table_unref (self->users);
  g_free (self->name);
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

static gint64
get_quiet_us (DiscoHost *self)
{
  DiscoInterfaces *interfaces = disco_engine_get_interfaces (self->hosts->engine);

  return disco_interfaces_have_one_path (interfaces) ? ONE_PATH_QUIET_US : QUIET_US;
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
    {
      self->quiet_at = g_get_monotonic_time () + get_quiet_us (self);
      set_host_state (self, HOST_FOUND);
      disco_timer_advance (self->hosts->timer, 0);
    }
  g_array_append_val (self->addresses, *address);
  tell_users (self);
}

static void
on_addresses_gone (DiscoHost *self)
{
  if (self->addresses->len == 0)
    {
      self->asked_at = g_get_monotonic_time ();
      set_host_state (self, HOST_ASKED);
    }
  tell_users (self);
}

static void
remove_address (DiscoHost *self, const DiscoHostAddress *address)
{
  guint index;

  if (!find_address (self, address, &index))
    return;
  g_array_remove_index (self->addresses, index);
  on_addresses_gone (self);
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
    on_addresses_gone (self);
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

/* --- which hosts are looked up --- */

/* Looks up what is not looked up already. */
static void
look_up (DiscoHost *self)
{
  DiscoLink *link = disco_engine_get_link (self->hosts->engine);

  if (link == NULL)
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
  look_up (user_data);
  return G_SOURCE_CONTINUE;
}

static void
begin (DiscoHost *self)
{
  set_host_state (self, HOST_ASKED);
  self->asked_at = g_get_monotonic_time ();
  look_up (self);
}

static void
park (DiscoHost *self, HostState state)
{
  drop_browsers (self);
  disco_retry_cancel (self->retry);
  g_array_set_size (self->addresses, 0);
  set_host_state (self, state);
}

static gboolean
has_room (DiscoHosts *self)
{
  const guint n_asked = self->queues[HOST_ASKED].length;

  return n_asked < MAX_ASKED && n_asked + self->queues[HOST_FOUND].length < MAX_HOSTS;
}

/* (nullable): of those that wait in turn the oldest new one, the newest, and one that has had its
 * turn: so hosts that were invented keep neither old nor new ones waiting. */
static DiscoHost *
next_host (DiscoHosts *self)
{
  const GQueue *fresh = &self->queues[HOST_NEW];
  const GQueue *later = &self->queues[HOST_LATER];
  const guint turn = self->turn++ % 3;

  if (later->length > 0 && (turn == 2 || fresh->length == 0))
    return later->head->data;
  if (fresh->length == 0)
    return NULL;
  return turn == 1 ? fresh->tail->data : fresh->head->data;
}

static void
fill (DiscoHosts *self)
{
  DiscoHost *host;

  if (disco_engine_get_link (self->engine) == NULL)
    return;
  while (has_room (self) && (host = next_host (self)) != NULL)
    begin (host);
}

/* When the oldest that is looked up in vain is to make room; -1: nobody waits for it */
static gint64
next_turn_at (DiscoHosts *self)
{
  const GQueue *asked = &self->queues[HOST_ASKED];
  const DiscoHost *oldest = asked->length > 0 ? asked->head->data : NULL;

  if (oldest == NULL)
    return -1;
  if (self->queues[HOST_NEW].length > 0)
    return oldest->asked_at + ASKED_TURN_US;
  return self->queues[HOST_LATER].length > 0 ? oldest->asked_at + ASKED_AGAIN_US : -1;
}

static gboolean
on_timer (gpointer user_data)
{
  DiscoHosts *self = user_data;
  gint64 now = g_get_monotonic_time ();
  gint64 turn_at;

  if (disco_engine_get_link (self->engine) == NULL)
    return G_SOURCE_CONTINUE;
  fill (self);
  while ((turn_at = next_turn_at (self)) != -1 && turn_at <= now)
    {
      park (self->queues[HOST_ASKED].head->data, HOST_LATER);
      fill (self);
    }
  if (turn_at != -1)
    disco_timer_advance (self->timer, turn_at);
  return G_SOURCE_CONTINUE;
}

DiscoHosts *
disco_hosts_new (DiscoEngine *engine)
{
  DiscoHosts *self = g_new0 (DiscoHosts, 1);

  self->engine = engine;
  self->table = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, host_free);
  self->timer = disco_timer_new (disco_engine_get_context (engine), on_timer, self);
  return self;
}

void
disco_hosts_free (DiscoHosts *self)
{
  g_hash_table_unref (self->table);
  disco_timer_free (self->timer);
  g_free (self);
}

void
disco_hosts_attach (DiscoHosts *self)
{
  disco_timer_advance (self->timer, 0);
  fill (self);
}

void
disco_hosts_detach (DiscoHosts *self)
{
  for (HostState state = HOST_ASKED; state <= HOST_FOUND; state++)
    {
      while (self->queues[state].length > 0)
        park (self->queues[state].head->data, HOST_NEW);
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

static void
add (DiscoHosts *self, DiscoHost *host)
{
  g_queue_push_tail_link (&self->queues[HOST_NEW], &host->node);
  fill (self);
  if (host->state != HOST_NEW)
    return;
  if (self->queues[HOST_FOUND].length >= MAX_HOSTS)
    disco_engine_refuse (self->engine, DISCO_COUNT_REFUSED_RECORDS, host->name);
  disco_timer_advance (self->timer, 0);
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
      host->node.data = host;
      g_hash_table_insert (self->table, host->name, host);
      if (host->in_domain)
        add (self, host);
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
  return self->quiet_at;
}
