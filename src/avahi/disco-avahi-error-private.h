/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Codes of ours beside Avahi's: what is used up in this process, or at the bus */
typedef enum
{
  DISCO_AVAHI_ERR_NO_DESCRIPTORS = -1000,
  DISCO_AVAHI_ERR_NO_THREAD,
  DISCO_AVAHI_ERR_NO_CONNECTION,
} DiscoAvahiError;

/* Sets @error from one of Avahi's codes, or of ours; @what says what was tried ("publish"). */
void disco_set_avahi_error (GError **error, int code, const char *what);
/* The same from the name and the text of an error on D-Bus: what is none of the daemon's own, nor
 * about permission or limits, is UNAVAILABLE, for then nothing is known of the daemon. */
void disco_set_bus_error (GError **error, const char *name, const char *text, const char *what);

G_END_DECLS
