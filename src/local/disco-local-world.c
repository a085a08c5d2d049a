/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-local-offer-private.h"
#include "disco-local-world-private.h"

#include "disco-instance-private.h"
#include "disco-label-private.h"
#include "disco-snapshot-private.h"

#include <disco/disco-error.h>

/* What one browse type finds, and the sources that browse it. Several names may share one: names
 * are told apart by case, browse types are not. */
typedef struct
{
  GHashTable *offers; /* (owned) set of (not owned) DiscoLocalOffer */
  GPtrArray *sources; /* (owned) (element (not owned) DiscoSource) */
} Zone;

/* What the world keeps with a source */
typedef struct
{
  DiscoServiceName *service; /* (owned) */
  DiscoSnapshot *snapshot;   /* (owned) */
  GPtrArray *pushed;         /* (owned) (nullable): what the source has */
  gboolean changed;          /* since it was pushed */
} View;

struct _DiscoLocalWorld
{
  DiscoSourceTable *table; /* (owned) */

  /* Sources are pushed to with it held, so that each gets its snapshots in their order; that wakes
   * contexts, and calls nobody. */
  GMutex mutex;
  /* All protected by mutex */
  GHashTable *offers; /* (owned) id → (owned) DiscoLocalOffer */
  GHashTable *names;  /* (owned) DiscoLocalOffer.name_key → (not owned) DiscoLocalOffer */
  GHashTable *zones;  /* (owned) (owned) browse type → (owned) Zone */
};

/* One change of the world: the sources to push to before the lock is let go of, and what to free
 * after that. */
typedef struct
{
  GPtrArray *sources; /* (owned) (element (not owned) DiscoSource) */
  GPtrArray *offers;  /* (owned) (element DiscoLocalOffer) */
  GPtrArray *lists;   /* (owned) (element GPtrArray) */
} Change;

static void
zone_free (Zone *self)
{
  g_hash_table_unref (self->offers);
  g_ptr_array_unref (self->sources);
  g_free (self);
}

static void
view_free (View *self)
{
  disco_service_name_unref (self->service);
  disco_snapshot_free (self->snapshot);
  g_clear_pointer (&self->pushed, g_ptr_array_unref);
  g_free (self);
}

