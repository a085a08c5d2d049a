/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-hosts-private.h"
#include "disco-label-private.h"
#include "disco-live-private.h"
#include "disco-peer-private.h"
#include "disco-peer-records-private.h"
#include "disco-publisher-private.h"
#include "disco-records-private.h"
#include "disco-resolver-private.h"

#include <string.h>

/* What belongs to one change comes within this time: SRV and TXT, the two protocols. */
#define RECORDS_US (5 * G_TIME_SPAN_MILLISECOND)
#define ADDRESSES_US (50 * G_TIME_SPAN_MILLISECOND)
/* A TXT record that stays away that long counts as empty. */
#define TXT_US (3 * G_TIME_SPAN_SECOND)
/* SRV or all addresses expired: time to come back before the instance is gone. */
#define LOST_US (5 * G_TIME_SPAN_SECOND)
/* PTR and addresses on different interfaces only: how long to wait for the common one. */
#define DISJOINT_US G_TIME_SPAN_SECOND
/* A name is answered for while its owner still probes; the first full set waits that long for it.
 */
#define SETTLE_US (2 * G_TIME_SPAN_SECOND)
/* Interfaces and protocols that show one name. */
#define MAX_SIGHTINGS 64

typedef struct
{
  int ifindex;
  int protocol;
  gboolean local;
} Sighting;

struct _DiscoPeer
{
  DiscoEngine *engine;
  DiscoServiceName *service; /* (owned) */
  char *label;               /* (owned) */
  char *type;                /* (owned) */
  char *domain;              /* (owned) */
  char *full_name;           /* (owned) */
  DiscoPeerFunc func;
  gpointer user_data;

  GArray *sightings; /* (owned) of Sighting */
  DiscoPeerRecords srv;
  DiscoPeerRecords txt;
  DiscoResolveJob *job;         /* (owned) (nullable): the one-shot question */
  DiscoLiveSlot *slot;          /* (owned) (nullable) */
  DiscoLinkObject *browsers[2]; /* (owned) (nullable): live SRV and TXT */

  DiscoHost *host;    /* (nullable): used; the SRV target's */
  GBytes *srv_parsed; /* (owned) (nullable): the rdata that host, hostname and port come from */
  char *hostname;     /* (owned) (nullable): as the SRV record spells it */
  guint16 port;

  gint64 sighted_at; /* when it was first seen on this link */
  gint64 srv_at;     /* when its SRV became known, 0: it is not */
  gint64 lost_at;    /* when what is shown lost its SRV or addresses, 0: it did not */
  gboolean shown;
  gboolean stale;
  gboolean unanswered; /* the last question had no answer */
};

static void
changed (DiscoPeer *self, gint64 hold_us)
{
  self->func (self, g_get_monotonic_time () + hold_us, self->user_data);
}

DiscoPeer *
disco_peer_new (DiscoEngine *engine, DiscoServiceName *service, const char *label, const char *type,
                const char *domain, DiscoPeerFunc func, gpointer user_data)
{
  DiscoPeer *self = g_new0 (DiscoPeer, 1);

  self->engine = engine;
  self->service = disco_service_name_ref (service);
  self->label = g_strdup (label);
  self->type = g_strdup (type);
  self->domain = g_strdup (domain);
  self->full_name = disco_full_name_join (label, type, domain);
  self->func = func;
  self->user_data = user_data;
  self->sightings = g_array_new (FALSE, FALSE, sizeof (Sighting));
  disco_peer_records_init (&self->srv);
  disco_peer_records_init (&self->txt);
  return self;
}

static void
drop_questions (DiscoPeer *self)
{
  g_clear_pointer (&self->job, disco_resolve_job_free);
  g_clear_pointer (&self->slot, disco_live_slot_free);
  for (guint i = 0; i < G_N_ELEMENTS (self->browsers); i++)
    g_clear_pointer (&self->browsers[i], disco_link_object_free);
}

static void
drop_host (DiscoPeer *self)
{
  g_clear_pointer (&self->srv_parsed, g_bytes_unref);
  g_clear_pointer (&self->hostname, g_free);
  if (self->host != NULL)
    disco_host_unuse (self->host, self);
  self->host = NULL;
}

