/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-daemon-lines-private.h"

#include "disco-daemon-object-private.h"
#include "disco-engine-private.h"

#include <disco/disco-error.h>

/* Of Avahi's 1,024 objects a connection, what is left beside the questions that the link asks on
 * the first one */
#define GROUPS_PER_LINE 900
/* Connections a link: a system bus has 256 for all programs of a user together. */
#define MAX_LINES 64
/* Groups being made at a time, each with one call under way: with the questions on the first line
 * no more than the 128 that the bus allows. */
#define MAX_MAKING 24

#define GROUP DISCO_AVAHI_BUS_NAME ".EntryGroup"

struct _DiscoDaemonLine
{
  DiscoDaemonLines *lines;
  DiscoBusWatch *bus; /* (owned) but for the first line */
  gboolean open;
  gboolean full;  /* the daemon has refused one more object */
  guint n_groups; /* that have it as their line */
};

struct _DiscoDaemonLines
{
  DiscoLink *link;
  const DiscoDaemonLinesFuncs *funcs;
  GPtrArray *lines;    /* (owned) of (owned) DiscoDaemonLine; the last one may not be open yet */
  GQueue waiting;      /* of DiscoDaemonPlaces' links; their data is the group */
  GHashTable *by_path; /* (owned) path → group */
  guint n_making;
  GSource *timer; /* (owned): goes on when there is room again */
};

static void advance (DiscoDaemonLines *self);

/* --- the lines --- */

static gboolean
is_first (DiscoDaemonLine *line)
{
  return line == line->lines->lines->pdata[0];
}

/* From whoever has the daemon's name: the watch sees to that. */
static void
on_state_changed (DBusMessage *signal, gpointer user_data)
{
  DiscoDaemonLines *self = user_data;
  gpointer group = g_hash_table_lookup (self->by_path, dbus_message_get_path (signal));
  const char *error_name;
  dbus_int32_t state;

  if (group != NULL
      && dbus_message_get_args (signal, NULL, DBUS_TYPE_INT32, &state, DBUS_TYPE_STRING,
                                &error_name, DBUS_TYPE_INVALID))
    self->funcs->tell (group, state, error_name);
}

static void
open_line (DiscoDaemonLine *line)
{
  line->open = TRUE;
  disco_bus_watch_subscribe (line->bus, NULL, GROUP, "StateChanged", on_state_changed, line->lines);
}

static DiscoDaemonLine *
add_line (DiscoDaemonLines *self)
{
  DiscoDaemonLine *line = g_new0 (DiscoDaemonLine, 1);

  line->lines = self;
  g_ptr_array_add (self->lines, line);
  return line;
}

/* The place that has been waiting longest, which waits no more */
static DiscoDaemonPlace *
pop (DiscoDaemonLines *self)
{
  DiscoDaemonPlace *place = (DiscoDaemonPlace *)self->waiting.head; /* its first member */

  g_queue_unlink (&self->waiting, &place->link);
  place->waits = FALSE;
  return place;
}

static void
fail_waiting (DiscoDaemonLines *self, const GError *error)
{
  while (!g_queue_is_empty (&self->waiting))
    self->funcs->fail (pop (self)->link.data, error);
}

static gboolean
has_room (DiscoDaemonLine *line)
{
  return line->open && !line->full && line->n_groups < GROUPS_PER_LINE;
}

/* (nullable) */
static DiscoDaemonLine *
find_line (DiscoDaemonLines *self)
{
  for (guint i = 0; i < self->lines->len; i++)
    {
      if (has_room (self->lines->pdata[i]))
        return self->lines->pdata[i];
    }
  return NULL;
}

/* The waiting fail, unless there is room by now. */
static void
give_up_line (DiscoDaemonLine *line, const GError *reason)
{
  DiscoDaemonLines *self = line->lines;
  g_autoptr (GError) error = g_error_new (
      DISCO_ERROR, DISCO_ERROR_LIMIT, "cannot publish: no further connection to the system bus: %s",
      reason->message);

  disco_bus_watch_free (line->bus);
  g_ptr_array_remove (self->lines, line);
  if (find_line (self) == NULL)
    {
      fail_waiting (self, error);
      disco_daemon_lines_reopen (self);
    }
  advance (self);
}

static void
lose_link (DiscoDaemonLines *self, const GError *reason)
{
  g_autoptr (GError) error = g_error_new (DISCO_ERROR, DISCO_ERROR_UNAVAILABLE,
                                          "a connection to the system bus: %s", reason->message);

  disco_link_set_state (self->link, DISCO_LINK_FAILED, error);
}

/* Of a line but the first, which is the link's own connection: that tells when the daemon has gone,
 * or the bus. */
static void
on_bus (DiscoBusState state, const GError *error, gpointer user_data)
{
  DiscoDaemonLine *line = user_data;

  if (state == DISCO_BUS_GONE && line->open)
    lose_link (line->lines, error);
  else if (state == DISCO_BUS_GONE)
    give_up_line (line, error);
  else if (state == DISCO_BUS_NAME_OWNED && !line->open)
    {
      open_line (line);
      advance (line->lines);
    }
}

