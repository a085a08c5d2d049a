/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* On a loopback interface: no packet leaves this machine, and where a program may have one of its
 * own no other test's comes in. In simulated time. */
#include "disco-ear-private.h"
#include "disco-link-private.h"
#include "sim-clock.h"
#include "test-network.h"
#include "test-support.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#define MDNS_PORT 5353
/* What it reads in a second, and what is sent at a time, which the kernel has room for */
#define PACKETS_A_SECOND 1000
#define N_AT_ONCE 100
#define RECORDS_A_SECOND 5000
#define RECORDS_A_PACKET 100

/* "a._http._tcp.local" SRV 0 0 80 h */
static const char announcement[] = "\x00\x00\x84\x00\x00\x00\x00\x01\x00\x00\x00\x00"
                                   "\x01\x61\x05_http\x04_tcp\x05local\x00"
                                   "\x00\x21\x80\x01\x00\x00\x00\x78\x00\x09"
                                   "\x00\x00\x00\x00\x00\x50\x01h\x00";

typedef struct
{
  GMainContext *context; /* (owned) */
  GArray *ifindexes;     /* (owned) of int: loopback's */
  int ifindex;
  DiscoEar *ear; /* (owned) */
  int responder; /* (owned): a socket on mDNS's port */
  int stranger;  /* (owned): one on another */
  guint n_heard;
} Fixture;

static void
on_heard (const DiscoHeard *heard, gpointer user_data)
{
  Fixture *self = user_data;

  assert_string_equal (heard->name, "a._http._tcp.local");
  assert_int_equal (heard->ifindex, self->ifindex);
  assert_int_equal (heard->protocol, DISCO_LINK_IPV4);
  self->n_heard++;
}

/* Sends on the loopback interface. */
static int
open_socket (int ifindex, guint16 port)
{
  const struct ip_mreqn where = { .imr_ifindex = ifindex };
  const struct sockaddr_in from = { .sin_family = AF_INET,
                                    .sin_port = htons (port),
                                    .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  const int yes = 1;
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  assert_true (fd >= 0);
  assert_int_equal (setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes), 0);
  assert_int_equal (setsockopt (fd, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes), 0);
  assert_int_equal (setsockopt (fd, IPPROTO_IP, IP_MULTICAST_IF, &where, sizeof where), 0);
  assert_int_equal (bind (fd, (const struct sockaddr *)&from, sizeof from), 0);
  return fd;
}

static void
send_packet (int fd, const void *data, gsize size)
{
  struct sockaddr_in group = { .sin_family = AF_INET, .sin_port = htons (MDNS_PORT) };

  inet_pton (AF_INET, "224.0.0.251", &group.sin_addr);
  assert_int_equal (sendto (fd, data, size, 0, (const struct sockaddr *)&group, sizeof group),
                    size);
}

static void
announce (int fd)
{
  send_packet (fd, announcement, sizeof announcement - 1);
}

/* Takes in what has been sent: on the loopback interface it is there at once. */
static void
take_in (Fixture *self)
{
  while (g_main_context_iteration (self->context, FALSE))
    ;
}

static int
set_up (void **state)
{
  Fixture *self = g_new0 (Fixture, 1);

  self->context = g_main_context_new ();
  self->ifindex = (int)if_nametoindex ("lo");
  assert_true (self->ifindex > 0);
  self->ifindexes = g_array_new (FALSE, FALSE, sizeof (int));
  g_array_append_val (self->ifindexes, self->ifindex);
  self->ear = disco_socket_ear_new (self->context, self->ifindexes, on_heard, self);
  self->responder = open_socket (self->ifindex, MDNS_PORT);
  self->stranger = open_socket (self->ifindex, 0);
  *state = self;
  return 0;
}

static int
tear_down (void **state)
{
  Fixture *self = *state;

  disco_ear_free (self->ear);
  close (self->responder);
  close (self->stranger);
  g_array_unref (self->ifindexes);
  g_main_context_unref (self->context);
  g_free (self);
  return 0;
}

#define ear_test(test) cmocka_unit_test_setup_teardown (test, set_up, tear_down)

static void
what_responders_say_is_heard (void **state)
{
  Fixture *self = *state;

  announce (self->responder);
  take_in (self);
  assert_int_equal (self->n_heard, 1);
  announce (self->stranger);
  take_in (self);
  assert_int_equal (self->n_heard, 1);
}

static void
it_hears_where_it_says_that_it_does (void **state)
{
  Fixture *self = *state;
  g_autoptr (GArray) nowhere = g_array_new (FALSE, FALSE, sizeof (int));

  assert_true (disco_ear_covers (self->ear, self->ifindex, DISCO_LINK_IPV4));
  assert_false (disco_ear_covers (self->ear, self->ifindex + 1, DISCO_LINK_IPV4));
  disco_ear_move (self->ear, nowhere);
  assert_false (disco_ear_covers (self->ear, self->ifindex, DISCO_LINK_IPV4));
  announce (self->responder);
  take_in (self);
  assert_int_equal (self->n_heard, 0);
  disco_ear_move (self->ear, self->ifindexes);
  assert_true (disco_ear_covers (self->ear, self->ifindex, DISCO_LINK_IPV4));
  announce (self->responder);
  take_in (self);
  assert_int_equal (self->n_heard, 1);
}

static void
of_a_flood_no_more_is_read_than_responders_send (void **state)
{
  Fixture *self = *state;

  for (guint second = 1; second <= 3; second++)
    {
      for (guint i = 0; i < 2 * PACKETS_A_SECOND; i += N_AT_ONCE)
        {
          for (guint k = 0; k < N_AT_ONCE; k++)
            announce (self->responder);
          take_in (self);
        }
      assert_int_equal (self->n_heard, second * PACKETS_A_SECOND);
      sim_clock_advance (G_TIME_SPAN_SECOND);
    }
}

/* As many TXT records of one name as fit */
static GByteArray *
make_crowded_packet (guint n_records)
{
  static const guint8 name[] = "\x01\x61\x05_http\x04_tcp\x05local";
  static const guint8 record[] = { 0xc0, 12, 0, 16, 0x80, 1, 0, 0, 17, 148, 0, 1, 0 };
  const guint8 header[] = { 0, 0, 0x84, 0, 0, 1, 0, (guint8)n_records, 0, 0, 0, 0 };
  static const guint8 question[] = { 0, 16, 0, 1 };
  GByteArray *packet = g_byte_array_new ();

  g_byte_array_append (packet, header, sizeof header);
  g_byte_array_append (packet, name, sizeof name);
  g_byte_array_append (packet, question, sizeof question);
  for (guint i = 0; i < n_records; i++)
    g_byte_array_append (packet, record, sizeof record);
  return packet;
}

static void
of_crowded_packets_fewer_are_read (void **state)
{
  Fixture *self = *state;
  g_autoptr (GByteArray) packet = make_crowded_packet (RECORDS_A_PACKET);

  for (guint i = 0; i < 2 * RECORDS_A_SECOND / RECORDS_A_PACKET; i++)
    {
      send_packet (self->responder, packet->data, packet->len);
      take_in (self);
    }
  assert_int_equal (self->n_heard, RECORDS_A_SECOND);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    ear_test (what_responders_say_is_heard),
    ear_test (it_hears_where_it_says_that_it_does),
    ear_test (of_a_flood_no_more_is_read_than_responders_send),
    ear_test (of_crowded_packets_fewer_are_read),
  };

  if (test_network_leave ())
    test_network_set_loopback_up ();
  return cmocka_run_group_tests (tests, NULL, NULL);
}