void
disco_peer_free (DiscoPeer *self)
{
  drop_questions (self);
  drop_host (self);
  disco_peer_records_clear (&self->srv);
  disco_peer_records_clear (&self->txt);
  g_array_unref (self->sightings);
  disco_service_name_unref (self->service);
  g_free (self->full_name);
  g_free (self->domain);
  g_free (self->type);
  g_free (self->label);
  g_free (self);
}

const char *
disco_peer_get_full_name (DiscoPeer *self)
{
  return self->full_name;
}

/* --- questions and answers --- */

/* A name that is too long for a question would make the responder drop the whole packet. */
static gboolean
is_askable (DiscoPeer *self)
{
  return strlen (self->full_name) <= DISCO_ESCAPED_NAME_MAX_CHARS;
}

static void
on_live_record (DiscoPeer *self, DiscoPeerRecords *records, const DiscoBrowseEvent *event)
{
  g_autoptr (GBytes) rdata = NULL;

  if (event->kind == DISCO_BROWSE_FAILURE)
    g_debug ("records of %s: %s", self->full_name, event->error->message);
  if (event->kind != DISCO_BROWSE_NEW && event->kind != DISCO_BROWSE_REMOVE)
    return;
  if (!disco_interfaces_is_used (disco_engine_get_interfaces (self->engine), event->ifindex))
    return;
  rdata = g_bytes_new (event->rdata, event->rdata_size);
  if (event->kind == DISCO_BROWSE_REMOVE)
    disco_peer_records_remove (records, event->ifindex, event->protocol, rdata);
  else if (!disco_peer_records_add (records, event->ifindex, event->protocol, rdata))
    disco_engine_count (self->engine, DISCO_COUNT_REFUSED, 1);
  changed (self, RECORDS_US);
}

static void
on_srv (const DiscoBrowseEvent *event, gpointer user_data)
{
  DiscoPeer *self = user_data;

  on_live_record (self, &self->srv, event);
}

static void
on_txt (const DiscoBrowseEvent *event, gpointer user_data)
{
  DiscoPeer *self = user_data;

  on_live_record (self, &self->txt, event);
}

static void
start_live (gpointer user_data)
{
  DiscoPeer *self = user_data;
  DiscoLink *link = disco_engine_get_link (self->engine);

  self->browsers[0]
      = disco_link_browse_records (link, self->full_name, DISCO_RECORD_SRV, on_srv, self);
  self->browsers[1]
      = disco_link_browse_records (link, self->full_name, DISCO_RECORD_TXT, on_txt, self);
}

static void ask (gpointer user_data);

static const DiscoLiveFuncs live_funcs = { start_live, ask };

/* SRV rdata (RFC 2782) of a one-shot answer, so that it can stand beside what live views show */
static GBytes *
make_srv (const char *hostname, guint16 port)
{
  g_autoptr (GBytes) target = disco_domain_name_to_wire (hostname);
  const guint8 head[] = { 0, 0, 0, 0, port >> 8, port & 0xff };
  GByteArray *rdata;
  gsize size;
  const guint8 *data;

  if (target == NULL)
    return NULL;
  data = g_bytes_get_data (target, &size);
  rdata = g_byte_array_sized_new (sizeof head + size);
  g_byte_array_append (rdata, head, sizeof head);
  g_byte_array_append (rdata, data, size);
  return g_byte_array_free_to_bytes (rdata);
}

static void
on_resolved (const DiscoResolveEvent *event, gpointer user_data)
{
  DiscoPeer *self = user_data;
  g_autoptr (GBytes) srv = NULL;

  g_clear_pointer (&self->job, disco_resolve_job_free);
  self->unanswered = event->error != NULL;
  if (event->error == NULL)
    srv = make_srv (event->hostname, event->port);
  if (srv != NULL)
    {
      disco_peer_records_set_asked (&self->srv, event->ifindex, event->protocol, srv);
      disco_peer_records_set_asked (&self->txt, event->ifindex, event->protocol, event->txt);
    }
  changed (self, 0);
}

/* At once, and not after the first answer: one without TXT never comes, while the live views show
 * the SRV record alone. */
static void
join_live (DiscoPeer *self)
{
  if (self->slot == NULL && is_askable (self))
    self->slot = disco_live_join (disco_engine_get_live (self->engine), &live_funcs, self);
}

