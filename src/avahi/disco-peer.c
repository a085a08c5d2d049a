/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-label-private.h"
#include "disco-peer-state-private.h"

#include <string.h>

/* Between two direct questions whether it is still there */
#define ASK_AGAIN_US (4 * G_TIME_SPAN_SECOND)
/* Interfaces and protocols that show one name. */
#define MAX_SIGHTINGS 64

void
disco_peer_changed (DiscoPeer *self, gint64 hold_us)
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
  self->type = g_ref_string_new_intern (type);
  self->domain = g_ref_string_new_intern (domain);
  self->full_name = disco_full_name_join (label, type, domain);
  self->func = func;
  self->user_data = user_data;
  return self;
}

void
disco_peer_clear_records (DiscoPeer *self)
{
  disco_peer_records_clear (&self->srv);
  disco_peer_records_clear (&self->txt);
}

static void
drop_questions (DiscoPeer *self)
{
  g_clear_pointer (&self->job, disco_resolve_job_free);
  g_clear_pointer (&self->slot, disco_live_slot_free);
  disco_peer_drop_browsers (self);
}

void
disco_peer_drop_host (DiscoPeer *self)
{
  g_clear_pointer (&self->srv_parsed, g_bytes_unref);
  if (self->host != NULL)
    disco_host_unuse (self->host, self);
  self->host = NULL;
}

void
disco_peer_free (DiscoPeer *self)
{
  drop_questions (self);
  disco_peer_drop_host (self);
  disco_peer_clear_records (self);
  g_free (self->sightings);
  disco_service_name_unref (self->service);
  g_free (self->full_name);
  g_ref_string_release (self->domain);
  g_ref_string_release (self->type);
  g_free (self->label);
  g_free (self);
}

const char *
disco_peer_get_full_name (DiscoPeer *self)
{
  return self->full_name;
}

const char *
disco_peer_get_host_name (DiscoPeer *self)
{
  return disco_host_get_name (self->host);
}

/* --- questions and answers --- */

void
disco_peer_refuse_record (DiscoPeer *self)
{
  disco_engine_refuse (self->engine, DISCO_COUNT_REFUSED_RECORDS, self->full_name);
}

void
disco_peer_become_known (DiscoPeer *self)
{
  if (self->slot != NULL)
    disco_live_slot_set_known (self->slot);
}

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
  g_autoptr (GBytes) txt = NULL;
  gboolean cut = FALSE;

  g_clear_pointer (&self->job, disco_resolve_job_free);
  self->unanswered = event->error != NULL;
  if (event->error == NULL)
    srv = make_srv (event->hostname, event->port);
  if (srv != NULL)
    {
      disco_peer_records_set_asked (&self->srv, event->ifindex, event->protocol, srv);
      txt = disco_peer_records_take_txt (g_bytes_get_data (event->txt, NULL),
                                         g_bytes_get_size (event->txt), &cut);
      if (cut)
        disco_peer_refuse_record (self);
      disco_peer_records_set_asked (&self->txt, event->ifindex, event->protocol, txt);
      disco_peer_become_known (self);
    }
  disco_peer_changed (self, 0);
}

/* On the interface that rules */
void
disco_peer_ask (gpointer user_data)
{
  DiscoPeer *self = user_data;
  const DiscoSighting *where = disco_peer_get_ruling (self);

  if (self->job != NULL || disco_engine_get_link (self->engine) == NULL)
    return;
  self->job = disco_resolver_ask (disco_engine_get_resolver (self->engine),
                                  where != NULL ? where->ifindex : DISCO_LINK_ANY,
                                  where != NULL ? where->protocol : DISCO_LINK_ANY, self->label,
                                  self->type, self->domain, on_resolved, self);
}

void
disco_peer_ask_again (DiscoPeer *self)
{
  gint64 now = g_get_monotonic_time ();

  /* An answer is a change, which is looked at at once: that must not be the next question. */
  if (self->asked_again_at != 0 && now < self->asked_again_at + ASK_AGAIN_US)
    return;
  self->asked_again_at = now;
  self->unanswered = FALSE;
  disco_peer_ask (self);
  if (self->job != NULL)
    disco_resolve_job_set_must_end (self->job);
}

gboolean
disco_peer_is_unanswered (DiscoPeer *self)
{
  return self->unanswered;
}

/* --- sightings --- */

const DiscoSighting *
disco_peer_get_ruling (DiscoPeer *self)
{
  const DiscoSighting *ruling = NULL;

  for (guint i = 0; i < self->n_sightings; i++)
    {
      const DiscoSighting *sighting = &self->sightings[i];
      if (ruling == NULL || sighting->ifindex < ruling->ifindex)
        ruling = sighting;
    }
  return ruling;
}

