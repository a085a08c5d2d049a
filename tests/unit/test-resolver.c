/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-resolver-private.h"
#include "engine-fixture.h"

#define WINDOW 8       /* to begin with, and where answers take long */
#define WIDE_WINDOW 96 /* where all are answered promptly */
#define MAX_SLOW 128
#define SLOW_US (15 * G_TIME_SPAN_MILLISECOND)
#define CROWD 2000

typedef struct
{
  DiscoResolveJob *job; /* (owned) (nullable) */
  guint n_answers;
  gboolean failed;
  guint16 port;
  gboolean free_inside;
} Question;

static void
on_answer (const DiscoResolveEvent *event, gpointer user_data)
{
  Question *self = user_data;

  self->n_answers++;
  self->failed = event->error != NULL;
  self->port = event->port;
  if (self->free_inside)
    g_clear_pointer (&self->job, disco_resolve_job_free);
}

static void
ask_for (EngineFixture *fixture, Question *self, const char *label)
{
  self->job = disco_resolver_ask (disco_engine_get_resolver (fixture->engine), DISCO_LINK_ANY,
                                  DISCO_LINK_ANY, label, "_http._tcp", "local", on_answer, self);
}

static void
ask (EngineFixture *fixture, Question *self)
{
  ask_for (fixture, self, "a");
}

static void
ask_all (EngineFixture *fixture, Question *questions, guint n)
{
  engine_fixture_wait_running (fixture);
  for (guint i = 0; i < n; i++)
    ask (fixture, &questions[i]);
}

static void
free_all (Question *questions, guint n)
{
  for (guint i = 0; i < n; i++)
    g_clear_pointer (&questions[i].job, disco_resolve_job_free);
}

static void
announce (EngineFixture *fixture)
{
  const SimService service = { "a", "_http._tcp", "host.local", 80, "|", NULL };

  sim_net_announce (fixture->net, 1, &service);
}

static gboolean
is_idle (gpointer data)
{
  return disco_resolver_is_idle (data);
}

static void
wait_idle (EngineFixture *fixture)
{
  test_wait_until (NULL, is_idle, disco_engine_get_resolver (fixture->engine));
}

static guint
n_asked (EngineFixture *self)
{
  return sim_net_get_n_made (self->net, SIM_RESOLVE);
}

static void
wait_asked (EngineFixture *self, guint wanted)
{
  engine_fixture_wait_made (self, SIM_RESOLVE, wanted);
}

/* Until the first are asked, and no longer: what is asked later depends on the time that passes. */
static void
dispatch_first_window (EngineFixture *self)
{
  wait_asked (self, 1);
  assert_int_equal (n_asked (self), WINDOW);
}

static void
questions_are_all_answered_once_and_counted (void **state)
{
  EngineFixture *self = *state;
  Question questions[3 * WINDOW] = { 0 };

  announce (self);
  ask_all (self, questions, G_N_ELEMENTS (questions));
  assert_int_equal (n_asked (self), 0);
  wait_idle (self);
  for (guint i = 0; i < G_N_ELEMENTS (questions); i++)
    {
      assert_int_equal (questions[i].n_answers, 1);
      assert_false (questions[i].failed);
      assert_int_equal (questions[i].port, 80);
    }
  assert_int_equal (disco_counts_get (self->counts, DISCO_COUNT_RESOLVES), 3 * WINDOW);
  free_all (questions, G_N_ELEMENTS (questions));
}

/* The answers are let through: each question has one. */
static void
end_answered (EngineFixture *self, Question *questions, guint n)
{
  sim_net_hold_answers (self->net, FALSE);
  wait_idle (self);
  engine_fixture_wait_quiet (self);
  for (guint i = 0; i < n; i++)
    assert_int_equal (questions[i].n_answers, 1);
  free_all (questions, n);
}

