/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim-net-private.h"

#include "disco-label-private.h"
#include "disco-name-private.h"
#include "test-support.h"

#include <disco/disco-error.h>

/* --- all objects --- */

static SimObject *
object_new (SimNet *net, DiscoLink *link, SimKind kind, char *key, gpointer user_data)
{
  SimObject *self = g_new0 (SimObject, 1);

  disco_link_object_init (&self->base, link);
  self->net = net;
  self->kind = kind;
  self->ref_count = 1;
  self->node.data = self;
  self->key = key;
  self->user_data = user_data;
  net->n_made[kind]++;
  g_queue_push_tail_link (&net->live[kind], &self->node);
  return self;
}

static void
entry_clear (gpointer data)
{
  DiscoLinkEntry *entry = data;

  g_free ((char *)entry->label);
  g_free ((char *)entry->type);
  g_free ((char *)entry->domain);
  g_free ((char *)entry->host);
  g_free ((char *)entry->subtype);
  g_clear_pointer (&entry->txt, g_bytes_unref);
  g_free ((gpointer)entry->address);
}

void
sim_object_unref (SimObject *self)
{
  if (--self->ref_count > 0)
    return;
  g_clear_pointer (&self->entries, g_array_unref);
  g_free (self->key);
  g_free (self->title);
  g_free (self);
}

void
sim_object_tell (SimObject *self, SimEvent *event)
{
  switch (self->kind)
    {
    case SIM_RESOLVE:
      event->resolve.error = event->error;
      event->resolve.hostname = event->hostname;
      event->resolve.txt = event->txt;
      self->on_resolve (&event->resolve, self->user_data);
      break;
    case SIM_GROUP:
      self->on_group (event->group, event->error, self->user_data);
      break;
    case SIM_BROWSE_SERVICES:
    case SIM_BROWSE_TYPES:
    case SIM_BROWSE_RECORDS:
    case SIM_N_KINDS:
    default:
      event->browse.error = event->error;
      self->on_browse (&event->browse, self->user_data);
      break;
    }
}

static void withdraw (SimObject *group);

void
sim_net_free_object (SimNet *self, DiscoLinkObject *object)
{
  SimObject *freed = (SimObject *)object;

  if (freed->kind == SIM_GROUP)
    {
      g_string_append_printf (self->log, "-%s\n", freed->title);
      withdraw (freed);
    }
  freed->silent = TRUE;
  g_queue_unlink (&self->live[freed->kind], &freed->node);
  sim_object_unref (freed);
  sim_net_schedule (self);
}

void
sim_net_cut (SimNet *self, DiscoLink *link)
{
  for (guint kind = 0; kind < SIM_N_KINDS; kind++)
    {
      for (GList *i = self->live[kind].head; i != NULL; i = i->next)
        {
          SimObject *object = i->data;
          if (object->base.link != link || object->silent)
            continue;
          object->silent = TRUE;
          if (kind == SIM_GROUP)
            withdraw (object);
        }
    }
  sim_net_schedule (self);
}

/* --- browsers --- */

static void
push_browse (SimObject *browser, const SimFact *fact, DiscoBrowseKind kind)
{
  SimEvent *event = sim_net_push_event (browser->net, browser);
  SimFact *copy = &event->fact;

  copy->label = g_strdup (fact->label);
  copy->type = g_strdup (fact->type);
  copy->rdata = fact->rdata != NULL ? g_bytes_ref (fact->rdata) : NULL;
  event->browse.kind = kind;
  event->browse.ifindex = fact->ifindex;
  event->browse.protocol = fact->protocol;
  event->browse.label = copy->label;
  event->browse.type = copy->type;
  event->browse.domain = DISCO_DOMAIN;
  event->browse.local = fact->owner != NULL && fact->owner->base.link == browser->base.link;
  if (copy->rdata != NULL)
    event->browse.rdata = g_bytes_get_data (copy->rdata, &event->browse.rdata_size);
}

static gboolean
is_type (const char *key)
{
  return g_str_has_prefix (key, "ptr ") && strstr (key, "._sub.") == NULL;
}

typedef struct
{
  const SimFact *fact;
  guint n;
} Others;

static void
count_others (SimNet *net, const char *key, SimFact *fact, gpointer user_data)
{
  Others *others = user_data;

  if (fact != others->fact && fact->ifindex == others->fact->ifindex
      && fact->protocol == others->fact->protocol)
    others->n++;
}

/* A type is there as long as one service of it is; of those that come or go together with their
 * interface the newest tells it. */
