/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-diagnose-private.h"
#include "test-support.h"

#include <string.h>

static GError fault = { .message = (char *)"it is so" };

/* (transfer full): the diagnosis */
static void
assert_says (DiscoDiagnosis *taken, const char *check, DiscoDiagnosisStatus status,
             const char *part)
{
  g_autoptr (DiscoDiagnosis) diagnosis = taken;

  assert_string_equal (disco_diagnosis_get_check (diagnosis), check);
  if (disco_diagnosis_get_status (diagnosis) != status
      || strstr (disco_diagnosis_get_detail (diagnosis), part) == NULL)
    fail_msg ("'%s' is not in: %s", part, disco_diagnosis_get_detail (diagnosis));
}

static void
bus_that_is_needed_has_to_be_there (void **state)
{
  const DiscoDaemonFacts there = { .presence = DISCO_DAEMON_MISSING };
  const DiscoDaemonFacts missing = { .bus_error = &fault };

  assert_says (disco_diagnose_bus (&there, TRUE), "bus", DISCO_DIAGNOSIS_STATUS_OK, "answers");
  assert_says (disco_diagnose_bus (&there, FALSE), "bus", DISCO_DIAGNOSIS_STATUS_OK, "answers");
  assert_says (disco_diagnose_bus (&missing, TRUE), "bus", DISCO_DIAGNOSIS_STATUS_FAILED,
               "it is so. Start it");
  assert_says (disco_diagnose_bus (&missing, FALSE), "bus", DISCO_DIAGNOSIS_STATUS_OK,
               "(it is so); the embedded responder does without");
}

static void
state_of_the_daemon_is_told_in_words_with_what_to_do (void **state)
{
  static const struct
  {
    DiscoDaemonPresence presence;
    int server_state;
    gboolean sandboxed;
    DiscoDiagnosisStatus status;
    const char *part;
  } rows[] = {
    { DISCO_DAEMON_ANSWERS, 2, FALSE, DISCO_DIAGNOSIS_STATUS_OK,
      "avahi 0.8 is running, as host.local." },
    { DISCO_DAEMON_ANSWERS, 1, FALSE, DISCO_DIAGNOSIS_STATUS_WARNING, "still claiming host.local" },
    { DISCO_DAEMON_ANSWERS, 3, FALSE, DISCO_DIAGNOSIS_STATUS_WARNING,
      "another host has the name host.local" },
    { DISCO_DAEMON_ANSWERS, 4, FALSE, DISCO_DIAGNOSIS_STATUS_FAILED, "avahi 0.8 has failed" },
    { DISCO_DAEMON_ANSWERS, 0, FALSE, DISCO_DIAGNOSIS_STATUS_FAILED, "avahi 0.8 has failed" },
    { DISCO_DAEMON_ANSWERS, 77, FALSE, DISCO_DIAGNOSIS_STATUS_FAILED, "avahi 0.8 has failed" },
    { DISCO_DAEMON_MISSING, 0, FALSE, DISCO_DIAGNOSIS_STATUS_FAILED,
      "systemctl enable --now avahi-daemon" },
    { DISCO_DAEMON_MISSING, 0, TRUE, DISCO_DIAGNOSIS_STATUS_FAILED,
      "--system-talk-name=org.freedesktop.Avahi" },
    { DISCO_DAEMON_STARTABLE, 0, FALSE, DISCO_DIAGNOSIS_STATUS_FAILED,
      "systemctl start avahi-daemon" },
    { DISCO_DAEMON_DENIED, 0, TRUE, DISCO_DIAGNOSIS_STATUS_FAILED,
      "no permission to talk to avahi-daemon: it is so." },
    { DISCO_DAEMON_SILENT, 0, FALSE, DISCO_DIAGNOSIS_STATUS_FAILED,
      "does not answer: it is so. Restart it" },
    { DISCO_DAEMON_NOT_ASKED, 0, FALSE, DISCO_DIAGNOSIS_STATUS_FAILED, "Without the system bus" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const DiscoDaemonFacts facts = { .presence = rows[i].presence,
                                       .server_state = rows[i].server_state,
                                       .sandboxed = rows[i].sandboxed,
                                       .error = &fault,
                                       .version = (char *)"avahi 0.8",
                                       .host_name = (char *)"host.local" };
      assert_says (disco_diagnose_daemon (&facts), "daemon", rows[i].status, rows[i].part);
    }
}

static void
daemon_that_tells_neither_version_nor_name_is_told_of_all_the_same (void **state)
{
  const DiscoDaemonFacts facts = { .presence = DISCO_DAEMON_ANSWERS, .server_state = 1 };

  assert_says (disco_diagnose_daemon (&facts), "daemon", DISCO_DIAGNOSIS_STATUS_WARNING,
               "avahi-daemon is still claiming its host name");
}

static void
embedded_responder_stands_in_for_the_daemon (void **state)
{
  assert_says (disco_diagnose_embedded (DISCO_STATE_RUNNING, NULL), "daemon",
               DISCO_DIAGNOSIS_STATUS_OK, "no daemon is needed");
  assert_says (disco_diagnose_embedded (DISCO_STATE_CONNECTING, NULL), "daemon",
               DISCO_DIAGNOSIS_STATUS_WARNING, "still starting");
  assert_says (disco_diagnose_embedded (DISCO_STATE_UNAVAILABLE, NULL), "daemon",
               DISCO_DIAGNOSIS_STATUS_FAILED, "it does not start");
  assert_says (disco_diagnose_embedded (DISCO_STATE_UNAVAILABLE, &fault), "daemon",
               DISCO_DIAGNOSIS_STATUS_FAILED, "it is so");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (bus_that_is_needed_has_to_be_there),
    cmocka_unit_test (state_of_the_daemon_is_told_in_words_with_what_to_do),
    cmocka_unit_test (daemon_that_tells_neither_version_nor_name_is_told_of_all_the_same),
    cmocka_unit_test (embedded_responder_stands_in_for_the_daemon),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
