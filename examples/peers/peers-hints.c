/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "peers-hints.h"

struct _PeersHints
{
  AdwBin parent_instance;

  DiscoAvahiAgent *agent;    /* (owned) */
  GCancellable *cancellable; /* (owned) (nullable): of the check that is under way */

  /* of the template */
  AdwStatusPage *page;
  GtkStack *stack;
  GtkListBox *rows;
};

G_DEFINE_FINAL_TYPE (PeersHints, peers_hints, ADW_TYPE_BIN)

static void
add_row (PeersHints *self, const char *icon_name, const char *text)
{
  GtkWidget *row = adw_action_row_new ();

  g_object_set (row, "use-markup", FALSE, "title", text, "title-lines", 0, NULL);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), gtk_image_new_from_icon_name (icon_name));
  gtk_list_box_append (self->rows, row);
}

/* Of the checks only those that found something are of interest to a user. */
static void
add_hint (gpointer diagnosis, gpointer user_data)
{
  static const char *const icon_names[] = {
    [DISCO_DIAGNOSIS_STATUS_WARNING] = "dialog-warning-symbolic",
    [DISCO_DIAGNOSIS_STATUS_FAILED] = "dialog-error-symbolic",
  };
  const DiscoDiagnosisStatus status = disco_diagnosis_get_status (diagnosis);

  if (status != DISCO_DIAGNOSIS_STATUS_OK)
    add_row (user_data, icon_names[status], disco_diagnosis_get_detail (diagnosis));
}

static void
on_diagnosed (GObject *agent, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PeersHints) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) diagnoses = disco_diagnose_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->cancellable);
  if (diagnoses != NULL)
    g_ptr_array_foreach (diagnoses, add_hint, self);
  else
    add_row (self, "dialog-error-symbolic", error->message);
  if (gtk_list_box_get_row_at_index (self->rows, 0) == NULL)
    add_row (self, "emblem-ok-symbolic", "This computer and its network seem to be fine.");
  gtk_stack_set_visible_child_name (self->stack, "hints");
}

static void
cancel (PeersHints *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
}

static void
check (PeersHints *self)
{
  GtkListBoxRow *row;

  cancel (self);
  gtk_stack_set_visible_child_name (self->stack, "checking");
  while ((row = gtk_list_box_get_row_at_index (self->rows, 0)) != NULL)
    gtk_list_box_remove (self->rows, GTK_WIDGET (row));
  self->cancellable = g_cancellable_new ();
  disco_diagnose_async (self->agent, self->cancellable, on_diagnosed, g_object_ref (self));
}

static void
peers_hints_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (peers_hints_parent_class)->map (widget);
  check (PEERS_HINTS (widget));
}

static void
peers_hints_unmap (GtkWidget *widget)
{
  cancel (PEERS_HINTS (widget));
  GTK_WIDGET_CLASS (peers_hints_parent_class)->unmap (widget);
}

void
peers_hints_set_subject (PeersHints *self, DiscoAvahiAgent *agent, const char *name)
{
  g_autofree char *text = g_markup_printf_escaped ("On this network nobody offers “%s”.", name);

  g_set_object (&self->agent, agent);
  adw_status_page_set_description (self->page, text);
}

static void
peers_hints_dispose (GObject *object)
{
  PeersHints *self = PEERS_HINTS (object);

  cancel (self);
  g_clear_object (&self->agent);
  G_OBJECT_CLASS (peers_hints_parent_class)->dispose (object);
}

static void
peers_hints_class_init (PeersHintsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = peers_hints_dispose;
  widget_class->map = peers_hints_map;
  widget_class->unmap = peers_hints_unmap;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/example/Peers/peers-hints.ui");
  gtk_widget_class_bind_template_child (widget_class, PeersHints, page);
  gtk_widget_class_bind_template_child (widget_class, PeersHints, stack);
  gtk_widget_class_bind_template_child (widget_class, PeersHints, rows);
  gtk_widget_class_bind_template_callback (widget_class, check);
}

static void
peers_hints_init (PeersHints *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
