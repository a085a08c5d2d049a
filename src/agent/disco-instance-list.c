/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-watcher-private.h"

#include <disco/disco-event.h>
#include <disco/disco-instance-list.h>

#define WATCHERS_LIST "disco-instance-list"

/**
 * DiscoInstanceList:
 *
 * The instances of a service as a live list model, for the lists of GTK 4.
 *
 * Each row is a [class@Disco.Instance]. The rows are in the order in which the instances came; a
 * new one comes last. To sort, filter and select them put GTK's own models around the list, such as
 * `GtkSortListModel` and `GtkFilterListModel`, and bind widgets to the properties of the instances.
 * Which tags an instance must have is said when the service is opened.
 *
 * What is known when the list is made is in it from the start. What happens from then on arrives in
 * batches, each with one [signal@Gio.ListModel::items-changed]: all that changed since the last one
 * is in the rows by then. Its range goes from the first row that changed to the last one, and rows
 * outside of it are the same objects as before. An instance that changed is another object in the
 * same place, since instances are immutable: compare [property@Disco.Instance:id] to know it again.
 *
 * The list watches as long as it is referenced, and holds its service.
 *
 * ## Threads
 *
 * A list belongs to the thread-default main context in which it was made: it changes and emits its
 * signals there, and is to be used there only. The last reference may be dropped in any thread. The
 * service may be of another context.
 *
 * Since: 1.0
 */
struct _DiscoInstanceList
{
  GObject parent_instance;

  DiscoService *service; /* (owned) (nullable): NULL only where g_object_new() was given none */
  DiscoWatcher *watcher; /* (owned) (nullable): NULL once disposed */
  GSequence *rows;       /* (owned) (element (owned) DiscoInstance) */
  GHashTable *iters;     /* (owned) id, of the instance in the row → GSequenceIter of the row */
  gboolean synced;
};

/* The rows that a batch leaves alone: so many first ones, and so many last ones. They are the same
 * rows in the old list, in the new one, and in each one on the way from the one to the other. */
typedef struct
{
  guint head;
  guint tail;
} Untouched;

enum
{
  PROP_SERVICE = 1,
  PROP_SYNCED,
  PROP_ITEM_TYPE,
  PROP_N_ITEMS,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

static void disco_instance_list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (DiscoInstanceList, disco_instance_list, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL,
                                                      disco_instance_list_model_init))

static guint
get_n_rows (DiscoInstanceList *self)
{
  return (guint)g_sequence_get_length (self->rows);
}

static void
touch (Untouched *untouched, guint position, guint n_rows)
{
  untouched->head = MIN (untouched->head, position);
  untouched->tail = MIN (untouched->tail, n_rows - 1 - position);
}

static void
add_row (DiscoInstanceList *self, DiscoInstance *instance)
{
  GSequenceIter *iter = g_sequence_append (self->rows, g_object_ref (instance));

  g_hash_table_insert (self->iters, (char *)disco_instance_get_id (instance), iter);
}

static void
replay (DiscoInstanceList *self, DiscoEvent *event, Untouched *untouched)
{
  DiscoInstance *instance = disco_event_get_instance (event);
  const char *id = disco_instance_get_id (instance);
  GSequenceIter *iter = g_hash_table_lookup (self->iters, id);

  if (iter == NULL)
    {
      add_row (self, instance);
      touch (untouched, get_n_rows (self) - 1, get_n_rows (self));
      return;
    }
  touch (untouched, (guint)g_sequence_iter_get_position (iter), get_n_rows (self));
  if (disco_event_get_operation (event) == DISCO_OPERATION_REMOVE)
    {
      g_hash_table_remove (self->iters, id);
      g_sequence_remove (iter);
      return;
    }
  /* The key is the old instance's, which goes with its row. */
  g_hash_table_replace (self->iters, (char *)id, iter);
  g_sequence_set (iter, g_object_ref (instance));
}

