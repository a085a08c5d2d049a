/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-entry-private.h"
#include "disco-publisher-private.h"

#include <disco/disco-error.h>

struct _DiscoPublisher
{
  DiscoEngine *engine;
  GHashTable *entries; /* (owned) id → (owned) DiscoEntry */
  GHashTable *labels;  /* (owned) type and label in lower case → DiscoEntry */
  DiscoPace *pace;     /* (owned) */
  gint64 progress_at;  /* when the last one was established */
  GSource *timer;      /* (owned) */
};

static gboolean
on_timer (gpointer user_data)
{
  DiscoPublisher *self = user_data;
  g_autoptr (GList) entries = g_hash_table_get_values (self->entries);
  gint64 now = g_get_monotonic_time ();

  for (GList *i = entries; i != NULL; i = i->next)
    disco_entry_check (i->data, now);
  return G_SOURCE_CONTINUE;
}

static void
on_turn (gpointer registration)
{
  disco_entry_attach (registration);
}

DiscoPublisher *
disco_publisher_new (DiscoEngine *engine)
{
  DiscoPublisher *self = g_new0 (DiscoPublisher, 1);

  self->engine = engine;
  self->entries
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)disco_entry_free);
  self->labels = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->pace = disco_pace_new (on_turn);
  self->timer = disco_timer_new (disco_engine_get_context (engine), on_timer, self);
  return self;
}

void
disco_publisher_free (DiscoPublisher *self)
{
  disco_pace_clear (self->pace);
  g_hash_table_unref (self->entries);
  g_hash_table_unref (self->labels);
  disco_pace_free (self->pace);
  disco_timer_free (self->timer);
  g_free (self);
}

/* DNS names are the same whatever their ASCII case (RFC 6762 §16). */
static char *
label_key (const char *type, const char *label)
{
  g_autofree char *name = g_strconcat (type, "\n", label, NULL);

  return g_ascii_strdown (name, -1);
}

static gboolean
on_is_taken (DiscoEntry *entry, const char *label, gpointer user_data)
{
  DiscoPublisher *self = user_data;
  g_autofree char *key = label_key (disco_entry_get_records (entry)->service->type, label);
  DiscoEntry *holder = g_hash_table_lookup (self->labels, key);

  return holder != NULL && holder != entry;
}

static void
forget_label (DiscoPublisher *self, DiscoEntry *entry, const char *label)
{
  g_autofree char *key = label_key (disco_entry_get_records (entry)->service->type, label);

  if (g_hash_table_lookup (self->labels, key) == entry)
    g_hash_table_remove (self->labels, key);
}

static void
on_relabelled (DiscoEntry *entry, const char *old, gpointer user_data)
{
  DiscoPublisher *self = user_data;
  const char *type = disco_entry_get_records (entry)->service->type;

  if (old != NULL)
    forget_label (self, entry, old);
  g_hash_table_insert (self->labels, label_key (type, disco_entry_get_label (entry)), entry);
}

static void
drop (DiscoPublisher *self, DiscoEntry *entry)
{
  forget_label (self, entry, disco_entry_get_label (entry));
  g_hash_table_remove (self->entries, disco_entry_get_records (entry)->id);
}

static void
on_failed (DiscoEntry *entry, gpointer user_data)
{
  drop (user_data, entry);
}

static void
on_check_at (gint64 at_us, gpointer user_data)
{
  DiscoPublisher *self = user_data;

  disco_timer_advance (self->timer, at_us);
}

static const DiscoEntryFuncs entry_funcs = { on_is_taken, on_relabelled, on_failed, on_check_at };

