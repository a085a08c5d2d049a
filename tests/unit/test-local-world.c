/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-event-queue-private.h"
#include "disco-local-world-private.h"
#include "test-events.h"

#include <malloc.h>

#define N_THREADS 8
#define N_ROUNDS 100

static int
world_set_up (void **state)
{
  *state = disco_local_world_new ();
  return 0;
}

static int
world_tear_down (void **state)
{
  disco_local_world_free (*state);
  return 0;
}

static DiscoRecordSet *
make_records (const char *name, const char *id, guint16 port)
{
  g_autoptr (DiscoRegistration) registration = disco_registration_new (name, port);
  DiscoRecordSet *records;

  disco_registration_set_id (registration, id);
  records = disco_record_set_new (registration, NULL, NULL, NULL, NULL);
  assert_non_null (records);
  return records;
}

static gboolean
add (DiscoLocalWorld *world, const char *name, const char *id, guint16 port, GError **error)
{
  g_autofree char *label = NULL;
  gboolean ok = disco_local_world_add (world, make_records (name, id, port), &label, error);

  assert_true (ok == (label != NULL));
  return ok;
}

static DiscoSource *
open_source (DiscoLocalWorld *world, const char *name)
{
  g_autoptr (DiscoServiceName) service = disco_service_name_parse (name, NULL);
  return disco_local_world_open (world, service);
}

/* A reader of one name */
typedef struct
{
  DiscoSource *source;
  DiscoEventQueue *queue;
} Look;

static void
look_init (Look *self, DiscoLocalWorld *world, const char *name)
{
  self->source = open_source (world, name);
  self->queue = disco_event_queue_new (NULL, FALSE);
  disco_source_add_queue (self->source, self->queue);
}

static void
look_clear (Look *self)
{
  disco_source_remove_queue (self->source, self->queue);
  disco_event_queue_free (self->queue);
  disco_source_unref (self->source);
}

static void
assert_seen (Look *self, const char *expected)
{
  g_autoptr (GPtrArray) events = disco_event_queue_take (self->queue);

  if (expected != NULL)
    test_assert_events (events, expected);
  else
    assert_null (events);
}

static void
every_source_that_finds_it_is_told_and_no_other (void **state)
{
  Look http, subtype, generic, any;

  look_init (&http, *state, "http");
  look_init (&subtype, *state, "_red._sub._http._tcp");
  look_init (&generic, *state, "some name");
  look_init (&any, *state, "disco");
  assert_seen (&http, "");
  assert_seen (&subtype, "");
  assert_seen (&generic, "");
  assert_seen (&any, "");

  assert_true (add (*state, "http", "h", 1, NULL));
  assert_true (add (*state, "some name", "g", 2, NULL));
  assert_true (add (*state, "Some Name", "G", 3, NULL));
  assert_seen (&http, "+h:1");
  assert_seen (&subtype, NULL);
  assert_seen (&generic, "+g:2");
  assert_seen (&any, "+g:2 +G:3");
  disco_local_world_remove_all (*state);
  assert_seen (&http, "-h:1");
  assert_seen (&generic, "-g:2");
  look_clear (&http);
  look_clear (&subtype);
  look_clear (&generic);
  look_clear (&any);
}

static void
source_that_is_opened_late_is_synced_with_what_is_there (void **state)
{
  Look look;

  assert_true (add (*state, "http", "h", 1, NULL));
  look_init (&look, *state, "http");
  assert_true (disco_source_get_synced (look.source));
  assert_seen (&look, "+h:1");
  look_clear (&look);
}

static void
id_is_there_once_in_the_whole_world (void **state)
{
  g_autoptr (GError) error = NULL;

  assert_true (add (*state, "http", "b", 1, NULL));
  assert_false (add (*state, "ftp", "b", 1, &error));
  test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_EXISTS, "\"b\"");
  disco_local_world_remove (*state, "b");
  assert_true (add (*state, "ftp", "b", 1, NULL));
}

static void
replacing_with_the_same_is_no_event (void **state)
{
  g_autoptr (GPtrArray) before = NULL;
  g_autoptr (GPtrArray) after = NULL;
  Look look;

  assert_true (add (*state, "http", "h", 1, NULL));
  look_init (&look, *state, "http");
  assert_seen (&look, "+h:1");
  before = disco_source_get_instances (look.source, NULL);
  assert_true (disco_local_world_replace (*state, make_records ("http", "h", 1), NULL));
  assert_seen (&look, NULL);
  after = disco_source_get_instances (look.source, NULL);
  assert_ptr_equal (after->pdata[0], before->pdata[0]);
  assert_true (disco_local_world_replace (*state, make_records ("http", "h", 2), NULL));
  assert_seen (&look, "~h:1>2");
  look_clear (&look);
}

