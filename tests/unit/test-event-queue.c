/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-event-queue-private.h"
#include "disco-instance-private.h"
#include "disco-wakeup-private.h"
#include "test-events.h"

/* A queue and what feeds it, as a source does */
typedef struct
{
  DiscoEventQueue *queue;
  DiscoDiff *diff;
} Feed;

static void
feed_init (Feed *self, const char *const *tags, gboolean immediate)
{
  self->queue = disco_event_queue_new (tags, immediate);
  self->diff = disco_diff_new ();
}

static void
feed_clear (Feed *self)
{
  disco_event_queue_free (self->queue);
  disco_diff_free (self->diff);
}

static void
feed_push (Feed *self, GPtrArray *instances)
{
  g_autoptr (GPtrArray) garbage = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GPtrArray) events = disco_diff_apply (self->diff, instances);

  disco_event_queue_push (self->queue, events, TRUE, garbage);
}

static void
feed_push_text (Feed *self, const char *text)
{
  g_autoptr (GPtrArray) instances = test_instances_new (text);

  feed_push (self, instances);
}

static void
take_and_assert (Feed *self, const char *expected)
{
  g_autoptr (GPtrArray) events = disco_event_queue_take (self->queue);

  if (expected == NULL)
    assert_null (events);
  else
    test_assert_events (events, expected);
}

/* "has": what the reader was told; then one snapshot after the other; then what it is told. */
typedef struct
{
  const char *rule;
  const char *has;
  const char *snapshots[5];
  const char *events; /* NULL: none */
} Row;

static void
check_rows (const Row *rows, gsize n, const char *tag)
{
  const char *tags[] = { tag, NULL };

  for (gsize i = 0; i < n; i++)
    {
      Feed feed;
      g_autoptr (GPtrArray) first = NULL;
      g_autoptr (GPtrArray) events = NULL;
      g_autofree char *actual = NULL;

      feed_init (&feed, tags, FALSE);
      feed_push_text (&feed, rows[i].has);
      first = disco_event_queue_take (feed.queue);
      assert_non_null (first);
      for (guint j = 0; rows[i].snapshots[j] != NULL; j++)
        feed_push_text (&feed, rows[i].snapshots[j]);
      events = disco_event_queue_take (feed.queue);
      actual = events != NULL ? test_events_to_string (events) : NULL;
      if (g_strcmp0 (actual, rows[i].events) != 0)
        fail_msg ("%s: told '%s'", rows[i].rule, actual != NULL ? actual : "nothing");
      feed_clear (&feed);
    }
}

static void
queue_folds_what_is_pending_for_one_id (void **state)
{
  static const Row rows[] = {
    { "ADD", "", { "a:1" }, "+a:1" },
    { "UPDATE", "a:1", { "a:2" }, "~a:1>2" },
    { "REMOVE", "a:1", { "" }, "-a:1" },
    { "ADD+UPDATE = ADD", "", { "a:1", "a:2" }, "+a:2" },
    { "ADD+REMOVE = none", "", { "a:1", "" }, NULL },
    { "ADD+REMOVE+ADD = ADD", "", { "a:1", "", "a:2" }, "+a:2" },
    { "ADD+UPDATE+REMOVE = none", "", { "a:1", "a:2", "" }, NULL },
    { "UPDATE+UPDATE = one UPDATE with the first previous", "a:1", { "a:2", "a:3" }, "~a:1>3" },
    { "UPDATE+UPDATE back = none", "a:1", { "a:2", "a:1" }, NULL },
    { "UPDATE+REMOVE = REMOVE of what the reader has", "a:1", { "a:2", "" }, "-a:1" },
    { "UPDATE+REMOVE+ADD = UPDATE", "a:1", { "a:2", "", "a:3" }, "~a:1>3" },
    { "REMOVE+ADD = UPDATE", "a:1", { "", "a:2" }, "~a:1>2" },
    { "REMOVE+ADD of the same = none", "a:1", { "", "a:1" }, NULL },
    { "REMOVE+ADD+UPDATE = UPDATE", "a:1", { "", "a:2", "a:3" }, "~a:1>3" },
    { "REMOVE+ADD+REMOVE = REMOVE", "a:1", { "", "a:2", "" }, "-a:1" },
    { "order of the first change", "a:1 b:1", { "a:1 b:2", "a:2 b:3" }, "~b:1>3 ~a:1>2" },
    { "other ids are left alone", "a:1 b:1", { "a:2 b:1 c:1", "a:1 c:1" }, "+c:1 -b:1" },
  };
  check_rows (rows, G_N_ELEMENTS (rows), NULL);
}

