/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-avahi-error-private.h"

#include <avahi-common/error.h>
#include <disco/disco-error.h>

/* What a caller can do about each of Avahi's codes; all others are FAILED. */
static const struct
{
  int code;
  DiscoError error;
  const char *hint;
} table[] = {
  { AVAHI_ERR_TOO_MANY_CLIENTS, DISCO_ERROR_LIMIT, "raise clients-max in avahi-daemon.conf" },
  { AVAHI_ERR_TOO_MANY_OBJECTS, DISCO_ERROR_LIMIT,
    "raise objects-per-client-max in avahi-daemon.conf" },
  { AVAHI_ERR_TOO_MANY_ENTRIES, DISCO_ERROR_LIMIT,
    "raise entries-per-entry-group-max in avahi-daemon.conf" },
  { AVAHI_ERR_INVALID_HOST_NAME, DISCO_ERROR_INVALID_ARGUMENT, NULL },
  { AVAHI_ERR_INVALID_DOMAIN_NAME, DISCO_ERROR_INVALID_ARGUMENT, NULL },
  { AVAHI_ERR_INVALID_SERVICE_NAME, DISCO_ERROR_INVALID_ARGUMENT, NULL },
  { AVAHI_ERR_INVALID_SERVICE_TYPE, DISCO_ERROR_INVALID_ARGUMENT, NULL },
  { AVAHI_ERR_INVALID_SERVICE_SUBTYPE, DISCO_ERROR_INVALID_ARGUMENT, NULL },
  { AVAHI_ERR_INVALID_ADDRESS, DISCO_ERROR_INVALID_ARGUMENT, NULL },
  { AVAHI_ERR_NOT_PERMITTED, DISCO_ERROR_FAILED,
    "disable-publishing or disable-user-service-publishing is set in avahi-daemon.conf" },
  { AVAHI_ERR_ACCESS_DENIED, DISCO_ERROR_FAILED, "the D-Bus policy does not allow it" },
  { AVAHI_ERR_DISCONNECTED, DISCO_ERROR_UNAVAILABLE, NULL },
  { AVAHI_ERR_NO_DAEMON, DISCO_ERROR_UNAVAILABLE, NULL },
  { AVAHI_ERR_DBUS_ERROR, DISCO_ERROR_UNAVAILABLE, NULL },
  { AVAHI_ERR_BAD_STATE, DISCO_ERROR_UNAVAILABLE, NULL },
};

static const struct
{
  int code;
  const char *text;
} limits[] = {
  { DISCO_AVAHI_ERR_NO_DESCRIPTORS,
    "this process has no file descriptor left: raise RLIMIT_NOFILE (ulimit -n)" },
  { DISCO_AVAHI_ERR_NO_THREAD, "this process can make no thread: raise RLIMIT_NPROC (ulimit -u)" },
  { DISCO_AVAHI_ERR_NO_CONNECTION,
    "the system bus takes no further connection: raise max_connections_per_user in its "
    "configuration" },
};

void
disco_set_avahi_error (GError **error, int code, const char *what)
{
  DiscoError found = DISCO_ERROR_FAILED;
  const char *hint = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (limits); i++)
    {
      if (limits[i].code != code)
        continue;
      g_set_error (error, DISCO_ERROR, DISCO_ERROR_LIMIT, "cannot %s: %s", what, limits[i].text);
      return;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    {
      if (table[i].code != code)
        continue;
      found = table[i].error;
      hint = table[i].hint;
    }
  g_set_error (error, DISCO_ERROR, (int)found, "cannot %s: %s%s%s", what, avahi_strerror (code),
               hint != NULL ? ": " : "", hint != NULL ? hint : "");
}
