/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-source-private.h"

#include "disco-instance-private.h"

#include <disco/disco-diff.h>

struct _DiscoSourceTable
{
  const DiscoSourceFuncs *funcs;
  gpointer owner;      /* (not owned) */
  GMutex mutex;        /* taken with no other lock of this layer held */
  GHashTable *sources; /* (not owned) name → (not owned) DiscoSource; protected by mutex */
};

typedef struct
{
  guint id;
  gboolean patient;
  DiscoSourceWaiter func;
  gpointer user_data;
} Waiter;

struct _DiscoSource
{
  DiscoSourceTable *table; /* (not owned) */
  guint uses;              /* protected by table->mutex */
  char *name;
  char *type;
  gpointer data;
  GDestroyNotify free_data;
  DiscoDiff *diff; /* (owned): used by the producer only, one thread at a time */

  GMutex mutex;
  /* All protected by mutex */
  GPtrArray *instances; /* (owned) (element DiscoInstance): what is true; never changed */
  GPtrArray *queues;    /* (owned) (element (not owned) DiscoEventQueue) */
  GArray *waiters;      /* (owned) (element Waiter) */
  GError *failure;      /* (owned) (nullable): why nobody need wait now */
  guint last_waiter_id;
  gboolean synced;
};

DiscoSourceTable *
disco_source_table_new (const DiscoSourceFuncs *funcs, gpointer owner)
{
  DiscoSourceTable *self = g_new0 (DiscoSourceTable, 1);

  self->funcs = funcs;
  self->owner = owner;
  self->sources = g_hash_table_new (g_str_hash, g_str_equal);
  g_mutex_init (&self->mutex);
  return self;
}

void
disco_source_table_free (DiscoSourceTable *self)
{
  g_assert (g_hash_table_size (self->sources) == 0);
  g_hash_table_unref (self->sources);
  g_mutex_clear (&self->mutex);
  g_free (self);
}

static DiscoSource *
source_new (DiscoSourceTable *table, const char *name, const char *type)
{
  DiscoSource *self = g_new0 (DiscoSource, 1);

  self->table = table;
  self->uses = 1;
  self->name = g_strdup (name);
  self->type = g_strdup (type);
  self->diff = disco_diff_new ();
  self->instances = g_ptr_array_new ();
  self->queues = g_ptr_array_new ();
  self->waiters = g_array_new (FALSE, FALSE, sizeof (Waiter));
  g_mutex_init (&self->mutex);
  return self;
}

DiscoSource *
disco_source_table_open (DiscoSourceTable *self, const char *name, const char *type, gpointer data,
                         GDestroyNotify free_data)
{
  DiscoSource *source;

  g_mutex_lock (&self->mutex);
  source = g_hash_table_lookup (self->sources, name);
  if (source != NULL)
    {
      source->uses++;
      g_mutex_unlock (&self->mutex);
      if (free_data != NULL)
        free_data (data);
      return source;
    }
  source = source_new (self, name, type);
  source->data = data;
  source->free_data = free_data;
  g_hash_table_insert (self->sources, source->name, source);
  g_mutex_unlock (&self->mutex);
  /* Our use is held meanwhile, so that stop() cannot come before start() has returned. */
  self->funcs->start (self->owner, source);
  return source;
}

/* A use of each source is held meanwhile: no other lock is taken under the table's. */
GPtrArray *
disco_source_table_dup_instances (DiscoSourceTable *self)
{
  g_autoptr (GPtrArray) sources
      = g_ptr_array_new_with_free_func ((GDestroyNotify)disco_source_unref);
  GPtrArray *all = g_ptr_array_new_with_free_func (g_object_unref);
  GHashTableIter iter;
  gpointer source;

  g_mutex_lock (&self->mutex);
  g_hash_table_iter_init (&iter, self->sources);
  while (g_hash_table_iter_next (&iter, NULL, &source))
    {
      ((DiscoSource *)source)->uses++;
      g_ptr_array_add (sources, source);
    }
  g_mutex_unlock (&self->mutex);
  for (guint i = 0; i < sources->len; i++)
    g_ptr_array_extend_and_steal (all, disco_source_get_instances (sources->pdata[i], NULL));
  return all;
}

DiscoSource *
disco_source_ref (DiscoSource *self)
{
  g_mutex_lock (&self->table->mutex);
  self->uses++;
  g_mutex_unlock (&self->table->mutex);
  return self;
}

void
disco_source_unref (DiscoSource *self)
{
  DiscoSourceTable *table = self->table;
  gboolean last;

  g_mutex_lock (&table->mutex);
  last = --self->uses == 0;
  if (last)
    g_hash_table_remove (table->sources, self->name);
  g_mutex_unlock (&table->mutex);
  if (last)
    table->funcs->stop (table->owner, self);
}

void
disco_source_free (DiscoSource *self)
{
  g_assert (self->queues->len == 0 && self->waiters->len == 0);
  if (self->free_data != NULL)
    self->free_data (self->data);
  disco_diff_free (self->diff);
  g_ptr_array_unref (self->instances);
  g_ptr_array_unref (self->queues);
  g_array_unref (self->waiters);
  g_clear_error (&self->failure);
  g_mutex_clear (&self->mutex);
  g_free (self->name);
  g_free (self->type);
  g_free (self);
}

const char *
disco_source_get_name (DiscoSource *self)
{
  return self->name;
}

const char *
disco_source_get_service_type (DiscoSource *self)
{
  return self->type;
}

gpointer
disco_source_get_data (DiscoSource *self)
{
  return self->data;
}

/* Takes out the waiters that the outcome concerns: all when the source is synced, else those that
 * want to hear of a failure. */
