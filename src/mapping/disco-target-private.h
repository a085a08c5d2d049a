/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-address-private.h"

G_BEGIN_DECLS

/* Where a registration's SRV record points (docs/mapping.md, "addr"). */
typedef struct
{
  char *host;           /* (owned) (nullable): NULL: this host's own name */
  gboolean has_address; /* host is a name of our own that needs @address */
  DiscoAddress address;
} DiscoTarget;

/* From the empty text, an IP literal or a DNS name. INVALID_ARGUMENT that quotes @addr. */
gboolean disco_target_parse (DiscoTarget *self, const char *addr, GError **error);
void disco_target_clear (DiscoTarget *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DiscoTarget, disco_target_clear)

G_END_DECLS
