/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <disco/disco-macros.h>
#include <gio/gio.h>

G_BEGIN_DECLS

#define DISCO_TYPE_INSTANCE (disco_instance_get_type ())

DISCO_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (DiscoInstance, disco_instance, DISCO, INSTANCE, GObject)

DISCO_AVAILABLE_IN_1_0
gboolean disco_instance_get_local (DiscoInstance *self);
DISCO_AVAILABLE_IN_1_0
const char *disco_instance_get_id (DiscoInstance *self);
DISCO_AVAILABLE_IN_1_0
const char *disco_instance_get_name (DiscoInstance *self);
DISCO_AVAILABLE_IN_1_0
const char *disco_instance_get_label (DiscoInstance *self);
DISCO_AVAILABLE_IN_1_0
const char *disco_instance_get_service_type (DiscoInstance *self);
DISCO_AVAILABLE_IN_1_0
const char *disco_instance_get_domain (DiscoInstance *self);
DISCO_AVAILABLE_IN_1_0
const char *disco_instance_get_hostname (DiscoInstance *self);
DISCO_AVAILABLE_IN_1_0
const char *disco_instance_get_host (DiscoInstance *self);
DISCO_AVAILABLE_IN_1_0
guint16 disco_instance_get_port (DiscoInstance *self);
DISCO_AVAILABLE_IN_1_0
const char *const *disco_instance_get_tags (DiscoInstance *self);
DISCO_AVAILABLE_IN_1_0
const char *const *disco_instance_get_addresses (DiscoInstance *self);
DISCO_AVAILABLE_IN_1_0
const char *const *disco_instance_get_interfaces (DiscoInstance *self);
DISCO_AVAILABLE_IN_1_0
char **disco_instance_get_attribute_keys (DiscoInstance *self);
DISCO_AVAILABLE_IN_1_0
GBytes *disco_instance_get_attribute (DiscoInstance *self, const char *key, gboolean *present);
DISCO_AVAILABLE_IN_1_0
char *disco_instance_dup_address (DiscoInstance *self);
DISCO_AVAILABLE_IN_1_0
gboolean disco_instance_equal (DiscoInstance *self, DiscoInstance *other);

G_END_DECLS
