/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* From here on the calling thread is in a network of its own, where only "lo" is, and down. There
 * is no way back. FALSE where that is not allowed, and nothing has changed. */
gboolean test_network_leave (void);
/* Sets up "lo". */
void test_network_set_loopback_up (void);

G_END_DECLS
