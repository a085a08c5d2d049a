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
/* clang-format off */
G_DEFINE_QUARK (disco-error-quark, disco_error)
/* clang-format on */

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
