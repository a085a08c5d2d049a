/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <disco/disco-diff.h>

#include "disco-event-private.h"
#include "disco-instance-private.h"

#include <string.h>

/**
 * DiscoDiff:
 *
 * Holds a snapshot of instances and yields the events that turn it into the next one.
 *
 * ## Threads
 *
 * One thread at a time.
 *
 * Since: 1.0
 */

/* An entry is what the diff keeps of one id, and has a number that stays the same for as long as
 * the id is there. Three arrays speak of entries by number: `order` is the snapshot, `slots` finds
 * an id, `unused` holds the numbers to be given out again. `sequence` is the snapshot once more, as
 * instances: a snapshot that is the same again is known by it alone, at the speed of memory.
 *
 * An instance is first looked for where the one before it was followed in the old order. Found
 * there it costs a comparison and two sequential writes: no look-up and no reference count. Where
 * others came, went or moved before it, one look-up finds the new place to go on from, and nothing
 * in the table moves. */
typedef struct
{
  DiscoInstance *instance; /* (owned) */
  guint round;             /* the last apply() that saw the id */
  guint place;             /* in the order of that round */
} Entry;

/* Open addressing with linear probing. The hash lies beside the number, so that a probe that misses
 * reads nothing else. */
typedef struct
{
  guint hash;
  guint number; /* of the entry, plus 1; 0: free */
} Slot;

#define MIN_BITS 4
/* A table of so many slots does not fit into the nearer caches, and what a look-up reads is asked
 * for before it is needed: first the instance, for its hash, then the slot, then the entry. */
#define FAR_BITS 14
#define INSTANCE_AHEAD 24
#define SLOT_AHEAD 16
#define ENTRY_AHEAD 8
#define NO_PLACE G_MAXUINT /* an entry that was made in this round */

struct _DiscoDiff
{
  GArray *entries; /* (owned) of Entry, by number */
  GArray *unused;  /* (owned) of guint */
  GArray *order;   /* (owned) of guint */
  /* (owned) of DiscoInstance, owned by its entry: as long as `order` */
  GPtrArray *sequence;
  Slot *slots; /* (owned) 1 << bits of them, at most half in use */
  guint bits;
  guint round;
};

G_DEFINE_BOXED_TYPE (DiscoDiff, disco_diff, disco_diff_copy, disco_diff_free)

static Entry *
get_entry (DiscoDiff *self, guint number)
{
  return &g_array_index (self->entries, Entry, number);
}

static guint
table_mask (DiscoDiff *self)
{
  return (1u << self->bits) - 1;
}

/* g_str_hash() leaves its low bits alike for like ids: the multiplication spreads them
 * (Fibonacci hashing). */
static guint
home_slot (DiscoDiff *self, guint hash)
{
  return (hash * 2654435769u) >> (32 - self->bits);
}

/* Where the search for @instance begins */
static Slot *
home_of (DiscoDiff *self, DiscoInstance *instance)
{
  return &self->slots[home_slot (self, disco_instance_get_hash (instance))];
}

/* The slot of @instance's id, or the free one where it belongs. */
static Slot *
find_slot (DiscoDiff *self, DiscoInstance *instance)
{
  const guint hash = disco_instance_get_hash (instance);
  guint i = home_slot (self, hash);

  for (;; i = (i + 1) & table_mask (self))
    {
      Slot *slot = &self->slots[i];
      DiscoInstance *known;

      if (slot->number == 0)
        return slot;
      if (slot->hash != hash)
        continue;
      known = get_entry (self, slot->number - 1)->instance;
      if (known == instance
          || g_str_equal (disco_instance_get_id (known), disco_instance_get_id (instance)))
        return slot;
    }
}

static void
grow_table (DiscoDiff *self)
{
  const gsize n_old = (gsize)1 << self->bits;
  g_autofree Slot *old = g_steal_pointer (&self->slots);

  self->bits++;
  self->slots = g_new0 (Slot, (gsize)1 << self->bits);
  for (gsize i = 0; i < n_old; i++)
    {
      guint at;

      if (old[i].number == 0)
        continue;
      for (at = home_slot (self, old[i].hash); self->slots[at].number != 0;)
        at = (at + 1) & table_mask (self);
      self->slots[at] = old[i];
    }
}

