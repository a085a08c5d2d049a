/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-verifier-private.h"
#include "engine-fixture.h"

#define HOST "host.local"

static const SimService web = { "a", "_http._tcp", HOST, 80, "disco.id=a|", NULL };
static const SimService second = { "b", "_http._tcp", HOST, 81, "disco.id=b|", NULL };

static EngineReader *
read_all (EngineFixture *self)
{
  EngineReader *reader = engine_reader_new (self, "http");

  sim_net_add_address (self->net, DISCO_LINK_ANY, HOST, "192.0.2.1");
  sim_net_announce (self->net, DISCO_LINK_ANY, &web);
  sim_net_announce (self->net, DISCO_LINK_ANY, &second);
  engine_reader_wait_known (reader, "a", 80);
  engine_reader_wait_known (reader, "b", 81);
  engine_reader_wait_synced (reader);
  return reader;
}

static void
verify (EngineFixture *self, const SimService *service, GCancellable *cancellable,
        TestResult *result)
{
  GTask *task = g_task_new (NULL, cancellable, test_result_callback, result);

  g_task_set_check_cancellable (task, FALSE);
  disco_verifier_ask (disco_engine_get_verifier (self->engine), service->label, service->type,
                      "local", task);
}

static void
what_answers_stays_and_nothing_is_told (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = read_all (self);
  TestResult result = { NULL };

  verify (self, &web, NULL, &result);
  assert_true (engine_wait_done (&result, NULL));
  engine_reader_wait (reader, "");
  assert_int_equal (sim_net_get_n_asked (self->net), 1);
}

static void
what_is_silent_goes_after_several_questions_and_comes_back_when_heard_of (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = read_all (self);
  g_autoptr (EngineReader) late = NULL;
  g_autoptr (GError) error = NULL;
  TestResult results[2] = { { NULL } };
  SimService spelled_otherwise = web;

  spelled_otherwise.label = "A";
  sim_net_set_mute (self->net, &web, TRUE);
  verify (self, &spelled_otherwise, NULL, &results[0]);
  verify (self, &web, NULL, &results[1]);
  engine_reader_wait (reader, "-a:80 ");
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      assert_false (engine_wait_done (&results[i], &error));
      test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_NOT_FOUND, "A._http._tcp.local");
    }
  assert_int_equal (sim_net_get_n_asked (self->net), 4);
  /* what the responder remembers does not count for others either */
  late = engine_reader_new (self, "_http._tcp");
  engine_reader_wait (late, "+b:81 ");
  sim_net_set_mute (self->net, &web, FALSE);
  engine_reader_wait (reader, "+a:80 ");
  engine_reader_wait (late, "+a:80 ");
}

static gboolean
is_asked_for_the_last_time (gpointer data)
{
  return sim_net_get_n_asked (data) >= 4;
}

/* It is back, and its announcement was lost. */
static void
call_that_comes_after_the_last_question_has_questions_of_its_own (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = read_all (self);
  g_autoptr (GError) error = NULL;
  TestResult first = { NULL };
  TestResult late = { NULL };

  sim_net_set_mute (self->net, &web, TRUE);
  verify (self, &web, NULL, &first);
  test_wait_until (NULL, is_asked_for_the_last_time, self->net);
  sim_net_set_unreachable (self->net, TRUE);
  sim_net_set_mute (self->net, &web, FALSE);
  sim_net_set_unreachable (self->net, FALSE);
  verify (self, &web, NULL, &late);
  assert_false (engine_wait_done (&first, &error));
  test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_NOT_FOUND, NULL);
  assert_true (engine_wait_done (&late, NULL));
  engine_reader_wait_known (reader, "a", 80);
}

/* Without a link nobody listens: so the answer to the last question may have been lost. */
static void
question_that_a_lost_link_cut_short_is_asked_anew (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = read_all (self);
  TestResult result = { NULL };

  sim_net_set_mute (self->net, &web, TRUE);
  verify (self, &web, NULL, &result);
  test_wait_until (NULL, is_asked_for_the_last_time, self->net);
  engine_fixture_cut_link (self);
  sim_net_set_unreachable (self->net, TRUE);
  sim_net_set_mute (self->net, &web, FALSE);
  sim_net_set_unreachable (self->net, FALSE);
  engine_fixture_restore_link (self);
  assert_true (engine_wait_done (&result, NULL));
}

static void
what_is_silent_and_announced_anew_to_the_responder_comes_back_too (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = read_all (self);
  TestResult result = { NULL };

  sim_net_set_mute (self->net, &web, TRUE);
  verify (self, &web, NULL, &result);
  engine_reader_wait (reader, "-a:80 ");
  assert_false (engine_wait_done (&result, NULL));
  sim_net_withdraw (self->net, DISCO_LINK_ANY, &web);
  engine_fixture_wait_quiet (self);
  sim_net_announce (self->net, DISCO_LINK_ANY, &web);
  engine_reader_wait (reader, "+a:80 ");
}

static gboolean
is_asked_again (gpointer data)
{
  return sim_net_get_n_asked (data) > 4;
}

static void
what_is_silent_is_asked_again_and_comes_back_when_it_answers (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = read_all (self);
  g_autofree char *name = g_strdup ("a._http._tcp.local");
  TestResult result = { NULL };

  sim_net_set_mute (self->net, &web, TRUE);
  verify (self, &web, NULL, &result);
  engine_reader_wait (reader, "-a:80 ");
  assert_false (engine_wait_done (&result, NULL));
  test_wait_until (NULL, is_asked_again, self->net);
  assert_true (disco_verifier_is_silent (disco_engine_get_verifier (self->engine), name));
}

