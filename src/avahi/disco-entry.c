/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-call-private.h"
#include "disco-entry-private.h"
#include "disco-group-private.h"
#include "disco-label-private.h"
#include "disco-publisher-private.h"

#include <disco/disco-error.h>

/* A group can stay REGISTERING for ever if its interface goes while it probes. Probing takes 1 s,
 * and longer where many names probe at once: then this much more for each. */
#define STUCK_US (4 * G_TIME_SPAN_SECOND)
#define STUCK_US_PER_ENTRY (10 * G_TIME_SPAN_MILLISECOND)
/* Tries before they are spaced out (RFC 6762 §8.1: fifteen conflicts, then one probe in 5 s). */
#define FAST_TRIES 15
#define SLOW_TRY_US (5 * G_TIME_SPAN_SECOND)
/* No interface to publish on: how long a registration waits for one. */
#define NO_INTERFACE_US (5 * G_TIME_SPAN_SECOND)

/* A change that waits for its turn or is on its way */
typedef struct
{
  DiscoRecordSet *records; /* (owned) */
  DiscoCall *call;         /* (owned) */
  gboolean new_subtypes;   /* they change, and that is under way */
  DiscoGroupSet *subtypes; /* (owned) (nullable): the new ones */
} Update;

struct _DiscoEntry
{
  DiscoEngine *engine;
  DiscoRecordSet *records; /* (owned) */
  char *label;             /* (owned): the name tried or held */
  char *told_label;        /* (owned): the one that the program knows of */
  const DiscoEntryFuncs *funcs;
  gpointer user_data;

  DiscoCall *call;   /* (owned) (nullable): the register in flight */
  GArray *ifindexes; /* (owned) of int: where it is published; DISCO_LINK_ANY alone: everywhere */
  DiscoGroupSet *service;  /* (owned) (nullable): one group */
  DiscoGroupSet *subtypes; /* (owned) (nullable) */
  gboolean established;
  guint tries;
  gint64 published_at;
  gint64 check_at; /* 0: nothing to check */
  GQueue updates;  /* of (owned) Update; the first is on its way once subtypes are there */
};

static void publish (DiscoEntry *self);
static void advance_updates (DiscoEntry *self);

static void
update_free (gpointer data)
{
  Update *update = data;

  g_clear_pointer (&update->subtypes, disco_group_set_free);
  g_clear_pointer (&update->call, disco_call_free);
  g_clear_pointer (&update->records, disco_record_set_free);
  g_free (update);
}

/* --- calls --- */

static void
on_register_cancelled (DiscoCall *call, gpointer user_data)
{
  DiscoEntry *self = user_data;

  /* withdraws it; the call is told by being freed */
  self->funcs->failed (self, self->user_data);
}

static void
on_update_cancelled (DiscoCall *call, gpointer user_data)
{
  DiscoEntry *self = user_data;

  for (GList *i = self->updates.head; i != NULL; i = i->next)
    {
      Update *update = i->data;
      if (update->call != call)
        continue;
      g_queue_delete_link (&self->updates, i);
      update_free (update);
      break;
    }
  advance_updates (self);
}

static void
finish_register (DiscoEntry *self)
{
  g_autoptr (DiscoCall) call = g_steal_pointer (&self->call);

  if (call != NULL)
    disco_call_return_pointer (call, g_strdup (self->records->id), g_free);
}

static void
fail_updates (DiscoEntry *self, const GError *error)
{
  Update *update;

  while ((update = g_queue_pop_head (&self->updates)) != NULL)
    {
      disco_call_return_error (update->call, g_error_copy (error));
      update_free (update);
    }
}

/* Takes @error. It cannot be registered: so says the call, if there still is one, and the entry
 * goes; an established one stays desired and is tried again. */
