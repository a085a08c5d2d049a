/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The input is a row of snapshots. The events between two of them are those that a plain comparison
 * finds, from the diff and from copies of it. */
#include "fuzz-instances.h"

#include <disco/disco-diff.h>
#include <disco/disco-event.h>

#define MAX_SNAPSHOTS 24
#define N_IDS 100
/* So that the plain comparison, which takes the square of it, stays quick */
#define MAX_INSTANCES 128

/* What one snapshot is made of: part of the one before, in its order or in another, and new ones.
 * (transfer full) */
static GPtrArray *
take_snapshot (FuzzInput *input, GPtrArray *before)
{
  GPtrArray *snapshot = g_ptr_array_new_with_free_func (g_object_unref);
  guint skip = fuzz_take_below (input, 8);
  guint turn = before->len > 0 ? fuzz_take_below (input, 16) % before->len : 0;
  guint n = fuzz_take_below (input, 40);

  for (guint i = 0; i < before->len && skip != 7; i++)
    if (skip == 0 || i % (skip + 1) != 0)
      g_ptr_array_add (snapshot, g_object_ref (before->pdata[(i + turn) % before->len]));
  for (guint i = 0; i < n && snapshot->len < MAX_INSTANCES; i++)
    g_ptr_array_add (snapshot, fuzz_take_instance (input, N_IDS));
  return snapshot;
}

/* (transfer full): each id once, as the diff looks at it */
static GPtrArray *
without_repetitions (GPtrArray *snapshot)
{
  GPtrArray *once = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < snapshot->len; i++)
    fuzz_add_first (once, snapshot->pdata[i]);
  return once;
}

/* The copy tells the same, and goes on in the other's place. */
static void
go_on_with_a_copy (DiscoDiff **diff, GPtrArray *before, GPtrArray *after, GPtrArray *snapshot)
{
  g_autoptr (DiscoDiff) copy = disco_diff_copy (*diff);
  g_autoptr (GPtrArray) events = disco_diff_apply (*diff, snapshot);
  DiscoDiff *old = *diff;

  fuzz_assert_changes (events, before, after);
  *diff = g_steal_pointer (&copy);
  disco_diff_free (old);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  FuzzInput input = { data, size };
  g_autoptr (DiscoDiff) diff = disco_diff_new ();
  g_autoptr (GPtrArray) before = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < MAX_SNAPSHOTS && input.size > 0; i++)
    {
      gboolean copies = fuzz_take_below (&input, 4) == 0;
      g_autoptr (GPtrArray) snapshot = take_snapshot (&input, before);
      g_autoptr (GPtrArray) after = without_repetitions (snapshot);
      g_autoptr (GPtrArray) events = NULL;

      if (copies)
        go_on_with_a_copy (&diff, before, after, snapshot);
      events = disco_diff_apply (diff, after->len > 0 ? snapshot : NULL);
      fuzz_assert_changes (events, before, after);
      g_ptr_array_unref (before);
      before = g_steal_pointer (&after);
    }
  return 0;
}