static void
queue_shows_a_reader_of_tags_only_what_has_them (void **state)
{
  static const Row rows[] = {
    { "one without is not seen", "", { "a:1" }, NULL },
    { "one with is", "", { "a:1/t" }, "+a:1" },
    { "UPDATE that enters = ADD", "a:1", { "a:1/t" }, "+a:1" },
    { "UPDATE that leaves = REMOVE", "a:1/t", { "a:1" }, "-a:1" },
    { "UPDATE within = UPDATE", "a:1/t", { "a:2/t/u" }, "~a:1>2" },
    { "UPDATE without = none", "a:1", { "a:2" }, NULL },
    { "REMOVE without = none", "a:1", { "" }, NULL },
    { "enters and leaves = none", "a:1", { "a:1/t", "a:1" }, NULL },
    { "leaves and enters = none", "a:1/t", { "a:1", "a:1/t" }, NULL },
    { "leaves, changes, enters = UPDATE", "a:1/t", { "a:1", "a:2", "a:2/t" }, "~a:1>2" },
    { "leaves and is removed = REMOVE", "a:1/t", { "a:2", "" }, "-a:1" },
    { "enters and is removed = none", "a:1", { "a:2/t", "" }, NULL },
  };
  check_rows (rows, G_N_ELEMENTS (rows), "t");
}

static void
first_batch_waits_for_the_first_full_set (void **state)
{
  Feed feed;
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  g_autoptr (GPtrArray) some = test_instances_new ("a:1 b:2");

  feed_init (&feed, NULL, FALSE);
  disco_event_queue_push_all (feed.queue, some, FALSE);
  take_and_assert (&feed, NULL);
  disco_event_queue_push (feed.queue, none, TRUE, none);
  take_and_assert (&feed, "+a:1 +b:2");
  take_and_assert (&feed, NULL);
  feed_clear (&feed);
}

static void
first_full_set_may_be_empty_and_no_later_batch (void **state)
{
  Feed feed;

  feed_init (&feed, NULL, FALSE);
  feed_push_text (&feed, "");
  take_and_assert (&feed, "");
  take_and_assert (&feed, NULL);
  feed_clear (&feed);
}

static void
immediate_queue_delivers_before_the_first_full_set_but_nothing_empty (void **state)
{
  Feed feed;
  g_autoptr (GPtrArray) some = test_instances_new ("a:1");

  feed_init (&feed, NULL, TRUE);
  disco_event_queue_push_all (feed.queue, some, FALSE);
  take_and_assert (&feed, "+a:1");
  feed_clear (&feed);
  feed_init (&feed, NULL, TRUE);
  feed_push_text (&feed, "");
  take_and_assert (&feed, NULL);
  feed_clear (&feed);
}

static void
immediate_queue_that_tells_of_the_first_full_set_may_deliver_it_empty_once (void **state)
{
  Feed feed;
  g_autoptr (GPtrArray) some = test_instances_new ("a:1");
  g_autoptr (GPtrArray) none = g_ptr_array_new ();

  feed_init (&feed, NULL, TRUE);
  disco_event_queue_tell_synced (feed.queue);
  disco_event_queue_push_all (feed.queue, some, FALSE);
  take_and_assert (&feed, "+a:1");
  assert_false (disco_event_queue_is_complete (feed.queue));
  disco_event_queue_push (feed.queue, none, TRUE, none);
  assert_false (disco_event_queue_is_complete (feed.queue));
  take_and_assert (&feed, "");
  assert_true (disco_event_queue_is_complete (feed.queue));
  take_and_assert (&feed, NULL);
  feed_clear (&feed);
}