static void
fail (DiscoEntry *self, GError *error, gint64 retry_us)
{
  g_autoptr (DiscoCall) call = g_steal_pointer (&self->call);

  if (call != NULL)
    {
      disco_call_return_error (call, error);
      self->funcs->failed (self, self->user_data);
      return;
    }
  g_debug ("registration %s: %s", self->records->id, error->message);
  if (g_error_matches (error, DISCO_ERROR, DISCO_ERROR_UNAVAILABLE))
    fail_updates (self, error);
  g_error_free (error);
  self->check_at = g_get_monotonic_time () + retry_us;
  self->funcs->check_at (self->check_at, self->user_data);
}

/* --- labels --- */

static void
set_label (DiscoEntry *self, char *label)
{
  g_autofree char *old = self->label;

  self->label = label;
  self->funcs->relabelled (self, old, self->user_data);
}

/* The first name from @label on that no other registration of ours goes by */
static char *
free_label (DiscoEntry *self, const char *label)
{
  char *found = g_strdup (label);

  while (self->funcs->is_taken (self, found, self->user_data))
    {
      g_autofree char *taken = found;
      found = disco_label_next (taken, self->records->service->type, self->records->domain);
    }
  return found;
}

/* --- groups --- */

/* An update on its way begins again when the service is established again. */
static void
unpublish (DiscoEntry *self)
{
  gboolean was_established = self->established;
  Update *update = g_queue_peek_head (&self->updates);

  if (update != NULL)
    {
      g_clear_pointer (&update->subtypes, disco_group_set_free);
      update->new_subtypes = FALSE;
    }
  g_clear_pointer (&self->service, disco_group_set_free);
  g_clear_pointer (&self->subtypes, disco_group_set_free);
  self->established = FALSE;
  self->check_at = 0;
  if (was_established)
    disco_engine_refresh (self->engine, self->label, self->records->service->type,
                          self->records->domain);
}

static void
on_collision (DiscoEntry *self)
{
  g_autofree char *next
      = disco_label_next (self->label, self->records->service->type, self->records->domain);

  disco_engine_count (self->engine, DISCO_COUNT_CONFLICTS, 1);
  unpublish (self);
  set_label (self, free_label (self, next));
  self->tries++;
  if (self->tries < FAST_TRIES)
    {
      publish (self);
      return;
    }
  self->check_at = g_get_monotonic_time () + SLOW_TRY_US;
  self->funcs->check_at (self->check_at, self->user_data);
}

static void
on_established (DiscoEntry *self)
{
  self->established = TRUE;
  disco_publisher_note_progress (disco_engine_get_publisher (self->engine));
  self->check_at = 0;
  self->tries = 0;
  disco_engine_refresh (self->engine, self->label, self->records->service->type,
                        self->records->domain);
  if (g_strcmp0 (self->label, self->told_label) != 0)
    {
      g_free (self->told_label);
      self->told_label = g_strdup (self->label);
      disco_engine_tell_renamed (self->engine, self->records->id, self->label);
    }
  finish_register (self);
  advance_updates (self);
}

static void on_subtypes (DiscoGroupState state, const GError *error, gpointer user_data);

static void
on_service (DiscoGroupState state, const GError *error, gpointer user_data)
{
  DiscoEntry *self = user_data;

  switch (state)
    {
    case DISCO_GROUP_ESTABLISHED:
      self->subtypes = disco_group_set_new_subtypes (self->engine, self->records, self->label,
                                                     self->ifindexes, on_subtypes, self);
      if (self->subtypes == NULL)
        on_established (self);
      break;
    case DISCO_GROUP_COLLISION:
      on_collision (self);
      break;
    case DISCO_GROUP_FAILURE:
    default:
      unpublish (self);
      fail (self, g_error_copy (error), SLOW_TRY_US);
      break;
    }
}

static void
on_subtypes (DiscoGroupState state, const GError *error, gpointer user_data)
{
  DiscoEntry *self = user_data;

  if (state == DISCO_GROUP_ESTABLISHED)
    {
      on_established (self);
      return;
    }
  unpublish (self);
  fail (self,
        error != NULL ? g_error_copy (error)
                      : g_error_new (DISCO_ERROR, DISCO_ERROR_FAILED,
                                     "the subtypes of \"%s\" collided", self->label),
        SLOW_TRY_US);
}

