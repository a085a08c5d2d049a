/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-context-private.h"

/* The agent set for one context. It lives as long as a source on that context, which never becomes
 * ready: the source is destroyed with the context, so that the table need not hold a reference to
 * know when to forget it. An address is used again for another context only after that. */
typedef struct
{
  GMainContext *context; /* (not owned) */
  GSource *source;       /* (not owned): owns this entry */
  DiscoAgent *agent;     /* (owned); protected by table_mutex */
} Entry;

static GMutex table_mutex;
static GHashTable *table;    /* (owned) (nullable) context → (not owned) Entry; by table_mutex */
static DiscoAgent *fallback; /* (owned) (nullable), for the rest of the process's life */

static Entry *
find_entry_locked (GMainContext *context)
{
  return table != NULL ? g_hash_table_lookup (table, context) : NULL;
}

/* The entry's source is being destroyed: another agent may have an entry for the context by now. */
static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_mutex_lock (&table_mutex);
  if (find_entry_locked (entry->context) == entry)
    g_hash_table_remove (table, entry->context);
  g_mutex_unlock (&table_mutex);
  g_object_unref (entry->agent);
  g_free (entry);
}

static gboolean
never (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs anchor_funcs = { NULL };

/* (transfer full): the source, not attached yet */
static GSource *
add_entry_locked (GMainContext *context, DiscoAgent *agent)
{
  GSource *anchor = g_source_new (&anchor_funcs, sizeof (GSource));
  Entry *entry = g_new (Entry, 1);

  *entry = (Entry){ context, anchor, g_object_ref (agent) };
  g_source_set_static_name (anchor, "[disco] agent of this context");
  g_source_set_callback (anchor, never, entry, entry_free);
  if (table == NULL)
    table = g_hash_table_new (NULL, NULL);
  g_hash_table_insert (table, context, entry);
  return anchor;
}

static DiscoAgent *
get_fallback (void)
{
  static gsize once;

  if (g_once_init_enter (&once))
    {
      fallback = disco_context_new_fallback_agent ();
      g_once_init_leave (&once, 1);
    }
  return fallback;
}

/**
 * disco_agent_for_context:
 * @context: (nullable): a #GMainContext, or %NULL for the thread-default one
 *
 * Gets the agent to use in @context: the one that [func@Disco.Agent.set_for_context] set for it, or
 * else the process's one [class@Disco.LocalAgent], whose services nobody outside of the process
 * sees.
 *
 * So a library can announce and discover without being handed an agent, and the program decides
 * once whether that reaches the network. The agent is valid until another one is set for @context
 * or @context goes away; take a reference to keep it longer. Any thread may ask.
 *
 * Returns: (transfer none): the agent of @context
 *
 * Since: 1.0
 */
DiscoAgent *
disco_agent_for_context (GMainContext *context)
{
  g_autoptr (GMainContext) current = NULL;
  DiscoAgent *agent = NULL;
  Entry *entry;

  if (context == NULL)
    context = current = g_main_context_ref_thread_default ();
  g_mutex_lock (&table_mutex);
  entry = find_entry_locked (context);
  if (entry != NULL)
    agent = entry->agent;
  g_mutex_unlock (&table_mutex);
  return agent != NULL ? agent : get_fallback ();
}

/**
 * disco_agent_set_for_context:
 * @context: (nullable): a #GMainContext, or %NULL for the thread-default one
 * @agent: (nullable): the agent to use there, or %NULL for none
 *
 * Sets the agent that [func@Disco.Agent.for_context] gives for @context.
 *
 * A reference to @agent is held until another one is set or @context goes away; @context itself is
 * not held. With %NULL, @context falls back to the process's local agent again.
 *
 * Since: 1.0
 */
void
disco_agent_set_for_context (GMainContext *context, DiscoAgent *agent)
{
  g_autoptr (GMainContext) current = NULL;
  g_autoptr (DiscoAgent) old = NULL;
  g_autoptr (GSource) added = NULL;
  g_autoptr (GSource) doomed = NULL;
  Entry *entry;

  g_return_if_fail (agent == NULL || DISCO_IS_AGENT (agent));

  if (context == NULL)
    context = current = g_main_context_ref_thread_default ();
  g_mutex_lock (&table_mutex);
  entry = find_entry_locked (context);
  if (entry == NULL && agent != NULL)
    added = add_entry_locked (context, agent);
  else if (entry != NULL && agent != NULL)
    {
      old = entry->agent;
      entry->agent = g_object_ref (agent);
    }
  else if (entry != NULL)
    {
      g_hash_table_remove (table, context);
      doomed = g_source_ref (entry->source);
    }
  if (added != NULL)
    g_source_attach (added, context);
  g_mutex_unlock (&table_mutex);
  if (doomed != NULL)
    g_source_destroy (doomed);
}
