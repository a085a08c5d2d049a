/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <disco/disco-macros.h>
#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * DISCO_ERROR:
 *
 * The error domain of libdisco; its codes are [error@Disco.Error].
 *
 * Since: 1.0
 */
#define DISCO_ERROR (disco_error_quark ())
#define DISCO_TYPE_ERROR (disco_error_get_type ())

/**
 * DiscoError:
 * @DISCO_ERROR_INVALID_ARGUMENT: what was asked for breaks a rule of DNS-SD or of this library; the
 *   message quotes it. Asking again does not help.
 * @DISCO_ERROR_EXISTS: the agent has a registration with this id already
 * @DISCO_ERROR_NOT_FOUND: the agent has no registration with this id
 * @DISCO_ERROR_TOO_LARGE: the registration's TXT record would be longer than mDNS carries
 * @DISCO_ERROR_CLOSED: the watcher was closed
 * @DISCO_ERROR_UNAVAILABLE: there has been no link to the network's responder for 5 seconds; asking
 *   again later may help
 * @DISCO_ERROR_LIMIT: a limit of the responder was met; the message names the setting
 * @DISCO_ERROR_FAILED: anything else; the message says what
 *
 * The errors of libdisco. Cancellation is %G_IO_ERROR_CANCELLED.
 *
 * Since: 1.0
 */
typedef enum
{
  DISCO_ERROR_INVALID_ARGUMENT,
  DISCO_ERROR_EXISTS,
  DISCO_ERROR_NOT_FOUND,
  DISCO_ERROR_TOO_LARGE,
  DISCO_ERROR_CLOSED,
  DISCO_ERROR_UNAVAILABLE,
  DISCO_ERROR_LIMIT,
  DISCO_ERROR_FAILED,
} DiscoError;

DISCO_AVAILABLE_IN_1_0
GQuark disco_error_quark (void);
DISCO_AVAILABLE_IN_1_0
GType disco_error_get_type (void);

G_END_DECLS
