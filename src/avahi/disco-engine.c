/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-browser-private.h"
#include "disco-engine-state-private.h"
#include "disco-hosts-private.h"
#include "disco-listener-private.h"
#include "disco-live-private.h"
#include "disco-publisher-private.h"
#include "disco-quota-private.h"
#include "disco-resolver-private.h"
#include "disco-verifier-private.h"

#include <disco/disco-error.h>

/* Without a link for that long, calls fail; those that announce also where the host has no name. */
#define UNAVAILABLE_US (5 * G_TIME_SPAN_SECOND)
/* Between two tries to get a link; doubled each time, with jitter, so that the programs of a
 * machine do not all come at once. */
#define RETRY_MIN_US (100 * G_TIME_SPAN_MILLISECOND)
#define RETRY_MAX_US (10 * G_TIME_SPAN_SECOND)

static void
set_state (DiscoEngine *self, DiscoState state)
{
  if (self->state == state)
    return;
  self->state = state;
  self->funcs->state_changed (state, self->user_data);
}

static void
for_each_catalog (DiscoEngine *self, void (*func) (DiscoCatalog *))
{
  GHashTableIter iter;
  gpointer catalog;

  g_hash_table_iter_init (&iter, self->catalogs);
  while (g_hash_table_iter_next (&iter, &catalog, NULL))
    func (catalog);
}

static void
for_each_browser (DiscoEngine *self, void (*func) (DiscoBrowser *))
{
  GHashTableIter iter;
  gpointer browser;

  g_hash_table_iter_init (&iter, self->browsers);
  while (g_hash_table_iter_next (&iter, NULL, &browser))
    func (browser);
}

static void
attach_browsers (DiscoEngine *self)
{
  disco_hosts_attach (self->hosts);
  for_each_browser (self, disco_browser_attach);
}

static void
detach_browsers (DiscoEngine *self)
{
  for_each_browser (self, disco_browser_detach);
  disco_hosts_detach (self->hosts);
}

static void
attach (DiscoEngine *self)
{
  if (self->attached)
    return;
  self->attached = TRUE;
  disco_engine_count (self, DISCO_COUNT_LINKS, 1);
  self->unnamed_at = g_get_monotonic_time ();
  g_source_set_ready_time (self->state_timer, self->unnamed_at + UNAVAILABLE_US);
  set_state (self, DISCO_STATE_RUNNING);
  disco_listener_attach (self->listener);
  attach_browsers (self);
  for_each_catalog (self, disco_catalog_attach);
  disco_verifier_attach (self->verifier);
}

static void
start_publishing (DiscoEngine *self)
{
  if (self->publishing)
    return;
  self->publishing = TRUE;
  self->retry_us = RETRY_MIN_US;
  g_source_set_ready_time (self->state_timer, -1);
  disco_publisher_attach (self->publisher);
}

static void
stop_publishing (DiscoEngine *self)
{
  if (!self->publishing)
    return;
  self->publishing = FALSE;
  disco_publisher_detach (self->publisher);
  self->unnamed_at = g_get_monotonic_time ();
  disco_timer_advance (self->state_timer, self->unnamed_at + UNAVAILABLE_US);
}

static void
detach (DiscoEngine *self)
{
  if (!self->attached)
    return;
  stop_publishing (self);
  self->attached = FALSE;
  for_each_catalog (self, disco_catalog_detach);
  detach_browsers (self);
  disco_listener_detach (self->listener);
  self->lost_at = g_get_monotonic_time ();
  disco_timer_advance (self->state_timer, self->lost_at + UNAVAILABLE_US);
  set_state (self, DISCO_STATE_CONNECTING);
}

static void
on_link_state (DiscoLink *link, gpointer user_data)
{
  DiscoEngine *self = user_data;

  /* This may come from inside a call of ours on the link: what is to be done is done from the loop.
   * By then the host's new name may be there already. */
  self->renamed |= disco_link_get_state (link) == DISCO_LINK_RENAMING;
  disco_timer_advance (self->link_timer, 0);
}

static void
retry_later (DiscoEngine *self)
{
  gint64 jitter = g_random_int_range (0, (gint32)(self->retry_us / 2));

  disco_timer_advance (self->link_timer, g_get_monotonic_time () + self->retry_us + jitter);
  self->retry_us = MIN (self->retry_us * 2, RETRY_MAX_US);
}

