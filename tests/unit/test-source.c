/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-source-private.h"
#include "test-events.h"

#define N_THREADS 8
#define N_ROUNDS 2000

/* A producer that counts */
typedef struct
{
  DiscoSourceTable *table;
  int n_started; /* atomic, as the next */
  int n_stopped;
} Producer;

static void
on_start (gpointer owner, DiscoSource *source)
{
  Producer *self = owner;
  g_atomic_int_inc (&self->n_started);
}

static void
on_stop (gpointer owner, DiscoSource *source)
{
  Producer *self = owner;
  g_atomic_int_inc (&self->n_stopped);
  disco_source_free (source);
}

static const DiscoSourceFuncs source_funcs = { on_start, on_stop };

static int
producer_set_up (void **state)
{
  Producer *self = g_new0 (Producer, 1);

  self->table = disco_source_table_new (&source_funcs, self);
  *state = self;
  return 0;
}

static int
producer_tear_down (void **state)
{
  Producer *self = *state;

  disco_source_table_free (self->table);
  assert_int_equal (self->n_started, self->n_stopped);
  g_free (self);
  return 0;
}

static DiscoSource *
producer_open (Producer *self, const char *name)
{
  return disco_source_table_open (self->table, name, "_test._tcp", NULL, NULL);
}

static void
push (DiscoSource *source, const char *text, gboolean synced)
{
  g_autoptr (GPtrArray) instances = test_instances_new (text);

  disco_source_set_snapshot (source, instances, synced);
}

static void
source_starts_with_its_first_use_and_stops_with_its_last (void **state)
{
  Producer *self = *state;
  DiscoSource *source = producer_open (self, "a");

  assert_int_equal (self->n_started, 1);
  assert_ptr_equal (disco_source_ref (source), source);
  disco_source_unref (source);
  assert_int_equal (self->n_stopped, 0);
  disco_source_unref (source);
  assert_int_equal (self->n_stopped, 1);
}

static void
all_who_look_for_one_name_share_one_source (void **state)
{
  Producer *self = *state;
  g_autoptr (DiscoSource) a = producer_open (self, "a");
  g_autoptr (DiscoSource) again = producer_open (self, "a");
  g_autoptr (DiscoSource) b = producer_open (self, "b");

  assert_ptr_equal (a, again);
  assert_ptr_not_equal (a, b);
  assert_int_equal (self->n_started, 2);
  assert_string_equal (disco_source_get_name (b), "b");
  assert_string_equal (disco_source_get_service_type (b), "_test._tcp");
}

static void
name_opened_again_after_its_stop_is_a_new_source (void **state)
{
  Producer *self = *state;
  g_autoptr (DiscoSource) source = NULL;

  disco_source_unref (producer_open (self, "a"));
  source = producer_open (self, "a");
  assert_int_equal (self->n_started, 2);
  assert_int_equal (self->n_stopped, 1);
  assert_false (disco_source_get_synced (source));
}

static void
free_counter (gpointer data)
{
  ++*(int *)data;
}

static void
producers_data_is_kept_with_a_new_source_and_freed_with_an_old_one (void **state)
{
  Producer *self = *state;
  int n_kept = 0, n_spare = 0;
  DiscoSource *source
      = disco_source_table_open (self->table, "a", "_test._tcp", &n_kept, free_counter);
  DiscoSource *again
      = disco_source_table_open (self->table, "a", "_test._tcp", &n_spare, free_counter);

  assert_int_equal (n_spare, 1);
  assert_ptr_equal (disco_source_get_data (again), &n_kept);
  disco_source_unref (source);
  assert_int_equal (n_kept, 0);
  disco_source_unref (again);
  assert_int_equal (n_kept, 1);
}

static void
assert_instances (DiscoSource *source, const char *const *tags, guint expected)
{
  g_autoptr (GPtrArray) instances = disco_source_get_instances (source, tags);

  assert_int_equal (instances->len, expected);
}

static void
instances_are_what_was_pushed_last_with_all_of_the_tags (void **state)
{
  g_autoptr (DiscoSource) source = producer_open (*state, "a");
  const char *t[] = { "t", NULL };
  const char *tu[] = { "u", "t", NULL };
  const char *none[] = { NULL };

  assert_instances (source, NULL, 0);
  push (source, "a:1 b:1/t c:1/t/u", FALSE);
  assert_instances (source, NULL, 3);
  assert_instances (source, none, 3);
  assert_instances (source, t, 2);
  assert_instances (source, tu, 1);
  push (source, "a:1", FALSE);
  assert_instances (source, NULL, 1);
}

