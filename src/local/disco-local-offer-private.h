/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-record-set-private.h"

#include <disco/disco-instance.h>

G_BEGIN_DECLS

/* One registration, as it is published. Never changed: an update takes its place. */
typedef struct
{
  DiscoRecordSet *records; /* (owned): its label is the one that was free */
  char *full_name;         /* presentation form */
  char *name_key;          /* full_name as DNS compares it: without regard to ASCII case */
  char **browse_types;     /* what finds it, as DNS compares it: the type and the subtypes */
  DiscoInstance *instance; /* (owned): as the service of its own name shows it */
} DiscoLocalOffer;

/* @records: (transfer full) */
DiscoLocalOffer *disco_local_offer_new (DiscoRecordSet *records);
void disco_local_offer_free (DiscoLocalOffer *self);
/* (transfer full) (nullable): @self as @service shows it; NULL if it does not */
DiscoInstance *disco_local_offer_show (const DiscoLocalOffer *self,
                                       const DiscoServiceName *service);

/* The full name of @records as DNS compares it: without regard to ASCII case. (transfer full) */
char *disco_local_make_name_key (const DiscoRecordSet *records);

G_END_DECLS
