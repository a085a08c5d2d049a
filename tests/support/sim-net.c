/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim-net-private.h"

#include "test-support.h"

#include <string.h>

/* --- telling --- */

static void
fact_clear (SimFact *fact)
{
  g_free (fact->label);
  g_free (fact->type);
  g_free (fact->name);
  g_clear_pointer (&fact->rdata, g_bytes_unref);
}

static void
fact_free (gpointer data)
{
  fact_clear (data);
  g_free (data);
}

static void
event_free (SimEvent *event)
{
  sim_object_unref (event->object);
  fact_clear (&event->fact);
  g_free (event->hostname);
  g_clear_pointer (&event->txt, g_bytes_unref);
  g_clear_error (&event->error);
  g_free (event);
}

SimEvent *
sim_net_push_event (SimNet *self, SimObject *object)
{
  SimEvent *event = g_new0 (SimEvent, 1);

  object->ref_count++;
  event->object = object;
  g_queue_push_tail (&self->events, event);
  sim_net_schedule (self);
  return event;
}

/* The earlier of two times, either of which may be -1: never */
static gint64
earlier (gint64 a, gint64 b)
{
  if (a == -1 || b == -1)
    return MAX (a, b);
  return MIN (a, b);
}

void
sim_net_schedule (SimNet *self)
{
  gint64 at = -1;

  if (self->events.length > 0)
    at = self->tell_at;
  for (GList *i = self->live[SIM_RESOLVE].head; at != 0 && i != NULL; i = i->next)
    {
      SimObject *question = i->data;
      if (!question->answered && !question->silent)
        at = earlier (at, question->asked_at + self->timeout_us);
    }
  if (at != 0)
    at = earlier (at, sim_net_next_decision (self));
  g_source_set_ready_time (self->source, self->stopped ? -1 : at);
}

/* With shuffle: the oldest event of an object drawn at random */
static SimEvent *
pop_event (SimNet *self)
{
  GList *found = self->events.head;
  SimEvent *event;

  if (found != NULL && self->shuffle)
    {
      SimObject *object
          = ((SimEvent *)g_queue_peek_nth (
                 &self->events,
                 (guint)g_rand_int_range (self->rand, 0, (gint32)self->events.length)))
                ->object;
      while (((SimEvent *)found->data)->object != object)
        found = found->next;
    }
  if (found == NULL)
    return NULL;
  event = found->data;
  g_queue_delete_link (&self->events, found);
  return event;
}

static gboolean
on_source (gpointer user_data)
{
  SimNet *self = user_data;
  gint64 now = g_get_monotonic_time ();
  SimEvent *event;

  g_source_set_ready_time (self->source, -1);
  if (self->stopped)
    return G_SOURCE_CONTINUE;
  sim_net_expire (self, now);
  if (self->probe_us > 0)
    sim_net_decide (self);
  event = now >= self->tell_at ? pop_event (self) : NULL;
  if (event != NULL && self->pace_us > 0)
    self->tell_at = now + g_rand_int_range (self->rand, 0, (gint32)self->pace_us);
  sim_net_schedule (self);
  if (event == NULL)
    return G_SOURCE_CONTINUE;
  if (!event->object->silent)
    sim_object_tell (event->object, event);
  event_free (event);
  return G_SOURCE_CONTINUE;
}

static gboolean
source_dispatch (GSource *source, GSourceFunc func, gpointer user_data)
{
  return func (user_data);
}

static GSourceFuncs source_funcs = { .dispatch = source_dispatch };

SimNet *
sim_net_new (GMainContext *context, guint32 seed)
{
  SimNet *self = g_new0 (SimNet, 1);

  self->context = g_main_context_ref (context);
  self->rand = g_rand_new_with_seed (seed);
  self->source = g_source_new (&source_funcs, sizeof (GSource));
  g_source_set_callback (self->source, on_source, self, NULL);
  g_source_attach (self->source, context);
  self->pairs = g_array_new (FALSE, FALSE, sizeof (SimPair));
  self->facts
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
  self->taken = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->log = g_string_new (NULL);
  self->ears = g_ptr_array_new ();
  self->mute = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->timeout_us = 5 * G_TIME_SPAN_SECOND;
  self->all_for_now = TRUE;
  return self;
}

void
sim_net_free (SimNet *self)
{
  assert_int_equal (self->n_links, 0);
  for (guint kind = 0; kind < SIM_N_KINDS; kind++)
    assert_int_equal (self->live[kind].length, 0);
  g_queue_clear_full (&self->events, (GDestroyNotify)event_free);
  g_source_destroy (self->source);
  g_source_unref (self->source);
  g_array_unref (self->pairs);
  g_hash_table_unref (self->facts);
  g_hash_table_unref (self->taken);
  assert_int_equal (self->ears->len, 0);
  g_ptr_array_unref (self->ears);
  g_hash_table_unref (self->mute);
  sim_net_set_crowd (self, NULL);
  g_string_free (self->log, TRUE);
  g_rand_free (self->rand);
  g_main_context_unref (self->context);
  g_free (self);
}

/* --- what there is --- */

