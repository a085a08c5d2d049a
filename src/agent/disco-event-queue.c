/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-event-queue-private.h"

#include "disco-event-private.h"
#include "disco-instance-private.h"
#include "disco-wakeup-private.h"

/* What is pending for one id. At least one of the two is there: an id that the reader does not have
 * and that is gone again has nothing pending. */
typedef struct
{
  GList link;          /* in DiscoEventQueue.order; its data is this change */
  DiscoInstance *base; /* (nullable): what the reader has */
  DiscoInstance *now;  /* (nullable): what is true, as far as the reader may see it */
  /* (owned) (nullable): the source's own event, where it says just that: it owns base and now then,
   * else the change does */
  DiscoEvent *event;
} Change;

struct _DiscoEventQueue
{
  char **tags; /* (owned) (nullable): NULL where none are asked for */

  GMutex mutex;
  /* All protected by mutex */
  GQueue order;        /* of (owned) Change, by its link: in the order of their first change */
  GHashTable *changes; /* (owned) (nullable): set of the same by id; made when one is looked for */
  GSource *wakeup;     /* (not owned) (nullable): of the call that waits */
  gboolean immediate;  /* the first full set need not be waited for */
  gboolean tells_synced; /* it is delivered even if nothing is pending */
  gboolean synced;       /* it is known */
  gboolean complete;     /* it has been delivered */
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
  if (change->event != NULL)
    disco_event_unref (change->event);
  else
    {
      g_clear_object (&change->base);
      g_clear_object (&change->now);
    }
  g_slice_free (Change, change);
}

DiscoEventQueue *
disco_event_queue_new (const char *const *tags, gboolean immediate)
{
  DiscoEventQueue *self = g_new0 (DiscoEventQueue, 1);

  if (tags != NULL && tags[0] != NULL)
    self->tags = g_strdupv ((char **)tags);
  self->immediate = immediate;
  self->tells_synced = !immediate;
  g_mutex_init (&self->mutex);
  g_queue_init (&self->order);
  return self;
}

