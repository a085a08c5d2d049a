/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <disco/disco-agent.h>
#include <disco/disco-macros.h>
#include <gio/gio.h>

G_BEGIN_DECLS

#define DISCO_TYPE_LOCAL_AGENT (disco_local_agent_get_type ())

DISCO_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (DiscoLocalAgent, disco_local_agent, DISCO, LOCAL_AGENT, GObject)

DISCO_AVAILABLE_IN_1_0
DiscoLocalAgent *disco_local_agent_new (void);

G_END_DECLS
