/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A neighbour who floods the network, in simulated time: what is known stays, what others announce
 * meanwhile is seen, memory has a bound, and nothing that is done at one time takes long. */
#include "disco-catalog-private.h"
#include "disco-event-queue-private.h"
#include "disco-quota-private.h"
#include "engine-fixture.h"
#include "sim-clock.h"

#include <malloc.h>
#include <time.h>

#ifndef N_NAMES
#define N_NAMES 100000
#endif
/* Names that come in a millisecond, so 100,000 in one second */
#define N_AT_ONCE 100
/* What others announce meanwhile is seen within that time. */
#define SEEN_US (2 * G_TIME_SPAN_SECOND)
/* A call that lists all services ends within that time. */
#define LISTED_US (8 * G_TIME_SPAN_SECOND)
/* Bytes that an instance, or a name that may become one, takes in all: as it came, as it is shown,
 * and as the reader has it */
#define BYTES_PER_NAME ((gsize)3 * 1024)
/* The same with a TXT record of full length, which a half of the instances has: that of one host */
#define BYTES_PER_LONG_NAME ((gsize)8 * 1024)
/* What the worker does in one turn, and what a reader needs for one batch: nobody waits longer, for
 * a lock or in his own main context. In processor time, so that a busy machine does not matter. */
#ifndef SLOWER
#define SLOWER 1L
#endif
#define MAX_TURN_US (300 * SLOWER * G_TIME_SPAN_MILLISECOND)
#define MAX_BATCH_US (50 * SLOWER * G_TIME_SPAN_MILLISECOND)
/* Instances that flap while a reader sleeps, how often in all, and what that may cost */
#define N_FLAPPING 200U
#ifndef N_FLAPS
#define N_FLAPS 1000U
#endif
#define SLEEP_US G_TIME_SPAN_MINUTE
#define BYTES_OF_SLEEP ((gsize)1024 * 1024)

static const SimService known = { "a", "_http._tcp", "host.local", 80, "disco.id=a|", NULL };
static const SimService newcomer = { "b", "_http._tcp", "host.local", 81, "disco.id=b|", NULL };

typedef struct
{
  EngineFixture *engine;
  EngineReader *reader;
  gsize n_bytes;   /* allocated before the flood */
  gboolean asleep; /* the reader reads nothing */
  gint64 worst_turn_us;
  gint64 worst_batch_us;
} Flood;

static gsize
allocated (void)
{
  const struct mallinfo2 info = mallinfo2 ();

  return info.uordblks + info.hblkhd;
}

static guint64
count (Flood *self, DiscoCount which)
{
  return disco_counts_get (self->engine->counts, which);
}

static guint
n_shown (Flood *self)
{
  return g_hash_table_size (self->reader->known.known);
}

/* --- time --- */

static gint64
processor_us (void)
{
  struct timespec time;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec * G_TIME_SPAN_SECOND + time.tv_nsec / 1000;
}

/* As sim_clock_iterate() */
static gint64
take_turn (Flood *self)
{
  const gint64 began = processor_us ();
  const gint64 left = sim_clock_iterate (self->engine->context);

  self->worst_turn_us = MAX (self->worst_turn_us, processor_us () - began);
  return left;
}

/* A batch that breaks a promise fails the test. */
static void
read_events (Flood *self)
{
  const gint64 began = processor_us ();
  g_autoptr (GPtrArray) events = self->asleep ? NULL : disco_event_queue_take (self->reader->queue);

  self->worst_batch_us = MAX (self->worst_batch_us, processor_us () - began);
  if (events != NULL)
    test_reader_replay (&self->reader->known, events);
}

static gboolean
knows (Flood *self, const char *id)
{
  return test_reader_get (&self->reader->known, id) != NULL;
}

/* Lets that time pass, or as much of it as it takes until the reader knows @id. */
static void
run (Flood *self, gint64 us, const char *id)
{
  const gint64 end = sim_clock_get () + us;

  while (id == NULL || !knows (self, id))
    {
      const gint64 left = take_turn (self);

      if (left == 0)
        continue;
      read_events (self);
      if (!sim_clock_skip (left, end))
        break;
    }
  if (id == NULL)
    sim_clock_advance (end - sim_clock_get ());
}

