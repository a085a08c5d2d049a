/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-limits-private.h"

#include <avahi-common/domain.h>
#include <string.h>

/* RFC 1035 §2.3.4 */
#define NAME_BYTES_MAX 255
#define LABEL_BYTES_MAX 63

/* Adds what @name takes on the wire, without the root, to @size; FALSE if it is malformed. */
static gboolean
add_name (const char *name, gsize *size)
{
  if (*name == '\0')
    return FALSE;
  while (*name != '\0')
    {
      char label[AVAHI_LABEL_MAX];

      if (avahi_unescape_label (&name, label, sizeof label) == NULL || *label == '\0')
        return FALSE;
      *size += 1 + strlen (label);
    }
  return TRUE;
}

gboolean
disco_limits_allow_name (const char *name)
{
  gsize size = 1;

  return add_name (name, &size) && size <= NAME_BYTES_MAX;
}

gboolean
disco_limits_allow_service (const char *label, const char *type, const char *domain)
{
  gsize size = 1;

  if (label != NULL)
    {
      gsize length = strlen (label);

      if (length == 0 || length > LABEL_BYTES_MAX)
        return FALSE;
      size += 1 + length;
    }
  return add_name (type, &size) && add_name (domain, &size) && size <= NAME_BYTES_MAX;
}

gboolean
disco_limits_allow_txt (const guint8 *txt, gsize size)
{
  gsize at = 0;

  if (size > DISCO_LIMIT_TXT_BYTES)
    return FALSE;
  while (at < size)
    at += 1 + (gsize)txt[at];
  return at == size;
}
