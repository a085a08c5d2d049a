/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-peer-records-private.h"

#include <string.h>

/* Records kept of one type and name: both protocols of several interfaces, old and new. */
#define MAX_RECORDS 64
/* Their bytes, each text counted once: some of full length, while one takes another's place. */
#define MAX_BYTES ((gsize)4 * DISCO_PEER_RECORD_MAX_BYTES)

typedef struct DiscoPeerRecord
{
  int ifindex;
  int protocol;
  guint64 sequence; /* 0: asked for once */
  GBytes *rdata;    /* (owned) */
  gboolean suspect; /* what showed it has failed, or is there no more */
} Record;

void
disco_peer_records_clear (DiscoPeerRecords *self)
{
  for (guint i = 0; i < self->n_records; i++)
    g_bytes_unref (self->records[i].rdata);
  g_free (self->records);
  *self = (DiscoPeerRecords){ 0 };
}

static void
append (DiscoPeerRecords *self, int ifindex, int protocol, guint64 sequence, GBytes *rdata)
{
  self->records = g_renew (Record, self->records, self->n_records + 1);
  self->records[self->n_records++]
      = (Record){ ifindex, protocol, sequence, g_bytes_ref (rdata), FALSE };
}

static gboolean
is_at (const Record *record, int ifindex, int protocol)
{
  return record->ifindex == ifindex && record->protocol == protocol;
}

/* The order of the others stays. */
static void
remove_at (DiscoPeerRecords *self, guint index)
{
  Record *record = &self->records[index];

  g_bytes_unref (record->rdata);
  self->n_records--;
  memmove (record, record + 1, (self->n_records - index) * sizeof (Record));
}

/* Drops what was asked for, or with @suspect what a live view showed that has failed. */
static void
drop (DiscoPeerRecords *self, gboolean suspect)
{
  for (guint i = self->n_records; i > 0; i--)
    {
      const Record *record = &self->records[i - 1];
      if (suspect ? record->suspect : record->sequence == 0)
        remove_at (self, i - 1);
    }
}

void
disco_peer_records_end_asked (DiscoPeerRecords *self)
{
  self->complete = TRUE;
  drop (self, FALSE);
  drop (self, TRUE);
}

void
disco_peer_records_suspect (DiscoPeerRecords *self)
{
  self->complete = FALSE;
  for (guint i = 0; i < self->n_records; i++)
    self->records[i].suspect = TRUE;
}

/* (nullable) (transfer none): the same bytes, where another record has them; else *@n_bytes is what
 * all of them have */
static GBytes *
find_bytes (DiscoPeerRecords *self, GBytes *rdata, gsize *n_bytes)
{
  *n_bytes = 0;
  for (guint i = 0; i < self->n_records; i++)
    {
      GBytes *other = self->records[i].rdata;
      gboolean counted = FALSE;

      if (g_bytes_equal (other, rdata))
        return other;
      for (guint k = 0; k < i && !counted; k++)
        counted = self->records[k].rdata == other;
      if (!counted)
        *n_bytes += g_bytes_get_size (other);
    }
  return NULL;
}

/* One more, or the newest again; FALSE if a bound is met */
static gboolean
put (DiscoPeerRecords *self, int ifindex, int protocol, GBytes *rdata)
{
  GBytes *shared;
  gsize n_bytes;

  for (guint i = 0; i < self->n_records; i++)
    {
      Record *record = &self->records[i];
      if (!is_at (record, ifindex, protocol) || !g_bytes_equal (record->rdata, rdata))
        continue;
      record->sequence = ++self->sequence;
      record->suspect = FALSE;
      return TRUE;
    }
  if (self->n_records >= MAX_RECORDS)
    return FALSE;
  shared = find_bytes (self, rdata, &n_bytes);
  if (shared == NULL && n_bytes + g_bytes_get_size (rdata) > MAX_BYTES)
    return FALSE;
  append (self, ifindex, protocol, ++self->sequence, shared != NULL ? shared : rdata);
  return TRUE;
}

gboolean
disco_peer_records_add (DiscoPeerRecords *self, int ifindex, int protocol, GBytes *rdata)
{
  drop (self, FALSE);
  return put (self, ifindex, protocol, rdata);
}

gboolean
disco_peer_records_hear (DiscoPeerRecords *self, int ifindex, int protocol, GBytes *rdata)
{
  drop (self, TRUE);
  for (guint i = self->n_records; i > 0; i--)
    {
      const Record *record = &self->records[i - 1];
      if (record->ifindex == ifindex
          && (record->sequence == 0 || !g_bytes_equal (record->rdata, rdata)))
        remove_at (self, i - 1);
    }
  return put (self, ifindex, protocol, rdata);
}

void
disco_peer_records_leave (DiscoPeerRecords *self, int ifindex, int protocol)
{
  for (guint i = self->n_records; i > 0; i--)
    {
      if (!is_at (&self->records[i - 1], ifindex, protocol))
        continue;
      if (self->n_records > 1)
        remove_at (self, i - 1);
      else
        self->records[0].suspect = TRUE;
    }
}

void
disco_peer_records_remove (DiscoPeerRecords *self, int ifindex, int protocol, GBytes *rdata)
{
  for (guint i = 0; i < self->n_records; i++)
    {
      Record *record = &self->records[i];
      if (!is_at (record, ifindex, protocol) || !g_bytes_equal (record->rdata, rdata))
        continue;
      remove_at (self, i);
      return;
    }
}

void
disco_peer_records_set_asked (DiscoPeerRecords *self, int ifindex, int protocol, GBytes *rdata)
{
  drop (self, FALSE);
  for (guint i = 0; i < self->n_records; i++)
    {
      if (!self->records[i].suspect && self->records[i].ifindex == ifindex)
        return;
    }
  if (self->complete)
    return;
  drop (self, TRUE);
  append (self, ifindex, protocol, 0, rdata);
}

GBytes *
disco_peer_records_take_txt (const guint8 *data, gsize size, gboolean *cut)
{
  gsize end = 0;

  *cut = size > DISCO_PEER_RECORD_MAX_BYTES;
  if (!*cut)
    return g_bytes_new (data, size);
  while (end + 1 + data[end] <= DISCO_PEER_RECORD_MAX_BYTES)
    end += 1 + data[end];
  return g_bytes_new (data, end);
}

static gboolean
comes_before (const Record *a, gboolean a_is_shown, const Record *b, gboolean b_is_shown)
{
  if (a_is_shown != b_is_shown)
    return a_is_shown;
  return a->ifindex < b->ifindex || (a->ifindex == b->ifindex && a->sequence > b->sequence);
}

GBytes *
disco_peer_records_get_current (const DiscoPeerRecords *self, DiscoPeerShownFunc is_shown,
                                gpointer user_data)
{
  const Record *current = NULL;
  gboolean current_is_shown = FALSE;

  for (guint i = 0; i < self->n_records; i++)
    {
      const Record *record = &self->records[i];
      const gboolean record_is_shown = is_shown (record->ifindex, user_data);
      if (current != NULL && !comes_before (record, record_is_shown, current, current_is_shown))
        continue;
      current = record;
      current_is_shown = record_is_shown;
    }
  return current != NULL ? current->rdata : NULL;
}
