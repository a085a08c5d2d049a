/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is heard of a peer past the responder, where the peer is shown: a live view of its records.
 * What record browsers show needs no other word for it. */
#include "disco-peer-state-private.h"

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
disco_peer_set_unheard (gpointer user_data, gboolean missed)
{
  DiscoPeer *self = user_data;
  const DiscoSighting *ruling = disco_peer_get_ruling (self);

  disco_peer_records_suspect (&self->srv);
  disco_peer_records_suspect (&self->txt);
  for (guint i = 0; missed && i < self->n_sightings; i++)
    {
      const DiscoSighting *sighting = &self->sightings[i];
      if (sighting->ifindex == ruling->ifindex)
        disco_listener_note_missed (disco_engine_get_listener (self->engine), sighting->ifindex,
                                    sighting->protocol);
    }
}

static gboolean
has_both (DiscoPeer *self)
{
  return disco_peer_get_current (self, &self->srv) != NULL
         && disco_peer_get_current (self, &self->txt) != NULL;
}

/* Where nothing is left to be asked for */
static void
end_question (DiscoPeer *self)
{
  if (self->job == NULL || !has_both (self))
    return;
  g_clear_pointer (&self->job, disco_resolve_job_free);
  self->unanswered = FALSE;
}

static void
take (DiscoPeer *self, DiscoPeerRecords *records, const DiscoHeard *heard)
{
  GBytes *current = disco_peer_get_current (self, records);
  g_autoptr (GBytes) before = current != NULL ? g_bytes_ref (current) : NULL;
  g_autoptr (GBytes) rdata = NULL;
  gboolean cut = FALSE;

  if (heard->type == DISCO_RECORD_SRV)
    rdata = g_bytes_new (heard->rdata, heard->rdata_size);
  else
    rdata = disco_peer_records_take_txt (heard->rdata, heard->rdata_size, &cut);
  if (heard->goodbye)
    disco_peer_records_hear_goodbye (records, heard->ifindex, heard->protocol, rdata);
  else if (!disco_peer_records_hear (records, heard->ifindex, heard->protocol, rdata) || cut)
    disco_peer_refuse_record (self);
  if (!disco_peer_is_same_record (before, disco_peer_get_current (self, records)))
    disco_peer_changed (self, DISCO_PEER_RECORDS_US);
}

gboolean
disco_peer_hear (DiscoPeer *self, const DiscoHeard *heard)
{
  guint index;

  if (self->slot == NULL
      || disco_peer_find_sighting (self, heard->ifindex, heard->protocol, &index) == NULL)
    return FALSE;
  if (self->browsers[0] != NULL)
    return TRUE;
  take (self, heard->type == DISCO_RECORD_SRV ? &self->srv : &self->txt, heard);
  end_question (self);
  if (heard->goodbye && !has_both (self))
    disco_live_slot_set_doubtful (self->slot);
  /* one without a TXT record is for record browsers */
  else if (!heard->goodbye && has_both (self)
           && heard->ifindex == disco_peer_get_ruling (self)->ifindex)
    disco_live_slot_set_heard (self->slot, heard->type);
  return TRUE;
}
