/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-label-private.h"
#include "disco-peer-state-private.h"
#include "disco-publisher-private.h"
#include "disco-records-private.h"

/* A TXT record that stays away that long counts as empty. */
#define TXT_US (3 * G_TIME_SPAN_SECOND)
/* SRV or all addresses expired: time to come back before the instance is gone. */
#define LOST_US (5 * G_TIME_SPAN_SECOND)
/* PTR and addresses on different interfaces only: how long to wait for the common one. */
#define DISJOINT_US G_TIME_SPAN_SECOND
/* How long the first full set waits for a name that has been seen and has no records yet. It is
 * answered for while its owner still probes; and where several responders share our address, as
 * programs with the embedded backend do, what one of them is known to have (RFC 6762 §7.1) is held
 * back from the others for most of a second. Questions go out at once, after 1 s and after 3 s:
 * this is for the answer to the third. */
#define SETTLE_US (3500 * G_TIME_SPAN_MILLISECOND)

static void
on_host_changed (DiscoHost *host, gpointer user_data)
{
  DiscoPeer *self = user_data;

  disco_peer_changed (self, self->shown ? DISCO_PEER_ADDRESSES_US : 0);
}

/* As the SRV record spells it. (transfer full) (nullable) */
static char *
read_target (GBytes *srv)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (srv, &size);

  return size > 6 ? disco_domain_name_from_wire (data + 6, size - 6, NULL) : NULL;
}

/* A service that has another port now is still there: its host's addresses are kept. */
static gboolean
is_host (DiscoPeer *self, const char *hostname)
{
  return self->host != NULL && hostname != NULL
         && g_ascii_strcasecmp (disco_host_get_name (self->host), hostname) == 0;
}

/* Takes host and port from the current SRV record; FALSE if there is none that can be read. */
static gboolean
follow_srv (DiscoPeer *self, gint64 now)
{
  GBytes *current = disco_peer_get_current (self, &self->srv);
  g_autofree char *hostname = NULL;
  const guint8 *data;

  if (current == NULL)
    return FALSE;
  if (self->srv_parsed != NULL && g_bytes_equal (current, self->srv_parsed))
    return self->host != NULL;
  hostname = read_target (current);
  if (!is_host (self, hostname))
    disco_peer_drop_host (self);
  g_clear_pointer (&self->srv_parsed, g_bytes_unref);
  self->srv_parsed = g_bytes_ref (current);
  if (hostname == NULL)
    {
      disco_engine_count (self->engine, DISCO_COUNT_MALFORMED, 1);
      return FALSE;
    }
  data = g_bytes_get_data (current, NULL);
  self->port = (guint16)(data[4] << 8 | data[5]);
  if (self->host == NULL)
    self->host
        = disco_hosts_use (disco_engine_get_hosts (self->engine), hostname, on_host_changed, self);
  return TRUE;
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
  DiscoInterfaces *interfaces = disco_engine_get_interfaces (self->engine);
  GArray *list = g_array_new (FALSE, FALSE, sizeof (int));

  for (guint i = 0; i < self->n_sightings; i++)
    {
      int ifindex = self->sightings[i].ifindex;
      if (disco_interfaces_get_name (interfaces, ifindex) != NULL
          && (all || has_address (addresses, ifindex)))
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

  for (guint i = 0; i < self->n_sightings; i++)
    {
      if (self->sightings[i].local)
        return TRUE;
    }
  if (disco_publisher_has_label (disco_engine_get_publisher (self->engine), self->type,
                                 self->label))
    return TRUE;
  for (guint i = 0; i < addresses->len; i++)
    {
      const DiscoHostAddress *address = &g_array_index (addresses, DiscoHostAddress, i);
      if (disco_peer_is_shown (self, address->ifindex)
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
  g_autofree char *hostname = read_target (self->srv_parsed);
  guint malformed = 0;
  DiscoRecords records = {
    .label = self->label,
    .type = self->type,
    .domain = self->domain,
    .hostname = hostname,
    .port = self->port,
    .txt = disco_peer_get_current (self, &self->txt),
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
  if (disco_peer_get_current (self, &self->txt) != NULL || now >= self->srv_at + TXT_US)
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
      /* another generic service's; what an old link showed may stand for a while */
      self->shown = self->stale;
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
  if (self->n_sightings == 0)
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

/* Its addresses, or those that it is reached by, may yet come */
static gboolean
is_waiting_for_addresses (DiscoPeer *self, gint64 now)
{
  const GArray *addresses = disco_host_get_addresses (self->host);
  g_autoptr (GArray) common = NULL;

  if (addresses->len == 0 || now < disco_host_get_quiet_at (self->host))
    return TRUE;
  common = list_interfaces (self, addresses, FALSE);
  return common->len == 0 && now < self->sighted_at + DISJOINT_US;
}

gboolean
disco_peer_is_settled (DiscoPeer *self, gint64 now, gint64 *until)
{
  *until = self->sighted_at + SETTLE_US;
  return self->shown || self->n_sightings == 0 || now >= *until
         || (self->srv_at != 0 && disco_peer_get_current (self, &self->txt) != NULL
             && self->host != NULL && !is_waiting_for_addresses (self, now));
}
