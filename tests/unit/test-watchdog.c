/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-watchdog-private.h"
#include "test-support.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define MIN_US (20 * G_TIME_SPAN_MILLISECOND)
#define MAX_US (50 * G_TIME_SPAN_MILLISECOND)
/* Long enough for the kernel to count the time of a process that is busy */
#define PATIENT_US (250 * G_TIME_SPAN_MILLISECOND)
/* Much more than what is left of it takes, on whatever machine */
#define LONG_US (3 * G_TIME_SPAN_SECOND)
/* Nothing here takes so long. */
#define NEVER_US (1000 * G_TIME_SPAN_SECOND)

/* A call that blocks until it is cut */
typedef struct
{
  GMutex mutex;
  GCond changed;
  gboolean is_cut;
} Call;

static void
cut (gpointer data)
{
  Call *self = data;

  g_mutex_lock (&self->mutex);
  assert_false (self->is_cut);
  self->is_cut = TRUE;
  g_cond_signal (&self->changed);
  g_mutex_unlock (&self->mutex);
}

/* How long the call has blocked that is under way since then */
static gint64
block_since (DiscoWatchdog *watchdog, gint64 since)
{
  Call call = { .is_cut = FALSE };
  const gint64 began = g_get_monotonic_time ();
  const gint64 deadline = began + TEST_DEADLINE_S * G_TIME_SPAN_SECOND;
  DiscoWatchdogGuard guard;

  g_mutex_init (&call.mutex);
  g_cond_init (&call.changed);
  disco_watchdog_enter_since (watchdog, &guard, since, cut, &call);
  g_mutex_lock (&call.mutex);
  while (!call.is_cut)
    assert_true (g_cond_wait_until (&call.changed, &call.mutex, deadline));
  g_mutex_unlock (&call.mutex);
  assert_true (disco_watchdog_leave (watchdog, &guard));
  g_cond_clear (&call.changed);
  g_mutex_clear (&call.mutex);
  return g_get_monotonic_time () - began;
}

static gint64
block (DiscoWatchdog *watchdog)
{
  return block_since (watchdog, g_get_monotonic_time ());
}

static DiscoWatchdog *
new_started (gint64 min_us, gint64 max_us)
{
  DiscoWatchdog *self = disco_watchdog_new (min_us, max_us);

  assert_true (disco_watchdog_start (self, NULL));
  return self;
}

static void
call_that_blocks_is_cut_after_the_bound_which_is_doubled_each_time (void **state)
{
  DiscoWatchdog *watchdog = new_started (MIN_US, MAX_US);

  assert_true (block (watchdog) >= MIN_US);
  assert_true (block (watchdog) >= 2 * MIN_US);
  assert_true (block (watchdog) >= MAX_US);
  assert_true (block (watchdog) >= MAX_US);
  disco_watchdog_free (watchdog);
}

/* It is waited for a little all the same: its reply may be there already. */
static void
time_of_a_call_counts_from_when_it_was_made (void **state)
{
  DiscoWatchdog *watchdog = new_started (LONG_US, NEVER_US);
  DiscoWatchdogGuard guard;
  gint64 blocked_us;

  /* for whose time the thread may be waiting */
  disco_watchdog_enter (watchdog, &guard, NULL, NULL);
  g_usleep (MIN_US);
  assert_false (disco_watchdog_leave (watchdog, &guard));
  blocked_us = block_since (watchdog, g_get_monotonic_time () - LONG_US);
  assert_in_range (blocked_us, MIN_US, LONG_US * 2 / 3);
  disco_watchdog_free (watchdog);
}

static void
note_cut (gpointer data)
{
  g_atomic_int_set ((int *)data, TRUE);
}

static void
calls_that_return_are_not_cut_however_many (void **state)
{
  DiscoWatchdog *watchdog = new_started (MIN_US, MIN_US);
  const gint64 end = g_get_monotonic_time () + 3 * MIN_US;

  while (g_get_monotonic_time () < end)
    {
      const gint64 began = g_get_monotonic_time ();
      int is_cut = FALSE;
      DiscoWatchdogGuard outer;
      DiscoWatchdogGuard inner;

      disco_watchdog_enter (watchdog, &outer, note_cut, &is_cut);
      disco_watchdog_enter (watchdog, &inner, note_cut, &is_cut);
      disco_watchdog_leave (watchdog, &inner);
      disco_watchdog_leave (watchdog, &outer);
      /* one that was kept from the processor may have been */
      if (g_get_monotonic_time () - began < MIN_US)
        assert_false (g_atomic_int_get (&is_cut));
    }
  disco_watchdog_free (watchdog);
}

