/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-poll-private.h"
#include "test-support.h"

#include <avahi-common/timeval.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* What the program's clock is ahead of the time since boot */
#define DAY_S 86400L

typedef struct
{
  void *context; /* of test_context_push() */
  DiscoPoll *poll;
  const AvahiPoll *api;
  AvahiTimeout *timeout;
  AvahiWatch *watch;
  guint n_fired;
  guint n_again; /* times that the timer is set anew from its own callback */
  int sender;
  int receiver;
  GString *received; /* (owned): the first byte of each packet that came through */
} Fixture;

static int
set_up (void **state)
{
  Fixture *self = g_new0 (Fixture, 1);
  struct sockaddr_in address = { .sin_family = AF_INET };
  socklen_t size = sizeof address;

  test_context_push (&self->context);
  self->poll = disco_poll_new (g_main_context_get_thread_default ());
  self->api = disco_poll_get_api (self->poll);
  self->received = g_string_new (NULL);
  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  self->receiver = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  self->sender = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  assert_int_equal (bind (self->receiver, (struct sockaddr *)&address, sizeof address), 0);
  assert_int_equal (getsockname (self->receiver, (struct sockaddr *)&address, &size), 0);
  assert_int_equal (connect (self->sender, (struct sockaddr *)&address, sizeof address), 0);
  *state = self;
  return 0;
}

static int
tear_down (void **state)
{
  Fixture *self = *state;
  int status;

  if (self->timeout != NULL)
    self->api->timeout_free (self->timeout);
  if (self->watch != NULL)
    self->api->watch_free (self->watch);
  disco_poll_free (self->poll);
  close (self->sender);
  close (self->receiver);
  g_string_free (self->received, TRUE);
  status = test_context_pop (&self->context);
  g_free (self);
  return status;
}

/* --- the clock --- */

/* libavahi-common asks the time for itself. */
static void
avahi_tells_the_time_since_boot (void **state)
{
  struct timespec since_boot;
  struct timeval avahis;
  gint64 difference_s;

  clock_gettime (CLOCK_BOOTTIME, &since_boot);
  avahi_elapse_time (&avahis, 0, 0);
  difference_s = avahis.tv_sec - since_boot.tv_sec - DAY_S;
  assert_in_range (difference_s, 0, 5);
}

/* --- timers --- */

static void
on_timeout (AvahiTimeout *timeout, void *user_data)
{
  Fixture *self = user_data;
  struct timeval at;

  self->n_fired++;
  if (self->n_again == 0)
    return;
  self->n_again--;
  self->api->timeout_update (timeout, avahi_elapse_time (&at, 0, 0));
}

static void
start_timer (Fixture *self, unsigned after_ms)
{
  struct timeval at;

  self->timeout
      = self->api->timeout_new (self->api, avahi_elapse_time (&at, after_ms, 0), on_timeout, self);
}

static gboolean
has_fired (gpointer data)
{
  return ((Fixture *)data)->n_fired > 0;
}

static void
a_timer_fires_once_not_early_and_without_spinning (void **state)
{
  Fixture *self = *state;
  gint64 begin = g_get_monotonic_time ();
  guint n_turns = 0;

  start_timer (self, 50);
  for (; self->n_fired == 0; n_turns++)
    g_main_context_iteration (g_main_context_get_thread_default (), TRUE);
  assert_true (g_get_monotonic_time () - begin >= 50000);
  assert_in_range (n_turns, 1, 3);
  test_dispatch_pending ();
  assert_int_equal (self->n_fired, 1);
}

static void
a_timer_in_the_past_fires_at_once (void **state)
{
  Fixture *self = *state;
  struct timeval never_set = { 0, 0 };

  self->timeout = self->api->timeout_new (self->api, &never_set, on_timeout, self);
  assert_true (g_main_context_iteration (g_main_context_get_thread_default (), FALSE));
  assert_int_equal (self->n_fired, 1);
}

static void
a_timer_that_is_taken_back_does_not_fire (void **state)
{
  Fixture *self = *state;
  struct timeval never_set = { 0, 0 };

  self->timeout = self->api->timeout_new (self->api, &never_set, on_timeout, self);
  self->api->timeout_update (self->timeout, NULL);
  test_dispatch_pending ();
  assert_int_equal (self->n_fired, 0);
}

static void
a_timer_that_is_always_due_leaves_others_their_turn (void **state)
{
  Fixture *self = *state;

  self->n_again = G_MAXUINT;
  start_timer (self, 0);
  g_main_context_iteration (g_main_context_get_thread_default (), TRUE);
  assert_in_range (self->n_fired, 1, 2000);
}

/* Of 16 packets with 60 records: else there would be more and more of them. */
static void
events_that_the_packets_of_a_turn_make_are_over_in_a_turn (void **state)
{
  Fixture *self = *state;

  self->n_again = 16 * 60 - 1;
  start_timer (self, 0);
  g_main_context_iteration (g_main_context_get_thread_default (), TRUE);
  assert_int_equal (self->n_fired, 16 * 60);
}

static void
on_timeout_free (AvahiTimeout *timeout, void *user_data)
{
  Fixture *self = user_data;

  self->n_fired++;
  self->api->timeout_free (timeout);
  self->timeout = NULL;
}