void
disco_publisher_register (DiscoPublisher *self, DiscoRecordSet *records, GTask *taken_task)
{
  g_autoptr (DiscoRecordSet) owned_records = records;
  g_autoptr (GTask) task = taken_task;
  GError *error = NULL;
  DiscoEntry *entry;

  if (g_task_return_error_if_cancelled (task))
    return;
  if (g_hash_table_contains (self->entries, records->id))
    {
      g_autofree char *quoted = disco_quote (records->id);
      g_task_return_new_error (task, DISCO_ERROR, DISCO_ERROR_EXISTS,
                               "The agent has a registration with the id %s already", quoted);
      return;
    }
  if (!disco_engine_check_can_publish (self->engine, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  entry = disco_entry_new (self->engine, g_steal_pointer (&owned_records), g_steal_pointer (&task),
                           &entry_funcs, self);
  g_hash_table_insert (self->entries, g_strdup (disco_entry_get_records (entry)->id), entry);
  disco_entry_attach (entry);
}

void
disco_publisher_update (DiscoPublisher *self, DiscoRecordSet *records, GTask *taken_task)
{
  g_autoptr (DiscoRecordSet) owned_records = records;
  g_autoptr (GTask) task = taken_task;
  DiscoEntry *entry = g_hash_table_lookup (self->entries, records->id);
  g_autofree char *quoted = disco_quote (records->id);
  GError *error = NULL;

  if (g_task_return_error_if_cancelled (task))
    return;
  if (entry == NULL)
    g_task_return_new_error (task, DISCO_ERROR, DISCO_ERROR_NOT_FOUND,
                             "The agent has no registration with the id %s", quoted);
  else if (!disco_record_set_check_update (disco_entry_get_records (entry), records, &error)
           || !disco_engine_check_can_publish (self->engine, &error))
    g_task_return_error (task, error);
  else
    {
      disco_record_set_inherit (records, disco_entry_get_records (entry));
      disco_entry_update (entry, g_steal_pointer (&owned_records), g_steal_pointer (&task));
    }
}

void
disco_publisher_deregister (DiscoPublisher *self, const char *id)
{
  DiscoEntry *entry = g_hash_table_lookup (self->entries, id);

  if (entry != NULL)
    drop (self, entry);
}

void
disco_publisher_leave (DiscoPublisher *self)
{
  disco_pace_clear (self->pace);
  g_hash_table_remove_all (self->labels);
  g_hash_table_remove_all (self->entries);
}

static void
for_each (DiscoPublisher *self, void (*func) (DiscoEntry *))
{
  /* an entry may fail and be dropped on the way */
  g_autoptr (GList) entries = g_hash_table_get_values (self->entries);

  for (GList *i = entries; i != NULL; i = i->next)
    func (i->data);
}

void
disco_publisher_attach (DiscoPublisher *self)
{
  for_each (self, disco_entry_attach);
}

void
disco_publisher_detach (DiscoPublisher *self)
{
  for_each (self, disco_entry_detach);
}

void
disco_publisher_fail_waiting (DiscoPublisher *self, const GError *error)
{
  g_autoptr (GList) entries = g_hash_table_get_values (self->entries);

  for (GList *i = entries; i != NULL; i = i->next)
    {
      if (disco_entry_fail_waiting (i->data, error))
        drop (self, i->data);
    }
}

void
disco_publisher_interfaces_changed (DiscoPublisher *self)
{
  for_each (self, disco_entry_interfaces_changed);
}

DiscoPace *
disco_publisher_get_pace (DiscoPublisher *self)
{
  return self->pace;
}

guint
disco_publisher_get_size (DiscoPublisher *self)
{
  return g_hash_table_size (self->entries);
}

gint64
disco_publisher_get_progress_at (DiscoPublisher *self)
{
  return self->progress_at;
}

void
disco_publisher_note_progress (DiscoPublisher *self)
{
  self->progress_at = g_get_monotonic_time ();
}

gboolean
disco_publisher_has_label (DiscoPublisher *self, const char *type, const char *label)
{
  g_autofree char *key = label_key (type, label);
  DiscoEntry *entry = g_hash_table_lookup (self->labels, key);

  return entry != NULL && disco_entry_is_established (entry);
}
