/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Avahi's core keeps what it has heard, asked and answered in lists, and walks them for each record
 * of each packet. Its own comparison of two names unescapes label after label of both into buffers
 * and checks that they are UTF-8: with a thousand instances that is two thirds of all its work.
 * This definition, which comes before libavahi-common's in this program, says the same of every
 * valid name, and is over at the first byte that differs.
 *
 * Returns: nonzero if both are the same name, whatever the case of ASCII letters (RFC 6762 §16),
 * the way of escaping, and the dot at the end */
__attribute__ ((visibility ("default"))) int avahi_domain_equal (const char *a, const char *b);