/* On the interface that rules: the lowest that shows the name */
static void
ask (gpointer user_data)
{
  DiscoPeer *self = user_data;
  Sighting where = { DISCO_LINK_ANY, DISCO_LINK_ANY, FALSE };

  if (self->job != NULL || disco_engine_get_link (self->engine) == NULL)
    return;
  for (guint i = 0; i < self->sightings->len; i++)
    {
      const Sighting *sighting = &g_array_index (self->sightings, Sighting, i);
      if (i == 0 || sighting->ifindex < where.ifindex)
        where = *sighting;
    }
  self->job
      = disco_resolver_ask (disco_engine_get_resolver (self->engine), where.ifindex, where.protocol,
                            self->label, self->type, self->domain, on_resolved, self);
}

void
disco_peer_ask_again (DiscoPeer *self)
{
  self->unanswered = FALSE;
  ask (self);
}

gboolean
disco_peer_is_unanswered (DiscoPeer *self)
{
  return self->unanswered;
}

/* --- sightings --- */

static Sighting *
find_sighting (DiscoPeer *self, int ifindex, int protocol, guint *index)
{
  for (*index = 0; *index < self->sightings->len; ++*index)
    {
      Sighting *sighting = &g_array_index (self->sightings, Sighting, *index);
      if (sighting->ifindex == ifindex && sighting->protocol == protocol)
        return sighting;
    }
  return NULL;
}

void
disco_peer_add_sighting (DiscoPeer *self, int ifindex, int protocol, gboolean local)
{
  guint index;
  Sighting *known = find_sighting (self, ifindex, protocol, &index);
  Sighting sighting = { ifindex, protocol, local };

  if (known != NULL)
    {
      *known = sighting;
      return;
    }
  if (self->sightings->len >= MAX_SIGHTINGS)
    {
      disco_engine_count (self->engine, DISCO_COUNT_REFUSED, 1);
      return;
    }
  g_array_append_val (self->sightings, sighting);
  if (self->sightings->len == 1)
    {
      self->sighted_at = g_get_monotonic_time ();
      if (self->browsers[0] == NULL)
        ask (self);
      join_live (self);
    }
  changed (self, ADDRESSES_US);
}

void
disco_peer_remove_sighting (DiscoPeer *self, int ifindex, int protocol)
{
  guint index;

  if (find_sighting (self, ifindex, protocol, &index) == NULL)
    return;
  g_array_remove_index (self->sightings, index);
  changed (self, self->sightings->len == 0 ? 0 : ADDRESSES_US);
}

gboolean
disco_peer_is_sighted (DiscoPeer *self)
{
  return self->sightings->len > 0;
}

/* --- what it looks like --- */

static void
on_host_changed (DiscoHost *host, gpointer user_data)
{
  DiscoPeer *self = user_data;

  changed (self, self->shown ? ADDRESSES_US : 0);
}

/* Takes host and port from the current SRV record; FALSE if there is none that can be read. */
static gboolean
follow_srv (DiscoPeer *self, gint64 now)
{
  GBytes *current = disco_peer_records_get_current (&self->srv);
  g_autofree char *hostname = NULL;
  const guint8 *data;
  gsize size;

  if (current == NULL)
    return FALSE;
  if (self->srv_parsed != NULL && g_bytes_equal (current, self->srv_parsed))
    return self->host != NULL;
  data = g_bytes_get_data (current, &size);
  drop_host (self);
  self->srv_parsed = g_bytes_ref (current);
  if (size > 6)
    hostname = disco_domain_name_from_wire (data + 6, size - 6, NULL);
  if (hostname == NULL)
    {
      disco_engine_count (self->engine, DISCO_COUNT_MALFORMED, 1);
      return FALSE;
    }
  self->port = (guint16)(data[4] << 8 | data[5]);
  self->host
      = disco_hosts_use (disco_engine_get_hosts (self->engine), hostname, on_host_changed, self);
  self->hostname = g_steal_pointer (&hostname);
  return TRUE;
}

static gboolean
has_sighting (DiscoPeer *self, int ifindex)
{
  for (guint i = 0; i < self->sightings->len; i++)
    {
      if (g_array_index (self->sightings, Sighting, i).ifindex == ifindex)
        return TRUE;
    }
  return FALSE;
}

