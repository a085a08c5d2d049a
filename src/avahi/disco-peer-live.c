/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The record browsers of a peer that is not followed by ear. */
#include "disco-label-private.h"
#include "disco-peer-state-private.h"

#include <string.h>

static gboolean on_retry (gpointer user_data);

/* Until there is a live view again it is asked for as often as one is tried. */
static void
on_failure (DiscoPeer *self, DiscoPeerRecords *records, const GError *error)
{
  g_debug ("records of %s: %s", self->full_name, error->message);
  g_clear_pointer (&self->browsers[records == &self->srv ? 0 : 1], disco_link_object_free);
  disco_peer_records_suspect (records);
  if (self->retry == NULL)
    self->retry = disco_retry_new (disco_engine_get_context (self->engine), on_retry, self);
  disco_retry_later (self->retry);
  disco_peer_ask (self);
}

static void
take_live_record (DiscoPeer *self, DiscoPeerRecords *records, const DiscoBrowseEvent *event)
{
  g_autoptr (GBytes) rdata = NULL;
  gboolean cut = FALSE;

  if (event->kind == DISCO_BROWSE_FAILURE)
    on_failure (self, records, event->error);
  /* the live view has shown what there is: what was there when it was asked for has gone since */
  if (event->kind == DISCO_BROWSE_ALL_FOR_NOW)
    disco_peer_records_end_asked (records);
  if (event->kind != DISCO_BROWSE_NEW && event->kind != DISCO_BROWSE_REMOVE)
    return;
  /* what goes may be on an interface that has gone already */
  if (event->kind == DISCO_BROWSE_NEW
      && !disco_interfaces_is_used (disco_engine_get_interfaces (self->engine), event->ifindex))
    return;
  if (records == &self->txt)
    rdata = disco_peer_records_take_txt (event->rdata, event->rdata_size, &cut);
  else
    rdata = g_bytes_new (event->rdata, event->rdata_size);
  /* one that goes is cut in the same way, and so known again */
  if (event->kind == DISCO_BROWSE_REMOVE)
    disco_peer_records_remove (records, event->ifindex, event->protocol, rdata);
  else if (!disco_peer_records_add (records, event->ifindex, event->protocol, rdata) || cut)
    disco_peer_refuse_record (self);
}

/* The same record on an interface more, or less, changes nothing: what comes with it, its host's
 * addresses there, is waited for. */
static void
on_live_record (DiscoPeer *self, DiscoPeerRecords *records, const DiscoBrowseEvent *event)
{
  GBytes *current = disco_peer_get_current (self, records);
  g_autoptr (GBytes) before = current != NULL ? g_bytes_ref (current) : NULL;

  take_live_record (self, records, event);
  if (!disco_peer_is_same_record (before, disco_peer_get_current (self, records)))
    disco_peer_changed (self, DISCO_PEER_RECORDS_US);
}

static void
on_srv (const DiscoBrowseEvent *event, gpointer user_data)
{
  DiscoPeer *self = user_data;

  on_live_record (self, &self->srv, event);
  if (event->kind == DISCO_BROWSE_NEW)
    disco_peer_become_known (self);
}

static void
on_txt (const DiscoBrowseEvent *event, gpointer user_data)
{
  DiscoPeer *self = user_data;

  on_live_record (self, &self->txt, event);
}

/* Unless there is one already. What was heard stands until it has shown what there is. */
static void
open_browser (DiscoPeer *self, guint i, guint16 type, DiscoPeerRecords *records,
              DiscoBrowseFunc func)
{
  if (self->browsers[i] != NULL)
    return;
  disco_peer_records_suspect (records);
  self->browsers[i] = disco_link_browse_records (disco_engine_get_link (self->engine),
                                                 self->full_name, type, func, self);
}

static void
start_live (gpointer user_data)
{
  DiscoPeer *self = user_data;

  open_browser (self, 0, DISCO_RECORD_SRV, &self->srv, on_srv);
  open_browser (self, 1, DISCO_RECORD_TXT, &self->txt, on_txt);
}

static gboolean
on_retry (gpointer user_data)
{
  start_live (user_data);
  return G_SOURCE_CONTINUE;
}

void
disco_peer_drop_browsers (DiscoPeer *self)
{
  g_clear_pointer (&self->retry, disco_retry_free);
  for (guint i = 0; i < G_N_ELEMENTS (self->browsers); i++)
    g_clear_pointer (&self->browsers[i], disco_link_object_free);
}

/* Nothing of it is shown: it has no SRV record. */
static void
stop_live (gpointer user_data)
{
  DiscoPeer *self = user_data;

  disco_peer_drop_browsers (self);
  disco_peer_clear_records (self);
}

/* What they showed stands until it is heard. */
static void
release_live (gpointer user_data)
{
  DiscoPeer *self = user_data;

  disco_peer_drop_browsers (self);
  disco_peer_set_unheard (self);
}

static const DiscoLiveFuncs live_funcs = {
  start_live,
  stop_live,
  disco_peer_ask,
  disco_peer_get_hearing,
  disco_peer_set_unheard,
  disco_peer_note_missed,
  release_live,
};

/* A name that is too long for a question would make the responder drop the whole packet. */
static gboolean
is_askable (DiscoPeer *self)
{
  return strlen (self->full_name) <= DISCO_ESCAPED_NAME_MAX_CHARS;
}

/* At once, and not after the first answer: one without TXT never comes, while the live views show
 * the SRV record alone. */
void
disco_peer_join_live (DiscoPeer *self)
{
  if (self->slot == NULL && is_askable (self))
    self->slot = disco_live_join (disco_engine_get_live (self->engine), self->full_name,
                                  &live_funcs, self);
}
