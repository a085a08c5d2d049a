/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-group-private.h"

#include <disco/disco-error.h>

/* Entries a group: one less than Avahi's default bound, entries-per-entry-group-max. */
#define MAX_ENTRIES 31

typedef struct
{
  DiscoGroupSet *set;
  DiscoLinkObject *object; /* (owned) */
  int ifindex;
  gboolean established;
} Group;

/* Adds the groups of one interface. */
typedef void (*AddFunc) (DiscoGroupSet *self, const DiscoRecordSet *records, const char *label,
                         int ifindex);

struct _DiscoGroupSet
{
  DiscoEngine *engine;
  GPtrArray *groups; /* (owned) of (owned) Group */
  AddFunc add;
  DiscoGroupFunc func;
  gpointer user_data;
};

static void
group_free (gpointer data)
{
  Group *group = data;

  g_clear_pointer (&group->object, disco_link_object_free);
  g_free (group);
}

static DiscoGroupSet *
group_set_new (DiscoEngine *engine, AddFunc add, DiscoGroupFunc func, gpointer user_data)
{
  DiscoGroupSet *self = g_new0 (DiscoGroupSet, 1);

  self->engine = engine;
  self->groups = g_ptr_array_new_with_free_func (group_free);
  self->add = add;
  self->func = func;
  self->user_data = user_data;
  return self;
}

void
disco_group_set_free (DiscoGroupSet *self)
{
  g_ptr_array_unref (self->groups);
  g_free (self);
}

void
disco_group_set_redirect (DiscoGroupSet *self, DiscoGroupFunc func, gpointer user_data)
{
  self->func = func;
  self->user_data = user_data;
}

gboolean
disco_group_set_is_established (DiscoGroupSet *self)
{
  for (guint i = 0; i < self->groups->len; i++)
    {
      Group *group = self->groups->pdata[i];
      if (!group->established)
        return FALSE;
    }
  return TRUE;
}

static void
on_group (DiscoGroupState state, const GError *error, gpointer user_data)
{
  Group *group = user_data;
  DiscoGroupSet *self = group->set;
  gboolean was_established = group->established;

  group->established = state == DISCO_GROUP_ESTABLISHED;
  if (!group->established || (!was_established && disco_group_set_is_established (self)))
    self->func (state, error, self->user_data); /* may free self */
}

/* All entries of a set are handed over before anything can be told: callbacks never come from
 * inside. */
static void
add_group (DiscoGroupSet *self, int ifindex, const DiscoLinkEntry *entries, guint n_entries)
{
  Group *group = g_new0 (Group, 1);

  group->set = self;
  group->ifindex = ifindex;
  g_ptr_array_add (self->groups, group);
  group->object = disco_link_publish (disco_engine_get_link (self->engine), entries, n_entries,
                                      on_group, group);
}

static gboolean
has_interface (DiscoGroupSet *self, int ifindex)
{
  for (guint i = 0; i < self->groups->len; i++)
    {
      Group *group = self->groups->pdata[i];
      if (group->ifindex == ifindex)
        return TRUE;
    }
  return FALSE;
}

void
disco_group_set_keep (DiscoGroupSet *self, const GArray *ifindexes)
{
  for (guint i = self->groups->len; i > 0; i--)
    {
      Group *group = self->groups->pdata[i - 1];
      if (!disco_ifindexes_contain (ifindexes, group->ifindex))
        g_ptr_array_remove_index (self->groups, i - 1);
    }
}

void
disco_group_set_extend (DiscoGroupSet *self, const DiscoRecordSet *records, const char *label,
                        const GArray *ifindexes)
{
  for (guint i = 0; i < ifindexes->len; i++)
    {
      int ifindex = g_array_index (ifindexes, int, i);
      if (!has_interface (self, ifindex))
        self->add (self, records, label, ifindex);
    }
}

