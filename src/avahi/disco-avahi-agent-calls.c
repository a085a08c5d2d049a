/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-avahi-agent-private.h"
#include "disco-catalog-private.h"
#include "disco-name-private.h"
#include "disco-publisher-private.h"
#include "disco-record-set-private.h"
#include "disco-registration-private.h"
#include "disco-service-private.h"
#include "disco-verifier-private.h"

/* How long disco_agent_leave() waits for a worker that is blocked. */
#define LEAVE_TIMEOUT_MS 2000

/* What is to be done on the worker thread: one of these */
typedef struct
{
  DiscoAvahiInside *inside;
  DiscoSource *source;
  DiscoSourceTable *table;
  GTask *task;             /* (owned) (nullable) */
  DiscoRecordSet *records; /* (owned) (nullable) */
  char *id;                /* (owned) (nullable) */
} Errand;

static Errand *
errand_new (DiscoAvahiAgent *self, GTask *task)
{
  Errand *errand = g_new0 (Errand, 1);

  errand->inside = self->inside;
  errand->task = task;
  return errand;
}

static void
errand_free (Errand *errand)
{
  g_clear_object (&errand->task);
  g_clear_pointer (&errand->records, disco_record_set_free);
  g_free (errand->id);
  g_free (errand);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Errand, errand_free)

static void
do_start_source (gpointer data)
{
  g_autoptr (Errand) errand = data;

  disco_engine_start_source (errand->inside->engine, errand->source);
}

static void
do_stop_source (gpointer data)
{
  g_autoptr (Errand) errand = data;

  disco_engine_stop_source (errand->inside->engine, errand->source);
}

static void
do_register (gpointer data)
{
  g_autoptr (Errand) errand = data;

  disco_publisher_register (disco_engine_get_publisher (errand->inside->engine),
                            g_steal_pointer (&errand->records), g_steal_pointer (&errand->task));
}

static void
do_update (gpointer data)
{
  g_autoptr (Errand) errand = data;

  disco_publisher_update (disco_engine_get_publisher (errand->inside->engine),
                          g_steal_pointer (&errand->records), g_steal_pointer (&errand->task));
}

static void
do_deregister (gpointer data)
{
  g_autoptr (Errand) errand = data;

  if (g_task_return_error_if_cancelled (errand->task))
    return;
  disco_publisher_deregister (disco_engine_get_publisher (errand->inside->engine), errand->id);
  g_task_return_boolean (errand->task, TRUE);
}

typedef struct
{
  int returned;     /* atomic */
  GSource *timeout; /* (owned): of a context that the task holds, so it must not stay there */
} Leave;

static void
leave_free (gpointer data)
{
  Leave *leave = data;

  g_source_unref (leave->timeout);
  g_free (leave);
}

/* Worker and timeout both want to return the task: the first one does. */
static void
return_leave (GTask *task)
{
  Leave *leave = g_task_get_task_data (task);

  if (!g_atomic_int_compare_and_exchange (&leave->returned, FALSE, TRUE))
    return;
  g_source_destroy (leave->timeout);
  g_task_return_boolean (task, TRUE);
}

static void
do_leave (gpointer data)
{
  g_autoptr (Errand) errand = data;

  disco_publisher_leave (disco_engine_get_publisher (errand->inside->engine));
  if (errand->task != NULL)
    return_leave (errand->task);
}

static void
do_enumerate (gpointer data)
{
  g_autoptr (Errand) errand = data;

  disco_engine_enumerate (errand->inside->engine, errand->table, g_steal_pointer (&errand->task));
}

static void
do_verify (gpointer data)
{
  g_autoptr (Errand) errand = data;
  DiscoInstance *instance = g_task_get_task_data (errand->task);

  disco_verifier_ask (disco_engine_get_verifier (errand->inside->engine),
                      disco_instance_get_label (instance),
                      disco_instance_get_service_type (instance),
                      disco_instance_get_domain (instance), g_steal_pointer (&errand->task));
}

/* --- sources --- */

static void
invoke_source (DiscoAvahiAgent *self, DiscoSource *source, DiscoWorkerFunc func)
{
  Errand *errand = errand_new (self, NULL);

  errand->source = source;
  disco_worker_invoke (self->worker, func, errand);
}

