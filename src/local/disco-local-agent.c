/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <disco/disco-local-agent.h>

#include "disco-agent-private.h"
#include "disco-context-private.h"
#include "disco-default-tags-private.h"
#include "disco-local-world-private.h"
#include "disco-registration-private.h"
#include "disco-service-private.h"

#include <disco/disco-error.h>

/**
 * DiscoLocalAgent:
 *
 * The contract of [iface@Disco.Agent] in memory: nothing reaches the network.
 *
 * For when discovery is switched off, for parts of one program that find each other, and for tests
 * of programs. Each local agent is a world of its own, in which names, types, tags, limits, renames
 * and errors are those of the wire. An instance has the host name "localhost" and, where its
 * registration has no addr, the address "127.0.0.1"; it has no interfaces, and is local. Everything
 * is established at once, and the agent is always available.
 *
 * ## Threads
 *
 * Every method may be called from any thread. There is no thread of its own.
 *
 * Since: 1.0
 */
struct _DiscoLocalAgent
{
  GObject parent_instance;

  DiscoLocalWorld *world; /* (owned) */
  DiscoOutlet *outlet;    /* (owned) */
  DiscoDefaultTags default_tags;
};

enum
{
  PROP_DEFAULT_TAGS = 1,
};

static void disco_local_agent_agent_init (DiscoAgentInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (DiscoLocalAgent, disco_local_agent, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (DISCO_TYPE_AGENT,
                                                      disco_local_agent_agent_init))

static void
disco_local_agent_finalize (GObject *object)
{
  DiscoLocalAgent *self = DISCO_LOCAL_AGENT (object);

  disco_outlet_free (self->outlet);
  disco_local_world_free (self->world);
  disco_default_tags_clear (&self->default_tags);
  G_OBJECT_CLASS (disco_local_agent_parent_class)->finalize (object);
}

static void
disco_local_agent_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  DiscoLocalAgent *self = DISCO_LOCAL_AGENT (object);

  if (id == PROP_DEFAULT_TAGS)
    g_value_take_boxed (value, disco_default_tags_dup (&self->default_tags));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
disco_local_agent_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  DiscoLocalAgent *self = DISCO_LOCAL_AGENT (object);

  if (id != PROP_DEFAULT_TAGS)
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  else if (disco_default_tags_set (&self->default_tags, g_value_get_boxed (value)))
    disco_outlet_notify (self->outlet, pspec);
}

static void
disco_local_agent_class_init (DiscoLocalAgentClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = disco_local_agent_finalize;
  object_class->get_property = disco_local_agent_get_property;
  object_class->set_property = disco_local_agent_set_property;
  g_object_class_override_property (object_class, PROP_DEFAULT_TAGS, "default-tags");
}

static void
disco_local_agent_init (DiscoLocalAgent *self)
{
  self->world = disco_local_world_new ();
  self->outlet = disco_outlet_new (G_OBJECT (self), NULL);
  disco_default_tags_init (&self->default_tags);
}

/**
 * disco_local_agent_new:
 *
 * Makes an agent with a world of its own.
 *
 * Returns: (transfer full): a new agent
 *
 * Since: 1.0
 */
DiscoLocalAgent *
disco_local_agent_new (void)
{
  return g_object_new (DISCO_TYPE_LOCAL_AGENT, NULL);
}

/* It belongs to the whole process, so its signals fire in the default context, whoever asks first.
 */
DiscoAgent *
disco_context_new_fallback_agent (void)
{
  DiscoLocalAgent *self = disco_local_agent_new ();

  disco_outlet_free (self->outlet);
  self->outlet = disco_outlet_new (G_OBJECT (self), g_main_context_default ());
  return DISCO_AGENT (self);
}

/* What is asked for is done at once, so that a cancellable counts only if it is cancelled already.
 */
static GTask *
task_new (DiscoAgent *agent, gpointer tag, GCancellable *cancellable, GAsyncReadyCallback callback,
          gpointer user_data)
{
  GTask *task = g_task_new (agent, cancellable, callback, user_data);

  g_task_set_source_tag (task, tag);
  g_task_set_check_cancellable (task, FALSE);
  return task;
}

/* (transfer full) (nullable) */
static DiscoRecordSet *
make_records (DiscoLocalAgent *self, DiscoRegistration *registration, const char *id,
              GError **error)
{
  g_auto (GStrv) tags = disco_default_tags_dup (&self->default_tags);

  return disco_record_set_new (registration, id, (const char *const *)tags, NULL, error);
}

/* (transfer full) (nullable): the id */
static char *
do_register (DiscoLocalAgent *self, DiscoRegistration *registration, GError **error)
{
  DiscoRecordSet *records = make_records (self, registration, NULL, error);
  g_autofree char *id = NULL;
  g_autofree char *wanted = NULL;
  g_autofree char *label = NULL;

  if (records == NULL)
    return NULL;
  id = g_strdup (records->id);
  wanted = g_strdup (disco_record_set_get_wanted_label (records));
  if (!disco_local_world_add (self->world, records, &label, error))
    return NULL;
  if (!g_str_equal (label, wanted))
    disco_agent_emit_renamed (self->outlet, id, label);
  return g_steal_pointer (&id);
}