static void
take_batch (DiscoInstanceList *self, GPtrArray *events)
{
  const guint n_before = get_n_rows (self);
  const gboolean was_synced = self->synced;
  Untouched untouched = { n_before, n_before };
  guint n_kept, n_now;

  for (guint i = 0; i < events->len; i++)
    replay (self, events->pdata[i], &untouched);
  self->synced = disco_watcher_is_complete (self->watcher);

  n_now = get_n_rows (self);
  n_kept = untouched.head + untouched.tail;
  if (events->len > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), untouched.head, n_before - n_kept,
                                n_now - n_kept);
  if (n_now != n_before)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_N_ITEMS]);
  if (self->synced != was_synced)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_SYNCED]);
}

static void
weak_ref_free (gpointer data)
{
  g_weak_ref_clear (data);
  g_free (data);
}

/* The list does not wait for its watcher: it may go while the call is under way. The weak reference
 * to it is the watcher's, which the call holds. */
static void
on_next (GObject *object, GAsyncResult *result, gpointer user_data)
{
  DiscoWatcher *watcher = DISCO_WATCHER (object);
  GWeakRef *list = g_object_get_data (object, WATCHERS_LIST);
  g_autoptr (DiscoInstanceList) self = g_weak_ref_get (list);
  g_autoptr (GPtrArray) events = disco_watcher_next_finish (watcher, result, NULL);

  /* An error is that the watcher was closed, by us. */
  if (self == NULL || self->watcher == NULL || events == NULL)
    return;
  take_batch (self, events);
  /* Not before, so that a handler that iterates the context does not meet the next batch. */
  disco_watcher_next_async (watcher, NULL, on_next, NULL);
}

static void
disco_instance_list_constructed (GObject *object)
{
  DiscoInstanceList *self = DISCO_INSTANCE_LIST (object);
  g_autoptr (GPtrArray) events = NULL;
  GWeakRef *list;

  G_OBJECT_CLASS (disco_instance_list_parent_class)->constructed (object);
  if (self->service == NULL)
    return;
  self->watcher = disco_watcher_new_for_display (self->service);
  list = g_new (GWeakRef, 1);
  g_weak_ref_init (list, self);
  g_object_set_data_full (G_OBJECT (self->watcher), WATCHERS_LIST, list, weak_ref_free);
  events = disco_watcher_take (self->watcher);
  if (events != NULL)
    take_batch (self, events);
  disco_watcher_next_async (self->watcher, NULL, on_next, NULL);
}

static void
disco_instance_list_dispose (GObject *object)
{
  DiscoInstanceList *self = DISCO_INSTANCE_LIST (object);

  if (self->watcher != NULL)
    disco_watcher_close (self->watcher);
  g_clear_object (&self->watcher);
  G_OBJECT_CLASS (disco_instance_list_parent_class)->dispose (object);
}

static void
disco_instance_list_finalize (GObject *object)
{
  DiscoInstanceList *self = DISCO_INSTANCE_LIST (object);

  g_hash_table_unref (self->iters);
  g_sequence_free (self->rows);
  g_clear_object (&self->service);
  G_OBJECT_CLASS (disco_instance_list_parent_class)->finalize (object);
}

