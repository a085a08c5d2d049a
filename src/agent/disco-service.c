/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-service-private.h"

#include "disco-watcher-private.h"

/**
 * DiscoService:
 *
 * A name that zero or more instances offer.
 *
 * A service is what [method@Disco.Agent.service], [method@Disco.Agent.open_service] and
 * [method@Disco.Agent.services] give: a live view of the instances of one service name that have
 * all of the tags asked for. [method@Disco.Service.get_instances] is what is true now; a
 * [class@Disco.Watcher] tells of every change. A service that nobody offers is empty, which is no
 * error. It looks as long as it is referenced, and holds its agent; several services of one name
 * share one look at the network.
 *
 * ## Threads
 *
 * Every method may be called from any thread. Notify signals fire in the thread-default main
 * context in which the service was made.
 *
 * Since: 1.0
 */
struct _DiscoService
{
  GObject parent_instance;

  /* Constant */
  DiscoAgent *agent;      /* (owned): dropped after the source, whose producer it is */
  DiscoSource *source;    /* (owned) */
  char **tags;            /* (owned) */
  struct _Herald *herald; /* (owned by the source's waiter) (nullable) */
  guint waiter;           /* the source's waiter for "synced", or 0 */
};

/* Tells of "synced" in the service's context. It belongs to the source's waiter, since that may be
 * called at the moment in which the service is disposed of. */
typedef struct _Herald
{
  GWeakRef service;
  GMainContext *context; /* (owned) */
} Herald;

enum
{
  PROP_NAME = 1,
  PROP_TYPE,
  PROP_TAGS,
  PROP_SYNCED,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (DiscoService, disco_service, G_TYPE_OBJECT)
G_DEFINE_FLAGS_TYPE (DiscoWatchFlags, disco_watch_flags,
                     G_DEFINE_ENUM_VALUE (DISCO_WATCH_NONE, "none"),
                     G_DEFINE_ENUM_VALUE (DISCO_WATCH_IMMEDIATE, "immediate"))

static void
herald_free (Herald *self)
{
  g_weak_ref_clear (&self->service);
  g_main_context_unref (self->context);
  g_free (self);
}

static gboolean
on_synced_idle (gpointer data)
{
  Herald *herald = data;
  g_autoptr (DiscoService) self = g_weak_ref_get (&herald->service);

  if (self != NULL)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_SYNCED]);
  return G_SOURCE_REMOVE;
}

/* Any thread */
static void
on_synced (DiscoSource *source, const GError *error, gpointer user_data)
{
  Herald *herald = user_data;
  g_autoptr (GMainContext) context = g_main_context_ref (herald->context);
  g_autoptr (GSource) idle = g_idle_source_new ();

  g_source_set_static_name (idle, "[disco] service is synced");
  g_source_set_priority (idle, G_PRIORITY_DEFAULT);
  g_source_set_callback (idle, on_synced_idle, herald, (GDestroyNotify)herald_free);
  g_source_attach (idle, context);
}

static void
disco_service_dispose (GObject *object)
{
  DiscoService *self = DISCO_SERVICE (object);

  if (self->waiter != 0 && disco_source_remove_waiter (self->source, self->waiter))
    herald_free (self->herald);
  self->waiter = 0;
  G_OBJECT_CLASS (disco_service_parent_class)->dispose (object);
}

static void
disco_service_finalize (GObject *object)
{
  DiscoService *self = DISCO_SERVICE (object);

  g_clear_pointer (&self->source, disco_source_unref);
  g_clear_object (&self->agent);
  g_strfreev (self->tags);
  G_OBJECT_CLASS (disco_service_parent_class)->finalize (object);
}

