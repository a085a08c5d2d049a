/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <disco/disco-macros.h>
#include <disco/disco-service.h>
#include <gio/gio.h>

G_BEGIN_DECLS

#define DISCO_TYPE_INSTANCE_LIST (disco_instance_list_get_type ())

DISCO_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (DiscoInstanceList, disco_instance_list, DISCO, INSTANCE_LIST, GObject)

DISCO_AVAILABLE_IN_1_0
DiscoInstanceList *disco_instance_list_new (DiscoService *service);
DISCO_AVAILABLE_IN_1_0
DiscoService *disco_instance_list_get_service (DiscoInstanceList *self);
DISCO_AVAILABLE_IN_1_0
gboolean disco_instance_list_get_synced (DiscoInstanceList *self);

G_END_DECLS