static void
change_clear (Change *self)
{
  g_clear_pointer (&self->sources, g_ptr_array_unref);
  g_clear_pointer (&self->offers, g_ptr_array_unref);
  g_clear_pointer (&self->lists, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Change, change_clear)

static void
begin (DiscoLocalWorld *self, Change *change)
{
  change->sources = g_ptr_array_new ();
  change->offers = g_ptr_array_new_with_free_func ((GDestroyNotify)disco_local_offer_free);
  change->lists = g_ptr_array_new_with_free_func ((GDestroyNotify)g_ptr_array_unref);
  g_mutex_lock (&self->mutex);
}

static void
push_locked (DiscoSource *source, Change *change)
{
  View *view = disco_source_get_data (source);
  GPtrArray *list = disco_snapshot_list (view->snapshot);

  disco_source_set_snapshot (source, list, TRUE);
  if (view->pushed != NULL)
    g_ptr_array_add (change->lists, view->pushed);
  view->pushed = list;
  view->changed = FALSE;
}

static void
commit (DiscoLocalWorld *self, Change *change)
{
  for (guint i = 0; i < change->sources->len; i++)
    push_locked (change->sources->pdata[i], change);
  g_mutex_unlock (&self->mutex);
}

static void
mark_changed_locked (DiscoSource *source, Change *change)
{
  View *view = disco_source_get_data (source);

  if (!view->changed)
    g_ptr_array_add (change->sources, source);
  view->changed = TRUE;
}

static Zone *
ensure_zone_locked (DiscoLocalWorld *self, const char *browse_type)
{
  Zone *zone = g_hash_table_lookup (self->zones, browse_type);

  if (zone == NULL)
    {
      zone = g_new (Zone, 1);
      zone->offers = g_hash_table_new (NULL, NULL);
      zone->sources = g_ptr_array_new ();
      g_hash_table_insert (self->zones, g_strdup (browse_type), zone);
    }
  return zone;
}

static void
forget_empty_zone_locked (DiscoLocalWorld *self, const char *browse_type)
{
  Zone *zone = g_hash_table_lookup (self->zones, browse_type);

  if (g_hash_table_size (zone->offers) == 0 && zone->sources->len == 0)
    g_hash_table_remove (self->zones, browse_type);
}

static void
put_locked (DiscoSource *source, const DiscoLocalOffer *offer, Change *change)
{
  View *view = disco_source_get_data (source);
  g_autoptr (DiscoInstance) instance = disco_local_offer_show (offer, view->service);

  if (instance == NULL)
    return;
  disco_snapshot_put (view->snapshot, offer->full_name, instance);
  mark_changed_locked (source, change);
}

static void
publish_locked (DiscoLocalWorld *self, DiscoLocalOffer *offer, Change *change)
{
  for (char **type = offer->browse_types; *type != NULL; type++)
    {
      Zone *zone = ensure_zone_locked (self, *type);

      g_hash_table_add (zone->offers, offer);
      for (guint i = 0; i < zone->sources->len; i++)
        put_locked (zone->sources->pdata[i], offer, change);
    }
}

/* Takes @offer from what finds it, but from the sources only where @replacement is not found. */
static void
withdraw_locked (DiscoLocalWorld *self, DiscoLocalOffer *offer, const DiscoLocalOffer *replacement,
                 Change *change)
{
  for (char **type = offer->browse_types; *type != NULL; type++)
    {
      Zone *zone = g_hash_table_lookup (self->zones, *type);
      const gboolean stays
          = replacement != NULL
            && g_strv_contains ((const char *const *)replacement->browse_types, *type);

      g_hash_table_remove (zone->offers, offer);
      for (guint i = 0; !stays && i < zone->sources->len; i++)
        {
          View *view = disco_source_get_data (zone->sources->pdata[i]);
          if (disco_snapshot_remove (view->snapshot, offer->full_name))
            mark_changed_locked (zone->sources->pdata[i], change);
        }
      forget_empty_zone_locked (self, *type);
    }
}

static void
insert_locked (DiscoLocalWorld *self, DiscoLocalOffer *offer)
{
  g_hash_table_insert (self->offers, offer->records->id, offer);
  g_hash_table_insert (self->names, offer->name_key, offer);
}

/* (transfer full) */
static DiscoLocalOffer *
steal_locked (DiscoLocalWorld *self, DiscoLocalOffer *offer)
{
  g_hash_table_remove (self->names, offer->name_key);
  g_hash_table_steal (self->offers, offer->records->id);
  return offer;
}

/* Renames until no other one of the type has the label (RFC 6762 §9). */
static void
choose_label_locked (DiscoLocalWorld *self, DiscoRecordSet *records)
{
  for (;;)
    {
      g_autofree char *key = disco_local_make_name_key (records);
      char *label;

      if (!g_hash_table_contains (self->names, key))
        return;
      label = disco_label_next (records->label, records->service->type, records->domain);
      g_free (records->label);
      records->label = label;
    }
}

gboolean
disco_local_world_add (DiscoLocalWorld *self, DiscoRecordSet *records, char **label, GError **error)
{
  g_autoptr (DiscoRecordSet) own = records;
  g_auto (Change) change = { NULL };
  gboolean is_new;

  begin (self, &change);
  is_new = !g_hash_table_contains (self->offers, records->id);
  if (is_new)
    {
      DiscoLocalOffer *offer;

      choose_label_locked (self, records);
      *label = g_strdup (records->label);
      offer = disco_local_offer_new (g_steal_pointer (&own));
      insert_locked (self, offer);
      publish_locked (self, offer, &change);
    }
  commit (self, &change);
  if (!is_new)
    {
      g_autofree char *quoted = disco_quote (records->id);
      g_set_error (error, DISCO_ERROR, DISCO_ERROR_EXISTS,
                   "The agent has a registration with the id %s already", quoted);
    }
  return is_new;
}

/* @records: (transfer full) */
static void
replace_locked (DiscoLocalWorld *self, DiscoLocalOffer *old, DiscoRecordSet *records,
                Change *change)
{
  DiscoLocalOffer *offer;

  disco_record_set_inherit (records, old->records);
  offer = disco_local_offer_new (records);
  if (disco_instance_equal (offer->instance, old->instance))
    {
      g_ptr_array_add (change->offers, offer);
      return;
    }
  g_ptr_array_add (change->offers, steal_locked (self, old));
  insert_locked (self, offer);
  publish_locked (self, offer, change);
  withdraw_locked (self, old, offer, change);
}

gboolean
disco_local_world_replace (DiscoLocalWorld *self, DiscoRecordSet *records, GError **error)
{
  g_autoptr (DiscoRecordSet) own = records;
  g_auto (Change) change = { NULL };
  gboolean ok = FALSE;
  DiscoLocalOffer *old;

  begin (self, &change);
  old = g_hash_table_lookup (self->offers, records->id);
  if (old != NULL)
    ok = disco_record_set_check_update (old->records, records, error);
  if (ok)
    replace_locked (self, old, g_steal_pointer (&own), &change);
  commit (self, &change);
  if (old == NULL)
    {
      g_autofree char *quoted = disco_quote (records->id);
      g_set_error (error, DISCO_ERROR, DISCO_ERROR_NOT_FOUND,
                   "The agent has no registration with the id %s", quoted);
    }
  return ok;
}

static void
remove_locked (DiscoLocalWorld *self, DiscoLocalOffer *offer, Change *change)
{
  g_ptr_array_add (change->offers, steal_locked (self, offer));
  withdraw_locked (self, offer, NULL, change);
}

void
disco_local_world_remove (DiscoLocalWorld *self, const char *id)
{
  g_auto (Change) change = { NULL };
  DiscoLocalOffer *offer;

  begin (self, &change);
  offer = g_hash_table_lookup (self->offers, id);
  if (offer != NULL)
    remove_locked (self, offer, &change);
  commit (self, &change);
}

void
disco_local_world_remove_all (DiscoLocalWorld *self)
{
  GHashTableIter iter;
  gpointer offer;
  g_auto (Change) change = { NULL };

  begin (self, &change);
  g_hash_table_iter_init (&iter, self->offers);
  while (g_hash_table_iter_next (&iter, NULL, &offer))
    {
      withdraw_locked (self, offer, NULL, &change);
      g_ptr_array_add (change.offers, offer);
      g_hash_table_iter_steal (&iter);
    }
  g_hash_table_remove_all (self->names);
  commit (self, &change);
}

static char *
make_zone_key (DiscoSource *source)
{
  View *view = disco_source_get_data (source);
  return g_ascii_strdown (view->service->browse_type, -1);
}

static void
on_start (gpointer owner, DiscoSource *source)
{
  DiscoLocalWorld *self = owner;
  g_autofree char *key = make_zone_key (source);
  g_auto (Change) change = { NULL };
  GHashTableIter iter;
  gpointer offer;
  Zone *zone;

  begin (self, &change);
  zone = ensure_zone_locked (self, key);
  g_ptr_array_add (zone->sources, source);
  g_hash_table_iter_init (&iter, zone->offers);
  while (g_hash_table_iter_next (&iter, &offer, NULL))
    put_locked (source, offer, &change);
  mark_changed_locked (source, &change);
  commit (self, &change);
}

static void
on_stop (gpointer owner, DiscoSource *source)
{
  DiscoLocalWorld *self = owner;
  g_autofree char *key = make_zone_key (source);
  Zone *zone;

  g_mutex_lock (&self->mutex);
  zone = g_hash_table_lookup (self->zones, key);
  g_ptr_array_remove_fast (zone->sources, source);
  forget_empty_zone_locked (self, key);
  g_mutex_unlock (&self->mutex);
  disco_source_free (source);
}

static const DiscoSourceFuncs source_funcs = { on_start, on_stop };

DiscoLocalWorld *
disco_local_world_new (void)
{
  DiscoLocalWorld *self = g_new0 (DiscoLocalWorld, 1);

  self->table = disco_source_table_new (&source_funcs, self);
  self->offers = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                        (GDestroyNotify)disco_local_offer_free);
  self->names = g_hash_table_new (g_str_hash, g_str_equal);
  self->zones = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)zone_free);
  g_mutex_init (&self->mutex);
  return self;
}