static gboolean
has_address (const GArray *addresses, int ifindex)
{
  for (guint i = 0; i < addresses->len; i++)
    {
      if (g_array_index (addresses, DiscoHostAddress, i).ifindex == ifindex)
        return TRUE;
    }
  return FALSE;
}

static void
add_int (GArray *array, int value)
{
  guint at = 0;

  while (at < array->len && g_array_index (array, int, at) < value)
    at++;
  if (at == array->len || g_array_index (array, int, at) != value)
    g_array_insert_val (array, at, value);
}

/* The interfaces by which the instance is reached: those that show both its PTR and an address of
 * its host. So an interface comes, and goes, with all that is known on it, as one change. Where
 * there is no such interface @all tells to take every one. (transfer full) (element int), sorted */
static GArray *
list_interfaces (DiscoPeer *self, const GArray *addresses, gboolean all)
{
  GArray *list = g_array_new (FALSE, FALSE, sizeof (int));

  for (guint i = 0; i < self->sightings->len; i++)
    {
      int ifindex = g_array_index (self->sightings, Sighting, i).ifindex;
      if (all || has_address (addresses, ifindex))
        add_int (list, ifindex);
    }
  return list;
}

static gboolean
contains_int (const GArray *array, int value)
{
  for (guint i = 0; i < array->len; i++)
    {
      if (g_array_index (array, int, i) == value)
        return TRUE;
    }
  return FALSE;
}

static char **
address_texts (const GArray *addresses, const GArray *ifindexes, gboolean all)
{
  g_autoptr (GArray) list = g_array_new (FALSE, FALSE, sizeof (DiscoAddress));

  for (guint i = 0; i < addresses->len; i++)
    {
      const DiscoHostAddress *address = &g_array_index (addresses, DiscoHostAddress, i);
      if (all || contains_int (ifindexes, address->ifindex))
        g_array_append_val (list, address->address);
    }
  return disco_addresses_to_strv (list);
}

static char **
interface_names (DiscoPeer *self, const GArray *ifindexes)
{
  DiscoInterfaces *interfaces = disco_engine_get_interfaces (self->engine);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; i < ifindexes->len; i++)
    {
      const char *name = disco_interfaces_get_name (interfaces, g_array_index (ifindexes, int, i));
      if (name != NULL)
        g_strv_builder_add (builder, name);
    }
  return g_strv_builder_end (builder);
}

/* Avahi's own word for it is lost where another connection or another host name is involved. */
static gboolean
is_local (DiscoPeer *self, const GArray *addresses)
{
  DiscoInterfaces *interfaces = disco_engine_get_interfaces (self->engine);

  for (guint i = 0; i < self->sightings->len; i++)
    {
      if (g_array_index (self->sightings, Sighting, i).local)
        return TRUE;
    }
  if (disco_publisher_has_label (disco_engine_get_publisher (self->engine), self->type,
                                 self->label))
    return TRUE;
  for (guint i = 0; i < addresses->len; i++)
    {
      const DiscoHostAddress *address = &g_array_index (addresses, DiscoHostAddress, i);
      if (has_sighting (self, address->ifindex)
          && disco_interfaces_has_address (interfaces, address->ifindex, &address->address))
        return TRUE;
    }
  return FALSE;
}

static DiscoInstance *
make_instance (DiscoPeer *self, const GArray *ifindexes, gboolean all_addresses)
{
  const GArray *addresses = disco_host_get_addresses (self->host);
  g_auto (GStrv) texts = address_texts (addresses, ifindexes, all_addresses);
  g_auto (GStrv) names = interface_names (self, ifindexes);
  guint malformed = 0;
  DiscoRecords records = {
    .label = self->label,
    .type = self->type,
    .domain = self->domain,
    .hostname = self->hostname,
    .port = self->port,
    .txt = disco_peer_records_get_current (&self->txt),
    .addresses = (const char *const *)texts,
    .interfaces = (const char *const *)names,
    .local = is_local (self, addresses),
  };
  DiscoInstance *instance = disco_records_to_instance (&records, self->service, &malformed);

  disco_engine_count (self->engine, DISCO_COUNT_MALFORMED, malformed);
  return instance;
}