/* One line more, unless one is being opened: the waiting go on when it is there. */
static void
need_line (DiscoDaemonLines *self)
{
  DiscoDaemonLine *last = self->lines->pdata[self->lines->len - 1];
  g_autoptr (GError) error = NULL;

  if (!last->open)
    return;
  if (self->lines->len < MAX_LINES)
    {
      last = add_line (self);
      last->bus = disco_bus_watch_new (DISCO_AVAHI_BUS_NAME, FALSE, on_bus, last);
      return;
    }
  error = g_error_new (DISCO_ERROR, DISCO_ERROR_LIMIT,
                       "cannot publish: %d connections are full: raise objects-per-client-max in "
                       "avahi-daemon.conf",
                       MAX_LINES);
  fail_waiting (self, error);
}

/* --- the places --- */

static void
begin (DiscoDaemonLines *self, DiscoDaemonPlace *place, DiscoDaemonLine *line)
{
  place->line = line;
  place->making = TRUE;
  place->alone = line->n_groups == 0;
  line->n_groups++;
  self->n_making++;
  self->funcs->begin (place->link.data);
}

static void
advance (DiscoDaemonLines *self)
{
  while (self->n_making < MAX_MAKING && !g_queue_is_empty (&self->waiting))
    {
      DiscoDaemonLine *line = find_line (self);

      if (line == NULL)
        {
          need_line (self);
          return;
        }
      begin (self, pop (self), line);
    }
}

static gboolean
on_timer (gpointer user_data)
{
  DiscoDaemonLines *self = user_data;

  advance (self);
  return G_SOURCE_CONTINUE;
}

void
disco_daemon_lines_enter (DiscoDaemonLines *self, DiscoDaemonPlace *place, gpointer group)
{
  place->link.data = group;
  place->waits = TRUE;
  g_queue_push_tail_link (&self->waiting, &place->link);
  advance (self);
}

static void
stop_making (DiscoDaemonLines *self, DiscoDaemonPlace *place)
{
  if (place->making)
    self->n_making--;
  place->making = FALSE;
}

void
disco_daemon_lines_end_turn (DiscoDaemonLines *self, DiscoDaemonPlace *place)
{
  stop_making (self, place);
  advance (self);
}

static void
leave_line (DiscoDaemonLines *self, DiscoDaemonPlace *place, gboolean full)
{
  stop_making (self, place);
  place->line->n_groups--;
  place->line->full = full;
  place->line = NULL;
}

gboolean
disco_daemon_lines_move_on (DiscoDaemonLines *self, DiscoDaemonPlace *place)
{
  DiscoDaemonLine *line = place->line;

  /* on the first one it may be the questions that take the room */
  if (place->alone && !is_first (line))
    return FALSE;
  leave_line (self, place, is_first (line) || line->n_groups > 1);
  place->waits = TRUE;
  g_queue_push_head_link (&self->waiting, &place->link);
  advance (self);
  return TRUE;
}

void
disco_daemon_lines_reopen (DiscoDaemonLines *self)
{
  for (guint i = 0; i < self->lines->len; i++)
    ((DiscoDaemonLine *)self->lines->pdata[i])->full = FALSE;
}

/* Others go on later, lest they begin only to be freed next. */
void
disco_daemon_lines_leave (DiscoDaemonLines *self, DiscoDaemonPlace *place)
{
  if (place->waits)
    g_queue_unlink (&self->waiting, &place->link);
  place->waits = FALSE;
  if (place->line == NULL)
    return;
  leave_line (self, place, FALSE);
  disco_timer_advance (self->timer, 0);
}

DiscoBusWatch *
disco_daemon_line_get_bus (DiscoDaemonLine *line)
{
  return line->bus;
}

gboolean
disco_daemon_lines_listen (DiscoDaemonLines *self, const char *path, gpointer group)
{
  if (g_hash_table_contains (self->by_path, path))
    return FALSE;
  g_hash_table_insert (self->by_path, (gpointer)path, group);
  return TRUE;
}

void
disco_daemon_lines_unlisten (DiscoDaemonLines *self, const char *path)
{
  g_hash_table_remove (self->by_path, path);
}

/* --- the whole --- */

DiscoDaemonLines *
disco_daemon_lines_new (DiscoLink *link, DiscoBusWatch *bus, const DiscoDaemonLinesFuncs *funcs)
{
  DiscoDaemonLines *self = g_new0 (DiscoDaemonLines, 1);
  DiscoDaemonLine *first;

  self->link = link;
  self->funcs = funcs;
  self->lines = g_ptr_array_new_with_free_func (g_free);
  self->by_path = g_hash_table_new (g_str_hash, g_str_equal);
  self->timer = disco_timer_new (disco_daemon_link_get_context (link), on_timer, self);
  first = add_line (self);
  first->bus = bus;
  open_line (first);
  return self;
}

void
disco_daemon_lines_free (DiscoDaemonLines *self)
{
  for (guint i = 1; i < self->lines->len; i++)
    disco_bus_watch_free (((DiscoDaemonLine *)self->lines->pdata[i])->bus);
  g_ptr_array_unref (self->lines);
  g_hash_table_unref (self->by_path);
  disco_timer_free (self->timer);
  g_free (self);
}
