/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Texts of people and of the network: what is fit to be passed on, and how to show it. */

/* The fault of @text as a text of 1 to @max_bytes bytes of UTF-8 without control characters
 * (Unicode category Cc): "is empty", "is not UTF-8" …. NULL if it has none. (transfer full) */
char *disco_text_fault (const char *text, gsize size, gsize max_bytes);
/* the same for a caller's argument, as INVALID_ARGUMENT: `@what "@text": …` */
gboolean disco_text_check (const char *what, const char *text, gsize max_bytes, GError **error);
/* sets INVALID_ARGUMENT with the message `@what "@text": @fault`; returns FALSE */
gboolean disco_text_invalid (GError **error, const char *what, const char *text, const char *fault);

/* @text for an error message: quoted, cut, with control characters and bytes that are not UTF-8
 * escaped. (transfer full) */
char *disco_quote (const char *text);

/* the first @digits lower-case hexadecimal digits of SHA-256. (transfer full) */
char *disco_sha256_hex (const guint8 *data, gsize size, gsize digits);

G_END_DECLS
