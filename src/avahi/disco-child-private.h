/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A disco-responder of this process. There is one for each set of options, which all agents with
 * these options share (a great many agents have more than one): it is started when the first of
 * them needs it, and ends when the last has let go of it, or when the process does, whichever way.
 *
 * Threads: any. Starting one takes as long as a fork and an exec. */
typedef struct _DiscoChild DiscoChild;

/* Names the program, if it is not the one that was installed or built with the library */
#define DISCO_CHILD_VARIABLE "DISCO_RESPONDER"

/* (transfer full) (nullable): the child for these globs of interfaces, each (nullable); a new one
 * if there is none or it has died. NULL: %DISCO_ERROR_UNAVAILABLE. */
DiscoChild *disco_child_acquire (const char *const *interfaces, const char *const *excluded,
                                 GError **error);
/* It ends if nobody else has it; nobody waits for that. */
void disco_child_release (DiscoChild *self);
/* The program that runs, or was meant to */
const char *disco_child_get_program (DiscoChild *self);
/* Our end of a new session, or -1: %DISCO_ERROR_UNAVAILABLE. */
int disco_child_open_session (DiscoChild *self, GError **error);
/* It does not answer: this very one is killed, and who acquires one next gets a new one. */
void disco_child_give_up (DiscoChild *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DiscoChild, disco_child_release)

G_END_DECLS
