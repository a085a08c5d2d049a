/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From peers to the snapshot: what is shown of each of them, and when. */
#include "disco-browser-state-private.h"
#include "disco-verifier-private.h"

/* Between two snapshots at least this, and more where there are many instances to walk through. */
#define BATCH_US (5 * G_TIME_SPAN_MILLISECOND)
#define BATCH_US_PER_1024 G_TIME_SPAN_MILLISECOND
/* What is about to be built within this time belongs to the first full set. */
#define ABOUT_TO_US (100 * G_TIME_SPAN_MILLISECOND)
/* After ALL_FOR_NOW, whatever names still come: settled when for this time none could be shown, and
 * at the latest after that time. Else a host that invents names could put the first full set off
 * for ever. */
#define STALLED_US (3 * G_TIME_SPAN_SECOND)
#define OVERDUE_US (30 * G_TIME_SPAN_SECOND)
/* A question that nobody has answered within its second is asked once more (RFC 6762 §5.2): it was
 * lost, maybe, or the responder has very much to say. Avahi lets 0.1 s pass before a question goes
 * out, and an answer may be put off by half a second (§7.2). So nobody is there when neither was
 * answered by then. Where all was told for now at once, others had asked before. */
#define NOBODY_US (700 * G_TIME_SPAN_MILLISECOND)
#define AT_ONCE_US (100 * G_TIME_SPAN_MILLISECOND)
/* After a new link has settled: how long what it has not shown (in full) stands as it was. */
#define STALE_PARTS_US (2 * G_TIME_SPAN_SECOND)
#define STALE_US (5 * G_TIME_SPAN_SECOND)
/* What answers questions and yet is not shown by a browser that has asked for it five times by then
 * (RFC 6762 §5.2) was withdrawn meanwhile: only its other records are still about. */
#define UNSHOWN_US (30 * G_TIME_SPAN_SECOND)

void
disco_browser_mark (DiscoBrowser *self, DiscoPeer *peer, gint64 due_us)
{
  gint64 *due = g_hash_table_lookup (self->dirty, peer);

  if (due == NULL)
    {
      due = g_new (gint64, 1);
      *due = due_us;
      g_hash_table_insert (self->dirty, peer, due);
    }
  *due = MIN (*due, due_us);
  disco_timer_advance (self->timer, MAX (*due, self->next_batch_at));
}

static void
hide (DiscoBrowser *self, DiscoPeer *peer)
{
  if (!disco_snapshot_remove (self->snapshot, disco_peer_get_full_name (peer)))
    return;
  self->snapshot_changed = TRUE;
  disco_quota_unassign (self->quota, peer);
}

static void
drop_peer (DiscoBrowser *self, DiscoPeer *peer)
{
  hide (self, peer);
  g_hash_table_remove (self->dirty, peer);
  g_hash_table_remove (self->carried, peer);
  disco_quota_remove (self->quota, peer);
  g_hash_table_remove (self->peers, disco_peer_get_full_name (peer));
}

void
disco_browser_refuse (DiscoBrowser *self, DiscoPeer *peer)
{
  disco_engine_refuse (self->engine, DISCO_COUNT_REFUSED_INSTANCES,
                       disco_peer_get_full_name (peer));
  drop_peer (self, peer);
  disco_retry_later (self->room);
}

static gboolean
has_settled_for (DiscoBrowser *self, gint64 time_us, gint64 now)
{
  return self->settled_at != 0 && now >= self->settled_at + time_us;
}

/* What a new link shows of a peer is often less at first than what the old one knew: until there
 * has been time for all of it the old one stands. */
static gboolean
is_held_back (DiscoBrowser *self, DiscoPeer *peer, DiscoInstance *old, DiscoInstance *instance,
              gint64 now)
{
  if (!disco_peer_is_stale (peer) || old == NULL || disco_instance_equal (old, instance))
    return FALSE;
  return !has_settled_for (self, STALE_PARTS_US, now);
}

/* TRUE unless its host has had its share of the service */
static gboolean
may_be_shown (DiscoBrowser *self, DiscoPeer *peer)
{
  if (disco_quota_assign (self->quota, peer, disco_peer_get_host_name (peer)))
    return TRUE;
  disco_browser_refuse (self, peer);
  return FALSE;
}

