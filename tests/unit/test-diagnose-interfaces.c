/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-diagnose-private.h"
#include "test-support.h"

#include <net/if.h>
#include <string.h>

#define FINE (IFF_UP | IFF_RUNNING | IFF_MULTICAST | IFF_BROADCAST)
#define LO (IFF_UP | IFF_RUNNING | IFF_LOOPBACK)

static void
interface_is_usable_or_there_is_a_reason (void **state)
{
  static const struct
  {
    guint flags;
    gboolean has_address, wanted, named;
    const char *reason;
  } rows[] = {
    { FINE, TRUE, TRUE, FALSE, NULL },
    { FINE, TRUE, TRUE, TRUE, NULL },
    { FINE, TRUE, FALSE, TRUE, "left out by the agent's settings" },
    { FINE & ~(guint)IFF_UP, TRUE, TRUE, FALSE, "down" },
    { FINE & ~(guint)IFF_RUNNING, TRUE, TRUE, FALSE, "no carrier" },
    { FINE & ~(guint)IFF_MULTICAST, TRUE, TRUE, FALSE, "no multicast" },
    { FINE | IFF_POINTOPOINT, TRUE, TRUE, FALSE, "point-to-point" },
    { FINE, FALSE, TRUE, FALSE, "no address" },
    { LO, TRUE, TRUE, FALSE, "loopback" },
    { LO, TRUE, TRUE, TRUE, NULL },
    { LO & ~(guint)IFF_UP, TRUE, TRUE, TRUE, "down" },
    { 0, FALSE, TRUE, FALSE, "down" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const char *reason = disco_interface_reason (rows[i].flags, rows[i].has_address,
                                                   rows[i].wanted, rows[i].named);
      if (g_strcmp0 (reason, rows[i].reason) != 0)
        fail_msg ("row %u: '%s' instead of '%s'", i, reason, rows[i].reason);
    }
}

static const DiscoInterfaceFacts *
find_loopback (GArray *interfaces)
{
  for (guint i = 0; i < interfaces->len; i++)
    {
      const DiscoInterfaceFacts *facts = &g_array_index (interfaces, DiscoInterfaceFacts, i);
      if (g_str_equal (facts->name, "lo"))
        return facts;
    }
  fail_msg ("there is no interface lo");
  return NULL;
}

static void
loopback_interface_is_used_only_where_it_is_named (void **state)
{
  char *lo[] = { (char *)"lo*", NULL };
  char *other[] = { (char *)"no-such-interface", NULL };
  g_autoptr (GArray) all = disco_interface_facts_list (NULL, NULL);
  g_autoptr (GArray) named = disco_interface_facts_list (lo, NULL);
  g_autoptr (GArray) denied = disco_interface_facts_list (lo, lo);
  g_autoptr (GArray) others = disco_interface_facts_list (other, NULL);

  assert_string_equal (find_loopback (all)->reason, "loopback");
  assert_null (find_loopback (named)->reason);
  assert_int_equal (find_loopback (named)->ifindex, (int)if_nametoindex ("lo"));
  assert_true (find_loopback (named)->has_ipv4);
  assert_string_equal (find_loopback (denied)->reason, "left out by the agent's settings");
  assert_string_equal (find_loopback (others)->reason, "left out by the agent's settings");
}

static void
usable_interfaces_are_told_and_the_others_with_their_reasons (void **state)
{
  static const struct
  {
    DiscoInterfaceFacts facts[3];
    guint n;
    DiscoDiagnosisStatus status;
    const char *detail;
  } rows[] = {
    { { { .name = (char *)"eth0" } }, 1, DISCO_DIAGNOSIS_STATUS_OK, "Usable: eth0." },
    { { { .name = (char *)"lo", .reason = "loopback" },
        { .name = (char *)"eth0" },
        { .name = (char *)"wlan0" } },
      3,
      DISCO_DIAGNOSIS_STATUS_OK,
      "Usable: eth0, wlan0. Not used: lo (loopback)." },
    { { { .name = (char *)"lo", .reason = "loopback" },
        { .name = (char *)"eth0", .reason = "down" } },
      2,
      DISCO_DIAGNOSIS_STATUS_FAILED,
      "No network interface is usable: lo (loopback), eth0 (down). " },
    { { { 0 } },
      0,
      DISCO_DIAGNOSIS_STATUS_FAILED,
      "No network interface is usable: there is none." },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GArray) interfaces = g_array_new (FALSE, FALSE, sizeof (DiscoInterfaceFacts));
      g_autoptr (DiscoDiagnosis) diagnosis = NULL;

      g_array_append_vals (interfaces, rows[i].facts, rows[i].n);
      diagnosis = disco_diagnose_interfaces (interfaces);
      assert_string_equal (disco_diagnosis_get_check (diagnosis), "interfaces");
      if (disco_diagnosis_get_status (diagnosis) != rows[i].status
          || !g_str_has_prefix (disco_diagnosis_get_detail (diagnosis), rows[i].detail))
        fail_msg ("'%s' does not begin: %s", rows[i].detail,
                  disco_diagnosis_get_detail (diagnosis));
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (interface_is_usable_or_there_is_a_reason),
    cmocka_unit_test (loopback_interface_is_used_only_where_it_is_named),
    cmocka_unit_test (usable_interfaces_are_told_and_the_others_with_their_reasons),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