static void
make_link (DiscoEngine *self)
{
  g_autoptr (GError) error = NULL;

  self->link = self->funcs->make_link (self->context, self->first_link, self->user_data, &error);
  if (self->link == NULL && error == NULL)
    return;
  self->first_link = FALSE;
  if (self->link != NULL)
    {
      disco_link_start (self->link, on_link_state, self);
      return;
    }
  g_clear_error (&self->last_error);
  self->last_error = g_steal_pointer (&error);
  disco_timer_advance (self->state_timer, 0);
  retry_later (self);
}

static void
drop_link (DiscoEngine *self)
{
  const GError *error = disco_link_get_error (self->link);

  g_debug ("link lost: %s", error->message);
  g_clear_error (&self->last_error);
  self->last_error = g_error_copy (error);
  /* Closed first: what stands on it then goes without a call to a daemon that may not answer. */
  disco_link_close (self->link);
  detach (self);
  self->named = FALSE;
  g_clear_object (&self->link);
  retry_later (self);
}

static gboolean
on_link_timer (gpointer user_data)
{
  DiscoEngine *self = user_data;

  if (self->link == NULL)
    {
      make_link (self);
      return G_SOURCE_CONTINUE;
    }
  if (self->renamed && self->named)
    detach (self);
  self->renamed = FALSE;
  switch (disco_link_get_state (self->link))
    {
    case DISCO_LINK_RUNNING:
      self->named = TRUE;
      attach (self);
      start_publishing (self);
      break;
    case DISCO_LINK_RENAMING:
      /* the host's first name is probed for a second: time enough to look */
      if (!self->named)
        attach (self);
      break;
    case DISCO_LINK_FAILED:
      drop_link (self);
      break;
    case DISCO_LINK_CONNECTING:
    default:
      break;
    }
  return G_SOURCE_CONTINUE;
}

static GError *
unavailable_error (DiscoEngine *self)
{
  const char *reason
      = self->last_error != NULL ? self->last_error->message : "the mDNS responder is not running";

  return g_error_new (DISCO_ERROR, DISCO_ERROR_UNAVAILABLE, "discovery is not available: %s",
                      reason);
}

static GError *
unnamed_error (void)
{
  return g_error_new_literal (DISCO_ERROR, DISCO_ERROR_UNAVAILABLE,
                              "nothing can be announced: this host has no name on the network yet");
}

static void
fail_catalogs (DiscoEngine *self, const GError *error)
{
  g_autoptr (GList) catalogs = g_hash_table_get_keys (self->catalogs);

  for (GList *i = catalogs; i != NULL; i = i->next)
    disco_catalog_fail (i->data, error);
}

static void
become_unavailable (DiscoEngine *self)
{
  g_autoptr (GError) error = unavailable_error (self);
  GHashTableIter iter;
  gpointer source;

  set_state (self, DISCO_STATE_UNAVAILABLE);
  disco_publisher_fail_waiting (self->publisher, error);
  g_hash_table_iter_init (&iter, self->browsers);
  while (g_hash_table_iter_next (&iter, &source, NULL))
    disco_source_fail_waiting (source, error);
  fail_catalogs (self, error);
  disco_verifier_fail_waiting (self->verifier, error);
}

static gboolean
on_state_timer (gpointer user_data)
{
  DiscoEngine *self = user_data;
  g_autoptr (GError) error = NULL;

  if (!self->attached)
    become_unavailable (self);
  else if (!self->publishing)
    {
      error = unnamed_error ();
      disco_publisher_fail_waiting (self->publisher, error);
    }
  return G_SOURCE_CONTINUE;
}

static void
on_interfaces_changed (gpointer user_data)
{
  DiscoEngine *self = user_data;

  if (self->publishing)
    disco_publisher_interfaces_changed (self->publisher);
  disco_listener_interfaces_changed (self->listener);
}

static gboolean
on_resolver_idle (gpointer user_data)
{
  DiscoEngine *self = user_data;

  disco_live_wake (self->live);
  return G_SOURCE_CONTINUE;
}

