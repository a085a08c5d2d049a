/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "screen.h"

#include <string.h>

typedef struct
{
  GtkWidget *widget;
  const char *awaited;
} Awaited;

/* -displayfd takes any number that is free. The server ends when its last client has gone, so it
 * does not outlive a test that aborts. */
void
screen_open (void)
{
  g_autoptr (GSubprocess) server = NULL;
  g_autoptr (GDataInputStream) output = NULL;
  g_autofree char *number = NULL;
  g_autofree char *display = NULL;

  server = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE,
                             NULL, "Xvfb", "-displayfd", "1", "-terminate", "-nolisten", "tcp",
                             "-screen", "0", "1024x768x24", NULL);
  assert_non_null (server);
  output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (server));
  number = g_data_input_stream_read_line (output, NULL, NULL, NULL);
  assert_non_null (number);
  display = g_strconcat (":", number, NULL);
  g_setenv ("DISPLAY", display, TRUE);
  gtk_init ();
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, "gtk-font-name",
                "Cantarell 11", NULL);
}

/* --- what is on it --- */

static void
add_texts (GtkWidget *widget, GStrvBuilder *texts)
{
  if (!gtk_widget_get_mapped (widget))
    return;
  if (GTK_IS_LABEL (widget))
    g_strv_builder_add (texts, gtk_label_get_text (GTK_LABEL (widget)));
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    add_texts (child, texts);
}

GStrv
screen_texts (GtkWidget *widget)
{
  g_autoptr (GStrvBuilder) texts = g_strv_builder_new ();

  add_texts (widget, texts);
  return g_strv_builder_end (texts);
}

gpointer
screen_find (GtkWidget *widget, GType type)
{
  gpointer found = NULL;

  if (!gtk_widget_get_mapped (widget))
    return NULL;
  if (g_type_is_a (G_OBJECT_TYPE (widget), type))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = screen_find (child, type);
  return found;
}

GtkWidget *
screen_find_button (GtkWidget *widget, const char *label)
{
  GtkWidget *found = NULL;

  if (!gtk_widget_get_mapped (widget))
    return NULL;
  if (GTK_IS_BUTTON (widget) && g_strcmp0 (gtk_button_get_label (GTK_BUTTON (widget)), label) == 0)
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = screen_find_button (child, label);
  return found;
}

/* GTK keeps widgets of rows for later use, which are not mapped, or have no text. */
GStrv
screen_rows (GtkWidget *widget)
{
  g_autoptr (GStrvBuilder) rows = g_strv_builder_new ();
  GtkWidget *list = screen_find (widget, GTK_TYPE_LIST_VIEW);

  if (list == NULL)
    return g_strv_builder_end (rows);
  for (GtkWidget *row = gtk_widget_get_first_child (list); row != NULL;
       row = gtk_widget_get_next_sibling (row))
    {
      g_auto (GStrv) texts = screen_texts (row);

      if (texts[0] != NULL)
        g_strv_builder_add (rows, texts[0]);
    }
  return g_strv_builder_end (rows);
}

gboolean
screen_has_text (GtkWidget *widget, const char *text)
{
  g_auto (GStrv) texts = screen_texts (widget);

  return g_strv_contains ((const char *const *)texts, text);
}

/* --- waiting for it --- */

static gboolean
has_rows (gpointer data)
{
  const Awaited *self = data;
  g_auto (GStrv) rows = screen_rows (self->widget);
  g_autofree char *seen = g_strjoinv ("|", rows);

  return g_str_equal (seen, self->awaited);
}

void
screen_await_rows (GtkWidget *widget, const char *rows)
{
  Awaited awaited = { widget, rows };

  print_message ("awaiting the rows %s\n", rows);
  test_wait_until (NULL, has_rows, &awaited);
}

static gboolean
has_text (gpointer data)
{
  const Awaited *self = data;

  return screen_has_text (self->widget, self->awaited);
}

void
screen_await_text (GtkWidget *widget, const char *text)
{
  Awaited awaited = { widget, text };

  print_message ("awaiting \"%s\"\n", text);
  test_wait_until (NULL, has_text, &awaited);
}

/* --- pictures --- */

static gboolean
is_set (gpointer flag)
{
  return *(gboolean *)flag;
}

static void
set (gpointer flag)
{
  *(gboolean *)flag = TRUE;
}

/* What was asked for last is laid out and drawn. */
static void
await_frame (GtkWidget *widget)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (widget);
  gboolean is_painted = FALSE;
  gulong handler = g_signal_connect_swapped (clock, "after-paint", G_CALLBACK (set), &is_painted);

  gtk_widget_queue_draw (widget);
  test_wait_until (NULL, is_set, &is_painted);
  g_signal_handler_disconnect (clock, handler);
}

void
screen_shoot (GtkWindow *window, const char *name)
{
  GtkWidget *widget = GTK_WIDGET (window);
  g_autoptr (GdkPaintable) paintable = NULL;
  g_autoptr (GtkSnapshot) snapshot = gtk_snapshot_new ();
  g_autoptr (GskRenderNode) node = NULL;
  g_autoptr (GdkTexture) texture = NULL;

  await_frame (widget);
  paintable = gtk_widget_paintable_new (widget); /* shows what was drawn last */
  gdk_paintable_snapshot (paintable, snapshot, gtk_widget_get_width (widget),
                          gtk_widget_get_height (widget));
  node = gtk_snapshot_to_node (snapshot);
  assert_non_null (node);
  texture = gsk_renderer_render_texture (gtk_native_get_renderer (GTK_NATIVE (window)), node, NULL);
  assert_true (gdk_texture_save_to_png (texture, name));
}
