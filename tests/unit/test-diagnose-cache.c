/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-diagnose-private.h"
#include "disco-instance-private.h"
#include "test-support.h"

#include <string.h>

static DiscoInstance *
make_instance (guint number, const char *const *interfaces, gboolean local)
{
  g_autofree char *label = g_strdup_printf ("instance %u", number);
  const DiscoInstanceFields fields = { .id = label,
                                       .name = "http",
                                       .label = label,
                                       .type = "_http._tcp",
                                       .domain = "local",
                                       .hostname = "host.local",
                                       .interfaces = interfaces,
                                       .local = local };

  return disco_instance_new (&fields);
}

static const char *const eth0[] = { "eth0", NULL };
static const char *const both[] = { "eth0", "eth1", NULL };

static void
add (GPtrArray *instances, guint first, guint n, const char *const *interfaces, gboolean local)
{
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (instances, make_instance (first + i, interfaces, local));
}

static void
assert_detail (GPtrArray *instances, DiscoDiagnosisStatus status, const char *part)
{
  g_autoptr (DiscoDiagnosis) diagnosis = disco_diagnose_cache (instances);

  assert_string_equal (disco_diagnosis_get_check (diagnosis), "cache");
  assert_int_equal (disco_diagnosis_get_status (diagnosis), status);
  if (strstr (disco_diagnosis_get_detail (diagnosis), part) == NULL)
    fail_msg ("'%s' is not in: %s", part, disco_diagnosis_get_detail (diagnosis));
}

static void
nothing_is_said_of_what_nothing_is_known_of (void **state)
{
  g_autoptr (GPtrArray) instances = g_ptr_array_new_with_free_func (g_object_unref);

  assert_null (disco_diagnose_cache (instances));
  add (instances, 0, 2000, eth0, TRUE);
  assert_null (disco_diagnose_cache (instances));
}

static void
three_records_an_instance_are_counted_on_the_fullest_interface (void **state)
{
  g_autoptr (GPtrArray) instances = g_ptr_array_new_with_free_func (g_object_unref);

  add (instances, 0, 4, eth0, FALSE);
  add (instances, 4, 3, both, FALSE);
  assert_detail (instances, DISCO_DIAGNOSIS_STATUS_OK, "at least 21 records of eth0, of 4096");
}

static void
instance_that_two_services_see_is_counted_once (void **state)
{
  g_autoptr (GPtrArray) instances = g_ptr_array_new_with_free_func (g_object_unref);

  add (instances, 0, 4, eth0, FALSE);
  add (instances, 0, 4, eth0, FALSE);
  assert_detail (instances, DISCO_DIAGNOSIS_STATUS_OK, "at least 12 records");
}

static void
cache_that_is_nearly_full_is_a_warning (void **state)
{
  g_autoptr (GPtrArray) instances = g_ptr_array_new_with_free_func (g_object_unref);

  add (instances, 0, 1023, eth0, FALSE);
  assert_detail (instances, DISCO_DIAGNOSIS_STATUS_OK, "at least 3069 records");
  add (instances, 1023, 1, eth0, FALSE);
  assert_detail (instances, DISCO_DIAGNOSIS_STATUS_WARNING, "cache-entries-max");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (nothing_is_said_of_what_nothing_is_known_of),
    cmocka_unit_test (three_records_an_instance_are_counted_on_the_fullest_interface),
    cmocka_unit_test (instance_that_two_services_see_is_counted_once),
    cmocka_unit_test (cache_that_is_nearly_full_is_a_warning),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
