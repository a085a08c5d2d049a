/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "peers-window.h"

#include "peers-details.h"
#include "peers-hints.h"

struct _PeersWindow
{
  AdwApplicationWindow parent_instance;

  DiscoInstanceList *peers; /* (owned): all of them */
  char *shown_id;           /* (owned) (nullable): of the peer whose details are shown */

  /* of the template */
  PeersHints *hints;
  PeersDetails *details;
  GtkSingleSelection *selection; /* the peers that were found, sorted */
};

enum
{
  PROP_PEERS = 1,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (PeersWindow, peers_window, ADW_TYPE_APPLICATION_WINDOW)

/* --- expressions of the template --- */

/* The page to show; an empty list means that nobody is there once the first full set is known. */
static char *
choose_page (gpointer stack, gboolean is_synced, guint n_peers, guint n_found, gpointer self)
{
  if (n_found > 0)
    return g_strdup ("peers");
  if (n_peers > 0)
    return g_strdup ("nothing-found");
  return g_strdup (is_synced ? "nobody" : "looking");
}

/* All that a peer can be found by */
static char *
dup_searched_text (DiscoInstance *peer, gpointer self)
{
  g_autofree char *tags = g_strjoinv (" ", (char **)disco_instance_get_tags (peer));
  g_autofree char *address = disco_instance_dup_address (peer);

  return g_strjoin (" ", disco_instance_get_label (peer), disco_instance_get_hostname (peer),
                    address, tags, NULL);
}

/* --- the details follow their peer --- */

/* An instance never changes: a peer that does is another instance with the same id. */
static guint
find_peer (GListModel *model, const char *id)
{
  const guint n = id != NULL ? g_list_model_get_n_items (model) : 0;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (DiscoInstance) peer = g_list_model_get_item (model, i);

      if (g_str_equal (disco_instance_get_id (peer), id))
        return i;
    }
  return GTK_INVALID_LIST_POSITION;
}

static void
on_selected (PeersWindow *self)
{
  DiscoInstance *peer = gtk_single_selection_get_selected_item (self->selection);

  if (peer == NULL) /* it changes, or is not found any more */
    return;
  g_free (self->shown_id);
  self->shown_id = g_strdup (disco_instance_get_id (peer));
  peers_details_set_peer (self->details, peer);
}

static void
on_found_changed (PeersWindow *self)
{
  gtk_single_selection_set_selected (self->selection,
                                     find_peer (G_LIST_MODEL (self->selection), self->shown_id));
}

static void
on_peers_changed (PeersWindow *self)
{
  GListModel *peers = G_LIST_MODEL (self->peers);
  const guint position = find_peer (peers, self->shown_id);
  g_autoptr (DiscoInstance) peer = g_list_model_get_item (peers, position);

  if (peer == NULL)
    g_clear_pointer (&self->shown_id, g_free);
  peers_details_set_peer (self->details, peer);
}

/* --- the object --- */

static void
peers_window_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_PEERS)
    g_value_set_object (value, PEERS_WINDOW (object)->peers);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
peers_window_dispose (GObject *object)
{
  PeersWindow *self = PEERS_WINDOW (object);

  g_clear_object (&self->peers);
  g_clear_pointer (&self->shown_id, g_free);
  G_OBJECT_CLASS (peers_window_parent_class)->dispose (object);
}

static void
peers_window_class_init (PeersWindowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = peers_window_get_property;
  object_class->dispose = peers_window_dispose;
  props[PROP_PEERS]
      = g_param_spec_object ("peers", NULL, NULL, DISCO_TYPE_INSTANCE_LIST, G_PARAM_READABLE);
  g_object_class_install_properties (object_class, N_PROPS, props);

  g_type_ensure (DISCO_TYPE_INSTANCE);
  g_type_ensure (PEERS_TYPE_DETAILS);
  g_type_ensure (PEERS_TYPE_HINTS);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/example/Peers/peers-window.ui");
  gtk_widget_class_bind_template_child (widget_class, PeersWindow, details);
  gtk_widget_class_bind_template_child (widget_class, PeersWindow, hints);
  gtk_widget_class_bind_template_child (widget_class, PeersWindow, selection);
  gtk_widget_class_bind_template_callback (widget_class, choose_page);
  gtk_widget_class_bind_template_callback (widget_class, dup_searched_text);
  gtk_widget_class_bind_template_callback (widget_class, on_found_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_selected);
}

static void
peers_window_init (PeersWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWindow *
peers_window_new (GtkApplication *app, DiscoAvahiAgent *agent, const char *name, GError **error)
{
  g_autoptr (DiscoService) service
      = disco_agent_open_service (DISCO_AGENT (agent), name, NULL, error);
  PeersWindow *self;

  if (service == NULL)
    return NULL;
  self = g_object_new (PEERS_TYPE_WINDOW, "application", app, NULL);
  peers_hints_set_subject (self->hints, agent, name);
  self->peers = disco_instance_list_new (service);
  g_signal_connect_object (self->peers, "items-changed", G_CALLBACK (on_peers_changed), self,
                           G_CONNECT_SWAPPED);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_PEERS]);
  return GTK_WINDOW (self);
}