static void
publish (DiscoEntry *self)
{
  DiscoInterfaces *interfaces = disco_engine_get_interfaces (self->engine);
  const int any = DISCO_LINK_ANY;

  if (disco_engine_get_link (self->engine) == NULL || self->service != NULL)
    return;
  g_clear_pointer (&self->ifindexes, g_array_unref);
  if (disco_interfaces_is_restricted (interfaces))
    self->ifindexes = disco_interfaces_list (interfaces);
  else
    {
      self->ifindexes = g_array_new (FALSE, FALSE, sizeof (int));
      g_array_append_val (self->ifindexes, any);
    }
  self->published_at = g_get_monotonic_time ();
  if (self->ifindexes->len > 0)
    self->service = disco_group_set_new_service (self->engine, self->records, self->label,
                                                 self->ifindexes, on_service, self);
  self->check_at = g_get_monotonic_time () + (self->service != NULL ? STUCK_US : NO_INTERFACE_US);
  self->funcs->check_at (self->check_at, self->user_data);
}

/* --- updates --- */

/* The new ones stand already, so that no goodbye is sent for what both have. */
static void
take_subtypes (DiscoEntry *self, Update *update)
{
  g_clear_pointer (&self->subtypes, disco_group_set_free);
  self->subtypes = g_steal_pointer (&update->subtypes);
  if (self->subtypes != NULL)
    disco_group_set_redirect (self->subtypes, on_subtypes, self);
}

static void
finish_update (DiscoEntry *self, GError *error)
{
  Update *update = g_queue_pop_head (&self->updates);
  g_autoptr (DiscoCall) call = g_steal_pointer (&update->call);

  if (error != NULL)
    disco_call_return_error (call, error);
  else
    {
      DiscoRecordSet *old = self->records;
      self->records = g_steal_pointer (&update->records);
      update->records = old;
      if (update->new_subtypes)
        take_subtypes (self, update);
      disco_call_return_boolean (call, TRUE);
    }
  update_free (update);
  advance_updates (self);
}

/* The subtypes stand, if any changed; now the records of the service itself, in place */
static void
update_records (DiscoEntry *self)
{
  Update *update = self->updates.head->data;
  GError *error = NULL;
  gboolean new_txt = !g_bytes_equal (self->records->txt, update->records->txt);
  gboolean half_stands;
  gboolean ok = TRUE;

  if (new_txt)
    ok = disco_group_set_update_txt (self->service, update->records, self->label, self->ifindexes,
                                     &error);
  half_stands = ok ? new_txt : self->ifindexes->len > 1;
  if (ok && self->records->port != update->records->port)
    ok = disco_group_set_update_srv (self->service, update->records, self->label, self->ifindexes,
                                     &error);
  if (g_error_matches (error, DISCO_ERROR, DISCO_ERROR_UNAVAILABLE))
    {
      /* the link is about to go, and the update waits for the next one */
      g_error_free (error);
      return;
    }
  finish_update (self, error);
  if (ok || !half_stands)
    return;
  /* back to what was before */
  unpublish (self);
  publish (self);
}

static void
on_update_subtypes (DiscoGroupState state, const GError *error, gpointer user_data)
{
  DiscoEntry *self = user_data;

  if (state == DISCO_GROUP_ESTABLISHED)
    update_records (self);
  else
    finish_update (self, error != NULL
                             ? g_error_copy (error)
                             : g_error_new (DISCO_ERROR, DISCO_ERROR_FAILED,
                                            "the subtypes of \"%s\" collided", self->label));
}

static void
advance_updates (DiscoEntry *self)
{
  Update *update = g_queue_peek_head (&self->updates);

  if (update == NULL || !self->established || update->new_subtypes)
    return;
  if (g_strv_equal ((const char *const *)self->records->subtypes,
                    (const char *const *)update->records->subtypes))
    {
      update_records (self);
      return;
    }
  update->new_subtypes = TRUE;
  update->subtypes = disco_group_set_new_subtypes (self->engine, update->records, self->label,
                                                   self->ifindexes, on_update_subtypes, self);
  if (update->subtypes == NULL)
    update_records (self);
}

