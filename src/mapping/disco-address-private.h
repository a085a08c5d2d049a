/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* One address of a host, as a value. Its order is the one of docs/mapping.md ("addresses"): class
 * by class, best first, numeric within a class. */
typedef struct
{
  GSocketFamily family;
  guint8 bytes[16]; /* network order; 4 used for IPv4 */
  char zone[16];    /* interface name of a link-local IPv6 address, else "" (IFNAMSIZ) */
} DiscoAddress;

/* From an A or AAAA record's rdata, seen on interface @zone (kept only where it is needed).
 * FALSE if @size fits neither, or it is no unicast address of a host (any, broadcast, multicast).
 */
gboolean disco_address_from_rdata (DiscoAddress *self, const guint8 *rdata, gsize size,
                                   const char *zone);
/* From a literal: "192.0.2.1", "fe80::1%eth0", "[2001:db8::1]"; FALSE if it is none */
gboolean disco_address_parse (DiscoAddress *self, const char *text);
int disco_address_compare (const DiscoAddress *a, const DiscoAddress *b);
gboolean disco_address_is_loopback (const DiscoAddress *self);
char *disco_address_to_string (const DiscoAddress *self);
/* @addresses (element DiscoAddress) sorted, each once, as text. (transfer full) */
char **disco_addresses_to_strv (const GArray *addresses);

G_END_DECLS