static void
disco_service_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  DiscoService *self = DISCO_SERVICE (object);

  switch (id)
    {
    case PROP_NAME:
      g_value_set_string (value, disco_service_get_name (self));
      break;
    case PROP_TYPE:
      g_value_set_string (value, disco_service_get_service_type (self));
      break;
    case PROP_TAGS:
      g_value_set_boxed (value, self->tags);
      break;
    case PROP_SYNCED:
      g_value_set_boolean (value, disco_service_get_synced (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
disco_service_class_init (DiscoServiceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->dispose = disco_service_dispose;
  object_class->finalize = disco_service_finalize;
  object_class->get_property = disco_service_get_property;

  /**
   * DiscoService:name: (getter get_name)
   *
   * The canonical service name.
   *
   * Since: 1.0
   */
  props[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
  /**
   * DiscoService:type: (getter get_service_type)
   *
   * The DNS-SD service type that carries the service.
   *
   * Since: 1.0
   */
  props[PROP_TYPE] = g_param_spec_string ("type", NULL, NULL, NULL, flags);
  /**
   * DiscoService:tags: (getter get_tags)
   *
   * The tags that an instance must have, all of them, to be seen.
   *
   * Since: 1.0
   */
  props[PROP_TAGS] = g_param_spec_boxed ("tags", NULL, NULL, G_TYPE_STRV, flags);
  /**
   * DiscoService:synced: (getter get_synced)
   *
   * Whether the first full set of instances is known. Once %TRUE, it stays so.
   *
   * Since: 1.0
   */
  props[PROP_SYNCED] = g_param_spec_boolean ("synced", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
disco_service_init (DiscoService *self)
{
}

static char **
dup_unique (const char *const *tags)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; tags != NULL && tags[i] != NULL; i++)
    {
      guint j = 0;

      while (j < i && !g_str_equal (tags[j], tags[i]))
        j++;
      if (j == i)
        g_strv_builder_add (builder, tags[i]);
    }
  return g_strv_builder_end (builder);
}

DiscoService *
disco_service_new (DiscoAgent *agent, DiscoSource *source, const char *const *tags)
{
  DiscoService *self = g_object_new (DISCO_TYPE_SERVICE, NULL);

  self->agent = g_object_ref (agent);
  self->source = disco_source_ref (source);
  self->tags = dup_unique (tags);
  if (!disco_source_get_synced (source))
    {
      self->herald = g_new0 (Herald, 1);
      g_weak_ref_init (&self->herald->service, self);
      self->herald->context = g_main_context_ref_thread_default ();
      self->waiter = disco_source_add_patient_waiter (source, on_synced, self->herald);
    }
  return self;
}

DiscoSource *
disco_service_peek_source (DiscoService *self)
{
  return self->source;
}

DiscoServiceSeed *
disco_service_seed_new (DiscoAgent *agent, DiscoSource *source, const char *const *tags)
{
  DiscoServiceSeed *self = g_new (DiscoServiceSeed, 1);

  self->agent = g_object_ref (agent);
  self->source = source;
  self->tags = g_strdupv ((char **)tags);
  return self;
}

void
disco_service_seed_free (DiscoServiceSeed *self)
{
  disco_source_unref (self->source);
  g_object_unref (self->agent);
  g_strfreev (self->tags);
  g_free (self);
}

DiscoService *
disco_service_seed_grow (DiscoServiceSeed *self)
{
  return disco_service_new (self->agent, self->source, (const char *const *)self->tags);
}

GHashTable *
disco_service_seeds_grow (GHashTable *seeds)
{
  GHashTable *services = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  GHashTableIter iter;
  gpointer name, seed;

  g_hash_table_iter_init (&iter, seeds);
  while (g_hash_table_iter_next (&iter, &name, &seed))
    g_hash_table_insert (services, g_strdup (name), disco_service_seed_grow (seed));
  return services;
}

/**
 * disco_service_get_name: (get-property name)
 * @self: a service
 *
 * Gets the canonical name of the service: "http" for "_HTTP._tcp".
 *
 * Returns: (transfer none): the name
 *
 * Since: 1.0
 */
const char *
disco_service_get_name (DiscoService *self)
{
  g_return_val_if_fail (DISCO_IS_SERVICE (self), NULL);
  return disco_source_get_name (self->source);
}

/**
 * disco_service_get_service_type: (get-property type)
 * @self: a service
 *
 * Gets the DNS-SD service type that carries the service, such as "_http._tcp"; names that are no
 * service types of their own share "_disco._tcp".
 *
 * Returns: (transfer none): the service type
 *
 * Since: 1.0
 */
const char *
disco_service_get_service_type (DiscoService *self)
{
  g_return_val_if_fail (DISCO_IS_SERVICE (self), NULL);
  return disco_source_get_service_type (self->source);
}

/**
 * disco_service_get_tags: (get-property tags)
 * @self: a service
 *
 * Gets the tags that were asked for, each once.
 *
 * Returns: (transfer none) (array zero-terminated=1): the tags, none at all if every instance is
 *   seen
 *
 * Since: 1.0
 */
const char *const *
disco_service_get_tags (DiscoService *self)
{
  g_return_val_if_fail (DISCO_IS_SERVICE (self), NULL);
  return (const char *const *)self->tags;
}

/**
 * disco_service_get_synced: (get-property synced)
 * @self: a service
 *
 * Tells whether the first full set of instances is known: whether
 * [method@Disco.Service.get_instances] can be relied on for what is not there.
 *
 * Returns: %TRUE once it is known
 *
 * Since: 1.0
 */
gboolean
disco_service_get_synced (DiscoService *self)
{
  g_return_val_if_fail (DISCO_IS_SERVICE (self), FALSE);
  return disco_source_get_synced (self->source);
}

/**
 * disco_service_get_instances:
 * @self: a service
 *
 * Gets the instances that are there now and have all of the tags asked for.
 *
 * This is a snapshot in no particular order: the array is the caller's and does not change. It
 * takes time in proportion to its length, and never waits for the network.
 *
 * Returns: (transfer container) (element-type DiscoInstance): the instances
 *
 * Since: 1.0
 */
GPtrArray *
disco_service_get_instances (DiscoService *self)
{
  g_return_val_if_fail (DISCO_IS_SERVICE (self), NULL);
  return disco_source_get_instances (self->source, (const char *const *)self->tags);
}

/**
 * disco_service_watch:
 * @self: a service
 *
 * Makes a watcher that tells first of all instances that are there, then of every change.
 *
 * The same as [method@Disco.Service.watch_full] with %DISCO_WATCH_NONE.
 *
 * Returns: (transfer full): a new watcher
 *
 * Since: 1.0
 */
DiscoWatcher *
disco_service_watch (DiscoService *self)
{
  return disco_service_watch_full (self, DISCO_WATCH_NONE);
}

/**
 * disco_service_watch_full:
 * @self: a service
 * @flags: how the watcher begins
 *
 * Makes a watcher that tells of all instances that are there and of every change.
 *
 * A service may have any number of watchers, each with its own reader; they do not affect each
 * other. An idle one costs less than a kilobyte.
 *
 * Returns: (transfer full): a new watcher
 *
 * Since: 1.0
 */
DiscoWatcher *
disco_service_watch_full (DiscoService *self, DiscoWatchFlags flags)
{
  g_return_val_if_fail (DISCO_IS_SERVICE (self), NULL);
  return disco_watcher_new (self, flags);
}