/* What is shown has lost something that it cannot be without. */
static DiscoPeerVerdict
lose (DiscoPeer *self, gint64 now, gint64 *again_at)
{
  if (!self->shown || self->stale)
    return DISCO_PEER_WAIT;
  if (self->lost_at == 0)
    self->lost_at = now;
  *again_at = self->lost_at + LOST_US;
  if (now < *again_at)
    return DISCO_PEER_WAIT;
  *again_at = -1;
  self->lost_at = 0;
  self->shown = FALSE;
  return DISCO_PEER_HIDE;
}

/* TRUE if SRV and TXT are known well enough; else @again_at says when to look again, if ever */
static gboolean
has_records (DiscoPeer *self, gint64 now, gint64 *again_at)
{
  if (!follow_srv (self, now))
    {
      self->srv_at = 0;
      return FALSE;
    }
  if (self->srv_at == 0)
    self->srv_at = now;
  if (disco_peer_records_get_current (&self->txt) != NULL || now >= self->srv_at + TXT_US)
    return TRUE;
  *again_at = self->srv_at + TXT_US;
  return FALSE;
}

static DiscoPeerVerdict
show (DiscoPeer *self, const GArray *ifindexes, gboolean all_addresses, DiscoInstance **instance)
{
  *instance = make_instance (self, ifindexes, all_addresses);
  self->lost_at = 0;
  if (*instance == NULL)
    {
      self->shown = FALSE; /* another generic service's */
      return DISCO_PEER_HIDE;
    }
  self->shown = TRUE;
  return DISCO_PEER_SHOW;
}

DiscoPeerVerdict
disco_peer_build (DiscoPeer *self, gint64 now, DiscoInstance **instance, gint64 *again_at)
{
  const GArray *addresses;
  g_autoptr (GArray) ifindexes = NULL;

  *instance = NULL;
  *again_at = -1;
  if (self->sightings->len == 0)
    return DISCO_PEER_WAIT;
  if (!has_records (self, now, again_at))
    return self->srv_at == 0 ? lose (self, now, again_at) : DISCO_PEER_WAIT;
  addresses = disco_host_get_addresses (self->host);
  if (addresses->len == 0)
    {
      if (disco_host_is_in_domain (self->host))
        return lose (self, now, again_at);
      ifindexes = list_interfaces (self, addresses, TRUE);
      return show (self, ifindexes, FALSE, instance);
    }
  if (!self->shown && now < disco_host_get_quiet_at (self->host))
    {
      *again_at = disco_host_get_quiet_at (self->host);
      return DISCO_PEER_WAIT;
    }
  ifindexes = list_interfaces (self, addresses, FALSE);
  if (ifindexes->len > 0)
    return show (self, ifindexes, FALSE, instance);
  if (now < self->sighted_at + DISJOINT_US)
    {
      *again_at = self->sighted_at + DISJOINT_US;
      return DISCO_PEER_WAIT;
    }
  g_array_unref (ifindexes);
  ifindexes = list_interfaces (self, addresses, TRUE);
  return show (self, ifindexes, TRUE, instance);
}

gboolean
disco_peer_is_settled (DiscoPeer *self, gint64 now, gint64 *until)
{
  *until = self->sighted_at + SETTLE_US;
  return self->shown || self->sightings->len == 0 || now >= *until
         || (self->srv_at != 0 && disco_peer_records_get_current (&self->txt) != NULL
             && self->host != NULL && disco_host_get_addresses (self->host)->len > 0
             && now >= disco_host_get_quiet_at (self->host));
}

/* --- recovery --- */

void
disco_peer_detach (DiscoPeer *self)
{
  drop_questions (self);
  drop_host (self);
  disco_peer_records_clear (&self->srv);
  disco_peer_records_clear (&self->txt);
  disco_peer_records_init (&self->srv);
  disco_peer_records_init (&self->txt);
  g_array_set_size (self->sightings, 0);
  self->srv_at = 0;
  self->lost_at = 0;
  self->stale = TRUE;
}

gboolean
disco_peer_is_stale (DiscoPeer *self)
{
  return self->stale;
}

void
disco_peer_end_stale (DiscoPeer *self)
{
  self->stale = FALSE;
}
