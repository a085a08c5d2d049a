/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-agent.h"
#include "test-events.h"

/* What a model around the list has, such as GtkSortListModel: the rows by what it was told. It
 * fails the test where the list is not what it was told. */
typedef struct
{
  GListModel *list; /* (not owned) */
  GPtrArray *rows;  /* (owned) (element (owned) DiscoInstance) */
  GString *told;    /* "position -removed +added" of each signal, separated by blanks */
} Mirror;

static DiscoService *
open_service (TestAgent *agent, const char *const *tags)
{
  return disco_agent_open_service (DISCO_AGENT (agent), "a", tags, NULL);
}

static void
assert_mirrors (Mirror *self)
{
  assert_int_equal (g_list_model_get_n_items (self->list), self->rows->len);
  for (guint i = 0; i < self->rows->len; i++)
    {
      g_autoptr (DiscoInstance) row = g_list_model_get_item (self->list, i);

      assert_ptr_equal (row, self->rows->pdata[i]);
    }
  assert_null (g_list_model_get_item (self->list, self->rows->len));
}

/* A range that could be shorter makes widgets anew for nothing. */
static void
assert_both_ends_changed (Mirror *self, guint position, guint n_removed, guint n_added)
{
  g_autoptr (DiscoInstance) first = NULL;
  g_autoptr (DiscoInstance) last = NULL;

  assert_true (n_removed + n_added > 0);
  if (n_removed == 0 || n_added == 0)
    return;
  first = g_list_model_get_item (self->list, position);
  last = g_list_model_get_item (self->list, position + n_added - 1);
  assert_ptr_not_equal (first, self->rows->pdata[position]);
  assert_ptr_not_equal (last, self->rows->pdata[position + n_removed - 1]);
}

static void
on_items_changed (GListModel *list, guint position, guint n_removed, guint n_added, Mirror *self)
{
  g_string_append_printf (self->told, "%s%u -%u +%u", self->told->len > 0 ? " " : "", position,
                          n_removed, n_added);
  assert_in_range (position + n_removed, 0, self->rows->len);
  assert_both_ends_changed (self, position, n_removed, n_added);
  if (n_removed > 0)
    g_ptr_array_remove_range (self->rows, position, n_removed);
  for (guint i = position; i < position + n_added; i++)
    g_ptr_array_insert (self->rows, (int)i, g_list_model_get_item (list, i));
  assert_mirrors (self);
}

static void
mirror_init (Mirror *self, DiscoInstanceList *list)
{
  self->list = G_LIST_MODEL (list);
  self->rows = g_ptr_array_new_with_free_func (g_object_unref);
  self->told = g_string_new (NULL);
  for (guint i = 0; i < g_list_model_get_n_items (self->list); i++)
    g_ptr_array_add (self->rows, g_list_model_get_item (self->list, i));
  assert_mirrors (self);
  g_signal_connect (list, "items-changed", G_CALLBACK (on_items_changed), self);
}

static void
mirror_clear (Mirror *self)
{
  g_ptr_array_unref (self->rows);
  g_string_free (self->told, TRUE);
}

static void
mirror_assert_told (Mirror *self, const char *expected)
{
  test_dispatch_pending ();
  assert_string_equal (self->told->str, expected);
  g_string_truncate (self->told, 0);
}

/* (transfer full): the rows as "id:port", separated by blanks */
static char *
rows_to_string (GListModel *list)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (list); i++)
    {
      g_autoptr (DiscoInstance) row = g_list_model_get_item (list, i);

      g_string_append_printf (text, "%s%s:%u", i > 0 ? " " : "", disco_instance_get_id (row),
                              disco_instance_get_port (row));
    }
  return g_string_free (text, FALSE);
}

static void
assert_rows (DiscoInstanceList *list, const char *expected)
{
  g_autofree char *rows = rows_to_string (G_LIST_MODEL (list));

  assert_string_equal (rows, expected);
}

