/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Whether this process can open @n file descriptors now; else FALSE with DISCO_ERROR_LIMIT. GLib
 * ends the process where it finds none for a main context: so this is asked before one is made. */
gboolean disco_descriptors_check (guint n, GError **error);

G_END_DECLS
