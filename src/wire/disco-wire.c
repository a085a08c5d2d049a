/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-wire-private.h"

static const char *const types[DISCO_WIRE_N_KINDS] = {
  [DISCO_WIRE_HELLO] = "(u)",
  [DISCO_WIRE_BROWSE_SERVICES] = "(us)",
  [DISCO_WIRE_BROWSE_TYPES] = "(u)",
  [DISCO_WIRE_BROWSE_RECORDS] = "(usq)",
  [DISCO_WIRE_RESOLVE] = "(uiisss)",
  [DISCO_WIRE_PUBLISH] = "(ua" DISCO_WIRE_ENTRY_TYPE ")",
  [DISCO_WIRE_UPDATE_TXT] = "(u" DISCO_WIRE_ENTRY_TYPE ")",
  [DISCO_WIRE_UPDATE_SRV] = "(u" DISCO_WIRE_ENTRY_TYPE ")",
  [DISCO_WIRE_FREE] = "(u)",
  [DISCO_WIRE_STATE] = "(ysi)",
  [DISCO_WIRE_BROWSED] = "(a" DISCO_WIRE_BROWSED_TYPE ")",
  [DISCO_WIRE_RESOLVED] = "(uiisqayi)",
  [DISCO_WIRE_GROUP] = "(uyi)",
};

const GVariantType *
disco_wire_kind_get_type (guint kind)
{
  if (kind >= DISCO_WIRE_N_KINDS || types[kind] == NULL)
    return NULL;
  return G_VARIANT_TYPE (types[kind]);
}
