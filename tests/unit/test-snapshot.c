/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-instance-private.h"
#include "disco-snapshot-private.h"
#include "test-support.h"

#include <string.h>

static DiscoInstance *
make_instance (const char *id, guint16 port)
{
  return disco_instance_new (&(DiscoInstanceFields){ .id = id, .name = "http", .port = port });
}

static void
put (DiscoSnapshot *snapshot, const char *full_name, const char *id)
{
  g_autoptr (DiscoInstance) instance = make_instance (id, 1);

  disco_snapshot_put (snapshot, full_name, instance);
}

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* The ids of the list, sorted, with a space between. */
static char *
list_ids (DiscoSnapshot *snapshot)
{
  g_autoptr (GPtrArray) list = disco_snapshot_list (snapshot);
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();

  assert_int_equal (list->len, disco_snapshot_get_size (snapshot));
  for (guint i = 0; i < list->len; i++)
    g_ptr_array_add (ids, (char *)disco_instance_get_id (g_ptr_array_index (list, i)));
  g_ptr_array_sort (ids, compare_texts);
  g_ptr_array_add (ids, NULL);
  return g_strjoinv (" ", (char **)ids->pdata);
}

static void
assert_ids (DiscoSnapshot *snapshot, const char *expected)
{
  g_autofree char *ids = list_ids (snapshot);

  assert_string_equal (ids, expected);
}

static void
new_snapshot_is_empty (void **state)
{
  g_autoptr (DiscoSnapshot) snapshot = disco_snapshot_new ();

  assert_ids (snapshot, "");
  assert_false (disco_snapshot_remove (snapshot, "a.local"));
}

static void
ids_that_nobody_else_claims_are_kept (void **state)
{
  g_autoptr (DiscoSnapshot) snapshot = disco_snapshot_new ();

  put (snapshot, "A.local", "one");
  put (snapshot, "B.local", "two");
  put (snapshot, "C.local", "C.local");
  assert_ids (snapshot, "C.local one two");
  assert_true (disco_snapshot_remove (snapshot, "A.local"));
  assert_false (disco_snapshot_remove (snapshot, "A.local"));
  assert_ids (snapshot, "C.local two");
}

static void
instance_is_got_by_its_name_as_it_was_put (void **state)
{
  g_autoptr (DiscoSnapshot) snapshot = disco_snapshot_new ();
  g_autoptr (DiscoInstance) a = make_instance ("one", 1);
  g_autoptr (DiscoInstance) b = make_instance ("one", 2);

  assert_null (disco_snapshot_get (snapshot, "A.local"));
  disco_snapshot_put (snapshot, "A.local", a);
  disco_snapshot_put (snapshot, "B.local", b);
  assert_ptr_equal (disco_snapshot_get (snapshot, "A.local"), a);
  assert_ptr_equal (disco_snapshot_get (snapshot, "B.local"), b);
  assert_true (disco_snapshot_remove (snapshot, "B.local"));
  assert_null (disco_snapshot_get (snapshot, "B.local"));
  assert_null (disco_snapshot_get (snapshot, "one"));
}

static void
smallest_name_keeps_a_contested_id (void **state)
{
  g_autoptr (DiscoSnapshot) snapshot = disco_snapshot_new ();

  put (snapshot, "B.local", "one");
  put (snapshot, "C.local", "one");
  assert_ids (snapshot, "C.local one");
  put (snapshot, "A.local", "one");
  assert_ids (snapshot, "B.local C.local one");
  /* "a" is after "C" by strcmp */
  put (snapshot, "a.local", "one");
  assert_ids (snapshot, "B.local C.local a.local one");
  assert_true (disco_snapshot_remove (snapshot, "A.local"));
  assert_ids (snapshot, "C.local a.local one");
  assert_true (disco_snapshot_remove (snapshot, "a.local"));
  assert_true (disco_snapshot_remove (snapshot, "B.local"));
  assert_ids (snapshot, "one");
}

static void
name_that_changes_its_claim_gives_the_id_free (void **state)
{
  g_autoptr (DiscoSnapshot) snapshot = disco_snapshot_new ();

  put (snapshot, "A.local", "one");
  put (snapshot, "B.local", "one");
  put (snapshot, "A.local", "two");
  assert_ids (snapshot, "one two");
  put (snapshot, "A.local", "A.local");
  assert_ids (snapshot, "A.local one");
  put (snapshot, "A.local", "one");
  assert_ids (snapshot, "B.local one");
}