static void
show (DiscoBrowser *self, DiscoPeer *peer, DiscoInstance *instance, gint64 now)
{
  const char *name = disco_peer_get_full_name (peer);
  DiscoInstance *old = disco_snapshot_get (self->snapshot, name);

  if (is_held_back (self, peer, old, instance, now))
    {
      disco_browser_mark (self, peer, now + STALE_PARTS_US);
      return;
    }
  disco_peer_end_stale (peer);
  if (old != NULL && disco_instance_equal (old, instance))
    return;
  if (old == NULL)
    self->last_shown_at = now;
  disco_snapshot_put (self->snapshot, name, instance);
  self->snapshot_changed = TRUE;
}

/* What is announced through a daemon is withdrawn when the connection to that daemon is lost, and
 * announced again over the next one: that is seen as a goodbye and, about as much later as a
 * goodbye takes to come true, as a new announcement. So what was known before counts as not shown
 * yet. */
static void
take_back (DiscoBrowser *self, DiscoPeer *peer, gint64 now)
{
  if (!disco_peer_is_stale (peer) && g_hash_table_contains (self->carried, peer)
      && !has_settled_for (self, STALE_US, now))
    disco_peer_detach (peer);
}

/* No PTR: gone, unless the link is new and has not shown it yet. Then it is gone when a direct
 * question was not answered either. */
static void
build_unsighted (DiscoBrowser *self, DiscoPeer *peer, gint64 now)
{
  take_back (self, peer, now);
  if (!disco_peer_is_stale (peer))
    drop_peer (self, peer);
  else if (has_settled_for (self, STALE_US, now))
    {
      if (disco_peer_is_unanswered (peer) || has_settled_for (self, UNSHOWN_US, now))
        {
          drop_peer (self, peer);
          return;
        }
      disco_peer_ask_again (peer);
      disco_browser_mark (self, peer, now + STALE_US);
    }
  else
    disco_browser_mark (self, peer, now + STALE_PARTS_US);
}

static void
build (DiscoBrowser *self, DiscoPeer *peer, gint64 now)
{
  g_autoptr (DiscoInstance) instance = NULL;
  gint64 again_at;

  if (!disco_peer_is_sighted (peer))
    {
      build_unsighted (self, peer, now);
      return;
    }
  if (disco_peer_is_stale (peer) && has_settled_for (self, STALE_US, now))
    disco_peer_end_stale (peer);
  if (disco_verifier_is_silent (disco_engine_get_verifier (self->engine),
                                disco_peer_get_full_name (peer)))
    {
      hide (self, peer);
      return;
    }
  switch (disco_peer_build (peer, now, &instance, &again_at))
    {
    case DISCO_PEER_SHOW:
      if (!may_be_shown (self, peer))
        return;
      show (self, peer, instance, now);
      break;
    case DISCO_PEER_HIDE:
      /* what a new link shows may be a part, as in show() */
      if (disco_peer_is_stale (peer) && !has_settled_for (self, STALE_PARTS_US, now))
        break;
      disco_peer_end_stale (peer);
      hide (self, peer);
      break;
    case DISCO_PEER_WAIT:
    default:
      break;
    }
  if (again_at != -1)
    disco_browser_mark (self, peer, again_at);
  else if (disco_peer_is_stale (peer))
    disco_browser_mark (self, peer, now + STALE_PARTS_US); /* until it is whole, or given up */
}

static void
build_due (DiscoBrowser *self, gint64 now)
{
  g_autoptr (GPtrArray) due = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer peer;
  gpointer at;

  g_hash_table_iter_init (&iter, self->dirty);
  while (g_hash_table_iter_next (&iter, &peer, &at))
    {
      if (*(gint64 *)at > now)
        continue;
      g_ptr_array_add (due, peer);
      g_hash_table_iter_remove (&iter);
    }
  for (guint i = 0; i < due->len; i++)
    build (self, due->pdata[i], now);
}

