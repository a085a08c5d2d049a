/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What becomes of a packet from the network before avahi-core sees it.
 *
 * avahi-core 0.8 follows CNAME records without end, and frees what it still uses: a few of them in
 * one packet end any process that looks up the names (CVE-2025-68468, CVE-2025-68471,
 * CVE-2026-24401). DNS-SD needs none: a packet with one is not let in. Neither is one whose counts
 * or names lead past its end, which a sound program does not send. */
typedef enum
{
  DISCO_SHIELD_PASS,
  DISCO_SHIELD_CNAME,
  DISCO_SHIELD_MALFORMED,
} DiscoShieldVerdict;

/* Time and memory are bounded by @size, whatever the packet says. */
DiscoShieldVerdict disco_shield_judge (const guint8 *packet, gsize size);

G_END_DECLS