static Entry *
add_entry (DiscoDiff *self, Slot *slot, DiscoInstance *instance)
{
  const Entry entry = { .instance = g_object_ref (instance), .place = NO_PLACE };
  guint number = self->entries->len;

  if (self->unused->len > 0)
    {
      number = g_array_index (self->unused, guint, self->unused->len - 1);
      g_array_set_size (self->unused, self->unused->len - 1);
      *get_entry (self, number) = entry;
    }
  else
    g_array_append_val (self->entries, entry);

  *slot = (Slot){ .hash = disco_instance_get_hash (instance), .number = number + 1 };
  if (self->entries->len - self->unused->len > table_mask (self) / 2)
    grow_table (self);
  return get_entry (self, number);
}

/* Frees @slot and closes the gap: what follows moves up unless it would pass its home slot. */
static void
clear_slot (DiscoDiff *self, Slot *slot)
{
  const guint mask = table_mask (self);
  guint gap = slot - self->slots;

  for (guint i = (gap + 1) & mask; self->slots[i].number != 0; i = (i + 1) & mask)
    {
      const guint home = home_slot (self, self->slots[i].hash);

      if (((i - home) & mask) < ((i - gap) & mask))
        continue;
      self->slots[gap] = self->slots[i];
      gap = i;
    }
  self->slots[gap].number = 0;
}

static void
remove_entry (DiscoDiff *self, guint number)
{
  Entry *entry = get_entry (self, number);

  clear_slot (self, find_slot (self, entry->instance));
  g_clear_object (&entry->instance);
  g_array_append_val (self->unused, number);
}

static void
add_event (GPtrArray *events, DiscoInstance *previous, DiscoInstance *instance)
{
  DiscoEvent *event = disco_event_new_change (previous, instance);

  if (event != NULL)
    g_ptr_array_add (events, event);
}

/* The entry at @place of the old order, if it is @instance and was not seen in this round. */
static Entry *
expect (DiscoDiff *self, guint place, DiscoInstance *instance)
{
  Entry *entry;

  if (place >= self->order->len || g_ptr_array_index (self->sequence, place) != instance)
    return NULL;
  entry = get_entry (self, g_array_index (self->order, guint, place));
  return entry->round != self->round ? entry : NULL;
}

/* For the look-ups that probably follow on that of instance @i: where one is not in its old place,
 * the others are seldom. */
static void
prefetch (DiscoDiff *self, GPtrArray *instances, guint i)
{
  const Slot *slot;

  if (instances->len - i <= INSTANCE_AHEAD)
    return;
  disco_instance_prefetch_hash (instances->pdata[i + INSTANCE_AHEAD]);
  __builtin_prefetch (home_of (self, instances->pdata[i + SLOT_AHEAD]));
  slot = home_of (self, instances->pdata[i + ENTRY_AHEAD]);
  if (slot->number != 0)
    __builtin_prefetch (get_entry (self, slot->number - 1));
}

/* The entry of an id that is not where it was expected: made if it is new, and told of if it
 * changed. NULL if the id was seen in this round. */
static Entry *
look_up (DiscoDiff *self, DiscoInstance *instance, GPtrArray *events)
{
  Slot *slot = find_slot (self, instance);
  Entry *entry;

  if (slot->number == 0)
    {
      add_event (events, NULL, instance);
      return add_entry (self, slot, instance);
    }
  entry = get_entry (self, slot->number - 1);
  if (entry->round == self->round)
    return NULL;
  if (entry->instance != instance)
    {
      add_event (events, entry->instance, instance);
      g_set_object (&entry->instance, instance);
    }
  return entry;
}

/* Nothing but the pointers is read: one array beside the other. */
static gboolean
is_same_sequence (DiscoDiff *self, GPtrArray *instances)
{
  return instances->len == self->sequence->len
         && (instances->len == 0
             || memcmp (instances->pdata, self->sequence->pdata, instances->len * sizeof (gpointer))
                    == 0);
}

/* Takes the new snapshot, and returns its order. */
static GArray *
apply_present (DiscoDiff *self, GPtrArray *instances, GPtrArray *events)
{
  GArray *order = g_array_set_size (g_array_new (FALSE, FALSE, sizeof (guint)), instances->len);
  GPtrArray *sequence = g_ptr_array_sized_new (instances->len);
  guint next = 0; /* the old place that followed the instance before */
  guint n = 0;

  g_ptr_array_set_size (sequence, (int)instances->len);
  for (guint i = 0; i < instances->len; i++)
    {
      DiscoInstance *instance = g_ptr_array_index (instances, i);
      Entry *entry = expect (self, next, instance);

      if (entry == NULL)
        {
          if (self->bits >= FAR_BITS)
            prefetch (self, instances, i);
          entry = look_up (self, instance, events);
        }
      if (entry == NULL)
        continue;
      if (entry->place != NO_PLACE)
        next = entry->place + 1;
      entry->place = n;
      entry->round = self->round;
      g_ptr_array_index (sequence, n) = instance;
      g_array_index (order, guint, n++) = entry - get_entry (self, 0);
    }
  g_ptr_array_set_size (sequence, (int)n);
  g_ptr_array_unref (self->sequence);
  self->sequence = sequence;
  return g_array_set_size (order, n);
}

