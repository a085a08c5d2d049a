/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <disco/disco.h>

G_BEGIN_DECLS

/* Sorts @instances (element-type DiscoInstance), best first: by the class of the best address, as
 * docs/mapping.md orders them, then by id. */
void tool_rank (GPtrArray *instances);

G_END_DECLS
