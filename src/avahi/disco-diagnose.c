/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-avahi-agent-private.h"
#include "disco-descriptors-private.h"
#include "disco-diagnose-private.h"
#include "disco-sync-private.h"
#include "disco-wakeup-private.h"

#include <disco/disco-error.h>

/* What the test service is called: a type of its own, so that nobody's list of services is
 * disturbed, and a label that nobody else can have. */
#define TEST_NAME "disco-doctor"
#define TEST_TYPE "_" TEST_NAME "._tcp"
#define TEST_PORT 9 /* discard: nobody is to connect */

/* How long the test service has to be established from the start on; an agent without a link has
 * given up by then */
#define REGISTER_US (5 * G_TIME_SPAN_SECOND)
/* How long the test service has to be withdrawn before the result is handed over */
#define WITHDRAW_US (G_TIME_SPAN_SECOND / 2)

/* Its context's, and those of the connections and sockets that it begins with */
#define DESCRIPTORS 8

/* One diagnosis, on a thread of its own. That one may outlive the result: a call to an agent whose
 * worker hangs ends when it hangs no more. */
typedef struct
{
  GTask *task;            /* (owned) (nullable): NULL once it is returned */
  DiscoAvahiAgent *agent; /* (owned) */
  DiscoDiagnoseRun *run;  /* (owned) */
  gint64 started_us;
  DiscoDaemonFacts facts;
  GPtrArray *diagnoses; /* (owned) (nullable) (element DiscoDiagnosis) */
  char *id;             /* (owned) (nullable): of the test service, while it is registered */
  GError *error;        /* (owned) (nullable): why it is not */
  gboolean registered;  /* the call has ended, well or not */
  gboolean leaving;
} Diagnosing;

/* --- the test service --- */

static void
on_deregistered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Diagnosing *self = user_data;

  disco_agent_deregister_finish (DISCO_AGENT (source), result, NULL);
  self->run->n_calls--;
}

static void
withdraw (Diagnosing *self)
{
  self->leaving = TRUE;
  if (self->id == NULL)
    return;
  self->run->n_calls++;
  disco_agent_deregister_async (DISCO_AGENT (self->agent), self->id, NULL, on_deregistered, self);
  g_clear_pointer (&self->id, g_free);
}

static void
on_registered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Diagnosing *self = user_data;

  self->run->n_calls--;
  self->registered = TRUE;
  self->id = disco_agent_register_finish (DISCO_AGENT (source), result, &self->error);
  if (self->leaving)
    withdraw (self);
}

static void
announce (Diagnosing *self)
{
  g_autoptr (DiscoRegistration) registration = disco_registration_new (TEST_NAME, TEST_PORT);
  g_autofree char *uuid = g_uuid_string_random ();
  g_autofree char *id = g_strconcat ("doctor-", uuid, NULL);

  disco_registration_set_id (registration, id);
  self->run->n_calls++;
  disco_agent_register_async (DISCO_AGENT (self->agent), registration, self->run->cancellable,
                              on_registered, self);
}

static gboolean
is_registered (gpointer data)
{
  return ((Diagnosing *)data)->registered;
}

/* Where the daemon is a must and is not there, it is no use to wait until the agent gives up. */
static gboolean
is_hopeless (Diagnosing *self)
{
  if (self->agent->backend != DISCO_BACKEND_DAEMON
      || disco_avahi_agent_get_state (self->agent) == DISCO_STATE_RUNNING)
    return FALSE;
  return self->facts.presence != DISCO_DAEMON_STARTABLE
         && self->facts.presence != DISCO_DAEMON_ANSWERS;
}

/* --- the checks --- */

/* (transfer full) (nullable) */
static void
add (Diagnosing *self, DiscoDiagnosis *diagnosis)
{
  if (diagnosis != NULL)
    g_ptr_array_add (self->diagnoses, diagnosis);
}

