/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-wire-private.h"
#include "fuzz.h"

G_BEGIN_DECLS

/* What one end of a session sends to the other: bytes, whole frames or not, and a second reading of
 * them. */
typedef struct
{
  int fd;           /* (owned): the sending end */
  GByteArray *sent; /* (owned): what is not yet read the second time */
  gsize n_delayed;  /* bytes at its end that are yet to be written */
  gboolean refused; /* the other end has closed: nothing is written any more */
} FuzzFrames;

/* (out) @fd: the other end, which is the caller's */
void fuzz_frames_init (FuzzFrames *self, int *fd);
void fuzz_frames_clear (FuzzFrames *self);
/* @body: of the kind's type; a floating one is consumed */
void fuzz_frames_add (FuzzFrames *self, guint kind, GVariant *body);
/* The head, true or not, and the bytes of a body */
void fuzz_frames_add_raw (FuzzFrames *self, FuzzInput *input);
/* Writes all as far as there is room, or all but what the input wants delayed. */
void fuzz_frames_write (FuzzFrames *self, FuzzInput *input);
void fuzz_frames_write_all (FuzzFrames *self);
/* Takes steps until the input is used up, which may write, and then writes what is left. @settle:
 * after each, lets what was written arrive */
void fuzz_frames_play (FuzzFrames *self, FuzzInput *input, void (*step) (FuzzInput *),
                       void (*settle) (void));
/* The next whole frame that has been written. FALSE: there is none. (out) @body: (transfer full)
 * (nullable): NULL where it is no message */
gboolean fuzz_frames_read (FuzzFrames *self, guint *kind, GVariant **body);
/* Reads away what has come back. */
void fuzz_frames_drain (FuzzFrames *self);

/* A small signed number: -2 … 6 */
int fuzz_take_place (FuzzInput *input);
/* "ay" (floating) */
GVariant *fuzz_take_ay (FuzzInput *input);
/* One of those that there are, or any text. (transfer full) */
char *fuzz_take_name (FuzzInput *input);

G_END_DECLS
