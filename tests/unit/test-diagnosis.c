/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-diagnosis-private.h"
#include "test-support.h"

static void
diagnosis_keeps_what_it_was_made_of (void **state)
{
  g_autoptr (DiscoDiagnosis) diagnosis
      = disco_diagnosis_new ("bus", DISCO_DIAGNOSIS_STATUS_WARNING, "%d of %s", 2, "three");

  assert_string_equal (disco_diagnosis_get_check (diagnosis), "bus");
  assert_int_equal (disco_diagnosis_get_status (diagnosis), DISCO_DIAGNOSIS_STATUS_WARNING);
  assert_string_equal (disco_diagnosis_get_detail (diagnosis), "2 of three");
}

static void
detail_is_valid_utf8_whatever_it_was_made_of (void **state)
{
  g_autoptr (DiscoDiagnosis) diagnosis
      = disco_diagnosis_new ("bus", DISCO_DIAGNOSIS_STATUS_OK, "%s", "a\xff");

  assert_string_equal (disco_diagnosis_get_detail (diagnosis), "a\xef\xbf\xbd");
}

static void
diagnosis_lives_as_long_as_somebody_refers_to_it (void **state)
{
  DiscoDiagnosis *diagnosis = disco_diagnosis_new ("bus", DISCO_DIAGNOSIS_STATUS_OK, "fine");
  DiscoDiagnosis *copy = g_boxed_copy (DISCO_TYPE_DIAGNOSIS, diagnosis);

  assert_ptr_equal (copy, diagnosis);
  disco_diagnosis_unref (diagnosis);
  assert_string_equal (disco_diagnosis_get_detail (copy), "fine");
  g_boxed_free (DISCO_TYPE_DIAGNOSIS, copy);
}

static void
statuses_have_the_nicks_that_scripts_read (void **state)
{
  static const char *const nicks[] = { "ok", "warning", "failed" };
  g_autoptr (GEnumClass) class = g_type_class_ref (DISCO_TYPE_DIAGNOSIS_STATUS);

  assert_int_equal (class->n_values, G_N_ELEMENTS (nicks));
  for (guint i = 0; i < G_N_ELEMENTS (nicks); i++)
    assert_string_equal (g_enum_get_value (class, (int)i)->value_nick, nicks[i]);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (diagnosis_keeps_what_it_was_made_of),
    cmocka_unit_test (detail_is_valid_utf8_whatever_it_was_made_of),
    cmocka_unit_test (diagnosis_lives_as_long_as_somebody_refers_to_it),
    cmocka_unit_test (statuses_have_the_nicks_that_scripts_read),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
