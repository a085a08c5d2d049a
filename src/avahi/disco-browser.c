/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-browser-state-private.h"
#include "disco-label-private.h"
#include "disco-listener-private.h"
#include "disco-publisher-private.h"
#include "disco-verifier-private.h"

static void
on_peer_changed (DiscoPeer *peer, gint64 due_us, gpointer user_data)
{
  disco_browser_mark (user_data, peer, due_us);
}

/* (nullable): the peer of that name, made if it is new and there is room */
static DiscoPeer *
ensure_peer (DiscoBrowser *self, const DiscoBrowseEvent *event)
{
  g_autofree char *name = disco_full_name_join (event->label, self->service->type, event->domain);
  DiscoPeer *peer = g_hash_table_lookup (self->peers, name);
  gpointer driven_out;

  if (peer != NULL)
    return peer;
  peer = disco_peer_new (self->engine, self->service, event->label, self->service->type,
                         event->domain, on_peer_changed, self);
  if (!disco_quota_admit (self->quota, peer, &driven_out))
    {
      disco_engine_refuse (self->engine, DISCO_COUNT_REFUSED_INSTANCES, name);
      disco_retry_later (self->room);
      disco_peer_free (peer);
      return NULL;
    }
  g_hash_table_insert (self->peers, (gpointer)disco_peer_get_full_name (peer), peer);
  if (driven_out != NULL)
    disco_browser_refuse (self, driven_out);
  return peer;
}

static void
on_new (DiscoBrowser *self, const DiscoBrowseEvent *event)
{
  DiscoPeer *peer = ensure_peer (self, event);

  if (peer == NULL)
    return;
  disco_quiet_break (&self->quiet, g_get_monotonic_time ());
  /* what the responder remembered it has shown before that */
  if (self->settled_at != 0 && self->again == NULL && !disco_peer_is_sighted (peer))
    disco_verifier_forget (disco_engine_get_verifier (self->engine),
                           disco_peer_get_full_name (peer));
  disco_peer_add_sighting (peer, event->ifindex, event->protocol, event->local);
}

static void
on_remove (DiscoBrowser *self, const DiscoBrowseEvent *event)
{
  g_autofree char *name = disco_full_name_join (event->label, self->service->type, event->domain);
  DiscoPeer *peer = g_hash_table_lookup (self->peers, name);

  if (peer != NULL)
    disco_peer_remove_sighting (peer, event->ifindex, event->protocol);
}

/* The link may be well, and what is announced over it is: so this browser alone begins anew, as on
 * a new link. */
static void
on_failure (DiscoBrowser *self, const GError *error)
{
  g_debug ("browsing %s: %s", self->service->browse_type, error->message);
  disco_source_fail_waiting (self->source, error);
  disco_browser_detach (self);
  disco_retry_later (self->retry);
}

static void
on_all_for_now (DiscoBrowser *self)
{
  if (self->again != NULL)
    {
      disco_link_object_free (self->object);
      self->object = g_steal_pointer (&self->again);
      return;
    }
  if (!self->all_for_now)
    self->all_for_now_at = g_get_monotonic_time ();
  self->all_for_now = TRUE;
  disco_timer_advance (self->timer, 0);
}

static void
on_browse (const DiscoBrowseEvent *event, gpointer user_data)
{
  DiscoBrowser *self = user_data;

  switch (event->kind)
    {
    case DISCO_BROWSE_NEW:
      if (disco_interfaces_is_used (disco_engine_get_interfaces (self->engine), event->ifindex))
        on_new (self, event);
      break;
    case DISCO_BROWSE_REMOVE:
      on_remove (self, event);
      break;
    case DISCO_BROWSE_ALL_FOR_NOW:
      on_all_for_now (self);
      break;
    case DISCO_BROWSE_FAILURE:
    default:
      on_failure (self, event->error);
      break;
    }
}

void
disco_browser_attach (DiscoBrowser *self)
{
  DiscoLink *link = disco_engine_get_link (self->engine);

  if (link == NULL || self->object != NULL)
    return;
  disco_source_fail_waiting (self->source, NULL);
  disco_quota_begin_anew (self->quota);
  self->attached_at = g_get_monotonic_time ();
  self->object = disco_link_browse_services (link, self->service->browse_type, on_browse, self);
}

static gboolean
on_retry (gpointer user_data)
{
  disco_browser_attach (user_data);
  return G_SOURCE_CONTINUE;
}

/* A responder has shown those whom there was no room for, and does not show them again: another
 * service browser does, and has the first one's place once it has shown all. Until then both tell
 * what changes. */
static gboolean
on_room (gpointer user_data)
{
  DiscoBrowser *self = user_data;

  if (!self->all_for_now || self->again != NULL || !disco_quota_has_room_again (self->quota))
    {
      disco_retry_later (self->room);
      return G_SOURCE_CONTINUE;
    }
  disco_quota_begin_anew (self->quota);
  self->again = disco_link_browse_services (disco_engine_get_link (self->engine),
                                            self->service->browse_type, on_browse, self);
  return G_SOURCE_CONTINUE;
}

