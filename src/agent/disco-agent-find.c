/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The part of DiscoAgent that finds services. */
#include "disco-service-private.h"
#include "disco-sync-private.h"
#include "disco-wakeup-private.h"

/**
 * disco_agent_services:
 * @self: an agent
 * @tags: (nullable) (array zero-terminated=1): tags that an instance must have, or %NULL
 * @cancellable: (nullable): a #GCancellable, or %NULL
 * @error: return location for an error
 *
 * Finds every service on the network with at least one instance that has all of @tags.
 *
 * This asks for all service types, which takes a network a few seconds. Where types or instances
 * come without end it returns 7 seconds after the types were known, with what has been found. The
 * services are live, and each sees the instances that have all of @tags.
 *
 * The error is %DISCO_ERROR_UNAVAILABLE where there has been no link to the network's responder for
 * 5 seconds, %DISCO_ERROR_LIMIT or %DISCO_ERROR_FAILED where the responder refuses to look, or
 * %G_IO_ERROR_CANCELLED.
 *
 * Returns: (transfer container) (element-type utf8 DiscoService): the services by name, or
 *   %NULL with @error set
 *
 * Since: 1.0
 */
GHashTable *
disco_agent_services (DiscoAgent *self, const char *const *tags, GCancellable *cancellable,
                      GError **error)
{
  g_auto (DiscoSync) sync = { NULL };

  g_return_val_if_fail (DISCO_IS_AGENT (self), NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!disco_sync_begin (&sync, error))
    return NULL;
  disco_agent_services_async (self, tags, cancellable, disco_sync_callback, &sync);
  return disco_agent_services_finish (self, disco_sync_wait (&sync), error);
}

/**
 * disco_agent_services_async:
 * @self: an agent
 * @tags: (nullable) (array zero-terminated=1): tags that an instance must have, or %NULL
 * @cancellable: (nullable): a #GCancellable, or %NULL
 * @callback: (scope async) (closure user_data): called when the services are known
 * @user_data: data for @callback
 *
 * Finds every service on the network with at least one instance that has all of @tags; see
 * [method@Disco.Agent.services].
 *
 * Since: 1.0
 */
