/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sim-net.h"

G_BEGIN_DECLS

/* The link of a simulated host to a simulated network. */
#define DISCO_TYPE_SIM_LINK (disco_sim_link_get_type ())
G_DECLARE_FINAL_TYPE (DiscoSimLink, disco_sim_link, DISCO, SIM_LINK, DiscoLink)

/* @host_name: "box.local". It becomes @state when it is started, from the main context. */
DiscoLink *disco_sim_link_new (SimNet *net, const char *host_name, DiscoLinkState state);
/* The script: what happens to it, told from the main context. With FAILED all that stands on it
 * falls silent, as when the daemon dies. @message: (nullable): of FAILED */
void disco_sim_link_become (DiscoLink *link, DiscoLinkState state, const char *message);
/* The next RUNNING is under this name. */
void disco_sim_link_set_host_name (DiscoLink *link, const char *host_name);

G_END_DECLS
