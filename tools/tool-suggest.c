/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tool-suggest.h"

#include <string.h>

#define MAX_LENGTH 32u /* longer texts are no slips, and would take their product in time */

/* How many letters have to be put in, left out, replaced or swapped with their neighbour to come
 * from @a to @b (the optimal string alignment distance), without regard to case. */
static guint
distance (const char *a, const char *b)
{
  const gsize n_a = strlen (a);
  const gsize n_b = strlen (b);
  guint d[MAX_LENGTH + 1][MAX_LENGTH + 1];

  if (MAX (n_a, n_b) > MAX_LENGTH)
    return G_MAXUINT;
  for (gsize i = 0; i <= n_a; i++)
    for (gsize j = 0; j <= n_b; j++)
      {
        if (i == 0 || j == 0)
          {
            d[i][j] = (guint)(i + j);
            continue;
          }
        d[i][j] = d[i - 1][j - 1] + (g_ascii_tolower (a[i - 1]) != g_ascii_tolower (b[j - 1]));
        d[i][j] = MIN (d[i][j], MIN (d[i - 1][j], d[i][j - 1]) + 1);
        if (i > 1 && j > 1 && g_ascii_tolower (a[i - 1]) == g_ascii_tolower (b[j - 2])
            && g_ascii_tolower (a[i - 2]) == g_ascii_tolower (b[j - 1]))
          d[i][j] = MIN (d[i][j], d[i - 2][j - 2] + 1);
      }
  return d[n_a][n_b];
}

/* The only one of @names that begins with @text */
static const char *
complete (const char *text, const char *const *names)
{
  const char *found = NULL;

  if (strlen (text) < 2)
    return NULL;
  for (guint i = 0; names[i] != NULL; i++)
    if (g_ascii_strncasecmp (names[i], text, strlen (text)) == 0)
      {
        if (found != NULL)
          return NULL;
        found = names[i];
      }
  return found;
}

const char *
tool_suggest (const char *text, const char *const *names)
{
  const char *nearest = complete (text, names);
  guint bound = (guint)MIN (strlen (text), MAX_LENGTH) / 3; /* a third of the letters, but 2 */

  if (nearest != NULL)
    return nearest;
  bound = CLAMP (bound, 1, 2);
  for (guint i = 0; names[i] != NULL; i++)
    {
      const guint away = distance (text, names[i]);

      if (away > bound)
        continue;
      nearest = names[i];
      bound = away == 0 ? 0 : away - 1;
      if (away == 0)
        break;
    }
  return nearest;
}
