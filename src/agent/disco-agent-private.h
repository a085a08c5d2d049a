/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-outlet-private.h"

#include <disco/disco-agent.h>

G_BEGIN_DECLS

/* Emits DiscoAgent::renamed in the context of @outlet, whose owner is the agent. Any thread; no
 * handler runs before this returns. */
void disco_agent_emit_renamed (DiscoOutlet *outlet, const char *id, const char *label);

G_END_DECLS
