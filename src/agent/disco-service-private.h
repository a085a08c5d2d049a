/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-source-private.h"

#include <disco/disco-agent.h>
#include <disco/disco-service.h>

G_BEGIN_DECLS

/* Its notify signals fire in the caller's thread-default context. References both, copies @tags
 * (each once, first place kept). */
DiscoService *disco_service_new (DiscoAgent *agent, DiscoSource *source, const char *const *tags);
DiscoSource *disco_service_peek_source (DiscoService *self);

/* What a Service is made of, for the result of a GTask: the Service itself is made by _finish, in
 * the caller's own context. A GTask drops its source object before its result, so the seed holds
 * the agent itself and drops it last. */
typedef struct
{
  DiscoAgent *agent;   /* (owned) */
  DiscoSource *source; /* (owned) */
  char **tags;         /* (owned) */
} DiscoServiceSeed;

/* @source: (transfer full) */
DiscoServiceSeed *disco_service_seed_new (DiscoAgent *agent, DiscoSource *source,
                                          const char *const *tags);
void disco_service_seed_free (DiscoServiceSeed *self);
DiscoService *disco_service_seed_grow (DiscoServiceSeed *self);
/* @seeds: name → DiscoServiceSeed. (transfer full): name → DiscoService, both owned */
GHashTable *disco_service_seeds_grow (GHashTable *seeds);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DiscoServiceSeed, disco_service_seed_free)

G_END_DECLS
