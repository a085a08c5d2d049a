/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How avahi-core compares names and records, in place of its libraries' own.
 *
 * It keeps what it has heard, asked and answered in lists, and walks them for each record of each
 * packet; what it answers a question with is such a list as well, in which each record is looked
 * for before it goes in. With thousands of records comparing them is most of its work, and its own
 * comparisons are slow: that of two names unescapes label after label of both into buffers and
 * checks that they are UTF-8, and that of two records begins with what most of them have in common,
 * their name. These definitions come before the libraries' in this program. They say the same of
 * everything valid, and are over at the first byte that differs. */
#include <avahi-common/domain.h>
#include <avahi-core/core.h>
#include <avahi-core/rr.h>
#include <glib.h>
#include <string.h>

/* What the linker lets the libraries see */
#define IN_PLACE_OF_AVAHIS __attribute__ ((visibility ("default")))

/* What ends a label, and cannot be one of its bytes; DOT before another label. */
#define DOT (-1)
#define END (-2)

/* The next byte of a name in presentation form (RFC 1035 §5.1), in lower case, or what ends a
 * label. A dot at the very end ends the name as its end does. */
static int
next (const char **at)
{
  const char *name = *at;
  int byte = (guchar)*name++;

  if (byte == '\0')
    return END;
  *at = name;
  if (byte == '.')
    return *name == '\0' ? END : DOT;
  if (byte == '\\' && g_ascii_isdigit (name[0]) && g_ascii_isdigit (name[1])
      && g_ascii_isdigit (name[2]))
    {
      byte = (name[0] - '0') * 100 + (name[1] - '0') * 10 + (name[2] - '0');
      *at = name + 3;
    }
  else if (byte == '\\' && *name != '\0')
    {
      byte = (guchar)*name;
      *at = name + 1;
    }
  return byte >= 'A' && byte <= 'Z' ? byte - 'A' + 'a' : byte;
}

/* How long the escape at both places is, if it is written alike (RFC 1035 §5.1); else 0 */
static guint
count_same_escape (const char *at, const char *other)
{
  if (at[0] != '\\' || other[0] != '\\' || at[1] != other[1] || at[1] == '\0')
    return 0;
  if (!g_ascii_isdigit (at[1]))
    return 2;
  if (g_ascii_isdigit (at[2]) && at[2] == other[2] && g_ascii_isdigit (at[3]) && at[3] == other[3])
    return 4;
  return 0;
}

/* Most of what is compared is the same, byte by byte, for the most part. */
static void
skip_same (const char **a, const char **b)
{
  const char *at = *a;
  const char *other = *b;
  guint n;

  do
    {
      while (*at == *other && *at != '\0' && *at != '.' && *at != '\\')
        {
          at++;
          other++;
        }
      n = count_same_escape (at, other);
      at += n;
      other += n;
    }
  while (n > 0);
  *a = at;
  *b = other;
}

/* --- names --- */

/* Nonzero if both are the same name, whatever the case of ASCII letters (RFC 6762 §16), the way of
 * escaping, and the dot at the end */
IN_PLACE_OF_AVAHIS int
avahi_domain_equal (const char *a, const char *b)
{
  int byte;

  if (a == b)
    return 1;
  do
    {
      skip_same (&a, &b);
      if (g_ascii_isdigit (*a) && g_ascii_isdigit (*b))
        return 0; /* two digits that differ, no escape's: so most names are told apart */
      byte = next (&a);
      if (byte != next (&b))
        return 0;
    }
  while (byte != END);
  return 1;
}

/* --- records --- */

static gboolean
have_same_kind (const AvahiKey *a, const AvahiKey *b)
{
  return a->type == b->type && a->clazz == b->clazz;
}

IN_PLACE_OF_AVAHIS int
avahi_key_equal (const AvahiKey *a, const AvahiKey *b)
{
  return a == b || (have_same_kind (a, b) && avahi_domain_equal (a->name, b->name));
}

static gboolean
have_same_bytes (const AvahiRecord *a, const AvahiRecord *b)
{
  return a->data.generic.size == b->data.generic.size
         && (a->data.generic.size == 0
             || memcmp (a->data.generic.data, b->data.generic.data, a->data.generic.size) == 0);
}

/* For records of the same type */
static gboolean
have_same_data (const AvahiRecord *a, const AvahiRecord *b)
{
  switch (a->key->type)
    {
    case AVAHI_DNS_TYPE_PTR:
    case AVAHI_DNS_TYPE_CNAME:
    case AVAHI_DNS_TYPE_NS:
      return avahi_domain_equal (a->data.ptr.name, b->data.ptr.name);
    case AVAHI_DNS_TYPE_SRV:
      return a->data.srv.priority == b->data.srv.priority
             && a->data.srv.weight == b->data.srv.weight && a->data.srv.port == b->data.srv.port
             && avahi_domain_equal (a->data.srv.name, b->data.srv.name);
    case AVAHI_DNS_TYPE_TXT:
      return avahi_string_list_equal (a->data.txt.string_list, b->data.txt.string_list);
    case AVAHI_DNS_TYPE_A:
      return a->data.a.address.address == b->data.a.address.address;
    case AVAHI_DNS_TYPE_AAAA:
      return memcmp (&a->data.aaaa, &b->data.aaaa, sizeof a->data.aaaa) == 0;
    case AVAHI_DNS_TYPE_HINFO:
      return strcmp (a->data.hinfo.cpu, b->data.hinfo.cpu) == 0
             && strcmp (a->data.hinfo.os, b->data.hinfo.os) == 0;
    default:
      return have_same_bytes (a, b);
    }
}

/* A host has many PTR records of one name, and of each other name few records: what tells two apart
 * is looked at first. */
IN_PLACE_OF_AVAHIS int
avahi_record_equal_no_ttl (const AvahiRecord *a, const AvahiRecord *b)
{
  if (a == b)
    return 1;
  if (!have_same_kind (a->key, b->key))
    return 0;
  if (a->key->type == AVAHI_DNS_TYPE_PTR)
    return have_same_data (a, b) && avahi_domain_equal (a->key->name, b->key->name);
  return avahi_domain_equal (a->key->name, b->key->name) && have_same_data (a, b);
}
