/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Sets @error from one of Avahi's codes; @what says what was tried ("publish"). */
void disco_set_avahi_error (GError **error, int code, const char *what);

G_END_DECLS