static void
table_has_the_instances_of_all_its_sources (void **state)
{
  Producer *self = *state;
  g_autoptr (GPtrArray) none = disco_source_table_dup_instances (self->table);
  g_autoptr (DiscoSource) first = producer_open (self, "a");
  g_autoptr (DiscoSource) second = producer_open (self, "b");
  g_autoptr (GPtrArray) all = NULL;
  g_autoptr (GPtrArray) left = NULL;

  assert_int_equal (none->len, 0);
  push (first, "x:1 y:1", FALSE);
  push (second, "z:1", TRUE);
  all = disco_source_table_dup_instances (self->table);
  assert_int_equal (all->len, 3);
  g_clear_pointer (&first, disco_source_unref);
  assert_int_equal (self->n_stopped, 1);
  left = disco_source_table_dup_instances (self->table);
  assert_int_equal (left->len, 1);
  assert_string_equal (disco_instance_get_id (left->pdata[0]), "z");
  assert_int_equal (self->n_stopped, 1);
}

static void
source_stays_synced_once_it_is (void **state)
{
  g_autoptr (DiscoSource) source = producer_open (*state, "a");

  push (source, "", FALSE);
  assert_false (disco_source_get_synced (source));
  push (source, "", TRUE);
  assert_true (disco_source_get_synced (source));
  push (source, "a:1", FALSE);
  assert_true (disco_source_get_synced (source));
}

static void
assert_take (DiscoEventQueue *queue, const char *expected)
{
  g_autoptr (GPtrArray) events = disco_event_queue_take (queue);

  if (expected != NULL)
    test_assert_events (events, expected);
  else
    assert_null (events);
}

static void
queue_gets_the_snapshot_and_then_the_changes_until_it_is_removed (void **state)
{
  g_autoptr (DiscoSource) source = producer_open (*state, "a");
  g_autoptr (DiscoEventQueue) early = disco_event_queue_new (NULL, FALSE);
  g_autoptr (DiscoEventQueue) late = disco_event_queue_new (NULL, FALSE);

  disco_source_add_queue (source, early);
  push (source, "a:1", FALSE);
  assert_take (early, NULL);
  push (source, "a:1", TRUE);
  assert_take (early, "+a:1");
  push (source, "a:2 b:1", TRUE);
  disco_source_add_queue (source, late);
  assert_take (early, "~a:1>2 +b:1");
  assert_take (late, "+a:2 +b:1");
  disco_source_remove_queue (source, early);
  push (source, "b:1", TRUE);
  assert_take (early, NULL);
  assert_take (late, "-a:2");
  disco_source_remove_queue (source, late);
}

/* What a waiter was told */
typedef struct
{
  guint n_calls;
  GError *error;
  gboolean again; /* waits again when told */
} Told;

static void
on_told (DiscoSource *source, const GError *error, gpointer user_data)
{
  Told *told = user_data;

  told->n_calls++;
  g_clear_error (&told->error);
  told->error = error != NULL ? g_error_copy (error) : NULL;
  if (told->again)
    {
      told->again = FALSE;
      assert_int_not_equal (disco_source_add_patient_waiter (source, on_told, told), 0);
    }
}

static void
waiter_is_called_once_when_the_source_is_synced (void **state)
{
  g_autoptr (DiscoSource) source = producer_open (*state, "a");
  Told first = { 0 }, second = { 0 };

  assert_int_not_equal (disco_source_add_waiter (source, on_told, &first), 0);
  push (source, "", FALSE);
  assert_int_equal (first.n_calls, 0);
  push (source, "", TRUE);
  push (source, "a:1", TRUE);
  assert_int_equal (first.n_calls, 1);
  assert_null (first.error);
  assert_int_equal (disco_source_add_waiter (source, on_told, &second), 0);
  assert_int_equal (second.n_calls, 1);
  assert_null (second.error);
}

static void
removed_waiter_is_not_called (void **state)
{
  g_autoptr (DiscoSource) source = producer_open (*state, "a");
  Told removed = { 0 }, kept = { 0 };
  guint id = disco_source_add_waiter (source, on_told, &removed);

  disco_source_add_waiter (source, on_told, &kept);
  assert_true (disco_source_remove_waiter (source, id));
  assert_false (disco_source_remove_waiter (source, id));
  push (source, "", TRUE);
  assert_int_equal (removed.n_calls, 0);
  assert_int_equal (kept.n_calls, 1);
}

