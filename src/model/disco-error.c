/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <disco/disco-error.h>

/**
 * disco_error_quark:
 *
 * Gets the domain of libdisco's errors.
 *
 * Returns: the quark behind %DISCO_ERROR
 *
 * Since: 1.0
 */
GQuark
disco_error_quark (void)
{
  static gsize quark = 0;

  /* G_DEFINE_QUARK writes its variable without any order between threads. */
  if (g_once_init_enter (&quark))
    g_once_init_leave (&quark, g_quark_from_static_string ("disco-error-quark"));
  return (GQuark)quark;
}

/* The nicks are what disco(1) writes as an error's code with --json. */
G_DEFINE_ENUM_TYPE (DiscoError, disco_error,
                    G_DEFINE_ENUM_VALUE (DISCO_ERROR_INVALID_ARGUMENT, "invalid-argument"),
                    G_DEFINE_ENUM_VALUE (DISCO_ERROR_EXISTS, "exists"),
                    G_DEFINE_ENUM_VALUE (DISCO_ERROR_NOT_FOUND, "not-found"),
                    G_DEFINE_ENUM_VALUE (DISCO_ERROR_TOO_LARGE, "too-large"),
                    G_DEFINE_ENUM_VALUE (DISCO_ERROR_CLOSED, "closed"),
                    G_DEFINE_ENUM_VALUE (DISCO_ERROR_UNAVAILABLE, "unavailable"),
                    G_DEFINE_ENUM_VALUE (DISCO_ERROR_LIMIT, "limit"),
                    G_DEFINE_ENUM_VALUE (DISCO_ERROR_FAILED, "failed"))
