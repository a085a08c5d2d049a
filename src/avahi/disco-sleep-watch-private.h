/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Tells when the machine has slept and is awake again, where logind is there to know it.
 *
 * Threads: everything happens in the thread-default context of disco_sleep_watch_new(). */
typedef struct _DiscoSleepWatch DiscoSleepWatch;

typedef void (*DiscoSleepFunc) (gpointer user_data);

DiscoSleepWatch *disco_sleep_watch_new (DiscoSleepFunc awake, gpointer user_data);
void disco_sleep_watch_free (DiscoSleepWatch *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DiscoSleepWatch, disco_sleep_watch_free)

G_END_DECLS