static void
waiters_fail_until_there_is_hope_again (void **state)
{
  g_autoptr (DiscoSource) source = producer_open (*state, "a");
  g_autoptr (GError) error = g_error_new_literal (DISCO_ERROR, DISCO_ERROR_UNAVAILABLE, "no link");
  Told waiting = { 0 }, late = { 0 }, patient = { 0 }, hopeful = { 0 };

  disco_source_add_waiter (source, on_told, &waiting);
  disco_source_add_patient_waiter (source, on_told, &patient);
  disco_source_fail_waiting (source, error);
  assert_int_equal (waiting.n_calls, 1);
  test_assert_error (&waiting.error, DISCO_ERROR, DISCO_ERROR_UNAVAILABLE, "no link");
  assert_int_equal (patient.n_calls, 0);
  assert_int_equal (disco_source_add_waiter (source, on_told, &late), 0);
  test_assert_error (&late.error, DISCO_ERROR, DISCO_ERROR_UNAVAILABLE, "no link");

  disco_source_fail_waiting (source, NULL);
  assert_int_not_equal (disco_source_add_waiter (source, on_told, &hopeful), 0);
  push (source, "", TRUE);
  assert_int_equal (hopeful.n_calls, 1);
  assert_null (hopeful.error);
  assert_int_equal (patient.n_calls, 1);
  assert_null (patient.error);
}

static void
snapshot_is_hope_too_and_a_synced_source_does_not_fail (void **state)
{
  g_autoptr (DiscoSource) source = producer_open (*state, "a");
  g_autoptr (GError) error = g_error_new_literal (DISCO_ERROR, DISCO_ERROR_UNAVAILABLE, "no link");
  Told hopeful = { 0 }, late = { 0 };

  disco_source_fail_waiting (source, error);
  push (source, "", FALSE);
  assert_int_not_equal (disco_source_add_waiter (source, on_told, &hopeful), 0);
  push (source, "", TRUE);
  disco_source_fail_waiting (source, error);
  disco_source_add_waiter (source, on_told, &late);
  assert_int_equal (late.n_calls, 1);
  assert_null (late.error);
}

static void
waiter_may_wait_again_from_inside_its_call (void **state)
{
  g_autoptr (DiscoSource) source = producer_open (*state, "a");
  g_autoptr (GError) error = g_error_new_literal (DISCO_ERROR, DISCO_ERROR_UNAVAILABLE, "no link");
  Told told = { .again = TRUE };

  disco_source_add_waiter (source, on_told, &told);
  disco_source_fail_waiting (source, error);
  push (source, "", TRUE);
  assert_int_equal (told.n_calls, 2);
  assert_null (told.error);
}

static gpointer
open_and_drop (gpointer data)
{
  Producer *self = data;

  for (guint i = 0; i < N_ROUNDS; i++)
    {
      DiscoSource *source = producer_open (self, i % 3 == 0 ? "a" : "b");

      disco_source_ref (source);
      disco_source_unref (source);
      disco_source_unref (source);
    }
  return NULL;
}

static void
threads_may_open_and_drop_one_name_at_once (void **state)
{
  Producer *self = *state;
  GThread *threads[N_THREADS];

  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("open", open_and_drop, self);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
  assert_true (self->n_started >= 2);
  assert_int_equal (self->n_started, self->n_stopped);
}

#define with_producer(test)                                                                        \
  cmocka_unit_test_setup_teardown (test, producer_set_up, producer_tear_down)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    with_producer (source_starts_with_its_first_use_and_stops_with_its_last),
    with_producer (all_who_look_for_one_name_share_one_source),
    with_producer (name_opened_again_after_its_stop_is_a_new_source),
    with_producer (producers_data_is_kept_with_a_new_source_and_freed_with_an_old_one),
    with_producer (instances_are_what_was_pushed_last_with_all_of_the_tags),
    with_producer (table_has_the_instances_of_all_its_sources),
    with_producer (source_stays_synced_once_it_is),
    with_producer (queue_gets_the_snapshot_and_then_the_changes_until_it_is_removed),
    with_producer (waiter_is_called_once_when_the_source_is_synced),
    with_producer (removed_waiter_is_not_called),
    with_producer (waiters_fail_until_there_is_hope_again),
    with_producer (snapshot_is_hope_too_and_a_synced_source_does_not_fail),
    with_producer (waiter_may_wait_again_from_inside_its_call),
    with_producer (threads_may_open_and_drop_one_name_at_once),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