void
disco_agent_services_async (DiscoAgent *self, const char *const *tags, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (DISCO_IS_AGENT (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  DISCO_AGENT_GET_IFACE (self)->services_async (self, tags, cancellable, callback, user_data);
}

/**
 * disco_agent_services_finish:
 * @self: an agent
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends a call of [method@Disco.Agent.services_async]; errors are those of
 * [method@Disco.Agent.services].
 *
 * Returns: (transfer container) (element-type utf8 DiscoService): the services by name, or
 *   %NULL with @error set
 *
 * Since: 1.0
 */
GHashTable *
disco_agent_services_finish (DiscoAgent *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (DISCO_IS_AGENT (self), NULL);
  g_return_val_if_fail (G_IS_ASYNC_RESULT (result), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return DISCO_AGENT_GET_IFACE (self)->services_finish (self, result, error);
}

/**
 * disco_agent_open_service:
 * @self: an agent
 * @name: a service name: "http", "_ipp._tcp", "_printer._sub._http._tcp", or any text
 * @tags: (nullable) (array zero-terminated=1): tags that an instance must have, or %NULL
 * @error: return location for an error
 *
 * Opens a service without waiting: what is known of it comes in by and by.
 *
 * [property@Disco.Service:synced] tells when the first full set is there. Without a link to the
 * network's responder it waits for one. The error is %DISCO_ERROR_INVALID_ARGUMENT where @name is
 * no service name.
 *
 * Returns: (transfer full): a live service, or %NULL with @error set
 *
 * Since: 1.0
 */
DiscoService *
disco_agent_open_service (DiscoAgent *self, const char *name, const char *const *tags,
                          GError **error)
{
  g_return_val_if_fail (DISCO_IS_AGENT (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return DISCO_AGENT_GET_IFACE (self)->open_service (self, name, tags, error);
}

/* A call of service_async that waits for the first full set. Referenced by its wakeup and, while it
 * may be called, by the source's waiter. */
typedef struct
{
  GTask *task;            /* (owned) (nullable): NULL once completed; the context's thread only */
  DiscoServiceSeed *seed; /* (owned) (nullable): likewise */
  guint waiter;           /* constant once attached */
  GMutex mutex;
  GSource *wakeup; /* (not owned) (nullable): NULL once destroyed; protected by mutex */
  GError *error;   /* (owned) (nullable): the outcome; protected by mutex */
  gboolean done;   /* protected by mutex */
} Opening;

static void
opening_clear (gpointer data)
{
  Opening *self = data;

  g_clear_error (&self->error);
  g_mutex_clear (&self->mutex);
}

static void
opening_unref (Opening *self)
{
  g_atomic_rc_box_release_full (self, opening_clear);
}

/* The wakeup is destroyed, because the call is completed. */
static void
on_wakeup_gone (gpointer data)
{
  Opening *self = data;

  g_mutex_lock (&self->mutex);
  self->wakeup = NULL;
  g_mutex_unlock (&self->mutex);
  if (self->seed != NULL && disco_source_remove_waiter (self->seed->source, self->waiter))
    opening_unref (self);
  g_clear_pointer (&self->seed, disco_service_seed_free);
  g_clear_object (&self->task);
  opening_unref (self);
}

/* Any thread */
static void
on_outcome (DiscoSource *source, const GError *error, gpointer user_data)
{
  Opening *self = user_data;

  g_mutex_lock (&self->mutex);
  self->done = TRUE;
  self->error = error != NULL ? g_error_copy (error) : NULL;
  if (self->wakeup != NULL)
    g_source_set_ready_time (self->wakeup, 0);
  g_mutex_unlock (&self->mutex);
  opening_unref (self);
}

static gboolean
on_wakeup (gpointer data)
{
  Opening *self = data;
  g_autoptr (GTask) task = NULL;
  g_autoptr (GError) error = NULL;
  gboolean done;

  g_mutex_lock (&self->mutex);
  done = self->done;
  error = g_steal_pointer (&self->error);
  g_mutex_unlock (&self->mutex);
  if (!done && !g_cancellable_set_error_if_cancelled (g_task_get_cancellable (self->task), &error))
    return G_SOURCE_CONTINUE;

  task = g_object_ref (self->task);
  if (error != NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_pointer (task, g_steal_pointer (&self->seed),
                           (GDestroyNotify)disco_service_seed_free);
  return G_SOURCE_REMOVE;
}

/* @seed: (transfer full) */
static void
wait_for_first_set (GTask *task, DiscoServiceSeed *seed)
{
  g_autoptr (GSource) wakeup = NULL;
  Opening *opening = g_atomic_rc_box_new0 (Opening);

  g_mutex_init (&opening->mutex);
  opening->task = g_object_ref (task);
  opening->seed = seed;
  wakeup = disco_wakeup_new (task, on_wakeup, opening, on_wakeup_gone);
  opening->wakeup = wakeup;
  opening->waiter
      = disco_source_add_waiter (seed->source, on_outcome, g_atomic_rc_box_acquire (opening));
  g_mutex_lock (&opening->mutex);
  disco_wakeup_attach (wakeup, g_task_get_context (task));
  g_mutex_unlock (&opening->mutex);
}

/**
 * disco_agent_service:
 * @self: an agent
 * @name: a service name: "http", "_ipp._tcp", "_printer._sub._http._tcp", or any text
 * @tags: (nullable) (array zero-terminated=1): tags that an instance must have, or %NULL
 * @cancellable: (nullable): a #GCancellable, or %NULL
 * @error: return location for an error
 *
 * Opens a service and waits until its first full set of instances is known.
 *
 * A service that nobody offers is empty, which is no error. The error is
 * %DISCO_ERROR_INVALID_ARGUMENT where @name is no service name; %DISCO_ERROR_UNAVAILABLE where
 * there has been no link to the network's responder for 5 seconds; %DISCO_ERROR_LIMIT or
 * %DISCO_ERROR_FAILED where the responder refuses to look; or %G_IO_ERROR_CANCELLED.
 *
 * Returns: (transfer full): a live service, or %NULL with @error set
 *
 * Since: 1.0
 */
DiscoService *
disco_agent_service (DiscoAgent *self, const char *name, const char *const *tags,
                     GCancellable *cancellable, GError **error)
{
  g_auto (DiscoSync) sync = { NULL };

  g_return_val_if_fail (DISCO_IS_AGENT (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!disco_sync_begin (&sync, error))
    return NULL;
  disco_agent_service_async (self, name, tags, cancellable, disco_sync_callback, &sync);
  return disco_agent_service_finish (self, disco_sync_wait (&sync), error);
}

/**
 * disco_agent_service_async:
 * @self: an agent
 * @name: a service name
 * @tags: (nullable) (array zero-terminated=1): tags that an instance must have, or %NULL
 * @cancellable: (nullable): a #GCancellable, or %NULL
 * @callback: (scope async) (closure user_data): called when the first full set is known
 * @user_data: data for @callback
 *
 * Opens a service and calls back when its first full set of instances is known; see
 * [method@Disco.Agent.service].
 *
 * Since: 1.0
 */
void
disco_agent_service_async (DiscoAgent *self, const char *name, const char *const *tags,
                           GCancellable *cancellable, GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  g_autoptr (DiscoService) service = NULL;
  GError *error = NULL;

  g_return_if_fail (DISCO_IS_AGENT (self));
  g_return_if_fail (name != NULL);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, disco_agent_service_async);
  g_task_set_check_cancellable (task, FALSE);
  if (g_task_return_error_if_cancelled (task))
    return;
  service = disco_agent_open_service (self, name, tags, &error);
  if (service == NULL)
    g_task_return_error (task, error);
  else
    wait_for_first_set (
        task, disco_service_seed_new (self, disco_source_ref (disco_service_peek_source (service)),
                                      disco_service_get_tags (service)));
}

/**
 * disco_agent_service_finish:
 * @self: an agent
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends a call of [method@Disco.Agent.service_async]; errors are those of
 * [method@Disco.Agent.service].
 *
 * Returns: (transfer full): a live service, or %NULL with @error set
 *
 * Since: 1.0
 */
DiscoService *
disco_agent_service_finish (DiscoAgent *self, GAsyncResult *result, GError **error)
{
  g_autoptr (DiscoServiceSeed) seed = NULL;

  g_return_val_if_fail (DISCO_IS_AGENT (self), NULL);
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  seed = g_task_propagate_pointer (G_TASK (result), error);
  return seed != NULL ? disco_service_seed_grow (seed) : NULL;
}

/**
 * disco_agent_verify:
 * @self: an agent
 * @instance: an instance that cannot be reached
 * @cancellable: (nullable): a #GCancellable, or %NULL
 * @error: return location for an error
 *
 * Asks the network anew whether an instance is still there, and takes it away where nobody answers.
 *
 * A host that was switched off or unplugged says no goodbye: what it offered stays known until its
 * records expire, which takes up to 2 minutes. A program that cannot connect to an instance calls
 * this. The question goes past all that is remembered on this host, and is repeated; where nobody
 * has answered after 3 seconds the instance is removed from every service of this agent, and
 * watchers are told. (It may take up to 13 where somebody asks for it already, as the agent itself
 * does, with more patience, just after the machine has slept.) It comes back as soon as it is
 * heard of again: when it is announced, or answers to one of the questions that go on meanwhile.
 *
 * What answers stays, and nothing is told of it. What this agent registered itself is always there.
 * It makes no difference whether somebody watches the instance's service.
 *
 * The error is %DISCO_ERROR_NOT_FOUND where nobody answers; %DISCO_ERROR_UNAVAILABLE where there
 * has been no link to the network's responder for 5 seconds, or no interface to ask on, and then
 * the instance stays; or %G_IO_ERROR_CANCELLED: the questions that are under way then go on, and
 * silence counts.
 *
 * Returns: %TRUE if the instance is there, %FALSE with @error set
 *
 * Since: 1.0
 */
gboolean
disco_agent_verify (DiscoAgent *self, DiscoInstance *instance, GCancellable *cancellable,
                    GError **error)
{
  g_auto (DiscoSync) sync = { NULL };

  g_return_val_if_fail (DISCO_IS_AGENT (self), FALSE);
  g_return_val_if_fail (DISCO_IS_INSTANCE (instance), FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!disco_sync_begin (&sync, error))
    return FALSE;
  disco_agent_verify_async (self, instance, cancellable, disco_sync_callback, &sync);
  return disco_agent_verify_finish (self, disco_sync_wait (&sync), error);
}

/**
 * disco_agent_verify_async:
 * @self: an agent
 * @instance: an instance that cannot be reached
 * @cancellable: (nullable): a #GCancellable, or %NULL
 * @callback: (scope async) (closure user_data): called when it has answered, or nobody has
 * @user_data: data for @callback
 *
 * Asks the network anew whether an instance is still there, and takes it away where nobody answers;
 * see [method@Disco.Agent.verify].
 *
 * Since: 1.0
 */
void
disco_agent_verify_async (DiscoAgent *self, DiscoInstance *instance, GCancellable *cancellable,
                          GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (DISCO_IS_AGENT (self));
  g_return_if_fail (DISCO_IS_INSTANCE (instance));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  DISCO_AGENT_GET_IFACE (self)->verify_async (self, instance, cancellable, callback, user_data);
}

/**
 * disco_agent_verify_finish:
 * @self: an agent
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends a call of [method@Disco.Agent.verify_async]; errors are those of
 * [method@Disco.Agent.verify].
 *
 * Returns: %TRUE if the instance is there, %FALSE with @error set
 *
 * Since: 1.0
 */
gboolean
disco_agent_verify_finish (DiscoAgent *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (DISCO_IS_AGENT (self), FALSE);
  g_return_val_if_fail (G_IS_ASYNC_RESULT (result), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return DISCO_AGENT_GET_IFACE (self)->verify_finish (self, result, error);
}
