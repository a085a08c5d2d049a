/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-instance-private.h"
#include "test-support.h"

#include <disco/disco.h>

static GPtrArray *
snapshot_new (void)
{
  return g_ptr_array_new_with_free_func (g_object_unref);
}

static DiscoInstance *
make_instance (const char *id, guint16 port)
{
  const DiscoInstanceFields fields = { .id = id, .port = port };

  return disco_instance_new (&fields);
}

/* A snapshot from "id:port id:port …" */
static GPtrArray *
snapshot (const char *text)
{
  GPtrArray *instances = snapshot_new ();
  g_auto (GStrv) words = g_strsplit (text, " ", -1);

  for (guint i = 0; words[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (words[i], ":", 2);

      if (parts[0] != NULL)
        g_ptr_array_add (instances,
                         make_instance (parts[0], (guint16)g_ascii_strtoull (parts[1], NULL, 10)));
    }
  return instances;
}

/* The events as "+id:port", "~id:old>new", "-id:port", in order */
static char *
describe (GPtrArray *events)
{
  g_autoptr (GString) text = g_string_new ("");

  for (guint i = 0; i < events->len; i++)
    {
      DiscoEvent *event = g_ptr_array_index (events, i);
      DiscoInstance *instance = disco_event_get_instance (event);
      const DiscoOperation operation = disco_event_get_operation (event);

      g_string_append_printf (text, "%s%c%s:", i > 0 ? " " : "", "+~-"[operation],
                              disco_instance_get_id (instance));
      if (operation == DISCO_OPERATION_UPDATE)
        g_string_append_printf (text, "%u>",
                                disco_instance_get_port (disco_event_get_previous (event)));
      g_string_append_printf (text, "%u", disco_instance_get_port (instance));
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
assert_apply (DiscoDiff *diff, GPtrArray *instances, const char *expected)
{
  g_autoptr (GPtrArray) events = disco_diff_apply (diff, instances);
  g_autofree char *actual = describe (events);

  assert_string_equal (actual, expected);
}

static void
apply_tells_what_changed_between_two_snapshots (void **state)
{
  static const struct
  {
    const char *before, *after, *events;
  } rows[] = {
    { "", "", "" },
    { "", "a:1", "+a:1" },
    { "", "b:1 a:1", "+b:1 +a:1" },
    { "a:1", "", "-a:1" },
    { "a:1", "a:1", "" },
    { "a:1", "a:2", "~a:1>2" },
    { "a:1 b:1", "b:1 a:1", "" },
    { "a:1 b:1 c:1", "c:1 a:2 b:1", "~a:1>2" },
    { "a:1 b:1 c:1", "c:2 d:1 a:2", "~c:1>2 +d:1 ~a:1>2 -b:1" },
    { "a:1 b:1 c:1", "d:1", "+d:1 -a:1 -b:1 -c:1" },
    /* an id twice: the first one counts */
    { "", "a:1 a:2", "+a:1" },
    { "a:1", "a:2 a:1", "~a:1>2" },
    { "a:1", "a:1 a:2", "" },
    { "a:1 b:1", "a:1 a:2 a:3 b:1 b:2", "" },
    { "a:1 a:2", "a:2", "~a:1>2" },
    { "a:1 a:2", "b:1", "+b:1 -a:1" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (DiscoDiff) diff = disco_diff_new ();
      g_autoptr (GPtrArray) before = snapshot (rows[i].before);
      g_autoptr (GPtrArray) after = snapshot (rows[i].after);
      g_autoptr (GPtrArray) first = disco_diff_apply (diff, before);
      g_autoptr (GPtrArray) events = disco_diff_apply (diff, after);
      g_autofree char *actual = describe (events);

      if (!g_str_equal (actual, rows[i].events))
        fail_msg ("[%s] to [%s]: expected [%s], got [%s]", rows[i].before, rows[i].after,
                  rows[i].events, actual);
      assert_apply (diff, after, "");
    }
}

static void
null_is_an_empty_snapshot (void **state)
{
  g_autoptr (DiscoDiff) diff = disco_diff_new ();
  g_autoptr (GPtrArray) instances = snapshot ("a:1 b:2");

  assert_apply (diff, NULL, "");
  assert_apply (diff, instances, "+a:1 +b:2");
  assert_apply (diff, NULL, "-a:1 -b:2");
  assert_apply (diff, NULL, "");
  assert_apply (diff, instances, "+a:1 +b:2");
}

static void
a_duplicate_that_is_the_very_object_of_the_last_snapshot_is_still_a_duplicate (void **state)
{
  g_autoptr (DiscoDiff) diff = disco_diff_new ();
  g_autoptr (GPtrArray) instances = snapshot ("a:1 b:1");
  DiscoInstance *a = g_ptr_array_index (instances, 0);

  assert_apply (diff, instances, "+a:1 +b:1");
  g_ptr_array_insert (instances, 0, make_instance ("a", 2));
  g_ptr_array_add (instances, g_object_ref (a));
  assert_apply (diff, instances, "~a:1>2");
  g_ptr_array_remove_index (instances, 0);
  assert_apply (diff, instances, "~a:2>1");
}

static void
an_object_that_is_there_twice_is_held_once (void **state)
{
  g_autoptr (DiscoDiff) diff = disco_diff_new ();
  g_autoptr (GPtrArray) instances = snapshot ("a:1 b:1");
  DiscoInstance *a = g_ptr_array_index (instances, 0);
  DiscoInstance *b = g_ptr_array_index (instances, 1);

  assert_apply (diff, instances, "+a:1 +b:1");
  g_ptr_array_insert (instances, 0, g_object_ref (b));
  assert_apply (diff, instances, "");
  g_ptr_array_add (instances, g_object_ref (a));
  assert_apply (diff, instances, "");
  assert_apply (diff, NULL, "-b:1 -a:1");
}

static void
an_equal_instance_in_another_object_is_no_event (void **state)
{
  g_autoptr (DiscoDiff) diff = disco_diff_new ();
  g_autoptr (GPtrArray) first = snapshot ("a:1 b:1");
  g_autoptr (GPtrArray) second = snapshot ("a:1 b:1");

  assert_apply (diff, first, "+a:1 +b:1");
  assert_apply (diff, second, "");
  assert_apply (diff, first, "");
}

static void
the_diff_holds_the_instances_and_not_the_array (void **state)
{
  DiscoDiff *diff = disco_diff_new ();
  GPtrArray *instances = snapshot ("a:1");
  gpointer watch = g_ptr_array_index (instances, 0);

  g_object_add_weak_pointer (watch, &watch);
  g_ptr_array_unref (disco_diff_apply (diff, instances));
  g_ptr_array_unref (instances);
  assert_non_null (watch);
  disco_diff_free (diff);
  assert_null (watch);
}

static void
an_instance_that_is_gone_is_let_go (void **state)
{
  g_autoptr (DiscoDiff) diff = disco_diff_new ();
  GPtrArray *instances = snapshot ("a:1");
  gpointer watch = g_ptr_array_index (instances, 0);

  g_object_add_weak_pointer (watch, &watch);
  g_ptr_array_unref (disco_diff_apply (diff, instances));
  g_ptr_array_unref (instances);
  assert_apply (diff, NULL, "-a:1");
  assert_null (watch);
}

static void
a_copy_goes_its_own_way (void **state)
{
  g_autoptr (DiscoDiff) diff = disco_diff_new ();
  g_autoptr (DiscoDiff) copy = NULL;
  g_autoptr (GPtrArray) first = snapshot ("a:1 b:1 c:1");
  g_autoptr (GPtrArray) second = snapshot ("b:2 d:1");

  assert_apply (diff, first, "+a:1 +b:1 +c:1");
  assert_apply (diff, second, "~b:1>2 +d:1 -a:1 -c:1");
  copy = g_boxed_copy (DISCO_TYPE_DIFF, diff);
  assert_apply (diff, NULL, "-b:2 -d:1");
  assert_apply (copy, first, "+a:1 ~b:2>1 +c:1 -d:1");
  assert_apply (diff, second, "+b:2 +d:1");
}

/* The way by which the same again is known must not outlive a change, nor confuse what comes after.
 */
static void
the_same_objects_in_the_same_order_are_no_events (void **state)
{
  g_autoptr (DiscoDiff) diff = disco_diff_new ();
  g_autoptr (DiscoDiff) copy = NULL;
  g_autoptr (GPtrArray) first = snapshot ("a:1 b:1 c:1");
  g_autoptr (GPtrArray) changed = snapshot ("a:1 b:2 c:1");

  assert_apply (diff, first, "+a:1 +b:1 +c:1");
  assert_apply (diff, first, "");
  copy = disco_diff_copy (diff);
  assert_apply (diff, changed, "~b:1>2");
  assert_apply (diff, changed, "");
  assert_apply (diff, first, "~b:2>1");
  assert_apply (diff, NULL, "-a:1 -b:1 -c:1");
  assert_apply (diff, first, "+a:1 +b:1 +c:1");
  assert_apply (copy, first, "");
  g_ptr_array_remove_index (first, 2);
  assert_apply (copy, first, "-c:1");
}

/* --- against an oracle --- */

static DiscoInstance *
find_first (GPtrArray *instances, const char *id, guint end)
{
  for (guint i = 0; i < end; i++)
    if (g_str_equal (disco_instance_get_id (g_ptr_array_index (instances, i)), id))
      return g_ptr_array_index (instances, i);
  return NULL;
}

/* What apply() should tell, by the definition and in O(n²). */
static char *
naive_diff (GPtrArray *before, GPtrArray *after)
{
  g_autoptr (GString) text = g_string_new ("");

  for (guint i = 0; i < after->len; i++)
    {
      DiscoInstance *instance = g_ptr_array_index (after, i);
      const char *id = disco_instance_get_id (instance);
      DiscoInstance *old = find_first (before, id, before->len);
      const guint port = disco_instance_get_port (instance);

      if (find_first (after, id, i) != NULL)
        continue;
      if (old == NULL)
        g_string_append_printf (text, " +%s:%u", id, port);
      else if (disco_instance_get_port (old) != port)
        g_string_append_printf (text, " ~%s:%u>%u", id, disco_instance_get_port (old), port);
    }
  for (guint i = 0; i < before->len; i++)
    {
      DiscoInstance *old = g_ptr_array_index (before, i);
      const char *id = disco_instance_get_id (old);

      if (find_first (before, id, i) == NULL && find_first (after, id, after->len) == NULL)
        g_string_append_printf (text, " -%s:%u", id, disco_instance_get_port (old));
    }
  if (text->len > 0)
    g_string_erase (text, 0, 1);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static DiscoInstance *
random_instance (GRand *rand)
{
  g_autofree char *id = g_strdup_printf ("i%d", g_rand_int_range (rand, 0, 60));

  return make_instance (id, (guint16)g_rand_int_range (rand, 0, 3));
}

/* The next snapshot: mostly the same objects, with some of everything that can happen to them. */
static GPtrArray *
random_step (GRand *rand, GPtrArray *before)
{
  GPtrArray *after = snapshot_new ();
  const int chance = g_rand_int_range (rand, 1, 40);

  for (guint i = 0; i < before->len; i++)
    {
      DiscoInstance *instance = g_ptr_array_index (before, i);
      const char *id = disco_instance_get_id (instance);
      const int what = g_rand_int_range (rand, 0, 4 * chance);
      const guint at = after->len > 0 ? (guint)g_rand_int_range (rand, 0, (int)after->len) : 0;

      if (what == 0)
        g_ptr_array_add (after, make_instance (id, (guint16)g_rand_int_range (rand, 0, 3)));
      else if (what == 1)
        g_ptr_array_add (after, random_instance (rand));
      else if (what == 2)
        g_ptr_array_insert (after, (int)at, g_object_ref (instance));
      else if (what > 3 || after->len > 80)
        g_ptr_array_add (after, g_object_ref (instance));
      if (what == 4)
        g_ptr_array_insert (after, (int)at, g_object_ref (instance));
    }
  while (g_rand_boolean (rand) && after->len < 90)
    g_ptr_array_add (after, random_instance (rand));
  return after;
}

static void
run_against_oracle (guint32 seed)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  g_autoptr (DiscoDiff) diff = disco_diff_new ();
  g_autoptr (GPtrArray) before = snapshot_new ();

  for (guint step = 0; step < 100; step++)
    {
      g_autoptr (GPtrArray) after = random_step (rand, before);
      g_autoptr (GPtrArray) events = disco_diff_apply (diff, after);
      g_autofree char *actual = describe (events);
      g_autofree char *expected = naive_diff (before, after);

      if (!g_str_equal (actual, expected))
        fail_msg ("seed %u, step %u: expected [%s], got [%s]", seed, step, expected, actual);
      g_ptr_array_unref (before);
      before = g_steal_pointer (&after);
    }
}

/* TEST_SEED=n repeats what failed. */
static void
random_snapshots_give_what_the_definition_says (void **state)
{
  const char *given = g_getenv ("TEST_SEED");
  const guint32 seed
      = given != NULL ? (guint32)g_ascii_strtoull (given, NULL, 10) : g_random_int ();

  print_message ("seed %u\n", seed);
  for (guint32 i = 0; i < 200; i++)
    run_against_oracle (seed + i);
}

static void
ids_with_one_hash_are_told_apart (void **state)
{
  /* g_str_hash() is h * 33 + c: "aa" and "b@" are alike, and so are texts made of the two */
  g_autoptr (DiscoDiff) diff = disco_diff_new ();
  g_autoptr (GPtrArray) first = snapshot ("aaaa:1 b@aa:1 aab@:1");
  g_autoptr (GPtrArray) second = snapshot ("b@b@:1 aab@:2 aaaa:1");

  assert_int_equal (disco_instance_get_hash (g_ptr_array_index (first, 0)),
                    disco_instance_get_hash (g_ptr_array_index (first, 1)));
  assert_apply (diff, first, "+aaaa:1 +b@aa:1 +aab@:1");
  assert_apply (diff, second, "+b@b@:1 ~aab@:1>2 -b@aa:1");
  assert_apply (diff, first, "+b@aa:1 ~aab@:2>1 -b@b@:1");
  assert_apply (diff, NULL, "-aaaa:1 -b@aa:1 -aab@:1");
}

/* Enough ids for the table to grow several times, for long chains to be closed up again, and for
 * memory to be asked for ahead. */
static void
a_large_snapshot_comes_and_goes (void **state)
{
  enum
  {
    N = 20000
  };
  g_autoptr (DiscoDiff) diff = disco_diff_new ();
  g_autoptr (GPtrArray) all = snapshot_new ();
  g_autoptr (GPtrArray) half = snapshot_new ();
  g_autoptr (GPtrArray) backwards = snapshot_new ();
  static const guint expected[] = { N, N / 2, 0, N / 2, 0, N / 2, N / 2, N };

  for (guint i = 0; i < N; i++)
    {
      g_autofree char *id = g_strdup_printf ("instance-%u", i);

      g_ptr_array_add (all, make_instance (id, 1));
      if (i % 2 == 0)
        g_ptr_array_add (half, g_object_ref (g_ptr_array_index (all, i)));
    }
  for (guint i = N; i > 0; i--)
    g_ptr_array_add (backwards, g_object_ref (g_ptr_array_index (all, i - 1)));
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      GPtrArray *const steps[] = { all, half, half, all, backwards, half, NULL, all };
      g_autoptr (GPtrArray) events = disco_diff_apply (diff, steps[i]);

      assert_int_equal (events->len, expected[i]);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (apply_tells_what_changed_between_two_snapshots),
    cmocka_unit_test (null_is_an_empty_snapshot),
    cmocka_unit_test (
        a_duplicate_that_is_the_very_object_of_the_last_snapshot_is_still_a_duplicate),
    cmocka_unit_test (an_object_that_is_there_twice_is_held_once),
    cmocka_unit_test (an_equal_instance_in_another_object_is_no_event),
    cmocka_unit_test (the_diff_holds_the_instances_and_not_the_array),
    cmocka_unit_test (an_instance_that_is_gone_is_let_go),
    cmocka_unit_test (a_copy_goes_its_own_way),
    cmocka_unit_test (the_same_objects_in_the_same_order_are_no_events),
    cmocka_unit_test (random_snapshots_give_what_the_definition_says),
    cmocka_unit_test (ids_with_one_hash_are_told_apart),
    cmocka_unit_test (a_large_snapshot_comes_and_goes),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
