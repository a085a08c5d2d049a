/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The input is a packet, of which the SRV and TXT records are read. Each name can be asked for in
 * turn, each target read again, and of a packet that is cut as much is read as stands before the
 * cut. */
#include "disco-answer-private.h"
#include "disco-label-private.h"
#include "disco-link-private.h"
#include "fuzz.h"

static void
on_answer (const DiscoHeard *heard, gpointer user_data)
{
  g_autoptr (GBytes) wire = disco_domain_name_to_wire (heard->name);
  gsize used = 0;
  g_autofree char *target = NULL;

  g_assert_nonnull (wire);
  for (const char *p = heard->name; *p != '\0'; p++)
    g_assert_true (*p > ' ' && *p <= '~');
  if (heard->type == DISCO_RECORD_SRV)
    {
      g_assert_cmpuint (heard->rdata_size, >, 6);
      target = disco_domain_name_from_wire (heard->rdata + 6, heard->rdata_size - 6, &used);
      g_assert_true (target == NULL || used == heard->rdata_size - 6);
    }
  else
    g_assert_cmpuint (heard->type, ==, DISCO_RECORD_TXT);
  g_string_append_printf (user_data, "%u %s %u", heard->type, heard->name, heard->goodbye);
  for (gsize i = 0; i < heard->rdata_size; i++)
    g_string_append_printf (user_data, " %02x", heard->rdata[i]);
  g_string_append_c (user_data, '\n');
}

/* In a block of its own of just that size, so that a byte read past it is seen */
static GString *
read_all (const guint8 *data, gsize size)
{
  g_autofree guint8 *copy = g_memdup2 (data, size);
  GString *told = g_string_new (NULL);

  disco_answers_read (copy, size, 1, DISCO_LINK_IPV4, on_answer, told);
  return told;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  FuzzInput input = { data, size };
  const gsize cut = fuzz_take_uint16 (&input);
  g_autoptr (GString) told = read_all (input.data, input.size);
  g_autoptr (GString) told_of_less = read_all (input.data, MIN (cut, input.size));

  g_assert_true (g_str_has_prefix (told->str, told_of_less->str));
  return 0;
}
