/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-domain-equal-private.h"

#include <avahi-core/core.h>
#include <avahi-core/rr.h>
#include <glib.h>

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

int
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

/* For the same reason: Avahi's own compares the names before it looks at what is cheap to tell. */
__attribute__ ((visibility ("default"))) int
avahi_key_equal (const AvahiKey *a, const AvahiKey *b)
{
  return a == b
         || (a->type == b->type && a->clazz == b->clazz && avahi_domain_equal (a->name, b->name));
}