DiscoEngine *
disco_engine_new (GMainContext *context, const char *const *allow, const char *const *deny,
                  DiscoCounts *counts, const DiscoEngineFuncs *funcs, gpointer user_data)
{
  DiscoEngine *self = g_new0 (DiscoEngine, 1);

  self->context = g_main_context_ref (context);
  self->counts = g_atomic_rc_box_acquire (counts);
  self->max_instances = DISCO_QUOTA_MAX_INSTANCES;
  self->funcs = funcs;
  self->user_data = user_data;
  self->first_link = TRUE;
  self->retry_us = RETRY_MIN_US;
  self->lost_at = g_get_monotonic_time ();
  self->link_timer = disco_timer_new (context, on_link_timer, self);
  self->state_timer = disco_timer_new (context, on_state_timer, self);
  self->interfaces = disco_interfaces_new (allow, deny, context, on_interfaces_changed, self);
  self->hosts = disco_hosts_new (self);
  self->resolver = disco_resolver_new (self);
  self->live = disco_live_new (self);
  self->publisher = disco_publisher_new (self);
  self->listener = disco_listener_new (self);
  self->verifier = disco_verifier_new (self);
  self->browsers = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify)disco_browser_free);
  self->catalogs = g_hash_table_new_full (NULL, NULL, (GDestroyNotify)disco_catalog_free, NULL);
  disco_resolver_set_idle_func (self->resolver, on_resolver_idle, self);
  disco_timer_advance (self->link_timer, 0);
  disco_timer_advance (self->state_timer, self->lost_at + UNAVAILABLE_US);
  return self;
}

void
disco_engine_free (DiscoEngine *self)
{
  /* The responder sends the goodbyes of a connection that is closed. */
  if (self->link != NULL)
    disco_link_close (self->link);
  disco_publisher_leave (self->publisher);
  g_hash_table_unref (self->catalogs);
  g_hash_table_unref (self->browsers);
  disco_verifier_free (self->verifier);
  disco_listener_free (self->listener);
  disco_publisher_free (self->publisher);
  disco_live_free (self->live);
  disco_resolver_free (self->resolver);
  disco_hosts_free (self->hosts);
  disco_timer_free (self->link_timer);
  disco_timer_free (self->state_timer);
  disco_interfaces_free (self->interfaces);
  g_clear_object (&self->link);
  g_atomic_rc_box_release (self->counts);
  g_clear_error (&self->last_error);
  g_main_context_unref (self->context);
  g_free (self);
}

void
disco_engine_connect (DiscoEngine *self)
{
  disco_timer_advance (self->link_timer, 0);
}

/* Without a link they are going to look anyway, but what is known is asked for all the same, once
 * there is one: the responder remembers it. What is announced is the responder's affair, which sees
 * the interfaces go and come. */
void
disco_engine_look_anew (DiscoEngine *self)
{
  g_debug ("this machine has slept: looking anew");
  for_each_browser (self, disco_browser_verify_all);
  if (!self->attached)
    return;
  detach_browsers (self);
  attach_browsers (self);
}

/* --- for the agent --- */

DiscoPublisher *
disco_engine_get_publisher (DiscoEngine *self)
{
  return self->publisher;
}

void
disco_engine_start_source (DiscoEngine *self, DiscoSource *source)
{
  g_autoptr (GError) error = NULL;

  g_hash_table_insert (self->browsers, source, disco_browser_new (self, source));
  if (!disco_engine_check_available (self, &error))
    disco_source_fail_waiting (source, error);
}

void
disco_engine_stop_source (DiscoEngine *self, DiscoSource *source)
{
  g_hash_table_remove (self->browsers, source);
}

void
disco_engine_enumerate (DiscoEngine *self, DiscoSourceTable *table, GTask *taken_task)
{
  g_autoptr (GTask) task = taken_task;
  GError *error = NULL;

  if (g_task_return_error_if_cancelled (task))
    return;
  if (!disco_engine_check_available (self, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  g_hash_table_add (self->catalogs, disco_catalog_new (self, table, g_steal_pointer (&task)));
}

gboolean
disco_engine_check_available (DiscoEngine *self, GError **error)
{
  if (self->state != DISCO_STATE_UNAVAILABLE)
    return TRUE;
  g_propagate_error (error, unavailable_error (self));
  return FALSE;
}

gboolean
disco_engine_check_can_publish (DiscoEngine *self, GError **error)
{
  if (!disco_engine_check_available (self, error))
    return FALSE;
  if (!self->attached || self->publishing
      || g_get_monotonic_time () < self->unnamed_at + UNAVAILABLE_US)
    return TRUE;
  g_propagate_error (error, unnamed_error ());
  return FALSE;
}