static void
tell_type (SimNet *self, const char *key, SimFact *fact, DiscoBrowseKind kind)
{
  Others others = { fact, 0 };

  if (self->live[SIM_BROWSE_TYPES].length == 0 || !is_type (key))
    return;
  sim_net_for_each_fact (self, key, count_others, &others);
  if (self->moving && sim_net_find_fact (self, key, fact->ifindex, fact->protocol) == fact)
    others.n = 0;
  for (GList *i = self->live[SIM_BROWSE_TYPES].head; others.n == 0 && i != NULL; i = i->next)
    push_browse (i->data, fact, kind);
}

void
sim_net_tell_fact (SimNet *self, const char *key, SimFact *fact, DiscoBrowseKind kind)
{
  SimKind looking = fact->label != NULL ? SIM_BROWSE_SERVICES : SIM_BROWSE_RECORDS;

  for (GList *i = self->live[looking].head; i != NULL; i = i->next)
    {
      SimObject *browser = i->data;
      if (g_str_equal (browser->key, key))
        push_browse (browser, fact, kind);
    }
  tell_type (self, key, fact, kind);
  if (kind == DISCO_BROWSE_NEW)
    sim_net_answer (self, g_get_monotonic_time ());
}

static void
tell_known (SimNet *self, const char *key, SimFact *fact, gpointer user_data)
{
  push_browse (user_data, fact, DISCO_BROWSE_NEW);
}

static void
tell_known_type (SimNet *self, const char *key, SimFact *fact, gpointer user_data)
{
  if (is_type (key) && sim_net_find_fact (self, key, fact->ifindex, fact->protocol) == fact)
    push_browse (user_data, fact, DISCO_BROWSE_NEW);
}

void
sim_net_tell_all (SimObject *browser)
{
  if (browser->told_all)
    return;
  browser->told_all = TRUE;
  sim_net_push_event (browser->net, browser)->browse.kind = DISCO_BROWSE_ALL_FOR_NOW;
}

DiscoLinkObject *
sim_net_browse (SimNet *self, DiscoLink *link, SimKind kind, const char *name, guint16 type,
                DiscoBrowseFunc func, gpointer user_data)
{
  char *key = type != 0 ? sim_key_record (type, name) : sim_key_ptr (name);
  SimObject *browser = object_new (self, link, kind, key, user_data);

  browser->on_browse = func;
  if (kind == SIM_BROWSE_TYPES)
    sim_net_for_each_fact (self, NULL, tell_known_type, browser);
  else
    sim_net_for_each_fact (self, key, tell_known, browser);
  if (self->all_for_now)
    sim_net_tell_all (browser);
  return &browser->base;
}

/* --- questions --- */

/* (nullable): NULL too where the record cannot be read */
static char *
srv_target (const SimFact *srv)
{
  const guint8 *data;
  gsize size;

  if (srv == NULL)
    return NULL;
  data = g_bytes_get_data (srv->rdata, &size);
  return size > 6 ? disco_domain_name_from_wire (data + 6, size - 6, NULL) : NULL;
}

/* An answer has both SRV and TXT. */
static void
answer (SimNet *self, SimObject *question, gint64 now)
{
  g_autofree char *srv_key = sim_key_record (DISCO_RECORD_SRV, question->key);
  g_autofree char *txt_key = sim_key_record (DISCO_RECORD_TXT, question->key);
  SimFact *srv = sim_net_find_fact (self, srv_key, question->ifindex, question->protocol);
  SimFact *txt = sim_net_find_fact (self, txt_key, question->ifindex, question->protocol);
  g_autofree char *target = srv_target (srv);
  SimEvent *event;
  const guint8 *data;

  if (self->hold || target == NULL || txt == NULL)
    {
      if (now < question->asked_at + self->timeout_us)
        return;
      question->answered = TRUE;
      event = sim_net_push_event (self, question);
      event->error = g_error_new_literal (DISCO_ERROR, DISCO_ERROR_FAILED, "Timeout reached");
      return;
    }
  question->answered = TRUE;
  event = sim_net_push_event (self, question);
  data = g_bytes_get_data (srv->rdata, NULL);
  event->hostname = g_steal_pointer (&target);
  event->txt = g_bytes_ref (txt->rdata);
  event->resolve.ifindex = srv->ifindex;
  event->resolve.protocol = srv->protocol;
  event->resolve.port = (guint16)(data[4] << 8 | data[5]);
}

void
sim_net_answer (SimNet *self, gint64 now)
{
  for (GList *i = self->live[SIM_RESOLVE].head; i != NULL; i = i->next)
    {
      SimObject *question = i->data;
      if (!question->answered && !question->silent)
        answer (self, question, now);
    }
}

