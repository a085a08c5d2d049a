/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What happens when this process, or this host's bus, has nothing left to give: no file descriptor,
 * no thread, no connection. Calls fail, nothing ends the process, and what worked goes on. */
#include "test-bus.h"
#include "test-events.h"

#include <disco/disco.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* Of a service that no other test has */
static char *name;

typedef struct
{
  GMainContext *context;  /* (owned) */
  DiscoAvahiAgent *agent; /* (owned) */
  DiscoService *service;  /* (owned) */
  DiscoWatcher *watcher;  /* (owned) */
  GArray *fds;            /* (owned) of int: taken so that nobody else has them */
} Fixture;

/* --- no thread --- */

static int no_threads; /* atomic */

typedef int (*CreateThread) (pthread_t *thread, const pthread_attr_t *attributes,
                             void *(*func) (void *), void *argument);

/* In the place of the C library's: GLib makes its threads by this one. */
int create_thread (pthread_t *thread, const pthread_attr_t *attributes, void *(*func) (void *),
                   void *argument) __asm__("pthread_create");

int
create_thread (pthread_t *thread, const pthread_attr_t *attributes, void *(*func) (void *),
               void *argument)
{
  static CreateThread real;

  if (real == NULL)
    real = (CreateThread)dlsym (RTLD_NEXT, "pthread_create");
  return g_atomic_int_get (&no_threads) ? EAGAIN : real (thread, attributes, func, argument);
}

/* --- no descriptor --- */

static void
take_all_descriptors (Fixture *self)
{
  int fd;

  while ((fd = fcntl (STDERR_FILENO, F_DUPFD_CLOEXEC, 0)) != -1)
    g_array_append_val (self->fds, fd);
  assert_int_equal (errno, EMFILE);
}

static void
give_descriptors_back (Fixture *self)
{
  for (guint i = 0; i < self->fds->len; i++)
    close (g_array_index (self->fds, int, i));
  g_array_set_size (self->fds, 0);
}

/* --- the fixture --- */

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
wait_state (DiscoAvahiAgent *agent, DiscoState state)
{
  test_wait_until (NULL, has_state, &(StateWait){ agent, state });
}

/* On the test's own context, which it has already. (transfer full) (nullable): the id */
static char *
try_register (DiscoAvahiAgent *agent, const char *id, GError **error)
{
  g_autoptr (DiscoRegistration) registration = disco_registration_new (name, 80);
  g_autoptr (GAsyncResult) result = NULL;
  TestResult called = { NULL };

  disco_registration_set_id (registration, id);
  disco_agent_register_async (DISCO_AGENT (agent), registration, NULL, test_result_callback,
                              &called);
  result = test_result_wait (&called);
  return disco_agent_register_finish (DISCO_AGENT (agent), result, error);
}

static void
register_and_see (Fixture *self, const char *id)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *established = try_register (self->agent, id, &error);
  g_autofree char *expected = g_strdup_printf ("+%s:80", id);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) events = NULL;
  TestResult called = { NULL };

  if (established == NULL)
    fail_msg ("%s", error->message);
  disco_watcher_next_async (self->watcher, NULL, test_result_callback, &called);
  result = test_result_wait (&called);
  events = disco_watcher_next_finish (self->watcher, result, NULL);
  test_assert_events (events, expected);
}

static int
set_up (void **state)
{
  Fixture *self = g_new0 (Fixture, 1);
  g_autoptr (GPtrArray) events = NULL;
  static guint n_tests;

  name = g_strdup_printf ("limits-%u", ++n_tests);
  test_context_push ((void **)&self->context);
  self->fds = g_array_new (FALSE, FALSE, sizeof (int));
  self->agent = disco_avahi_agent_new (DISCO_BACKEND_DAEMON);
  self->service = disco_agent_service (DISCO_AGENT (self->agent), name, NULL, NULL, NULL);
  assert_non_null (self->service);
  self->watcher = disco_service_watch (self->service);
  events = disco_watcher_next (self->watcher, NULL, NULL);
  assert_int_equal (events->len, 0);
  *state = self;
  return 0;
}

static int
tear_down (void **state)
{
  Fixture *self = *state;
  g_autoptr (GError) error = NULL;

  g_atomic_int_set (&no_threads, FALSE);
  give_descriptors_back (self);
  assert_true (disco_agent_leave (DISCO_AGENT (self->agent), NULL, &error));
  g_object_unref (self->watcher);
  g_object_unref (self->service);
  g_object_unref (self->agent);
  g_array_unref (self->fds);
  g_clear_pointer (&name, g_free);
  test_dispatch_pending ();
  test_context_pop ((void **)&self->context);
  g_free (self);
  return 0;
}

#define limit_test(test) cmocka_unit_test_setup_teardown (test, set_up, tear_down)

/* --- an agent that could not be made whole --- */

