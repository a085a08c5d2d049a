/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine-fixture.h"

G_BEGIN_DECLS

/* A registration of an agent that uses some interfaces only, while those come and go: id and label
 * "a", port 80, tag "red" at first. */

/* The interface comes or goes, and what follows from that is over. */
void interfaces_set (EngineFixture *self, int ifindex, gboolean up);
/* It is established on the interface 1, or on 1 and 2, and what that took is forgotten. */
void interfaces_establish (EngineFixture *self, gboolean both);
/* How many such services are seen on the interface, each with its tag's subtype */
guint interfaces_count (EngineFixture *self, int ifindex);

G_END_DECLS
