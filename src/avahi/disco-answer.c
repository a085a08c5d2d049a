/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-answer-private.h"

#include "disco-label-private.h"
#include "disco-link-private.h"

#include <string.h>

#define HEADER_BYTES 12
#define CLASS_IN 1
#define CLASS_MASK 0x7fff  /* the first bit is the cache-flush bit (RFC 6762 §10.2) */
#define FLAG_RESPONSE 0x80 /* in the third byte */
#define MAX_NAME_BYTES 255
#define QUESTION_TAIL_BYTES 4
#define RECORD_TAIL_BYTES 10
/* Each points further back than the one before, so there cannot be as many in an honest name. */
#define MAX_POINTERS 64

static void
append_u16 (GByteArray *packet, guint value)
{
  const guint8 bytes[] = { (guint8)(value >> 8), (guint8)value };

  g_byte_array_append (packet, bytes, sizeof bytes);
}

static void
append_question (GByteArray *packet, GBytes *name)
{
  g_byte_array_append (packet, g_bytes_get_data (name, NULL), (guint)g_bytes_get_size (name));
  append_u16 (packet, DISCO_RECORD_SRV);
  append_u16 (packet, CLASS_IN);
}

GByteArray *
disco_questions_new (GPtrArray *names, guint begin, guint *end)
{
  GByteArray *packet = g_byte_array_new ();
  guint8 n = 0;

  for (guint i = 0; i < HEADER_BYTES / 2; i++)
    append_u16 (packet, 0);
  for (*end = begin; *end < names->len && n < DISCO_QUESTIONS_A_PACKET; ++*end)
    {
      g_autoptr (GBytes) wire = disco_domain_name_to_wire (names->pdata[*end]);
      if (wire == NULL)
        continue;
      append_question (packet, wire);
      n++;
    }
  packet->data[5] = n;
  if (n > 0)
    return packet;
  g_byte_array_unref (packet);
  return NULL;
}

/* --- answers --- */

typedef struct
{
  const guint8 *data;
  gsize size;
  gsize at;
} Reader;

static guint
get_u16 (const guint8 *data)
{
  return (guint)(data[0] << 8 | data[1]);
}

/* One label at @at, appended to @wire; FALSE if it does not fit */
static gboolean
read_label (const Reader *self, gsize at, GByteArray *wire)
{
  const guint length = self->data[at];

  if (length > DISCO_LABEL_MAX_BYTES || at + 1 + length > self->size
      || wire->len + 1 + length > MAX_NAME_BYTES)
    return FALSE;
  g_byte_array_append (wire, self->data + at, length + 1);
  return TRUE;
}

/* Follows the pointer at @at (RFC 1035 §4.1.4), which has to point further back. */
static gboolean
follow_pointer (const Reader *self, gsize *at, guint *n_pointers)
{
  gsize target;

  if (*at + 2 > self->size || ++*n_pointers > MAX_POINTERS)
    return FALSE;
  target = get_u16 (self->data + *at) & 0x3fff;
  if (target < HEADER_BYTES || target >= *at)
    return FALSE;
  *at = target;
  return TRUE;
}

/* The name at the reader's place, without compression, in @wire */
static gboolean
read_name (Reader *self, GByteArray *wire)
{
  gsize at = self->at;
  guint n_pointers = 0;

  g_byte_array_set_size (wire, 0);
  while (at < self->size)
    {
      const guint8 first = self->data[at];
      const gboolean is_pointer = (first & 0xc0) == 0xc0;

      if (n_pointers == 0)
        self->at = at + (is_pointer ? 2 : (gsize)first + 1);
      if (is_pointer ? !follow_pointer (self, &at, &n_pointers) : !read_label (self, at, wire))
        return FALSE;
      if (is_pointer)
        continue;
      if (first == 0)
        return TRUE;
      at += (gsize)first + 1;
    }
  return FALSE;
}

static gboolean
skip_questions (Reader *self, guint n, GByteArray *wire)
{
  for (guint i = 0; i < n; i++)
    {
      if (!read_name (self, wire) || self->at + QUESTION_TAIL_BYTES > self->size)
        return FALSE;
      self->at += QUESTION_TAIL_BYTES;
    }
  return TRUE;
}

/* Whether the record whose type begins at @tail is an SRV record that is no goodbye */
static gboolean
is_living_srv (const guint8 *tail)
{
  return get_u16 (tail) == DISCO_RECORD_SRV && (get_u16 (tail + 2) & CLASS_MASK) == CLASS_IN
         && (get_u16 (tail + 4) != 0 || get_u16 (tail + 6) != 0);
}

static gboolean
read_record (Reader *self, GByteArray *wire, DiscoAnswerFunc func, gpointer user_data)
{
  g_autofree char *name = NULL;
  const guint8 *tail;

  if (!read_name (self, wire) || self->at + RECORD_TAIL_BYTES > self->size)
    return FALSE;
  tail = self->data + self->at;
  self->at += RECORD_TAIL_BYTES + get_u16 (tail + 8);
  if (self->at > self->size)
    return FALSE;
  if (is_living_srv (tail))
    name = disco_domain_name_from_wire (wire->data, wire->len, NULL);
  if (name != NULL)
    func (name, user_data);
  return TRUE;
}

void
disco_answers_read (const guint8 *packet, gsize size, DiscoAnswerFunc func, gpointer user_data)
{
  g_autoptr (GByteArray) wire = g_byte_array_sized_new (MAX_NAME_BYTES);
  Reader reader = { packet, size, HEADER_BYTES };
  guint n_records;

  if (size < HEADER_BYTES || (packet[2] & FLAG_RESPONSE) == 0)
    return;
  if (!skip_questions (&reader, get_u16 (packet + 4), wire))
    return;
  n_records = get_u16 (packet + 6) + get_u16 (packet + 8) + get_u16 (packet + 10);
  while (n_records > 0 && read_record (&reader, wire, func, user_data))
    n_records--;
}
