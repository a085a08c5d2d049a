/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <disco/disco-service.h>

G_BEGIN_DECLS

DiscoWatcher *disco_watcher_new (DiscoService *service, DiscoWatchFlags flags);

G_END_DECLS