char *
sim_key_ptr (const char *type)
{
  g_autofree char *key = g_strconcat ("PTR ", type, NULL);

  return g_ascii_strdown (key, -1);
}

char *
sim_key_record (guint16 type, const char *name)
{
  g_autofree char *key = g_strdup_printf ("%u %s", type, name);

  return g_ascii_strdown (key, -1);
}

static gboolean
is_up (SimNet *self, const SimFact *fact)
{
  for (guint i = 0; i < self->pairs->len; i++)
    {
      const SimPair *pair = &g_array_index (self->pairs, SimPair, i);
      if (pair->ifindex == fact->ifindex && pair->protocol == fact->protocol)
        return pair->is_up;
    }
  return FALSE;
}

static gboolean
matches_index (int wanted, int index)
{
  return wanted == DISCO_LINK_ANY || wanted == index;
}

void
sim_net_add_fact (SimNet *self, const char *key, int ifindex, const SimFact *like)
{
  GPtrArray *facts = g_hash_table_lookup (self->facts, key);

  if (facts == NULL)
    {
      facts = g_ptr_array_new_with_free_func (fact_free);
      g_hash_table_insert (self->facts, g_strdup (key), facts);
    }
  for (guint i = 0; i < self->pairs->len; i++)
    {
      SimPair pair = g_array_index (self->pairs, SimPair, i);
      SimFact *fact;

      if (!matches_index (ifindex, pair.ifindex))
        continue;
      fact = g_new0 (SimFact, 1);
      fact->ifindex = pair.ifindex;
      fact->protocol = pair.protocol;
      fact->label = g_strdup (like->label);
      fact->type = g_strdup (like->type);
      fact->name = g_strdup (like->name);
      fact->rdata = like->rdata != NULL ? g_bytes_ref (like->rdata) : NULL;
      fact->owner = like->owner;
      g_ptr_array_add (facts, fact);
      if (!pair.is_up)
        continue;
      sim_net_tell_fact (self, key, fact, DISCO_BROWSE_NEW);
      sim_net_tell_ears (self, key, fact, FALSE);
    }
}

static gboolean
matches_fact (const SimFact *like, const SimFact *fact)
{
  return (like->label == NULL || g_strcmp0 (like->label, fact->label) == 0)
         && (like->rdata == NULL || g_bytes_equal (like->rdata, fact->rdata))
         && like->owner == fact->owner;
}

/* What takes its place is announced, if anything does. */
static void
tell_ears_gone (SimNet *self, const char *key, const SimFact *fact)
{
  const SimFact *left = sim_net_find_fact (self, key, fact->ifindex, fact->protocol);

  sim_net_tell_ears (self, key, left != NULL ? left : fact, left == NULL);
}

static void
remove_facts_of_key (SimNet *self, const char *key, GPtrArray *facts, int ifindex,
                     const SimFact *like)
{
  for (guint i = 0; i < facts->len;)
    {
      SimFact *fact = facts->pdata[i];

      if (!matches_index (ifindex, fact->ifindex) || !matches_fact (like, fact))
        {
          i++;
          continue;
        }
      g_ptr_array_steal_index (facts, i);
      if (is_up (self, fact))
        {
          sim_net_tell_fact (self, key, fact, DISCO_BROWSE_REMOVE);
          tell_ears_gone (self, key, fact);
        }
      fact_free (fact);
    }
}

/* In an order that does not depend on where memory lies */
static GList *
list_keys (SimNet *self)
{
  return g_list_sort (g_hash_table_get_keys (self->facts), (GCompareFunc)strcmp);
}

void
sim_net_remove_facts (SimNet *self, const char *key, int ifindex, const SimFact *like)
{
  g_autoptr (GList) keys = key != NULL ? NULL : list_keys (self);
  GPtrArray *facts = key != NULL ? g_hash_table_lookup (self->facts, key) : NULL;

  if (facts != NULL)
    remove_facts_of_key (self, key, facts, ifindex, like);
  for (GList *i = keys; i != NULL; i = i->next)
    remove_facts_of_key (self, i->data, g_hash_table_lookup (self->facts, i->data), ifindex, like);
}

SimFact *
sim_net_find_fact (SimNet *self, const char *key, int ifindex, int protocol)
{
  GPtrArray *facts = g_hash_table_lookup (self->facts, key);

  for (guint i = facts != NULL ? facts->len : 0; i > 0; i--)
    {
      SimFact *fact = facts->pdata[i - 1];
      if (matches_index (ifindex, fact->ifindex) && matches_index (protocol, fact->protocol)
          && is_up (self, fact))
        return fact;
    }
  return NULL;
}

void
sim_net_for_each_fact (SimNet *self, const char *key, SimFactFunc func, gpointer user_data)
{
  g_autoptr (GList) keys = key != NULL ? g_list_prepend (NULL, (gpointer)key) : list_keys (self);

  for (GList *i = keys; i != NULL; i = i->next)
    {
      GPtrArray *facts = g_hash_table_lookup (self->facts, i->data);
      for (guint k = 0; facts != NULL && k < facts->len; k++)
        {
          if (is_up (self, facts->pdata[k]))
            func (self, i->data, facts->pdata[k], user_data);
        }
    }
}
