/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-live-private.h"
#include "disco-resolver-private.h"
#include "engine-fixture.h"

#define MAX_LIVE 1000
#define START_US (20 * G_TIME_SPAN_MILLISECOND)
#define LULL_US (500 * G_TIME_SPAN_MILLISECOND)
#define OVERDUE_US (5 * G_TIME_SPAN_SECOND)
/* Between two names of a crowd: several of them in a lull, or it would be one. */
#define CROWD_MS 100
#define MAX_CROWD 100
/* Without an answer: more than the resolver gets rid of until the next ones come */
#define QUESTIONS_A_NAME 100
/* A minute for all of them is 30 ms for each. */
#define N_BEYOND 2000

typedef struct
{
  DiscoLiveSlot *slot; /* (owned) (nullable) */
  guint n_starts;
  guint n_refreshes;
  guint *n_started;   /* of all */
  guint *n_refreshed; /* of all */
} Name;

static void
on_start (gpointer user_data)
{
  Name *self = user_data;

  self->n_starts++;
  ++*self->n_started;
}

static void
on_refresh (gpointer user_data)
{
  Name *self = user_data;

  self->n_refreshes++;
  ++*self->n_refreshed;
}

static void
on_stop (gpointer user_data)
{
  fail_msg ("a name that is known is followed for as long as it wants");
}

/* Nothing is heard: tests/sim/test-heard.c has the others. */
static DiscoHearing
get_hearing (gpointer user_data)
{
  return DISCO_HEARING_NONE;
}

static void
on_unheard (gpointer user_data)
{
  fail_msg ("a name is followed where nothing is heard");
}

static void
on_missed (gpointer user_data, gint64 asked_at)
{
  fail_msg ("a name is asked for where nothing is heard");
}

static const DiscoLiveFuncs live_funcs
    = { on_start, on_stop, on_refresh, get_hearing, on_unheard, on_missed, on_unheard };

/* (transfer full): names that may be invented */
static Name *
join_unknown (EngineFixture *fixture, guint n, guint *n_started, guint *n_refreshed)
{
  Name *names = g_new0 (Name, n);

  engine_fixture_wait_running (fixture);
  for (guint i = 0; i < n; i++)
    {
      names[i].n_started = n_started;
      names[i].n_refreshed = n_refreshed;
      names[i].slot = disco_live_join (disco_engine_get_live (fixture->engine), "name", &live_funcs,
                                       &names[i]);
    }
  return names;
}

/* (transfer full): names with an SRV record */
static Name *
join (EngineFixture *fixture, guint n, guint *n_started, guint *n_refreshed)
{
  Name *names = join_unknown (fixture, n, n_started, n_refreshed);

  for (guint i = 0; i < n; i++)
    disco_live_slot_set_known (names[i].slot);
  return names;
}

static void
leave (Name *names, guint n)
{
  for (guint i = 0; i < n; i++)
    g_clear_pointer (&names[i].slot, disco_live_slot_free);
  g_free (names);
}

static void
names_are_started_in_turn_and_at_a_limited_rate (void **state)
{
  EngineFixture *self = *state;
  guint n_started = 0, n_refreshed = 0;
  gint64 began = g_get_monotonic_time ();
  Name *names = join (self, 10, &n_started, &n_refreshed);

  assert_int_equal (n_started, 0);
  for (guint i = 0; i < 10; i++)
    {
      engine_wait_for_count (&n_started, i + 1);
      assert_int_equal (names[i].n_starts, 1);
      assert_true (g_get_monotonic_time () >= began + LULL_US + i * START_US);
    }
  assert_int_equal (n_started, 10);
  assert_int_equal (n_refreshed, 0);
  leave (names, 10);
}

static void
on_answer (const DiscoResolveEvent *event, gpointer user_data)
{
}

