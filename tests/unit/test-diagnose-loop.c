/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-diagnose-private.h"
#include "test-support.h"

#include <arpa/inet.h>
#include <errno.h>
#include <glib-unix.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void
interface_without_an_answer_is_a_failure (void **state)
{
  static const struct
  {
    DiscoLoopResult results[2];
    guint n;
    gboolean daemon;
    DiscoDiagnosisStatus status;
    const char *part;
  } rows[] = {
    { { { "eth0", { TRUE, TRUE }, { TRUE, TRUE }, 0 } },
      1,
      TRUE,
      DISCO_DIAGNOSIS_STATUS_OK,
      "eth0 (IPv4 and IPv6)." },
    { { { "eth0", { TRUE, TRUE }, { TRUE, FALSE }, ENETUNREACH },
        { "eth1", { FALSE, TRUE }, { FALSE, TRUE }, 0 } },
      2,
      TRUE,
      DISCO_DIAGNOSIS_STATUS_OK,
      "eth0 (IPv4), eth1 (IPv6)." },
    { { { "eth0", { TRUE, TRUE }, { FALSE, FALSE }, 0 },
        { "eth1", { TRUE, FALSE }, { TRUE, FALSE }, 0 } },
      2,
      FALSE,
      DISCO_DIAGNOSIS_STATUS_FAILED,
      "multicast on eth0. A firewall probably drops UDP port 5353: open it (firewall-cmd "
      "--add-service=mdns, or ufw allow 5353/udp)." },
    { { { "eth0", { TRUE, TRUE }, { FALSE, FALSE }, EPERM },
        { "eth1", { TRUE, FALSE }, { FALSE, FALSE }, 0 } },
      2,
      TRUE,
      DISCO_DIAGNOSIS_STATUS_FAILED,
      "eth0 (Operation not permitted), eth1." },
    { { { "eth0", { TRUE, TRUE }, { FALSE, FALSE }, 0 } },
      1,
      TRUE,
      DISCO_DIAGNOSIS_STATUS_FAILED,
      "avahi-daemon.conf" },
    { { { NULL, { FALSE, FALSE }, { FALSE, FALSE }, 0 } },
      0,
      TRUE,
      DISCO_DIAGNOSIS_STATUS_FAILED,
      "no usable interface" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GArray) results = g_array_new (FALSE, FALSE, sizeof (DiscoLoopResult));
      g_autoptr (DiscoDiagnosis) diagnosis = NULL;

      g_array_append_vals (results, rows[i].results, rows[i].n);
      diagnosis = disco_diagnose_loop_results (results, rows[i].daemon);
      assert_string_equal (disco_diagnosis_get_check (diagnosis), "loop");
      if (disco_diagnosis_get_status (diagnosis) != rows[i].status
          || strstr (disco_diagnosis_get_detail (diagnosis), rows[i].part) == NULL)
        fail_msg ("'%s' is not in: %s", rows[i].part, disco_diagnosis_get_detail (diagnosis));
    }
}

/* --- on the loopback interface, which nothing leaves --- */

#define QUESTION_BYTES 512

/* A responder that knows one name; it lets the first questions go unheard */
typedef struct
{
  int fd;
  guint n_deaf;
  guint n_heard;
} Responder;

static gboolean
on_question (int fd, GIOCondition condition, gpointer data)
{
  Responder *self = data;
  guint8 packet[QUESTION_BYTES];
  struct sockaddr_in from;
  socklen_t size = sizeof from;
  gssize length
      = recvfrom (fd, packet, sizeof packet, MSG_DONTWAIT, (struct sockaddr *)&from, &size);

  /* others may ask on this machine too */
  if (length < 12 || memmem (packet, (gsize)length, "test-nonce", 10) == NULL)
    return G_SOURCE_CONTINUE;
  self->n_heard++;
  if (self->n_heard <= self->n_deaf)
    return G_SOURCE_CONTINUE;
  packet[2] |= 0x84;
  packet[7] = 1;
  assert_int_equal (
      sendto (fd, packet, (gsize)length, 0, (const struct sockaddr *)&from, sizeof from), length);
  return G_SOURCE_CONTINUE;
}