static void
check_responder (Diagnosing *self, gboolean daemon)
{
  /* it may have been started for the test service */
  if (daemon
      && (self->facts.presence == DISCO_DAEMON_STARTABLE
          || self->facts.presence == DISCO_DAEMON_MISSING))
    disco_daemon_facts_learn (&self->facts, self->run);
  add (self, disco_diagnose_bus (&self->facts, daemon));
  add (self,
       daemon ? disco_diagnose_daemon (&self->facts)
              : disco_diagnose_embedded (disco_avahi_agent_get_state (self->agent), self->error));
  add (self, disco_diagnose_responders ());
}

static void
check_cache (Diagnosing *self)
{
  g_autoptr (GPtrArray) instances = disco_source_table_dup_instances (self->agent->sources);

  add (self, disco_diagnose_cache (instances));
}

/* Why there is no test service, where the call has not said so itself */
static const char *
explain_silence (Diagnosing *self)
{
  if (disco_avahi_agent_get_state (self->agent) != DISCO_STATE_RUNNING)
    return "the agent has no responder to announce it";
  return "the responder has not established it within 5 s";
}

static void
check_loop (Diagnosing *self, GArray *interfaces, gboolean daemon)
{
  if (self->id != NULL)
    add (self, disco_diagnose_loop (self->run, interfaces, self->id, TEST_TYPE, daemon));
  else
    add (self,
         disco_diagnosis_new ("loop", DISCO_DIAGNOSIS_STATUS_FAILED,
                              "No test service could be announced: %s. See first to what is "
                              "said above.",
                              self->error != NULL ? self->error->message : explain_silence (self)));
}

static void
check_all (Diagnosing *self)
{
  g_autoptr (GArray) interfaces
      = disco_interface_facts_list (self->agent->interfaces, self->agent->exclude_interfaces);
  gint64 left_us;
  gboolean daemon;

  disco_daemon_facts_learn (&self->facts, self->run);
  left_us = self->started_us + REGISTER_US - g_get_monotonic_time ();
  if (!is_hopeless (self))
    disco_diagnose_run_wait (self->run, MAX (left_us, 0), is_registered, self);
  if (self->run->cancelled)
    return;
  daemon = disco_avahi_agent_get_backend_in_use (self->agent) == DISCO_BACKEND_DAEMON;
  check_responder (self, daemon);
  add (self, disco_diagnose_interfaces (interfaces));
  add (self, disco_diagnose_multicast (interfaces));
  if (daemon)
    check_cache (self);
  check_loop (self, interfaces, daemon);
}

/* --- the thread --- */

/* FALSE if there is nobody any more to tell */
static gboolean
is_wanted (Diagnosing *self)
{
  return !g_cancellable_is_cancelled (g_task_get_cancellable (self->task));
}

static gboolean
on_cancelled (gpointer user_data)
{
  Diagnosing *self = user_data;

  if (is_wanted (self))
    return G_SOURCE_CONTINUE;
  self->run->cancelled = TRUE;
  g_cancellable_cancel (self->run->cancellable);
  return G_SOURCE_CONTINUE;
}

static gboolean
has_no_calls (gpointer data)
{
  return ((Diagnosing *)data)->run->n_calls == 0;
}

static void
return_task (Diagnosing *self)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->task);

  if (!g_task_return_error_if_cancelled (task))
    g_task_return_pointer (task, g_steal_pointer (&self->diagnoses),
                           (GDestroyNotify)g_ptr_array_unref);
}

static void
diagnosing_free (Diagnosing *self)
{
  g_clear_pointer (&self->run, disco_diagnose_run_free);
  disco_daemon_facts_clear (&self->facts);
  g_clear_pointer (&self->diagnoses, g_ptr_array_unref);
  g_clear_error (&self->error);
  g_clear_pointer (&self->id, g_free);
  g_object_unref (self->agent);
  g_clear_object (&self->task);
  g_free (self);
}

