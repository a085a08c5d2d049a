/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-link-private.h"

typedef struct
{
  DiscoLinkState state;
  GError *error; /* (owned) (nullable): why it failed */
  DiscoLinkStateFunc func;
  gpointer user_data;
} DiscoLinkPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (DiscoLink, disco_link, G_TYPE_OBJECT)

static void
disco_link_finalize (GObject *object)
{
  DiscoLinkPrivate *priv = disco_link_get_instance_private (DISCO_LINK (object));

  g_clear_error (&priv->error);
  G_OBJECT_CLASS (disco_link_parent_class)->finalize (object);
}

static DiscoEar *
disco_link_real_listen (DiscoLink *self, GMainContext *context, const GArray *ifindexes,
                        DiscoHeardFunc func, gpointer user_data)
{
  return disco_socket_ear_new (context, ifindexes, func, user_data);
}

static void
disco_link_class_init (DiscoLinkClass *klass)
{
  klass->listen = disco_link_real_listen;
  G_OBJECT_CLASS (klass)->finalize = disco_link_finalize;
}

static void
disco_link_init (DiscoLink *self)
{
}

void
disco_link_start (DiscoLink *self, DiscoLinkStateFunc func, gpointer user_data)
{
  DiscoLinkPrivate *priv = disco_link_get_instance_private (self);

  priv->func = func;
  priv->user_data = user_data;
  DISCO_LINK_GET_CLASS (self)->start (self);
}

DiscoLinkState
disco_link_get_state (DiscoLink *self)
{
  DiscoLinkPrivate *priv = disco_link_get_instance_private (self);

  return priv->state;
}

const GError *
disco_link_get_error (DiscoLink *self)
{
  DiscoLinkPrivate *priv = disco_link_get_instance_private (self);

  return priv->error;
}

void
disco_link_close (DiscoLink *self)
{
  DiscoLinkPrivate *priv = disco_link_get_instance_private (self);

  priv->func = NULL;
  DISCO_LINK_GET_CLASS (self)->close (self);
}

const char *
disco_link_get_host_name (DiscoLink *self)
{
  DiscoLinkPrivate *priv = disco_link_get_instance_private (self);

  if (priv->state != DISCO_LINK_RUNNING)
    return NULL;
  return DISCO_LINK_GET_CLASS (self)->get_host_name (self);
}

DiscoLinkObject *
disco_link_browse_services (DiscoLink *self, const char *type, DiscoBrowseFunc func,
                            gpointer user_data)
{
  return DISCO_LINK_GET_CLASS (self)->browse_services (self, type, func, user_data);
}

DiscoLinkObject *
disco_link_browse_types (DiscoLink *self, DiscoBrowseFunc func, gpointer user_data)
{
  return DISCO_LINK_GET_CLASS (self)->browse_types (self, func, user_data);
}

DiscoLinkObject *
disco_link_browse_records (DiscoLink *self, const char *name, guint16 type, DiscoBrowseFunc func,
                           gpointer user_data)
{
  return DISCO_LINK_GET_CLASS (self)->browse_records (self, name, type, func, user_data);
}

DiscoLinkObject *
disco_link_resolve (DiscoLink *self, int ifindex, int protocol, const char *label, const char *type,
                    const char *domain, DiscoResolveFunc func, gpointer user_data)
{
  return DISCO_LINK_GET_CLASS (self)->resolve (self, ifindex, protocol, label, type, domain, func,
                                               user_data);
}

DiscoLinkObject *
disco_link_publish (DiscoLink *self, const DiscoLinkEntry *entries, guint n_entries,
                    DiscoGroupFunc func, gpointer user_data)
{
  return DISCO_LINK_GET_CLASS (self)->publish (self, entries, n_entries, func, user_data);
}

gboolean
disco_link_update_txt (DiscoLinkObject *group, const DiscoLinkEntry *entry, GError **error)
{
  return DISCO_LINK_GET_CLASS (group->link)->update_txt (group, entry, error);
}

gboolean
disco_link_update_srv (DiscoLinkObject *group, const DiscoLinkEntry *entry, GError **error)
{
  return DISCO_LINK_GET_CLASS (group->link)->update_srv (group, entry, error);
}

void
disco_link_object_init (DiscoLinkObject *object, DiscoLink *link)
{
  object->link = g_object_ref (link);
}

void
disco_link_object_free (DiscoLinkObject *object)
{
  g_autoptr (DiscoLink) link = object->link;

  DISCO_LINK_GET_CLASS (link)->free_object (object);
}

DiscoEar *
disco_link_listen (DiscoLink *self, GMainContext *context, const GArray *ifindexes,
                   DiscoHeardFunc func, gpointer user_data)
{
  return DISCO_LINK_GET_CLASS (self)->listen (self, context, ifindexes, func, user_data);
}

void
disco_link_set_state (DiscoLink *self, DiscoLinkState state, const GError *error)
{
  DiscoLinkPrivate *priv = disco_link_get_instance_private (self);

  if (priv->state == state || priv->state == DISCO_LINK_FAILED)
    return;
  priv->state = state;
  if (error != NULL)
    priv->error = g_error_copy (error);
  if (priv->func != NULL)
    priv->func (self, priv->user_data);
}