static void
only_a_window_is_asked_at_once_until_it_is_slow (void **state)
{
  EngineFixture *self = *state;
  Question questions[2 * WINDOW + 1] = { 0 };
  gint64 asked_at;

  sim_net_hold_answers (self->net, TRUE);
  ask_all (self, questions, G_N_ELEMENTS (questions));
  asked_at = g_get_monotonic_time ();
  dispatch_first_window (self);
  wait_asked (self, WINDOW + 1);
  assert_true (g_get_monotonic_time () >= asked_at + SLOW_US);
  wait_asked (self, G_N_ELEMENTS (questions));
  wait_idle (self);
  assert_int_equal (sim_net_get_n_live (self->net, SIM_RESOLVE), G_N_ELEMENTS (questions));

  announce (self);
  end_answered (self, questions, G_N_ELEMENTS (questions));
}

/* As many answers in a row, and a few more than that takes */
static void
widen_window (EngineFixture *self)
{
  Question questions[2 * WIDE_WINDOW] = { 0 };

  ask_all (self, questions, G_N_ELEMENTS (questions));
  wait_idle (self);
  free_all (questions, G_N_ELEMENTS (questions));
}

static void
window_is_wide_where_all_are_answered_until_one_is_slow (void **state)
{
  EngineFixture *self = *state;
  Question questions[3 * WIDE_WINDOW] = { 0 };
  guint before;

  announce (self);
  widen_window (self);
  before = n_asked (self);
  sim_net_hold_answers (self->net, TRUE);
  ask_all (self, questions, G_N_ELEMENTS (questions));
  wait_asked (self, before + 1);
  assert_int_equal (n_asked (self), before + WIDE_WINDOW);

  /* these are slow, all at one time or nearly so, which makes room for few */
  wait_asked (self, before + WIDE_WINDOW + 1);
  assert_true (n_asked (self) <= before + WIDE_WINDOW + WINDOW);
  end_answered (self, questions, G_N_ELEMENTS (questions));
}

static void
errors_do_not_widen_the_window (void **state)
{
  EngineFixture *self = *state;
  Question questions[2 * WIDE_WINDOW] = { 0 };
  guint before;

  sim_net_set_timeout_ms (self->net, 1);
  widen_window (self);
  before = n_asked (self);
  sim_net_hold_answers (self->net, TRUE);
  ask_all (self, questions, G_N_ELEMENTS (questions));
  wait_asked (self, before + 1);
  assert_int_equal (n_asked (self), before + WINDOW);
  free_all (questions, G_N_ELEMENTS (questions));
}

static guint
n_under_way (EngineFixture *self)
{
  return sim_net_get_n_live (self->net, SIM_RESOLVE);
}

static void
slow_questions_have_a_bound_too (void **state)
{
  EngineFixture *self = *state;
  Question questions[MAX_SLOW + 2 * WINDOW] = { 0 };

  sim_net_hold_answers (self->net, TRUE);
  sim_net_set_timeout_ms (self->net, 60 * 1000);
  ask_all (self, questions, G_N_ELEMENTS (questions));
  while (n_asked (self) < G_N_ELEMENTS (questions))
    {
      g_main_context_iteration (self->context, TRUE);
      assert_true (n_under_way (self) <= MAX_SLOW + WINDOW);
    }
  wait_idle (self);
  assert_int_equal (n_under_way (self), MAX_SLOW);

  /* those that made room are asked when there is some again */
  for (guint i = 0; i < MAX_SLOW / 2; i++)
    g_clear_pointer (&questions[i].job, disco_resolve_job_free);
  wait_asked (self, G_N_ELEMENTS (questions) + (gsize)2 * WINDOW);
  announce (self);
  end_answered (self, &questions[MAX_SLOW / 2], G_N_ELEMENTS (questions) - MAX_SLOW / 2);
}

