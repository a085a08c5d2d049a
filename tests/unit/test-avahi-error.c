/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-avahi-error-private.h"
#include "test-support.h"

#include <avahi-common/error.h>
#include <disco/disco-error.h>

/* All codes that are not here are FAILED. */
static const struct
{
  int code;
  DiscoError error;
  const char *part; /* (nullable): what the message says beside Avahi's own words */
} rows[] = {
  { AVAHI_ERR_TOO_MANY_CLIENTS, DISCO_ERROR_LIMIT, "clients-max" },
  { AVAHI_ERR_TOO_MANY_OBJECTS, DISCO_ERROR_LIMIT, "objects-per-client-max" },
  { AVAHI_ERR_TOO_MANY_ENTRIES, DISCO_ERROR_LIMIT, "entries-per-entry-group-max" },
  { AVAHI_ERR_INVALID_HOST_NAME, DISCO_ERROR_INVALID_ARGUMENT, NULL },
  { AVAHI_ERR_INVALID_DOMAIN_NAME, DISCO_ERROR_INVALID_ARGUMENT, NULL },
  { AVAHI_ERR_INVALID_SERVICE_NAME, DISCO_ERROR_INVALID_ARGUMENT, NULL },
  { AVAHI_ERR_INVALID_SERVICE_TYPE, DISCO_ERROR_INVALID_ARGUMENT, NULL },
  { AVAHI_ERR_INVALID_SERVICE_SUBTYPE, DISCO_ERROR_INVALID_ARGUMENT, NULL },
  { AVAHI_ERR_INVALID_ADDRESS, DISCO_ERROR_INVALID_ARGUMENT, NULL },
  { AVAHI_ERR_NOT_PERMITTED, DISCO_ERROR_FAILED, "disable-publishing" },
  { AVAHI_ERR_ACCESS_DENIED, DISCO_ERROR_FAILED, "policy" },
  { AVAHI_ERR_DISCONNECTED, DISCO_ERROR_UNAVAILABLE, NULL },
  { AVAHI_ERR_NO_DAEMON, DISCO_ERROR_UNAVAILABLE, NULL },
  { AVAHI_ERR_DBUS_ERROR, DISCO_ERROR_UNAVAILABLE, NULL },
  { AVAHI_ERR_BAD_STATE, DISCO_ERROR_UNAVAILABLE, NULL },
};

static void
every_code_of_avahi_gives_the_error_that_a_caller_can_act_on (void **state)
{
  for (int code = AVAHI_ERR_FAILURE; code > AVAHI_ERR_MAX; code--)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *begin = g_strdup_printf ("cannot do it: %s", avahi_strerror (code));
      DiscoError expected = DISCO_ERROR_FAILED;

      for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
        {
          if (rows[i].code == code)
            expected = rows[i].error;
        }
      disco_set_avahi_error (&error, code, "do it");
      test_assert_error (&error, DISCO_ERROR, (int)expected, begin);
    }
}

/* What is used up is not Avahi's to tell. */
static void
limits_of_our_own_machine_name_the_setting_too (void **state)
{
  static const struct
  {
    int code;
    const char *part;
  } limits[] = {
    { DISCO_AVAHI_ERR_NO_DESCRIPTORS, "RLIMIT_NOFILE" },
    { DISCO_AVAHI_ERR_NO_THREAD, "RLIMIT_NPROC" },
    { DISCO_AVAHI_ERR_NO_CONNECTION, "max_connections_per_user" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (limits); i++)
    {
      g_autoptr (GError) error = NULL;

      disco_set_avahi_error (&error, limits[i].code, "publish");
      test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_LIMIT, limits[i].part);
    }
}

static void
limits_and_refusals_name_the_setting (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;

      disco_set_avahi_error (&error, rows[i].code, "publish");
      if (rows[i].error == DISCO_ERROR_LIMIT)
        assert_non_null (rows[i].part);
      test_assert_error (&error, DISCO_ERROR, (int)rows[i].error, rows[i].part);
    }
}

/* What is not the daemon's own tells nothing of what was asked. */
static void
errors_on_the_bus_are_the_same (void **state)
{
  static const struct
  {
    const char *name;
    DiscoError error;
    const char *message;
  } errors[] = {
    { "org.freedesktop.Avahi.TooManyObjectsError", DISCO_ERROR_LIMIT,
      "cannot do it: text: raise objects-per-client-max in avahi-daemon.conf" },
    { "org.freedesktop.Avahi.InvalidServiceNameError", DISCO_ERROR_INVALID_ARGUMENT,
      "cannot do it: text" },
    { "org.freedesktop.Avahi.BadStateError", DISCO_ERROR_UNAVAILABLE, "cannot do it: text" },
    { "org.freedesktop.Avahi.TimeoutError", DISCO_ERROR_FAILED, "cannot do it: text" },
    { "org.freedesktop.DBus.Error.AccessDenied", DISCO_ERROR_FAILED, "policy" },
    { "org.freedesktop.DBus.Error.LimitsExceeded", DISCO_ERROR_LIMIT, "cannot do it: text" },
    { "org.freedesktop.DBus.Error.NoReply", DISCO_ERROR_UNAVAILABLE, "cannot do it: text" },
    { "org.freedesktop.AvahiTimeoutError", DISCO_ERROR_UNAVAILABLE, "cannot do it: text" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (errors); i++)
    {
      g_autoptr (GError) error = NULL;

      disco_set_bus_error (&error, errors[i].name, "text", "do it");
      test_assert_error (&error, DISCO_ERROR, (int)errors[i].error, errors[i].message);
    }
}

static void
caller_who_wants_no_error_gets_none (void **state)
{
  disco_set_avahi_error (NULL, AVAHI_ERR_FAILURE, "do it");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (every_code_of_avahi_gives_the_error_that_a_caller_can_act_on),
    cmocka_unit_test (limits_of_our_own_machine_name_the_setting_too),
    cmocka_unit_test (limits_and_refusals_name_the_setting),
    cmocka_unit_test (errors_on_the_bus_are_the_same),
    cmocka_unit_test (caller_who_wants_no_error_gets_none),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