/* Names that come one by one. */
typedef struct
{
  EngineFixture *fixture;
  Name names[MAX_CROWD];
  guint n; /* so far */
  guint size;
  guint n_started;
  guint n_refreshed;
  GPtrArray
      *jobs; /* (owned) (nullable) of (owned) DiscoResolveJob: questions that come with them */
  gint64 began;
} Crowd;

static void
ask_for_many (Crowd *self)
{
  DiscoResolver *resolver = disco_engine_get_resolver (self->fixture->engine);

  for (guint i = 0; i < QUESTIONS_A_NAME; i++)
    g_ptr_array_add (self->jobs, disco_resolver_ask (resolver, 1, 0, "a", "_http._tcp", "local",
                                                     on_answer, NULL));
}

static gboolean
on_next (gpointer user_data)
{
  Crowd *self = user_data;
  DiscoLive *live = disco_engine_get_live (self->fixture->engine);
  Name *name = &self->names[self->n++];

  name->n_started = &self->n_started;
  name->n_refreshed = &self->n_refreshed;
  name->slot = disco_live_join (live, "name", &live_funcs, name);
  if (self->jobs != NULL)
    ask_for_many (self);
  return self->n < self->size ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static GSource *
begin_crowd (Crowd *self)
{
  GSource *source = g_timeout_source_new (CROWD_MS);

  engine_fixture_wait_running (self->fixture);
  self->began = g_get_monotonic_time ();
  on_next (self);
  g_source_set_callback (source, on_next, self, NULL);
  g_source_attach (source, self->fixture->context);
  return source;
}

static void
end_crowd (Crowd *self, GSource *source)
{
  g_source_destroy (source);
  g_source_unref (source);
  for (guint i = 0; i < self->n; i++)
    g_clear_pointer (&self->names[i].slot, disco_live_slot_free);
}

/* Until one of them is started */
static void
crowd_in (Crowd *self)
{
  GSource *source = begin_crowd (self);

  engine_wait_for_count (&self->n_started, 1);
  assert_int_equal (self->names[0].n_starts, 1);
  end_crowd (self, source);
}

static void
starting_waits_until_no_more_names_come (void **state)
{
  Crowd crowd = { .fixture = *state, .size = 8 };

  crowd_in (&crowd);
  assert_int_equal (crowd.n, crowd.size);
}

/* Takes 5 s. */
static void
names_and_questions_without_end_do_not_put_starting_off_for_ever (void **state)
{
  EngineFixture *self = *state;
  Crowd crowd = { .fixture = self, .size = MAX_CROWD };

  engine_fixture_wait_running (self);
  sim_net_hold_answers (self->net, TRUE);
  sim_net_set_timeout_ms (self->net, 60 * 1000);
  crowd.jobs = g_ptr_array_new_with_free_func ((GDestroyNotify)disco_resolve_job_free);
  crowd_in (&crowd);
  assert_true (g_get_monotonic_time () >= crowd.began + OVERDUE_US);
  assert_true (crowd.n < crowd.size);
  assert_false (disco_resolver_is_idle (disco_engine_get_resolver (self->engine)));
  g_ptr_array_unref (crowd.jobs);
}

static void
starting_waits_for_questions_that_may_be_answered_soon (void **state)
{
  EngineFixture *self = *state;
  DiscoResolver *resolver = disco_engine_get_resolver (self->engine);
  guint n_started = 0, n_refreshed = 0;
  Name *names;
  DiscoResolveJob *job;

  engine_fixture_wait_running (self);
  sim_net_hold_answers (self->net, TRUE);
  job = disco_resolver_ask (resolver, 1, 0, "a", "_http._tcp", "local", on_answer, NULL);
  names = join (self, 1, &n_started, &n_refreshed);
  while (!disco_resolver_is_idle (resolver))
    {
      assert_int_equal (n_started, 0);
      g_main_context_iteration (self->context, TRUE);
    }
  engine_wait_for_count (&n_started, 1);
  leave (names, 1);
  disco_resolve_job_free (job);
}

static void
name_that_leaves_is_not_started (void **state)
{
  EngineFixture *self = *state;
  guint n_started = 0, n_refreshed = 0;
  Name *names = join (self, 3, &n_started, &n_refreshed);

  g_clear_pointer (&names[1].slot, disco_live_slot_free);
  engine_wait_for_count (&n_started, 2);
  assert_int_equal (names[0].n_starts, 1);
  assert_int_equal (names[1].n_starts, 0);
  assert_int_equal (names[2].n_starts, 1);
  leave (names, 3);
}

static void
name_that_comes_when_all_are_started_does_not_wait_for_a_round (void **state)
{
  EngineFixture *self = *state;
  guint n_started = 0, n_refreshed = 0;
  Name *first = join_unknown (self, 1, &n_started, &n_refreshed);
  Name *later;

  engine_wait_for_count (&n_started, 1);
  later = join_unknown (self, 1, &n_started, &n_refreshed);
  engine_wait_for_count (&n_started, 2);
  leave (first, 1);
  leave (later, 1);
}

static void
names_with_a_record_take_turns_with_those_that_may_be_invented (void **state)
{
  EngineFixture *self = *state;
  guint n_started = 0, n_refreshed = 0;
  Name *unknown = join_unknown (self, 20, &n_started, &n_refreshed);
  Name *known = join (self, 2, &n_started, &n_refreshed);

  engine_wait_for_count (&n_started, 4);
  assert_int_equal (known[0].n_starts, 1);
  assert_int_equal (known[1].n_starts, 1);
  assert_int_equal (unknown[0].n_starts, 1);
  assert_int_equal (unknown[1].n_starts, 1);
  disco_live_slot_set_known (unknown[19].slot);
  engine_wait_for_count (&n_started, 6);
  assert_int_equal (unknown[19].n_starts, 1);
  leave (unknown, 20);
  leave (known, 2);
}

/* Takes 20 s: so long it takes to start them all. */
static void
names_beyond_the_bound_are_asked_in_turn_until_there_is_room (void **state)
{
  EngineFixture *self = *state;
  guint n_started = 0, n_refreshed = 0;
  Name *names = join (self, MAX_LIVE + N_BEYOND, &n_started, &n_refreshed);
  Name *beyond = &names[MAX_LIVE];
  Crowd crowd = { .fixture = self, .size = MAX_CROWD };
  GSource *source;

  /* in parts, each with a deadline of its own */
  for (guint n = 50; n <= MAX_LIVE; n += 50)
    engine_wait_for_count (&n_started, n);
  /* whoever else comes meanwhile */
  source = begin_crowd (&crowd);
  engine_wait_for_count (&n_refreshed, n_refreshed + 5);
  assert_true (crowd.n < crowd.size);
  assert_int_equal (n_started, MAX_LIVE);
  end_crowd (&crowd, source);
  for (guint i = 0; i < 5; i++)
    assert_int_equal (beyond[i].n_refreshes, 1);

  g_clear_pointer (&names[0].slot, disco_live_slot_free);
  engine_wait_for_count (&n_started, MAX_LIVE + 1);
  assert_int_equal (beyond[n_refreshed].n_starts, 1);
  engine_wait_for_count (&n_refreshed, n_refreshed + 2);
  assert_int_equal (n_started, MAX_LIVE + 1);
  leave (names, MAX_LIVE + N_BEYOND);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    engine_test (names_are_started_in_turn_and_at_a_limited_rate),
    engine_test (starting_waits_for_questions_that_may_be_answered_soon),
    engine_test (starting_waits_until_no_more_names_come),
    engine_test (names_and_questions_without_end_do_not_put_starting_off_for_ever),
    engine_test (name_that_leaves_is_not_started),
    engine_test (name_that_comes_when_all_are_started_does_not_wait_for_a_round),
    engine_test (names_with_a_record_take_turns_with_those_that_may_be_invented),
    engine_test (names_beyond_the_bound_are_asked_in_turn_until_there_is_room),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