static gpointer
diagnose_in_thread (gpointer data)
{
  Diagnosing *self = data;
  GSource *wakeup;

  self->run = disco_diagnose_run_new ();
  wakeup = disco_wakeup_new (self->task, on_cancelled, self, NULL);
  disco_wakeup_attach (wakeup, self->run->context);
  if (is_wanted (self))
    {
      announce (self);
      check_all (self);
      withdraw (self);
    }
  g_cancellable_cancel (self->run->cancellable);
  disco_diagnose_run_wait (self->run, WITHDRAW_US, has_no_calls, self);
  g_source_destroy (wakeup);
  g_source_unref (wakeup);
  return_task (self);
  while (self->run->n_calls > 0)
    g_main_context_iteration (self->run->context, TRUE);
  diagnosing_free (self);
  return NULL;
}

/**
 * disco_diagnose:
 * @agent: an agent
 * @cancellable: (nullable): a #GCancellable, or %NULL
 * @error: return location for an error
 *
 * Finds out why an agent might not see what is on the network, or not be seen.
 *
 * The checks come in the order in which a person would look: the system bus; the responder, which
 * is avahi-daemon or the embedded one; other responders on this host; the network interfaces;
 * whether multicast groups can be joined; how full the daemon's cache is, where something is known
 * of it; and a loop, which announces a test service on the agent for a moment, and looks for it by
 * multicast on the interfaces that the agent uses. A check that has nothing to look at is left out.
 *
 * It takes about a second where all is well, and a few seconds whatever hangs. The error is
 * %G_IO_ERROR_CANCELLED, or %DISCO_ERROR_LIMIT where this process can open no file or make no
 * thread: what else is wrong is no error of this function's.
 *
 * Returns: (transfer container) (element-type DiscoDiagnosis): what the checks have come to, or
 *   %NULL with @error set
 *
 * Since: 1.0
 */
GPtrArray *
disco_diagnose (DiscoAvahiAgent *agent, GCancellable *cancellable, GError **error)
{
  g_auto (DiscoSync) sync = { NULL };

  g_return_val_if_fail (DISCO_IS_AVAHI_AGENT (agent), NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!disco_sync_begin (&sync, error))
    return NULL;
  disco_diagnose_async (agent, cancellable, disco_sync_callback, &sync);
  return disco_diagnose_finish (disco_sync_wait (&sync), error);
}

/**
 * disco_diagnose_async:
 * @agent: an agent
 * @cancellable: (nullable): a #GCancellable, or %NULL
 * @callback: (scope async) (closure user_data): called when all checks are done
 * @user_data: data for @callback
 *
 * Finds out why an agent might not see what is on the network, or not be seen; see
 * [func@Disco.diagnose].
 *
 * All of it happens on a thread of its own, and the caller's main loop waits for nothing.
 *
 * Since: 1.0
 */
void
disco_diagnose_async (DiscoAvahiAgent *agent, GCancellable *cancellable,
                      GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  GError *error = NULL;
  GThread *thread;
  Diagnosing *self;

  g_return_if_fail (DISCO_IS_AVAHI_AGENT (agent));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (agent, cancellable, callback, user_data);
  g_task_set_source_tag (task, disco_diagnose_async);
  if (g_task_return_error_if_cancelled (task))
    return;
  if (!disco_descriptors_check (DESCRIPTORS, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  self = g_new0 (Diagnosing, 1);
  self->task = g_object_ref (task);
  self->agent = g_object_ref (agent);
  self->started_us = g_get_monotonic_time ();
  self->diagnoses = g_ptr_array_new_with_free_func ((GDestroyNotify)disco_diagnosis_unref);
  thread = g_thread_try_new ("disco-diagnose", diagnose_in_thread, self, &error);
  if (thread != NULL)
    {
      g_thread_unref (thread);
      return;
    }
  g_task_return_new_error (task, DISCO_ERROR, DISCO_ERROR_LIMIT,
                           "this process can make no thread: %s", error->message);
  g_error_free (error);
  diagnosing_free (self);
}

/**
 * disco_diagnose_finish:
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends a call of [func@Disco.diagnose_async]; errors are those of [func@Disco.diagnose].
 *
 * Returns: (transfer container) (element-type DiscoDiagnosis): what the checks have come to, or
 *   %NULL with @error set
 *
 * Since: 1.0
 */
GPtrArray *
disco_diagnose_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, disco_diagnose_async), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
