/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-answer-private.h"

#include "disco-label-private.h"
#include "disco-link-private.h"

#include <arpa/nameser.h>
#include <resolv.h>

#define HEADER_BYTES 12
#define CLASS_IN 1
#define CLASS_MASK 0x7fff  /* the first bit is the cache-flush bit (RFC 6762 §10.2) */
#define FLAG_RESPONSE 0x80 /* in the third byte */
#define MAX_NAME_BYTES 255
#define QUESTION_TAIL_BYTES 4
#define RECORD_TAIL_BYTES 10
#define SRV_HEAD_BYTES 6 /* priority, weight, port (RFC 2782) */
#define POINTER 0xc000   /* to an earlier name (RFC 1035 §4.1.4) */
/* Each points further back than the one before, so there cannot be as many in an honest name. */
#define MAX_POINTERS 64
/* Names whose ends later ones may share: of as many services, mostly */
#define MAX_ENDS 16
/* The second question for a name points at the first one's. */
#define SECOND_QUESTION_BYTES (2 + QUESTION_TAIL_BYTES)

/* --- questions --- */

typedef struct
{
  guint8 data[DISCO_QUESTIONS_MAX_BYTES];
  gsize size;
  guint n;
  const guint8 *ends[MAX_ENDS + 2]; /* as dn_comp() wants them: the packet, names in it, NULL */
} Questions;

static void
put_u16 (Questions *self, guint value)
{
  self->data[self->size++] = (guint8)(value >> 8);
  self->data[self->size++] = (guint8)value;
}

static void
put_tail (Questions *self, guint type)
{
  put_u16 (self, type);
  put_u16 (self, CLASS_IN);
  self->n++;
}

/* FALSE if there is no room for it */
static gboolean
put_name (Questions *self, const char *name)
{
  const gsize at = self->size;
  const gsize room = sizeof self->data - at;
  int size;

  if (room <= QUESTION_TAIL_BYTES + SECOND_QUESTION_BYTES)
    return FALSE;
  size = dn_comp (name, self->data + at, (int)(room - QUESTION_TAIL_BYTES - SECOND_QUESTION_BYTES),
                  (unsigned char **)self->ends, (unsigned char **)&self->ends[MAX_ENDS + 1]);
  if (size < 0)
    return FALSE;
  self->size += (gsize)size;
  put_tail (self, DISCO_RECORD_SRV);
  put_u16 (self, POINTER | (guint)at);
  put_tail (self, DISCO_RECORD_TXT);
  return TRUE;
}

static gboolean
is_name (const char *name)
{
  g_autoptr (GBytes) wire = disco_domain_name_to_wire (name);

  return wire != NULL;
}

