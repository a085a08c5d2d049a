/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A daemon with tiny limits (tests/lan/CMakeLists.txt): what cannot be got past is a LIMIT that
 * names the setting, and what worked stays. An agent with a responder of its own looks on. */
#include "test-events.h"

/* clients-max times objects-per-client-max is all there is; so many are tried. */
#define N_TRIES 40
/* More than the daemon lets a program follow */
#define N_NAMES 20

typedef struct
{
  GMainContext *context; /* (owned): thread-default meanwhile */
  DiscoAvahiAgent *agent;
  DiscoAvahiAgent *onlooker;
  DiscoService *service;
  DiscoWatcher *watcher;
  TestReader known; /* the onlooker's, or who looks instead */
} Fixture;

static void
look (Fixture *self, DiscoAvahiAgent *agent)
{
  g_autoptr (GError) error = NULL;

  self->service = disco_agent_service (DISCO_AGENT (agent), "http", NULL, NULL, &error);
  if (self->service == NULL)
    fail_msg ("%s", error->message);
  self->watcher = disco_service_watch_full (self->service, DISCO_WATCH_IMMEDIATE);
}

static void
look_away (Fixture *self)
{
  g_clear_object (&self->watcher);
  g_clear_object (&self->service);
}

static int
set_up (void **state)
{
  Fixture *self = g_new0 (Fixture, 1);

  test_context_push ((void **)&self->context);
  test_reader_init (&self->known);
  self->agent = disco_avahi_agent_new (DISCO_BACKEND_DAEMON);
  self->onlooker = disco_avahi_agent_new (DISCO_BACKEND_EMBEDDED);
  look (self, self->onlooker);
  *state = self;
  return 0;
}

static int
tear_down (void **state)
{
  Fixture *self = *state;

  assert_true (disco_agent_leave (DISCO_AGENT (self->agent), NULL, NULL));
  look_away (self);
  g_object_unref (self->onlooker);
  g_object_unref (self->agent);
  test_reader_clear (&self->known);
  test_dispatch_pending ();
  test_context_pop ((void **)&self->context);
  g_free (self);
  return 0;
}

#define limit_test(test) cmocka_unit_test_setup_teardown (test, set_up, tear_down)

static gboolean
try_register (Fixture *self, const char *name, const char *id, const char *const *tags,
              GError **error)
{
  g_autoptr (DiscoRegistration) registration = disco_registration_new (name, 80);
  g_autofree char *established = NULL;

  disco_registration_set_id (registration, id);
  disco_registration_set_tags (registration, tags);
  established = disco_agent_register (DISCO_AGENT (self->agent), registration, NULL, error);
  return established != NULL;
}

/* Reads until the onlooker has @n instances, among them @id. */
static void
wait_seen (Fixture *self, guint n, const char *id)
{
  const gint64 end = g_get_monotonic_time () + TEST_DEADLINE_S * G_TIME_SPAN_SECOND;

  while (g_hash_table_size (self->known.known) != n || test_reader_get (&self->known, id) == NULL)
    {
      TestResult called = { NULL };
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GPtrArray) events = NULL;

      assert_true (g_get_monotonic_time () < end);
      disco_watcher_next_async (self->watcher, NULL, test_result_callback, &called);
      result = test_result_wait (&called);
      events = disco_watcher_next_finish (self->watcher, result, NULL);
      assert_non_null (events);
      test_reader_replay (&self->known, events);
    }
}

static void
begin (DiscoAvahiAgent *agent, guint number, TestResult *result)
{
  g_autoptr (DiscoRegistration) registration = disco_registration_new ("http", 80);
  g_autofree char *id = g_strdup_printf ("id%u", number);

  disco_registration_set_id (registration, id);
  disco_agent_register_async (DISCO_AGENT (agent), registration, NULL, test_result_callback,
                              result);
}

static gboolean
end (DiscoAvahiAgent *agent, TestResult *result)
{
  g_autoptr (GAsyncResult) done = test_result_wait (result);
  g_autoptr (GError) error = NULL;
  g_autofree char *id = disco_agent_register_finish (DISCO_AGENT (agent), done, &error);

  if (id == NULL)
    test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_LIMIT, "clients-max in avahi-daemon.conf");
  return id != NULL;
}

static void
without_room_for_objects_the_rest_stays (void **state)
{
  Fixture *self = *state;
  TestResult results[N_TRIES] = { 0 };
  g_autoptr (GError) other_error = NULL;
  guint n = 0;

  for (guint i = 0; i < N_TRIES; i++)
    begin (self->agent, i, &results[i]);
  for (guint i = 0; i < N_TRIES; i++)
    n += end (self->agent, &results[i]);
  print_message ("%u registered\n", n);
  assert_in_range (n, 9, N_TRIES - 1); /* on each of the connections there can be */
  wait_seen (self, n, "id0");

  /* what goes makes room */
  assert_true (disco_agent_deregister (DISCO_AGENT (self->agent), "id0", NULL, NULL));
  wait_seen (self, n - 1, "id1");
  assert_true (try_register (self, "http", "again", NULL, &other_error));
  wait_seen (self, n, "again");
  assert_int_equal (disco_avahi_agent_get_state (self->agent), DISCO_STATE_RUNNING);
}

static void
group_without_room_for_its_entries_fails_alone (void **state)
{
  static const char *const tags[] = { "one", "two", "three", NULL };
  Fixture *self = *state;
  g_autoptr (GError) error = NULL;

  assert_true (try_register (self, "http", "before", NULL, &error));
  assert_false (try_register (self, "http", "with-tags", tags, &error));
  test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_LIMIT,
                     "entries-per-entry-group-max in avahi-daemon.conf");
  assert_true (try_register (self, "http", "after", NULL, &error));
  /* the one that failed may show for a moment */
  wait_seen (self, 2, "after");
  assert_non_null (test_reader_get (&self->known, "before"));
}

/* Live views and look-ups find no room beside the browser; what it is asked once is enough. */
static void
with_few_objects_all_is_found (void **state)
{
  Fixture *self = *state;
  TestResult results[N_NAMES] = { 0 };

  look_away (self);
  for (guint i = 0; i < N_NAMES; i++)
    begin (self->onlooker, i, &results[i]);
  for (guint i = 0; i < N_NAMES; i++)
    assert_true (end (self->onlooker, &results[i]));
  look (self, self->agent);
  wait_seen (self, N_NAMES, "id0");
  assert_int_equal (disco_avahi_agent_get_state (self->agent), DISCO_STATE_RUNNING);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    limit_test (without_room_for_objects_the_rest_stays),
    limit_test (group_without_room_for_its_entries_fails_alone),
    limit_test (with_few_objects_all_is_found),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
