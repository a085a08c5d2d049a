/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <avahi-common/watch.h>
#include <glib.h>

G_BEGIN_DECLS

/* The main loop as Avahi wants it, on a GMainContext. Unlike avahi-glib's it never spins while a
 * timer is near, and it holds the shield before the sockets: a packet that could end avahi-core is
 * read away before avahi-core sees it. */
typedef struct _DiscoPoll DiscoPoll;

DiscoPoll *disco_poll_new (GMainContext *context);
/* After all its watches and timers are freed. */
void disco_poll_free (DiscoPoll *self);

const AvahiPoll *disco_poll_get_api (DiscoPoll *self);
/* Packets that the shield has dropped */
guint64 disco_poll_get_n_dropped (DiscoPoll *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DiscoPoll, disco_poll_free)

G_END_DECLS