static void
full_name_of_another_cannot_be_claimed (void **state)
{
  g_autoptr (DiscoSnapshot) snapshot = disco_snapshot_new ();

  put (snapshot, "A.local", "B.local");
  assert_ids (snapshot, "B.local");
  /* B comes, under an id of its own: its name is not to be had all the same. */
  put (snapshot, "B.local", "two");
  assert_ids (snapshot, "A.local two");
  put (snapshot, "B.local", "B.local");
  assert_ids (snapshot, "A.local B.local");
  assert_true (disco_snapshot_remove (snapshot, "B.local"));
  assert_ids (snapshot, "B.local");
}

static void
names_that_claim_each_other_s_name_keep_their_own (void **state)
{
  g_autoptr (DiscoSnapshot) snapshot = disco_snapshot_new ();

  put (snapshot, "A.local", "B.local");
  put (snapshot, "B.local", "A.local");
  assert_ids (snapshot, "A.local B.local");
}

static DiscoInstance *
find (GPtrArray *list, guint16 port)
{
  for (guint i = 0; i < list->len; i++)
    if (disco_instance_get_port (g_ptr_array_index (list, i)) == port)
      return g_ptr_array_index (list, i);
  return NULL;
}

static void
instance_that_has_its_id_is_the_very_object (void **state)
{
  g_autoptr (DiscoSnapshot) snapshot = disco_snapshot_new ();
  g_autoptr (DiscoInstance) instance = make_instance ("one", 80);
  g_autoptr (GPtrArray) list = NULL;

  disco_snapshot_put (snapshot, "A.local", instance);
  list = disco_snapshot_list (snapshot);
  assert_ptr_equal (g_ptr_array_index (list, 0), instance);
}

static void
names_that_did_not_change_keep_their_objects (void **state)
{
  g_autoptr (DiscoSnapshot) snapshot = disco_snapshot_new ();
  g_autoptr (DiscoInstance) a = make_instance ("one", 1);
  g_autoptr (DiscoInstance) a_again = make_instance ("one", 11);
  g_autoptr (DiscoInstance) b = make_instance ("one", 2);
  g_autoptr (DiscoInstance) c = make_instance ("three", 3);
  g_autoptr (GPtrArray) before = NULL;
  g_autoptr (GPtrArray) after = NULL;

  disco_snapshot_put (snapshot, "A.local", a);
  disco_snapshot_put (snapshot, "B.local", b);
  disco_snapshot_put (snapshot, "C.local", c);
  before = disco_snapshot_list (snapshot);
  disco_snapshot_put (snapshot, "A.local", a_again);
  disco_snapshot_put (snapshot, "B.local", b);
  put (snapshot, "D.local", "four");
  after = disco_snapshot_list (snapshot);
  assert_ptr_equal (find (after, 11), a_again);
  /* B goes by its full name, in an object made for it once. */
  assert_ptr_not_equal (find (before, 2), b);
  assert_ptr_equal (find (after, 2), find (before, 2));
  assert_ptr_equal (find (after, 3), find (before, 3));
}

static void
order_stays_while_the_names_do (void **state)
{
  g_autoptr (DiscoSnapshot) snapshot = disco_snapshot_new ();
  g_autoptr (GPtrArray) before = NULL;
  g_autoptr (GPtrArray) after = NULL;
  char name[] = "A.local";

  for (name[0] = 'A'; name[0] <= 'Z'; name[0]++)
    put (snapshot, name, name);
  before = disco_snapshot_list (snapshot);
  for (name[0] = 'Z'; name[0] >= 'A'; name[0]--)
    put (snapshot, name, name);
  after = disco_snapshot_list (snapshot);
  for (guint i = 0; i < before->len; i++)
    assert_string_equal (disco_instance_get_id (g_ptr_array_index (before, i)),
                         disco_instance_get_id (g_ptr_array_index (after, i)));
}

/* --- against an oracle --- */

#define N_NAMES 12

typedef struct
{
  const char *names[N_NAMES];
  const char *claims[N_NAMES]; /* NULL: the name is not there */
} Model;

static const Model empty_model = {
  .names = { "A.l", "B.l", "C.l", "D.l", "E.l", "F.l", "a.l", "b.l", "A", "B", "_", "A.l.l" },
};

/* An id is one of few, and often a name. */
static const char *
random_claim (GRand *rand)
{
  static const char *const ids[] = { "one", "two", "three" };
  gint32 i = g_rand_int_range (rand, 0, 6);

  return i < 3 ? ids[i] : empty_model.names[g_rand_int_range (rand, 0, N_NAMES)];
}