/* --- for the engine --- */

DiscoBrowser *
disco_browser_new (DiscoEngine *engine, DiscoSource *source)
{
  DiscoBrowser *self = g_new0 (DiscoBrowser, 1);

  self->engine = engine;
  self->source = source;
  self->service = disco_source_get_data (source);
  self->name_end = g_strconcat (".", self->service->type, "." DISCO_DOMAIN, NULL);
  self->peers
      = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify)disco_peer_free);
  self->quota = disco_quota_new (disco_engine_get_max_instances (engine));
  self->dirty = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->carried = g_hash_table_new (NULL, NULL);
  self->snapshot = disco_snapshot_new ();
  self->timer = disco_timer_new (disco_engine_get_context (engine), disco_browser_build, self);
  self->retry = disco_retry_new (disco_engine_get_context (engine), on_retry, self);
  self->room = disco_retry_new (disco_engine_get_context (engine), on_room, self);
  disco_listener_hold (disco_engine_get_listener (engine));
  disco_browser_attach (self);
  return self;
}

void
disco_browser_free (DiscoBrowser *self)
{
  disco_listener_release (disco_engine_get_listener (self->engine));
  g_clear_pointer (&self->again, disco_link_object_free);
  g_clear_pointer (&self->object, disco_link_object_free);
  disco_timer_free (self->timer);
  disco_retry_free (self->retry);
  disco_retry_free (self->room);
  g_hash_table_unref (self->dirty);
  g_hash_table_unref (self->carried);
  g_hash_table_unref (self->peers);
  disco_quota_free (self->quota);
  disco_snapshot_free (self->snapshot);
  disco_source_free (self->source);
  g_free (self->name_end);
  g_free (self);
}

void
disco_browser_detach (DiscoBrowser *self)
{
  GHashTableIter iter;
  gpointer value;

  disco_retry_cancel (self->retry);
  disco_retry_cancel (self->room);
  g_clear_pointer (&self->again, disco_link_object_free);
  g_clear_pointer (&self->object, disco_link_object_free);
  self->all_for_now = FALSE;
  self->settled_at = 0;
  self->quiet = (DiscoQuiet){ 0 };
  g_hash_table_remove_all (self->dirty);
  g_hash_table_remove_all (self->carried);
  g_hash_table_iter_init (&iter, self->peers);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      DiscoPeer *peer = value;
      if (disco_snapshot_get (self->snapshot, disco_peer_get_full_name (peer)) != NULL)
        {
          disco_peer_detach (peer);
          g_hash_table_add (self->carried, peer);
        }
      else
        {
          disco_quota_remove (self->quota, peer);
          g_hash_table_iter_remove (&iter);
        }
    }
}

/* What this agent announces needs none. */
static void
verify (DiscoBrowser *self, DiscoInstance *instance)
{
  const char *label = disco_instance_get_label (instance);
  const char *type = disco_instance_get_service_type (instance);

  if (!disco_publisher_has_label (disco_engine_get_publisher (self->engine), type, label))
    disco_verifier_ask_slowly (disco_engine_get_verifier (self->engine), label, type,
                               disco_instance_get_domain (instance));
}

void
disco_browser_verify_all (DiscoBrowser *self)
{
  GHashTableIter iter;
  gpointer name;

  g_hash_table_iter_init (&iter, self->peers);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    {
      DiscoInstance *instance = disco_snapshot_get (self->snapshot, name);
      if (instance != NULL)
        verify (self, instance);
    }
}

gboolean
disco_browser_hear (DiscoBrowser *self, const DiscoHeard *heard)
{
  DiscoPeer *peer = g_hash_table_lookup (self->peers, heard->name);

  return peer != NULL && disco_peer_hear (peer, heard);
}

gboolean
disco_browser_awaits (DiscoBrowser *self, const char *name, int ifindex, int protocol)
{
  DiscoPeer *peer;

  if (!g_str_has_suffix (name, self->name_end))
    return FALSE;
  peer = g_hash_table_lookup (self->peers, name);
  return peer == NULL || !disco_peer_is_sighted_at (peer, ifindex, protocol);
}

void
disco_browser_refresh (DiscoBrowser *self, const char *label, const char *type, const char *domain)
{
  g_autofree char *name = disco_full_name_join (label, type, domain);
  GHashTableIter iter;
  gpointer peer;

  /* it may be spelled otherwise here (RFC 6762 §16) */
  g_hash_table_iter_init (&iter, self->peers);
  while (g_hash_table_iter_next (&iter, NULL, &peer))
    {
      if (g_ascii_strcasecmp (disco_peer_get_full_name (peer), name) == 0)
        disco_browser_mark (self, peer, g_get_monotonic_time ());
    }
}