static void
what_is_known_is_in_the_list_when_it_is_made (void **state)
{
  g_autoptr (TestAgent) agent = test_agent_new ();
  g_autoptr (DiscoService) service = open_service (agent, NULL);
  g_autoptr (DiscoInstanceList) list = NULL;

  test_agent_push (agent, "a", "one:1 two:2", TRUE);
  list = disco_instance_list_new (service);
  assert_rows (list, "one:1 two:2");
  assert_true (disco_instance_list_get_synced (list));
  assert_ptr_equal (disco_instance_list_get_service (list), service);
}

static void
it_has_the_properties_of_a_list_model (void **state)
{
  g_autoptr (TestAgent) agent = test_agent_new ();
  g_autoptr (DiscoService) service = open_service (agent, NULL);
  g_autoptr (DiscoInstanceList) list = disco_instance_list_new (service);
  g_autoptr (DiscoService) got = NULL;
  gboolean synced = TRUE;
  GType type = G_TYPE_NONE;
  guint n_items = 0;

  test_agent_push (agent, "a", "one:1 two:2", FALSE);
  test_dispatch_pending ();
  g_object_get (list, "service", &got, "synced", &synced, "item-type", &type, "n-items", &n_items,
                NULL);
  assert_ptr_equal (got, service);
  assert_false (synced);
  assert_true (type == DISCO_TYPE_INSTANCE);
  assert_true (g_list_model_get_item_type (G_LIST_MODEL (list)) == DISCO_TYPE_INSTANCE);
  assert_int_equal (n_items, 2);
}

static void
without_a_service_it_stays_empty (void **state)
{
  g_autoptr (DiscoInstanceList) list = g_object_new (DISCO_TYPE_INSTANCE_LIST, NULL);

  assert_null (disco_instance_list_get_service (list));
  assert_false (disco_instance_list_get_synced (list));
  assert_rows (list, "");
}

/* What a list with rows one:1 two:1 three:1 four:1 makes of the next snapshot */
typedef struct
{
  const char *rule;
  const char *next;
  const char *told;
  const char *rows;
} Row;

static void
check_row (const Row *row)
{
  g_autoptr (TestAgent) agent = test_agent_new ();
  g_autoptr (DiscoService) service = open_service (agent, NULL);
  g_autoptr (DiscoInstanceList) list = NULL;
  g_autofree char *rows = NULL;
  Mirror mirror;

  test_agent_push (agent, "a", "one:1 two:1 three:1 four:1", TRUE);
  list = disco_instance_list_new (service);
  mirror_init (&mirror, list);
  test_agent_push (agent, "a", row->next, TRUE);
  test_dispatch_pending ();
  rows = rows_to_string (G_LIST_MODEL (list));
  if (!g_str_equal (mirror.told->str, row->told) || !g_str_equal (rows, row->rows))
    fail_msg ("%s: told %s, has %s", row->rule, mirror.told->str, rows);
  mirror_clear (&mirror);
}