/* --- for the publisher --- */

DiscoEntry *
disco_entry_new (DiscoEngine *engine, DiscoRecordSet *records, GTask *task,
                 const DiscoEntryFuncs *funcs, gpointer user_data)
{
  DiscoEntry *self = g_new0 (DiscoEntry, 1);

  self->engine = engine;
  self->records = records;
  self->funcs = funcs;
  self->user_data = user_data;
  self->told_label = g_strdup (records->label);
  self->call
      = disco_call_new (task, disco_engine_get_context (engine), on_register_cancelled, self);
  set_label (self, free_label (self, records->label));
  return self;
}

void
disco_entry_free (DiscoEntry *self)
{
  g_queue_clear_full (&self->updates, update_free);
  g_clear_pointer (&self->call, disco_call_free);
  unpublish (self);
  g_clear_pointer (&self->ifindexes, g_array_unref);
  disco_record_set_free (self->records);
  g_free (self->label);
  g_free (self->told_label);
  g_free (self);
}

const DiscoRecordSet *
disco_entry_get_records (DiscoEntry *self)
{
  return self->records;
}

const char *
disco_entry_get_label (DiscoEntry *self)
{
  return self->label;
}

gboolean
disco_entry_is_established (DiscoEntry *self)
{
  return self->established;
}

void
disco_entry_attach (DiscoEntry *self)
{
  publish (self);
}

void
disco_entry_detach (DiscoEntry *self)
{
  unpublish (self);
}

void
disco_entry_update (DiscoEntry *self, DiscoRecordSet *records, GTask *task)
{
  Update *update = g_new0 (Update, 1);

  update->records = records;
  update->call
      = disco_call_new (task, disco_engine_get_context (self->engine), on_update_cancelled, self);
  g_queue_push_tail (&self->updates, update);
  if (self->updates.length == 1)
    advance_updates (self);
}

gboolean
disco_entry_fail_waiting (DiscoEntry *self, const GError *error)
{
  fail_updates (self, error);
  if (self->call == NULL)
    return FALSE;
  disco_call_return_error (self->call, g_error_copy (error));
  return TRUE;
}

/* TRUE if its group is not stuck: the daemon is at work on others that were published with it. Then
 * checks later. */
static gboolean
is_progressing (DiscoEntry *self, gint64 now)
{
  DiscoPublisher *publisher = disco_engine_get_publisher (self->engine);
  gint64 patience_us = STUCK_US + STUCK_US_PER_ENTRY * disco_publisher_get_size (publisher);
  gint64 since = MAX (self->published_at, disco_publisher_get_progress_at (publisher));

  if (now >= since + patience_us)
    return FALSE;
  self->check_at = since + patience_us;
  self->funcs->check_at (self->check_at, self->user_data);
  return TRUE;
}

void
disco_entry_check (DiscoEntry *self, gint64 now)
{
  if (self->check_at == 0)
    return;
  if (now < self->check_at)
    {
      self->funcs->check_at (self->check_at, self->user_data);
      return;
    }
  if (self->service != NULL && !self->established && is_progressing (self, now))
    return;
  self->check_at = 0;
  if (self->ifindexes != NULL && self->ifindexes->len == 0
      && (self->call != NULL || self->updates.length > 0))
    {
      fail (self,
            g_error_new_literal (DISCO_ERROR, DISCO_ERROR_UNAVAILABLE,
                                 "none of this host's interfaces is among those to use"),
            NO_INTERFACE_US);
      return;
    }
  unpublish (self);
  publish (self);
}

void
disco_entry_interfaces_changed (DiscoEntry *self)
{
  DiscoInterfaces *interfaces = disco_engine_get_interfaces (self->engine);
  g_autoptr (GArray) now = NULL;

  if (self->ifindexes == NULL || !disco_interfaces_is_restricted (interfaces))
    return;
  now = disco_interfaces_list (interfaces);
  if (now->len == self->ifindexes->len
      && memcmp (now->data, self->ifindexes->data, now->len * sizeof (int)) == 0)
    return;
  disco_entry_detach (self);
  publish (self);
}