/* --- the fixture --- */

static int
set_up (void **state)
{
  Flood *self = g_new0 (Flood, 1);
  void *engine;

  engine_fixture_set_up (&engine);
  self->engine = engine;
  sim_clock_adopt (self->engine->context);
  sim_net_add_address (self->engine->net, 1, "host.local", "192.0.2.1");
  sim_net_add_address (self->engine->net, 1, "flooder.local", "192.0.2.2");
  sim_net_announce (self->engine->net, 1, &known);
  self->reader = engine_reader_new (self->engine, "http");
  run (self, 10 * G_TIME_SPAN_SECOND, "a");
  assert_true (knows (self, "a"));
  self->n_bytes = allocated ();
  *state = self;
  return 0;
}

static int
tear_down (void **state)
{
  Flood *self = *state;
  void *engine = self->engine;

  engine_fixture_tear_down (&engine);
  g_free (self);
  return 0;
}

#define flood_test(test) cmocka_unit_test_setup_teardown (test, set_up, tear_down)

static void
tell (Flood *self, guint number, gboolean comes)
{
  g_autofree char *label = g_strdup_printf ("n%u", number);

  sim_net_tell_ptr (self->engine->net, 1, label, "_http._tcp", comes);
}

static void
flood (Flood *self, guint first, guint n)
{
  for (guint i = first; i < first + n; i++)
    {
      tell (self, i, TRUE);
      if (i % N_AT_ONCE == N_AT_ONCE - 1)
        run (self, G_TIME_SPAN_MILLISECOND, NULL);
    }
}

/* In the middle of it somebody else announces a service. */
static void
flood_all (Flood *self, const SimService *crowd)
{
  sim_net_set_crowd (self->engine->net, crowd);
  flood (self, 0, N_NAMES / 2);
  sim_net_announce (self->engine->net, 1, &newcomer);
  flood (self, N_NAMES / 2, N_NAMES / 2);
  run (self, SEEN_US, "b");
  assert_true (knows (self, "b"));
  run (self, 2 * G_TIME_SPAN_MINUTE, NULL);
}

static void
assert_unharmed (Flood *self, guint expected, gsize bytes_per_name)
{
  const gsize now = allocated ();
  const gsize grown = now > self->n_bytes ? now - self->n_bytes : 0;

  print_message ("%u shown, %" G_GUINT64_FORMAT " refused, %.1f MiB, turn %.1f ms, batch %.1f ms\n",
                 n_shown (self), count (self, DISCO_COUNT_REFUSED), (double)grown / 1024 / 1024,
                 (double)self->worst_turn_us / 1000, (double)self->worst_batch_us / 1000);
  assert_true (knows (self, "a"));
  assert_true (knows (self, "b"));
  assert_int_equal (n_shown (self), expected + 2);
  assert_true (grown < DISCO_QUOTA_MAX_INSTANCES * bytes_per_name);
  assert_true (self->worst_turn_us < MAX_TURN_US);
  assert_true (self->worst_batch_us < MAX_BATCH_US);
}

/* --- the floods --- */

static void
instances_of_one_host (void **state)
{
  const SimService crowd = { NULL, "_http._tcp", "flooder.local", 9, "|", NULL };

  flood_all (*state, &crowd);
  assert_unharmed (*state, DISCO_QUOTA_MAX_INSTANCES / DISCO_QUOTA_HOST_SHARE, BYTES_PER_NAME);
  assert_true (count (*state, DISCO_COUNT_REFUSED_INSTANCES)
               >= N_NAMES - DISCO_QUOTA_MAX_INSTANCES);
}

/* A name that nobody answers for can be told from one that somebody does by asking alone. So here
 * the newcomer is safe where names do not come faster, for long, than can be asked for. */
