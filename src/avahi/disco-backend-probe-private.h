/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <disco/disco-avahi-agent.h>

G_BEGIN_DECLS

/* Finds out what %DISCO_BACKEND_AUTO comes to: the daemon where the system bus answers and Avahi is
 * there or can be started, else the embedded backend. It never blocks, whatever the bus does, and
 * takes 1 s for a bus that does not answer, and 2 s more for a daemon that does not start.
 *
 * Threads: everything happens in the thread-default context of disco_backend_probe_new(). */
typedef struct _DiscoBackendProbe DiscoBackendProbe;

/* Called once, never from inside disco_backend_probe_new(); @why: in words, for logs */
typedef void (*DiscoBackendProbeFunc) (DiscoBackend backend, const char *why, gpointer user_data);

DiscoBackendProbe *disco_backend_probe_new (DiscoBackendProbeFunc func, gpointer user_data);
/* At any moment, but not from inside the callback. */
void disco_backend_probe_free (DiscoBackendProbe *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DiscoBackendProbe, disco_backend_probe_free)

G_END_DECLS
