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

G_END_DECLS
