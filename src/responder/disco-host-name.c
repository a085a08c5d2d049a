/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-host-name-private.h"

#include <string.h>

/* RFC 1035 §2.3.4 */
#define LABEL_BYTES_MAX 63
/* Digits of a number that is counted up; a longer one is part of the name. */
#define NUMBER_DIGITS_MAX 6

/* The number that @name ends with after a hyphen, and in @base the bytes before the hyphen; 1 and
 * the whole of it if there is none. */
static guint64
split (const char *name, gsize *base)
{
  const char *hyphen = strrchr (name, '-');
  const char *digits = hyphen != NULL ? hyphen + 1 : "";
  gsize n_digits = strspn (digits, "0123456789");

  *base = strlen (name);
  if (hyphen == name || n_digits == 0 || n_digits > NUMBER_DIGITS_MAX || digits[0] == '0'
      || digits[n_digits] != '\0')
    return 1;
  *base = (gsize)(hyphen - name);
  return g_ascii_strtoull (digits, NULL, 10);
}

char *
disco_host_name_next (const char *name)
{
  gsize base;
  guint64 number = split (name, &base) + 1;
  g_autofree char *suffix = g_strdup_printf ("-%" G_GUINT64_FORMAT, number);
  gsize room = LABEL_BYTES_MAX - strlen (suffix);

  if (base > room)
    {
      /* not within a character */
      base = room;
      while (base > 0 && (name[base] & 0xc0) == 0x80)
        base--;
    }
  return g_strdup_printf ("%.*s%s", (int)base, name, suffix);
}
