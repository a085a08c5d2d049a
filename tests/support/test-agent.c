/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-agent.h"

#include "disco-service-private.h"
#include "test-events.h"

struct _TestAgent
{
  GObject parent_instance;

  DiscoSourceTable *table; /* (owned) */
  GMutex mutex;
  GHashTable *sources; /* (owned) name → (not owned) DiscoSource; protected by mutex */
  int n_started;       /* atomic */
  int n_stopped;       /* atomic */
};

static void test_agent_agent_init (DiscoAgentInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TestAgent, test_agent, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (DISCO_TYPE_AGENT, test_agent_agent_init))

static void
on_start (gpointer owner, DiscoSource *source)
{
  TestAgent *self = owner;

  g_atomic_int_inc (&self->n_started);
  g_mutex_lock (&self->mutex);
  g_hash_table_insert (self->sources, (char *)disco_source_get_name (source), source);
  g_mutex_unlock (&self->mutex);
}

static void
on_stop (gpointer owner, DiscoSource *source)
{
  TestAgent *self = owner;

  g_mutex_lock (&self->mutex);
  if (g_hash_table_lookup (self->sources, disco_source_get_name (source)) == source)
    g_hash_table_remove (self->sources, disco_source_get_name (source));
  g_mutex_unlock (&self->mutex);
  g_atomic_int_inc (&self->n_stopped);
  disco_source_free (source);
}

static const DiscoSourceFuncs source_funcs = { on_start, on_stop };

static void
test_agent_finalize (GObject *object)
{
  TestAgent *self = TEST_AGENT (object);

  disco_source_table_free (self->table);
  g_hash_table_unref (self->sources);
  g_mutex_clear (&self->mutex);
  G_OBJECT_CLASS (test_agent_parent_class)->finalize (object);
}

static void
test_agent_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
test_agent_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
test_agent_class_init (TestAgentClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = test_agent_finalize;
  object_class->get_property = test_agent_get_property;
  object_class->set_property = test_agent_set_property;
  g_object_class_override_property (object_class, 1, "default-tags");
}

static void
test_agent_init (TestAgent *self)
{
  self->table = disco_source_table_new (&source_funcs, self);
  self->sources = g_hash_table_new (g_str_hash, g_str_equal);
  g_mutex_init (&self->mutex);
}

static DiscoService *
test_agent_open_service (DiscoAgent *agent, const char *name, const char *const *tags,
                         GError **error)
{
  g_autoptr (DiscoSource) source = NULL;

  if (g_str_equal (name, "bad name"))
    {
      g_set_error_literal (error, DISCO_ERROR, DISCO_ERROR_INVALID_ARGUMENT, "bad name");
      return NULL;
    }
  source = disco_source_table_open (TEST_AGENT (agent)->table, name, "_test._tcp", NULL, NULL);
  return disco_service_new (agent, source, tags);
}

static void
test_agent_agent_init (DiscoAgentInterface *iface)
{
  iface->open_service = test_agent_open_service;
}

TestAgent *
test_agent_new (void)
{
  return g_object_new (TEST_TYPE_AGENT, NULL);
}

DiscoSource *
test_agent_get_source (TestAgent *self, const char *name)
{
  DiscoSource *source;

  g_mutex_lock (&self->mutex);
  source = g_hash_table_lookup (self->sources, name);
  g_mutex_unlock (&self->mutex);
  assert_non_null (source);
  return source;
}

void
test_agent_push (TestAgent *self, const char *name, const char *text, gboolean synced)
{
  g_autoptr (GPtrArray) instances = test_instances_new (text);

  disco_source_set_snapshot (test_agent_get_source (self, name), instances, synced);
}

int
test_agent_get_n_started (TestAgent *self)
{
  return g_atomic_int_get (&self->n_started);
}

int
test_agent_get_n_stopped (TestAgent *self)
{
  return g_atomic_int_get (&self->n_stopped);
}
