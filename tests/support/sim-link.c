/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim-link.h"

#include "disco-label-private.h"

#include <disco/disco-error.h>

struct _DiscoSimLink
{
  DiscoLink parent_instance;

  SimNet *net;
  char *host_name; /* (owned) */
  DiscoLinkState first_state;
  gboolean closed;
};

G_DEFINE_FINAL_TYPE (DiscoSimLink, disco_sim_link, DISCO_TYPE_LINK)

typedef struct
{
  DiscoLink *link; /* (owned) */
  DiscoLinkState state;
  char *message; /* (owned) (nullable) */
} Change;

static void
change_free (gpointer data)
{
  Change *change = data;

  g_object_unref (change->link);
  g_free (change->message);
  g_free (change);
}

static gboolean
on_change (gpointer user_data)
{
  Change *change = user_data;
  DiscoSimLink *self = DISCO_SIM_LINK (change->link);
  g_autoptr (GError) error = NULL;

  if (self->closed)
    return G_SOURCE_REMOVE;
  if (change->state == DISCO_LINK_FAILED)
    {
      const char *message = change->message != NULL ? change->message : "the link was cut";
      error = g_error_new (DISCO_ERROR, DISCO_ERROR_UNAVAILABLE, "%s", message);
      sim_net_cut (self->net, change->link);
    }
  disco_link_set_state (change->link, change->state, error);
  return G_SOURCE_REMOVE;
}

void
disco_sim_link_become (DiscoLink *link, DiscoLinkState state, const char *message)
{
  g_autoptr (GSource) source = g_idle_source_new ();
  Change *change = g_new0 (Change, 1);

  change->link = g_object_ref (link);
  change->state = state;
  change->message = g_strdup (message);
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, on_change, change, change_free);
  g_source_attach (source, sim_net_get_context (DISCO_SIM_LINK (link)->net));
}

void
disco_sim_link_set_host_name (DiscoLink *link, const char *host_name)
{
  DiscoSimLink *self = DISCO_SIM_LINK (link);

  g_free (self->host_name);
  self->host_name = g_strdup (host_name);
}

static void
disco_sim_link_start (DiscoLink *link)
{
  DiscoSimLink *self = DISCO_SIM_LINK (link);

  disco_sim_link_become (link, self->first_state, NULL);
}

static void
disco_sim_link_close (DiscoLink *link)
{
  DiscoSimLink *self = DISCO_SIM_LINK (link);

  self->closed = TRUE;
  sim_net_cut (self->net, link);
}

static const char *
disco_sim_link_get_host_name (DiscoLink *link)
{
  return DISCO_SIM_LINK (link)->host_name;
}

static DiscoLinkObject *
disco_sim_link_browse_services (DiscoLink *link, const char *type, DiscoBrowseFunc func,
                                gpointer user_data)
{
  return sim_net_browse (DISCO_SIM_LINK (link)->net, link, SIM_BROWSE_SERVICES, type, 0, func,
                         user_data);
}

static DiscoLinkObject *
disco_sim_link_browse_types (DiscoLink *link, DiscoBrowseFunc func, gpointer user_data)
{
  return sim_net_browse (DISCO_SIM_LINK (link)->net, link, SIM_BROWSE_TYPES, "", 0, func,
                         user_data);
}

static DiscoLinkObject *
disco_sim_link_browse_records (DiscoLink *link, const char *name, guint16 type,
                               DiscoBrowseFunc func, gpointer user_data)
{
  return sim_net_browse (DISCO_SIM_LINK (link)->net, link, SIM_BROWSE_RECORDS, name, type, func,
                         user_data);
}

static DiscoLinkObject *
disco_sim_link_resolve (DiscoLink *link, int ifindex, int protocol, const char *label,
                        const char *type, const char *domain, DiscoResolveFunc func,
                        gpointer user_data)
{
  g_autofree char *name = disco_full_name_join (label, type, domain);

  return sim_net_resolve (DISCO_SIM_LINK (link)->net, link, ifindex, protocol, name, func,
                          user_data);
}

static DiscoLinkObject *
disco_sim_link_publish (DiscoLink *link, const DiscoLinkEntry *entries, guint n_entries,
                        DiscoGroupFunc func, gpointer user_data)
{
  return sim_net_publish (DISCO_SIM_LINK (link)->net, link, entries, n_entries, func, user_data);
}

static gboolean
disco_sim_link_update_txt (DiscoLinkObject *group, const DiscoLinkEntry *entry, GError **error)
{
  return sim_net_update (DISCO_SIM_LINK (group->link)->net, group, entry, DISCO_RECORD_TXT, error);
}

static gboolean
disco_sim_link_update_srv (DiscoLinkObject *group, const DiscoLinkEntry *entry, GError **error)
{
  return sim_net_update (DISCO_SIM_LINK (group->link)->net, group, entry, DISCO_RECORD_SRV, error);
}

static DiscoEar *
disco_sim_link_listen (DiscoLink *link, GMainContext *context, const GArray *ifindexes,
                       DiscoHeardFunc func, gpointer user_data)
{
  return sim_net_listen (DISCO_SIM_LINK (link)->net, ifindexes, func, user_data);
}

static void
disco_sim_link_free_object (DiscoLinkObject *object)
{
  sim_net_free_object (DISCO_SIM_LINK (object->link)->net, object);
}

static void
disco_sim_link_finalize (GObject *object)
{
  DiscoSimLink *self = DISCO_SIM_LINK (object);

  sim_net_link_gone (self->net, DISCO_LINK (self));
  g_free (self->host_name);
  G_OBJECT_CLASS (disco_sim_link_parent_class)->finalize (object);
}

static void
disco_sim_link_class_init (DiscoSimLinkClass *klass)
{
  DiscoLinkClass *link_class = DISCO_LINK_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = disco_sim_link_finalize;
  link_class->start = disco_sim_link_start;
  link_class->close = disco_sim_link_close;
  link_class->get_host_name = disco_sim_link_get_host_name;
  link_class->browse_services = disco_sim_link_browse_services;
  link_class->browse_types = disco_sim_link_browse_types;
  link_class->browse_records = disco_sim_link_browse_records;
  link_class->resolve = disco_sim_link_resolve;
  link_class->publish = disco_sim_link_publish;
  link_class->update_txt = disco_sim_link_update_txt;
  link_class->update_srv = disco_sim_link_update_srv;
  link_class->listen = disco_sim_link_listen;
  link_class->free_object = disco_sim_link_free_object;
}

static void
disco_sim_link_init (DiscoSimLink *self)
{
}

DiscoLink *
disco_sim_link_new (SimNet *net, const char *host_name, DiscoLinkState state)
{
  DiscoSimLink *self = g_object_new (DISCO_TYPE_SIM_LINK, NULL);

  self->net = net;
  self->host_name = g_strdup (host_name);
  self->first_state = state;
  sim_net_link_made (net, DISCO_LINK (self));
  return DISCO_LINK (self);
}