void
disco_local_world_free (DiscoLocalWorld *self)
{
  disco_source_table_free (self->table);
  g_hash_table_unref (self->zones);
  g_hash_table_unref (self->names);
  g_hash_table_unref (self->offers);
  g_mutex_clear (&self->mutex);
  g_free (self);
}

DiscoSource *
disco_local_world_open (DiscoLocalWorld *self, DiscoServiceName *service)
{
  View *view = g_new0 (View, 1);

  view->service = disco_service_name_ref (service);
  view->snapshot = disco_snapshot_new ();
  return disco_source_table_open (self->table, service->name, service->type, view,
                                  (GDestroyNotify)view_free);
}

GHashTable *
disco_local_world_dup_services (DiscoLocalWorld *self, const char *const *tags)
{
  GHashTable *services = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                                (GDestroyNotify)disco_service_name_unref);
  GHashTableIter iter;
  gpointer value;

  g_mutex_lock (&self->mutex);
  g_hash_table_iter_init (&iter, self->offers);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const DiscoLocalOffer *offer = value;
      DiscoServiceName *service = offer->records->service;

      if (disco_instance_has_tags (offer->instance, tags))
        g_hash_table_replace (services, service->name, disco_service_name_ref (service));
    }
  g_mutex_unlock (&self->mutex);
  return services;
}

gboolean
disco_local_world_has (DiscoLocalWorld *self, const char *label, const char *type)
{
  g_autofree char *full_name = disco_full_name_join (label, type, DISCO_DOMAIN);
  g_autofree char *key = g_ascii_strdown (full_name, -1);
  gboolean has;

  g_mutex_lock (&self->mutex);
  has = g_hash_table_contains (self->names, key);
  g_mutex_unlock (&self->mutex);
  return has;
}
