/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-agent-private.h"

#include "disco-sync-private.h"

/**
 * DiscoAgent:
 *
 * Announces what this program offers, and finds what others offer.
 *
 * An agent announces [class@Disco.Registration]s and finds [class@Disco.Service]s. There are two:
 * [class@Disco.AvahiAgent] is the network, [class@Disco.LocalAgent] a world of its own in memory
 * with the same contract, for when discovery is off and for tests of programs.
 *
 * What was registered stays announced until it is deregistered, the agent leaves, or the agent is
 * finalized. Services and watchers hold their agent.
 *
 * ## Threads
 *
 * Every method may be called from any thread. No call blocks the main context in which it is made:
 * blocking calls wait on a context of their own, and each has its asynchronous form, whose callback
 * runs in the thread-default main context of the caller. A blocking call fails with
 * %DISCO_ERROR_LIMIT where the process has no file descriptor left for that context. Signals fire
 * in the thread-default main context in which the agent was made.
 *
 * Since: 1.0
 */
G_DEFINE_INTERFACE (DiscoAgent, disco_agent, G_TYPE_OBJECT)

enum
{
  RENAMED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
disco_agent_default_init (DiscoAgentInterface *iface)
{
  /**
   * DiscoAgent:default-tags:
   *
   * Tags that are appended to those of every registration. A change concerns later registrations
   * and updates only.
   *
   * Since: 1.0
   */
  g_object_interface_install_property (
      iface,
      g_param_spec_boxed ("default-tags", NULL, NULL, G_TYPE_STRV,
                          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY));
  /**
   * DiscoAgent::renamed:
   * @self: the agent
   * @id: the registration's id, which stays
   * @label: its label now
   *
   * A registration goes by another label than it asked for: because another service of its type has
   * that one (RFC 6762 §9), which may happen at any time, also long after the registration; or
   * because the label was longer than DNS-SD allows and had to be cut (RFC 6763 §4.1.1). A program
   * that hears of nothing goes by the label, or else the id, that it gave.
   *
   * Since: 1.0
   */
  signals[RENAMED] = g_signal_new ("renamed", DISCO_TYPE_AGENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
}

static void
emit_renamed (GObject *owner, gpointer data)
{
  char **id_and_label = data;
  g_signal_emit (owner, signals[RENAMED], 0, id_and_label[0], id_and_label[1]);
}

void
disco_agent_emit_renamed (DiscoOutlet *outlet, const char *id, const char *label)
{
  const char *id_and_label[] = { id, label, NULL };

  disco_outlet_send (outlet, emit_renamed, g_strdupv ((char **)id_and_label),
                     (GDestroyNotify)g_strfreev);
}

/**
 * disco_agent_register:
 * @self: an agent
 * @registration: the service to announce
 * @cancellable: (nullable): a #GCancellable, or %NULL
 * @error: return location for an error
 *
 * Announces a service, and waits until it is established.
 *
 * On a network that takes about a second, of which RFC 6762 §8.1's probing is most. Where another
 * service of the type has the label, this one is renamed ("Printer #2"), and a label of more than
 * 63 bytes is cut; [signal@Disco.Agent::renamed] tells, before this call's callback where both are
 * of one context. The id stays. From now on @registration cannot be changed;
 * to change what is announced, hand another one to [method@Disco.Agent.update].
 *
 * The error is %DISCO_ERROR_INVALID_ARGUMENT or %DISCO_ERROR_TOO_LARGE where @registration breaks a
 * rule, and then nothing was published; %DISCO_ERROR_EXISTS where the agent has a registration with
 * that id; %DISCO_ERROR_UNAVAILABLE, %DISCO_ERROR_LIMIT or %DISCO_ERROR_FAILED where the network's
 * responder is to blame; or %G_IO_ERROR_CANCELLED, also where the agent leaves meanwhile, and then
 * nothing stays announced.
 *
 * Returns: (transfer full): the registration's id, made up where it had none, or %NULL with @error
 *   set
 *
 * Since: 1.0
 */
char *
disco_agent_register (DiscoAgent *self, DiscoRegistration *registration, GCancellable *cancellable,
                      GError **error)
{
  g_auto (DiscoSync) sync = { NULL };

  g_return_val_if_fail (DISCO_IS_AGENT (self), NULL);
  g_return_val_if_fail (DISCO_IS_REGISTRATION (registration), NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!disco_sync_begin (&sync, error))
    return NULL;
  disco_agent_register_async (self, registration, cancellable, disco_sync_callback, &sync);
  return disco_agent_register_finish (self, disco_sync_wait (&sync), error);
}

/**
 * disco_agent_register_async:
 * @self: an agent
 * @registration: the service to announce
 * @cancellable: (nullable): a #GCancellable, or %NULL
 * @callback: (scope async) (closure user_data): called when it is established or has failed
 * @user_data: data for @callback
 *
 * Announces a service.
 *
 * See [method@Disco.Agent.register]. A call that ends cancelled leaves nothing announced; one that
 * is cancelled too late ends with success.
 *
 * Since: 1.0
 */
void
disco_agent_register_async (DiscoAgent *self, DiscoRegistration *registration,
                            GCancellable *cancellable, GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_return_if_fail (DISCO_IS_AGENT (self));
  g_return_if_fail (DISCO_IS_REGISTRATION (registration));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  DISCO_AGENT_GET_IFACE (self)->register_async (self, registration, cancellable, callback,
                                                user_data);
}

/**
 * disco_agent_register_finish:
 * @self: an agent
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends a call of [method@Disco.Agent.register_async]; errors are those of
 * [method@Disco.Agent.register].
 *
 * Returns: (transfer full): the registration's id, or %NULL with @error set
 *
 * Since: 1.0
 */
char *
disco_agent_register_finish (DiscoAgent *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (DISCO_IS_AGENT (self), NULL);
  g_return_val_if_fail (G_IS_ASYNC_RESULT (result), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return DISCO_AGENT_GET_IFACE (self)->register_finish (self, result, error);
}

/**
 * disco_agent_update:
 * @self: an agent
 * @id: the id of a registration
 * @registration: what to announce instead
 * @cancellable: (nullable): a #GCancellable, or %NULL
 * @error: return location for an error
 *
 * Changes the tags, attributes and port of a live registration, without withdrawing it.
 *
 * There is no new probe and no goodbye: readers see one UPDATE. The id that @registration has does
 * not matter; its name must be the same, and so must its label and addr where it has any. From now
 * on @registration cannot be changed.
 *
 * The error is %DISCO_ERROR_NOT_FOUND where the agent has no registration @id;
 * %DISCO_ERROR_INVALID_ARGUMENT where another name, label or addr is asked for or @registration
 * breaks a rule, or %DISCO_ERROR_TOO_LARGE, and then nothing was changed; or one of
 * [method@Disco.Agent.register].
 *
 * Returns: %TRUE when the change is published, %FALSE with @error set
 *
 * Since: 1.0
 */
gboolean
disco_agent_update (DiscoAgent *self, const char *id, DiscoRegistration *registration,
                    GCancellable *cancellable, GError **error)
{
  g_auto (DiscoSync) sync = { NULL };

  g_return_val_if_fail (DISCO_IS_AGENT (self), FALSE);
  g_return_val_if_fail (id != NULL, FALSE);
  g_return_val_if_fail (DISCO_IS_REGISTRATION (registration), FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!disco_sync_begin (&sync, error))
    return FALSE;
  disco_agent_update_async (self, id, registration, cancellable, disco_sync_callback, &sync);
  return disco_agent_update_finish (self, disco_sync_wait (&sync), error);
}

/**
 * disco_agent_update_async:
 * @self: an agent
 * @id: the id of a registration
 * @registration: what to announce instead
 * @cancellable: (nullable): a #GCancellable, or %NULL
 * @callback: (scope async) (closure user_data): called when it is published or has failed
 * @user_data: data for @callback
 *
 * Changes the tags, attributes and port of a live registration; see [method@Disco.Agent.update].
 *
 * Since: 1.0
 */
void
disco_agent_update_async (DiscoAgent *self, const char *id, DiscoRegistration *registration,
                          GCancellable *cancellable, GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_return_if_fail (DISCO_IS_AGENT (self));
  g_return_if_fail (id != NULL);
  g_return_if_fail (DISCO_IS_REGISTRATION (registration));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  DISCO_AGENT_GET_IFACE (self)->update_async (self, id, registration, cancellable, callback,
                                              user_data);
}

/**
 * disco_agent_update_finish:
 * @self: an agent
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends a call of [method@Disco.Agent.update_async]; errors are those of
 * [method@Disco.Agent.update].
 *
 * Returns: %TRUE when the change is published, %FALSE with @error set
 *
 * Since: 1.0
 */
gboolean
disco_agent_update_finish (DiscoAgent *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (DISCO_IS_AGENT (self), FALSE);
  g_return_val_if_fail (G_IS_ASYNC_RESULT (result), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return DISCO_AGENT_GET_IFACE (self)->update_finish (self, result, error);
}

/**
 * disco_agent_deregister:
 * @self: an agent
 * @id: the id of a registration
 * @cancellable: (nullable): a #GCancellable, or %NULL
 * @error: return location for an error
 *
 * Withdraws a registration, and waits until its goodbye is handed over.
 *
 * An id that the agent does not have is withdrawn already: nothing happens, and that is success.
 * The error is %G_IO_ERROR_CANCELLED, and then the registration stays.
 *
 * Returns: %TRUE when it is withdrawn, %FALSE with @error set
 *
 * Since: 1.0
 */
gboolean
disco_agent_deregister (DiscoAgent *self, const char *id, GCancellable *cancellable, GError **error)
{
  g_auto (DiscoSync) sync = { NULL };

  g_return_val_if_fail (DISCO_IS_AGENT (self), FALSE);
  g_return_val_if_fail (id != NULL, FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!disco_sync_begin (&sync, error))
    return FALSE;
  disco_agent_deregister_async (self, id, cancellable, disco_sync_callback, &sync);
  return disco_agent_deregister_finish (self, disco_sync_wait (&sync), error);
}

/**
 * disco_agent_deregister_async:
 * @self: an agent
 * @id: the id of a registration
 * @cancellable: (nullable): a #GCancellable, or %NULL
 * @callback: (scope async) (closure user_data): called when it is withdrawn or has failed
 * @user_data: data for @callback
 *
 * Withdraws a registration; see [method@Disco.Agent.deregister].
 *
 * Since: 1.0
 */
void
disco_agent_deregister_async (DiscoAgent *self, const char *id, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (DISCO_IS_AGENT (self));
  g_return_if_fail (id != NULL);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  DISCO_AGENT_GET_IFACE (self)->deregister_async (self, id, cancellable, callback, user_data);
}

/**
 * disco_agent_deregister_finish:
 * @self: an agent
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends a call of [method@Disco.Agent.deregister_async]; errors are those of
 * [method@Disco.Agent.deregister].
 *
 * Returns: %TRUE when it is withdrawn, %FALSE with @error set
 *
 * Since: 1.0
 */
gboolean
disco_agent_deregister_finish (DiscoAgent *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (DISCO_IS_AGENT (self), FALSE);
  g_return_val_if_fail (G_IS_ASYNC_RESULT (result), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return DISCO_AGENT_GET_IFACE (self)->deregister_finish (self, result, error);
}

/**
 * disco_agent_leave:
 * @self: an agent
 * @cancellable: (nullable): a #GCancellable, or %NULL
 * @error: return location for an error
 *
 * Withdraws all that this agent registered, and waits until the goodbyes are handed over or 2
 * seconds have passed.
 *
 * Registrations that are being established end with %G_IO_ERROR_CANCELLED. Services and watchers go
 * on, and the agent can be used again. The error is %G_IO_ERROR_CANCELLED; the registrations are
 * withdrawn all the same.
 *
 * Returns: %TRUE, or %FALSE with @error set
 *
 * Since: 1.0
 */
gboolean
disco_agent_leave (DiscoAgent *self, GCancellable *cancellable, GError **error)
{
  g_auto (DiscoSync) sync = { NULL };

  g_return_val_if_fail (DISCO_IS_AGENT (self), FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!disco_sync_begin (&sync, error))
    return FALSE;
  disco_agent_leave_async (self, cancellable, disco_sync_callback, &sync);
  return disco_agent_leave_finish (self, disco_sync_wait (&sync), error);
}

/**
 * disco_agent_leave_async:
 * @self: an agent
 * @cancellable: (nullable): a #GCancellable, or %NULL
 * @callback: (scope async) (closure user_data): called when the goodbyes are handed over
 * @user_data: data for @callback
 *
 * Withdraws all that this agent registered; see [method@Disco.Agent.leave].
 *
 * Since: 1.0
 */
void
disco_agent_leave_async (DiscoAgent *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_return_if_fail (DISCO_IS_AGENT (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  DISCO_AGENT_GET_IFACE (self)->leave_async (self, cancellable, callback, user_data);
}

/**
 * disco_agent_leave_finish:
 * @self: an agent
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends a call of [method@Disco.Agent.leave_async]; errors are those of [method@Disco.Agent.leave].
 *
 * Returns: %TRUE, or %FALSE with @error set
 *
 * Since: 1.0
 */
gboolean
disco_agent_leave_finish (DiscoAgent *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (DISCO_IS_AGENT (self), FALSE);
  g_return_val_if_fail (G_IS_ASYNC_RESULT (result), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return DISCO_AGENT_GET_IFACE (self)->leave_finish (self, result, error);
}