GByteArray *
disco_questions_new (GPtrArray *names, guint begin, guint *end)
{
  Questions questions = { .size = HEADER_BYTES };
  GByteArray *packet;

  questions.ends[0] = questions.data;
  for (*end = begin; *end < names->len; ++*end)
    {
      /* what has no room in a packet of its own has none at all */
      if (is_name (names->pdata[*end]) && !put_name (&questions, names->pdata[*end])
          && questions.n > 0)
        break;
    }
  if (questions.n == 0)
    return NULL;
  questions.data[4] = (guint8)(questions.n >> 8);
  questions.data[5] = (guint8)questions.n;
  packet = g_byte_array_sized_new ((guint)questions.size);
  return g_byte_array_append (packet, questions.data, (guint)questions.size);
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

/* Whether the record whose type begins at @tail is one of those that are told of */
static gboolean
is_told (const guint8 *tail)
{
  const guint type = get_u16 (tail);

  return (type == DISCO_RECORD_SRV || type == DISCO_RECORD_TXT)
         && (get_u16 (tail + 2) & CLASS_MASK) == CLASS_IN;
}

static gboolean
is_goodbye (const guint8 *tail)
{
  return get_u16 (tail + 4) == 0 && get_u16 (tail + 6) == 0;
}

/* The rdata of an SRV record, which ends at @end, in @rdata, its target without compression */
static gboolean
read_srv (const Reader *self, gsize at, gsize end, GByteArray *rdata)
{
  Reader target = { self->data, end, at + SRV_HEAD_BYTES };
  g_autoptr (GByteArray) name = g_byte_array_sized_new (MAX_NAME_BYTES);

  if (target.at >= end || !read_name (&target, name) || target.at != end)
    return FALSE;
  g_byte_array_set_size (rdata, 0);
  g_byte_array_append (rdata, self->data + at, SRV_HEAD_BYTES);
  g_byte_array_append (rdata, name->data, name->len);
  return TRUE;
}

typedef struct
{
  Reader reader;
  DiscoHeard heard;
  GByteArray *wire;  /* (owned): the name */
  GByteArray *rdata; /* (owned): of an SRV record */
  guint n_told;
  DiscoHeardFunc func;
  gpointer user_data;
} Answers;

/* Case has no meaning (RFC 6762 §16), and all but the label is in lower case with us. The bytes
 * that tell a length are no letters. */
static void
lower_type (GByteArray *wire)
{
  for (guint i = wire->data[0] + 1u; i < wire->len; i++)
    wire->data[i] = (guint8)g_ascii_tolower ((gchar)wire->data[i]);
}

/* FALSE if it is malformed */
static gboolean
tell (Answers *self, const guint8 *tail)
{
  const gsize size = get_u16 (tail + 8);
  g_autofree char *name = NULL;

  self->heard.type = (guint16)get_u16 (tail);
  self->heard.goodbye = is_goodbye (tail);
  self->heard.rdata = tail + RECORD_TAIL_BYTES;
  self->heard.rdata_size = size;
  if (self->heard.type == DISCO_RECORD_SRV)
    {
      if (!read_srv (&self->reader, self->reader.at - size, self->reader.at, self->rdata))
        return FALSE;
      self->heard.rdata = self->rdata->data;
      self->heard.rdata_size = self->rdata->len;
    }
  lower_type (self->wire);
  name = disco_domain_name_from_wire (self->wire->data, self->wire->len, NULL);
  self->heard.name = name;
  self->n_told++;
  if (name != NULL)
    self->func (&self->heard, self->user_data);
  return TRUE;
}

static gboolean
read_record (Answers *self)
{
  Reader *reader = &self->reader;
  const guint8 *tail;

  if (!read_name (reader, self->wire) || reader->at + RECORD_TAIL_BYTES > reader->size)
    return FALSE;
  tail = reader->data + reader->at;
  reader->at += RECORD_TAIL_BYTES + get_u16 (tail + 8);
  if (reader->at > reader->size)
    return FALSE;
  return !is_told (tail) || tell (self, tail);
}

guint
disco_answers_read (const guint8 *packet, gsize size, int ifindex, int protocol,
                    DiscoHeardFunc func, gpointer user_data)
{
  g_autoptr (GByteArray) wire = g_byte_array_sized_new (MAX_NAME_BYTES);
  g_autoptr (GByteArray) rdata = g_byte_array_sized_new (SRV_HEAD_BYTES + MAX_NAME_BYTES);
  Answers answers = { .reader = { packet, size, HEADER_BYTES },
                      .heard = { .ifindex = ifindex, .protocol = protocol },
                      .wire = wire,
                      .rdata = rdata,
                      .func = func,
                      .user_data = user_data };
  guint n_records;

  if (size < HEADER_BYTES || (packet[2] & FLAG_RESPONSE) == 0)
    return 0;
  if (!skip_questions (&answers.reader, get_u16 (packet + 4), wire))
    return 0;
  n_records = get_u16 (packet + 6) + get_u16 (packet + 8) + get_u16 (packet + 10);
  while (n_records > 0 && read_record (&answers))
    n_records--;
  return answers.n_told;
}