static void
time_of_a_call_begins_anew_after_one_that_it_led_to (void **state)
{
  DiscoWatchdog *watchdog = new_started (5 * MIN_US, NEVER_US);
  DiscoWatchdogGuard outer;
  int is_cut = FALSE;

  disco_watchdog_enter (watchdog, &outer, note_cut, &is_cut);
  assert_true (block (watchdog) >= 5 * MIN_US);
  assert_false (g_atomic_int_get (&is_cut));
  disco_watchdog_leave (watchdog, &outer);
  disco_watchdog_free (watchdog);
}

/* (transfer full): the process of one that is busy until it is ended */
static pid_t
start_busy (void)
{
  const pid_t parent = getpid ();
  const pid_t pid = fork ();

  assert_true (pid >= 0);
  if (pid > 0)
    return pid;
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  while (getppid () == parent)
    ;
  _exit (0);
}

static void
end (pid_t pid)
{
  assert_int_equal (kill (pid, SIGKILL), 0);
  assert_int_equal (waitpid (pid, NULL, 0), pid);
}

static void
daemon_that_works_has_all_of_the_time (void **state)
{
  DiscoWatchdog *watchdog = new_started (PATIENT_US, 4 * PATIENT_US);
  const pid_t pid = start_busy ();

  disco_watchdog_set_process (watchdog, pid);
  assert_true (block (watchdog) >= 4 * PATIENT_US);
  end (pid);
  disco_watchdog_free (watchdog);
}

static void
daemon_that_is_stopped_has_the_first_bound_only (void **state)
{
  DiscoWatchdog *watchdog = new_started (PATIENT_US, NEVER_US);
  const pid_t pid = start_busy ();
  int status;

  assert_int_equal (kill (pid, SIGSTOP), 0);
  assert_int_equal (waitpid (pid, &status, WUNTRACED), pid);
  disco_watchdog_set_process (watchdog, pid);
  assert_true (block (watchdog) >= PATIENT_US);
  end (pid);
  disco_watchdog_free (watchdog);
}

static void
daemon_that_is_not_to_be_seen_has_the_first_bound_only (void **state)
{
  DiscoWatchdog *watchdog = new_started (PATIENT_US, NEVER_US);

  disco_watchdog_set_process (watchdog, INT_MAX);
  assert_true (block (watchdog) >= PATIENT_US);
  disco_watchdog_free (watchdog);
}

static gpointer
block_in_thread (gpointer watchdog)
{
  block (watchdog);
  return NULL;
}

static void
stop_cuts_the_call_under_way_and_each_that_comes_at_once (void **state)
{
  DiscoWatchdog *watchdog = new_started (NEVER_US, NEVER_US);
  GThread *thread = g_thread_new ("worker", block_in_thread, watchdog);

  disco_watchdog_stop (watchdog);
  g_thread_join (thread);
  block (watchdog);
  disco_watchdog_free (watchdog);
}

static void
stop_of_one_that_was_never_started_cuts_as_well (void **state)
{
  DiscoWatchdog *watchdog = disco_watchdog_new (NEVER_US, NEVER_US);

  disco_watchdog_stop (watchdog);
  block (watchdog);
  disco_watchdog_free (watchdog);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (call_that_blocks_is_cut_after_the_bound_which_is_doubled_each_time),
    cmocka_unit_test (time_of_a_call_counts_from_when_it_was_made),
    cmocka_unit_test (calls_that_return_are_not_cut_however_many),
    cmocka_unit_test (time_of_a_call_begins_anew_after_one_that_it_led_to),
    cmocka_unit_test (daemon_that_works_has_all_of_the_time),
    cmocka_unit_test (daemon_that_is_stopped_has_the_first_bound_only),
    cmocka_unit_test (daemon_that_is_not_to_be_seen_has_the_first_bound_only),
    cmocka_unit_test (stop_cuts_the_call_under_way_and_each_that_comes_at_once),
    cmocka_unit_test (stop_of_one_that_was_never_started_cuts_as_well),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