static void
without_a_network_nothing_is_silent (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = read_all (self);
  g_autoptr (GError) error = NULL;
  TestResult result = { NULL };

  sim_net_set_unreachable (self->net, TRUE);
  verify (self, &web, NULL, &result);
  assert_false (engine_wait_done (&result, &error));
  test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_UNAVAILABLE, "no network");
  engine_reader_wait (reader, "");
}

static gboolean
is_asked_for_both (gpointer data)
{
  return sim_net_get_n_asked (data) >= 3;
}

static void
call_waits_for_a_link_and_fails_without (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = read_all (self);
  g_autoptr (GError) error = NULL;
  TestResult result = { NULL };
  TestResult begun = { NULL };

  engine_fixture_cut_link (self);
  verify (self, &web, NULL, &result);
  engine_fixture_restore_link (self);
  assert_true (engine_wait_done (&result, NULL));
  /* one is asked for already, and with patience */
  sim_net_set_mute (self->net, &second, TRUE);
  disco_engine_look_anew (self->engine);
  verify (self, &second, NULL, &begun);
  test_wait_until (NULL, is_asked_for_both, self->net);
  engine_fixture_cut_link (self);
  verify (self, &web, NULL, &result);
  assert_false (engine_wait_done (&result, &error));
  test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_UNAVAILABLE, NULL);
  assert_false (engine_wait_done (&begun, &error));
  test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_UNAVAILABLE, NULL);
  verify (self, &web, NULL, &result);
  assert_false (engine_wait_done (&result, &error));
  test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_UNAVAILABLE, NULL);
  engine_reader_wait (reader, "");
}

static gboolean
is_asked_for_twice (gpointer data)
{
  return sim_net_get_n_asked (data) >= 2;
}

/* The responder that it finds may remember them. */
static void
woken_without_a_link_it_asks_when_there_is_one (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = read_all (self);
  g_autoptr (GError) error = g_error_new (DISCO_ERROR, DISCO_ERROR_UNAVAILABLE, "too long");

  engine_fixture_cut_link (self);
  disco_engine_look_anew (self->engine);
  disco_verifier_fail_waiting (disco_engine_get_verifier (self->engine), error);
  engine_fixture_wait_quiet (self);
  assert_int_equal (sim_net_get_n_asked (self->net), 0);
  engine_fixture_restore_link (self);
  test_wait_until (NULL, is_asked_for_twice, self->net);
  engine_reader_wait (reader, "");
}

static void
call_is_cancelled_and_the_question_goes_on (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = read_all (self);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  TestResult result = { NULL };

  sim_net_set_mute (self->net, &web, TRUE);
  verify (self, &web, cancellable, &result);
  g_cancellable_cancel (cancellable);
  assert_false (engine_wait_done (&result, &error));
  test_assert_error (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, NULL);
  engine_reader_wait (reader, "-a:80 ");
  verify (self, &web, cancellable, &result);
  assert_false (engine_wait_done (&result, &error));
  test_assert_error (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, NULL);
}

static void
own_registration_is_there_without_a_question (void **state)
{
  EngineFixture *self = *state;
  const SimService own = { .label = "mine", .type = "_http._tcp" };
  TestResult result = { NULL };

  engine_register_wait (self, engine_registration ("mine", 90, ""));
  verify (self, &own, NULL, &result);
  assert_true (engine_wait_done (&result, NULL));
  assert_int_equal (sim_net_get_n_asked (self->net), 0);
}

static void
call_under_way_ends_with_the_engine (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (GError) error = NULL;
  TestResult result = { NULL };

  engine_fixture_wait_running (self);
  verify (self, &web, NULL, &result);
  test_dispatch_pending ();
  engine_fixture_restrict (self, NULL, NULL);
  assert_false (engine_wait_done (&result, &error));
  test_assert_error (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, NULL);
}

/* After a sleep: what has come is seen, what has gone goes, and what stays is not told of. */
static void
looking_anew_tells_only_what_is_different (void **state)
{
  EngineFixture *self = *state;
  g_autoptr (EngineReader) reader = read_all (self);
  const guint n_browsers = sim_net_get_n_made (self->net, SIM_BROWSE_SERVICES);

  sim_net_set_mute (self->net, &web, TRUE);
  disco_engine_look_anew (self->engine);
  engine_reader_wait (reader, "-a:80 ");
  assert_int_equal (sim_net_get_n_made (self->net, SIM_BROWSE_SERVICES), n_browsers + 1);
  assert_int_equal (self->n_links, 1);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    engine_test (what_answers_stays_and_nothing_is_told),
    engine_test (what_is_silent_goes_after_several_questions_and_comes_back_when_heard_of),
    engine_test (call_that_comes_after_the_last_question_has_questions_of_its_own),
    engine_test (question_that_a_lost_link_cut_short_is_asked_anew),
    engine_test (what_is_silent_and_announced_anew_to_the_responder_comes_back_too),
    engine_test (what_is_silent_is_asked_again_and_comes_back_when_it_answers),
    engine_test (without_a_network_nothing_is_silent),
    engine_test (call_waits_for_a_link_and_fails_without),
    engine_test (call_is_cancelled_and_the_question_goes_on),
    engine_test (own_registration_is_there_without_a_question),
    engine_test (looking_anew_tells_only_what_is_different),
    engine_test (woken_without_a_link_it_asks_when_there_is_one),
    engine_test (call_under_way_ends_with_the_engine),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
