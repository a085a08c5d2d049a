/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>
#include <disco/disco.h>

/* All that is known of one peer */
#define PEERS_TYPE_DETAILS (peers_details_get_type ())
G_DECLARE_FINAL_TYPE (PeersDetails, peers_details, PEERS, DETAILS, AdwBin)

/* @peer: (nullable) */
void peers_details_set_peer (PeersDetails *self, DiscoInstance *peer);