/* The rule, as it is written. */
static const char *
id_by_the_rule (const Model *model, int i)
{
  for (int j = 0; j < N_NAMES; j++)
    {
      if (model->claims[j] == NULL || j == i)
        continue;
      if (g_str_equal (model->names[j], model->claims[i]))
        return model->names[i];
      if (g_str_equal (model->claims[j], model->claims[i])
          && !g_str_equal (model->claims[i], model->names[i])
          && strcmp (model->names[j], model->names[i]) < 0)
        return model->names[i];
    }
  return model->claims[i];
}

static void
assert_model (const Model *model, DiscoSnapshot *snapshot)
{
  g_autoptr (GPtrArray) list = disco_snapshot_list (snapshot);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  guint n = 0;

  for (int i = 0; i < N_NAMES; i++)
    {
      DiscoInstance *instance = find (list, (guint16)(i + 1));

      if ((instance != NULL) != (model->claims[i] != NULL))
        fail_msg ("%s is %sthere", model->names[i], instance != NULL ? "" : "not ");
      if (instance == NULL)
        continue;
      n++;
      assert_string_equal (disco_instance_get_id (instance), id_by_the_rule (model, i));
      assert_true (g_hash_table_add (seen, (char *)disco_instance_get_id (instance)));
    }
  assert_int_equal (list->len, n);
}

static void
step (Model *model, DiscoSnapshot *snapshot, GRand *rand)
{
  int i = g_rand_int_range (rand, 0, N_NAMES);

  if (g_rand_int_range (rand, 0, 3) == 0)
    {
      assert_int_equal (disco_snapshot_remove (snapshot, model->names[i]),
                        model->claims[i] != NULL);
      model->claims[i] = NULL;
    }
  else
    {
      g_autoptr (DiscoInstance) instance = NULL;

      model->claims[i] = random_claim (rand);
      instance = make_instance (model->claims[i], (guint16)(i + 1));
      disco_snapshot_put (snapshot, model->names[i], instance);
    }
}

static void
random_changes_follow_the_rule (void **state)
{
  g_autoptr (GRand) rand = test_rand_new ();

  for (int round = 0; round < 100; round++)
    {
      g_autoptr (DiscoSnapshot) snapshot = disco_snapshot_new ();
      Model model = empty_model;

      for (int i = 0; i < 200; i++)
        {
          step (&model, snapshot, rand);
          assert_model (&model, snapshot);
        }
    }
}

static void
ids_do_not_depend_on_the_order_of_arrival (void **state)
{
  g_autoptr (GRand) rand = test_rand_new ();

  for (int round = 0; round < 500; round++)
    {
      g_autofree char *expected = NULL;
      const char *claims[N_NAMES];
      int order[N_NAMES];

      for (int i = 0; i < N_NAMES; i++)
        {
          claims[i] = random_claim (rand);
          order[i] = i;
        }
      for (int turn = 0; turn < 4; turn++)
        {
          g_autoptr (DiscoSnapshot) snapshot = disco_snapshot_new ();
          g_autofree char *ids = NULL;

          for (int i = 0; i < N_NAMES; i++)
            put (snapshot, empty_model.names[order[i]], claims[order[i]]);
          ids = list_ids (snapshot);
          if (expected == NULL)
            expected = g_strdup (ids);
          assert_string_equal (ids, expected);
          for (int i = N_NAMES - 1; i > 0; i--)
            {
              int j = g_rand_int_range (rand, 0, i + 1);
              int swap = order[i];

              order[i] = order[j];
              order[j] = swap;
            }
        }
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (new_snapshot_is_empty),
    cmocka_unit_test (ids_that_nobody_else_claims_are_kept),
    cmocka_unit_test (instance_is_got_by_its_name_as_it_was_put),
    cmocka_unit_test (smallest_name_keeps_a_contested_id),
    cmocka_unit_test (name_that_changes_its_claim_gives_the_id_free),
    cmocka_unit_test (full_name_of_another_cannot_be_claimed),
    cmocka_unit_test (names_that_claim_each_other_s_name_keep_their_own),
    cmocka_unit_test (instance_that_has_its_id_is_the_very_object),
    cmocka_unit_test (names_that_did_not_change_keep_their_objects),
    cmocka_unit_test (order_stays_while_the_names_do),
    cmocka_unit_test (random_changes_follow_the_rule),
    cmocka_unit_test (ids_do_not_depend_on_the_order_of_arrival),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