static void
on_start_source (gpointer owner, DiscoSource *source)
{
  DiscoAvahiAgent *self = owner;

  if (self->worker != NULL)
    invoke_source (self, source, do_start_source);
  else
    disco_source_fail_waiting (source, self->failure);
}

static void
on_stop_source (gpointer owner, DiscoSource *source)
{
  DiscoAvahiAgent *self = owner;

  if (self->worker != NULL)
    invoke_source (self, source, do_stop_source);
  else
    disco_source_free (source);
}

const DiscoSourceFuncs disco_avahi_agent_source_funcs = { on_start_source, on_stop_source };

/* --- the agent interface --- */

/* Takes @errand, for @func on the worker's thread. Where there is none its task fails. */
static void
run_errand (DiscoAvahiAgent *self, DiscoWorkerFunc func, Errand *errand)
{
  if (self->worker != NULL)
    {
      disco_worker_invoke (self->worker, func, errand);
      return;
    }
  g_task_return_error (errand->task, g_error_copy (self->failure));
  errand_free (errand);
}

/* A task for @func; one that is cancelled already does nothing, and later it is up to the worker */
static GTask *
new_task (DiscoAvahiAgent *self, GCancellable *cancellable, GAsyncReadyCallback callback,
          gpointer user_data, gpointer tag)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, tag);
  g_task_set_check_cancellable (task, FALSE);
  return task;
}

static DiscoRecordSet *
make_records (DiscoAvahiAgent *self, DiscoRegistration *registration, const char *id,
              GError **error)
{
  g_auto (GStrv) default_tags = disco_default_tags_dup (&self->default_tags);

  disco_registration_freeze (registration);
  return disco_record_set_new (registration, id, (const char *const *)default_tags,
                               self->advertise_address, error);
}