static DiscoLinkEntry
make_entry (DiscoEntryKind kind, const DiscoRecordSet *records, const char *label, int ifindex)
{
  DiscoLinkEntry entry = {
    .kind = kind,
    .ifindex = ifindex,
    .label = label,
    .type = records->service->type,
    .domain = records->domain,
    .host = records->host,
    .port = records->port,
    .txt = records->txt,
    .address = &records->address,
  };

  return entry;
}

static void
add_service (DiscoGroupSet *self, const DiscoRecordSet *records, const char *label, int ifindex)
{
  DiscoLinkEntry entries[3];
  guint n_entries = 0;

  if (records->has_address)
    entries[n_entries++] = make_entry (DISCO_ENTRY_ADDRESS, records, label, ifindex);
  entries[n_entries++] = make_entry (DISCO_ENTRY_SERVICE, records, label, ifindex);
  if (records->service->is_generic)
    {
      entries[n_entries] = make_entry (DISCO_ENTRY_SUBTYPE, records, label, ifindex);
      entries[n_entries++].subtype = records->service->browse_type;
    }
  add_group (self, ifindex, entries, n_entries);
}

DiscoGroupSet *
disco_group_set_new_service (DiscoEngine *engine, const DiscoRecordSet *records, const char *label,
                             const GArray *ifindexes, DiscoGroupFunc func, gpointer user_data)
{
  DiscoGroupSet *self = group_set_new (engine, add_service, func, user_data);

  disco_group_set_extend (self, records, label, ifindexes);
  return self;
}

static void
add_subtypes (DiscoGroupSet *self, const DiscoRecordSet *records, const char *label, int ifindex)
{
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (DiscoLinkEntry));

  for (guint i = 0; records->subtypes != NULL && records->subtypes[i] != NULL; i++)
    {
      DiscoLinkEntry entry = make_entry (DISCO_ENTRY_SUBTYPE, records, label, ifindex);

      if (g_str_equal (records->subtypes[i], records->service->browse_type))
        continue;
      entry.subtype = records->subtypes[i];
      g_array_append_val (entries, entry);
    }
  for (guint i = 0; i < entries->len; i += MAX_ENTRIES)
    add_group (self, ifindex, &g_array_index (entries, DiscoLinkEntry, i),
               MIN (entries->len - i, MAX_ENTRIES));
}

DiscoGroupSet *
disco_group_set_new_subtypes (DiscoEngine *engine, const DiscoRecordSet *records, const char *label,
                              const GArray *ifindexes, DiscoGroupFunc func, gpointer user_data)
{
  DiscoGroupSet *self = group_set_new (engine, add_subtypes, func, user_data);

  disco_group_set_extend (self, records, label, ifindexes);
  if (self->groups->len == 0)
    g_clear_pointer (&self, disco_group_set_free);
  return self;
}

gboolean
disco_group_set_update_txt (DiscoGroupSet *self, const DiscoRecordSet *records, const char *label,
                            GError **error)
{
  for (guint i = 0; i < self->groups->len; i++)
    {
      Group *group = self->groups->pdata[i];
      DiscoLinkEntry entry = make_entry (DISCO_ENTRY_SERVICE, records, label, group->ifindex);

      if (!disco_link_update_txt (group->object, &entry, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
disco_group_set_update_srv (DiscoGroupSet *self, const DiscoRecordSet *records, const char *label,
                            GError **error)
{
  for (guint i = 0; i < self->groups->len; i++)
    {
      Group *group = self->groups->pdata[i];
      DiscoLinkEntry entry = make_entry (DISCO_ENTRY_SERVICE, records, label, group->ifindex);

      if (entry.host == NULL)
        entry.host = disco_link_get_host_name (disco_engine_get_link (self->engine));
      if (entry.host == NULL)
        {
          /* the link has failed, or the host is being renamed, and that is about to be heard of */
          g_set_error_literal (error, DISCO_ERROR, DISCO_ERROR_UNAVAILABLE,
                               "this host has no name just now");
          return FALSE;
        }
      if (!disco_link_update_srv (group->object, &entry, error))
        return FALSE;
    }
  return TRUE;
}
