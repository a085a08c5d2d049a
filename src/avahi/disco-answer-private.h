/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-ear-private.h"

G_BEGIN_DECLS

/* Questions for SRV and TXT records, and the answers to them, as packets (RFC 1035 §4.1,
 * RFC 6762 §18). */

/* What a packet of questions has at most: it has to fit into 1,500 bytes with what IP and UDP put
 * in front. */
#define DISCO_QUESTIONS_MAX_BYTES 1440

/* (transfer full): a packet that asks for the SRV and the TXT record of each of @names (element
 * utf8, in presentation form) from @begin on, as many as it holds; names that DNS has no room for
 * are skipped. @end: (out): the first that is not in it. NULL if none is. */
GByteArray *disco_questions_new (GPtrArray *names, guint begin, guint *end);

/* Calls @func for each SRV and TXT record in the packet, heard on @ifindex over @protocol, and
 * returns how many there were. What is malformed ends the reading; what came before it counts. */
guint disco_answers_read (const guint8 *packet, gsize size, int ifindex, int protocol,
                          DiscoHeardFunc func, gpointer user_data);

G_END_DECLS
