/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The input is a packet, of which the names are read that it answers for. Each can be asked for in
 * turn, and of a packet that is cut as much is read as stands before the cut. */
#include "disco-answer-private.h"
#include "disco-label-private.h"
#include "fuzz.h"

static void
on_answer (const char *name, gpointer user_data)
{
  g_autoptr (GBytes) wire = disco_domain_name_to_wire (name);

  g_assert_nonnull (wire);
  for (const char *p = name; *p != '\0'; p++)
    g_assert_true (*p > ' ' && *p <= '~');
  g_string_append_printf (user_data, "%s\n", name);
}

/* In a block of its own of just that size, so that a byte read past it is seen */
static GString *
read_all (const guint8 *data, gsize size)
{
  g_autofree guint8 *copy = g_memdup2 (data, size);
  GString *told = g_string_new (NULL);

  disco_answers_read (copy, size, on_answer, told);
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
