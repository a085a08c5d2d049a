/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-entry-state-private.h"
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

void
disco_entry_check_in (DiscoEntry *self, gint64 delay_us)
{
  self->check_at = g_get_monotonic_time () + delay_us;
  self->funcs->check_at (self->check_at, self->user_data);
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
finish_register (DiscoEntry *self)
{
  g_autoptr (DiscoCall) call = g_steal_pointer (&self->call);

  if (call != NULL)
    disco_call_return_pointer (call, g_strdup (self->records->id), g_free);
}

/* Takes @error. It cannot be registered: so says the call, if there still is one, and the entry
 * goes; an established one stays desired and is tried again. */
static void
fail (DiscoEntry *self, GError *error, gint64 retry_us)
{
  g_autoptr (DiscoCall) call = g_steal_pointer (&self->call);

  if (call != NULL)
    {
      disco_entry_fail_updates (self, error);
      disco_call_return_error (call, error);
      self->funcs->failed (self, self->user_data);
      return;
    }
  g_debug ("registration %s: %s", self->records->id, error->message);
  if (g_error_matches (error, DISCO_ERROR, DISCO_ERROR_UNAVAILABLE))
    disco_entry_fail_updates (self, error);
  g_error_free (error);
  disco_entry_check_in (self, retry_us);
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

static DiscoPace *
get_pace (DiscoEntry *self)
{
  return disco_publisher_get_pace (disco_engine_get_publisher (self->engine));
}

void
disco_entry_unpublish (DiscoEntry *self)
{
  gboolean was_established = disco_entry_is_established (self);

  disco_entry_reset_update (self);
  g_clear_pointer (&self->service, disco_group_set_free);
  g_clear_pointer (&self->subtypes, disco_group_set_free);
  g_array_set_size (self->standing, 0);
  self->check_at = 0;
  if (was_established)
    disco_engine_refresh (self->engine, self->label, self->records->service->type,
                          self->records->domain);
  disco_pace_leave (get_pace (self), &self->turn);
}

static void
on_collision (DiscoEntry *self)
{
  g_autofree char *next
      = disco_label_next (self->label, self->records->service->type, self->records->domain);

  disco_engine_count (self->engine, DISCO_COUNT_CONFLICTS, 1);
  disco_entry_unpublish (self);
  set_label (self, free_label (self, next));
  self->tries++;
  if (self->tries < FAST_TRIES)
    {
      disco_entry_publish (self);
      return;
    }
  disco_entry_check_in (self, SLOW_TRY_US);
}

static void
on_established (DiscoEntry *self)
{
  g_array_set_size (self->standing, 0);
  g_array_append_vals (self->standing, self->ifindexes->data, self->ifindexes->len);
  disco_publisher_note_progress (disco_engine_get_publisher (self->engine));
  disco_pace_arrive (get_pace (self), &self->turn, g_get_monotonic_time ());
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
  disco_entry_advance_updates (self);
}

void
disco_entry_proceed (DiscoEntry *self)
{
  if (!disco_group_set_is_established (self->service))
    return;
  if (self->subtypes == NULL)
    self->subtypes = disco_group_set_new_subtypes (self->engine, self->records, self->label,
                                                   self->ifindexes, disco_entry_on_subtypes, self);
  else
    disco_group_set_extend (self->subtypes, self->records, self->label, self->ifindexes);
  if (self->subtypes == NULL || disco_group_set_is_established (self->subtypes))
    on_established (self);
}

/* Takes @error */
static void
on_failure (DiscoEntry *self, GError *error)
{
  if (disco_entry_give_up_new_interfaces (self))
    {
      g_debug ("registration %s: a new interface: %s", self->records->id, error->message);
      g_error_free (error);
      return;
    }
  disco_entry_unpublish (self);
  fail (self, error, SLOW_TRY_US);
}

static void
on_service (DiscoGroupState state, const GError *error, gpointer user_data)
{
  DiscoEntry *self = user_data;

  switch (state)
    {
    case DISCO_GROUP_ESTABLISHED:
      disco_entry_proceed (self);
      break;
    case DISCO_GROUP_COLLISION:
      on_collision (self);
      break;
    case DISCO_GROUP_FAILURE:
    default:
      on_failure (self, g_error_copy (error));
      break;
    }
}

GError *
disco_entry_subtypes_error (DiscoEntry *self, const GError *error)
{
  return error != NULL ? g_error_copy (error)
                       : g_error_new (DISCO_ERROR, DISCO_ERROR_FAILED,
                                      "the subtypes of \"%s\" collided", self->label);
}

void
disco_entry_on_subtypes (DiscoGroupState state, const GError *error, gpointer user_data)
{
  DiscoEntry *self = user_data;

  if (state == DISCO_GROUP_ESTABLISHED)
    disco_entry_proceed (self);
  else
    on_failure (self, disco_entry_subtypes_error (self, error));
}

void
disco_entry_expect (DiscoEntry *self)
{
  self->published_at = g_get_monotonic_time ();
  disco_entry_check_in (self, STUCK_US);
}

void
disco_entry_publish (DiscoEntry *self)
{
  if (!disco_engine_is_publishing (self->engine) || self->service != NULL)
    return;
  g_array_unref (self->ifindexes);
  self->ifindexes = disco_entry_list_interfaces (self);
  if (self->ifindexes->len == 0)
    {
      disco_entry_check_in (self, NO_INTERFACE_US);
      return;
    }
  if (!disco_pace_enter (get_pace (self), &self->turn, self, g_get_monotonic_time ()))
    return;
  self->service = disco_group_set_new_service (self->engine, self->records, self->label,
                                               self->ifindexes, on_service, self);
  disco_entry_expect (self);
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
  self->ifindexes = g_array_new (FALSE, FALSE, sizeof (int));
  self->standing = g_array_new (FALSE, FALSE, sizeof (int));
  self->told_label = g_strdup (disco_record_set_get_wanted_label (records));
  self->call
      = disco_call_new (task, disco_engine_get_context (engine), on_register_cancelled, self);
  set_label (self, free_label (self, records->label));
  return self;
}

void
disco_entry_free (DiscoEntry *self)
{
  disco_entry_drop_updates (self);
  g_clear_pointer (&self->call, disco_call_free);
  disco_entry_unpublish (self);
  g_array_unref (self->ifindexes);
  g_array_unref (self->standing);
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
  return self->standing->len > 0;
}

gboolean
disco_entry_is_settled (DiscoEntry *self)
{
  return self->standing->len > 0 && self->standing->len == self->ifindexes->len;
}

void
disco_entry_attach (DiscoEntry *self)
{
  disco_entry_publish (self);
}

void
disco_entry_detach (DiscoEntry *self)
{
  disco_entry_unpublish (self);
}

gboolean
disco_entry_fail_waiting (DiscoEntry *self, const GError *error)
{
  disco_entry_fail_updates (self, error);
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
  if (self->service != NULL && (!disco_entry_is_settled (self) || disco_entry_is_updating (self))
      && is_progressing (self, now))
    return;
  self->check_at = 0;
  if (self->ifindexes->len == 0 && (self->call != NULL || self->updates.length > 0))
    {
      fail (self,
            g_error_new_literal (DISCO_ERROR, DISCO_ERROR_UNAVAILABLE,
                                 "none of this host's interfaces is among those to use"),
            NO_INTERFACE_US);
      return;
    }
  if (disco_entry_is_updating (self))
    disco_entry_reset_update (self);
  if (disco_entry_is_settled (self))
    {
      /* what failed on a new interface is tried there again, and an update that hung */
      disco_entry_interfaces_changed (self);
      disco_entry_advance_updates (self);
      return;
    }
  if (disco_entry_give_up_new_interfaces (self))
    return;
  disco_entry_unpublish (self);
  disco_entry_publish (self);
}
