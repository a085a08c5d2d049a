/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "test-support.h"

#include <gtk/gtk.h>

/* A display of the test's own, which ends with the test, and GTK on it. To be called first. */
void screen_open (void);

/* What can be seen: the texts of the labels that are on the screen now, in their order.
 * (transfer full) */
GStrv screen_texts (GtkWidget *widget);
/* (transfer full): the first text of each row of the list that is on the screen, as it stands there
 */
GStrv screen_rows (GtkWidget *widget);

/* (transfer none) (nullable): the first widget of a type that is on the screen */
gpointer screen_find (GtkWidget *widget, GType type);
/* ... the button with that label */
GtkWidget *screen_find_button (GtkWidget *widget, const char *label);

/* Waits until these are the rows, or until there is such a text; texts are separated by "|". */
void screen_await_rows (GtkWidget *widget, const char *rows);
void screen_await_text (GtkWidget *widget, const char *text);
gboolean screen_has_text (GtkWidget *widget, const char *text);

/* Writes a picture of the window into the file. */
void screen_shoot (GtkWindow *window, const char *name);
