/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is heard of a peer past the responder, where the peer is shown: a live view of its records.
 * What record browsers show needs no other word for it. */
#include "disco-peer-state-private.h"

#include <string.h>

DiscoHearing
disco_peer_get_hearing (gpointer user_data)
{
  DiscoPeer *self = user_data;
  DiscoListener *listener = disco_engine_get_listener (self->engine);
  const DiscoSighting *ruling = disco_peer_get_ruling (self);
  DiscoHearing best = DISCO_HEARING_NONE;

  /* its owner announces a change on both protocols: one is enough */
  for (guint i = 0; i < self->n_sightings; i++)
    {
      const DiscoSighting *sighting = &self->sightings[i];
      if (sighting->ifindex == ruling->ifindex)
        best = MAX (best,
                    disco_listener_get_hearing (listener, sighting->ifindex, sighting->protocol));
    }
  return best;
}

void
disco_peer_set_unheard (gpointer user_data)
{
  DiscoPeer *self = user_data;

  disco_peer_records_suspect (&self->srv);
  disco_peer_records_suspect (&self->txt);
}

void
disco_peer_note_missed (gpointer user_data, gint64 asked_at)
{
  DiscoPeer *self = user_data;
  const DiscoSighting *ruling = disco_peer_get_ruling (self);

  for (guint i = 0; i < self->n_sightings; i++)
    {
      const DiscoSighting *sighting = &self->sightings[i];
      if (sighting->ifindex == ruling->ifindex)
        disco_listener_note_missed (disco_engine_get_listener (self->engine), sighting->ifindex,
                                    sighting->protocol, asked_at);
    }
}

static gboolean
has_both (DiscoPeer *self)
{
  return disco_peer_get_current (self, &self->srv) != NULL
         && disco_peer_get_current (self, &self->txt) != NULL;
}

/* Where nothing is left to be asked for. A question that is under way has its place in the window
 * until it is answered: the responder has as much to do all the same. */
static void
drop_question (DiscoPeer *self)
{
  if (self->job == NULL || !has_both (self) || disco_resolve_job_is_asked (self->job))
    return;
  g_clear_pointer (&self->job, disco_resolve_job_free);
  self->unanswered = FALSE;
}

/* (transfer full): what is kept of it */
static GBytes *
get_rdata (const DiscoHeard *heard, gboolean *cut)
{
  *cut = FALSE;
  if (heard->type == DISCO_RECORD_SRV)
    return g_bytes_new (heard->rdata, heard->rdata_size);
  return disco_peer_records_take_txt (heard->rdata, heard->rdata_size, cut);
}

static void
take (DiscoPeer *self, DiscoPeerRecords *records, const DiscoHeard *heard)
{
  GBytes *current = disco_peer_get_current (self, records);
  g_autoptr (GBytes) before = current != NULL ? g_bytes_ref (current) : NULL;
  gboolean cut;
  g_autoptr (GBytes) rdata = get_rdata (heard, &cut);

  if (!disco_peer_records_hear (records, heard->ifindex, heard->protocol, rdata) || cut)
    disco_peer_refuse_record (self);
  if (!disco_peer_is_same_record (before, disco_peer_get_current (self, records)))
    disco_peer_changed (self, DISCO_PEER_RECORDS_US);
  drop_question (self);
}

/* Of an SRV record priority and weight say nothing, and an answer does not tell them. A TXT record
 * may be empty, and then has no data to compare. */
static gboolean
is_current (DiscoPeer *self, const DiscoPeerRecords *records, GBytes *rdata)
{
  GBytes *current = disco_peer_get_current (self, records);
  const gsize skip = records == &self->srv ? 4 : 0;
  gsize sizes[2];
  const guint8 *data[2];

  if (current == NULL)
    return FALSE;
  data[0] = g_bytes_get_data (current, &sizes[0]);
  data[1] = g_bytes_get_data (rdata, &sizes[1]);
  return sizes[0] == sizes[1] && sizes[0] >= skip
         && (sizes[0] == skip || memcmp (data[0] + skip, data[1] + skip, sizes[0] - skip) == 0);
}

/* It stands for a second more (RFC 6762 §10.1). */
static void
take_goodbye (DiscoPeer *self, const DiscoPeerRecords *records, const DiscoHeard *heard)
{
  gboolean cut;
  g_autoptr (GBytes) rdata = get_rdata (heard, &cut);

  if (self->slot != NULL && is_current (self, records, rdata))
    disco_live_slot_set_doubtful (self->slot);
}

/* One without a TXT record is for record browsers. */
static void
tell_live (DiscoPeer *self, const DiscoHeard *heard)
{
  if (self->slot != NULL && has_both (self)
      && heard->ifindex == disco_peer_get_ruling (self)->ifindex)
    disco_live_slot_set_heard (self->slot, heard->type);
}

gboolean
disco_peer_hear (DiscoPeer *self, const DiscoHeard *heard)
{
  DiscoPeerRecords *records = heard->type == DISCO_RECORD_SRV ? &self->srv : &self->txt;
  guint index;
  const DiscoSighting *sighting
      = disco_peer_find_sighting (self, heard->ifindex, heard->protocol, &index);

  if (sighting == NULL)
    return FALSE;
  if (heard->goodbye)
    take_goodbye (self, records, heard);
  else
    {
      if (self->browsers[0] == NULL)
        take (self, records, heard);
      tell_live (self, heard);
    }
  /* what this very host announces is heard where nothing else may be */
  return !sighting->local;
}

static void
on_recalled (const DiscoHeard *heard, gpointer user_data)
{
  DiscoPeer *self = user_data;

  if (disco_peer_hear (self, heard))
    disco_listener_note_heard (disco_engine_get_listener (self->engine), heard->ifindex,
                               heard->protocol);
}

void
disco_peer_recall (DiscoPeer *self, int ifindex, int protocol)
{
  disco_listener_recall (disco_engine_get_listener (self->engine), self->full_name, ifindex,
                         protocol, on_recalled, self);
}