DiscoLinkObject *
sim_net_resolve (SimNet *self, DiscoLink *link, int ifindex, int protocol, const char *name,
                 DiscoResolveFunc func, gpointer user_data)
{
  SimObject *question = object_new (self, link, SIM_RESOLVE, g_strdup (name), user_data);

  question->on_resolve = func;
  question->ifindex = ifindex;
  question->protocol = protocol;
  question->asked_at = g_get_monotonic_time ();
  answer (self, question, question->asked_at);
  sim_net_schedule (self);
  return &question->base;
}

/* --- groups --- */

/* DNS names are the same whatever their case. (transfer full) */
static char *
service_name (const char *label, const char *type)
{
  g_autofree char *name = g_strconcat (label, ".", type, NULL);

  return g_ascii_strdown (name, -1);
}

static DiscoLinkEntry
entry_copy (const DiscoLinkEntry *entry)
{
  DiscoLinkEntry copy = *entry;

  copy.label = g_strdup (entry->label);
  copy.type = g_strdup (entry->type);
  copy.domain = g_strdup (entry->domain);
  copy.host = g_strdup (entry->host);
  copy.subtype = g_strdup (entry->subtype);
  copy.txt = entry->txt != NULL ? g_bytes_ref (entry->txt) : NULL;
  copy.address = g_memdup2 (entry->address, sizeof *entry->address);
  return copy;
}

static void
withdraw (SimObject *group)
{
  SimFact fact = { .owner = group };

  group->state = SIM_GROUP_OVER;
  sim_net_remove_facts (group->net, NULL, DISCO_LINK_ANY, &fact);
}

static void
add_owned (SimObject *group, guint16 type, const char *name, int ifindex, GBytes *rdata)
{
  g_autofree char *key = sim_key_record (type, name);
  SimFact fact = { .rdata = rdata, .owner = group };

  sim_net_add_fact (group->net, key, ifindex, &fact);
}

static GBytes *
entry_srv (SimObject *group, const DiscoLinkEntry *entry)
{
  const char *host
      = entry->host != NULL ? entry->host : disco_link_get_host_name (group->base.link);

  return sim_srv_rdata (host, entry->port);
}

static void
show_ptr (SimObject *group, const DiscoLinkEntry *entry, const char *type)
{
  g_autofree char *key = sim_key_ptr (type);
  SimFact fact = { .label = (char *)entry->label, .type = (char *)type, .owner = group };

  sim_net_add_fact (group->net, key, entry->ifindex, &fact);
}

static void
show_entry (SimObject *group, const DiscoLinkEntry *entry)
{
  g_autofree char *name = NULL;
  g_autoptr (GBytes) rdata = NULL;
  gboolean is_ipv4;

  switch (entry->kind)
    {
    case DISCO_ENTRY_SERVICE:
      name = disco_full_name_join (entry->label, entry->type, entry->domain);
      rdata = entry_srv (group, entry);
      show_ptr (group, entry, entry->type);
      add_owned (group, DISCO_RECORD_SRV, name, entry->ifindex, rdata);
      add_owned (group, DISCO_RECORD_TXT, name, entry->ifindex, entry->txt);
      break;
    case DISCO_ENTRY_SUBTYPE:
      show_ptr (group, entry, entry->subtype);
      break;
    case DISCO_ENTRY_ADDRESS:
    default:
      is_ipv4 = entry->address->family == G_SOCKET_FAMILY_IPV4;
      rdata = g_bytes_new (entry->address->bytes, is_ipv4 ? 4 : 16);
      add_owned (group, is_ipv4 ? DISCO_RECORD_A : DISCO_RECORD_AAAA, entry->host, entry->ifindex,
                 rdata);
      break;
    }
}

static gboolean
has_collided (SimNet *self, SimObject *group)
{
  if (*group->key == '\0')
    return FALSE;
  if (self->groups == SIM_GROUPS_COLLIDE || g_hash_table_contains (self->taken, group->key))
    return TRUE;
  for (GList *i = self->live[SIM_GROUP].head; i != NULL; i = i->next)
    {
      SimObject *other = i->data;
      if (other != group && other->state == SIM_GROUP_ESTABLISHED
          && g_str_equal (other->key, group->key))
        return TRUE;
    }
  return FALSE;
}

static void
collide (SimObject *group)
{
  withdraw (group);
  sim_net_push_event (group->net, group)->group = DISCO_GROUP_COLLISION;
}

static void
fail_group (SimObject *group)
{
  SimEvent *event = sim_net_push_event (group->net, group);

  withdraw (group);
  event->group = DISCO_GROUP_FAILURE;
  event->error = g_error_new_literal (DISCO_ERROR, DISCO_ERROR_LIMIT, "too many groups");
}

