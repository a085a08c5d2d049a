/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim-net-private.h"

#include "disco-label-private.h"
#include "disco-name-private.h"
#include "test-support.h"
#include "test-txt.h"

#include <disco/disco-error.h>

/* --- telling --- */

static void
fact_clear (SimFact *fact)
{
  g_free (fact->label);
  g_free (fact->type);
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

void
sim_net_schedule (SimNet *self)
{
  gint64 at = -1;

  if (self->events.length > 0)
    at = 0;
  for (GList *i = self->live[SIM_RESOLVE].head; at != 0 && i != NULL; i = i->next)
    {
      SimObject *question = i->data;
      gint64 end = question->asked_at + self->timeout_us;
      if (!question->answered && !question->silent && (at == -1 || end < at))
        at = end;
    }
  g_source_set_ready_time (self->source, at);
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
  SimEvent *event;

  g_source_set_ready_time (self->source, -1);
  sim_net_answer (self, g_get_monotonic_time ());
  event = pop_event (self);
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
      fact->rdata = like->rdata != NULL ? g_bytes_ref (like->rdata) : NULL;
      fact->owner = like->owner;
      g_ptr_array_add (facts, fact);
      if (pair.is_up)
        sim_net_tell_fact (self, key, fact, DISCO_BROWSE_NEW);
    }
}

static gboolean
matches_fact (const SimFact *like, const SimFact *fact)
{
  return (like->label == NULL || g_strcmp0 (like->label, fact->label) == 0)
         && (like->rdata == NULL || g_bytes_equal (like->rdata, fact->rdata))
         && like->owner == fact->owner;
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
        sim_net_tell_fact (self, key, fact, DISCO_BROWSE_REMOVE);
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

/* --- the script: what there is --- */

void
sim_net_add_pair (SimNet *self, int ifindex, int protocol)
{
  SimPair pair = { ifindex, protocol, TRUE };

  g_array_append_val (self->pairs, pair);
}

typedef struct
{
  int ifindex;
  DiscoBrowseKind kind;
} UpOrDown;

static void
tell_up_or_down (SimNet *self, const char *key, SimFact *fact, gpointer user_data)
{
  const UpOrDown *change = user_data;

  if (fact->ifindex == change->ifindex)
    sim_net_tell_fact (self, key, fact, change->kind);
}

void
sim_net_set_up (SimNet *self, int ifindex, gboolean up)
{
  UpOrDown change = { ifindex, up ? DISCO_BROWSE_NEW : DISCO_BROWSE_REMOVE };

  self->moving = TRUE;
  if (!up)
    sim_net_for_each_fact (self, NULL, tell_up_or_down, &change);
  for (guint i = 0; i < self->pairs->len; i++)
    {
      SimPair *pair = &g_array_index (self->pairs, SimPair, i);
      if (pair->ifindex == ifindex)
        pair->is_up = up;
    }
  if (up)
    sim_net_for_each_fact (self, NULL, tell_up_or_down, &change);
  self->moving = FALSE;
}

void
sim_net_add_ptr (SimNet *self, int ifindex, const char *label, const char *type)
{
  g_autofree char *key = sim_key_ptr (type);
  SimFact fact = { .label = (char *)label, .type = (char *)type };

  sim_net_add_fact (self, key, ifindex, &fact);
}

void
sim_net_remove_ptr (SimNet *self, int ifindex, const char *label, const char *type)
{
  g_autofree char *key = sim_key_ptr (type);
  SimFact fact = { .label = (char *)label };

  sim_net_remove_facts (self, key, ifindex, &fact);
}

void
sim_net_add_record (SimNet *self, int ifindex, const char *name, guint16 type, GBytes *rdata)
{
  g_autofree char *key = sim_key_record (type, name);
  SimFact fact = { .rdata = rdata };

  sim_net_add_fact (self, key, ifindex, &fact);
}

void
sim_net_remove_record (SimNet *self, int ifindex, const char *name, guint16 type, GBytes *rdata)
{
  g_autofree char *key = sim_key_record (type, name);
  SimFact fact = { .rdata = rdata };

  sim_net_remove_facts (self, key, ifindex, &fact);
}

GBytes *
sim_srv_rdata (const char *host, guint16 port)
{
  g_autoptr (GBytes) target = disco_domain_name_to_wire (host);
  const guint8 head[] = { 0, 0, 0, 0, port >> 8, port & 0xff };
  GByteArray *rdata = g_byte_array_new ();

  assert_non_null (target);
  g_byte_array_append (rdata, head, sizeof head);
  g_byte_array_append (rdata, g_bytes_get_data (target, NULL), (guint)g_bytes_get_size (target));
  return g_byte_array_free_to_bytes (rdata);
}

typedef void (*RecordFunc) (SimNet *self, int ifindex, const char *name, guint16 type,
                            GBytes *rdata);

static void
with_srv (SimNet *self, int ifindex, const SimService *service, RecordFunc func)
{
  g_autofree char *name = disco_full_name_join (service->label, service->type, DISCO_DOMAIN);
  g_autoptr (GBytes) rdata = sim_srv_rdata (service->host, service->port);

  func (self, ifindex, name, DISCO_RECORD_SRV, rdata);
}

static void
with_txt (SimNet *self, int ifindex, const SimService *service, RecordFunc func)
{
  g_autofree char *name = disco_full_name_join (service->label, service->type, DISCO_DOMAIN);
  g_autoptr (GBytes) rdata = NULL;

  if (service->txt == NULL)
    return;
  rdata = test_txt_new (service->txt);
  func (self, ifindex, name, DISCO_RECORD_TXT, rdata);
}

void
sim_net_add_srv (SimNet *self, int ifindex, const SimService *service)
{
  with_srv (self, ifindex, service, sim_net_add_record);
}

void
sim_net_remove_srv (SimNet *self, int ifindex, const SimService *service)
{
  with_srv (self, ifindex, service, sim_net_remove_record);
}

void
sim_net_add_txt (SimNet *self, int ifindex, const SimService *service)
{
  with_txt (self, ifindex, service, sim_net_add_record);
}

void
sim_net_remove_txt (SimNet *self, int ifindex, const SimService *service)
{
  with_txt (self, ifindex, service, sim_net_remove_record);
}

static void
with_ptrs (SimNet *self, int ifindex, const SimService *service,
           void (*func) (SimNet *, int, const char *, const char *))
{
  func (self, ifindex, service->label, service->type);
  for (guint i = 0; service->subtypes != NULL && service->subtypes[i] != NULL; i++)
    func (self, ifindex, service->label, service->subtypes[i]);
}

void
sim_net_announce (SimNet *self, int ifindex, const SimService *service)
{
  with_ptrs (self, ifindex, service, sim_net_add_ptr);
  with_srv (self, ifindex, service, sim_net_add_record);
  with_txt (self, ifindex, service, sim_net_add_record);
}

void
sim_net_withdraw (SimNet *self, int ifindex, const SimService *service)
{
  with_ptrs (self, ifindex, service, sim_net_remove_ptr);
  with_srv (self, ifindex, service, sim_net_remove_record);
  with_txt (self, ifindex, service, sim_net_remove_record);
}

static void
with_address (SimNet *self, int ifindex, const char *host, const char *text, RecordFunc func)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (text);
  g_autoptr (GBytes) rdata
      = g_bytes_new (g_inet_address_to_bytes (address), g_inet_address_get_native_size (address));
  gboolean is_ipv4 = g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV4;

  func (self, ifindex, host, is_ipv4 ? DISCO_RECORD_A : DISCO_RECORD_AAAA, rdata);
}