static void
names_without_records (void **state)
{
  Flood *self = *state;

  flood (self, 0, N_NAMES);
  sim_net_announce (self->engine->net, 1, &newcomer);
  for (guint i = N_NAMES; i < N_NAMES + 1000; i++)
    {
      tell (self, i, TRUE);
      run (self, 5 * G_TIME_SPAN_MILLISECOND, NULL);
    }
  assert_true (knows (self, "b"));
  run (self, 2 * G_TIME_SPAN_MINUTE, NULL);
  assert_unharmed (*state, 0, BYTES_PER_NAME);
  assert_true (count (*state, DISCO_COUNT_REFUSED_INSTANCES)
               >= N_NAMES - DISCO_QUOTA_MAX_INSTANCES);
}

static void
records_that_point_at_each_other (void **state)
{
  const SimService crowd = { NULL, "_http._tcp", NULL, 9, "|", NULL };

  flood_all (*state, &crowd);
  assert_unharmed (*state, 0, BYTES_PER_NAME);
  /* what is looked up at the responder has a bound, too */
  assert_true (sim_net_get_n_live (((Flood *)*state)->engine->net, SIM_BROWSE_RECORDS) < 4000);
}

static void
one_id_that_all_claim (void **state)
{
  const SimService crowd = { NULL, "_http._tcp", "flooder.local", 9, "disco.id=x|", NULL };

  flood_all (*state, &crowd);
  assert_unharmed (*state, DISCO_QUOTA_MAX_INSTANCES / DISCO_QUOTA_HOST_SHARE, BYTES_PER_NAME);
  assert_true (knows (*state, "x"));
}

static void
txt_records_of_full_length (void **state)
{
  g_autoptr (GString) txt = g_string_new (NULL);
  SimService crowd = { NULL, "_http._tcp", "flooder.local", 9, NULL, NULL };

  for (guint i = 0; i < 9000 / 256; i++) /* what mDNS has room for: RFC 6762 §17 */
    g_string_append_printf (txt, "key%03u=%0248u|", i, i);
  crowd.txt = txt->str;
  flood_all (*state, &crowd);
  assert_unharmed (*state, DISCO_QUOTA_MAX_INSTANCES / DISCO_QUOTA_HOST_SHARE, BYTES_PER_LONG_NAME);
  assert_true (count (*state, DISCO_COUNT_REFUSED_RECORDS) > 0);
}

static void
instances_that_come_and_go (void **state)
{
  const SimService crowd = { NULL, "_http._tcp", "flooder.local", 9, "|", NULL };
  Flood *self = *state;
  const guint n = N_NAMES / 5;

  sim_net_set_crowd (self->engine->net, &crowd);
  for (guint i = 0; i < n; i++)
    {
      tell (self, i, TRUE);
      if (i >= 100)
        tell (self, i - 100, FALSE);
      if (i == n / 2)
        sim_net_announce (self->engine->net, 1, &newcomer);
      run (self, G_TIME_SPAN_MILLISECOND, NULL);
      assert_true (i < n / 2 + 2000 || knows (self, "b"));
    }
  run (self, 10 * G_TIME_SPAN_SECOND, NULL);
  assert_unharmed (self, 100, 1024);
}

/* --- a call that asks for all --- */

static gboolean
lists (DiscoCatalogFound *found, const char *name)
{
  for (guint i = 0; i < found->sources->len; i++)
    {
      DiscoSource *source = found->sources->pdata[i];
      g_autoptr (GPtrArray) instances = disco_source_get_instances (source, NULL);
      if (g_str_equal (disco_source_get_name (source), name))
        return instances->len > 0;
    }
  return FALSE;
}

/* The call ends and has found @name, though instances of @type, NULL: each of a type of its own,
 * keep coming: while one is looked at, or the set of those that are known is awaited, the next one
 * comes.
 */
static void
assert_lists (Flood *self, const char *type, const char *name)
{
  const gint64 end = sim_clock_get () + LISTED_US;
  g_autoptr (GObject) agent = g_object_new (G_TYPE_OBJECT, NULL);
  g_autoptr (GAsyncResult) result = NULL;
  TestResult called = { NULL };
  DiscoCatalogFound *found;

  disco_engine_enumerate (self->engine->engine, self->engine->table,
                          g_task_new (agent, NULL, test_result_callback, &called));
  for (guint i = 0; called.result == NULL; i++)
    {
      g_autofree char *label = g_strdup_printf ("n%u", i);
      g_autofree char *own_type = g_strdup_printf ("_t%u._tcp", i);
      sim_net_add_ptr (self->engine->net, 1, label, type != NULL ? type : own_type);
      run (self, 50 * G_TIME_SPAN_MILLISECOND, NULL);
      assert_true (sim_clock_get () < end);
    }
  result = test_result_wait (&called);
  found = g_task_propagate_pointer (G_TASK (result), NULL);
  assert_true (lists (found, name));
  disco_catalog_found_free (found);
}

