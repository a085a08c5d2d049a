/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-entry-state-private.h"

#include <disco/disco-error.h>

static void
update_free (gpointer data)
{
  DiscoEntryUpdate *update = data;

  g_clear_pointer (&update->subtypes, disco_group_set_free);
  g_clear_pointer (&update->call, disco_call_free);
  g_clear_pointer (&update->records, disco_record_set_free);
  g_free (update);
}

void
disco_entry_drop_updates (DiscoEntry *self)
{
  g_queue_clear_full (&self->updates, update_free);
}

void
disco_entry_reset_update (DiscoEntry *self)
{
  DiscoEntryUpdate *update = g_queue_peek_head (&self->updates);

  if (update == NULL)
    return;
  g_clear_pointer (&update->subtypes, disco_group_set_free);
  update->new_subtypes = FALSE;
}

void
disco_entry_fail_updates (DiscoEntry *self, const GError *error)
{
  DiscoEntryUpdate *update;

  while ((update = g_queue_pop_head (&self->updates)) != NULL)
    {
      disco_call_return_error (update->call, g_error_copy (error));
      update_free (update);
    }
}

/* The new ones stand already, so that no goodbye is sent for what both have. */
static void
take_subtypes (DiscoEntry *self, DiscoEntryUpdate *update)
{
  g_clear_pointer (&self->subtypes, disco_group_set_free);
  self->subtypes = g_steal_pointer (&update->subtypes);
  if (self->subtypes != NULL)
    disco_group_set_redirect (self->subtypes, disco_entry_on_subtypes, self);
}

/* Interfaces that came meanwhile had to wait. */
static void
go_on (DiscoEntry *self)
{
  disco_entry_interfaces_changed (self);
  disco_entry_advance_updates (self);
}

static void
finish_update (DiscoEntry *self, GError *error)
{
  DiscoEntryUpdate *update = g_queue_pop_head (&self->updates);
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
  go_on (self);
}

/* The subtypes stand, if any changed; now the records of the service itself, in place */
static void
update_records (DiscoEntry *self)
{
  DiscoEntryUpdate *update = self->updates.head->data;
  GError *error = NULL;
  gboolean new_txt = !g_bytes_equal (self->records->txt, update->records->txt);
  gboolean half_stands;
  gboolean ok = TRUE;

  if (new_txt)
    ok = disco_group_set_update_txt (self->service, update->records, self->label, &error);
  half_stands = ok ? new_txt : self->ifindexes->len > 1;
  if (ok && self->records->port != update->records->port)
    ok = disco_group_set_update_srv (self->service, update->records, self->label, &error);
  if (g_error_matches (error, DISCO_ERROR, DISCO_ERROR_UNAVAILABLE))
    {
      /* the link is about to go, and the update waits for the next one */
      g_error_free (error);
      return;
    }
  if (!ok && half_stands)
    {
      /* back to what was before, of which nothing else takes back a part */
      disco_entry_unpublish (self);
      disco_entry_publish (self);
    }
  finish_update (self, error);
}

gboolean
disco_entry_is_updating (DiscoEntry *self)
{
  DiscoEntryUpdate *update = g_queue_peek_head (&self->updates);

  return update != NULL && update->subtypes != NULL;
}

void
disco_entry_narrow_update (DiscoEntry *self)
{
  DiscoEntryUpdate *update = g_queue_peek_head (&self->updates);

  if (update != NULL && update->subtypes != NULL)
    disco_group_set_keep (update->subtypes, self->ifindexes);
}

void
disco_entry_proceed_update (DiscoEntry *self)
{
  DiscoEntryUpdate *update = g_queue_peek_head (&self->updates);

  if (disco_group_set_is_established (update->subtypes))
    update_records (self);
}

static void
on_update_subtypes (DiscoGroupState state, const GError *error, gpointer user_data)
{
  DiscoEntry *self = user_data;

  if (state == DISCO_GROUP_ESTABLISHED)
    update_records (self);
  else
    finish_update (self, disco_entry_subtypes_error (self, error));
}

void
disco_entry_advance_updates (DiscoEntry *self)
{
  DiscoEntryUpdate *update = g_queue_peek_head (&self->updates);

  if (update == NULL || !disco_entry_is_settled (self) || update->new_subtypes)
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
  else
    disco_entry_expect (self);
}

static void
on_update_cancelled (DiscoCall *call, gpointer user_data)
{
  DiscoEntry *self = user_data;

  for (GList *i = self->updates.head; i != NULL; i = i->next)
    {
      DiscoEntryUpdate *update = i->data;
      if (update->call != call)
        continue;
      g_queue_delete_link (&self->updates, i);
      update_free (update);
      break;
    }
  go_on (self);
}

void
disco_entry_update (DiscoEntry *self, DiscoRecordSet *records, GTask *task)
{
  DiscoEntryUpdate *update = g_new0 (DiscoEntryUpdate, 1);

  update->records = records;
  update->call
      = disco_call_new (task, disco_engine_get_context (self->engine), on_update_cancelled, self);
  g_queue_push_tail (&self->updates, update);
  if (self->updates.length == 1)
    disco_entry_advance_updates (self);
}
