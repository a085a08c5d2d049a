/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-wire-private.h"

#include <avahi-core/core.h>

G_BEGIN_DECLS

/* The one AvahiServer of the process, and the name of its host. */
typedef struct _DiscoServer DiscoServer;

/* Its state has changed. */
typedef void (*DiscoServerFunc) (gpointer user_data);

/* @interfaces: (nullable): names, NULL: all. Where it cannot be made its state is FAILED. */
DiscoServer *disco_server_new (const char *const *interfaces, GMainContext *context,
                               DiscoServerFunc func, gpointer user_data);
/* TRUE if after its failure it could be made anew, which it is. All that stood on it must have been
 * freed. */
gboolean disco_server_restart (DiscoServer *self);
/* Sends goodbyes for all that stands. */
void disco_server_free (DiscoServer *self);

/* (nullable): NULL once it has failed */
AvahiServer *disco_server_get_avahi (DiscoServer *self);
/* In its first second: what others have announced right before, it has not heard, and none of them
 * says it again within a second, whoever asks (RFC 6762 §6). */
gboolean disco_server_is_new (DiscoServer *self);
/* @host_name: with its domain; "" where that does not stand. @code: Avahi's, or 0 */
DiscoWireState disco_server_get_state (DiscoServer *self, const char **host_name, int *code);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DiscoServer, disco_server_free)

G_END_DECLS