void
sim_net_add_address (SimNet *self, int ifindex, const char *host, const char *address)
{
  with_address (self, ifindex, host, address, sim_net_add_record);
}

void
sim_net_remove_address (SimNet *self, int ifindex, const char *host, const char *address)
{
  with_address (self, ifindex, host, address, sim_net_remove_record);
}

/* --- the script: how it is told --- */

void
sim_net_set_all_for_now (SimNet *self, gboolean automatic)
{
  self->all_for_now = automatic;
}

void
sim_net_tell_all_for_now (SimNet *self)
{
  for (SimKind kind = SIM_BROWSE_SERVICES; kind <= SIM_BROWSE_RECORDS; kind++)
    {
      for (GList *i = self->live[kind].head; i != NULL; i = i->next)
        sim_net_tell_all (i->data);
    }
}

void
sim_net_hold_answers (SimNet *self, gboolean hold)
{
  self->hold = hold;
  sim_net_answer (self, g_get_monotonic_time ());
  sim_net_schedule (self);
}

void
sim_net_set_timeout_ms (SimNet *self, guint timeout_ms)
{
  self->timeout_us = timeout_ms * G_TIME_SPAN_MILLISECOND;
  sim_net_schedule (self);
}

void
sim_net_set_shuffle (SimNet *self, gboolean shuffle)
{
  self->shuffle = shuffle;
}

void
sim_net_fail_browsers (SimNet *self, SimKind kind, const char *message)
{
  for (GList *i = self->live[kind].head; i != NULL; i = i->next)
    {
      SimEvent *event = sim_net_push_event (self, i->data);
      event->error = g_error_new_literal (DISCO_ERROR, DISCO_ERROR_FAILED, message);
      event->browse.kind = DISCO_BROWSE_FAILURE;
    }
}

void
sim_net_set_groups (SimNet *self, SimGroups groups)
{
  self->groups = groups;
  sim_net_decide (self);
}

void
sim_net_set_refuse_updates (SimNet *self, gboolean refuse)
{
  self->refuse_updates = refuse;
}

/* --- what the test sees --- */

guint
sim_net_get_n_live (SimNet *self, SimKind kind)
{
  return self->live[kind].length;
}

guint
sim_net_get_n_made (SimNet *self, SimKind kind)
{
  return self->n_made[kind];
}

typedef struct
{
  int ifindex;
  guint n;
} Seen;

static void
count_seen (SimNet *self, const char *key, SimFact *fact, gpointer user_data)
{
  Seen *seen = user_data;

  seen->n += fact->ifindex == seen->ifindex;
}

guint
sim_net_count_seen (SimNet *self, int ifindex, const char *type)
{
  g_autofree char *key = sim_key_ptr (type);
  Seen seen = { ifindex, 0 };

  sim_net_for_each_fact (self, key, count_seen, &seen);
  return seen.n;
}

gboolean
sim_net_is_quiet (SimNet *self)
{
  return self->events.length == 0;
}

char *
sim_net_take_log (SimNet *self)
{
  char *log = g_string_free (self->log, FALSE);

  self->log = g_string_new (NULL);
  return log;
}

void
sim_net_link_made (SimNet *self, DiscoLink *link)
{
  self->n_links++;
}

void
sim_net_link_gone (SimNet *self, DiscoLink *link)
{
  self->n_links--;
}

GMainContext *
sim_net_get_context (SimNet *self)
{
  return self->context;
}
