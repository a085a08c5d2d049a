/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The input is a packet. The shield judges it as a second parser does, one that reads the names out
 * rather than stepping over them; and nothing behind what records and names take changes the
 * verdict. */
#include "disco-shield-private.h"
#include "fuzz.h"

#include <string.h>

#define MAX_STEPS 255

typedef struct
{
  const guint8 *data;
  gsize size;
  gsize reach; /* behind what has been read; a name may go on behind the record that points at it */
} Packet;

/* Reads the name at @at out to @name; returns where what follows it stands, or 0. */
static gsize
read_name (Packet *packet, gsize at, guint step, GByteArray *name)
{
  gsize target;
  guint8 first;

  if (step == MAX_STEPS || at >= packet->size || name->len >= 255)
    return 0;
  first = packet->data[at];
  packet->reach = MAX (packet->reach, at + 1);
  switch (first >> 6)
    {
    case 0:
      if (first == 0)
        return at + 1;
      if (at + first + 1 > packet->size)
        return 0;
      packet->reach = MAX (packet->reach, at + first + 1);
      g_byte_array_append (name, packet->data + at, first + 1u);
      return read_name (packet, at + first + 1, step + 1, name);
    case 3:
      if (at + 1 >= packet->size)
        return 0;
      packet->reach = MAX (packet->reach, at + 2);
      target = (first & 63u) << 8 | packet->data[at + 1];
      return target >= 12 && target < at && read_name (packet, target, step + 1, name) != 0 ? at + 2
                                                                                            : 0;
    default:
      return 0;
    }
}

/* A question has no data, @with_data FALSE. Returns where the next one stands, or 0. */
static gsize
read_record (Packet *packet, gsize at, gboolean with_data, guint *type)
{
  g_autoptr (GByteArray) name = g_byte_array_new ();
  const guint8 *tail;

  at = read_name (packet, at, 0, name);
  if (at == 0 || at + (with_data ? 10 : 4) > packet->size)
    return 0;
  tail = packet->data + at;
  *type = (guint)tail[0] << 8 | tail[1];
  at += with_data ? 10 + ((gsize)tail[8] << 8 | tail[9]) : 4;
  packet->reach = MAX (packet->reach, at);
  return at <= packet->size ? at : 0;
}

static guint
get_count (const Packet *packet, guint section)
{
  return (guint)packet->data[4 + 2 * section] << 8 | packet->data[5 + 2 * section];
}

static DiscoShieldVerdict
expect (Packet *packet)
{
  gsize at = 12;

  if (packet->size < 12)
    return DISCO_SHIELD_MALFORMED;
  for (guint section = 0; section < 4; section++)
    for (guint n = get_count (packet, section); n > 0; n--)
      {
        guint type = 0;

        at = read_record (packet, at, section > 0, &type);
        if (at == 0)
          return DISCO_SHIELD_MALFORMED;
        if (section > 0 && type == 5)
          return DISCO_SHIELD_CNAME;
      }
  return DISCO_SHIELD_PASS;
}

/* In a block of its own of just that size, so that a byte read past it is seen */
static DiscoShieldVerdict
judge (const guint8 *data, gsize size)
{
  g_autofree guint8 *copy = g_malloc (size + 1);

  memcpy (copy + 1, data, size);
  return disco_shield_judge (copy + 1, size);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  Packet packet = { data, size, 12 };
  DiscoShieldVerdict expected = expect (&packet);

  g_assert_cmpint (disco_shield_judge (data, size), ==, expected);
  if (expected != DISCO_SHIELD_PASS)
    return 0;
  g_assert_cmpint (judge (data, packet.reach), ==, DISCO_SHIELD_PASS);
  if (packet.reach > 12)
    g_assert_cmpint (judge (data, packet.reach - 1), !=, DISCO_SHIELD_PASS);
  return 0;
}
