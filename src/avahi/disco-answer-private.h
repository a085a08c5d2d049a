/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Questions for SRV records, and the answers to them, as packets (RFC 1035 §4.1, RFC 6762 §18). */

/* Questions in one packet: each has at most 255 bytes of name and 4 more, and the packet has to fit
 * into 1,500 bytes with what IP and UDP put in front. */
#define DISCO_QUESTIONS_A_PACKET 5

/* (transfer full): a packet that asks for the SRV record of each of @names (element utf8, in
 * presentation form) from @begin on, as many as it holds; names that DNS has no room for are
 * skipped. @end: (out): the first that is not in it. NULL if none is. */
GByteArray *disco_questions_new (GPtrArray *names, guint begin, guint *end);

/* @name in presentation form, as disco_full_name_join() writes it */
typedef void (*DiscoAnswerFunc) (const char *name, gpointer user_data);
/* Calls @func for the name of each SRV record in the packet that is no goodbye. What is malformed
 * ends the reading; what came before it counts. */
void disco_answers_read (const guint8 *packet, gsize size, DiscoAnswerFunc func,
                         gpointer user_data);

G_END_DECLS
