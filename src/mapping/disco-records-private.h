/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-name-private.h"

#include <disco/disco-instance.h>

G_BEGIN_DECLS

/* What the network says of one DNS-SD name. Nothing is owned. Texts are any bytes: what is not
 * UTF-8 is shown with U+FFFD. */
typedef struct
{
  const char *label;
  const char *type; /* without subtype */
  const char *domain;
  const char *hostname; /* SRV target, presentation form */
  guint16 port;
  GBytes *txt;                  /* (nullable): rdata */
  const char *const *addresses; /* sorted text */
  const char *const *interfaces;
  gboolean local;
} DiscoRecords;

/* The Instance of these records as @service shows it (docs/mapping.md, "Records → Instance"), with
 * the id that they claim. NULL if @service is generic and they belong to another one.
 * Its name is @service's; where that is any generic, the one in disco.name, else "disco".
 * @malformed: (nullable): increased by the pieces dropped. */
DiscoInstance *disco_records_to_instance (const DiscoRecords *records,
                                          const DiscoServiceName *service, guint *malformed);

G_END_DECLS
