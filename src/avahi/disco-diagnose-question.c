/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One DNS question and its answer, by RFC 1035 §4.1. Asked from another port than 5353, it is a
 * legacy unicast query (RFC 6762 §6.7): the responder answers to that port, with the same id. */
#include "disco-diagnose-private.h"
#include "disco-label-private.h"
#include "disco-link-private.h"

#include <string.h>

#define HEADER_BYTES 12
#define CLASS_IN 1
#define FLAG_RESPONSE 0x80 /* in the third byte */

static void
append_u16 (GByteArray *packet, guint value)
{
  const guint8 bytes[] = { (guint8)(value >> 8), (guint8)value };

  g_byte_array_append (packet, bytes, sizeof bytes);
}

GByteArray *
disco_loop_question_new (guint16 id, const char *label, const char *type)
{
  g_autofree char *name = disco_full_name_join (label, type, "local");
  g_autoptr (GBytes) wire = disco_domain_name_to_wire (name);
  const guint header[] = { id, 0, 1, 0, 0, 0 }; /* no flags, one question */
  GByteArray *packet;

  if (*label == '\0' || wire == NULL)
    return NULL;
  packet = g_byte_array_new ();
  for (guint i = 0; i < G_N_ELEMENTS (header); i++)
    append_u16 (packet, header[i]);
  g_byte_array_append (packet, g_bytes_get_data (wire, NULL), (guint)g_bytes_get_size (wire));
  append_u16 (packet, DISCO_RECORD_SRV);
  append_u16 (packet, CLASS_IN);
  return packet;
}

/* The label is a nonce: whoever answers with it was asked for it. */
gboolean
disco_loop_is_answer (const guint8 *packet, gsize length, guint16 id, const char *label)
{
  if (length < HEADER_BYTES || packet[0] != id >> 8 || packet[1] != (id & 0xff))
    return FALSE;
  if ((packet[2] & FLAG_RESPONSE) == 0 || (packet[6] == 0 && packet[7] == 0))
    return FALSE; /* a question, or no answer in it */
  return memmem (packet + HEADER_BYTES, length - HEADER_BYTES, label, strlen (label)) != NULL;
}