static void
decide (SimNet *self, SimObject *group)
{
  if (self->groups == SIM_GROUPS_FAIL)
    fail_group (group);
  else if (has_collided (self, group))
    collide (group);
  else
    {
      group->state = SIM_GROUP_ESTABLISHED;
      for (guint i = 0; i < group->entries->len; i++)
        show_entry (group, &g_array_index (group->entries, DiscoLinkEntry, i));
      sim_net_push_event (self, group)->group = DISCO_GROUP_ESTABLISHED;
    }
}

void
sim_net_decide (SimNet *self)
{
  if (self->groups == SIM_GROUPS_HOLD)
    return;
  for (GList *i = self->live[SIM_GROUP].head; i != NULL; i = i->next)
    {
      SimObject *group = i->data;
      if (group->state == SIM_GROUP_PROBING && !group->silent)
        decide (self, group);
    }
}

static char *
make_title (const DiscoLinkEntry *entries, guint n_entries)
{
  guint n_subtypes = 0;

  for (guint i = 0; i < n_entries; i++)
    {
      if (entries[i].kind == DISCO_ENTRY_SERVICE)
        return g_strdup_printf ("%s %u", entries[i].label, entries[i].port);
      n_subtypes += entries[i].kind == DISCO_ENTRY_SUBTYPE;
    }
  return g_strdup_printf ("%u subtypes of %s", n_subtypes, entries[0].label);
}

DiscoLinkObject *
sim_net_publish (SimNet *self, DiscoLink *link, const DiscoLinkEntry *entries, guint n_entries,
                 DiscoGroupFunc func, gpointer user_data)
{
  SimObject *group = object_new (self, link, SIM_GROUP, NULL, user_data);

  assert_in_range (n_entries, 1, 32);
  group->on_group = func;
  group->title = make_title (entries, n_entries);
  group->entries = g_array_new (FALSE, FALSE, sizeof (DiscoLinkEntry));
  g_array_set_clear_func (group->entries, entry_clear);
  for (guint i = 0; i < n_entries; i++)
    {
      DiscoLinkEntry entry = entry_copy (&entries[i]);
      g_array_append_val (group->entries, entry);
      if (entry.kind == DISCO_ENTRY_SERVICE && group->key == NULL)
        group->key = service_name (entry.label, entry.type);
    }
  if (group->key == NULL)
    group->key = g_strdup ("");
  g_string_append_printf (self->log, "+%s\n", group->title);
  sim_net_decide (self);
  return &group->base;
}

gboolean
sim_net_update (SimNet *self, DiscoLinkObject *object, const DiscoLinkEntry *entry, guint16 type,
                GError **error)
{
  SimObject *group = (SimObject *)object;
  g_autofree char *name = disco_full_name_join (entry->label, entry->type, entry->domain);
  g_autofree char *key = sim_key_record (type, name);
  g_autoptr (GBytes) rdata = NULL;
  SimFact *old = sim_net_find_fact (self, key, entry->ifindex, DISCO_LINK_ANY);
  SimFact like = { .owner = group };

  if (self->refuse_updates || group->silent)
    {
      g_set_error_literal (error, DISCO_ERROR, DISCO_ERROR_FAILED, "the update was refused");
      return FALSE;
    }
  assert_non_null (old);
  like.rdata = g_bytes_ref (old->rdata);
  rdata = type == DISCO_RECORD_SRV ? entry_srv (group, entry) : g_bytes_ref (entry->txt);
  if (!g_bytes_equal (rdata, like.rdata))
    {
      add_owned (group, type, name, entry->ifindex, rdata);
      sim_net_remove_facts (self, key, entry->ifindex, &like);
    }
  g_bytes_unref (like.rdata);
  if (type == DISCO_RECORD_SRV)
    g_string_append_printf (self->log, "srv %s %u\n", entry->label, entry->port);
  else
    g_string_append_printf (self->log, "txt %s\n", entry->label);
  return TRUE;
}

/* --- the script --- */

void
sim_net_take_name (SimNet *self, const char *label, const char *type)
{
  g_hash_table_add (self->taken, service_name (label, type));
}

void
sim_net_steal_name (SimNet *self, const char *label, const char *type)
{
  g_autofree char *name = service_name (label, type);

  sim_net_take_name (self, label, type);
  for (GList *i = self->live[SIM_GROUP].head; i != NULL; i = i->next)
    {
      SimObject *group = i->data;
      if (group->state == SIM_GROUP_ESTABLISHED && g_str_equal (group->key, name))
        collide (group);
    }
}

void
sim_net_fail_groups (SimNet *self)
{
  for (GList *i = self->live[SIM_GROUP].head; i != NULL; i = i->next)
    {
      SimObject *group = i->data;
      if (group->state == SIM_GROUP_ESTABLISHED)
        fail_group (group);
    }
}
