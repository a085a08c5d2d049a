/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "peers-details.h"

struct _PeersDetails
{
  AdwBin parent_instance;

  DiscoInstance *peer; /* (owned) (nullable) */

  /* of the template */
  GtkStack *stack;
  GtkLabel *label;
  GtkListBox *rows;
};

G_DEFINE_FINAL_TYPE (PeersDetails, peers_details, ADW_TYPE_BIN)

/* What comes from the network is text, and must not be taken for markup. */
static void
add_row (PeersDetails *self, const char *title, const char *text)
{
  GtkWidget *row = adw_action_row_new ();

  g_object_set (row, "use-markup", FALSE, "title", title, "subtitle", text, NULL);
  gtk_list_box_append (self->rows, row);
}

static void
add_list (PeersDetails *self, const char *title, const char *separator, const char *const *texts)
{
  g_autofree char *text = g_strjoinv (separator, (char **)texts);

  if (*text != '\0')
    add_row (self, title, text);
}

/* An attribute may have no value, or one that is no text. */
static void
add_attribute (PeersDetails *self, const char *key)
{
  GBytes *value = disco_instance_get_attribute (self->peer, key, NULL);
  g_autofree char *text = NULL;
  gconstpointer data;
  gsize size;

  if (value != NULL)
    {
      data = g_bytes_get_data (value, &size);
      text = g_utf8_make_valid (data, (gssize)size);
    }
  add_row (self, key, text != NULL ? text : "yes");
}

static void
add_rows (PeersDetails *self)
{
  g_autofree char *address = disco_instance_dup_address (self->peer);
  const char *const *addresses = disco_instance_get_addresses (self->peer);
  g_auto (GStrv) keys = disco_instance_get_attribute_keys (self->peer);

  add_row (self, "Address", address);
  add_row (self, "Host", disco_instance_get_hostname (self->peer));
  if (g_strv_length ((char **)addresses) > 1)
    add_list (self, "All Addresses", "\n", addresses);
  add_list (self, "Tags", ", ", disco_instance_get_tags (self->peer));
  for (guint i = 0; keys[i] != NULL; i++)
    add_attribute (self, keys[i]);
  add_list (self, "Seen On", ", ", disco_instance_get_interfaces (self->peer));
}

void
peers_details_set_peer (PeersDetails *self, DiscoInstance *peer)
{
  GtkListBoxRow *row;

  g_return_if_fail (PEERS_IS_DETAILS (self));
  g_return_if_fail (peer == NULL || DISCO_IS_INSTANCE (peer));

  if (!g_set_object (&self->peer, peer))
    return;
  gtk_stack_set_visible_child_name (self->stack, peer != NULL ? "peer" : "nothing");
  while ((row = gtk_list_box_get_row_at_index (self->rows, 0)) != NULL)
    gtk_list_box_remove (self->rows, GTK_WIDGET (row));
  if (peer == NULL)
    return;
  gtk_label_set_text (self->label, disco_instance_get_label (peer));
  add_rows (self);
}

static void
peers_details_dispose (GObject *object)
{
  PeersDetails *self = PEERS_DETAILS (object);

  g_clear_object (&self->peer);
  G_OBJECT_CLASS (peers_details_parent_class)->dispose (object);
}

static void
peers_details_class_init (PeersDetailsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = peers_details_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/example/Peers/peers-details.ui");
  gtk_widget_class_bind_template_child (widget_class, PeersDetails, stack);
  gtk_widget_class_bind_template_child (widget_class, PeersDetails, label);
  gtk_widget_class_bind_template_child (widget_class, PeersDetails, rows);
}

static void
peers_details_init (PeersDetails *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
