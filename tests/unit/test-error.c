/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-support.h"

#include <disco/disco.h>

static void
every_error_has_the_nick_that_scripts_read (void **state)
{
  static const struct
  {
    DiscoError code;
    const char *nick;
  } rows[] = {
    { DISCO_ERROR_INVALID_ARGUMENT, "invalid-argument" },
    { DISCO_ERROR_EXISTS, "exists" },
    { DISCO_ERROR_NOT_FOUND, "not-found" },
    { DISCO_ERROR_TOO_LARGE, "too-large" },
    { DISCO_ERROR_CLOSED, "closed" },
    { DISCO_ERROR_UNAVAILABLE, "unavailable" },
    { DISCO_ERROR_LIMIT, "limit" },
    { DISCO_ERROR_FAILED, "failed" },
  };
  g_autoptr (GEnumClass) klass = g_type_class_ref (DISCO_TYPE_ERROR);

  assert_int_equal (klass->n_values, G_N_ELEMENTS (rows));
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    assert_string_equal (g_enum_get_value (klass, rows[i].code)->value_nick, rows[i].nick);
}

static void
the_domain_is_named_after_its_function (void **state)
{
  assert_string_equal (g_quark_to_string (DISCO_ERROR), "disco-error-quark");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (every_error_has_the_nick_that_scripts_read),
    cmocka_unit_test (the_domain_is_named_after_its_function),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
