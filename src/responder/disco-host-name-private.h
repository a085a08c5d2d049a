/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The name to try where another host has this one: "box" → "box-2" → "box-3", cut so that the
 * number fits into 63 bytes. It is what avahi-daemon tries too, so that both end at one name on one
 * host.
 * @name: a label, not escaped. (transfer full) */
char *disco_host_name_next (const char *name);

G_END_DECLS