static void
publish_async (DiscoAvahiAgent *self, DiscoRegistration *registration, const char *id,
               GTask *taken_task, DiscoWorkerFunc func)
{
  g_autoptr (GTask) task = taken_task;
  g_autoptr (DiscoRecordSet) records = NULL;
  GError *error = NULL;
  Errand *errand;

  if (g_task_return_error_if_cancelled (task))
    return;
  records = make_records (self, registration, id, &error);
  if (records == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  errand = errand_new (self, g_steal_pointer (&task));
  errand->records = g_steal_pointer (&records);
  run_errand (self, func, errand);
}

static void
disco_avahi_agent_register_async (DiscoAgent *agent, DiscoRegistration *registration,
                                  GCancellable *cancellable, GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  DiscoAvahiAgent *self = DISCO_AVAHI_AGENT (agent);
  GTask *task = new_task (self, cancellable, callback, user_data, disco_avahi_agent_register_async);

  publish_async (self, registration, NULL, task, do_register);
}

static char *
disco_avahi_agent_register_finish (DiscoAgent *agent, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
disco_avahi_agent_update_async (DiscoAgent *agent, const char *id, DiscoRegistration *registration,
                                GCancellable *cancellable, GAsyncReadyCallback callback,
                                gpointer user_data)
{
  DiscoAvahiAgent *self = DISCO_AVAHI_AGENT (agent);
  GTask *task = new_task (self, cancellable, callback, user_data, disco_avahi_agent_update_async);

  publish_async (self, registration, id, task, do_update);
}

static gboolean
disco_avahi_agent_boolean_finish (DiscoAgent *agent, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
disco_avahi_agent_deregister_async (DiscoAgent *agent, const char *id, GCancellable *cancellable,
                                    GAsyncReadyCallback callback, gpointer user_data)
{
  DiscoAvahiAgent *self = DISCO_AVAHI_AGENT (agent);
  GTask *task
      = new_task (self, cancellable, callback, user_data, disco_avahi_agent_deregister_async);
  Errand *errand = errand_new (self, task);

  errand->id = g_strdup (id);
  run_errand (self, do_deregister, errand);
}

static gboolean
on_leave_timeout (gpointer data)
{
  return_leave (data);
  return G_SOURCE_REMOVE;
}

static void
disco_avahi_agent_leave_async (DiscoAgent *agent, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer user_data)
{
  DiscoAvahiAgent *self = DISCO_AVAHI_AGENT (agent);
  g_autoptr (GTask) task
      = new_task (self, cancellable, callback, user_data, disco_avahi_agent_leave_async);
  Leave *leave;

  if (self->worker == NULL)
    {
      /* There is nothing to withdraw. */
      if (!g_task_return_error_if_cancelled (task))
        g_task_return_boolean (task, TRUE);
      return;
    }
  if (g_task_return_error_if_cancelled (task))
    {
      /* What was registered is withdrawn all the same. */
      disco_worker_invoke (self->worker, do_leave, errand_new (self, NULL));
      return;
    }
  leave = g_new0 (Leave, 1);
  leave->timeout = g_timeout_source_new (LEAVE_TIMEOUT_MS);
  g_task_set_task_data (task, leave, leave_free);
  g_source_set_callback (leave->timeout, on_leave_timeout, g_object_ref (task), g_object_unref);
  g_source_attach (leave->timeout, g_task_get_context (task));
  disco_worker_invoke (self->worker, do_leave, errand_new (self, g_object_ref (task)));
}

static void
disco_avahi_agent_services_async (DiscoAgent *agent, const char *const *tags,
                                  GCancellable *cancellable, GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  DiscoAvahiAgent *self = DISCO_AVAHI_AGENT (agent);
  GTask *task = new_task (self, cancellable, callback, user_data, disco_avahi_agent_services_async);
  Errand *errand = errand_new (self, task);

  g_task_set_task_data (task, g_strdupv ((char **)tags), (GDestroyNotify)g_strfreev);
  errand->table = self->sources;
  run_errand (self, do_enumerate, errand);
}

static GHashTable *
disco_avahi_agent_services_finish (DiscoAgent *agent, GAsyncResult *result, GError **error)
{
  const char *const *tags = g_task_get_task_data (G_TASK (result));
  DiscoCatalogFound *found = g_task_propagate_pointer (G_TASK (result), error);
  GHashTable *services;

  if (found == NULL)
    return NULL;
  services = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  for (guint i = 0; i < found->sources->len; i++)
    {
      DiscoSource *source = found->sources->pdata[i];
      g_autoptr (GPtrArray) instances = disco_source_get_instances (source, tags);
      if (instances->len > 0)
        g_hash_table_insert (services, g_strdup (disco_source_get_name (source)),
                             disco_service_new (agent, source, tags));
    }
  disco_catalog_found_free (found);
  return services;
}

static void
disco_avahi_agent_verify_async (DiscoAgent *agent, DiscoInstance *instance,
                                GCancellable *cancellable, GAsyncReadyCallback callback,
                                gpointer user_data)
{
  DiscoAvahiAgent *self = DISCO_AVAHI_AGENT (agent);
  GTask *task = new_task (self, cancellable, callback, user_data, disco_avahi_agent_verify_async);

  g_task_set_task_data (task, g_object_ref (instance), g_object_unref);
  run_errand (self, do_verify, errand_new (self, task));
}

static DiscoService *
disco_avahi_agent_open_service (DiscoAgent *agent, const char *text, const char *const *tags,
                                GError **error)
{
  DiscoAvahiAgent *self = DISCO_AVAHI_AGENT (agent);
  g_autoptr (DiscoServiceName) name = disco_service_name_parse (text, error);
  DiscoSource *source;
  DiscoService *service;

  if (name == NULL)
    return NULL;
  source = disco_source_table_open (self->sources, name->name, name->type,
                                    disco_service_name_ref (name),
                                    (GDestroyNotify)disco_service_name_unref);
  service = disco_service_new (agent, source, tags);
  disco_source_unref (source);
  return service;
}

void
disco_avahi_agent_iface_init (DiscoAgentInterface *iface)
{
  iface->register_async = disco_avahi_agent_register_async;
  iface->register_finish = disco_avahi_agent_register_finish;
  iface->update_async = disco_avahi_agent_update_async;
  iface->update_finish = disco_avahi_agent_boolean_finish;
  iface->deregister_async = disco_avahi_agent_deregister_async;
  iface->deregister_finish = disco_avahi_agent_boolean_finish;
  iface->leave_async = disco_avahi_agent_leave_async;
  iface->leave_finish = disco_avahi_agent_boolean_finish;
  iface->services_async = disco_avahi_agent_services_async;
  iface->services_finish = disco_avahi_agent_services_finish;
  iface->open_service = disco_avahi_agent_open_service;
  iface->verify_async = disco_avahi_agent_verify_async;
  iface->verify_finish = disco_avahi_agent_boolean_finish;
}
