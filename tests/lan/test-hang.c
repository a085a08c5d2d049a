/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The daemon, or the bus, of this host hangs: stopped, not ended. No caller waits for that; and
 * when it goes on nothing has changed. */
#include "test-events.h"

#include <disco/disco.h>
#include <signal.h>
#include <stdlib.h>

/* In the time that it takes the watchdog to cut, to be told, and under a sanitizer. Far below the
 * 25 s of D-Bus itself. */
#define CUT_US (10 * G_TIME_SPAN_SECOND)
/* How long a call that only posts to the worker may keep its thread from going on. What others on
 * the machine take away from it does not count. */
#define AT_ONCE_US (50 * G_TIME_SPAN_MILLISECOND)
#define N_CALLS 1000

typedef struct
{
  GMainContext *context;  /* (owned) */
  DiscoAvahiAgent *agent; /* (owned) (nullable): the test may drop it */
  DiscoService *service;  /* (owned) (nullable) */
  DiscoWatcher *watcher;  /* (owned) (nullable) */
  char *name;             /* (owned): of a service that no other test has */
  pid_t hung;             /* 0: none */
  gint64 hung_at;
} Fixture;

/* How long this thread has slept: neither had a processor nor waited for one, since some time in
 * the past */
static gint64
get_asleep_us (void)
{
  g_autofree char *text = NULL;
  char *waited;
  guint64 ran_ns;

  assert_true (g_file_get_contents ("/proc/thread-self/schedstat", &text, NULL, NULL));
  ran_ns = g_ascii_strtoull (text, &waited, 10);
  return g_get_monotonic_time () - (gint64)((ran_ns + g_ascii_strtoull (waited, NULL, 10)) / 1000);
}

/* "avahi" or "dbus" */
static pid_t
find_pid (const char *what)
{
  const char *bed = g_getenv ("BED");
  const char *argv[] = { bed, "pids", "a", NULL };
  g_autofree char *output = NULL;
  g_autofree char *key = g_strconcat (what, "=", NULL);
  const char *at;

  assert_non_null (bed);
  assert_true (g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &output, NULL,
                             NULL, NULL));
  at = strstr (output, key);
  assert_non_null (at);
  return (pid_t)g_ascii_strtoull (at + strlen (key), NULL, 10);
}

static void
hang (Fixture *self, const char *what)
{
  self->hung = find_pid (what);
  assert_true (self->hung > 1);
  assert_int_equal (kill (self->hung, SIGSTOP), 0);
  self->hung_at = g_get_monotonic_time ();
}

static void
go_on (Fixture *self)
{
  if (self->hung != 0)
    assert_int_equal (kill (self->hung, SIGCONT), 0);
  self->hung = 0;
}

typedef struct
{
  DiscoAvahiAgent *agent;
  DiscoState state;
} StateWait;

static gboolean
has_state (gpointer data)
{
  StateWait *wait = data;

  return disco_avahi_agent_get_state (wait->agent) == wait->state;
}

static void
wait_state (Fixture *self, DiscoState state)
{
  test_wait_until (NULL, has_state, &(StateWait){ self->agent, state });
}

static void
register_wait (Fixture *self, const char *id)
{
  g_autoptr (DiscoRegistration) registration = disco_registration_new (self->name, 80);
  g_autoptr (GError) error = NULL;
  g_autofree char *established = NULL;

  disco_registration_set_id (registration, id);
  established = disco_agent_register (DISCO_AGENT (self->agent), registration, NULL, &error);
  if (error != NULL)
    fail_msg ("%s", error->message);
}

/* An agent with a registration, which a watcher knows of */
static int
set_up (void **state)
{
  Fixture *self = g_new0 (Fixture, 1);
  g_autoptr (GPtrArray) events = NULL;
  static guint n_tests;

  test_context_push ((void **)&self->context);
  self->name = g_strdup_printf ("hang-%u", ++n_tests);
  self->agent = disco_avahi_agent_new (DISCO_BACKEND_DAEMON);
  register_wait (self, "one");
  self->service = disco_agent_service (DISCO_AGENT (self->agent), self->name, NULL, NULL, NULL);
  assert_non_null (self->service);
  self->watcher = disco_service_watch (self->service);
  events = disco_watcher_next (self->watcher, NULL, NULL);
  test_assert_events (events, "+one:80");
  *state = self;
  return 0;
}

static int
tear_down (void **state)
{
  Fixture *self = *state;

  go_on (self);
  g_clear_object (&self->watcher);
  g_clear_object (&self->service);
  g_clear_object (&self->agent);
  test_dispatch_pending ();
  test_context_pop ((void **)&self->context);
  g_free (self->name);
  g_free (self);
  return 0;
}

#define hang_test(test) cmocka_unit_test_setup_teardown (test, set_up, tear_down)

/* Registering asks the daemon: so the worker comes to block. */
static void
register_async (Fixture *self, const char *id, GCancellable *cancellable, TestResult *result)
{
  g_autoptr (DiscoRegistration) registration = disco_registration_new (self->name, 81);

  disco_registration_set_id (registration, id);
  disco_agent_register_async (DISCO_AGENT (self->agent), registration, cancellable,
                              test_result_callback, result);
}

/* --- asynchronous calls --- */

typedef struct
{
  guint n_left;
} Counter;

static void
count_down (GObject *source, GAsyncResult *result, gpointer data)
{
  ((Counter *)data)->n_left--;
}

static gboolean
all_have_ended (gpointer data)
{
  return ((Counter *)data)->n_left == 0;
}