static void
a_timer_may_be_freed_from_its_own_callback (void **state)
{
  Fixture *self = *state;
  struct timeval at;

  self->timeout
      = self->api->timeout_new (self->api, avahi_elapse_time (&at, 0, 0), on_timeout_free, self);
  test_wait_until (NULL, has_fired, self);
  test_dispatch_pending ();
  assert_int_equal (self->n_fired, 1);
}

/* --- watches and the shield --- */

static void
on_packet (AvahiWatch *watch, int fd, AvahiWatchEvent event, void *user_data)
{
  Fixture *self = user_data;
  char packet[512];

  assert_int_equal (event, AVAHI_WATCH_IN);
  assert_true (recv (fd, packet, sizeof packet, MSG_DONTWAIT) >= 12);
  g_string_append_c (self->received, packet[0]);
  if (packet[0] == 'q')
    {
      self->api->watch_free (watch);
      self->watch = NULL;
    }
}

/* A DNS packet that begins with @id, with one record of this type */
static void
send_packet (Fixture *self, char id, guint8 type)
{
  guint8 packet[] = { 0, 0, 0x84, 0, 0, 0, 0, 1, 0, 0, 0, 0, /* header */
                      0, 0, 0,    0, 1, 0, 0, 0, 9, 0, 0 };

  packet[0] = (guint8)id;
  packet[14] = type;
  assert_int_equal (send (self->sender, packet, sizeof packet, 0), sizeof packet);
}

static gboolean
has_received_last (gpointer data)
{
  Fixture *self = data;

  return strchr (self->received->str, 'z') != NULL;
}

static void
bad_packets_never_reach_avahi (void **state)
{
  Fixture *self = *state;

  self->watch = self->api->watch_new (self->api, self->receiver, AVAHI_WATCH_IN, on_packet, self);
  for (guint i = 0; i < 40; i++)
    {
      send_packet (self, 'X', 5);
      assert_int_equal (send (self->sender, "X", 1, 0), 1);
    }
  send_packet (self, 'a', 1);
  send_packet (self, 'X', 5);
  send_packet (self, 'b', 16);
  assert_int_equal (send (self->sender, "", 0, 0), 0);
  send_packet (self, 'z', 33);
  test_wait_until (NULL, has_received_last, self);
  assert_string_equal (self->received->str, "abz");
  assert_int_equal (disco_poll_get_n_dropped (self->poll), 82);
}

static gboolean
is_freed (gpointer data)
{
  return ((Fixture *)data)->watch == NULL;
}

static void
a_watch_may_be_freed_from_its_own_callback (void **state)
{
  Fixture *self = *state;

  self->watch = self->api->watch_new (self->api, self->receiver, AVAHI_WATCH_IN, on_packet, self);
  send_packet (self, 'q', 1);
  send_packet (self, 'b', 1);
  test_wait_until (NULL, is_freed, self);
  test_dispatch_pending ();
  assert_string_equal (self->received->str, "q");
}

static void
on_event (AvahiWatch *watch, int fd, AvahiWatchEvent event, void *user_data)
{
  Fixture *self = user_data;

  assert_int_equal (event, AVAHI_WATCH_OUT);
  assert_int_equal (self->api->watch_get_events (watch), AVAHI_WATCH_OUT);
  self->n_fired++;
  self->api->watch_update (watch, 0);
}

static void
a_watch_tells_the_events_that_it_was_last_asked_for (void **state)
{
  Fixture *self = *state;

  self->watch = self->api->watch_new (self->api, self->receiver, AVAHI_WATCH_IN, on_event, self);
  send_packet (self, 'a', 1);
  self->api->watch_update (self->watch, AVAHI_WATCH_OUT);
  test_wait_until (NULL, has_fired, self);
  test_dispatch_pending ();
  assert_int_equal (self->n_fired, 1);
}

/* An ICMP error is nothing that avahi-core expects to be told of: it asserts that it can read. */
static void
an_error_of_the_socket_is_neither_told_nor_spins (void **state)
{
  Fixture *self = *state;
  guint n_turns = 0;

  close (self->receiver);
  self->receiver = dup (self->sender);
  self->watch = self->api->watch_new (self->api, self->sender, AVAHI_WATCH_IN, on_packet, self);
  send_packet (self, 'a', 1);
  start_timer (self, 50);
  for (; self->n_fired == 0; n_turns++)
    g_main_context_iteration (g_main_context_get_thread_default (), TRUE);
  assert_in_range (n_turns, 1, 5);
  assert_string_equal (self->received->str, "");
}

#define test_with_poll(test) cmocka_unit_test_setup_teardown (test, set_up, tear_down)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (avahi_tells_the_time_since_boot),
    test_with_poll (a_timer_fires_once_not_early_and_without_spinning),
    test_with_poll (a_timer_in_the_past_fires_at_once),
    test_with_poll (a_timer_that_is_taken_back_does_not_fire),
    test_with_poll (a_timer_that_is_always_due_leaves_others_their_turn),
    test_with_poll (events_that_the_packets_of_a_turn_make_are_over_in_a_turn),
    test_with_poll (a_timer_may_be_freed_from_its_own_callback),
    test_with_poll (bad_packets_never_reach_avahi),
    test_with_poll (a_watch_may_be_freed_from_its_own_callback),
    test_with_poll (a_watch_tells_the_events_that_it_was_last_asked_for),
    test_with_poll (an_error_of_the_socket_is_neither_told_nor_spins),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