static void
types_without_end (void **state)
{
  assert_lists (*state, NULL, "http");
}

static void
instances_without_end (void **state)
{
  const SimService crowd = { NULL, "_ipp._tcp", "flooder.local", 9, "|", NULL };
  Flood *self = *state;

  sim_net_set_crowd (self->engine->net, &crowd);
  assert_lists (self, "_ipp._tcp", "ipp");
}

/* Generic services are known by what their instances are called. */
static void
generic_instances_without_end (void **state)
{
  static const char *const subtypes[] = { "_the-bills-of-all._sub._disco._tcp", NULL };
  const SimService crowd = { NULL, "_disco._tcp", "flooder.local", 9, "|", NULL };
  const SimService bill
      = { "x", "_disco._tcp", "host.local", 1, "disco.name=the-bills-of-all|", subtypes };
  Flood *self = *state;

  sim_net_set_crowd (self->engine->net, &crowd);
  sim_net_announce (self->engine->net, 1, &bill);
  assert_lists (self, "_disco._tcp", "the-bills-of-all");
}

/* --- a reader that sleeps --- */

/* All of them go, and half of the time later all come, or the even ones. */
static void
flap (Flood *self, guint step)
{
  const gint64 half = SLEEP_US / N_FLAPS / 2;

  for (guint i = 0; i < N_FLAPPING; i++)
    tell (self, i, FALSE);
  run (self, half, NULL);
  for (guint i = 0; i < N_FLAPPING; i += step)
    tell (self, i, TRUE);
  run (self, half, NULL);
}

static gint64
n_grown (Flood *self)
{
  return (gint64)allocated () - (gint64)self->n_bytes;
}

static void
reader_that_sleeps_while_instances_flap (void **state)
{
  const SimService crowd = { NULL, "_http._tcp", "host.local", 9, "|", NULL };
  Flood *self = *state;
  guint64 n_resolved;

  sim_net_set_crowd (self->engine->net, &crowd);
  flood (self, 0, N_FLAPPING);
  run (self, G_TIME_SPAN_MINUTE, NULL);
  assert_int_equal (n_shown (self), N_FLAPPING + 1);

  self->asleep = TRUE;
  self->n_bytes = allocated ();
  n_resolved = count (self, DISCO_COUNT_RESOLVES);
  for (guint i = 0; i < N_FLAPS; i++)
    flap (self, i + 1 < N_FLAPS ? 1 : 2);
  assert_true (count (self, DISCO_COUNT_RESOLVES) - n_resolved
               >= (guint64)N_FLAPPING * (N_FLAPS - 1));
  run (self, G_TIME_SPAN_SECOND, NULL);
  print_message ("%.1f KiB for %u x %u flaps\n", (double)n_grown (self) / 1024, N_FLAPPING,
                 N_FLAPS);
  assert_true (n_grown (self) < (gint64)BYTES_OF_SLEEP);

  self->asleep = FALSE;
  read_events (self);
  assert_int_equal (n_shown (self), N_FLAPPING / 2 + 1);
  for (guint i = 0; i < N_FLAPPING; i++)
    {
      g_autofree char *id = g_strdup_printf ("n%u._http._tcp.local", i);
      assert_int_equal (knows (self, id), i % 2 == 0);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    flood_test (instances_of_one_host),
    flood_test (names_without_records),
    flood_test (records_that_point_at_each_other),
    flood_test (one_id_that_all_claim),
    flood_test (txt_records_of_full_length),
    flood_test (instances_that_come_and_go),
    flood_test (types_without_end),
    flood_test (instances_without_end),
    flood_test (generic_instances_without_end),
    flood_test (reader_that_sleeps_while_instances_flap),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
