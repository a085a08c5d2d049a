/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-engine-private.h"

G_BEGIN_DECLS

/* Finds out whether instances are still there, past what the responder remembers: the network is
 * asked anew, several times, and a name that nobody answers for is silent. Browsers do not show it
 * then, until it is heard of again: it is asked for from time to time, and its announcement is
 * heard.
 *
 * Names are told apart without regard to ASCII case (RFC 6762 §16). */
DiscoVerifier *disco_verifier_new (DiscoEngine *engine);
/* All calls in flight end with G_IO_ERROR_CANCELLED. */
void disco_verifier_free (DiscoVerifier *self);

/* Takes @task, which returns TRUE if the instance is one of the agent's own or somebody answers for
 * it, and else NOT_FOUND. */
void disco_verifier_ask (DiscoVerifier *self, const char *label, const char *type,
                         const char *domain, GTask *task);
/* The same, for the sake of nobody but the browsers, and slowly: this host's network may be coming
 * up. */
void disco_verifier_ask_slowly (DiscoVerifier *self, const char *label, const char *type,
                                const char *domain);
/* There is a link: questions that waited for one go out. */
void disco_verifier_attach (DiscoVerifier *self);
/* There has been none for too long: all calls fail. What is asked for the browsers' sake waits. */
void disco_verifier_fail_waiting (DiscoVerifier *self, const GError *error);
/* Somebody has answered for that name, or announced it. */
void disco_verifier_hear (DiscoVerifier *self, const char *full_name);

gboolean disco_verifier_is_silent (DiscoVerifier *self, const char *full_name);
/* It was heard of by other ways. */
void disco_verifier_forget (DiscoVerifier *self, const char *full_name);

G_END_DECLS
