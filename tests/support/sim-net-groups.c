/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim-net-private.h"

#include "disco-label-private.h"
#include "test-support.h"

#include <disco/disco-error.h>

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

void
sim_group_withdraw (SimObject *group)
{
  SimFact fact = { .owner = group };

  group->state = SIM_GROUP_OVER;
  sim_net_remove_facts (group->net, NULL, DISCO_LINK_ANY, &fact);
}

static void
add_owned (SimObject *group, guint16 type, const char *name, int ifindex, GBytes *rdata)
{
  g_autofree char *key = sim_key_record (type, name);
  SimFact fact = { .name = (char *)name, .rdata = rdata, .owner = group };

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

/* A name is unique on an interface, as in Avahi. */
static gboolean
shares_interface (SimObject *a, SimObject *b)
{
  int one = g_array_index (a->entries, DiscoLinkEntry, 0).ifindex;
  int other = g_array_index (b->entries, DiscoLinkEntry, 0).ifindex;

  return one == DISCO_LINK_ANY || other == DISCO_LINK_ANY || one == other;
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
          && g_str_equal (other->key, group->key) && shares_interface (other, group))
        return TRUE;
    }
  return FALSE;
}

static void
collide (SimObject *group)
{
  sim_group_withdraw (group);
  sim_net_push_event (group->net, group)->group = DISCO_GROUP_COLLISION;
}

static void
fail_group (SimObject *group)
{
  SimEvent *event = sim_net_push_event (group->net, group);

  sim_group_withdraw (group);
  event->group = DISCO_GROUP_FAILURE;
  event->error = g_error_new_literal (DISCO_ERROR, DISCO_ERROR_LIMIT, "too many groups");
}

static void
decide (SimNet *self, SimObject *group)
{
  gboolean has_service = *group->key != '\0';

  if (self->groups == SIM_GROUPS_HOLD || (self->groups == SIM_GROUPS_HOLD_SUBTYPES && !has_service))
    return;
  if (self->groups == SIM_GROUPS_FAIL || (self->groups == SIM_GROUPS_FAIL_SUBTYPES && !has_service))
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

/* Nobody answers a probe on an interface that is down, and it does not end either. */
static gboolean
is_stranded (SimObject *group)
{
  int ifindex = g_array_index (group->entries, DiscoLinkEntry, 0).ifindex;

  return ifindex != DISCO_LINK_ANY && !sim_net_is_up (group->net, ifindex);
}

/* Nothing is established while the host has no name. */
static gboolean
is_undecided (SimObject *group)
{
  return group->state == SIM_GROUP_PROBING && !group->silent && !is_stranded (group)
         && disco_link_get_host_name (group->base.link) != NULL;
}

void
sim_net_decide (SimNet *self)
{
  gint64 now = g_get_monotonic_time ();

  for (GList *i = self->live[SIM_GROUP].head; !self->stopped && i != NULL; i = i->next)
    {
      SimObject *group = i->data;
      if (is_undecided (group) && now >= group->asked_at + self->probe_us)
        decide (self, group);
    }
}

gint64
sim_net_next_decision (SimNet *self)
{
  gint64 now = g_get_monotonic_time ();
  gint64 at = -1;

  for (GList *i = self->live[SIM_GROUP].head; self->probe_us > 0 && i != NULL; i = i->next)
    {
      SimObject *group = i->data;
      gint64 end = group->asked_at + self->probe_us;
      if (is_undecided (group) && end > now && (at == -1 || end < at))
        at = end;
    }
  return at;
}

/* Where it is, for the log. (transfer full) */
static char *
make_place (const DiscoLinkEntry *entry)
{
  return entry->ifindex == DISCO_LINK_ANY ? g_strdup ("")
                                          : g_strdup_printf (" on %d", entry->ifindex);
}

static char *
make_title (const DiscoLinkEntry *entries, guint n_entries)
{
  g_autofree char *place = make_place (entries);
  guint n_subtypes = 0;

  for (guint i = 0; i < n_entries; i++)
    {
      if (entries[i].kind == DISCO_ENTRY_SERVICE)
        return g_strdup_printf ("%s %u%s", entries[i].label, entries[i].port, place);
      n_subtypes += entries[i].kind == DISCO_ENTRY_SUBTYPE;
    }
  return g_strdup_printf ("%u subtypes of %s%s", n_subtypes, entries[0].label, place);
}

DiscoLinkObject *
sim_net_publish (SimNet *self, DiscoLink *link, const DiscoLinkEntry *entries, guint n_entries,
                 DiscoGroupFunc func, gpointer user_data)
{
  SimObject *group = sim_object_new (self, link, SIM_GROUP, NULL, user_data);

  assert_in_range (n_entries, 1, 32);
  for (guint i = 1; i < n_entries; i++)
    assert_int_equal (entries[i].ifindex, entries[0].ifindex);
  group->on_group = func;
  group->asked_at = g_get_monotonic_time ();
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
  sim_net_schedule (self);
  return &group->base;
}

static gboolean
is_refused (SimNet *self, guint16 type)
{
  return self->refuse == SIM_REFUSE_ALL
         || (self->refuse == SIM_REFUSE_SRV && type == DISCO_RECORD_SRV);
}

/* What the group says under the key now, whether the interface is up or not */
static SimFact *
find_owned (SimObject *group, const char *key, int ifindex)
{
  GPtrArray *facts = g_hash_table_lookup (group->net->facts, key);

  for (guint i = 0; facts != NULL && i < facts->len; i++)
    {
      SimFact *fact = facts->pdata[i];
      if (fact->owner == group && (ifindex == DISCO_LINK_ANY || fact->ifindex == ifindex))
        return fact;
    }
  return NULL;
}

gboolean
sim_net_update (SimNet *self, DiscoLinkObject *object, const DiscoLinkEntry *entry, guint16 type,
                GError **error)
{
  SimObject *group = (SimObject *)object;
  g_autofree char *name = disco_full_name_join (entry->label, entry->type, entry->domain);
  g_autofree char *key = sim_key_record (type, name);
  g_autofree char *place = make_place (entry);
  g_autoptr (GBytes) rdata = NULL;
  SimFact *old = find_owned (group, key, entry->ifindex);
  SimFact like = { .owner = group };

  if (is_refused (self, type) || group->silent || group->state == SIM_GROUP_OVER)
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
    g_string_append_printf (self->log, "srv %s %u%s\n", entry->label, entry->port, place);
  else
    g_string_append_printf (self->log, "txt %s%s\n", entry->label, place);
  return TRUE;
}

/* --- the script --- */

void
sim_net_take_name (SimNet *self, const char *label, const char *type)
{
  g_hash_table_add (self->taken, service_name (label, type));
}

void
sim_net_release_name (SimNet *self, const char *label, const char *type)
{
  g_autofree char *name = service_name (label, type);

  g_hash_table_remove (self->taken, name);
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
sim_net_hang_groups (SimNet *self)
{
  for (GList *i = self->live[SIM_GROUP].head; i != NULL; i = i->next)
    {
      SimObject *group = i->data;
      if (group->state == SIM_GROUP_PROBING)
        group->state = SIM_GROUP_OVER;
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
