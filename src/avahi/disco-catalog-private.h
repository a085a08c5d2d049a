/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-engine-private.h"

G_BEGIN_DECLS

/* One call of disco_agent_services(): enumerates the service types (RFC 6763 §9), opens a source
 * for each, for generic services one for each name, and is done when all of them have their first
 * full set. */

/* What the task returns */
typedef struct
{
  GObject *agent;     /* (owned): the task's source object */
  GPtrArray *sources; /* (owned) of DiscoSource, each in use */
} DiscoCatalogFound;

void disco_catalog_found_free (gpointer data);

/* Takes @task. @table outlives it: the task holds the agent. */
DiscoCatalog *disco_catalog_new (DiscoEngine *engine, DiscoSourceTable *table, GTask *task);
/* A call that is not done ends with G_IO_ERROR_CANCELLED. */
void disco_catalog_free (DiscoCatalog *self);
void disco_catalog_attach (DiscoCatalog *self);
void disco_catalog_detach (DiscoCatalog *self);
/* The call fails, and the catalog is forgotten */
void disco_catalog_fail (DiscoCatalog *self, const GError *error);

G_END_DECLS
