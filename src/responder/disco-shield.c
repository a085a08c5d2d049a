/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-shield-private.h"

/* RFC 1035 §4.1 */
#define HEADER_BYTES 12
#define QUESTION_TAIL_BYTES 4 /* type, class */
#define RECORD_TAIL_BYTES 10  /* type, class, TTL, length of the data */
#define TYPE_CNAME 5
/* RFC 1035 §2.3.4, with the root's length byte */
#define NAME_BYTES_MAX 255
#define LABEL_BYTES_MAX 63
/* Labels and pointers of a name */
#define NAME_STEPS_MAX 255

typedef struct
{
  const guint8 *data;
  gsize size;
  gsize at;
} Reader;

static guint16
peek_uint16 (const Reader *self, gsize at)
{
  return (guint16)(self->data[at] << 8 | self->data[at + 1]);
}

/* Steps over a name. Pointers must go back, before where they stand, so that none can lead round in
 * a circle, and a chain of them is cut short; they are followed for the name's length only. */
static gboolean
skip_name (Reader *self)
{
  gsize at = self->at;
  gsize length = 0;
  gsize end = 0; /* behind the name, once a pointer has been met */

  for (guint steps = 0; steps < NAME_STEPS_MAX; steps++)
    {
      guint8 size;
      gsize target;

      if (at >= self->size || length >= NAME_BYTES_MAX)
        return FALSE;
      size = self->data[at];
      if (size == 0)
        {
          self->at = end != 0 ? end : at + 1;
          return TRUE;
        }
      if (size <= LABEL_BYTES_MAX)
        {
          length += 1 + (gsize)size;
          at += 1 + (gsize)size;
          continue;
        }
      if (size < 0xc0 || at + 2 > self->size)
        return FALSE;
      target = peek_uint16 (self, at) & 0x3fff;
      if (target < HEADER_BYTES || target >= at)
        return FALSE;
      if (end == 0)
        end = at + 2;
      at = target;
    }
  return FALSE;
}

static gboolean
skip_question (Reader *self)
{
  if (!skip_name (self) || self->size - self->at < QUESTION_TAIL_BYTES)
    return FALSE;
  self->at += QUESTION_TAIL_BYTES;
  return TRUE;
}

static DiscoShieldVerdict
judge_record (Reader *self)
{
  guint16 type;
  gsize end;

  if (!skip_name (self) || self->size - self->at < RECORD_TAIL_BYTES)
    return DISCO_SHIELD_MALFORMED;
  type = peek_uint16 (self, self->at);
  end = self->at + RECORD_TAIL_BYTES + peek_uint16 (self, self->at + 8);
  if (end > self->size)
    return DISCO_SHIELD_MALFORMED;
  self->at = end;
  return type == TYPE_CNAME ? DISCO_SHIELD_CNAME : DISCO_SHIELD_PASS;
}

DiscoShieldVerdict
disco_shield_judge (const guint8 *packet, gsize size)
{
  Reader reader = { packet, size, HEADER_BYTES };
  guint n_records;

  if (size < HEADER_BYTES)
    return DISCO_SHIELD_MALFORMED;
  for (guint n = peek_uint16 (&reader, 4); n > 0; n--)
    {
      if (!skip_question (&reader))
        return DISCO_SHIELD_MALFORMED;
    }
  /* answers, authority, additional */
  n_records
      = (guint)peek_uint16 (&reader, 6) + peek_uint16 (&reader, 8) + peek_uint16 (&reader, 10);
  for (; n_records > 0; n_records--)
    {
      DiscoShieldVerdict verdict = judge_record (&reader);

      if (verdict != DISCO_SHIELD_PASS)
        return verdict;
    }
  return DISCO_SHIELD_PASS;
}
