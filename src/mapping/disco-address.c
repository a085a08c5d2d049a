/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-address-private.h"

#include <arpa/inet.h>
#include <string.h>

#define IPV4_SIZE 4
#define IPV6_SIZE 16

/* Best first. */
typedef enum
{
  CLASS_IPV4,
  CLASS_IPV6,
  CLASS_IPV4_LINK_LOCAL,
  CLASS_IPV6_LINK_LOCAL,
  CLASS_LOOPBACK,
  CLASS_NOT_UNICAST,
} AddressClass;

typedef struct
{
  GSocketFamily family;
  guint8 bits; /* how many of @prefix count */
  guint8 prefix[IPV6_SIZE];
  AddressClass class;
} Range;

/* The first that matches. RFC 6890, RFC 4291 §2.4. */
static const Range ranges[] = {
  { G_SOCKET_FAMILY_IPV4, 32, { 0, 0, 0, 0 }, CLASS_NOT_UNICAST },
  { G_SOCKET_FAMILY_IPV4, 32, { 255, 255, 255, 255 }, CLASS_NOT_UNICAST },
  { G_SOCKET_FAMILY_IPV4, 4, { 224 }, CLASS_NOT_UNICAST },
  { G_SOCKET_FAMILY_IPV4, 8, { 127 }, CLASS_LOOPBACK },
  { G_SOCKET_FAMILY_IPV4, 16, { 169, 254 }, CLASS_IPV4_LINK_LOCAL },
  { G_SOCKET_FAMILY_IPV4, 0, { 0 }, CLASS_IPV4 },
  { G_SOCKET_FAMILY_IPV6, 128, { 0 }, CLASS_NOT_UNICAST },
  { G_SOCKET_FAMILY_IPV6, 128, { [15] = 1 }, CLASS_LOOPBACK },
  { G_SOCKET_FAMILY_IPV6, 8, { 0xff }, CLASS_NOT_UNICAST },
  { G_SOCKET_FAMILY_IPV6, 10, { 0xfe, 0x80 }, CLASS_IPV6_LINK_LOCAL },
  { G_SOCKET_FAMILY_IPV6, 0, { 0 }, CLASS_IPV6 },
};

static gboolean
range_holds (const Range *range, const DiscoAddress *address)
{
  guint whole = range->bits / 8;
  guint rest = range->bits % 8;
  guint mask = (0xff00u >> rest) & 0xffu;

  if (range->family != address->family || memcmp (range->prefix, address->bytes, whole) != 0)
    return FALSE;
  return rest == 0 || ((range->prefix[whole] ^ address->bytes[whole]) & mask) == 0;
}

static AddressClass
classify (const DiscoAddress *self)
{
  for (gsize i = 0; i < G_N_ELEMENTS (ranges); i++)
    if (range_holds (&ranges[i], self))
      return ranges[i].class;
  return CLASS_NOT_UNICAST;
}

/* Sets the zone where the address needs one; FALSE if it is no interface name. */
static gboolean
set_zone (DiscoAddress *self, const char *zone)
{
  if (zone == NULL || *zone == '\0' || classify (self) != CLASS_IPV6_LINK_LOCAL)
    return TRUE;
  return g_strlcpy (self->zone, zone, sizeof self->zone) < sizeof self->zone;
}

gboolean
disco_address_from_rdata (DiscoAddress *self, const guint8 *rdata, gsize size, const char *zone)
{
  DiscoAddress address = { 0 };

  if (size != IPV4_SIZE && size != IPV6_SIZE)
    return FALSE;
  address.family = size == IPV4_SIZE ? G_SOCKET_FAMILY_IPV4 : G_SOCKET_FAMILY_IPV6;
  memcpy (address.bytes, rdata, size);
  if (classify (&address) == CLASS_NOT_UNICAST || !set_zone (&address, zone))
    return FALSE;
  *self = address;
  return TRUE;
}

/* "[2001:db8::1]" → "2001:db8::1"; anything else as it is. */
static char *
without_brackets (const char *text)
{
  gsize size = strlen (text);

  if (text[0] == '[' && text[size - 1] == ']' && strchr (text, ':') != NULL)
    return g_strndup (text + 1, size - 2);
  return g_strdup (text);
}

gboolean
disco_address_parse (DiscoAddress *self, const char *text)
{
  g_autofree char *literal = without_brackets (text);
  char *zone = strchr (literal, '%');
  guint8 bytes[IPV6_SIZE];
  DiscoAddress address;

  if (zone == NULL && inet_pton (AF_INET, literal, bytes) == 1)
    return disco_address_from_rdata (self, bytes, IPV4_SIZE, NULL);
  if (zone != NULL)
    *zone++ = '\0';
  if (inet_pton (AF_INET6, literal, bytes) != 1
      || !disco_address_from_rdata (&address, bytes, IPV6_SIZE, zone))
    return FALSE;
  /* A zone that was given must be one that counts. */
  if (zone != NULL && address.zone[0] == '\0')
    return FALSE;
  *self = address;
  return TRUE;
}

int
disco_address_compare (const DiscoAddress *a, const DiscoAddress *b)
{
  int order = (int)classify (a) - (int)classify (b);

  if (order == 0)
    order = (a->family == G_SOCKET_FAMILY_IPV6) - (b->family == G_SOCKET_FAMILY_IPV6);
  if (order == 0)
    order = memcmp (a->bytes, b->bytes, a->family == G_SOCKET_FAMILY_IPV4 ? IPV4_SIZE : IPV6_SIZE);
  return order != 0 ? order : strcmp (a->zone, b->zone);
}

gboolean
disco_address_is_loopback (const DiscoAddress *self)
{
  return classify (self) == CLASS_LOOPBACK;
}

char *
disco_address_to_string (const DiscoAddress *self)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_bytes (self->bytes, self->family);
  g_autofree char *text = g_inet_address_to_string (address);
  g_autofree char *zone = NULL;

  if (self->zone[0] == '\0')
    return g_steal_pointer (&text);
  /* Linux lets an interface have nearly any bytes for a name. */
  zone = g_utf8_make_valid (self->zone, -1);
  return g_strconcat (text, "%", zone, NULL);
}

static int
compare_addresses (gconstpointer a, gconstpointer b)
{
  return disco_address_compare (a, b);
}

char **
disco_addresses_to_strv (const GArray *addresses)
{
  g_autoptr (GArray) sorted = g_array_copy ((GArray *)addresses);
  g_autoptr (GStrvBuilder) texts = g_strv_builder_new ();

  g_array_sort (sorted, compare_addresses);
  for (guint i = 0; i < sorted->len; i++)
    {
      const DiscoAddress *address = &g_array_index (sorted, DiscoAddress, i);
      g_autofree char *text = NULL;

      if (i > 0 && disco_address_compare (address, address - 1) == 0)
        continue;
      text = disco_address_to_string (address);
      g_strv_builder_add (texts, text);
    }
  return g_strv_builder_end (texts);
}
