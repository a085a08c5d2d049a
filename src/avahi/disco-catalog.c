/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-call-private.h"
#include "disco-catalog-private.h"
#include "disco-name-private.h"

#include <disco/disco-error.h>
#include <disco/disco-instance.h>

/* Services that one call looks at; a flooder's further types are refused. */
#define MAX_SOURCES 1000
/* How long the call goes on once the types are known: where new ones keep coming, or the instances
 * of one keep changing, there is no time at which all is known. With the 2 s at most that types
 * take this ends within the 10 s that people wait, as disco(1) does. */
#define OVERDUE_US (7 * G_TIME_SPAN_SECOND)
/* Where more generic instances keep coming, the names of those that are known by then are looked
 * at, which takes a few seconds too. */
#define NAMES_DUE_US (4 * G_TIME_SPAN_SECOND)

typedef struct
{
  DiscoCatalog *catalog;
  DiscoSource *source; /* (owned): in use */
  guint waiter;        /* 0: it has its first full set */
} Item;

struct _DiscoCatalog
{
  DiscoEngine *engine;
  DiscoSourceTable *table;
  DiscoCall *call;          /* (owned) */
  DiscoLinkObject *browser; /* (owned) (nullable): of types */
  GHashTable *items;        /* (owned) canonical name → (owned) Item */
  guint n_waiting;
  gboolean all_types;
  gint64 types_at; /* when they were first known, over whichever link; 0: not yet */
  gboolean named;  /* NAMES_DUE_US are over */
  GSource *timer;  /* (owned): finishes from the loop, never from inside something of ours */
};

static void
item_free (gpointer data)
{
  Item *item = data;

  if (item->waiter != 0)
    disco_source_remove_waiter (item->source, item->waiter);
  disco_source_unref (item->source);
  g_free (item);
}

static void
on_cancelled (DiscoCall *call, gpointer user_data)
{
  DiscoCatalog *self = user_data;

  disco_engine_forget_catalog (self->engine, self);
}

void
disco_catalog_free (DiscoCatalog *self)
{
  disco_catalog_detach (self);
  disco_timer_free (self->timer);
  g_hash_table_unref (self->items);
  disco_call_free (self->call);
  g_free (self);
}

void
disco_catalog_found_free (gpointer data)
{
  DiscoCatalogFound *found = data;

  /* the sources before the agent that has them */
  g_ptr_array_unref (found->sources);
  g_object_unref (found->agent);
  g_free (found);
}

/* All that has a name of its own: generic services are listed by theirs, not as "disco". */
static DiscoCatalogFound *
list_found (DiscoCatalog *self)
{
  DiscoCatalogFound *found = g_new0 (DiscoCatalogFound, 1);
  GHashTableIter iter;
  gpointer value;

  found->agent = g_object_ref (disco_call_get_source_object (self->call));
  found->sources = g_ptr_array_new_with_free_func ((GDestroyNotify)disco_source_unref);
  g_hash_table_iter_init (&iter, self->items);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      DiscoSource *source = ((Item *)value)->source;
      DiscoServiceName *name = disco_source_get_data (source);
      if (!name->is_any_generic)
        g_ptr_array_add (found->sources, disco_source_ref (source));
    }
  return found;
}

static void
finish (DiscoCatalog *self)
{
  DiscoCatalogFound *found = list_found (self);

  /* When the call has returned the agent may go at any moment: no source is in use here by then. */
  g_hash_table_remove_all (self->items);
  disco_call_return_pointer (self->call, found, disco_catalog_found_free);
  disco_engine_forget_catalog (self->engine, self);
}

static void open_source (DiscoCatalog *self, const char *text);

static void
open_generic_names (DiscoCatalog *self, DiscoSource *source)
{
  g_autoptr (GPtrArray) instances = disco_source_get_instances (source, NULL);

  for (guint i = 0; i < instances->len; i++)
    open_source (self, disco_instance_get_name (instances->pdata[i]));
}

static void
on_synced (DiscoSource *source, const GError *error, gpointer user_data)
{
  Item *item = user_data;
  DiscoCatalog *self = item->catalog;
  DiscoServiceName *name = disco_source_get_data (source);

  item->waiter = 0;
  self->n_waiting--;
  if (error == NULL && name->is_any_generic)
    open_generic_names (self, source);
  disco_timer_advance (self->timer, 0);
}