static int
listen_on_loopback (void)
{
  const int yes = 1;
  const struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons (DISCO_MDNS_PORT) };
  struct ip_mreqn group = { .imr_ifindex = (int)if_nametoindex ("lo") };
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  inet_pton (AF_INET, "224.0.0.251", &group.imr_multiaddr);
  assert_int_equal (setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes), 0);
  assert_int_equal (setsockopt (fd, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes), 0);
  if (bind (fd, (const struct sockaddr *)&address, sizeof address) < 0)
    {
      close (fd);
      skip (); /* a responder keeps the port to itself */
    }
  assert_int_equal (setsockopt (fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof group), 0);
  return fd;
}

static DiscoDiagnosis *
ask_on_loopback (DiscoDiagnoseRun *run)
{
  const DiscoInterfaceFacts facts
      = { .name = (char *)"lo", .ifindex = (int)if_nametoindex ("lo"), .has_ipv4 = TRUE };
  g_autoptr (GArray) interfaces = g_array_new (FALSE, FALSE, sizeof (DiscoInterfaceFacts));

  g_array_append_val (interfaces, facts);
  return disco_diagnose_loop (run, interfaces, "test-nonce", "_disco-test._tcp", FALSE);
}

static void
assert_answered_after (guint n_deaf)
{
  g_autoptr (DiscoDiagnoseRun) run = disco_diagnose_run_new ();
  Responder responder = { .fd = listen_on_loopback (), .n_deaf = n_deaf };
  GSource *source = g_unix_fd_source_new (responder.fd, G_IO_IN);
  g_autoptr (DiscoDiagnosis) diagnosis = NULL;

  g_source_set_callback (source, G_SOURCE_FUNC (on_question), &responder, NULL);
  g_source_attach (source, run->context);
  diagnosis = ask_on_loopback (run);
  g_source_destroy (source);
  g_source_unref (source);
  close (responder.fd);
  assert_int_equal (responder.n_heard, n_deaf + 1);
  assert_int_equal (disco_diagnosis_get_status (diagnosis), DISCO_DIAGNOSIS_STATUS_OK);
  assert_non_null (strstr (disco_diagnosis_get_detail (diagnosis), "lo (IPv4)"));
}

static void
answer_by_unicast_is_heard (void **state)
{
  assert_answered_after (0);
}

static void
question_that_is_lost_is_asked_again (void **state)
{
  assert_answered_after (2);
}

static void
silence_is_a_failure_in_bounded_time (void **state)
{
  g_autoptr (DiscoDiagnoseRun) run = disco_diagnose_run_new ();
  g_autoptr (DiscoDiagnosis) diagnosis = ask_on_loopback (run);

  assert_int_equal (disco_diagnosis_get_status (diagnosis), DISCO_DIAGNOSIS_STATUS_FAILED);
  assert_non_null (strstr (disco_diagnosis_get_detail (diagnosis), "multicast on lo."));
}

static void
nothing_is_waited_for_when_it_is_cancelled (void **state)
{
  g_autoptr (DiscoDiagnoseRun) run = disco_diagnose_run_new ();
  g_autoptr (DiscoDiagnosis) diagnosis = NULL;

  run->cancelled = TRUE;
  diagnosis = ask_on_loopback (run);
  assert_int_equal (disco_diagnosis_get_status (diagnosis), DISCO_DIAGNOSIS_STATUS_FAILED);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (interface_without_an_answer_is_a_failure),
    cmocka_unit_test (answer_by_unicast_is_heard),
    cmocka_unit_test (question_that_is_lost_is_asked_again),
    cmocka_unit_test (silence_is_a_failure_in_bounded_time),
    cmocka_unit_test (nothing_is_waited_for_when_it_is_cancelled),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
