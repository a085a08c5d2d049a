/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* diff [ROUNDS] - what the diff of two snapshots takes, in nanoseconds of CPU time an id, beside
 * the way with a GHashTable of strings: 1 % of the ids are others, in another order; and the same
 * objects in the same order, beside a loop that compares the pointers and no more. Prints a line
 * for each figure: what, who and nanoseconds, with tabs between them. */
#include "bench.h"
#include "disco-instance-private.h"

#include <disco/disco.h>
#include <stdlib.h>

#define SEED 20261126

/* At least this many ids in each figure, so that what is short is repeated. */
#define MIN_IDS 2000000

static DiscoInstance *
make_instance (void)
{
  g_autofree char *id = g_uuid_string_random ();
  const DiscoInstanceFields fields = { .id = id, .port = 4711 };

  return disco_instance_new (&fields);
}

static GPtrArray *
make_snapshot (guint n)
{
  GPtrArray *snapshot = g_ptr_array_new_full (n, g_object_unref);

  for (guint i = 0; i < n; i++)
    g_ptr_array_add (snapshot, make_instance ());
  return snapshot;
}

static void
shuffle (GPtrArray *snapshot, GRand *random)
{
  for (guint i = snapshot->len - 1; i > 0; i--)
    {
      guint other = (guint)g_rand_int_range (random, 0, (gint32)i + 1);
      gpointer item = snapshot->pdata[i];

      snapshot->pdata[i] = snapshot->pdata[other];
      snapshot->pdata[other] = item;
    }
}

static gpointer
ref_instance (gconstpointer instance, gpointer data)
{
  return g_object_ref ((gpointer)instance);
}

/* 1 % gone, as many new, and all of them in another order */
static GPtrArray *
churn (GPtrArray *snapshot, GRand *random)
{
  GPtrArray *next = g_ptr_array_copy (snapshot, ref_instance, NULL);

  g_ptr_array_set_free_func (next, g_object_unref);
  shuffle (next, random);
  for (guint i = 0; i < MAX (snapshot->len / 100, 1); i++)
    {
      g_object_unref (next->pdata[i]);
      next->pdata[i] = make_instance ();
    }
  shuffle (next, random);
  return next;
}

/* --- the ways to find out --- */

/* Each is told of the snapshots in turns, and returns how many events it found in the last one. */
typedef guint (*Way) (gpointer *state, GPtrArray *snapshot);

static guint
apply_diff (gpointer *state, GPtrArray *snapshot)
{
  g_autoptr (GPtrArray) events = NULL;

  if (*state == NULL)
    *state = disco_diff_new ();
  events = disco_diff_apply (*state, snapshot);
  return events->len;
}

static guint
count_missing (GHashTable *from, GHashTable *in)
{
  GHashTableIter iter;
  gpointer id;
  guint missing = 0;

  g_hash_table_iter_init (&iter, from);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    missing += !g_hash_table_contains (in, id);
  return missing;
}

/* What everybody writes: a table of the ids of each, and a look into the one for all of the other.
 */
static guint
compare_tables (gpointer *state, GPtrArray *snapshot)
{
  GHashTable *table = g_hash_table_new (g_str_hash, g_str_equal);
  guint events = 0;

  for (guint i = 0; i < snapshot->len; i++)
    g_hash_table_add (table, (gpointer)disco_instance_get_id (snapshot->pdata[i]));
  if (*state != NULL)
    {
      events = count_missing (table, *state) + count_missing (*state, table);
      g_hash_table_unref (*state);
    }
  *state = table;
  return events;
}

/* The floor: the old order, which is the new one, and not even a look at what is in it. */
static guint
compare_pointers (gpointer *state, GPtrArray *snapshot)
{
  gpointer *old = *state;
  guint events = 0;

  if (old == NULL)
    *state = old = g_memdup2 (snapshot->pdata, snapshot->len * sizeof (gpointer));
  for (guint i = 0; i < snapshot->len; i++)
    events += old[i] != snapshot->pdata[i];
  return events;
}

static void
free_state (Way way, gpointer state)
{
  if (way == apply_diff)
    disco_diff_free (state);
  else if (way == compare_tables)
    g_hash_table_unref (state);
  else
    g_free (state);
}

/* Nanoseconds an id: @one and @other by turns, each of which has @events that the one before had
 * not */
static double
measure (Way way, GPtrArray *one, GPtrArray *other, guint events)
{
  const guint times = MAX (MIN_IDS / one->len, 2);
  gpointer state = NULL;
  gint64 start;
  double nanoseconds;

  way (&state, one);
  way (&state, other);
  start = bench_cpu_time ();
  for (guint i = 0; i < times; i++)
    if (way (&state, i % 2 == 0 ? one : other) != events)
      bench_fail ("not the events that there are");
  nanoseconds = (double)(bench_cpu_time () - start) * 1000 / times / one->len;
  free_state (way, state);
  return nanoseconds;
}

static void
measure_size (guint n, guint rounds, GRand *random)
{
  g_autoptr (GPtrArray) one = make_snapshot (n);
  g_autoptr (GPtrArray) other = churn (one, random);
  const guint events = 2 * MAX (n / 100, 1);

  for (guint i = 0; i < rounds; i++)
    {
      g_print ("churn %u\tlibdisco\t%.2f\n", n, measure (apply_diff, one, other, events));
      g_print ("churn %u\tGHashTable\t%.2f\n", n, measure (compare_tables, one, other, events));
      g_print ("same %u\tlibdisco\t%.3f\n", n, measure (apply_diff, one, one, 0));
      g_print ("same %u\tpointers\t%.3f\n", n, measure (compare_pointers, one, one, 0));
    }
}

int
main (int argc, char **argv)
{
  const guint sizes[] = { 1000, 100000, 1000000 };
  g_autoptr (GRand) random = g_rand_new_with_seed (SEED);
  guint rounds = argc > 1 ? (guint)g_ascii_strtoull (argv[1], NULL, 10) : 7;

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    measure_size (sizes[i], rounds, random);
  return EXIT_SUCCESS;
}
