/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "contract-pair.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

struct _ContractPair
{
  GObject parent_instance;

  DiscoAgent *announcer; /* (owned) */
  DiscoAgent *looker;    /* (owned) */
};

enum
{
  PROP_DEFAULT_TAGS = 1,
};

static void contract_pair_agent_init (DiscoAgentInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (ContractPair, contract_pair, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (DISCO_TYPE_AGENT, contract_pair_agent_init))

/* --- the object --- */

static void
contract_pair_finalize (GObject *object)
{
  ContractPair *self = CONTRACT_PAIR (object);

  g_object_unref (self->announcer);
  g_object_unref (self->looker);
  G_OBJECT_CLASS (contract_pair_parent_class)->finalize (object);
}

static void
contract_pair_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_object_get_property (G_OBJECT (CONTRACT_PAIR (object)->announcer), "default-tags", value);
}

static void
contract_pair_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  g_object_set_property (G_OBJECT (CONTRACT_PAIR (object)->announcer), "default-tags", value);
}

static void
contract_pair_class_init (ContractPairClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = contract_pair_finalize;
  object_class->get_property = contract_pair_get_property;
  object_class->set_property = contract_pair_set_property;
  g_object_class_override_property (object_class, PROP_DEFAULT_TAGS, "default-tags");
}

static void
contract_pair_init (ContractPair *self)
{
}

static void
on_notify (GObject *announcer, GParamSpec *pspec, gpointer data)
{
  g_object_notify (data, "default-tags");
}

static void
on_renamed (DiscoAgent *announcer, const char *id, const char *label, gpointer data)
{
  g_signal_emit_by_name (data, "renamed", id, label);
}

DiscoAgent *
contract_pair_new (DiscoAgent *announcer, DiscoAgent *looker)
{
  ContractPair *self = g_object_new (CONTRACT_TYPE_PAIR, NULL);

  self->announcer = announcer;
  self->looker = looker;
  g_signal_connect_object (announcer, "notify::default-tags", G_CALLBACK (on_notify), self, 0);
  g_signal_connect_object (announcer, "renamed", G_CALLBACK (on_renamed), self, 0);
  return DISCO_AGENT (self);
}

/* --- what is announced --- */

/* The task of one of our calls, which takes what the agent's own has come to. That one has looked
 * at the cancellable. */
static GTask *
new_task (DiscoAgent *agent, GCancellable *cancellable, GAsyncReadyCallback callback,
          gpointer user_data)
{
  GTask *task = g_task_new (agent, cancellable, callback, user_data);

  g_task_set_check_cancellable (task, FALSE);
  return task;
}

static void
return_pointer (GTask *task, gpointer value, GDestroyNotify free_value, GError *error)
{
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, value, free_value);
  g_object_unref (task);
}

