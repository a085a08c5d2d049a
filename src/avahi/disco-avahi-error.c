/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-avahi-error-private.h"

#include "disco-bus-watch-private.h"

#include <avahi-common/error.h>
#include <disco/disco-error.h>

#define OF_DAEMON DISCO_AVAHI_BUS_NAME "."

typedef struct
{
  int code;
  DiscoError error;
  const char *name; /* on D-Bus */
  const char *hint; /* (nullable) */
} Row;

/* What a caller can do about each of Avahi's errors; all others of the daemon are FAILED. */
static const Row rows[] = {
  { AVAHI_ERR_TOO_MANY_CLIENTS, DISCO_ERROR_LIMIT, OF_DAEMON "TooManyClientsError",
    "raise clients-max in avahi-daemon.conf" },
  { AVAHI_ERR_TOO_MANY_OBJECTS, DISCO_ERROR_LIMIT, OF_DAEMON "TooManyObjectsError",
    "raise objects-per-client-max in avahi-daemon.conf" },
  { AVAHI_ERR_TOO_MANY_ENTRIES, DISCO_ERROR_LIMIT, OF_DAEMON "TooManyEntriesError",
    "raise entries-per-entry-group-max in avahi-daemon.conf" },
  { AVAHI_ERR_INVALID_HOST_NAME, DISCO_ERROR_INVALID_ARGUMENT, OF_DAEMON "InvalidHostNameError",
    NULL },
  { AVAHI_ERR_INVALID_DOMAIN_NAME, DISCO_ERROR_INVALID_ARGUMENT, OF_DAEMON "InvalidDomainNameError",
    NULL },
  { AVAHI_ERR_INVALID_SERVICE_NAME, DISCO_ERROR_INVALID_ARGUMENT,
    OF_DAEMON "InvalidServiceNameError", NULL },
  { AVAHI_ERR_INVALID_SERVICE_TYPE, DISCO_ERROR_INVALID_ARGUMENT,
    OF_DAEMON "InvalidServiceTypeError", NULL },
  { AVAHI_ERR_INVALID_SERVICE_SUBTYPE, DISCO_ERROR_INVALID_ARGUMENT,
    OF_DAEMON "InvalidServiceSubtypeError", NULL },
  { AVAHI_ERR_INVALID_ADDRESS, DISCO_ERROR_INVALID_ARGUMENT, OF_DAEMON "InvalidAddressError",
    NULL },
  { AVAHI_ERR_NOT_PERMITTED, DISCO_ERROR_FAILED, OF_DAEMON "NotPermittedError",
    "disable-publishing or disable-user-service-publishing is set in avahi-daemon.conf" },
  { AVAHI_ERR_ACCESS_DENIED, DISCO_ERROR_FAILED, DBUS_ERROR_ACCESS_DENIED,
    "the D-Bus policy does not allow it" },
  { AVAHI_ERR_DISCONNECTED, DISCO_ERROR_UNAVAILABLE, OF_DAEMON "DisconnectedError", NULL },
  { AVAHI_ERR_NO_DAEMON, DISCO_ERROR_UNAVAILABLE, OF_DAEMON "NoDaemonError", NULL },
  { AVAHI_ERR_DBUS_ERROR, DISCO_ERROR_UNAVAILABLE, OF_DAEMON "DBusError", NULL },
  { AVAHI_ERR_BAD_STATE, DISCO_ERROR_UNAVAILABLE, OF_DAEMON "BadStateError", NULL },
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

/* @row: (nullable) */
static void
set_error (GError **error, const Row *row, DiscoError otherwise, const char *text, const char *what)
{
  const DiscoError code = row != NULL ? row->error : otherwise;
  const char *hint = row != NULL ? row->hint : NULL;

  g_set_error (error, DISCO_ERROR, (int)code, "cannot %s: %s%s%s", what, text,
               hint != NULL ? ": " : "", hint != NULL ? hint : "");
}

void
disco_set_avahi_error (GError **error, int code, const char *what)
{
  const Row *row = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (limits); i++)
    {
      if (limits[i].code != code)
        continue;
      g_set_error (error, DISCO_ERROR, DISCO_ERROR_LIMIT, "cannot %s: %s", what, limits[i].text);
      return;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (rows) && row == NULL; i++)
    {
      if (rows[i].code == code)
        row = &rows[i];
    }
  set_error (error, row, DISCO_ERROR_FAILED, avahi_strerror (code), what);
}

void
disco_set_bus_error (GError **error, const char *name, const char *text, const char *what)
{
  DiscoError otherwise = DISCO_ERROR_UNAVAILABLE;
  const Row *row = NULL;

  if (g_str_has_prefix (name, OF_DAEMON))
    otherwise = DISCO_ERROR_FAILED;
  else if (g_str_equal (name, DBUS_ERROR_LIMITS_EXCEEDED))
    otherwise = DISCO_ERROR_LIMIT;

  for (gsize i = 0; i < G_N_ELEMENTS (rows) && row == NULL; i++)
    {
      if (g_str_equal (rows[i].name, name))
        row = &rows[i];
    }
  set_error (error, row, otherwise, text, what);
}