static void
sleeping_reader_costs_memory_for_instances_and_not_for_events (void **state)
{
  Feed feed;

  feed_init (&feed, NULL, FALSE);
  feed_push_text (&feed, "a:1");
  take_and_assert (&feed, "+a:1");
  for (guint i = 0; i < 10000; i++)
    {
      g_autofree char *text = g_strdup_printf ("a:%u passing-%u:1", i % 7 + 2, i);

      feed_push_text (&feed, text);
      assert_in_range (disco_event_queue_get_size (feed.queue), 1, 2);
    }
  feed_push_text (&feed, "a:1");
  take_and_assert (&feed, NULL);
  assert_int_equal (disco_event_queue_get_size (feed.queue), 0);
  feed_clear (&feed);
}

static GPtrArray *
make_events (DiscoDiff *diff, const char *text)
{
  g_autoptr (GPtrArray) instances = test_instances_new (text);
  return disco_diff_apply (diff, instances);
}

static void
what_folding_lets_go_of_is_the_callers_to_free (void **state)
{
  g_autoptr (DiscoEventQueue) queue = disco_event_queue_new (NULL, FALSE);
  g_autoptr (DiscoDiff) diff = disco_diff_new ();
  g_autoptr (GPtrArray) garbage = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GPtrArray) add = make_events (diff, "a:1");
  g_autoptr (GPtrArray) update = make_events (diff, "a:2");
  g_autoptr (GPtrArray) remove = make_events (diff, "");

  disco_event_queue_push (queue, add, TRUE, garbage);
  assert_int_equal (garbage->len, 0);
  disco_event_queue_push (queue, update, TRUE, garbage);
  assert_int_equal (garbage->len, 1);
  assert_int_equal (disco_instance_get_port (garbage->pdata[0]), 1);
  disco_event_queue_push (queue, remove, TRUE, garbage);
  assert_int_equal (garbage->len, 2);
  assert_int_equal (disco_instance_get_port (garbage->pdata[1]), 2);
}

static void
closed_queue_forgets_and_delivers_nothing (void **state)
{
  Feed feed;

  feed_init (&feed, NULL, FALSE);
  feed_push_text (&feed, "a:1");
  assert_false (disco_event_queue_is_closed (feed.queue));
  disco_event_queue_close (feed.queue);
  assert_true (disco_event_queue_is_closed (feed.queue));
  assert_int_equal (disco_event_queue_get_size (feed.queue), 0);
  feed_push_text (&feed, "a:2");
  assert_int_equal (disco_event_queue_get_size (feed.queue), 0);
  take_and_assert (&feed, NULL);
  feed_clear (&feed);
}

static GSource *
wakeup_new (void)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, NULL, NULL);

  return disco_wakeup_new (task, NULL, NULL, NULL);
}

static void
queue_wakes_its_reader_when_there_is_something_to_take (void **state)
{
  g_autoptr (GSource) wakeup = wakeup_new ();
  g_autoptr (GSource) other = wakeup_new ();
  GMainContext *context = *state;
  Feed feed;

  feed_init (&feed, NULL, FALSE);
  assert_true (disco_event_queue_begin_wait (feed.queue, wakeup, context));
  assert_false (disco_event_queue_begin_wait (feed.queue, other, context));
  disco_event_queue_end_wait (feed.queue, other);
  assert_int_equal (g_source_get_ready_time (wakeup), -1);
  feed_push_text (&feed, "");
  assert_int_equal (g_source_get_ready_time (wakeup), 0);
  take_and_assert (&feed, "");

  g_source_set_ready_time (wakeup, -1);
  feed_push_text (&feed, "");
  assert_int_equal (g_source_get_ready_time (wakeup), -1);
  feed_push_text (&feed, "a:1");
  assert_int_equal (g_source_get_ready_time (wakeup), 0);
  disco_event_queue_end_wait (feed.queue, wakeup);

  assert_true (disco_event_queue_begin_wait (feed.queue, other, context));
  assert_int_equal (g_source_get_ready_time (other), 0);
  take_and_assert (&feed, "+a:1");
  g_source_set_ready_time (other, -1);
  disco_event_queue_close (feed.queue);
  assert_int_equal (g_source_get_ready_time (other), 0);
  disco_event_queue_end_wait (feed.queue, other);
  g_source_destroy (wakeup);
  g_source_destroy (other);
  feed_clear (&feed);
}

