/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-diagnose-private.h"
#include "test-support.h"

#include <net/if.h>
#include <string.h>

/* Joining on the loopback interface tells nobody. */
static DiscoDiagnosis *
join (int ifindex, const char *reason)
{
  const DiscoInterfaceFacts facts
      = { .name = (char *)"some0", .ifindex = ifindex, .has_ipv4 = TRUE, .reason = reason };
  g_autoptr (GArray) interfaces = g_array_new (FALSE, FALSE, sizeof (DiscoInterfaceFacts));

  g_array_append_val (interfaces, facts);
  return disco_diagnose_multicast (interfaces);
}

static void
group_that_can_be_joined_is_ok (void **state)
{
  g_autoptr (DiscoDiagnosis) diagnosis = join ((int)if_nametoindex ("lo"), NULL);

  assert_string_equal (disco_diagnosis_get_check (diagnosis), "multicast");
  assert_int_equal (disco_diagnosis_get_status (diagnosis), DISCO_DIAGNOSIS_STATUS_OK);
  assert_string_equal (disco_diagnosis_get_detail (diagnosis), "Joined 224.0.0.251 on some0.");
}

static void
group_that_cannot_be_joined_is_named_with_the_fault (void **state)
{
  g_autoptr (DiscoDiagnosis) diagnosis = join (G_MAXINT, NULL);

  assert_int_equal (disco_diagnosis_get_status (diagnosis), DISCO_DIAGNOSIS_STATUS_FAILED);
  assert_non_null (
      strstr (disco_diagnosis_get_detail (diagnosis), "224.0.0.251 on some0 (No such device)"));
}

static void
nothing_is_said_where_nothing_is_usable (void **state)
{
  assert_null (join ((int)if_nametoindex ("lo"), "down"));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (group_that_can_be_joined_is_ok),
    cmocka_unit_test (group_that_cannot_be_joined_is_named_with_the_fault),
    cmocka_unit_test (nothing_is_said_where_nothing_is_usable),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
