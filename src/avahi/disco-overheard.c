/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-overheard-private.h"

#include "disco-engine-private.h"
#include "disco-link-private.h"

#include <string.h>

/* A busy daemon may be seconds behind; what was heard before that may have changed unheard. */
#define KEEP_US (10 * G_TIME_SPAN_SECOND)
/* Of more than that the oldest make room: names may be invented, and who is forgotten is asked for.
 * The records of five thousand names have half of it. */
#define MAX_BYTES (4 << 20)

typedef struct
{
  DiscoHeard heard; /* its name and rdata follow this */
  gint64 at;
  GList node; /* in the queue */
} Record;

struct _DiscoOverheard
{
  GHashTable *records; /* (owned): set of (owned) Record, by all of heard but its rdata */
  GQueue queue;        /* oldest first */
  gsize n_bytes;
  GSource *timer; /* (owned): the oldest is too old */
};

static guint
record_hash (gconstpointer key)
{
  const DiscoHeard *heard = key;

  return g_str_hash (heard->name)
         ^ ((guint)heard->type << 24 | (guint)heard->protocol << 16 | (guint)heard->ifindex);
}

static gboolean
record_equal (gconstpointer a, gconstpointer b)
{
  const DiscoHeard *left = a;
  const DiscoHeard *right = b;

  return left->type == right->type && left->ifindex == right->ifindex
         && left->protocol == right->protocol && g_str_equal (left->name, right->name);
}

static gsize
get_size (const DiscoHeard *heard)
{
  return sizeof (Record) + heard->rdata_size + strlen (heard->name) + 1;
}

static Record *
record_new (const DiscoHeard *heard)
{
  Record *self = g_malloc (get_size (heard));
  guint8 *rdata = (guint8 *)(self + 1);
  char *name = (char *)rdata + heard->rdata_size;

  if (heard->rdata_size > 0)
    memcpy (rdata, heard->rdata, heard->rdata_size);
  memcpy (name, heard->name, strlen (heard->name) + 1);
  self->heard = *heard;
  self->heard.rdata = rdata;
  self->heard.name = name;
  self->at = g_get_monotonic_time ();
  self->node = (GList){ .data = self };
  return self;
}

static void
drop (DiscoOverheard *self, Record *record)
{
  g_hash_table_remove (self->records, record);
  g_queue_unlink (&self->queue, &record->node);
  self->n_bytes -= get_size (&record->heard);
  g_free (record);
}

/* What is too old, or too much */
static void
drop_oldest (DiscoOverheard *self, gint64 now)
{
  while (self->queue.length > 0)
    {
      Record *oldest = self->queue.head->data;
      if (now < oldest->at + KEEP_US && self->n_bytes <= MAX_BYTES)
        {
          disco_timer_advance (self->timer, oldest->at + KEEP_US);
          return;
        }
      drop (self, oldest);
    }
}

static gboolean
on_timer (gpointer user_data)
{
  drop_oldest (user_data, g_get_monotonic_time ());
  return G_SOURCE_CONTINUE;
}

DiscoOverheard *
disco_overheard_new (GMainContext *context)
{
  DiscoOverheard *self = g_new0 (DiscoOverheard, 1);

  self->records = g_hash_table_new (record_hash, record_equal);
  self->timer = disco_timer_new (context, on_timer, self);
  return self;
}

void
disco_overheard_free (DiscoOverheard *self)
{
  disco_overheard_clear (self);
  disco_timer_free (self->timer);
  g_hash_table_unref (self->records);
  g_free (self);
}

void
disco_overheard_clear (DiscoOverheard *self)
{
  while (self->queue.length > 0)
    drop (self, self->queue.head->data);
}

void
disco_overheard_put (DiscoOverheard *self, const DiscoHeard *heard)
{
  Record *record = g_hash_table_lookup (self->records, heard);

  if (record != NULL)
    drop (self, record);
  if (heard->goodbye)
    return;
  record = record_new (heard);
  g_hash_table_add (self->records, record);
  g_queue_push_tail_link (&self->queue, &record->node);
  self->n_bytes += get_size (heard);
  drop_oldest (self, record->at);
}

/* (nullable) */
static Record *
find (DiscoOverheard *self, const char *name, guint16 type, int ifindex, int protocol)
{
  const DiscoHeard key = { .name = name, .type = type, .ifindex = ifindex, .protocol = protocol };

  return g_hash_table_lookup (self->records, &key);
}

static const guint16 types[] = { DISCO_RECORD_SRV, DISCO_RECORD_TXT };

gboolean
disco_overheard_recall (DiscoOverheard *self, const char *name, int ifindex, int protocol,
                        DiscoHeardFunc func, gpointer user_data)
{
  gboolean any = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      const Record *record = find (self, name, types[i], ifindex, protocol);
      if (record == NULL)
        continue;
      func (&record->heard, user_data);
      any = TRUE;
    }
  return any;
}

void
disco_overheard_forget (DiscoOverheard *self, const char *name, int ifindex, int protocol)
{
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      Record *record = find (self, name, types[i], ifindex, protocol);
      if (record != NULL)
        drop (self, record);
    }
}
