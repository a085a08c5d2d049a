/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-peer-records-private.h"

/* Records kept of one type and name: both protocols of several interfaces, old and new. */
#define MAX_RECORDS 64
/* Their bytes, each text counted once: some of full length, while one takes another's place. */
#define MAX_BYTES ((gsize)4 * DISCO_PEER_RECORD_MAX_BYTES)

typedef struct
{
  int ifindex;
  int protocol;
  guint64 sequence; /* 0: asked for once */
  GBytes *rdata;    /* (owned) */
  gboolean suspect; /* the live view that showed it has failed */
} Record;

static void
record_clear (gpointer data)
{
  Record *record = data;

  g_bytes_unref (record->rdata);
}

void
disco_peer_records_init (DiscoPeerRecords *self)
{
  self->records = g_array_new (FALSE, FALSE, sizeof (Record));
  g_array_set_clear_func (self->records, record_clear);
  self->sequence = 0;
  self->complete = FALSE;
}

void
disco_peer_records_clear (DiscoPeerRecords *self)
{
  g_clear_pointer (&self->records, g_array_unref);
}

static Record *
get (const DiscoPeerRecords *self, guint index)
{
  return &g_array_index (self->records, Record, index);
}

static void
append (DiscoPeerRecords *self, int ifindex, int protocol, guint64 sequence, GBytes *rdata)
{
  Record record = { ifindex, protocol, sequence, g_bytes_ref (rdata), FALSE };

  g_array_append_val (self->records, record);
}

/* Drops what was asked for, or with @suspect what a live view showed that has failed. */
static gboolean
drop (DiscoPeerRecords *self, gboolean suspect)
{
  guint before = self->records->len;

  for (guint i = before; i > 0; i--)
    {
      const Record *record = get (self, i - 1);
      if (suspect ? record->suspect : record->sequence == 0)
        g_array_remove_index (self->records, i - 1);
    }
  return self->records->len < before;
}

gboolean
disco_peer_records_end_asked (DiscoPeerRecords *self)
{
  gboolean dropped = drop (self, FALSE);

  self->complete = TRUE;
  return drop (self, TRUE) || dropped;
}

void
disco_peer_records_suspect (DiscoPeerRecords *self)
{
  self->complete = FALSE;
  for (guint i = 0; i < self->records->len; i++)
    get (self, i)->suspect = TRUE;
}

/* (nullable) (transfer none): the same bytes, where another record has them; else *@n_bytes is what
 * all of them have */
static GBytes *
find_bytes (DiscoPeerRecords *self, GBytes *rdata, gsize *n_bytes)
{
  *n_bytes = 0;
  for (guint i = 0; i < self->records->len; i++)
    {
      GBytes *other = get (self, i)->rdata;
      gboolean counted = FALSE;

      if (g_bytes_equal (other, rdata))
        return other;
      for (guint k = 0; k < i && !counted; k++)
        counted = get (self, k)->rdata == other;
      if (!counted)
        *n_bytes += g_bytes_get_size (other);
    }
  return NULL;
}

gboolean
disco_peer_records_add (DiscoPeerRecords *self, int ifindex, int protocol, GBytes *rdata)
{
  GBytes *shared;
  gsize n_bytes;

  drop (self, FALSE);
  for (guint i = 0; i < self->records->len; i++)
    {
      Record *record = get (self, i);
      if (record->ifindex != ifindex || record->protocol != protocol
          || !g_bytes_equal (record->rdata, rdata))
        continue;
      record->sequence = ++self->sequence;
      record->suspect = FALSE;
      return TRUE;
    }
  if (self->records->len >= MAX_RECORDS)
    return FALSE;
  shared = find_bytes (self, rdata, &n_bytes);
  if (shared == NULL && n_bytes + g_bytes_get_size (rdata) > MAX_BYTES)
    return FALSE;
  append (self, ifindex, protocol, ++self->sequence, shared != NULL ? shared : rdata);
  return TRUE;
}

void
disco_peer_records_remove (DiscoPeerRecords *self, int ifindex, int protocol, GBytes *rdata)
{
  for (guint i = 0; i < self->records->len; i++)
    {
      Record *record = get (self, i);
      if (record->ifindex != ifindex || record->protocol != protocol
          || !g_bytes_equal (record->rdata, rdata))
        continue;
      g_array_remove_index (self->records, i);
      return;
    }
}

void
disco_peer_records_set_asked (DiscoPeerRecords *self, int ifindex, int protocol, GBytes *rdata)
{
  drop (self, FALSE);
  for (guint i = 0; i < self->records->len; i++)
    {
      if (!get (self, i)->suspect)
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

GBytes *
disco_peer_records_get_current (const DiscoPeerRecords *self)
{
  const Record *current = NULL;

  for (guint i = 0; i < self->records->len; i++)
    {
      const Record *record = get (self, i);
      if (current == NULL || record->ifindex < current->ifindex
          || (record->ifindex == current->ifindex && record->sequence > current->sequence))
        current = record;
    }
  return current != NULL ? current->rdata : NULL;
}