static void
apply_gone (DiscoDiff *self, GPtrArray *events)
{
  for (guint i = 0; i < self->order->len; i++)
    {
      const guint number = g_array_index (self->order, guint, i);
      const Entry *entry = get_entry (self, number);

      if (entry->round == self->round)
        continue;
      add_event (events, entry->instance, NULL);
      remove_entry (self, number);
    }
}

/**
 * disco_diff_new:
 *
 * Makes a diff that holds an empty snapshot.
 *
 * Returns: (transfer full): a new diff
 *
 * Since: 1.0
 */
DiscoDiff *
disco_diff_new (void)
{
  DiscoDiff *self = g_new0 (DiscoDiff, 1);

  self->entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  self->unused = g_array_new (FALSE, FALSE, sizeof (guint));
  self->order = g_array_new (FALSE, FALSE, sizeof (guint));
  self->sequence = g_ptr_array_new ();
  self->bits = MIN_BITS;
  self->slots = g_new0 (Slot, (gsize)1 << self->bits);
  return self;
}

/**
 * disco_diff_copy:
 * @self: a diff
 *
 * Makes a diff that holds the same snapshot.
 *
 * Returns: (transfer full): a new diff
 *
 * Since: 1.0
 */
DiscoDiff *
disco_diff_copy (DiscoDiff *self)
{
  DiscoDiff *copy;

  g_return_val_if_fail (self != NULL, NULL);

  copy = g_new0 (DiscoDiff, 1);
  copy->entries = g_array_copy (self->entries);
  copy->unused = g_array_copy (self->unused);
  copy->order = g_array_copy (self->order);
  copy->sequence = g_ptr_array_copy (self->sequence, NULL, NULL);
  copy->bits = self->bits;
  copy->round = self->round;
  copy->slots = g_memdup2 (self->slots, sizeof (Slot) << self->bits);
  for (guint i = 0; i < copy->order->len; i++)
    g_object_ref (get_entry (copy, g_array_index (copy->order, guint, i))->instance);
  return copy;
}

/**
 * disco_diff_free:
 * @self: (transfer full): a diff
 *
 * Frees a diff.
 *
 * Since: 1.0
 */
void
disco_diff_free (DiscoDiff *self)
{
  g_return_if_fail (self != NULL);

  for (guint i = 0; i < self->order->len; i++)
    g_object_unref (get_entry (self, g_array_index (self->order, guint, i))->instance);
  g_array_unref (self->entries);
  g_array_unref (self->unused);
  g_array_unref (self->order);
  g_ptr_array_unref (self->sequence);
  g_free (self->slots);
  g_free (self);
}

/**
 * disco_diff_apply:
 * @self: a diff
 * @instances: (nullable) (element-type DiscoInstance): the next snapshot; %NULL for an empty one
 *
 * Takes the next snapshot, and tells what changed since the one before.
 *
 * Instances belong together by their id. There is no event for an instance that is equal to the one
 * before. Additions and updates come first, in the order of the new snapshot, then removals, in the
 * order of the old one. Of an id that is in @instances more than once, the first counts and the
 * others do as if they were not there.
 *
 * The time is O(n) in the two snapshots, and little more than comparing pointers for instances that
 * are the same objects in the same order, whatever came or went between them. The diff references
 * the instances, not the array.
 *
 * Returns: (transfer container) (element-type DiscoEvent): the events, of which there may be none
 *
 * Since: 1.0
 */
GPtrArray *
disco_diff_apply (DiscoDiff *self, GPtrArray *instances)
{
  g_autoptr (GPtrArray) events = NULL;

  g_return_val_if_fail (self != NULL, NULL);

  events = g_ptr_array_new_with_free_func ((GDestroyNotify)disco_event_unref);
  if (instances != NULL && is_same_sequence (self, instances))
    return g_steal_pointer (&events);
  self->round++;
  if (instances != NULL)
    {
      GArray *order = apply_present (self, instances, events);

      apply_gone (self, events);
      g_array_unref (self->order);
      self->order = order;
    }
  else
    {
      apply_gone (self, events);
      g_array_set_size (self->order, 0);
      g_ptr_array_set_size (self->sequence, 0);
    }
  return g_steal_pointer (&events);
}
