/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The input is addresses, as records and as text, and at last what a caller may give for the
 * address of a registration. GLib's own reading of addresses is what they are compared with. */
#include "disco-address-private.h"
#include "disco-label-private.h"
#include "disco-target-private.h"
#include "fuzz.h"

#include <disco/disco-error.h>
#include <string.h>

#define MAX_ADDRESSES 32

/* As docs/mapping.md orders them; -1 for what is the address of no host */
static int
get_rank (GInetAddress *address)
{
  gboolean is_ipv4 = g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV4;
  static const guint8 broadcast[] = { 255, 255, 255, 255 };

  if (g_inet_address_get_is_any (address) || g_inet_address_get_is_multicast (address)
      || (is_ipv4 && memcmp (g_inet_address_to_bytes (address), broadcast, 4) == 0))
    return -1;
  if (g_inet_address_get_is_loopback (address))
    return 4;
  if (g_inet_address_get_is_link_local (address))
    return is_ipv4 ? 2 : 3;
  return is_ipv4 ? 0 : 1;
}

static GInetAddress *
to_inet_address (const DiscoAddress *address)
{
  return g_inet_address_new_from_bytes (address->bytes, address->family);
}

static int
get_rank_of (const DiscoAddress *address)
{
  g_autoptr (GInetAddress) inet = to_inet_address (address);

  return get_rank (inet);
}

/* A zone need not be UTF-8, and is not told as it is then. */
static void
assert_comes_back (const DiscoAddress *address)
{
  g_autofree char *text = disco_address_to_string (address);
  g_autofree char *bracketed = g_strdup_printf ("[%s]", text);
  DiscoAddress again;

  g_assert_true (g_utf8_validate (text, -1, NULL));
  g_assert_cmpint (disco_address_is_loopback (address), ==, get_rank_of (address) == 4);
  if (!g_utf8_validate (address->zone, -1, NULL))
    return;
  g_assert_true (disco_address_parse (&again, text));
  g_assert_cmpint (disco_address_compare (address, &again), ==, 0);
  g_assert_cmpstr (again.zone, ==, address->zone);
  if (address->family == G_SOCKET_FAMILY_IPV6)
    g_assert_true (disco_address_parse (&again, bracketed));
}

/* What a record is taken for */
static gboolean
is_taken (const guint8 *rdata, gsize size, const char *zone)
{
  g_autoptr (GInetAddress) inet = NULL;
  int rank;

  if (size != 4 && size != 16)
    return FALSE;
  inet = g_inet_address_new_from_bytes (rdata,
                                        size == 4 ? G_SOCKET_FAMILY_IPV4 : G_SOCKET_FAMILY_IPV6);
  rank = get_rank (inet);
  return rank >= 0 && (rank != 3 || strlen (zone) < sizeof ((DiscoAddress *)NULL)->zone);
}

static void
take_record (FuzzInput *input, GArray *addresses)
{
  gsize size;
  const guint8 *rdata = fuzz_take_bytes (input, &size);
  g_autofree char *zone = fuzz_take_text (input);
  DiscoAddress address;

  g_assert_cmpint (disco_address_from_rdata (&address, rdata, size, zone), ==,
                   is_taken (rdata, size, zone));
  if (!is_taken (rdata, size, zone))
    return;
  g_assert_cmpmem (address.bytes, size, rdata, size);
  g_assert_cmpstr (address.zone, ==, get_rank_of (&address) == 3 ? zone : "");
  g_array_append_val (addresses, address);
}

static void
take_text (FuzzInput *input, GArray *addresses)
{
  g_autofree char *text = fuzz_take_text (input);
  g_autoptr (GInetAddress) inet = g_inet_address_new_from_string (text);
  DiscoAddress address;

  if (disco_address_parse (&address, text))
    g_array_append_val (addresses, address);
  else if (inet != NULL && strchr (text, '%') == NULL)
    g_assert_cmpint (get_rank (inet), ==, -1);
}

static gboolean
is_text_throughout (const GArray *addresses)
{
  for (guint i = 0; i < addresses->len; i++)
    if (!g_utf8_validate (g_array_index (addresses, DiscoAddress, i).zone, -1, NULL))
      return FALSE;
  return TRUE;
}

/* Best first, and each once */
static void
assert_in_order (char **texts)
{
  DiscoAddress before;

  for (char **text = texts; *text != NULL; text++)
    {
      DiscoAddress address;

      g_assert_true (disco_address_parse (&address, *text));
      if (text > texts)
        {
          g_assert_cmpint (get_rank_of (&before), <=, get_rank_of (&address));
          g_assert_cmpint (disco_address_compare (&before, &address), <, 0);
          g_assert_cmpint (disco_address_compare (&address, &before), >, 0);
        }
      before = address;
    }
}

static void
assert_list (const GArray *addresses)
{
  g_auto (GStrv) texts = disco_addresses_to_strv (addresses);

  for (guint i = 0; i < addresses->len; i++)
    {
      g_autofree char *text = disco_address_to_string (&g_array_index (addresses, DiscoAddress, i));

      g_assert_true (g_strv_contains ((const char *const *)texts, text));
    }
  if (is_text_throughout (addresses))
    assert_in_order (texts);
}

static void
take_target (FuzzInput *input)
{
  g_autofree char *addr = fuzz_take_rest (input);
  g_auto (DiscoTarget) target = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) wire = NULL;

  if (!disco_target_parse (&target, addr, &error))
    {
      fuzz_assert_error (error);
      g_assert_true (g_error_matches (error, DISCO_ERROR, DISCO_ERROR_INVALID_ARGUMENT));
      return;
    }
  g_assert_cmpint (target.host == NULL, ==, *addr == '\0');
  if (target.host == NULL)
    return;
  wire = disco_domain_name_to_wire (target.host);
  g_assert_nonnull (wire);
  g_assert_true (strchr (target.host, '.') != NULL);
  if (target.has_address)
    assert_comes_back (&target.address);
  else
    g_assert_true (g_str_has_prefix (addr, target.host));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  FuzzInput input = { data, size };
  g_autoptr (GArray) addresses = g_array_new (FALSE, FALSE, sizeof (DiscoAddress));
  guint n = fuzz_take_below (&input, MAX_ADDRESSES);

  for (guint i = 0; i < n; i++)
    {
      if (fuzz_take_below (&input, 2) == 0)
        take_record (&input, addresses);
      else
        take_text (&input, addresses);
    }
  for (guint i = 0; i < addresses->len; i++)
    assert_comes_back (&g_array_index (addresses, DiscoAddress, i));
  assert_list (addresses);
  take_target (&input);
  return 0;
}
