/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* (nullable) (transfer none): the one of @names, which ends with NULL, that who wrote @text
 * probably meant: what it is the beginning of, or else what is a slip or two away from it */
const char *tool_suggest (const char *text, const char *const *names);

G_END_DECLS
