/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A program on a network that a host (c) floods, while another one (b) has something to announce:
 * its main loop goes on as if nothing were, it sees what it looks for, and is told what was
 * refused. */
#include "test-events.h"

#include <disco/disco.h>

#define FLOODER_VARIABLE "DISCO_FLOODER"
#define ANNOUNCER_VARIABLE "DISCO_ANNOUNCER"
#define N_NAMES "1500"
#define MAX_INSTANCES 600
#define HOST_SHARE (MAX_INSTANCES / 2)
#define TICK_US G_TIME_SPAN_MILLISECOND
/* How late a timer of 1 ms may come, on a machine that does all of it at once. A call to the daemon
 * takes longer than that by then. */
#ifndef MAX_LATE_US
#define MAX_LATE_US (250 * G_TIME_SPAN_MILLISECOND)
#endif
#define DEADLINE_US (60 * G_TIME_SPAN_SECOND)

typedef struct
{
  GMainContext *context; /* (owned) */
  DiscoAvahiAgent *agent;
  DiscoWatcher *watcher;
  GSubprocess *flooder;   /* on host c */
  GSubprocess *announcer; /* on host b */
  TestReader known;
  GSource *tick;
  gint64 ticked_at;
  gint64 worst_us;
  gboolean flooded;
} Fixture;

/* --- the main loop --- */

static gboolean
on_tick (gpointer user_data)
{
  Fixture *self = user_data;
  const gint64 now = g_get_monotonic_time ();

  self->worst_us = MAX (self->worst_us, now - self->ticked_at - TICK_US);
  self->ticked_at = now;
  return G_SOURCE_CONTINUE;
}

static void
on_events (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Fixture *self = user_data;
  g_autoptr (GPtrArray) events = disco_watcher_next_finish (DISCO_WATCHER (source), result, NULL);

  if (events == NULL)
    return; /* closed */
  test_reader_replay (&self->known, events);
  disco_watcher_next_async (self->watcher, NULL, on_events, self);
}

static int
set_up (void **state)
{
  Fixture *self = g_new0 (Fixture, 1);
  g_autoptr (DiscoService) service = NULL;

  test_context_push ((void **)&self->context);
  test_reader_init (&self->known);
  self->agent = g_object_new (DISCO_TYPE_AVAHI_AGENT, "backend", DISCO_BACKEND_DAEMON,
                              "max-instances", MAX_INSTANCES, NULL);
  service = disco_agent_open_service (DISCO_AGENT (self->agent), "http", NULL, NULL);
  self->watcher = disco_service_watch_full (service, DISCO_WATCH_IMMEDIATE);
  disco_watcher_next_async (self->watcher, NULL, on_events, self);
  self->tick = g_timeout_source_new (TICK_US / G_TIME_SPAN_MILLISECOND);
  g_source_set_callback (self->tick, on_tick, self, NULL);
  self->ticked_at = g_get_monotonic_time ();
  g_source_attach (self->tick, self->context);
  *state = self;
  return 0;
}

static void
end (GSubprocess *process)
{
  if (process == NULL)
    return;
  g_subprocess_send_signal (process, SIGTERM);
  assert_true (g_subprocess_wait (process, NULL, NULL));
  g_object_unref (process);
}

static int
tear_down (void **state)
{
  Fixture *self = *state;

  end (self->flooder);
  end (self->announcer);
  g_source_destroy (self->tick);
  g_source_unref (self->tick);
  disco_watcher_close (self->watcher);
  test_dispatch_pending ();
  g_object_unref (self->watcher);
  g_object_unref (self->agent);
  test_dispatch_pending ();
  test_reader_clear (&self->known);
  test_context_pop ((void **)&self->context);
  g_free (self);
  return 0;
}

/* --- the other hosts --- */

static void
on_line (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Fixture *self = user_data;
  g_autofree char *line
      = g_data_input_stream_read_line_finish (G_DATA_INPUT_STREAM (source), result, NULL, NULL);

  assert_string_equal (line, "flooded");
  self->flooded = TRUE;
}

static void
flood (Fixture *self)
{
  g_autoptr (GDataInputStream) output = NULL;

  self->flooder = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, NULL, g_getenv ("BED"), "exec",
                                    "c", "/usr/bin/python3", "-B", g_getenv (FLOODER_VARIABLE),
                                    "http", N_NAMES, "flooder", NULL);
  assert_non_null (self->flooder);
  output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->flooder));
  g_data_input_stream_read_line_async (output, G_PRIORITY_DEFAULT, NULL, on_line, self);
}

static void
announce (Fixture *self)
{
  self->announcer = g_subprocess_new (
      G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_SILENCE, NULL, g_getenv ("BED"),
      "exec", "b", g_getenv (ANNOUNCER_VARIABLE), "http", "1", NULL);
  assert_non_null (self->announcer);
}

/* --- the test --- */

static guint64
statistic (Fixture *self, const char *name)
{
  g_autoptr (GVariant) all = disco_avahi_agent_dup_statistics (self->agent);
  guint64 value;

  assert_true (g_variant_lookup (all, name, "t", &value));
  return value;
}

static gboolean
is_flooded (gpointer data)
{
  Fixture *self = data;

  return self->flooded && statistic (self, "refused-instances") > 0;
}

static gboolean
is_seen (gpointer data)
{
  return test_reader_get (&((Fixture *)data)->known, "http-1") != NULL;
}

static void
iterate_until (Fixture *self, gboolean (*condition) (gpointer data), const char *what)
{
  const gint64 end = g_get_monotonic_time () + DEADLINE_US;

  while (!condition (self))
    {
      if (g_get_monotonic_time () >= end)
        {
          g_autoptr (GVariant) all = disco_avahi_agent_dup_statistics (self->agent);
          g_autofree char *text = g_variant_print (all, FALSE);
          fail_msg ("not in time: %s; state %d, flooded %d, %u known, %s", what,
                    disco_avahi_agent_get_state (self->agent), self->flooded,
                    g_hash_table_size (self->known.known), text);
        }
      g_main_context_iteration (self->context, TRUE);
    }
}

static void
main_loop_goes_on_and_what_is_refused_is_told (void **state)
{
  Fixture *self = *state;

  flood (self);
  iterate_until (self, is_flooded, "something is refused");
  announce (self);
  iterate_until (self, is_seen, "the other host is seen");
  print_message ("%u known, %" G_GUINT64_FORMAT " refused, a timer came %.1f ms late at worst\n",
                 g_hash_table_size (self->known.known), statistic (self, "refused"),
                 (double)self->worst_us / G_TIME_SPAN_MILLISECOND);
  assert_in_range (g_hash_table_size (self->known.known), HOST_SHARE, HOST_SHARE + 1);
  assert_true (statistic (self, "refused") >= statistic (self, "refused-instances"));
  assert_true (self->worst_us < MAX_LATE_US);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown (main_loop_goes_on_and_what_is_refused_is_told, set_up,
                                     tear_down),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
