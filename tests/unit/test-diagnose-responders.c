/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-diagnose-private.h"
#include "test-support.h"

#include <string.h>

static void
more_than_one_responder_is_a_warning_that_names_them (void **state)
{
  static const struct
  {
    DiscoUdpOwner owners[3];
    guint n;
    DiscoDiagnosisStatus status;
    const char *part;
  } rows[] = {
    { { { 0 } }, 0, DISCO_DIAGNOSIS_STATUS_WARNING, "No program" },
    { { { .pid = 7, .name = (char *)"avahi-daemon", .n_sockets = 2 } },
      1,
      DISCO_DIAGNOSIS_STATUS_OK,
      "to avahi-daemon (pid 7) alone" },
    { { { .uid = 0, .n_sockets = 2 } },
      1,
      DISCO_DIAGNOSIS_STATUS_OK,
      "to a program of the user root alone" },
    { { { .uid = 4294967294u } }, 1, DISCO_DIAGNOSIS_STATUS_OK, "the user 4294967294" },
    { { { .pid = 7, .name = (char *)"avahi-daemon" }, { .pid = 8, .name = (char *)"python3" } },
      2,
      DISCO_DIAGNOSIS_STATUS_WARNING,
      "2 programs listen on UDP port 5353: avahi-daemon (pid 7), python3 (pid 8)." },
    { { { .pid = 7, .name = (char *)"disco-responder" },
        { .pid = 8, .name = (char *)"disco-responder" } },
      2,
      DISCO_DIAGNOSIS_STATUS_OK,
      "2 embedded responders share UDP port 5353: disco-responder (pid 7), disco-responder (pid "
      "8)." },
    { { { .pid = 7, .name = (char *)"disco-responder" }, { .uid = 0 } },
      2,
      DISCO_DIAGNOSIS_STATUS_WARNING,
      "2 programs listen" },
    { { { .pid = 7, .name = (char *)"a" }, { .pid = 8, .name = (char *)"a" }, { .uid = 0 } },
      3,
      DISCO_DIAGNOSIS_STATUS_WARNING,
      "3 programs listen on UDP port 5353: a (pid 7), a (pid 8), a program of the user root." },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GArray) owners = g_array_new (FALSE, FALSE, sizeof (DiscoUdpOwner));
      g_autoptr (DiscoDiagnosis) diagnosis = NULL;

      g_array_append_vals (owners, rows[i].owners, rows[i].n);
      diagnosis = disco_diagnose_owners (owners);
      assert_string_equal (disco_diagnosis_get_check (diagnosis), "responders");
      if (disco_diagnosis_get_status (diagnosis) != rows[i].status
          || strstr (disco_diagnosis_get_detail (diagnosis), rows[i].part) == NULL)
        fail_msg ("'%s' is not in: %s", rows[i].part, disco_diagnosis_get_detail (diagnosis));
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (more_than_one_responder_is_a_warning_that_names_them),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
