/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-event-queue-private.h"

#include "disco-event-private.h"
#include "disco-instance-private.h"

/* What is pending for one id. At least one of the two is there: an id that the reader does not have
 * and that is gone again has nothing pending. */
typedef struct
{
  GList link;          /* in DiscoEventQueue.order; its data is this change */
  DiscoInstance *base; /* (owned) (nullable): what the reader has */
  DiscoInstance *now;  /* (owned) (nullable): what is true, as far as the reader may see it */
} Change;

struct _DiscoEventQueue
{
  char **tags; /* (owned) (nullable): NULL where none are asked for */

  GMutex mutex;
  /* All protected by mutex */
  GHashTable *changes; /* (owned) (nullable): set of (owned) Change by id; made when needed */
  GQueue order;        /* of Change.link: order of the first change */
  GSource *wakeup;     /* (not owned) (nullable): of the call that waits */
  gboolean synced;
  gboolean begun; /* the first full set has been delivered, or need not be waited for */
  gboolean closed;
};

static DiscoInstance *
change_get_instance (const Change *change)
{
  return change->base != NULL ? change->base : change->now;
}

static guint
change_hash (gconstpointer data)
{
  return disco_instance_get_hash (change_get_instance (data));
}

static gboolean
change_equal (gconstpointer a, gconstpointer b)
{
  return g_str_equal (disco_instance_get_id (change_get_instance (a)),
                      disco_instance_get_id (change_get_instance (b)));
}

static void
change_free (Change *change)
{
  g_clear_object (&change->base);
  g_clear_object (&change->now);
  g_slice_free (Change, change);
}

DiscoEventQueue *
disco_event_queue_new (const char *const *tags, gboolean immediate)
{
  DiscoEventQueue *self = g_new0 (DiscoEventQueue, 1);

  if (tags != NULL && tags[0] != NULL)
    self->tags = g_strdupv ((char **)tags);
  self->begun = immediate;
  g_mutex_init (&self->mutex);
  g_queue_init (&self->order);
  return self;
}

/* Frees what was stolen from a queue. No lock is held: the instances may be the last references. */
static void
free_changes (GHashTable *changes, GList *first)
{
  g_clear_pointer (&changes, g_hash_table_unref);
  while (first != NULL)
    {
      Change *change = first->data;
      first = first->next;
      change_free (change);
    }
}

void
disco_event_queue_free (DiscoEventQueue *self)
{
  free_changes (self->changes, self->order.head);
  g_mutex_clear (&self->mutex);
  g_strfreev (self->tags);
  g_free (self);
}

/* What the reader may see of @instance */
static DiscoInstance *
filter (DiscoEventQueue *self, DiscoInstance *instance)
{
  if (instance == NULL || self->tags == NULL)
    return instance;
  return disco_instance_has_tags (instance, (const char *const *)self->tags) ? instance : NULL;
}

static Change *
find_change_locked (DiscoEventQueue *self, DiscoInstance *instance)
{
  Change key = { .now = instance };

  return self->changes != NULL ? g_hash_table_lookup (self->changes, &key) : NULL;
}

static void
add_change_locked (DiscoEventQueue *self, DiscoInstance *base, DiscoInstance *now)
{
  Change *change;

  if (base == NULL && now == NULL)
    return;
  change = g_slice_new0 (Change);
  change->link.data = change;
  g_set_object (&change->base, base);
  g_set_object (&change->now, now);
  if (self->changes == NULL)
    self->changes = g_hash_table_new (change_hash, change_equal);
  g_hash_table_add (self->changes, change);
  g_queue_push_tail_link (&self->order, &change->link);
}

static void
remove_change_locked (DiscoEventQueue *self, Change *change)
{
  g_hash_table_remove (self->changes, change);
  g_queue_unlink (&self->order, &change->link);
  g_slice_free (Change, change);
}

/* The id has something pending already: what the reader has stays as it was. */
static void
fold_change_locked (DiscoEventQueue *self, Change *change, DiscoInstance *now, GPtrArray *garbage)
{
  DiscoInstance *old = change->now;

  if (now == NULL && change->base == NULL)
    remove_change_locked (self, change);
  else
    change->now = now != NULL ? g_object_ref (now) : NULL;
  if (old != NULL)
    g_ptr_array_add (garbage, old);
}

static gboolean
is_ready_locked (DiscoEventQueue *self)
{
  return self->begun ? self->order.length > 0 : self->synced;
}