/* When the earliest of what is left is due */
static void
schedule (DiscoBrowser *self, gint64 now)
{
  GHashTableIter iter;
  gpointer at;
  gint64 earliest = G_MAXINT64;

  self->next_batch_at
      = now + BATCH_US + disco_snapshot_get_size (self->snapshot) / 1024 * BATCH_US_PER_1024;
  g_hash_table_iter_init (&iter, self->dirty);
  while (g_hash_table_iter_next (&iter, NULL, &at))
    earliest = MIN (earliest, *(gint64 *)at);
  if (earliest != G_MAXINT64)
    disco_timer_advance (self->timer, MAX (earliest, self->next_batch_at));
}

/* It is not shown, and is about to be built anew: what was missing has come, maybe. */
static gboolean
is_due (DiscoBrowser *self, DiscoPeer *peer, gint64 now, gint64 *until)
{
  const gint64 *due = g_hash_table_lookup (self->dirty, peer);

  if (due == NULL || *due > now + ABOUT_TO_US
      || disco_snapshot_get (self->snapshot, disco_peer_get_full_name (peer)) != NULL)
    return FALSE;
  *until = *due;
  return TRUE;
}

/* Nobody is known; that may be said once @until is over. */
static gboolean
is_nobody (DiscoBrowser *self, gint64 *until)
{
  if (g_hash_table_size (self->peers) > 0 || self->all_for_now_at < self->attached_at + AT_ONCE_US)
    return FALSE;
  *until = self->all_for_now_at + NOBODY_US;
  return TRUE;
}

/* TRUE when nothing that belongs to the first full set is still on its way; else @until says when
 * to look again */
static gboolean
is_settled (DiscoBrowser *self, gint64 now, gint64 *until)
{
  GHashTableIter iter;
  gpointer peer;

  *until = disco_quiet_get_at (&self->quiet, g_hash_table_size (self->peers), now);
  if (!self->all_for_now)
    return FALSE;
  if (now >= MAX (self->all_for_now_at, self->last_shown_at) + STALLED_US
      || now >= self->all_for_now_at + OVERDUE_US)
    return TRUE;
  if (now < *until)
    return FALSE;
  if (is_nobody (self, until))
    return now >= *until;
  if (disco_snapshot_get_size (self->snapshot) == g_hash_table_size (self->peers))
    return TRUE;
  g_hash_table_iter_init (&iter, self->peers);
  while (g_hash_table_iter_next (&iter, NULL, &peer))
    {
      if (is_due (self, peer, now, until) || !disco_peer_is_settled (peer, now, until))
        return FALSE;
    }
  return TRUE;
}

/* The link has shown all it has: what is left of an older one has its time from now. */
static void
on_settled (DiscoBrowser *self, gint64 now)
{
  GHashTableIter iter;
  gpointer peer;

  self->settled_at = now;
  self->synced = TRUE;
  g_hash_table_iter_init (&iter, self->peers);
  while (g_hash_table_iter_next (&iter, NULL, &peer))
    {
      if (!disco_peer_is_stale (peer))
        continue;
      if (!disco_peer_is_sighted (peer))
        disco_peer_ask_again (peer);
      disco_browser_mark (self, peer, now + STALE_PARTS_US);
    }
}

gboolean
disco_browser_build (gpointer user_data)
{
  DiscoBrowser *self = user_data;
  gint64 now = g_get_monotonic_time ();
  gboolean tell = FALSE;
  gint64 until;

  build_due (self, now);
  if (self->settled_at == 0 && self->object != NULL)
    {
      if (is_settled (self, now, &until))
        {
          tell = !self->synced;
          on_settled (self, now);
        }
      else if (self->all_for_now)
        disco_timer_advance (self->timer,
                             disco_quiet_look (&self->quiet, MAX (until, now + BATCH_US), now));
    }
  if (self->snapshot_changed || tell)
    {
      g_autoptr (GPtrArray) list = disco_snapshot_list (self->snapshot);
      self->snapshot_changed = FALSE;
      disco_source_set_snapshot (self->source, list, self->synced);
    }
  if (has_settled_for (self, STALE_US, now))
    g_hash_table_remove_all (self->carried);
  schedule (self, now);
  return G_SOURCE_CONTINUE;
}
