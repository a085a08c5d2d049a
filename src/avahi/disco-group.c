/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-group-private.h"

#include <disco/disco-error.h>

/* Entries a group: one less than Avahi's default bound, entries-per-entry-group-max. */
#define MAX_ENTRIES 31

typedef struct
{
  DiscoGroupSet *set;
  DiscoLinkObject *object; /* (owned) */
  gboolean established;
} Group;

struct _DiscoGroupSet
{
  DiscoEngine *engine;
  GPtrArray *groups; /* (owned) of (owned) Group */
  guint n_established;
  gboolean told;
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
group_set_new (DiscoEngine *engine, DiscoGroupFunc func, gpointer user_data)
{
  DiscoGroupSet *self = g_new0 (DiscoGroupSet, 1);

  self->engine = engine;
  self->groups = g_ptr_array_new_with_free_func (group_free);
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

static void
tell_established (DiscoGroupSet *self)
{
  if (self->told)
    return;
  self->told = TRUE;
  self->func (DISCO_GROUP_ESTABLISHED, NULL, self->user_data); /* may free self */
}

static void
on_group (DiscoGroupState state, const GError *error, gpointer user_data)
{
  Group *group = user_data;
  DiscoGroupSet *self = group->set;

  if (state != DISCO_GROUP_ESTABLISHED)
    {
      self->func (state, error, self->user_data); /* may free self */
      return;
    }
  if (!group->established)
    self->n_established++;
  group->established = TRUE;
  if (self->n_established == self->groups->len)
    tell_established (self);
}

/* All entries of a set are handed over before anything can be told: callbacks never come from
 * inside. */
static void
add_group (DiscoGroupSet *self, const DiscoLinkEntry *entries, guint n_entries)
{
  Group *group = g_new0 (Group, 1);

  group->set = self;
  g_ptr_array_add (self->groups, group);
  group->object = disco_link_publish (disco_engine_get_link (self->engine), entries, n_entries,
                                      on_group, group);
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
  add_group (self, entries, n_entries);
}

DiscoGroupSet *
disco_group_set_new_service (DiscoEngine *engine, const DiscoRecordSet *records, const char *label,
                             const GArray *ifindexes, DiscoGroupFunc func, gpointer user_data)
{
  DiscoGroupSet *self = group_set_new (engine, func, user_data);

  for (guint i = 0; i < ifindexes->len; i++)
    add_service (self, records, label, g_array_index (ifindexes, int, i));
  return self;
}

DiscoGroupSet *
disco_group_set_new_subtypes (DiscoEngine *engine, const DiscoRecordSet *records, const char *label,
                              const GArray *ifindexes, DiscoGroupFunc func, gpointer user_data)
{
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (DiscoLinkEntry));
  DiscoGroupSet *self;

  for (guint i = 0; records->subtypes != NULL && records->subtypes[i] != NULL; i++)
    {
      if (g_str_equal (records->subtypes[i], records->service->browse_type))
        continue;
      for (guint k = 0; k < ifindexes->len; k++)
        {
          DiscoLinkEntry entry
              = make_entry (DISCO_ENTRY_SUBTYPE, records, label, g_array_index (ifindexes, int, k));
          entry.subtype = records->subtypes[i];
          g_array_append_val (entries, entry);
        }
    }
  if (entries->len == 0)
    return NULL;
  self = group_set_new (engine, func, user_data);
  for (guint i = 0; i < entries->len; i += MAX_ENTRIES)
    add_group (self, &g_array_index (entries, DiscoLinkEntry, i),
               MIN (entries->len - i, MAX_ENTRIES));
  return self;
}

/* Of the service's set, the group of the interface of that place in the list */
static DiscoLinkObject *
nth_object (DiscoGroupSet *self, guint i)
{
  Group *group = self->groups->pdata[i];

  return group->object;
}

gboolean
disco_group_set_update_txt (DiscoGroupSet *self, const DiscoRecordSet *records, const char *label,
                            const GArray *ifindexes, GError **error)
{
  for (guint i = 0; i < ifindexes->len; i++)
    {
      DiscoLinkEntry entry
          = make_entry (DISCO_ENTRY_SERVICE, records, label, g_array_index (ifindexes, int, i));
      if (!disco_link_update_txt (nth_object (self, i), &entry, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
disco_group_set_update_srv (DiscoGroupSet *self, const DiscoRecordSet *records, const char *label,
                            const GArray *ifindexes, GError **error)
{
  for (guint i = 0; i < ifindexes->len; i++)
    {
      DiscoLinkEntry entry
          = make_entry (DISCO_ENTRY_SERVICE, records, label, g_array_index (ifindexes, int, i));
      if (entry.host == NULL)
        entry.host = disco_link_get_host_name (disco_engine_get_link (self->engine));
      if (entry.host == NULL)
        {
          /* the link has failed, or the host is being renamed, and that is about to be heard of */
          g_set_error_literal (error, DISCO_ERROR, DISCO_ERROR_UNAVAILABLE,
                               "this host has no name just now");
          return FALSE;
        }
      if (!disco_link_update_srv (nth_object (self, i), &entry, error))
        return FALSE;
    }
  return TRUE;
}