static void
return_boolean (GTask *task, GError *error)
{
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

static void
on_registered (GObject *source, GAsyncResult *result, gpointer data)
{
  GError *error = NULL;
  char *id = disco_agent_register_finish (DISCO_AGENT (source), result, &error);

  return_pointer (data, id, g_free, error);
}

static void
register_async (DiscoAgent *agent, DiscoRegistration *registration, GCancellable *cancellable,
                GAsyncReadyCallback callback, gpointer user_data)
{
  disco_agent_register_async (CONTRACT_PAIR (agent)->announcer, registration, cancellable,
                              on_registered, new_task (agent, cancellable, callback, user_data));
}

static char *
register_finish (DiscoAgent *agent, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static gboolean
finish_boolean (DiscoAgent *agent, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
on_updated (GObject *source, GAsyncResult *result, gpointer data)
{
  GError *error = NULL;

  disco_agent_update_finish (DISCO_AGENT (source), result, &error);
  return_boolean (data, error);
}

static void
update_async (DiscoAgent *agent, const char *id, DiscoRegistration *registration,
              GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  disco_agent_update_async (CONTRACT_PAIR (agent)->announcer, id, registration, cancellable,
                            on_updated, new_task (agent, cancellable, callback, user_data));
}

static void
on_deregistered (GObject *source, GAsyncResult *result, gpointer data)
{
  GError *error = NULL;

  disco_agent_deregister_finish (DISCO_AGENT (source), result, &error);
  return_boolean (data, error);
}

static void
deregister_async (DiscoAgent *agent, const char *id, GCancellable *cancellable,
                  GAsyncReadyCallback callback, gpointer user_data)
{
  disco_agent_deregister_async (CONTRACT_PAIR (agent)->announcer, id, cancellable, on_deregistered,
                                new_task (agent, cancellable, callback, user_data));
}

static void
on_left (GObject *source, GAsyncResult *result, gpointer data)
{
  GError *error = NULL;

  disco_agent_leave_finish (DISCO_AGENT (source), result, &error);
  return_boolean (data, error);
}

static void
leave_async (DiscoAgent *agent, GCancellable *cancellable, GAsyncReadyCallback callback,
             gpointer user_data)
{
  disco_agent_leave_async (CONTRACT_PAIR (agent)->announcer, cancellable, on_left,
                           new_task (agent, cancellable, callback, user_data));
}

/* --- what is looked for --- */

/* The service holds its own agent, but here what it shows comes from the other one. */
static void
hold (ContractPair *self, DiscoService *service)
{
  g_object_set_data_full (G_OBJECT (service), "pair", g_object_ref (self), g_object_unref);
}

static void
on_services (GObject *source, GAsyncResult *result, gpointer data)
{
  GError *error = NULL;
  GHashTable *services = disco_agent_services_finish (DISCO_AGENT (source), result, &error);
  GHashTableIter iter;
  gpointer service;

  if (services != NULL)
    {
      g_hash_table_iter_init (&iter, services);
      while (g_hash_table_iter_next (&iter, NULL, &service))
        hold (g_task_get_source_object (data), service);
    }
  return_pointer (data, services, (GDestroyNotify)g_hash_table_unref, error);
}

static void
services_async (DiscoAgent *agent, const char *const *tags, GCancellable *cancellable,
                GAsyncReadyCallback callback, gpointer user_data)
{
  disco_agent_services_async (CONTRACT_PAIR (agent)->looker, tags, cancellable, on_services,
                              new_task (agent, cancellable, callback, user_data));
}

static GHashTable *
services_finish (DiscoAgent *agent, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static DiscoService *
open_service (DiscoAgent *agent, const char *name, const char *const *tags, GError **error)
{
  ContractPair *self = CONTRACT_PAIR (agent);
  DiscoService *service = disco_agent_open_service (self->looker, name, tags, error);

  if (service != NULL)
    hold (self, service);
  return service;
}

static void
on_verified (GObject *source, GAsyncResult *result, gpointer data)
{
  GError *error = NULL;

  disco_agent_verify_finish (DISCO_AGENT (source), result, &error);
  return_boolean (data, error);
}

static void
verify_async (DiscoAgent *agent, DiscoInstance *instance, GCancellable *cancellable,
              GAsyncReadyCallback callback, gpointer user_data)
{
  disco_agent_verify_async (CONTRACT_PAIR (agent)->looker, instance, cancellable, on_verified,
                            new_task (agent, cancellable, callback, user_data));
}

static void
contract_pair_agent_init (DiscoAgentInterface *iface)
{
  iface->register_async = register_async;
  iface->register_finish = register_finish;
  iface->update_async = update_async;
  iface->update_finish = finish_boolean;
  iface->deregister_async = deregister_async;
  iface->deregister_finish = finish_boolean;
  iface->leave_async = leave_async;
  iface->leave_finish = finish_boolean;
  iface->services_async = services_async;
  iface->services_finish = services_finish;
  iface->open_service = open_service;
  iface->verify_async = verify_async;
  iface->verify_finish = finish_boolean;
}

/* --- the host of a thread --- */

static void
enter (const char *path, int kind)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC);

  if (fd < 0 || setns (fd, kind) != 0)
    g_error ("cannot enter %s: %s", path, g_strerror (errno));
  close (fd);
}

DiscoAgent *
contract_make_on_host (const char *host, DiscoAgent *(*make_agent) (void))
{
  g_autofree char *name = g_strdup_printf ("%s-%s", g_getenv ("BED_PREFIX"), host);
  g_autofree char *net = g_build_filename ("/run/netns", name, NULL);
  int old_net = open ("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  int old_uts = open ("/proc/thread-self/ns/uts", O_RDONLY | O_CLOEXEC);
  DiscoAgent *agent;

  enter (net, CLONE_NEWNET);
  if (unshare (CLONE_NEWUTS) != 0 || sethostname (name, strlen (name)) != 0)
    g_error ("no name for host %s: %s", name, g_strerror (errno));
  agent = make_agent ();
  if (setns (old_net, CLONE_NEWNET) != 0 || setns (old_uts, CLONE_NEWUTS) != 0)
    g_error ("cannot return from host %s: %s", name, g_strerror (errno));
  close (old_net);
  close (old_uts);
  return agent;
}
