/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <disco/disco-macros.h>
#include <disco/disco-watcher.h>
#include <gio/gio.h>

G_BEGIN_DECLS

#define DISCO_TYPE_SERVICE (disco_service_get_type ())
#define DISCO_TYPE_WATCH_FLAGS (disco_watch_flags_get_type ())

/**
 * DiscoWatchFlags:
 * @DISCO_WATCH_NONE: the first [method@Disco.Watcher.next] waits for the first full set
 * @DISCO_WATCH_IMMEDIATE: the first one too returns as soon as there is an event
 *
 * How a [class@Disco.Watcher] begins.
 *
 * Since: 1.0
 */
typedef enum
{
  DISCO_WATCH_NONE = 0,
  DISCO_WATCH_IMMEDIATE = 1 << 0,
} DiscoWatchFlags;

DISCO_AVAILABLE_IN_1_0
GType disco_watch_flags_get_type (void);

DISCO_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (DiscoService, disco_service, DISCO, SERVICE, GObject)

DISCO_AVAILABLE_IN_1_0
const char *disco_service_get_name (DiscoService *self);
DISCO_AVAILABLE_IN_1_0
const char *disco_service_get_service_type (DiscoService *self);
DISCO_AVAILABLE_IN_1_0
const char *const *disco_service_get_tags (DiscoService *self);
DISCO_AVAILABLE_IN_1_0
gboolean disco_service_get_synced (DiscoService *self);
DISCO_AVAILABLE_IN_1_0
GPtrArray *disco_service_get_instances (DiscoService *self);
DISCO_AVAILABLE_IN_1_0
DiscoWatcher *disco_service_watch (DiscoService *self);
DISCO_AVAILABLE_IN_1_0
DiscoWatcher *disco_service_watch_full (DiscoService *self, DiscoWatchFlags flags);

G_END_DECLS
