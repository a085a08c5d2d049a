/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The input is a name: in wire form, in presentation form, or the label of an instance. The two
 * forms lead to each other, Avahi writes the same name, and labels are cut no more than they must
 * be. */
#include "disco-label-private.h"
#include "fuzz.h"

#include <avahi-common/domain.h>
#include <avahi-common/error.h>
#include <string.h>

static const char *const types[]
    = { "_http._tcp", "_x-1._udp", "_abcdefghijklmno._tcp", "_p._sub._http._tcp" };

/* Bytes of the name at the beginning, or 0 if there is none: RFC 1035 §3.1, and no pointers */
static gsize
count_wire (const guint8 *data, gsize size)
{
  gsize at = 0;

  while (at < size && data[at] != 0 && data[at] < 64)
    at += data[at] + (gsize)1;
  return at < size && data[at] == 0 && at < 255 ? at + 1 : 0;
}

static void
assert_wire_comes_back (const guint8 *data, gsize size)
{
  gsize used = 0;
  g_autofree char *name = disco_domain_name_from_wire (data, size, &used);
  g_autoptr (GBytes) wire = NULL;

  g_assert_cmpuint (name != NULL ? used : 0, ==, count_wire (data, size));
  if (name == NULL)
    return;
  for (const char *p = name; *p != '\0'; p++)
    g_assert_true (*p > ' ' && *p <= '~');
  wire = disco_domain_name_to_wire (name);
  g_assert_nonnull (wire);
  g_assert_cmpmem (g_bytes_get_data (wire, NULL), g_bytes_get_size (wire), data, used);
}

static void
assert_name_comes_back (const char *name)
{
  g_autoptr (GBytes) wire = disco_domain_name_to_wire (name);
  g_autofree char *again = NULL;
  g_autofree char *upper = NULL;
  const guint8 *data;
  gsize used = 0;
  gsize size;

  if (wire == NULL)
    return;
  data = g_bytes_get_data (wire, &size);
  again = disco_domain_name_from_wire (data, size, &used);
  g_assert_nonnull (again);
  g_assert_cmpuint (used, ==, size);
  g_assert_true (size == 1 || disco_domain_name_equal (name, again));
  assert_wire_comes_back (data, size);
  upper = g_ascii_strup (again, -1);
  g_assert_true (disco_domain_name_equal (upper, again));
}

static void
assert_joined (const char *label, const char *type)
{
  char room[AVAHI_DOMAIN_NAME_MAX];
  g_autofree char *full = disco_full_name_join (label, type, "local");
  g_autofree char *rest = g_strconcat (type, ".local", NULL);
  g_autoptr (GString) again = g_string_new (NULL);
  gboolean malformed = FALSE;

  if (avahi_service_name_join (room, sizeof room, label, type, "local") == AVAHI_OK)
    g_assert_cmpstr (full, ==, room);
  if (*label == '\0')
    return;
  g_assert_cmpstr (disco_label_read (full, again, &malformed), ==, rest);
  g_assert_cmpstr (again->str, ==, label);
  g_assert_false (malformed);
}

static gboolean
fits (const char *label, const char *type)
{
  g_autofree char *full = disco_full_name_join (label, type, "local");

  return strlen (label) <= DISCO_LABEL_MAX_BYTES && strlen (full) <= DISCO_ESCAPED_NAME_MAX_CHARS;
}

static void
assert_cut (const char *text, const char *type)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_autofree char *cut = disco_label_cut (text, type, "local");
  g_autofree char *longer = NULL;
  const char *rest = valid + strlen (cut);

  g_assert_true (g_str_has_prefix (valid, cut));
  g_assert_true (g_utf8_validate (cut, -1, NULL));
  g_assert_true (fits (cut, type));
  if (*rest == '\0')
    return;
  longer = g_strndup (valid, (gsize)(g_utf8_next_char (rest) - valid));
  g_assert_false (fits (longer, type));
}

static void
assert_next (const char *text, const char *type)
{
  g_autofree char *label = disco_label_cut (text, type, "local");

  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *next = disco_label_next (label, type, "local");

      g_assert_true (g_utf8_validate (next, -1, NULL));
      g_assert_true (fits (next, type));
      g_assert_true (strstr (next, " #") != NULL);
      g_assert_cmpstr (next, !=, label);
      g_free (label);
      label = g_steal_pointer (&next);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  FuzzInput input = { data, size };
  guint form = fuzz_take_below (&input, 3);
  const char *type = types[fuzz_take_below (&input, G_N_ELEMENTS (types))];
  g_autofree char *text = NULL;

  if (form == 0)
    {
      assert_wire_comes_back (input.data, input.size);
      return 0;
    }
  text = fuzz_take_rest (&input);
  if (form == 1)
    {
      assert_name_comes_back (text);
      return 0;
    }
  assert_joined (text, type);
  assert_cut (text, type);
  assert_next (text, type);
  return 0;
}
