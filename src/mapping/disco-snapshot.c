/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-instance-private.h"
#include "disco-snapshot-private.h"

#include <string.h>

typedef struct _Entry Entry;

/* All names that claim one id which is not their own name. */
typedef struct
{
  char *id;         /* (owned) */
  Entry *claimants; /* first of a list, in no order */
  Entry *holder;    /* the smallest name of them */
  gboolean taken;   /* the id is a name of the snapshot: nobody else may bear it */
} Claim;

/* One DNS-SD name. */
struct _Entry
{
  char *name;              /* (owned) */
  DiscoInstance *instance; /* (owned): as it was put */
  DiscoInstance *shown;    /* (owned): the same, or under its name */
  Claim *claim;            /* (nullable): NULL if it claims its own name */
  Entry *previous;         /* among the claimants */
  Entry *next;
  guint index; /* in the order */
};

struct _DiscoSnapshot
{
  GHashTable *entries; /* (owned) (borrowed) name → (owned) Entry */
  GHashTable *claims;  /* (owned) (borrowed) id → (owned) Claim */
  GPtrArray *order;    /* (owned) (element borrowed Entry) */
};

static void
claim_free (gpointer data)
{
  Claim *self = data;

  g_free (self->id);
  g_free (self);
}

static void
entry_free (gpointer data)
{
  Entry *self = data;

  g_free (self->name);
  g_object_unref (self->instance);
  g_clear_object (&self->shown);
  g_free (self);
}

DiscoSnapshot *
disco_snapshot_new (void)
{
  DiscoSnapshot *self = g_new0 (DiscoSnapshot, 1);

  self->entries = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, entry_free);
  self->claims = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, claim_free);
  self->order = g_ptr_array_new ();
  return self;
}

void
disco_snapshot_free (DiscoSnapshot *self)
{
  g_hash_table_unref (self->entries);
  g_hash_table_unref (self->claims);
  g_ptr_array_unref (self->order);
  g_free (self);
}

/* Brings what the entry shows up to date with what it claims; keeps the object where it can. */
static void
entry_refresh (Entry *self)
{
  gboolean has_claimed_id
      = self->claim == NULL || (self->claim->holder == self && !self->claim->taken);

  if (has_claimed_id)
    g_set_object (&self->shown, self->instance);
  else if (self->shown == NULL || self->shown == self->instance)
    {
      g_clear_object (&self->shown);
      self->shown = disco_instance_new_with_id (self->instance, self->name);
    }
}

static Claim *
ensure_claim (DiscoSnapshot *self, const char *id)
{
  Claim *claim = g_hash_table_lookup (self->claims, id);

  if (claim != NULL)
    return claim;
  claim = g_new0 (Claim, 1);
  claim->id = g_strdup (id);
  claim->taken = g_hash_table_contains (self->entries, id);
  g_hash_table_insert (self->claims, claim->id, claim);
  return claim;
}

/* Makes the entry claim its instance's id. */
static void
enter_claim (DiscoSnapshot *self, Entry *entry)
{
  const char *id = disco_instance_get_id (entry->instance);
  Entry *holder;
  Claim *claim;

  if (g_str_equal (id, entry->name))
    return;
  claim = ensure_claim (self, id);
  entry->claim = claim;
  entry->previous = NULL;
  entry->next = claim->claimants;
  if (entry->next != NULL)
    entry->next->previous = entry;
  claim->claimants = entry;
  holder = claim->holder;
  if (holder == NULL || strcmp (entry->name, holder->name) < 0)
    {
      claim->holder = entry;
      if (holder != NULL)
        entry_refresh (holder);
    }
}

static Entry *
smallest_claimant (const Claim *claim)
{
  Entry *smallest = claim->claimants;

  for (Entry *entry = claim->claimants; entry != NULL; entry = entry->next)
    if (strcmp (entry->name, smallest->name) < 0)
      smallest = entry;
  return smallest;
}

/* O(1), but O(claimants) where the holder of a contested id goes. */
static void
leave_claim (DiscoSnapshot *self, Entry *entry)
{
  Claim *claim = g_steal_pointer (&entry->claim);

  if (claim == NULL)
    return;
  if (entry->next != NULL)
    entry->next->previous = entry->previous;
  if (entry->previous != NULL)
    entry->previous->next = entry->next;
  else
    claim->claimants = entry->next;
  if (claim->claimants == NULL)
    g_hash_table_remove (self->claims, claim->id);
  else if (claim->holder == entry)
    {
      claim->holder = smallest_claimant (claim);
      entry_refresh (claim->holder);
    }
}

/* The name has come or gone: another name's claim to it as an id falls or stands. */
static void
set_taken (DiscoSnapshot *self, const char *name, gboolean taken)
{
  Claim *claim = g_hash_table_lookup (self->claims, name);

  if (claim == NULL)
    return;
  claim->taken = taken;
  entry_refresh (claim->holder);
}

static Entry *
ensure_entry (DiscoSnapshot *self, const char *full_name)
{
  Entry *entry = g_hash_table_lookup (self->entries, full_name);

  if (entry != NULL)
    return entry;
  entry = g_new0 (Entry, 1);
  entry->name = g_strdup (full_name);
  entry->index = self->order->len;
  g_ptr_array_add (self->order, entry);
  g_hash_table_insert (self->entries, entry->name, entry);
  set_taken (self, full_name, TRUE);
  return entry;
}

void
disco_snapshot_put (DiscoSnapshot *self, const char *full_name, DiscoInstance *instance)
{
  Entry *entry = ensure_entry (self, full_name);

  gboolean same_claim
      = entry->instance != NULL
        && g_str_equal (disco_instance_get_id (entry->instance), disco_instance_get_id (instance));

  if (entry->instance == instance)
    return;
  /* The others who claim an id that stays keep their objects. */
  if (!same_claim)
    leave_claim (self, entry);
  g_set_object (&entry->instance, instance);
  g_clear_object (&entry->shown);
  if (!same_claim)
    enter_claim (self, entry);
  entry_refresh (entry);
}

gboolean
disco_snapshot_remove (DiscoSnapshot *self, const char *full_name)
{
  Entry *entry = g_hash_table_lookup (self->entries, full_name);
  Entry *last;

  if (entry == NULL)
    return FALSE;
  leave_claim (self, entry);
  last = g_ptr_array_index (self->order, self->order->len - 1);
  last->index = entry->index;
  g_ptr_array_remove_index_fast (self->order, entry->index);
  set_taken (self, full_name, FALSE);
  g_hash_table_remove (self->entries, full_name);
  return TRUE;
}

DiscoInstance *
disco_snapshot_get (DiscoSnapshot *self, const char *full_name)
{
  const Entry *entry = g_hash_table_lookup (self->entries, full_name);

  return entry != NULL ? entry->instance : NULL;
}

guint
disco_snapshot_get_size (DiscoSnapshot *self)
{
  return self->order->len;
}

GPtrArray *
disco_snapshot_list (DiscoSnapshot *self)
{
  GPtrArray *list = g_ptr_array_new_full (self->order->len, g_object_unref);

  for (guint i = 0; i < self->order->len; i++)
    {
      Entry *entry = g_ptr_array_index (self->order, i);

      g_ptr_array_add (list, g_object_ref (entry->shown));
    }
  return list;
}
