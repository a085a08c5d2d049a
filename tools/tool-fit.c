/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tool-fit.h"

#define LEAST 8u /* cells in which a cut text still says something */

/* What all columns but @keep take, none more than @bound cells, and the gaps of all */
static guint
sum_but (const guint *widths, guint n_columns, guint keep, guint bound)
{
  guint sum = 0;
  guint n_shown = 0;

  for (guint i = 0; i < n_columns; i++)
    {
      n_shown += widths[i] > 0;
      if (i != keep)
        sum += MIN (widths[i], bound);
    }
  return sum + (n_shown > 1 ? (n_shown - 1) * TOOL_FIT_GAP : 0);
}

/* The last column that may be left out, or @n_columns. */
static guint
find_least (const guint *widths, guint n_columns, guint keep)
{
  for (guint i = n_columns; i-- > 1;)
    if (i != keep && widths[i] > 0)
      return i;
  return n_columns;
}

/* Cuts the widest of all columns but @keep, until they take @available cells together. */
static void
cut_widest (guint *widths, guint n_columns, guint keep, guint available)
{
  while (sum_but (widths, n_columns, keep, G_MAXUINT) > available)
    {
      guint widest = keep;

      for (guint i = 0; i < n_columns; i++)
        if (i != keep && widths[i] > 0 && (widest == keep || widths[i] >= widths[widest]))
          widest = i;
      if (widest == keep)
        return;
      widths[widest]--;
    }
}

void
tool_fit (guint *widths, guint n_columns, guint keep, guint available)
{
  guint least;
  guint reserved;

  for (guint i = 0; i < n_columns; i++)
    widths[i] = MIN (widths[i], available);
  while (sum_but (widths, n_columns, keep, LEAST) + widths[keep] > available
         && (least = find_least (widths, n_columns, keep)) < n_columns)
    widths[least] = 0;
  reserved = sum_but (widths, n_columns, keep, LEAST);
  widths[keep] = MIN (widths[keep], available > reserved ? available - reserved : 0);
  cut_widest (widths, n_columns, keep, available - widths[keep]);
}