static void
disco_instance_list_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  DiscoInstanceList *self = DISCO_INSTANCE_LIST (object);

  switch (id)
    {
    case PROP_SERVICE:
      g_value_set_object (value, self->service);
      break;
    case PROP_SYNCED:
      g_value_set_boolean (value, self->synced);
      break;
    case PROP_ITEM_TYPE:
      g_value_set_gtype (value, DISCO_TYPE_INSTANCE);
      break;
    case PROP_N_ITEMS:
      g_value_set_uint (value, get_n_rows (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
disco_instance_list_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  DiscoInstanceList *self = DISCO_INSTANCE_LIST (object);

  switch (id)
    {
    case PROP_SERVICE:
      self->service = g_value_dup_object (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
disco_instance_list_class_init (DiscoInstanceListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags given = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;
  const GParamFlags told = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->constructed = disco_instance_list_constructed;
  object_class->dispose = disco_instance_list_dispose;
  object_class->finalize = disco_instance_list_finalize;
  object_class->get_property = disco_instance_list_get_property;
  object_class->set_property = disco_instance_list_set_property;

  /**
   * DiscoInstanceList:service: (getter get_service)
   *
   * The service whose instances are the rows.
   *
   * Since: 1.0
   */
  props[PROP_SERVICE] = g_param_spec_object ("service", NULL, NULL, DISCO_TYPE_SERVICE, given);
  /**
   * DiscoInstanceList:synced: (getter get_synced)
   *
   * Whether the first full set of instances is in the rows. Once %TRUE, it stays so.
   *
   * Since: 1.0
   */
  props[PROP_SYNCED] = g_param_spec_boolean ("synced", NULL, NULL, FALSE, told);
  /**
   * DiscoInstanceList:item-type:
   *
   * The type of the rows, [class@Disco.Instance]; see [method@Gio.ListModel.get_item_type].
   *
   * Since: 1.0
   */
  props[PROP_ITEM_TYPE] = g_param_spec_gtype ("item-type", NULL, NULL, G_TYPE_OBJECT, told);
  /**
   * DiscoInstanceList:n-items:
   *
   * How many rows there are; see [method@Gio.ListModel.get_n_items].
   *
   * Since: 1.0
   */
  props[PROP_N_ITEMS] = g_param_spec_uint ("n-items", NULL, NULL, 0, G_MAXUINT, 0, told);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
disco_instance_list_init (DiscoInstanceList *self)
{
  self->rows = g_sequence_new (g_object_unref);
  self->iters = g_hash_table_new (g_str_hash, g_str_equal);
}

static GType
disco_instance_list_get_item_type (GListModel *model)
{
  return DISCO_TYPE_INSTANCE;
}

static guint
disco_instance_list_get_n_items (GListModel *model)
{
  return get_n_rows (DISCO_INSTANCE_LIST (model));
}

static gpointer
disco_instance_list_get_item (GListModel *model, guint position)
{
  DiscoInstanceList *self = DISCO_INSTANCE_LIST (model);

  if (position >= get_n_rows (self))
    return NULL;
  return g_object_ref (g_sequence_get (g_sequence_get_iter_at_pos (self->rows, (int)position)));
}

static void
disco_instance_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = disco_instance_list_get_item_type;
  iface->get_n_items = disco_instance_list_get_n_items;
  iface->get_item = disco_instance_list_get_item;
}

/**
 * disco_instance_list_new:
 * @service: a service
 *
 * Makes a list of the instances of a service, which follows every change.
 *
 * What is known already is in the list when this returns. The list belongs to the thread-default
 * main context of the caller.
 *
 * Returns: (transfer full): a new list
 *
 * Since: 1.0
 */
DiscoInstanceList *
disco_instance_list_new (DiscoService *service)
{
  g_return_val_if_fail (DISCO_IS_SERVICE (service), NULL);

  return g_object_new (DISCO_TYPE_INSTANCE_LIST, "service", service, NULL);
}

/**
 * disco_instance_list_get_service: (get-property service)
 * @self: a list
 *
 * Gets the service whose instances are the rows.
 *
 * Returns: (transfer none) (nullable): the service; %NULL only for a list that was constructed
 *   without one, which stays empty
 *
 * Since: 1.0
 */
DiscoService *
disco_instance_list_get_service (DiscoInstanceList *self)
{
  g_return_val_if_fail (DISCO_IS_INSTANCE_LIST (self), NULL);
  return self->service;
}

/**
 * disco_instance_list_get_synced: (get-property synced)
 * @self: a list
 *
 * Tells whether the first full set of instances is in the rows: whether an empty list means that
 * there is nobody, and no longer that nobody has been found yet.
 *
 * This may be a moment later than [property@Disco.Service:synced], which does not wait for the
 * list's main context.
 *
 * Returns: %TRUE once it is
 *
 * Since: 1.0
 */
gboolean
disco_instance_list_get_synced (DiscoInstanceList *self)
{
  g_return_val_if_fail (DISCO_IS_INSTANCE_LIST (self), FALSE);
  return self->synced;
}
