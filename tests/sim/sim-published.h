/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sim-world.h"

G_BEGIN_DECLS

/* At rest: what the network sees of the agent's is what is registered, no more and no less. */
void sim_check_published (World *self);

G_END_DECLS