/* Names that cannot be watched under the rules of the mapping are passed over. */
static void
open_source (DiscoCatalog *self, const char *text)
{
  g_autoptr (DiscoServiceName) name = disco_service_name_parse (text, NULL);
  Item *item;

  if (name == NULL || g_hash_table_contains (self->items, name->name))
    return;
  if (g_hash_table_size (self->items) >= MAX_SOURCES)
    {
      disco_engine_refuse (self->engine, DISCO_COUNT_REFUSED_SERVICES, name->name);
      return;
    }
  item = g_new0 (Item, 1);
  item->catalog = self;
  item->source
      = disco_source_table_open (self->table, name->name, name->type, disco_service_name_ref (name),
                                 (GDestroyNotify)disco_service_name_unref);
  g_hash_table_insert (self->items, (gpointer)disco_source_get_name (item->source), item);
  self->n_waiting++;
  /* a source that is known already is told at once, and on_synced() counts down */
  item->waiter = disco_source_add_waiter (item->source, on_synced, item);
}

/* Those whose instances are not all known yet */
static void
open_names_so_far (DiscoCatalog *self)
{
  /* opening adds items */
  g_autoptr (GList) items = g_hash_table_get_values (self->items);

  for (GList *i = items; i != NULL; i = i->next)
    {
      Item *item = i->data;
      DiscoServiceName *name = disco_source_get_data (item->source);
      if (name->is_any_generic && item->waiter != 0)
        open_generic_names (self, item->source);
    }
}

static gboolean
on_timer (gpointer user_data)
{
  DiscoCatalog *self = user_data;
  const gint64 now = g_get_monotonic_time ();

  /* Where the link went, the next one's types are waited for, until the agent gives up. */
  if (!self->all_types)
    return G_SOURCE_CONTINUE;
  if (self->n_waiting == 0 || now >= self->types_at + OVERDUE_US)
    {
      finish (self);
      return G_SOURCE_CONTINUE;
    }
  if (!self->named && now >= self->types_at + NAMES_DUE_US)
    {
      self->named = TRUE;
      open_names_so_far (self);
    }
  disco_timer_advance (self->timer, self->types_at + (self->named ? OVERDUE_US : NAMES_DUE_US));
  return G_SOURCE_CONTINUE;
}

static void
on_all_types (DiscoCatalog *self)
{
  self->all_types = TRUE;
  if (self->types_at == 0)
    self->types_at = g_get_monotonic_time ();
  disco_timer_advance (self->timer, 0);
}

static void
on_type (const DiscoBrowseEvent *event, gpointer user_data)
{
  DiscoCatalog *self = user_data;
  DiscoInterfaces *interfaces = disco_engine_get_interfaces (self->engine);

  switch (event->kind)
    {
    case DISCO_BROWSE_NEW:
      if (disco_interfaces_is_used (interfaces, event->ifindex))
        open_source (self, event->type);
      break;
    case DISCO_BROWSE_ALL_FOR_NOW:
      on_all_types (self);
      break;
    case DISCO_BROWSE_FAILURE:
      disco_catalog_fail (self, event->error);
      break;
    case DISCO_BROWSE_REMOVE:
    default:
      break;
    }
}

DiscoCatalog *
disco_catalog_new (DiscoEngine *engine, DiscoSourceTable *table, GTask *task)
{
  DiscoCatalog *self = g_new0 (DiscoCatalog, 1);

  self->engine = engine;
  self->table = table;
  self->call = disco_call_new (task, disco_engine_get_context (engine), on_cancelled, self);
  self->items = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, item_free);
  self->timer = disco_timer_new (disco_engine_get_context (engine), on_timer, self);
  disco_catalog_attach (self);
  return self;
}

void
disco_catalog_attach (DiscoCatalog *self)
{
  DiscoLink *link = disco_engine_get_link (self->engine);

  if (link != NULL && self->browser == NULL)
    self->browser = disco_link_browse_types (link, on_type, self);
}

void
disco_catalog_detach (DiscoCatalog *self)
{
  g_clear_pointer (&self->browser, disco_link_object_free);
  self->all_types = FALSE;
}

void
disco_catalog_fail (DiscoCatalog *self, const GError *error)
{
  g_hash_table_remove_all (self->items);
  disco_call_return_error (self->call, g_error_copy (error));
  disco_engine_forget_catalog (self->engine, self);
}