static void
disco_local_agent_register_async (DiscoAgent *agent, DiscoRegistration *registration,
                                  GCancellable *cancellable, GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  g_autoptr (GTask) task
      = task_new (agent, disco_local_agent_register_async, cancellable, callback, user_data);
  GError *error = NULL;
  char *id;

  disco_registration_freeze (registration);
  if (g_task_return_error_if_cancelled (task))
    return;
  id = do_register (DISCO_LOCAL_AGENT (agent), registration, &error);
  if (id != NULL)
    g_task_return_pointer (task, id, g_free);
  else
    g_task_return_error (task, error);
}

static char *
disco_local_agent_register_finish (DiscoAgent *agent, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, agent), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
disco_local_agent_update_async (DiscoAgent *agent, const char *id, DiscoRegistration *registration,
                                GCancellable *cancellable, GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_autoptr (GTask) task
      = task_new (agent, disco_local_agent_update_async, cancellable, callback, user_data);
  DiscoLocalAgent *self = DISCO_LOCAL_AGENT (agent);
  DiscoRecordSet *records;
  GError *error = NULL;

  disco_registration_freeze (registration);
  if (g_task_return_error_if_cancelled (task))
    return;
  records = make_records (self, registration, id, &error);
  if (records != NULL && disco_local_world_replace (self->world, records, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static gboolean
finish_boolean (DiscoAgent *agent, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, agent), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
disco_local_agent_deregister_async (DiscoAgent *agent, const char *id, GCancellable *cancellable,
                                    GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task
      = task_new (agent, disco_local_agent_deregister_async, cancellable, callback, user_data);

  if (g_task_return_error_if_cancelled (task))
    return;
  disco_local_world_remove (DISCO_LOCAL_AGENT (agent)->world, id);
  g_task_return_boolean (task, TRUE);
}

static void
disco_local_agent_leave_async (DiscoAgent *agent, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task
      = task_new (agent, disco_local_agent_leave_async, cancellable, callback, user_data);

  disco_local_world_remove_all (DISCO_LOCAL_AGENT (agent)->world);
  if (!g_task_return_error_if_cancelled (task))
    g_task_return_boolean (task, TRUE);
}

static void
disco_local_agent_services_async (DiscoAgent *agent, const char *const *tags,
                                  GCancellable *cancellable, GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  g_autoptr (GTask) task
      = task_new (agent, disco_local_agent_services_async, cancellable, callback, user_data);
  DiscoLocalWorld *world = DISCO_LOCAL_AGENT (agent)->world;
  g_autoptr (GHashTable) services = NULL;
  GHashTable *seeds;
  GHashTableIter iter;
  gpointer name, service;

  if (g_task_return_error_if_cancelled (task))
    return;
  services = disco_local_world_dup_services (world, tags);
  seeds = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                 (GDestroyNotify)disco_service_seed_free);
  g_hash_table_iter_init (&iter, services);
  while (g_hash_table_iter_next (&iter, &name, &service))
    g_hash_table_insert (
        seeds, g_strdup (name),
        disco_service_seed_new (agent, disco_local_world_open (world, service), tags));
  g_task_return_pointer (task, seeds, (GDestroyNotify)g_hash_table_unref);
}

static GHashTable *
disco_local_agent_services_finish (DiscoAgent *agent, GAsyncResult *result, GError **error)
{
  g_autoptr (GHashTable) seeds = NULL;

  g_return_val_if_fail (g_task_is_valid (result, agent), NULL);
  seeds = g_task_propagate_pointer (G_TASK (result), error);
  return seeds != NULL ? disco_service_seeds_grow (seeds) : NULL;
}

/* Nobody is ever silent here: what is not offered is not there. */
static void
disco_local_agent_verify_async (DiscoAgent *agent, DiscoInstance *instance,
                                GCancellable *cancellable, GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_autoptr (GTask) task
      = task_new (agent, disco_local_agent_verify_async, cancellable, callback, user_data);
  const char *label = disco_instance_get_label (instance);

  if (g_task_return_error_if_cancelled (task))
    return;
  if (disco_local_world_has (DISCO_LOCAL_AGENT (agent)->world, label,
                             disco_instance_get_service_type (instance)))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_new_error (task, DISCO_ERROR, DISCO_ERROR_NOT_FOUND, "nobody answers for \"%s\"",
                             label);
}

static DiscoService *
disco_local_agent_open_service (DiscoAgent *agent, const char *name, const char *const *tags,
                                GError **error)
{
  g_autoptr (DiscoServiceName) service = disco_service_name_parse (name, error);
  g_autoptr (DiscoSource) source = NULL;

  if (service == NULL)
    return NULL;
  source = disco_local_world_open (DISCO_LOCAL_AGENT (agent)->world, service);
  return disco_service_new (agent, source, tags);
}

static void
disco_local_agent_agent_init (DiscoAgentInterface *iface)
{
  iface->register_async = disco_local_agent_register_async;
  iface->register_finish = disco_local_agent_register_finish;
  iface->update_async = disco_local_agent_update_async;
  iface->update_finish = finish_boolean;
  iface->deregister_async = disco_local_agent_deregister_async;
  iface->deregister_finish = finish_boolean;
  iface->leave_async = disco_local_agent_leave_async;
  iface->leave_finish = finish_boolean;
  iface->services_async = disco_local_agent_services_async;
  iface->services_finish = disco_local_agent_services_finish;
  iface->open_service = disco_local_agent_open_service;
  iface->verify_async = disco_local_agent_verify_async;
  iface->verify_finish = finish_boolean;
}
