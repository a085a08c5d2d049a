/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <disco/disco-instance.h>
#include <disco/disco-macros.h>
#include <disco/disco-registration.h>
#include <disco/disco-service.h>
#include <gio/gio.h>

G_BEGIN_DECLS

#define DISCO_TYPE_AGENT (disco_agent_get_type ())

DISCO_AVAILABLE_IN_1_0
G_DECLARE_INTERFACE (DiscoAgent, disco_agent, DISCO, AGENT, GObject)

/**
 * DiscoAgentInterface:
 * @parent_iface: the parent interface
 * @register_async: see [method@Disco.Agent.register_async]
 * @register_finish: see [method@Disco.Agent.register_finish]
 * @update_async: see [method@Disco.Agent.update_async]
 * @update_finish: see [method@Disco.Agent.update_finish]
 * @deregister_async: see [method@Disco.Agent.deregister_async]
 * @deregister_finish: see [method@Disco.Agent.deregister_finish]
 * @leave_async: see [method@Disco.Agent.leave_async]
 * @leave_finish: see [method@Disco.Agent.leave_finish]
 * @services_async: see [method@Disco.Agent.services_async]
 * @services_finish: see [method@Disco.Agent.services_finish]
 * @open_service: see [method@Disco.Agent.open_service]
 * @verify_async: see [method@Disco.Agent.verify_async]
 * @verify_finish: see [method@Disco.Agent.verify_finish]
 *
 * What an agent implements. The blocking calls and [method@Disco.Agent.service] are built on these.
 *
 * Since: 1.0
 */
struct _DiscoAgentInterface
{
  GTypeInterface parent_iface;

  void (*register_async) (DiscoAgent *self, DiscoRegistration *registration,
                          GCancellable *cancellable, GAsyncReadyCallback callback,
                          gpointer user_data);
  char *(*register_finish) (DiscoAgent *self, GAsyncResult *result, GError **error);
  void (*update_async) (DiscoAgent *self, const char *id, DiscoRegistration *registration,
                        GCancellable *cancellable, GAsyncReadyCallback callback,
                        gpointer user_data);
  gboolean (*update_finish) (DiscoAgent *self, GAsyncResult *result, GError **error);
  void (*deregister_async) (DiscoAgent *self, const char *id, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer user_data);
  gboolean (*deregister_finish) (DiscoAgent *self, GAsyncResult *result, GError **error);
  void (*leave_async) (DiscoAgent *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                       gpointer user_data);
  gboolean (*leave_finish) (DiscoAgent *self, GAsyncResult *result, GError **error);
  void (*services_async) (DiscoAgent *self, const char *const *tags, GCancellable *cancellable,
                          GAsyncReadyCallback callback, gpointer user_data);
  GHashTable *(*services_finish) (DiscoAgent *self, GAsyncResult *result, GError **error);
  DiscoService *(*open_service) (DiscoAgent *self, const char *name, const char *const *tags,
                                 GError **error);
  void (*verify_async) (DiscoAgent *self, DiscoInstance *instance, GCancellable *cancellable,
                        GAsyncReadyCallback callback, gpointer user_data);
  gboolean (*verify_finish) (DiscoAgent *self, GAsyncResult *result, GError **error);

  /*< private >*/
  gpointer reserved[6];
};

DISCO_AVAILABLE_IN_1_0
char *disco_agent_register (DiscoAgent *self, DiscoRegistration *registration,
                            GCancellable *cancellable, GError **error);
DISCO_AVAILABLE_IN_1_0
void disco_agent_register_async (DiscoAgent *self, DiscoRegistration *registration,
                                 GCancellable *cancellable, GAsyncReadyCallback callback,
                                 gpointer user_data);
DISCO_AVAILABLE_IN_1_0
char *disco_agent_register_finish (DiscoAgent *self, GAsyncResult *result, GError **error);

DISCO_AVAILABLE_IN_1_0
gboolean disco_agent_update (DiscoAgent *self, const char *id, DiscoRegistration *registration,
                             GCancellable *cancellable, GError **error);
DISCO_AVAILABLE_IN_1_0
void disco_agent_update_async (DiscoAgent *self, const char *id, DiscoRegistration *registration,
                               GCancellable *cancellable, GAsyncReadyCallback callback,
                               gpointer user_data);
DISCO_AVAILABLE_IN_1_0
gboolean disco_agent_update_finish (DiscoAgent *self, GAsyncResult *result, GError **error);

DISCO_AVAILABLE_IN_1_0
gboolean disco_agent_deregister (DiscoAgent *self, const char *id, GCancellable *cancellable,
                                 GError **error);
DISCO_AVAILABLE_IN_1_0
void disco_agent_deregister_async (DiscoAgent *self, const char *id, GCancellable *cancellable,
                                   GAsyncReadyCallback callback, gpointer user_data);
DISCO_AVAILABLE_IN_1_0
gboolean disco_agent_deregister_finish (DiscoAgent *self, GAsyncResult *result, GError **error);

DISCO_AVAILABLE_IN_1_0
gboolean disco_agent_leave (DiscoAgent *self, GCancellable *cancellable, GError **error);
DISCO_AVAILABLE_IN_1_0
void disco_agent_leave_async (DiscoAgent *self, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer user_data);
DISCO_AVAILABLE_IN_1_0
gboolean disco_agent_leave_finish (DiscoAgent *self, GAsyncResult *result, GError **error);

DISCO_AVAILABLE_IN_1_0
GHashTable *disco_agent_services (DiscoAgent *self, const char *const *tags,
                                  GCancellable *cancellable, GError **error);
DISCO_AVAILABLE_IN_1_0
void disco_agent_services_async (DiscoAgent *self, const char *const *tags,
                                 GCancellable *cancellable, GAsyncReadyCallback callback,
                                 gpointer user_data);
DISCO_AVAILABLE_IN_1_0
GHashTable *disco_agent_services_finish (DiscoAgent *self, GAsyncResult *result, GError **error);

DISCO_AVAILABLE_IN_1_0
DiscoService *disco_agent_service (DiscoAgent *self, const char *name, const char *const *tags,
                                   GCancellable *cancellable, GError **error);
DISCO_AVAILABLE_IN_1_0
void disco_agent_service_async (DiscoAgent *self, const char *name, const char *const *tags,
                                GCancellable *cancellable, GAsyncReadyCallback callback,
                                gpointer user_data);
DISCO_AVAILABLE_IN_1_0
DiscoService *disco_agent_service_finish (DiscoAgent *self, GAsyncResult *result, GError **error);

DISCO_AVAILABLE_IN_1_0
DiscoService *disco_agent_open_service (DiscoAgent *self, const char *name, const char *const *tags,
                                        GError **error);

DISCO_AVAILABLE_IN_1_0
gboolean disco_agent_verify (DiscoAgent *self, DiscoInstance *instance, GCancellable *cancellable,
                             GError **error);
DISCO_AVAILABLE_IN_1_0
void disco_agent_verify_async (DiscoAgent *self, DiscoInstance *instance, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer user_data);
DISCO_AVAILABLE_IN_1_0
gboolean disco_agent_verify_finish (DiscoAgent *self, GAsyncResult *result, GError **error);

DISCO_AVAILABLE_IN_1_0
DiscoAgent *disco_agent_for_context (GMainContext *context);
DISCO_AVAILABLE_IN_1_0
void disco_agent_set_for_context (GMainContext *context, DiscoAgent *agent);

G_END_DECLS