static int
get_ruling_ifindex (DiscoPeer *self)
{
  const DiscoSighting *ruling = disco_peer_get_ruling (self);

  return ruling != NULL ? ruling->ifindex : DISCO_LINK_ANY;
}

gboolean
disco_peer_is_shown (DiscoPeer *self, int ifindex)
{
  for (guint i = 0; i < self->n_sightings; i++)
    {
      if (self->sightings[i].ifindex == ifindex)
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_shown (int ifindex, gpointer user_data)
{
  return disco_peer_is_shown (user_data, ifindex);
}

GBytes *
disco_peer_get_current (DiscoPeer *self, const DiscoPeerRecords *records)
{
  return disco_peer_records_get_current (records, is_shown, self);
}

gboolean
disco_peer_is_same_record (GBytes *a, GBytes *b)
{
  return a == b || (a != NULL && b != NULL && g_bytes_equal (a, b));
}

DiscoSighting *
disco_peer_find_sighting (DiscoPeer *self, int ifindex, int protocol, guint *index)
{
  for (*index = 0; *index < self->n_sightings; ++*index)
    {
      DiscoSighting *sighting = &self->sightings[*index];
      if (sighting->ifindex == ifindex && sighting->protocol == protocol)
        return sighting;
    }
  return NULL;
}

/* What was heard there goes with it; record browsers tell that themselves. */
static void
leave (DiscoPeer *self, int ifindex, int protocol)
{
  if (self->browsers[0] != NULL)
    return;
  disco_peer_records_leave (&self->srv, ifindex, protocol);
  disco_peer_records_leave (&self->txt, ifindex, protocol);
}

/* Where the name is shown has changed. Another interface may rule than @ruled: what the name has
 * there is asked for, but where record browsers tell it. Or it may be heard worse than @hearing. */
static void
follow_ruling (DiscoPeer *self, int ruled, DiscoHearing hearing)
{
  const gboolean is_moved = get_ruling_ifindex (self) != ruled;

  if (self->n_sightings == 0)
    return;
  if (self->slot != NULL && (is_moved || disco_peer_get_hearing (self) < hearing))
    disco_live_slot_set_moved (self->slot);
  if (!is_moved || self->browsers[0] != NULL)
    return;
  g_clear_pointer (&self->job, disco_resolve_job_free);
  disco_peer_ask (self);
}

static void
append_sighting (DiscoPeer *self, const DiscoSighting *sighting)
{
  const int ruled = get_ruling_ifindex (self);
  const DiscoHearing hearing = disco_peer_get_hearing (self);

  self->sightings = g_renew (DiscoSighting, self->sightings, self->n_sightings + 1);
  self->sightings[self->n_sightings++] = *sighting;
  if (self->n_sightings == 1)
    self->sighted_at = g_get_monotonic_time ();
  follow_ruling (self, ruled, hearing);
  disco_peer_join_live (self);
  disco_peer_recall (self, sighting->ifindex, sighting->protocol);
}

void
disco_peer_add_sighting (DiscoPeer *self, int ifindex, int protocol, gboolean local)
{
  guint index;
  DiscoSighting *known = disco_peer_find_sighting (self, ifindex, protocol, &index);
  const DiscoSighting sighting = { ifindex, protocol, local };

  if (known != NULL)
    {
      *known = sighting;
      return;
    }
  if (self->n_sightings >= MAX_SIGHTINGS)
    {
      disco_peer_refuse_record (self);
      return;
    }
  append_sighting (self, &sighting);
  disco_peer_changed (self, DISCO_PEER_ADDRESSES_US);
}

void
disco_peer_remove_sighting (DiscoPeer *self, int ifindex, int protocol)
{
  guint index;
  DiscoSighting *known = disco_peer_find_sighting (self, ifindex, protocol, &index);
  const int ruled = get_ruling_ifindex (self);
  const DiscoHearing hearing = disco_peer_get_hearing (self);

  if (known == NULL)
    return;
  self->n_sightings--;
  memmove (known, known + 1, (self->n_sightings - index) * sizeof *known);
  leave (self, ifindex, protocol);
  follow_ruling (self, ruled, hearing);
  disco_peer_changed (self, self->n_sightings == 0 ? 0 : DISCO_PEER_ADDRESSES_US);
}

gboolean
disco_peer_is_sighted (DiscoPeer *self)
{
  return self->n_sightings > 0;
}

gboolean
disco_peer_is_sighted_at (DiscoPeer *self, int ifindex, int protocol)
{
  guint index;

  return disco_peer_find_sighting (self, ifindex, protocol, &index) != NULL;
}

/* --- recovery --- */

void
disco_peer_detach (DiscoPeer *self)
{
  drop_questions (self);
  disco_peer_drop_host (self);
  disco_peer_clear_records (self);
  self->n_sightings = 0;
  self->srv_at = 0;
  self->lost_at = 0;
  self->asked_again_at = 0;
  self->unanswered = FALSE;
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
