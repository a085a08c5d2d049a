/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tool-progress.h"

#include "tool-terminal.h"
#include "tool-text.h"
#include "tool-width.h"

#define FRAME_MS 100
#define SILENT_MS 1000 /* until it counts seconds: browsing takes one anyway */
#define ERASE_LINE "\r\x1b[K"

struct _ToolProgress
{
  FILE *err;
  ToolLook look;
  char *what; /* (owned) */
  guint timeout_ms;
  gint64 start_us;
  GSource *tick; /* (owned) */
  gboolean shown;
};

char *
tool_progress_format (const char *what, guint elapsed_ms, guint timeout_ms, guint width,
                      ToolLook look)
{
  static const char *const frames[] = { "⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏" };
  static const char *const ascii_frames[] = { "|", "/", "-", "\\" };
  const guint frame = elapsed_ms / FRAME_MS;
  g_autofree char *shown = tool_escape_for (look, what);
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_append (text, look.ascii ? ascii_frames[frame % G_N_ELEMENTS (ascii_frames)]
                                    : frames[frame % G_N_ELEMENTS (frames)]);
  g_string_append_printf (text, " %s", shown);
  if (elapsed_ms >= SILENT_MS)
    g_string_append_printf (text, " %u s", elapsed_ms / 1000);
  if (elapsed_ms >= SILENT_MS && timeout_ms > 0)
    g_string_append_printf (text, " of %g", timeout_ms / 1000.0);
  return tool_width_cut (text->str, width, look.ascii);
}

static gboolean
on_tick (gpointer user_data)
{
  ToolProgress *self = user_data;
  const int fd = fileno (self->err);
  const guint elapsed_ms = (guint)((g_get_monotonic_time () - self->start_us) / 1000);
  g_autofree char *text = NULL;

  if (tool_terminal_in_background (fd))
    return G_SOURCE_CONTINUE;
  /* what fills the last column may leave the cursor on the next line */
  text = tool_progress_format (self->what, elapsed_ms, self->timeout_ms,
                               tool_terminal_get_size (fd).width - 1, self->look);
  fprintf (self->err, ERASE_LINE "%s", text);
  fflush (self->err);
  self->shown = TRUE;
  return G_SOURCE_CONTINUE;
}

ToolProgress *
tool_progress_new (FILE *err, ToolLook look, const char *what, guint timeout_ms)
{
  ToolProgress *self = g_new0 (ToolProgress, 1);

  self->err = err;
  self->look = look;
  self->what = g_strdup (what);
  self->timeout_ms = timeout_ms;
  self->start_us = g_get_monotonic_time ();
  self->tick = g_timeout_source_new (FRAME_MS);
  g_source_set_callback (self->tick, on_tick, self, NULL);
  g_source_attach (self->tick, g_main_context_get_thread_default ());
  return self;
}

void
tool_progress_free (ToolProgress *self)
{
  g_source_destroy (self->tick);
  g_source_unref (self->tick);
  if (self->shown)
    {
      fputs (ERASE_LINE, self->err);
      fflush (self->err);
    }
  g_free (self->what);
  g_free (self);
}