static void
wake_up_locked (DiscoEventQueue *self)
{
  if (self->wakeup != NULL && (self->closed || is_ready_locked (self)))
    g_source_set_ready_time (self->wakeup, 0);
}

static void
push_event_locked (DiscoEventQueue *self, DiscoEvent *event, GPtrArray *garbage)
{
  gboolean removed = disco_event_get_operation (event) == DISCO_OPERATION_REMOVE;
  DiscoInstance *instance = disco_event_get_instance (event);
  DiscoInstance *previous = removed ? instance : disco_event_get_previous (event);
  DiscoInstance *now = filter (self, removed ? NULL : instance);
  Change *change = find_change_locked (self, instance);

  if (change != NULL)
    fold_change_locked (self, change, now, garbage);
  else
    add_change_locked (self, filter (self, previous), now);
}

void
disco_event_queue_push (DiscoEventQueue *self, GPtrArray *events, gboolean synced,
                        GPtrArray *garbage)
{
  g_mutex_lock (&self->mutex);
  for (guint i = 0; !self->closed && i < events->len; i++)
    push_event_locked (self, events->pdata[i], garbage);
  self->synced = synced;
  wake_up_locked (self);
  g_mutex_unlock (&self->mutex);
}

void
disco_event_queue_push_all (DiscoEventQueue *self, GPtrArray *instances, gboolean synced)
{
  g_mutex_lock (&self->mutex);
  for (guint i = 0; !self->closed && i < instances->len; i++)
    add_change_locked (self, NULL, filter (self, instances->pdata[i]));
  self->synced = synced;
  wake_up_locked (self);
  g_mutex_unlock (&self->mutex);
}

/* Consumes the changes from @first on. */
static GPtrArray *
make_events (GList *first, guint length)
{
  GPtrArray *events = g_ptr_array_new_full (length, (GDestroyNotify)disco_event_unref);

  while (first != NULL)
    {
      Change *change = first->data;
      DiscoEvent *event = disco_event_new_change (change->base, change->now);

      first = first->next;
      if (event != NULL)
        g_ptr_array_add (events, event);
      change_free (change);
    }
  return events;
}

GPtrArray *
disco_event_queue_take (DiscoEventQueue *self)
{
  g_autoptr (GHashTable) changes = NULL;
  g_autoptr (GPtrArray) events = NULL;
  GQueue order;
  gboolean first;

  g_mutex_lock (&self->mutex);
  if (self->closed || !is_ready_locked (self))
    {
      g_mutex_unlock (&self->mutex);
      return NULL;
    }
  order = self->order;
  g_queue_init (&self->order);
  changes = g_steal_pointer (&self->changes);
  first = !self->begun;
  self->begun = TRUE;
  g_mutex_unlock (&self->mutex);

  events = make_events (order.head, order.length);
  return events->len > 0 || first ? g_steal_pointer (&events) : NULL;
}

gboolean
disco_event_queue_begin_wait (DiscoEventQueue *self, GSource *wakeup, GMainContext *context)
{
  gboolean was_free;

  g_mutex_lock (&self->mutex);
  was_free = self->wakeup == NULL;
  if (was_free)
    {
      self->wakeup = wakeup;
      /* Under the lock, since a ready time that is set meanwhile would wake nobody up. */
      g_source_attach (wakeup, context);
      wake_up_locked (self);
    }
  g_mutex_unlock (&self->mutex);
  return was_free;
}

void
disco_event_queue_end_wait (DiscoEventQueue *self, GSource *wakeup)
{
  g_mutex_lock (&self->mutex);
  if (self->wakeup == wakeup)
    self->wakeup = NULL;
  g_mutex_unlock (&self->mutex);
}

void
disco_event_queue_close (DiscoEventQueue *self)
{
  GHashTable *changes;
  GQueue order;

  g_mutex_lock (&self->mutex);
  self->closed = TRUE;
  changes = g_steal_pointer (&self->changes);
  order = self->order;
  g_queue_init (&self->order);
  wake_up_locked (self);
  g_mutex_unlock (&self->mutex);
  free_changes (changes, order.head);
}

gboolean
disco_event_queue_is_closed (DiscoEventQueue *self)
{
  gboolean closed;

  g_mutex_lock (&self->mutex);
  closed = self->closed;
  g_mutex_unlock (&self->mutex);
  return closed;
}

guint
disco_event_queue_get_size (DiscoEventQueue *self)
{
  guint size;

  g_mutex_lock (&self->mutex);
  size = self->order.length;
  g_mutex_unlock (&self->mutex);
  return size;
}
