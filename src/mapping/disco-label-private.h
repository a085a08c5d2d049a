/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* DNS-SD instance labels and full names (RFC 6763 §4.1, §4.3). */

#define DISCO_LABEL_MAX_BYTES 63
#define DISCO_ESCAPED_NAME_MAX_CHARS 255

/* @text cut at a UTF-8 boundary to 63 bytes and until the escaped full name in @type and @domain
 * has at most 255 characters. (transfer full) */
char *disco_label_cut (const char *text, const char *type, const char *domain);
/* The name to try after a conflict: "Printer" → "Printer #2" → "Printer #3", cut so that the number
 * fits. (transfer full) */
char *disco_label_next (const char *label, const char *type, const char *domain);

/* The full name in presentation form, exactly as avahi_service_name_join() writes it:
 * "HP\032LaserJet._ipp._tcp.local". @label: any bytes. (transfer full) */
char *disco_full_name_join (const char *label, const char *type, const char *domain);
/* Reads the first label of the presentation form @p, without its escapes, into @label, and returns
 * what follows its dot. @malformed: set to TRUE where a backslash begins no escape; it stands for
 * itself then. */
const char *disco_label_read (const char *p, GString *label, gboolean *malformed);
/* The wire form (length-prefixed labels, root at the end) of a domain name in presentation form;
 * NULL if it is malformed, has a label over 63 bytes or is over 255 bytes. */
GBytes *disco_domain_name_to_wire (const char *name);
/* The presentation form, without a trailing dot, escaped as above, of an uncompressed name in wire
 * form; NULL if malformed. The root is ".". @used (nullable): bytes read. */
char *disco_domain_name_from_wire (const guint8 *data, gsize size, gsize *used);
/* equal without regard to ASCII case or a trailing dot */
gboolean disco_domain_name_equal (const char *a, const char *b);

G_END_DECLS
