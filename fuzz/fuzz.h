/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include <stdint.h>

G_BEGIN_DECLS

/* Every fuzz-x.c is a program of its own around this function: one input, and the end of the
 * process where something about it is not as it should be. Built with libFuzzer (the preset fuzz)
 * it looks for such inputs; with fuzz-main.c, which any build has, it reads those in corpus/x
 * again. */
int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* An input that is taken apart, so that each change of a byte changes little of what comes of it.
 * Behind its end there are zeros and empty texts. */
typedef struct
{
  const guint8 *data;
  gsize size; /* what is left */
} FuzzInput;

guint fuzz_take_byte (FuzzInput *self);
guint16 fuzz_take_uint16 (FuzzInput *self);
/* Below @end, which is at most 256 */
guint fuzz_take_below (FuzzInput *self, guint end);
/* A byte that tells how many follow, and these. What is returned is the input's. */
const guint8 *fuzz_take_bytes (FuzzInput *self, gsize *size);
/* The same as text, which ends before its first zero byte. (transfer full) */
char *fuzz_take_text (FuzzInput *self);
/* The same, made valid UTF-8 as the callers of the library must have it. (transfer full) */
char *fuzz_take_utf8 (FuzzInput *self);
/* All that is left, as text. (transfer full) */
char *fuzz_take_rest (FuzzInput *self);

/* --- the rules of texts and names, written another time --- */

/* 1 to @max_bytes bytes of UTF-8 without control characters */
gboolean fuzz_is_text (const void *text, gsize size, gsize max_bytes);
/* A service name by RFC 6335 §5.1, with at least two characters */
gboolean fuzz_is_type_name (const char *text);

/* Aborts where the lists differ. */
void fuzz_assert_strv_equal (const char *const *a, const char *const *b);
/* Aborts unless @error is of the library's own, or of a file, and can be shown. */
void fuzz_assert_error (const GError *error);

G_END_DECLS