/* A snapshot of some of 12 ids in random order, each with one of 3 ports and maybe the tag */
static GPtrArray *
random_snapshot (GRand *rand)
{
  GString *text = g_string_new (NULL);
  GPtrArray *instances;
  const int first = g_rand_int_range (rand, 0, 12);

  for (int i = 0; i < 12; i++)
    if (g_rand_int_range (rand, 0, 3) > 0)
      g_string_append_printf (text, "%c:%d%s ", 'a' + (first + i) % 12,
                              g_rand_int_range (rand, 1, 4), g_rand_boolean (rand) ? "/t" : "");
  instances = test_instances_new (text->str);
  g_string_free (text, TRUE);
  return instances;
}

static GPtrArray *
filter (GPtrArray *instances, const char *const *tags)
{
  GPtrArray *seen = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < instances->len; i++)
    if (disco_instance_has_tags (instances->pdata[i], tags))
      g_ptr_array_add (seen, g_object_ref (instances->pdata[i]));
  return seen;
}

static void
run_random (guint32 seed, const char *const *tags)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  TestReader reader;
  Feed feed;

  feed_init (&feed, tags, FALSE);
  test_reader_init (&reader);
  for (guint i = 0; i < 200; i++)
    {
      g_autoptr (GPtrArray) truth = random_snapshot (rand);
      g_autoptr (GPtrArray) seen = filter (truth, tags);
      g_autoptr (GPtrArray) events = NULL;

      feed_push (&feed, truth);
      assert_in_range (disco_event_queue_get_size (feed.queue), 0,
                       seen->len + g_hash_table_size (reader.known));
      if (g_rand_int_range (rand, 0, 3) > 0)
        continue;
      events = disco_event_queue_take (feed.queue);
      if (events != NULL)
        test_reader_replay (&reader, events);
      test_reader_assert_knows (&reader, seen);
    }
  test_reader_clear (&reader);
  feed_clear (&feed);
}

static void
replaying_the_batches_always_gives_what_is_true (void **state)
{
  const char *tags[] = { "t", NULL };

  for (guint32 seed = 0; seed < 40; seed++)
    {
      run_random (seed, NULL);
      run_random (seed, tags);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (queue_folds_what_is_pending_for_one_id),
    cmocka_unit_test (queue_shows_a_reader_of_tags_only_what_has_them),
    cmocka_unit_test (first_batch_waits_for_the_first_full_set),
    cmocka_unit_test (first_full_set_may_be_empty_and_no_later_batch),
    cmocka_unit_test (immediate_queue_delivers_before_the_first_full_set_but_nothing_empty),
    cmocka_unit_test (immediate_queue_that_tells_of_the_first_full_set_may_deliver_it_empty_once),
    cmocka_unit_test (sleeping_reader_costs_memory_for_instances_and_not_for_events),
    cmocka_unit_test (what_folding_lets_go_of_is_the_callers_to_free),
    cmocka_unit_test (closed_queue_forgets_and_delivers_nothing),
    test_in_own_context (queue_wakes_its_reader_when_there_is_something_to_take),
    cmocka_unit_test (replaying_the_batches_always_gives_what_is_true),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