/* The simulated responder gives nothing up here: each place would be taken for ever. */
static void
names_that_nobody_answers_for_do_not_hold_up_the_others (void **state)
{
  EngineFixture *self = *state;
  Question dead[3 * MAX_SLOW] = { 0 };
  Question question = { 0 };

  announce (self);
  sim_net_set_timeout_ms (self->net, 3600 * 1000);
  engine_fixture_wait_running (self);
  for (guint i = 0; i < G_N_ELEMENTS (dead); i++)
    ask_for (self, &dead[i], "dead");
  ask (self, &question);
  engine_wait_for_count (&question.n_answers, 1);
  assert_int_equal (question.port, 80);
  assert_true (n_under_way (self) <= MAX_SLOW + WINDOW);
  free_all (dead, G_N_ELEMENTS (dead));
  free_all (&question, 1);
}

typedef struct
{
  EngineFixture *fixture;
  guint n_turns;
} Backlog;

/* What else there is to read, until the answer is read. That arrives when SLOW_US have passed. */
static gboolean
on_backlog (gpointer user_data)
{
  Backlog *self = user_data;

  g_usleep (SLOW_US / 3);
  if (++self->n_turns == 4)
    sim_net_hold_answers (self->fixture->net, FALSE);
  return G_SOURCE_CONTINUE;
}

/* Who is behind with reading blames nobody for it: here all places of the slow are taken, so that
 * who is called slow is put off, and asked again later. */
static void
answer_that_is_not_read_yet_is_not_late (void **state)
{
  EngineFixture *self = *state;
  Question dead[MAX_SLOW] = { 0 };
  Question question = { 0 };
  Backlog backlog = { self, 0 };
  GSource *source = g_idle_source_new ();

  announce (self);
  sim_net_set_timeout_ms (self->net, 3600 * 1000);
  engine_fixture_wait_running (self);
  for (guint i = 0; i < G_N_ELEMENTS (dead); i++)
    ask_for (self, &dead[i], "dead");
  wait_asked (self, MAX_SLOW);
  wait_idle (self);
  sim_net_hold_answers (self->net, TRUE);
  ask (self, &question);
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, on_backlog, &backlog, NULL);
  g_source_attach (source, self->context);
  engine_wait_for_count (&question.n_answers, 1);
  g_source_destroy (source);
  g_source_unref (source);
  assert_int_equal (n_asked (self), MAX_SLOW + 1);
  free_all (dead, G_N_ELEMENTS (dead));
  free_all (&question, 1);
}

static void
question_that_must_end_is_not_put_off (void **state)
{
  EngineFixture *self = *state;
  Question dead[MAX_SLOW + 4 * WINDOW] = { 0 };

  sim_net_hold_answers (self->net, TRUE);
  sim_net_set_timeout_ms (self->net, 60 * 1000);
  engine_fixture_wait_running (self);
  for (guint i = 0; i < G_N_ELEMENTS (dead); i++)
    {
      ask (self, &dead[i]);
      disco_resolve_job_set_must_end (dead[i].job);
    }
  wait_asked (self, MAX_SLOW + WINDOW);
  assert_false (disco_resolver_is_idle (disco_engine_get_resolver (self->engine)));

  /* room among the slow is taken by the next */
  g_clear_pointer (&dead[0].job, disco_resolve_job_free);
  wait_asked (self, MAX_SLOW + WINDOW + 1);
  assert_int_equal (n_under_way (self), MAX_SLOW + WINDOW);
  free_all (dead, G_N_ELEMENTS (dead));
}

static void
newest_name_need_not_wait_for_a_crowd (void **state)
{
  EngineFixture *self = *state;
  g_autofree Question *dead = g_new0 (Question, (gsize)2 * CROWD);
  Question question = { 0 };

  announce (self);
  engine_fixture_wait_running (self);
  for (guint i = 0; i < 2 * CROWD; i++)
    ask_for (self, &dead[i], "dead");
  ask (self, &question);
  engine_wait_for_count (&question.n_answers, 1);
  assert_true (n_asked (self) <= 2 * WINDOW);
  free_all (dead, 2 * CROWD);
  free_all (&question, 1);
}

