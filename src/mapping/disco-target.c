/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-label-private.h"
#include "disco-name-private.h"
#include "disco-target-private.h"
#include "disco-text-private.h"

#include <string.h>

#define WHAT "address"
/* 48 bits: two addresses of one network get one name by chance once in 16 million such hosts. */
#define HOST_HASH_DIGITS 12

/* The same for the same address, so that two registrations share one host and cannot conflict. */
static char *
host_for_address (const DiscoAddress *address)
{
  gsize size = address->family == G_SOCKET_FAMILY_IPV4 ? 4 : 16;
  g_autofree char *hash = disco_sha256_hex (address->bytes, size, HOST_HASH_DIGITS);

  return g_strconcat ("disco-", hash, "." DISCO_DOMAIN, NULL);
}

/* Whether an IP address is meant. No DNS name has a colon, a bracket or a percent sign, and none
 * ends in a label of digits alone. @name: the text without a dot at its end */
static gboolean
looks_like_address (const char *name)
{
  const char *last = strrchr (name, '.');

  last = last != NULL ? last + 1 : name;
  return strpbrk (name, ":[]%") != NULL
         || (*last != '\0' && strspn (last, "0123456789") == strlen (last));
}

static gboolean
parse_address (DiscoTarget *self, const char *addr, GError **error)
{
  if (strchr (addr, '%') != NULL)
    return disco_text_invalid (error, WHAT, addr,
                               "an address with a zone means nothing to other hosts");
  if (!disco_address_parse (&self->address, addr))
    return disco_text_invalid (error, WHAT, addr, "it is no IP address of one host");
  self->has_address = TRUE;
  self->host = host_for_address (&self->address);
  return TRUE;
}

/* Letters, digits, hyphens (RFC 1123 §2.1), and the underscore that some networks use. */
static gboolean
is_host_label (const char *label)
{
  gsize size = strlen (label);

  if (size == 0 || size > DISCO_LABEL_MAX_BYTES || label[0] == '-' || label[size - 1] == '-')
    return FALSE;
  for (const char *p = label; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && *p != '-' && *p != '_')
      return FALSE;
  return TRUE;
}

static const char *
name_fault (const char *name)
{
  g_auto (GStrv) labels = g_strsplit (name, ".", -1);
  g_autoptr (GBytes) wire = NULL;

  for (char **label = labels; *label != NULL; label++)
    if (!is_host_label (*label))
      return "it is neither an IP address nor a DNS name with labels of 1 to 63 letters, digits, "
             "hyphens and underscores";
  if (g_strv_length (labels) < 2)
    return "a host name needs at least two labels, such as \"printer.local\"";
  wire = disco_domain_name_to_wire (name);
  return wire != NULL ? NULL : "a DNS name has at most 255 bytes";
}

gboolean
disco_target_parse (DiscoTarget *self, const char *addr, GError **error)
{
  g_autofree char *name = g_strdup (addr);
  const char *fault;

  *self = (DiscoTarget){ 0 };
  if (*addr == '\0')
    return TRUE;
  if (g_str_has_suffix (name, "."))
    name[strlen (name) - 1] = '\0';
  if (looks_like_address (name))
    return parse_address (self, addr, error);
  fault = name_fault (name);
  if (fault != NULL)
    return disco_text_invalid (error, WHAT, addr, fault);
  self->host = g_steal_pointer (&name);
  return TRUE;
}

void
disco_target_clear (DiscoTarget *self)
{
  g_clear_pointer (&self->host, g_free);
}