void
disco_event_queue_tell_synced (DiscoEventQueue *self)
{
  self->tells_synced = TRUE;
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

/* The table is made only where changes of one id may meet: a reader that keeps up needs none. */
static void
index_changes_locked (DiscoEventQueue *self)
{
  if (self->changes != NULL)
    return;
  self->changes = g_hash_table_new (change_hash, change_equal);
  for (GList *l = self->order.head; l != NULL; l = l->next)
    g_hash_table_add (self->changes, l->data);
}

static Change *
find_change_locked (DiscoEventQueue *self, DiscoInstance *instance)
{
  Change key = { .now = instance };

  index_changes_locked (self);
  return g_hash_table_lookup (self->changes, &key);
}

/* @event: (nullable): what turns @base into @now, if there is one */
static void
add_change_locked (DiscoEventQueue *self, DiscoInstance *base, DiscoInstance *now,
                   DiscoEvent *event)
{
  Change *change;

  if (base == NULL && now == NULL)
    return;
  change = g_slice_new (Change);
  *change = (Change){ .link.data = change, .base = base, .now = now };
  if (event != NULL)
    change->event = disco_event_ref (event);
  else
    {
      if (base != NULL)
        g_object_ref (base);
      if (now != NULL)
        g_object_ref (now);
    }
  g_queue_push_tail_link (&self->order, &change->link);
  if (self->changes != NULL)
    g_hash_table_add (self->changes, change);
}

static void
remove_change_locked (DiscoEventQueue *self, Change *change)
{
  g_hash_table_remove (self->changes, change);
  g_queue_unlink (&self->order, &change->link);
  g_slice_free (Change, change);
}

/* Makes the change the owner of what its event owned. */
static void
drop_event_locked (Change *change)
{
  if (change->event == NULL)
    return;
  if (change->base != NULL)
    g_object_ref (change->base);
  if (change->now != NULL)
    g_object_ref (change->now);
  g_clear_pointer (&change->event, disco_event_unref);
}

/* The id has something pending already: what the reader has stays as it was. */
static void
fold_change_locked (DiscoEventQueue *self, Change *change, DiscoInstance *now, GPtrArray *garbage)
{
  DiscoInstance *old;

  drop_event_locked (change);
  old = change->now;
  if (now == NULL && change->base == NULL)
    remove_change_locked (self, change);
  else
    change->now = now != NULL ? g_object_ref (now) : NULL;
  if (old != NULL)
    g_ptr_array_add (garbage, old);
}

/* Whether the first full set has yet to be delivered and can be */
static gboolean
is_synced_news_locked (DiscoEventQueue *self)
{
  return self->tells_synced && self->synced && !self->complete;
}

static gboolean
is_ready_locked (DiscoEventQueue *self)
{
  if (is_synced_news_locked (self))
    return TRUE;
  return (self->immediate || self->complete) && self->order.length > 0;
}

static void
wake_up_locked (DiscoEventQueue *self)
{
  if (self->wakeup != NULL && (self->closed || is_ready_locked (self)))
    g_source_set_ready_time (self->wakeup, 0);
}

/* @has_changes: some are pending from before, of which one may be of the same id */
static void
push_event_locked (DiscoEventQueue *self, DiscoEvent *event, gboolean has_changes,
                   GPtrArray *garbage)
{
  gboolean removed = disco_event_get_operation (event) == DISCO_OPERATION_REMOVE;
  DiscoInstance *instance = disco_event_get_instance (event);
  DiscoInstance *previous = removed ? instance : disco_event_get_previous (event);
  DiscoInstance *base = filter (self, previous);
  DiscoInstance *now = filter (self, removed ? NULL : instance);
  Change *change = has_changes ? find_change_locked (self, instance) : NULL;
  gboolean as_told = base == previous && now == (removed ? NULL : instance);

  if (change != NULL)
    fold_change_locked (self, change, now, garbage);
  else
    add_change_locked (self, base, now, as_told ? event : NULL);
}

void
disco_event_queue_push (DiscoEventQueue *self, GPtrArray *events, gboolean synced,
                        GPtrArray *garbage)
{
  gboolean has_changes;

  g_mutex_lock (&self->mutex);
  has_changes = self->order.length > 0;
  for (guint i = 0; !self->closed && i < events->len; i++)
    push_event_locked (self, events->pdata[i], has_changes, garbage);
  self->synced = synced;
  wake_up_locked (self);
  g_mutex_unlock (&self->mutex);
}

void
disco_event_queue_push_all (DiscoEventQueue *self, GPtrArray *instances, gboolean synced)
{
  g_mutex_lock (&self->mutex);
  for (guint i = 0; !self->closed && i < instances->len; i++)
    add_change_locked (self, NULL, filter (self, instances->pdata[i]), NULL);
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
      DiscoEvent *event = change->event != NULL
                              ? disco_event_ref (change->event)
                              : disco_event_new_change (change->base, change->now);

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
  gboolean may_be_empty;

  g_mutex_lock (&self->mutex);
  if (self->closed || !is_ready_locked (self))
    {
      g_mutex_unlock (&self->mutex);
      return NULL;
    }
  order = self->order;
  g_queue_init (&self->order);
  changes = g_steal_pointer (&self->changes);
  may_be_empty = is_synced_news_locked (self);
  self->complete = self->synced;
  g_mutex_unlock (&self->mutex);

  events = make_events (order.head, order.length);
  return events->len > 0 || may_be_empty ? g_steal_pointer (&events) : NULL;
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
      disco_wakeup_attach (wakeup, context);
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

gboolean
disco_event_queue_is_complete (DiscoEventQueue *self)
{
  gboolean complete;

  g_mutex_lock (&self->mutex);
  complete = self->complete;
  g_mutex_unlock (&self->mutex);
  return complete;
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
