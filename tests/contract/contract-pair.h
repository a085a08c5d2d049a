/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <disco/disco.h>

/* One agent made of two, on two hosts: the one announces, the other looks. */
#define CONTRACT_TYPE_PAIR (contract_pair_get_type ())
G_DECLARE_FINAL_TYPE (ContractPair, contract_pair, CONTRACT, PAIR, GObject)

/* Takes both. */
DiscoAgent *contract_pair_new (DiscoAgent *announcer, DiscoAgent *looker);

/* Makes an agent whose worker, and with it the responder that the worker starts, is on that host of
 * the bed (tests/lan/bed.sh) and knows it by a name of its own. */
DiscoAgent *contract_make_on_host (const char *host, DiscoAgent *(*make_agent) (void));
