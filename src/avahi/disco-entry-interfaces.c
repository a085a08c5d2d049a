/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-entry-state-private.h"

/* Where the agent uses some interfaces only, an entry has groups of its own on each of them, and
 * this follows as they come and go: what stands on those that stay is left alone, for readers there
 * would take it for a goodbye. */

/* Before what could not be published on a new interface is tried there again */
#define RETRY_US (5 * G_TIME_SPAN_SECOND)

GArray *
disco_entry_list_interfaces (DiscoEntry *self)
{
  DiscoInterfaces *interfaces = disco_engine_get_interfaces (self->engine);
  const int any = DISCO_LINK_ANY;
  GArray *everywhere;

  if (disco_interfaces_is_restricted (interfaces))
    return disco_interfaces_list (interfaces);
  everywhere = g_array_new (FALSE, FALSE, sizeof (int));
  g_array_append_val (everywhere, any);
  return everywhere;
}

static void
intersect (GArray *ifindexes, const GArray *others)
{
  for (guint i = ifindexes->len; i > 0; i--)
    {
      if (!disco_ifindexes_contain (others, g_array_index (ifindexes, int, i - 1)))
        g_array_remove_index (ifindexes, i - 1);
    }
}

static gboolean
have_common (const GArray *ifindexes, const GArray *others)
{
  for (guint i = 0; i < ifindexes->len; i++)
    {
      if (disco_ifindexes_contain (others, g_array_index (ifindexes, int, i)))
        return TRUE;
    }
  return FALSE;
}

/* Withdraws it from all interfaces but @wanted. */
static void
narrow (DiscoEntry *self, const GArray *wanted)
{
  gboolean was_established = disco_entry_is_established (self);

  intersect (self->ifindexes, wanted);
  intersect (self->standing, wanted);
  disco_group_set_keep (self->service, self->ifindexes);
  if (self->subtypes != NULL)
    disco_group_set_keep (self->subtypes, self->ifindexes);
  disco_entry_narrow_update (self);
  if (was_established && !disco_entry_is_established (self))
    disco_engine_refresh (self->engine, self->label, self->records->service->type,
                          self->records->domain);
}

/* Publishes it on those of @wanted where it is not; its subtypes follow when the service stands. */
static void
widen (DiscoEntry *self, const GArray *wanted)
{
  guint before = self->ifindexes->len;

  for (guint i = 0; i < wanted->len; i++)
    {
      int ifindex = g_array_index (wanted, int, i);
      if (!disco_ifindexes_contain (self->ifindexes, ifindex))
        g_array_append_val (self->ifindexes, ifindex);
    }
  if (self->ifindexes->len == before)
    return;
  disco_group_set_extend (self->service, self->records, self->label, self->ifindexes);
  disco_entry_expect (self);
}

static gboolean
has_groups_established (DiscoEntry *self)
{
  return disco_group_set_is_established (self->service)
         && (self->subtypes == NULL || disco_group_set_is_established (self->subtypes));
}

gboolean
disco_entry_give_up_new_interfaces (DiscoEntry *self)
{
  if (!disco_entry_is_established (self) || disco_entry_is_settled (self))
    return FALSE;
  narrow (self, self->standing);
  if (!has_groups_established (self))
    return FALSE; /* one of those that stood has failed */
  disco_entry_proceed (self);
  disco_entry_check_in (self, RETRY_US);
  return TRUE;
}

void
disco_entry_interfaces_changed (DiscoEntry *self)
{
  g_autoptr (GArray) wanted = disco_entry_list_interfaces (self);
  gboolean was_settled = disco_entry_is_settled (self);

  if (self->service == NULL)
    {
      /* it waits for an interface, or for its next try, which looks for them itself */
      if (self->ifindexes->len == 0 && wanted->len > 0)
        disco_entry_publish (self);
      return;
    }
  if (!have_common (self->ifindexes, wanted))
    {
      disco_entry_unpublish (self);
      disco_entry_publish (self);
      return;
    }
  narrow (self, wanted);
  if (disco_entry_is_updating (self))
    {
      /* new ones get what it makes of the entry, when it is through */
      disco_entry_proceed_update (self);
      return;
    }
  widen (self, wanted);
  if (!was_settled)
    disco_entry_proceed (self); /* what was waited for may be what has gone */
}