static void
hundreds_with_one_label_all_get_their_own (void **state)
{
  g_autoptr (GHashTable) labels = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < 200; i++)
    {
      DiscoRecordSet *records = make_records ("http", "x", 1);
      char *label = NULL;

      g_free (records->id);
      records->id = g_strdup_printf ("%u", i);
      assert_true (disco_local_world_add (*state, records, &label, NULL));
      assert_true (g_hash_table_add (labels, label));
    }
  assert_true (g_hash_table_contains (labels, "x"));
  assert_true (g_hash_table_contains (labels, "x #200"));
}

static void
services_are_the_names_that_are_offered (void **state)
{
  g_autoptr (GHashTable) services = NULL;
  DiscoServiceName *service;

  assert_true (add (*state, "http", "1", 1, NULL));
  assert_true (add (*state, "http", "2", 1, NULL));
  assert_true (add (*state, "some name", "3", 1, NULL));
  services = disco_local_world_dup_services (*state, NULL);
  assert_int_equal (g_hash_table_size (services), 2);
  service = g_hash_table_lookup (services, "some name");
  assert_string_equal (service->name, "some name");
  disco_local_world_remove_all (*state);
  assert_int_equal (g_hash_table_size (services), 2);
}

static void
come_back (gpointer data, GObject *where_the_object_was)
{
  assert_true (add (data, "some name", "again", 9, NULL));
}

/* Whatever a program hangs on an instance runs without a lock held. That of a generic name found by
 * its type is held by nobody but the source. */
static void
instances_are_let_go_of_without_a_lock (void **state)
{
  g_autoptr (DiscoSource) source = NULL;
  g_autoptr (GPtrArray) instances = NULL;

  assert_true (add (*state, "some name", "h", 1, NULL));
  source = open_source (*state, "disco");
  instances = disco_source_get_instances (source, NULL);
  g_object_weak_ref (instances->pdata[0], come_back, *state);
  g_clear_pointer (&instances, g_ptr_array_unref);
  disco_local_world_remove (*state, "h");
  instances = disco_source_get_instances (source, NULL);
  assert_int_equal (instances->len, 1);
  assert_string_equal (disco_instance_get_id (instances->pdata[0]), "again");
}

static void
look_for (DiscoLocalWorld *world, guint first, guint n)
{
  for (guint i = first; i < first + n; i++)
    {
      g_autofree char *name = g_strdup_printf ("name %u", i);
      disco_source_unref (open_source (world, name));
    }
}

static void
names_that_nobody_looks_for_any_more_leave_nothing_behind (void **state)
{
  gsize before, after;

  look_for (*state, 0, 1000);
  before = mallinfo2 ().uordblks;
  look_for (*state, 1000, 10000);
  after = mallinfo2 ().uordblks;
  /* Both are 0 where another allocator stands in for malloc. */
  assert_true (after <= before + 10000);
}

/* A thread that adds, replaces and removes one id, and leaves it or not */
typedef struct
{
  DiscoLocalWorld *world;
  guint number;
} Worker;

static gpointer
work (gpointer data)
{
  Worker *worker = data;
  g_autofree char *id = g_strdup_printf ("%u", worker->number);

  for (guint i = 0; i < N_ROUNDS; i++)
    {
      g_autoptr (DiscoSource) source = open_source (worker->world, i % 2 ? "http" : "disco");

      add (worker->world, "http", id, 1, NULL);
      disco_local_world_replace (worker->world, make_records ("http", id, 2), NULL);
      if (i < N_ROUNDS - 1 || worker->number % 2)
        disco_local_world_remove (worker->world, id);
    }
  return NULL;
}

static void
threads_may_do_it_all_at_once_and_the_end_is_right (void **state)
{
  Worker workers[N_THREADS];
  GThread *threads[N_THREADS];
  TestReader reader;
  Look look;
  g_autoptr (GPtrArray) events = NULL;
  g_autoptr (GPtrArray) instances = NULL;

  look_init (&look, *state, "http");
  for (guint i = 0; i < N_THREADS; i++)
    {
      workers[i] = (Worker){ *state, i };
      threads[i] = g_thread_new ("work", work, &workers[i]);
    }
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
  test_reader_init (&reader);
  events = disco_event_queue_take (look.queue);
  test_reader_replay (&reader, events);
  instances = disco_source_get_instances (look.source, NULL);
  assert_int_equal (instances->len, N_THREADS / 2);
  test_reader_assert_knows (&reader, instances);
  test_reader_clear (&reader);
  look_clear (&look);
}

#define in_world(test) cmocka_unit_test_setup_teardown (test, world_set_up, world_tear_down)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    in_world (every_source_that_finds_it_is_told_and_no_other),
    in_world (source_that_is_opened_late_is_synced_with_what_is_there),
    in_world (id_is_there_once_in_the_whole_world),
    in_world (replacing_with_the_same_is_no_event),
    in_world (hundreds_with_one_label_all_get_their_own),
    in_world (services_are_the_names_that_are_offered),
    in_world (instances_are_let_go_of_without_a_lock),
    in_world (names_that_nobody_looks_for_any_more_leave_nothing_behind),
    in_world (threads_may_do_it_all_at_once_and_the_end_is_right),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
