/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-link-private.h"

G_BEGIN_DECLS

/* The link to a disco-responder, a child of this process: a session over a socket pair. None of its
 * calls blocks; what the responder sends is checked before anybody is told of it. */
#define DISCO_TYPE_EMBEDDED_LINK (disco_embedded_link_get_type ())
G_DECLARE_FINAL_TYPE (DiscoEmbeddedLink, disco_embedded_link, DISCO, EMBEDDED_LINK, DiscoLink)

/* How long a responder may take to say hello */
#define DISCO_EMBEDDED_HELLO_US (5 * G_TIME_SPAN_SECOND)

/* (nullable): NULL, with %DISCO_ERROR_UNAVAILABLE, where no responder can be started. @context: the
 * thread-default context of the calling thread; @interfaces, @excluded: (nullable): globs */
DiscoLink *disco_embedded_link_new (GMainContext *context, const char *const *interfaces,
                                    const char *const *excluded, GError **error);
/* Over the session @fd, which is taken. */
DiscoLink *disco_embedded_link_new_for_session (GMainContext *context, int fd, gint64 hello_us);

G_END_DECLS
