/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <disco/disco-macros.h>
#include <gio/gio.h>

G_BEGIN_DECLS

#define DISCO_TYPE_REGISTRATION (disco_registration_get_type ())

DISCO_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (DiscoRegistration, disco_registration, DISCO, REGISTRATION, GObject)

DISCO_AVAILABLE_IN_1_0
DiscoRegistration *disco_registration_new (const char *name, guint16 port);
DISCO_AVAILABLE_IN_1_0
DiscoRegistration *disco_registration_new_for_socket (const char *name, GSocket *socket,
                                                      GError **error);

DISCO_AVAILABLE_IN_1_0
const char *disco_registration_get_name (DiscoRegistration *self);
DISCO_AVAILABLE_IN_1_0
guint16 disco_registration_get_port (DiscoRegistration *self);
DISCO_AVAILABLE_IN_1_0
const char *disco_registration_get_id (DiscoRegistration *self);
DISCO_AVAILABLE_IN_1_0
const char *disco_registration_get_label (DiscoRegistration *self);
DISCO_AVAILABLE_IN_1_0
const char *disco_registration_get_addr (DiscoRegistration *self);
DISCO_AVAILABLE_IN_1_0
const char *const *disco_registration_get_tags (DiscoRegistration *self);
DISCO_AVAILABLE_IN_1_0
char **disco_registration_get_attribute_keys (DiscoRegistration *self);
DISCO_AVAILABLE_IN_1_0
GBytes *disco_registration_get_attribute (DiscoRegistration *self, const char *key,
                                          gboolean *present);

DISCO_AVAILABLE_IN_1_0
void disco_registration_set_id (DiscoRegistration *self, const char *id);
DISCO_AVAILABLE_IN_1_0
void disco_registration_set_label (DiscoRegistration *self, const char *label);
DISCO_AVAILABLE_IN_1_0
void disco_registration_set_addr (DiscoRegistration *self, const char *addr);
DISCO_AVAILABLE_IN_1_0
void disco_registration_set_tags (DiscoRegistration *self, const char *const *tags);
DISCO_AVAILABLE_IN_1_0
void disco_registration_set_attribute (DiscoRegistration *self, const char *key, GBytes *value);

G_END_DECLS
