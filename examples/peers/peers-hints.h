/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>
#include <disco/disco.h>

/* A page for when nobody is there. Each time that it comes into view it finds out whether that
 * might be because of this host or its network. */
#define PEERS_TYPE_HINTS (peers_hints_get_type ())
G_DECLARE_FINAL_TYPE (PeersHints, peers_hints, PEERS, HINTS, AdwBin)

void peers_hints_set_subject (PeersHints *self, DiscoAvahiAgent *agent, const char *name);
