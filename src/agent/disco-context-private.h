/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <disco/disco-agent.h>

G_BEGIN_DECLS

/* The agent that disco_agent_for_context() falls back to. Declared here and defined by src/local,
 * so that the context table need not know which class it is. (transfer full) */
DiscoAgent *disco_context_new_fallback_agent (void);

G_END_DECLS