static void
assert_every_call_fails (DiscoAvahiAgent *avahi, DiscoInstance *instance)
{
  DiscoAgent *agent = DISCO_AGENT (avahi);
  g_autoptr (DiscoService) service = disco_agent_open_service (agent, name, NULL, NULL);
  g_autoptr (GError) error = NULL;
  TestResult called = { NULL };
  GAsyncResult *result;

  assert_int_equal (disco_avahi_agent_get_state (avahi), DISCO_STATE_UNAVAILABLE);
  assert_null (try_register (avahi, "one", &error));
  test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_LIMIT, "this process");
  disco_agent_services_async (agent, NULL, NULL, test_result_callback, &called);
  result = test_result_wait (&called);
  assert_null (disco_agent_services_finish (agent, result, &error));
  test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_LIMIT, "this process");
  g_object_unref (result);
  disco_agent_service_async (agent, name, NULL, NULL, test_result_callback, &called);
  result = test_result_wait (&called);
  assert_null (disco_agent_service_finish (agent, result, &error));
  test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_LIMIT, "this process");
  g_object_unref (result);
  disco_agent_verify_async (agent, instance, NULL, test_result_callback, &called);
  result = test_result_wait (&called);
  assert_false (disco_agent_verify_finish (agent, result, &error));
  test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_LIMIT, "this process");
  g_object_unref (result);
  disco_agent_leave_async (agent, NULL, test_result_callback, &called);
  result = test_result_wait (&called);
  assert_true (disco_agent_leave_finish (agent, result, NULL));
  g_object_unref (result);
}

/* (transfer full) */
static DiscoInstance *
any_instance (Fixture *self)
{
  g_autoptr (GPtrArray) instances = disco_service_get_instances (self->service);

  assert_true (instances->len > 0);
  return g_object_ref (instances->pdata[0]);
}

static void
without_descriptors_calls_fail_and_what_worked_goes_on (void **state)
{
  Fixture *self = *state;
  g_autoptr (DiscoInstance) instance = NULL;
  g_autoptr (DiscoAvahiAgent) other = NULL;
  g_autoptr (GError) error = NULL;

  register_and_see (self, "before");
  instance = any_instance (self);
  take_all_descriptors (self);
  assert_null (disco_watcher_next (self->watcher, NULL, &error));
  test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_LIMIT, "RLIMIT_NOFILE");
  register_and_see (self, "during");
  other = disco_avahi_agent_new (DISCO_BACKEND_DAEMON);
  assert_every_call_fails (other, instance);
  give_descriptors_back (self);
  register_and_see (self, "after");
}

static void
bed (const char *verb)
{
  g_autoptr (GSubprocess) process
      = g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, NULL, g_getenv ("BED"), verb, "a", NULL);

  assert_non_null (process);
  assert_true (g_subprocess_wait_check (process, NULL, NULL));
}

static pid_t
find_daemon (void)
{
  const char *argv[] = { g_getenv ("BED"), "pids", "a", NULL };
  g_autofree char *output = NULL;

  assert_true (g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &output, NULL,
                             NULL, NULL));
  assert_true (g_str_has_prefix (output, "avahi="));
  return (pid_t)g_ascii_strtoull (output + strlen ("avahi="), NULL, 10);
}

/* There is no way to connect again, and it is tried all the same until there is. */
static void
lost_daemon_is_found_again_when_there_are_descriptors (void **state)
{
  Fixture *self = *state;
  const pid_t daemon = find_daemon ();

  take_all_descriptors (self);
  assert_int_equal (kill (daemon, SIGKILL), 0);
  wait_state (self->agent, DISCO_STATE_CONNECTING);
  wait_state (self->agent, DISCO_STATE_UNAVAILABLE);
  give_descriptors_back (self);
  bed ("start");
  wait_state (self->agent, DISCO_STATE_RUNNING);
  register_and_see (self, "again");
}

static void
without_threads_calls_fail_and_what_worked_goes_on (void **state)
{
  Fixture *self = *state;
  g_autoptr (DiscoInstance) instance = NULL;
  g_autoptr (DiscoAvahiAgent) other = NULL;

  register_and_see (self, "before");
  instance = any_instance (self);
  g_atomic_int_set (&no_threads, TRUE);
  other = disco_avahi_agent_new (DISCO_BACKEND_DAEMON);
  assert_every_call_fails (other, instance);
  register_and_see (self, "during");
}

/* --- a bus without room --- */

static void
bus_that_takes_no_connection_is_unavailable_until_it_does (void **state)
{
  Fixture *self = *state;
  g_autoptr (GPtrArray) connections = test_bus_take_all_connections ();
  g_autoptr (DiscoAvahiAgent) other = NULL;
  g_autoptr (GError) error = NULL;

  other = disco_avahi_agent_new (DISCO_BACKEND_DAEMON);
  wait_state (other, DISCO_STATE_UNAVAILABLE);
  assert_null (try_register (other, "one", &error));
  test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_UNAVAILABLE, "no system bus");
  register_and_see (self, "during");
  g_ptr_array_set_size (connections, 0);
  wait_state (other, DISCO_STATE_RUNNING);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    limit_test (without_descriptors_calls_fail_and_what_worked_goes_on),
    limit_test (lost_daemon_is_found_again_when_there_are_descriptors),
    limit_test (without_threads_calls_fail_and_what_worked_goes_on),
    limit_test (bus_that_takes_no_connection_is_unavailable_until_it_does),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