static void
question_without_an_answer_ends_with_an_error (void **state)
{
  EngineFixture *self = *state;
  Question question = { 0 };

  sim_net_set_timeout_ms (self->net, 20);
  ask_all (self, &question, 1);
  engine_wait_for_count (&question.n_answers, 1);
  assert_true (question.failed);
  free_all (&question, 1);
}

static gboolean
note_idle (gpointer user_data)
{
  ++*(guint *)user_data;
  return G_SOURCE_CONTINUE;
}

static void
idle_is_told_when_nothing_waits_any_more (void **state)
{
  EngineFixture *self = *state;
  DiscoResolver *resolver = disco_engine_get_resolver (self->engine);
  Question questions[2 * WINDOW] = { 0 };
  guint n_idle = 0;

  disco_resolver_set_idle_func (resolver, note_idle, &n_idle);
  assert_true (disco_resolver_is_idle (resolver));
  sim_net_hold_answers (self->net, TRUE);
  ask_all (self, questions, G_N_ELEMENTS (questions));
  assert_false (disco_resolver_is_idle (resolver));
  dispatch_first_window (self);
  assert_int_equal (n_idle, 0);
  announce (self);
  sim_net_hold_answers (self->net, FALSE);
  engine_wait_for_count (&n_idle, 1);
  assert_true (disco_resolver_is_idle (resolver));
  free_all (questions, G_N_ELEMENTS (questions));
}

static void
question_may_be_freed_while_it_waits_is_asked_or_is_answered (void **state)
{
  EngineFixture *self = *state;
  Question questions[WINDOW + 2] = { 0 };
  Question *asked = &questions[0];
  Question *inside = &questions[1];
  Question *waiting = &questions[WINDOW];

  inside->free_inside = TRUE;
  sim_net_hold_answers (self->net, TRUE);
  ask_all (self, questions, G_N_ELEMENTS (questions));
  dispatch_first_window (self);
  g_clear_pointer (&asked->job, disco_resolve_job_free);
  g_clear_pointer (&waiting->job, disco_resolve_job_free);
  announce (self);
  sim_net_hold_answers (self->net, FALSE);
  wait_idle (self);
  engine_fixture_wait_quiet (self);
  assert_int_equal (asked->n_answers, 0);
  assert_int_equal (waiting->n_answers, 0);
  assert_int_equal (inside->n_answers, 1);
  assert_null (inside->job);
  assert_int_equal (questions[WINDOW + 1].n_answers, 1);
  assert_int_equal (n_asked (self), G_N_ELEMENTS (questions) - 1);
  free_all (questions, G_N_ELEMENTS (questions));
}

static void
answer_on_its_way_is_not_told_of_a_question_that_was_freed (void **state)
{
  EngineFixture *self = *state;
  Question question = { 0 };

  announce (self);
  ask_all (self, &question, 1);
  wait_asked (self, 1);
  assert_false (sim_net_is_quiet (self->net));
  free_all (&question, 1);
  engine_fixture_wait_quiet (self);
  assert_int_equal (question.n_answers, 0);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    engine_test (questions_are_all_answered_once_and_counted),
    engine_test (only_a_window_is_asked_at_once_until_it_is_slow),
    engine_test (window_is_wide_where_all_are_answered_until_one_is_slow),
    engine_test (errors_do_not_widen_the_window),
    engine_test (slow_questions_have_a_bound_too),
    engine_test (names_that_nobody_answers_for_do_not_hold_up_the_others),
    engine_test (answer_that_is_not_read_yet_is_not_late),
    engine_test (question_that_must_end_is_not_put_off),
    engine_test (newest_name_need_not_wait_for_a_crowd),
    engine_test (question_without_an_answer_ends_with_an_error),
    engine_test (idle_is_told_when_nothing_waits_any_more),
    engine_test (question_may_be_freed_while_it_waits_is_asked_or_is_answered),
    engine_test (answer_on_its_way_is_not_told_of_a_question_that_was_freed),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