static void
call_all (Fixture *self, guint i, GCancellable *cancellable, Counter *counter)
{
  DiscoAgent *agent = DISCO_AGENT (self->agent);
  g_autofree char *id = g_strdup_printf ("call-%u", i);
  g_autofree char *name = g_strdup_printf ("name-%u", i % 8);
  g_autoptr (DiscoRegistration) registration = disco_registration_new (self->name, 82);
  g_autoptr (DiscoService) service = NULL;

  disco_registration_set_id (registration, id);
  counter->n_left += 4;
  disco_agent_register_async (agent, registration, cancellable, count_down, counter);
  disco_agent_update_async (agent, "one", registration, cancellable, count_down, counter);
  disco_agent_services_async (agent, NULL, cancellable, count_down, counter);
  disco_agent_deregister_async (agent, "nobody", cancellable, count_down, counter);
  service = disco_agent_open_service (agent, name, NULL, NULL);
  assert_non_null (service);
}

static void
assert_asynchronous_calls_return_at_once (Fixture *self)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Counter counter = { 0 };
  gint64 worst = 0;

  for (guint i = 0; i < N_CALLS; i++)
    {
      const gint64 before = get_asleep_us ();
      call_all (self, i, cancellable, &counter);
      worst = MAX (worst, get_asleep_us () - before);
    }
  print_message ("worst of %d rounds of calls: asleep for %" G_GINT64_FORMAT " us\n", N_CALLS,
                 worst);
  assert_true (worst < AT_ONCE_US);
  g_cancellable_cancel (cancellable);
  test_wait_until (NULL, all_have_ended, &counter);
}

static void
assert_next_is_cancelled_at_once (Fixture *self)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) ended = NULL;
  g_autoptr (GError) error = NULL;
  TestResult result = { NULL };
  gint64 before;

  disco_watcher_next_async (self->watcher, cancellable, test_result_callback, &result);
  test_dispatch_pending ();
  before = get_asleep_us ();
  g_cancellable_cancel (cancellable);
  ended = test_result_wait (&result);
  assert_true (get_asleep_us () - before < AT_ONCE_US);
  assert_null (disco_watcher_next_finish (self->watcher, ended, &error));
  test_assert_error (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, NULL);
}

/* Soon is when the call is most probably under way; it holds whenever that is. */
static gpointer
cancel_soon (gpointer data)
{
  g_usleep (100000);
  g_cancellable_cancel (data);
  return NULL;
}

static void
assert_blocking_call_ends_by_its_cancellable (Fixture *self)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (DiscoRegistration) registration = disco_registration_new (self->name, 83);
  g_autoptr (GError) error = NULL;
  GThread *thread = g_thread_new ("cancel", cancel_soon, cancellable);

  assert_null (disco_agent_register (DISCO_AGENT (self->agent), registration, cancellable, &error));
  test_assert_error (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, NULL);
  g_thread_join (thread);
}

/* --- what comes of it --- */

/* Nothing was told, and what is announced now is told. */
static void
assert_nothing_happened (Fixture *self)
{
  g_autoptr (GPtrArray) events = NULL;

  register_wait (self, "after");
  events = disco_watcher_next (self->watcher, NULL, NULL);
  test_assert_events (events, "+after:80");
}

/* What hangs is given up, within the bound. */
static void
wait_given_up (Fixture *self)
{
  wait_state (self, DISCO_STATE_CONNECTING);
  assert_true (g_get_monotonic_time () - self->hung_at < CUT_US);
}

static void
daemon_that_hangs_stops_no_call_and_nothing_is_lost (void **state)
{
  Fixture *self = *state;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  TestResult blocking = { NULL };
  DiscoAvahiAgent *other;

  hang (self, "avahi");
  register_async (self, "two", cancellable, &blocking);
  assert_next_is_cancelled_at_once (self);
  assert_blocking_call_ends_by_its_cancellable (self);
  assert_asynchronous_calls_return_at_once (self);
  wait_given_up (self);
  g_cancellable_cancel (cancellable);
  g_object_unref (test_result_wait (&blocking));
  other = disco_avahi_agent_new (DISCO_BACKEND_DAEMON);
  go_on (self);
  wait_state (self, DISCO_STATE_RUNNING);
  test_wait_until (NULL, has_state, &(StateWait){ other, DISCO_STATE_RUNNING });
  assert_nothing_happened (self);
  g_object_unref (other);
}

static void
bus_that_hangs_is_given_up_and_nothing_is_lost (void **state)
{
  Fixture *self = *state;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  TestResult blocking = { NULL };

  hang (self, "dbus");
  register_async (self, "two", cancellable, &blocking);
  wait_given_up (self);
  g_cancellable_cancel (cancellable);
  g_object_unref (test_result_wait (&blocking));
  go_on (self);
  wait_state (self, DISCO_STATE_RUNNING);
  assert_nothing_happened (self);
}

static void
last_reference_is_dropped_without_waiting (void **state)
{
  static const char *const hung[] = { "avahi", "dbus" };
  Fixture *self = *state;

  g_clear_object (&self->watcher);
  g_clear_object (&self->service);
  for (guint i = 0; i < G_N_ELEMENTS (hung); i++)
    {
      gint64 before;

      hang (self, hung[i]);
      self->service = disco_agent_open_service (DISCO_AGENT (self->agent), "ipp", NULL, NULL);
      g_clear_object (&self->service);
      g_usleep (20000); /* most probably the worker is inside the call then */
      before = get_asleep_us ();
      g_clear_object (&self->agent);
      assert_true (get_asleep_us () - before < 4 * AT_ONCE_US);
      go_on (self);
      self->agent = disco_avahi_agent_new (DISCO_BACKEND_DAEMON);
      wait_state (self, DISCO_STATE_RUNNING);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    hang_test (daemon_that_hangs_stops_no_call_and_nothing_is_lost),
    hang_test (bus_that_hangs_is_given_up_and_nothing_is_lost),
    hang_test (last_reference_is_dropped_without_waiting),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
