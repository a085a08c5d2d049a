/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-quota-private.h"

/* How many instances a host has */
typedef struct
{
  char *name; /* (owned) */
  guint n_instances;
  gboolean is_over; /* it had its share, and more of its names were turned away */
} Host;

/* Who was turned away comes back together with all the others who were: half of the candidates'
 * room is to be free for them. */
#define FREE_AGAIN 2

typedef struct
{
  guint index; /* candidate: among the candidates */
  Host *host;  /* (nullable): instance: whose */
} Member;

struct _DiscoQuota
{
  guint max_instances;
  guint max_per_host;
  GHashTable *members;   /* (owned) name → (owned) Member */
  GPtrArray *candidates; /* (owned) of names, in no order */
  GHashTable *hosts;     /* (owned) (borrowed) name → (owned) Host */
  gboolean was_full;     /* names were turned away */
  gboolean has_lost;     /* a host that is over its share has lost an instance */
};

static void
host_free (gpointer data)
{
  Host *host = data;

  g_free (host->name);
  g_free (host);
}

DiscoQuota *
disco_quota_new (guint max_instances)
{
  DiscoQuota *self = g_new0 (DiscoQuota, 1);

  self->max_instances = max_instances;
  self->max_per_host = MAX (max_instances / DISCO_QUOTA_HOST_SHARE, 1);
  self->members = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->candidates = g_ptr_array_new ();
  self->hosts = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, host_free);
  return self;
}

void
disco_quota_free (DiscoQuota *self)
{
  g_hash_table_unref (self->members);
  g_hash_table_unref (self->hosts);
  g_ptr_array_unref (self->candidates);
  g_free (self);
}

static guint
n_instances (DiscoQuota *self)
{
  return g_hash_table_size (self->members) - self->candidates->len;
}

/* --- candidates --- */

static void
add_candidate (DiscoQuota *self, gpointer name, Member *member)
{
  member->index = self->candidates->len;
  g_ptr_array_add (self->candidates, name);
}

static void
remove_candidate (DiscoQuota *self, const Member *member)
{
  const guint last = self->candidates->len - 1;
  Member *moved = g_hash_table_lookup (self->members, self->candidates->pdata[last]);

  moved->index = member->index;
  g_ptr_array_remove_index_fast (self->candidates, member->index);
}

/* Of the candidates, while there is room for instances */
static guint
get_room (DiscoQuota *self)
{
  return MAX (self->max_instances - n_instances (self), DISCO_QUOTA_MIN_CANDIDATES);
}

gboolean
disco_quota_admit (DiscoQuota *self, gpointer name, gpointer *driven_out)
{
  Member *member;

  *driven_out = NULL;
  if (n_instances (self) >= self->max_instances)
    {
      self->was_full = TRUE;
      return FALSE;
    }
  if (self->candidates->len >= get_room (self))
    {
      self->was_full = TRUE;
      *driven_out = self->candidates->pdata[g_random_int_range (0, (gint32)self->candidates->len)];
      disco_quota_remove (self, *driven_out);
    }
  member = g_new0 (Member, 1);
  g_hash_table_insert (self->members, name, member);
  add_candidate (self, name, member);
  return TRUE;
}

/* --- instances --- */

static Host *
ensure_host (DiscoQuota *self, const char *name)
{
  Host *host = g_hash_table_lookup (self->hosts, name);

  if (host != NULL)
    return host;
  host = g_new0 (Host, 1);
  host->name = g_strdup (name);
  g_hash_table_insert (self->hosts, host->name, host);
  return host;
}

static void
leave_host (DiscoQuota *self, Member *member)
{
  Host *host = g_steal_pointer (&member->host);

  self->has_lost = self->has_lost || host->is_over;
  if (--host->n_instances == 0)
    g_hash_table_remove (self->hosts, host->name);
}

/* FALSE: there is no room for an instance more of @host, which is kept in mind. */
static gboolean
has_room_for (DiscoQuota *self, Host *host)
{
  if (n_instances (self) >= self->max_instances)
    self->was_full = TRUE;
  else if (host != NULL && host->n_instances >= self->max_per_host)
    host->is_over = TRUE;
  else
    return TRUE;
  return FALSE;
}

gboolean
disco_quota_assign (DiscoQuota *self, gpointer name, const char *host_name)
{
  Member *member = g_hash_table_lookup (self->members, name);
  Host *host = g_hash_table_lookup (self->hosts, host_name);

  if (member->host != NULL && member->host == host)
    return TRUE;
  if (member->host == NULL && !has_room_for (self, host))
    {
      disco_quota_remove (self, name);
      return FALSE;
    }
  if (member->host != NULL)
    leave_host (self, member);
  else
    remove_candidate (self, member);
  member->host = ensure_host (self, host_name);
  member->host->n_instances++;
  return TRUE;
}

void
disco_quota_unassign (DiscoQuota *self, gpointer name)
{
  Member *member = g_hash_table_lookup (self->members, name);

  if (member->host == NULL)
    return;
  leave_host (self, member);
  add_candidate (self, name, member);
}

void
disco_quota_remove (DiscoQuota *self, gpointer name)
{
  Member *member = g_hash_table_lookup (self->members, name);

  if (member == NULL)
    return;
  if (member->host != NULL)
    leave_host (self, member);
  else
    remove_candidate (self, member);
  g_hash_table_remove (self->members, name);
}

/* --- who was turned away --- */

gboolean
disco_quota_has_room_again (DiscoQuota *self)
{
  return (self->was_full || self->has_lost) && n_instances (self) < self->max_instances
         && self->candidates->len <= get_room (self) / FREE_AGAIN;
}

void
disco_quota_begin_anew (DiscoQuota *self)
{
  GHashTableIter iter;
  gpointer host;

  self->was_full = FALSE;
  self->has_lost = FALSE;
  g_hash_table_iter_init (&iter, self->hosts);
  while (g_hash_table_iter_next (&iter, NULL, &host))
    ((Host *)host)->is_over = FALSE;
}
