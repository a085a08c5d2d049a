/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tool-live.h"

#include "tool-keys.h"
#include "tool-screen.h"

#include <glib-unix.h>
#include <signal.h>
#include <unistd.h>

#define PAINT_US (G_USEC_PER_SEC / 30) /* between two paintings */
#define TURN_US (G_USEC_PER_SEC / 10)  /* while it shows that it is looking */

struct _ToolLive
{
  ToolRun *run;
  ToolTable *table; /* (owned) */
  int fd;           /* the terminal, -1 in a test */
  guint first;      /* the row at the top */
  GSource *timer;   /* (owned): paints when it is ready */
  GSource *keys;    /* (owned) (nullable): while it is on the screen */
  gint64 painted_us;
  gboolean on_screen; /* the terminal shows the table */
  gboolean closed;
};

static int
get_fd (ToolRun *run)
{
  return fileno (tool_run_get_output (run)->out);
}

gboolean
tool_live_is_possible (ToolRun *run)
{
  const ToolOptions *options = tool_run_get_options (run);

  return tool_run_get_output (run)->out_look.paints && !options->global.json && !options->once
         && !tool_terminal_in_background (get_fd (run));
}

/* Paints at @at_us, or before if that is due already. */
static void
paint_by (ToolLive *self, gint64 at_us)
{
  const gint64 due_us = g_source_get_ready_time (self->timer);

  if (due_us < 0 || at_us < due_us)
    g_source_set_ready_time (self->timer, at_us);
}

/* Each line is emptied before it is written: a cursor that is held in the last column would erase
 * what is there. */
static char *
place (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autofree char *joined = g_strjoinv ("\r\n\x1b[K", lines);

  return g_strconcat ("\x1b[H\x1b[K", joined, NULL);
}

static void
paint (ToolLive *self)
{
  const gint64 now_us = g_get_monotonic_time ();
  const ToolTableView view = { .size = tool_terminal_get_size (self->fd),
                               .look = tool_run_get_output (self->run)->out_look,
                               .first = self->first };
  const gint64 next_us = tool_table_expire (self->table, now_us);
  g_autofree char *text = tool_table_format (self->table, &view, now_us);
  g_autofree char *placed = place (text);

  self->painted_us = now_us;
  if (next_us >= 0)
    paint_by (self, next_us);
  if (tool_table_get_state (self->table) == TOOL_TABLE_LOOKING)
    paint_by (self, now_us + TURN_US);
  tool_run_print_text (self->run, placed);
}

static gboolean
on_timer (gpointer user_data)
{
  ToolLive *self = user_data;

  g_source_set_ready_time (self->timer, -1);
  if (self->on_screen)
    paint (self);
  return G_SOURCE_CONTINUE;
}

static gboolean
dispatch_timer (GSource *source, GSourceFunc callback, gpointer user_data)
{
  return callback (user_data);
}

static GSource *
make_timer (ToolLive *self)
{
  static GSourceFuncs funcs = { .dispatch = dispatch_timer };
  GSource *timer = g_source_new (&funcs, sizeof (GSource));

  g_source_set_callback (timer, on_timer, self, NULL);
  g_source_attach (timer, g_main_context_get_thread_default ());
  return timer;
}

static void
scroll (ToolLive *self, ToolKey key)
{
  const ToolSize size = tool_terminal_get_size (self->fd);
  const guint page = MAX (tool_table_get_page (size), 1);
  const guint last = tool_table_get_last_first (self->table, size);
  guint first = MIN (self->first, last);

  if (key == TOOL_KEY_UP)
    first -= MIN (first, 1);
  else if (key == TOOL_KEY_DOWN)
    first += 1;
  else if (key == TOOL_KEY_PAGE_UP)
    first -= MIN (first, page);
  else if (key == TOOL_KEY_PAGE_DOWN)
    first += page;
  else if (key == TOOL_KEY_HOME)
    first = 0;
  else if (key == TOOL_KEY_END)
    first = last;
  self->first = MIN (first, last);
  paint_by (self, 0);
}

static gboolean
on_keys (int fd, GIOCondition condition, gpointer user_data)
{
  ToolLive *self = user_data;
  char bytes[256];
  const gssize n = read (fd, bytes, sizeof bytes);
  ToolKey key;

  if (n <= 0)
    return G_SOURCE_REMOVE;
  for (gsize i = 0; i < (gsize)n;)
    {
      i += tool_keys_parse (bytes + i, (gsize)n - i, &key);
      if (key == TOOL_KEY_QUIT)
        {
          tool_run_interrupt (self->run);
          return G_SOURCE_REMOVE;
        }
      if (key != TOOL_KEY_NONE)
        scroll (self, key);
    }
  return G_SOURCE_CONTINUE;
}

static void
listen_to_keys (ToolLive *self)
{
  if (!tool_screen_has_keys ())
    return;
  self->keys = g_unix_fd_source_new (STDIN_FILENO, G_IO_IN);
  g_source_set_callback (self->keys, G_SOURCE_FUNC (on_keys), self, NULL);
  g_source_attach (self->keys, g_main_context_get_thread_default ());
}

/* Whoever reads in the background is stopped (SIGTTIN). */
static void
ignore_keys (ToolLive *self)
{
  if (self->keys != NULL)
    g_source_destroy (self->keys);
  g_clear_pointer (&self->keys, g_source_unref);
}

static void
enter (ToolLive *self)
{
  if (self->on_screen || tool_terminal_in_background (self->fd))
    return;
  self->on_screen = TRUE;
  listen_to_keys (self);
  tool_run_print_text (self->run, TOOL_SCREEN_ENTER);
  paint_by (self, 0);
}

static void
leave (ToolLive *self)
{
  if (!self->on_screen)
    return;
  self->on_screen = FALSE;
  ignore_keys (self);
  tool_run_print_text (self->run, TOOL_SCREEN_LEAVE);
}

/* A job that goes on in the background waits for the terminal to be its own again, of which another
 * SIGCONT tells. */
static void
on_signal (int signum, gpointer user_data)
{
  ToolLive *self = user_data;

  if (signum == SIGTSTP)
    {
      leave (self);
      tool_screen_stop ();
    }
  if (signum != SIGWINCH && !tool_terminal_in_background (self->fd))
    {
      tool_screen_resume ();
      enter (self);
    }
  paint_by (self, 0);
}

ToolLive *
tool_live_new (ToolRun *run, ToolTable *table)
{
  ToolLive *self = g_new0 (ToolLive, 1);

  self->run = run;
  self->table = table;
  self->fd = get_fd (run);
  self->timer = make_timer (self);
  tool_screen_take (self->fd, on_signal, self);
  enter (self);
  return self;
}

void
tool_live_close (ToolLive *self)
{
  g_autofree char *text = NULL;

  if (self->closed)
    return;
  self->closed = TRUE;
  leave (self);
  tool_screen_give_back ();
  g_source_destroy (self->timer);
  text = tool_table_format_all (self->table, tool_run_get_output (self->run)->out_look);
  tool_run_print_text (self->run, text);
}

void
tool_live_free (ToolLive *self)
{
  tool_live_close (self);
  g_source_unref (self->timer);
  tool_table_free (self->table);
  g_free (self);
}

ToolTable *
tool_live_get_table (ToolLive *self)
{
  return self->table;
}

void
tool_live_changed (ToolLive *self)
{
  paint_by (self, self->painted_us + PAINT_US);
}