static GArray *
steal_waiters_locked (DiscoSource *self, gboolean patient_too)
{
  GArray *stolen = g_array_new (FALSE, FALSE, sizeof (Waiter));
  guint kept = 0;

  for (guint i = 0; i < self->waiters->len; i++)
    {
      Waiter waiter = g_array_index (self->waiters, Waiter, i);

      if (patient_too || !waiter.patient)
        g_array_append_val (stolen, waiter);
      else
        g_array_index (self->waiters, Waiter, kept++) = waiter;
    }
  g_array_set_size (self->waiters, kept);
  return stolen;
}

static void
call_waiters (DiscoSource *self, GArray *waiters, const GError *error)
{
  for (guint i = 0; i < waiters->len; i++)
    {
      const Waiter *waiter = &g_array_index (waiters, Waiter, i);
      waiter->func (self, error, waiter->user_data);
    }
}

void
disco_source_set_snapshot (DiscoSource *self, GPtrArray *instances, gboolean synced)
{
  g_autoptr (GPtrArray) events = disco_diff_apply (self->diff, instances);
  g_autoptr (GPtrArray) garbage = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GPtrArray) old = NULL;
  g_autoptr (GArray) waiters = NULL;
  g_autoptr (GError) failure = NULL;
  gboolean is_first;

  g_mutex_lock (&self->mutex);
  old = g_steal_pointer (&self->instances);
  self->instances = g_ptr_array_ref (instances);
  failure = g_steal_pointer (&self->failure);
  is_first = synced && !self->synced;
  self->synced |= synced;
  for (guint i = 0; (events->len > 0 || is_first) && i < self->queues->len; i++)
    disco_event_queue_push (self->queues->pdata[i], events, self->synced, garbage);
  if (is_first)
    waiters = steal_waiters_locked (self, TRUE);
  g_mutex_unlock (&self->mutex);

  if (waiters != NULL)
    call_waiters (self, waiters, NULL);
}

void
disco_source_fail_waiting (DiscoSource *self, const GError *error)
{
  g_autoptr (GArray) waiters = NULL;
  g_autoptr (GError) old = NULL;

  g_mutex_lock (&self->mutex);
  old = g_steal_pointer (&self->failure);
  if (error != NULL)
    {
      self->failure = g_error_copy (error);
      waiters = steal_waiters_locked (self, FALSE);
    }
  g_mutex_unlock (&self->mutex);

  if (waiters != NULL)
    call_waiters (self, waiters, error);
}

gboolean
disco_source_get_synced (DiscoSource *self)
{
  gboolean synced;

  g_mutex_lock (&self->mutex);
  synced = self->synced;
  g_mutex_unlock (&self->mutex);
  return synced;
}

static GPtrArray *
ref_instances (DiscoSource *self)
{
  GPtrArray *instances;

  g_mutex_lock (&self->mutex);
  instances = g_ptr_array_ref (self->instances);
  g_mutex_unlock (&self->mutex);
  return instances;
}

GPtrArray *
disco_source_get_instances (DiscoSource *self, const char *const *tags)
{
  g_autoptr (GPtrArray) all = ref_instances (self);
  GPtrArray *found = g_ptr_array_new_full (all->len, g_object_unref);

  for (guint i = 0; i < all->len; i++)
    if (disco_instance_has_tags (all->pdata[i], tags))
      g_ptr_array_add (found, g_object_ref (all->pdata[i]));
  return found;
}

void
disco_source_add_queue (DiscoSource *self, DiscoEventQueue *queue)
{
  g_mutex_lock (&self->mutex);
  g_ptr_array_add (self->queues, queue);
  disco_event_queue_push_all (queue, self->instances, self->synced);
  g_mutex_unlock (&self->mutex);
}

void
disco_source_remove_queue (DiscoSource *self, DiscoEventQueue *queue)
{
  g_mutex_lock (&self->mutex);
  g_ptr_array_remove_fast (self->queues, queue);
  g_mutex_unlock (&self->mutex);
}

/* 0 and the outcome in @error (NULL: synced) if it is known already */
static guint
add_waiter (DiscoSource *self, const Waiter *waiter, GError **error)
{
  guint id = 0;

  g_mutex_lock (&self->mutex);
  if (!self->synced && (waiter->patient || self->failure == NULL))
    {
      id = ++self->last_waiter_id;
      g_array_append_vals (self->waiters, waiter, 1);
      g_array_index (self->waiters, Waiter, self->waiters->len - 1).id = id;
    }
  else if (!self->synced)
    *error = g_error_copy (self->failure);
  g_mutex_unlock (&self->mutex);
  return id;
}

guint
disco_source_add_waiter (DiscoSource *self, DiscoSourceWaiter func, gpointer user_data)
{
  Waiter waiter = { .func = func, .user_data = user_data };
  g_autoptr (GError) error = NULL;
  guint id = add_waiter (self, &waiter, &error);

  if (id == 0)
    func (self, error, user_data);
  return id;
}

guint
disco_source_add_patient_waiter (DiscoSource *self, DiscoSourceWaiter func, gpointer user_data)
{
  Waiter waiter = { .patient = TRUE, .func = func, .user_data = user_data };
  guint id = add_waiter (self, &waiter, NULL);

  if (id == 0)
    func (self, NULL, user_data);
  return id;
}

gboolean
disco_source_remove_waiter (DiscoSource *self, guint id)
{
  gboolean found = FALSE;

  g_mutex_lock (&self->mutex);
  for (guint i = 0; !found && i < self->waiters->len; i++)
    {
      found = g_array_index (self->waiters, Waiter, i).id == id;
      if (found)
        g_array_remove_index (self->waiters, i);
    }
  g_mutex_unlock (&self->mutex);
  return found;
}
