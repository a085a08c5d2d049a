/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-attributes-private.h"

G_BEGIN_DECLS

/* TXT records (RFC 6763 §6, docs/mapping.md "TXT", "tags", "attributes"). A TXT record is handled
 * as its rdata in wire format: length byte and string, again and again, in the wire's order. */

#define DISCO_TXT_STRING_MAX_BYTES 255
#define DISCO_TXT_MAX_BYTES 1300
#define DISCO_ID_MAX_BYTES 128
#define DISCO_TAG_MAX_BYTES 63
#define DISCO_ATTRIBUTE_KEY_MAX_BYTES 64
/* In any case, all keys that begin so are ours. */
#define DISCO_RESERVED_PREFIX "disco."

/* Encodes; the arguments have been validated one by one. @generic_name: NULL for typed services.
 * TOO_LARGE where a string or the whole does not fit. The empty record is one zero byte. */
GBytes *disco_txt_encode (const char *id, const char *generic_name, const char *const *tags,
                          DiscoAttributes *attributes, GError **error);

typedef struct
{
  char *id;                    /* (nullable): disco.id if it is valid */
  char *generic_name;          /* (nullable): disco.name if it is a valid generic name */
  char **tags;                 /* decoded, each once */
  DiscoAttributes *attributes; /* without disco.* */
  guint malformed;             /* pieces dropped */
} DiscoTxt;

/* Never fails: what is malformed is dropped and counted. @rdata NULL: as if empty. @txt may be
 * uninitialised. */
void disco_txt_decode (DiscoTxt *txt, GBytes *rdata);
void disco_txt_clear (DiscoTxt *txt);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DiscoTxt, disco_txt_clear)

/* The rules for one piece each; INVALID_ARGUMENT that quotes it */
gboolean disco_id_check (const char *id, GError **error);
gboolean disco_tag_check (const char *tag, GError **error);
gboolean disco_attribute_key_check (const char *key, GError **error);

G_END_DECLS