static void
a_batch_is_one_signal_from_its_first_row_to_its_last (void **state)
{
  static const Row rows[] = {
    { "nothing", "one:1 two:1 three:1 four:1", "", "one:1 two:1 three:1 four:1" },
    { "a new one comes last", "new:1 one:1 two:1 three:1 four:1", "4 -0 +1",
      "one:1 two:1 three:1 four:1 new:1" },
    { "two new ones", "one:1 two:1 three:1 four:1 x:1 y:1", "4 -0 +2",
      "one:1 two:1 three:1 four:1 x:1 y:1" },
    { "the first one goes", "two:1 three:1 four:1", "0 -1 +0", "two:1 three:1 four:1" },
    { "the last one goes", "one:1 two:1 three:1", "3 -1 +0", "one:1 two:1 three:1" },
    { "all go", "", "0 -4 +0", "" },
    { "an update stays in its place", "one:1 two:2 three:1 four:1", "1 -1 +1",
      "one:1 two:2 three:1 four:1" },
    { "two updates", "one:1 two:2 three:1 four:2", "1 -3 +3", "one:1 two:2 three:1 four:2" },
    { "two go, apart", "two:1 four:1", "0 -3 +1", "two:1 four:1" },
    { "one goes, one changes", "one:1 three:1 four:2", "1 -3 +2", "one:1 three:1 four:2" },
    { "one changes, one goes", "one:2 two:1 four:1", "0 -3 +2", "one:2 two:1 four:1" },
    { "one goes, one comes", "one:1 two:1 four:1 new:1", "2 -2 +2", "one:1 two:1 four:1 new:1" },
    { "one changes, one comes", "one:1 two:1 three:1 four:2 new:1", "3 -1 +2",
      "one:1 two:1 three:1 four:2 new:1" },
    { "all others", "x:1 y:1", "0 -4 +2", "x:1 y:1" },
    { "each of them", "two:2 three:1 x:1", "0 -4 +3", "two:2 three:1 x:1" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    check_row (&rows[i]);
}

static void
what_happens_before_the_context_runs_is_one_batch (void **state)
{
  g_autoptr (TestAgent) agent = test_agent_new ();
  g_autoptr (DiscoService) service = open_service (agent, NULL);
  g_autoptr (DiscoInstanceList) list = disco_instance_list_new (service);
  Mirror mirror;

  mirror_init (&mirror, list);
  test_agent_push (agent, "a", "one:1", FALSE);
  test_agent_push (agent, "a", "one:2 two:1", FALSE);
  test_agent_push (agent, "a", "two:2 three:1", TRUE);
  assert_rows (list, "");
  mirror_assert_told (&mirror, "0 -0 +2");
  test_agent_push (agent, "a", "two:2 three:1 four:1", TRUE);
  test_agent_push (agent, "a", "two:2 three:1", TRUE);
  mirror_assert_told (&mirror, "");
  mirror_clear (&mirror);
}

static void
rows_are_the_instances_with_the_services_tags (void **state)
{
  const char *tags[] = { "x", NULL };
  g_autoptr (TestAgent) agent = test_agent_new ();
  g_autoptr (DiscoService) service = open_service (agent, tags);
  g_autoptr (DiscoInstanceList) list = NULL;
  Mirror mirror;

  test_agent_push (agent, "a", "one:1/x two:1 three:1/y/x", TRUE);
  list = disco_instance_list_new (service);
  mirror_init (&mirror, list);
  assert_rows (list, "one:1 three:1");
  test_agent_push (agent, "a", "one:1 two:1/x three:1/y/x", TRUE);
  mirror_assert_told (&mirror, "0 -2 +2");
  assert_rows (list, "three:1 two:1");
  mirror_clear (&mirror);
}

/* What was notified, as "property:rows at that time", separated by blanks */
static void
on_notify (GObject *object, GParamSpec *pspec, GString *notified)
{
  g_string_append_printf (notified, "%s%s:%u", notified->len > 0 ? " " : "", pspec->name,
                          g_list_model_get_n_items (G_LIST_MODEL (object)));
}

static void
synced_and_n_items_are_notified_when_the_rows_are_there (void **state)
{
  g_autoptr (TestAgent) agent = test_agent_new ();
  g_autoptr (DiscoService) service = open_service (agent, NULL);
  g_autoptr (DiscoInstanceList) list = disco_instance_list_new (service);
  g_autoptr (GString) notified = g_string_new (NULL);

  g_signal_connect (list, "notify", G_CALLBACK (on_notify), notified);
  test_agent_push (agent, "a", "one:1", FALSE);
  test_dispatch_pending ();
  assert_string_equal (notified->str, "n-items:1");
  test_agent_push (agent, "a", "one:1 two:1", TRUE);
  assert_true (disco_service_get_synced (service));
  assert_false (disco_instance_list_get_synced (list));
  test_dispatch_pending ();
  assert_string_equal (notified->str, "n-items:1 n-items:2 synced:2");
  assert_true (disco_instance_list_get_synced (list));
  test_agent_push (agent, "a", "one:2 two:1", TRUE);
  test_dispatch_pending ();
  assert_string_equal (notified->str, "n-items:1 n-items:2 synced:2");
}

static void
an_empty_list_too_becomes_synced (void **state)
{
  g_autoptr (TestAgent) agent = test_agent_new ();
  g_autoptr (DiscoService) service = open_service (agent, NULL);
  g_autoptr (DiscoInstanceList) list = disco_instance_list_new (service);
  g_autoptr (GString) notified = g_string_new (NULL);
  Mirror mirror;

  mirror_init (&mirror, list);
  g_signal_connect (list, "notify", G_CALLBACK (on_notify), notified);
  test_agent_push (agent, "a", "", TRUE);
  mirror_assert_told (&mirror, "");
  assert_string_equal (notified->str, "synced:0");
  test_agent_push (agent, "a", "one:1", TRUE);
  mirror_assert_told (&mirror, "0 -0 +1");
  mirror_clear (&mirror);
}

static gpointer
push_one (gpointer data)
{
  test_agent_push (data, "a", "one:1", TRUE);
  return NULL;
}

static void
note_context (GListModel *list, guint position, guint n_removed, guint n_added, gpointer data)
{
  *(GMainContext **)data = g_main_context_get_thread_default ();
}

static void
it_changes_in_the_context_in_which_it_was_made (void **state)
{
  GMainContext *own = *state;
  GMainContext *signalled = NULL;
  g_autoptr (GMainContext) other = g_main_context_new ();
  g_autoptr (TestAgent) agent = test_agent_new ();
  g_autoptr (DiscoService) service = NULL;
  g_autoptr (DiscoInstanceList) list = NULL;

  g_main_context_push_thread_default (other);
  service = open_service (agent, NULL);
  g_main_context_pop_thread_default (other);
  list = disco_instance_list_new (service);
  g_signal_connect (list, "items-changed", G_CALLBACK (note_context), &signalled);
  g_thread_join (g_thread_new ("push", push_one, agent));
  while (g_main_context_iteration (other, FALSE))
    ;
  assert_rows (list, "");
  assert_false (disco_instance_list_get_synced (list));
  test_dispatch_pending ();
  assert_ptr_equal (signalled, own);
  assert_rows (list, "one:1");
}

static void
it_holds_its_service_and_lets_go_of_it (void **state)
{
  g_autoptr (TestAgent) agent = test_agent_new ();
  DiscoService *service = open_service (agent, NULL);
  DiscoInstanceList *list = disco_instance_list_new (service);

  g_object_unref (service);
  test_agent_push (agent, "a", "one:1", TRUE);
  test_dispatch_pending ();
  assert_rows (list, "one:1");
  g_object_unref (list);
  test_dispatch_pending (); /* the call under way ends, with the watcher */
  assert_int_equal (test_agent_get_n_stopped (agent), 1);
}

static void
it_may_be_dropped_with_a_batch_under_way (void **state)
{
  g_autoptr (TestAgent) agent = test_agent_new ();
  g_autoptr (DiscoService) service = open_service (agent, NULL);
  DiscoInstanceList *list = disco_instance_list_new (service);
  Mirror mirror;

  mirror_init (&mirror, list);
  test_agent_push (agent, "a", "one:1", TRUE);
  g_object_unref (list);
  mirror_assert_told (&mirror, "");
  mirror_clear (&mirror);
}

static gpointer
unref_in_thread (gpointer data)
{
  g_object_unref (data);
  return NULL;
}

static void
the_last_reference_may_be_dropped_in_any_thread (void **state)
{
  for (guint round = 0; round < 200; round++)
    {
      g_autoptr (TestAgent) agent = test_agent_new ();
      g_autoptr (DiscoService) service = open_service (agent, NULL);
      DiscoInstanceList *list = disco_instance_list_new (service);
      GThread *thread;

      test_agent_push (agent, "a", "one:1", TRUE);
      thread = g_thread_new ("unref", unref_in_thread, list);
      test_dispatch_pending ();
      g_thread_join (thread);
      test_dispatch_pending ();
    }
}

static void
unref_in_handler (GListModel *list, guint position, guint n_removed, guint n_added, gpointer data)
{
  g_clear_object ((DiscoInstanceList **)data);
}

static void
dispose_in_handler (GListModel *list, guint position, guint n_removed, guint n_added, gpointer data)
{
  g_object_run_dispose (G_OBJECT (list));
}

static void
a_handler_may_drop_or_dispose_of_the_list (void **state)
{
  g_autoptr (TestAgent) agent = test_agent_new ();
  g_autoptr (DiscoService) service = open_service (agent, NULL);
  DiscoInstanceList *dropped = disco_instance_list_new (service);
  g_autoptr (DiscoInstanceList) disposed = disco_instance_list_new (service);

  g_signal_connect (dropped, "items-changed", G_CALLBACK (unref_in_handler), &dropped);
  g_signal_connect (disposed, "items-changed", G_CALLBACK (dispose_in_handler), NULL);
  test_agent_push (agent, "a", "one:1", TRUE);
  test_dispatch_pending ();
  assert_null (dropped);
  assert_rows (disposed, "one:1");
  test_agent_push (agent, "a", "one:2", TRUE);
  test_dispatch_pending ();
  assert_rows (disposed, "one:1");
}

static void
the_list_may_outlive_its_context (void **state)
{
  g_autoptr (TestAgent) agent = test_agent_new ();
  g_autoptr (DiscoService) service = open_service (agent, NULL);
  g_autoptr (DiscoInstanceList) list = NULL;
  GMainContext *context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  list = disco_instance_list_new (service);
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
  test_agent_push (agent, "a", "one:1", TRUE);
  assert_rows (list, "");
}

static void
push_and_iterate (GListModel *list, guint position, guint n_removed, guint n_added, gpointer data)
{
  if (g_list_model_get_n_items (list) == 1)
    test_agent_push (data, "a", "one:1 two:1", TRUE);
  test_dispatch_pending ();
  assert_int_equal (g_list_model_get_n_items (list), position + n_added);
}

static void
a_handler_that_iterates_the_context_does_not_meet_the_next_batch (void **state)
{
  g_autoptr (TestAgent) agent = test_agent_new ();
  g_autoptr (DiscoService) service = open_service (agent, NULL);
  g_autoptr (DiscoInstanceList) list = disco_instance_list_new (service);

  g_signal_connect (list, "items-changed", G_CALLBACK (push_and_iterate), agent);
  test_agent_push (agent, "a", "one:1", TRUE);
  test_dispatch_pending ();
  assert_rows (list, "one:1 two:1");
}

/* (transfer full): some of twenty instances, each in one of a few states */
static char *
make_random_text (GRand *rand)
{
  GString *text = g_string_new (NULL);
  const int density = g_rand_int_range (rand, 0, 5);

  for (guint id = 0; id < 20; id++)
    if (g_rand_int_range (rand, 0, 4) < density)
      g_string_append_printf (text, " %u:%d%s", id, g_rand_int_range (rand, 1, 4),
                              g_rand_boolean (rand) ? "/x" : "");
  return g_string_free (text, FALSE);
}

static guint
find_row (GPtrArray *rows, DiscoInstance *instance)
{
  for (guint i = 0; i < rows->len; i++)
    if (g_str_equal (disco_instance_get_id (rows->pdata[i]), disco_instance_get_id (instance)))
      return i;
  return G_MAXUINT;
}

/* What was there and still is has kept its order, and what is new comes after it. */
static void
assert_order (GPtrArray *before, GPtrArray *now)
{
  guint last = 0;

  for (guint i = 0; i < now->len; i++)
    {
      const guint old = find_row (before, now->pdata[i]);

      assert_true (old >= last);
      last = old;
    }
}

static void
assert_is_snapshot (DiscoService *service, GPtrArray *rows)
{
  g_autoptr (GPtrArray) instances = disco_service_get_instances (service);

  assert_int_equal (rows->len, instances->len);
  for (guint i = 0; i < instances->len; i++)
    {
      const guint position = find_row (rows, instances->pdata[i]);

      assert_int_not_equal (position, G_MAXUINT);
      assert_true (disco_instance_equal (rows->pdata[position], instances->pdata[i]));
    }
}

static GPtrArray *
copy_rows (GPtrArray *rows)
{
  GPtrArray *copy = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < rows->len; i++)
    g_ptr_array_add (copy, g_object_ref (rows->pdata[i]));
  return copy;
}

static void
run_random_steps (GRand *rand, const char *const *tags)
{
  g_autoptr (TestAgent) agent = test_agent_new ();
  g_autoptr (DiscoService) service = open_service (agent, tags);
  g_autoptr (DiscoInstanceList) list = disco_instance_list_new (service);
  Mirror mirror;

  mirror_init (&mirror, list);
  for (guint step = 0; step < 100; step++)
    {
      g_autoptr (GPtrArray) before = copy_rows (mirror.rows);

      for (int n = g_rand_int_range (rand, 1, 4); n > 0; n--)
        {
          g_autofree char *text = make_random_text (rand);

          test_agent_push (agent, "a", text, step > 10);
        }
      test_dispatch_pending ();
      /* one signal at most */
      assert_ptr_equal (strchr (mirror.told->str, '+'), strrchr (mirror.told->str, '+'));
      g_string_truncate (mirror.told, 0);
      assert_order (before, mirror.rows);
      assert_is_snapshot (service, mirror.rows);
      assert_int_equal (disco_instance_list_get_synced (list), step > 10);
    }
  mirror_clear (&mirror);
}

static void
at_random_who_replays_the_signals_has_what_is_true (void **state)
{
  const char *tags[] = { "x", NULL };
  g_autoptr (GRand) rand = test_rand_new ();

  for (guint round = 0; round < 20; round++)
    run_random_steps (rand, round % 2 == 0 ? NULL : tags);
}

static gpointer
push_many (gpointer data)
{
  for (guint i = 1; i <= 500; i++)
    {
      g_autofree char *text = g_strdup_printf ("one:%u passing-%u:1", i, i / 2);

      test_agent_push (data, "a", text, i > 100);
    }
  test_agent_push (data, "a", "last:1", TRUE);
  return NULL;
}

static gboolean
has_last_only (gpointer data)
{
  g_autofree char *rows = rows_to_string (data);

  return g_str_equal (rows, "last:1");
}

static void
producer_and_list_may_race (void **state)
{
  g_autoptr (TestAgent) agent = test_agent_new ();
  g_autoptr (DiscoService) service = open_service (agent, NULL);
  g_autoptr (DiscoInstanceList) list = disco_instance_list_new (service);
  GThread *thread = NULL;
  Mirror mirror;

  mirror_init (&mirror, list);
  thread = g_thread_new ("push", push_many, agent);
  test_wait_until (NULL, has_last_only, list);
  assert_true (disco_instance_list_get_synced (list));
  g_thread_join (thread);
  mirror_clear (&mirror);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    test_in_own_context (what_is_known_is_in_the_list_when_it_is_made),
    test_in_own_context (it_has_the_properties_of_a_list_model),
    test_in_own_context (without_a_service_it_stays_empty),
    test_in_own_context (a_batch_is_one_signal_from_its_first_row_to_its_last),
    test_in_own_context (what_happens_before_the_context_runs_is_one_batch),
    test_in_own_context (rows_are_the_instances_with_the_services_tags),
    test_in_own_context (synced_and_n_items_are_notified_when_the_rows_are_there),
    test_in_own_context (an_empty_list_too_becomes_synced),
    test_in_own_context (it_changes_in_the_context_in_which_it_was_made),
    test_in_own_context (it_holds_its_service_and_lets_go_of_it),
    test_in_own_context (it_may_be_dropped_with_a_batch_under_way),
    test_in_own_context (the_last_reference_may_be_dropped_in_any_thread),
    test_in_own_context (a_handler_may_drop_or_dispose_of_the_list),
    test_in_own_context (the_list_may_outlive_its_context),
    test_in_own_context (a_handler_that_iterates_the_context_does_not_meet_the_next_batch),
    test_in_own_context (at_random_who_replays_the_signals_has_what_is_true),
    test_in_own_context (producer_and_list_may_race),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
