/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What is checked before avahi-core is asked: it ends the process over a name that DNS has no room
 * for, and puts a record that fits no packet nowhere. */

/* Bytes of TXT data; above what one packet holds on any usual link */
#define DISCO_LIMIT_TXT_BYTES 8192

/* TRUE if @name, in presentation form, has labels of 1 to 63 bytes and fits DNS. */
gboolean disco_limits_allow_name (const char *name);
/* TRUE if the full name of @label (nullable: none; not escaped), @type and @domain fits DNS. */
gboolean disco_limits_allow_service (const char *label, const char *type, const char *domain);
/* TRUE if @txt is whole strings and not too long. */
gboolean disco_limits_allow_txt (const guint8 *txt, gsize size);

G_END_DECLS
