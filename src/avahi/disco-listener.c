/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-listener-private.h"

#include "disco-live-private.h"
#include "disco-overheard-private.h"

/* As many names that were asked for where nothing was heard since: nothing is. */
#define MAX_MISSED 5

/* One interface over one protocol, on which something was heard or missed */
typedef struct
{
  int ifindex;
  int protocol;
  gint64 heard_at; /* last; 0: never */
  guint n_missed;  /* since then */
} Path;

struct _DiscoListener
{
  DiscoEngine *engine;
  DiscoEar *ear;             /* (owned) (nullable) */
  DiscoOverheard *overheard; /* (owned) */
  guint n_holds;
  GArray *paths;  /* (owned) of Path */
  GSource *timer; /* (owned): closes the ear, tells what it hears no more */
};

static Path *
find_path (DiscoListener *self, int ifindex, int protocol)
{
  for (guint i = 0; i < self->paths->len; i++)
    {
      Path *path = &g_array_index (self->paths, Path, i);
      if (path->ifindex == ifindex && path->protocol == protocol)
        return path;
    }
  return NULL;
}

static Path *
ensure_path (DiscoListener *self, int ifindex, int protocol)
{
  Path *path = find_path (self, ifindex, protocol);
  const Path fresh = { ifindex, protocol, 0, 0 };

  if (path != NULL)
    return path;
  g_array_append_val (self->paths, fresh);
  return &g_array_index (self->paths, Path, self->paths->len - 1);
}

static void
on_heard (const DiscoHeard *heard, gpointer user_data)
{
  DiscoListener *self = user_data;

  if (disco_engine_hear (self->engine, heard))
    disco_listener_note_heard (self, heard->ifindex, heard->protocol);
  /* several browsers may look for one name */
  if (disco_engine_awaits (self->engine, heard->name, heard->ifindex, heard->protocol))
    disco_overheard_put (self->overheard, heard);
  else
    disco_overheard_forget (self->overheard, heard->name, heard->ifindex, heard->protocol);
}

static void
open_ear (DiscoListener *self)
{
  DiscoLink *link = disco_engine_get_link (self->engine);
  g_autoptr (GArray) ifindexes = NULL;

  if (self->ear != NULL || link == NULL || self->n_holds == 0)
    return;
  ifindexes = disco_interfaces_list (disco_engine_get_interfaces (self->engine));
  self->ear = disco_link_listen (link, disco_engine_get_context (self->engine), ifindexes, on_heard,
                                 self);
}

static void
close_ear (DiscoListener *self)
{
  g_clear_pointer (&self->ear, disco_ear_free);
  g_array_set_size (self->paths, 0);
  disco_overheard_clear (self->overheard);
}

/* Not from inside what it tells */
static gboolean
on_timer (gpointer user_data)
{
  DiscoListener *self = user_data;

  if (self->n_holds == 0)
    close_ear (self);
  disco_live_hearing_changed (disco_engine_get_live (self->engine));
  return G_SOURCE_CONTINUE;
}

DiscoListener *
disco_listener_new (DiscoEngine *engine)
{
  DiscoListener *self = g_new0 (DiscoListener, 1);

  self->engine = engine;
  self->overheard = disco_overheard_new (disco_engine_get_context (engine));
  self->paths = g_array_new (FALSE, FALSE, sizeof (Path));
  self->timer = disco_timer_new (disco_engine_get_context (engine), on_timer, self);
  return self;
}

void
disco_listener_free (DiscoListener *self)
{
  disco_timer_free (self->timer);
  g_clear_pointer (&self->ear, disco_ear_free);
  disco_overheard_free (self->overheard);
  g_array_unref (self->paths);
  g_free (self);
}

void
disco_listener_hold (DiscoListener *self)
{
  self->n_holds++;
  open_ear (self);
}

void
disco_listener_release (DiscoListener *self)
{
  self->n_holds--;
  disco_timer_advance (self->timer, 0);
}

void
disco_listener_attach (DiscoListener *self)
{
  open_ear (self);
}

void
disco_listener_detach (DiscoListener *self)
{
  close_ear (self);
}

void
disco_listener_interfaces_changed (DiscoListener *self)
{
  g_autoptr (GArray) ifindexes = NULL;

  if (self->ear == NULL)
    return;
  ifindexes = disco_interfaces_list (disco_engine_get_interfaces (self->engine));
  disco_ear_move (self->ear, ifindexes);
  /* where it did not listen for a while it may have missed a later word */
  disco_overheard_clear (self->overheard);
  for (guint i = self->paths->len; i > 0; i--)
    {
      const Path *path = &g_array_index (self->paths, Path, i - 1);
      if (!disco_ear_covers (self->ear, path->ifindex, path->protocol))
        g_array_remove_index_fast (self->paths, i - 1);
    }
  disco_live_hearing_changed (disco_engine_get_live (self->engine));
}

void
disco_listener_recall (DiscoListener *self, const char *name, int ifindex, int protocol,
                       DiscoHeardFunc func, gpointer user_data)
{
  if (disco_overheard_recall (self->overheard, name, ifindex, protocol, func, user_data)
      && !disco_engine_awaits (self->engine, name, ifindex, protocol))
    disco_overheard_forget (self->overheard, name, ifindex, protocol);
}

gboolean
disco_listener_ask (DiscoListener *self, GPtrArray *names)
{
  return self->ear != NULL && disco_ear_ask (self->ear, names);
}

DiscoHearing
disco_listener_get_hearing (DiscoListener *self, int ifindex, int protocol)
{
  const Path *path;

  if (self->ear == NULL || !disco_ear_covers (self->ear, ifindex, protocol))
    return DISCO_HEARING_NONE;
  path = find_path (self, ifindex, protocol);
  if (path == NULL)
    return DISCO_HEARING_UNSURE;
  if (path->n_missed >= MAX_MISSED)
    return DISCO_HEARING_NONE;
  return path->heard_at != 0 ? DISCO_HEARING_GOOD : DISCO_HEARING_UNSURE;
}

void
disco_listener_note_heard (DiscoListener *self, int ifindex, int protocol)
{
  Path *path = ensure_path (self, ifindex, protocol);

  path->heard_at = g_get_monotonic_time ();
  path->n_missed = 0;
}

void
disco_listener_note_missed (DiscoListener *self, int ifindex, int protocol, gint64 asked_at)
{
  Path *path;

  if (self->ear == NULL || !disco_ear_covers (self->ear, ifindex, protocol))
    return;
  path = ensure_path (self, ifindex, protocol);
  /* others were heard: so it is the name */
  if (path->heard_at >= asked_at)
    return;
  path->n_missed++;
  if (path->n_missed == MAX_MISSED)
    disco_timer_advance (self->timer, 0);
}
