/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim-net-private.h"

#include "disco-interfaces-private.h"
#include "disco-label-private.h"
#include "disco-name-private.h"

#include <string.h>

/* What links hear of the network past their responder. Here the records stand for what a responder
 * remembers; a service that is mute has them still, and does not answer. */
typedef struct
{
  DiscoEar base;
  SimNet *net;
  GArray *ifindexes; /* (owned) of int */
  GSource *source;   /* (owned): tells */
  GPtrArray *names;  /* (owned) of (owned) utf8, to be told */
  DiscoHeardFunc func;
  gpointer user_data;
} SimEar;

static gboolean
on_ready (gpointer user_data)
{
  SimEar *self = user_data;
  g_autoptr (GPtrArray) names = self->names;

  g_source_set_ready_time (self->source, -1);
  self->names = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < names->len; i++)
    self->func (names->pdata[i], self->user_data);
  return G_SOURCE_CONTINUE;
}

static void
hear (SimEar *self, const char *name)
{
  g_ptr_array_add (self->names, g_strdup (name));
  g_source_set_ready_time (self->source, 0);
}

static gboolean
is_mute (SimNet *net, const char *name)
{
  g_autofree char *key = g_ascii_strdown (name, -1);

  return g_hash_table_contains (net->mute, key);
}

/* Of @name there is an SRV record where the ear listens. */
static gboolean
is_there (SimEar *self, const char *name)
{
  g_autofree char *key = sim_key_record (DISCO_RECORD_SRV, name);

  if (!self->net->local_ears)
    return sim_net_find_fact (self->net, key, DISCO_LINK_ANY, DISCO_LINK_ANY) != NULL;
  for (guint i = 0; i < self->ifindexes->len; i++)
    {
      int ifindex = g_array_index (self->ifindexes, int, i);
      if (sim_net_find_fact (self->net, key, ifindex, DISCO_LINK_ANY) != NULL)
        return TRUE;
    }
  return FALSE;
}

static gboolean
can_send (SimEar *self)
{
  gboolean can = !self->net->local_ears;

  for (guint i = 0; i < self->ifindexes->len; i++)
    can |= sim_net_is_up (self->net, g_array_index (self->ifindexes, int, i));
  return can && !self->net->unreachable;
}

static gboolean
sim_ear_ask (DiscoEar *ear, GPtrArray *names)
{
  SimEar *self = (SimEar *)ear;

  if (!can_send (self))
    return FALSE;
  self->net->n_asked += names->len;
  for (guint i = 0; i < names->len; i++)
    {
      if (is_there (self, names->pdata[i]) && !is_mute (self->net, names->pdata[i]))
        hear (self, names->pdata[i]);
    }
  return TRUE;
}

static void
sim_ear_free (DiscoEar *ear)
{
  SimEar *self = (SimEar *)ear;

  g_ptr_array_remove (self->net->ears, self);
  g_source_destroy (self->source);
  g_source_unref (self->source);
  g_ptr_array_unref (self->names);
  g_array_unref (self->ifindexes);
  g_free (self);
}

static gboolean
dispatch (GSource *source, GSourceFunc func, gpointer user_data)
{
  return func (user_data);
}

static GSourceFuncs ear_funcs = { .dispatch = dispatch };

DiscoEar *
sim_net_listen (SimNet *self, const GArray *ifindexes, DiscoHeardFunc func, gpointer user_data)
{
  SimEar *ear = g_new0 (SimEar, 1);

  ear->base.ask = sim_ear_ask;
  ear->base.free = sim_ear_free;
  ear->net = self;
  ear->ifindexes = g_array_new (FALSE, FALSE, sizeof (int));
  g_array_append_vals (ear->ifindexes, ifindexes->data, ifindexes->len);
  ear->names = g_ptr_array_new_with_free_func (g_free);
  ear->func = func;
  ear->user_data = user_data;
  ear->source = g_source_new (&ear_funcs, sizeof (GSource));
  g_source_set_callback (ear->source, on_ready, ear, NULL);
  g_source_attach (ear->source, self->context);
  g_ptr_array_add (self->ears, ear);
  return &ear->base;
}

void
sim_net_set_mute (SimNet *self, const SimService *service, gboolean mute)
{
  g_autofree char *name = disco_full_name_join (service->label, service->type, DISCO_DOMAIN);
  g_autofree char *key = g_ascii_strdown (name, -1);

  if (mute)
    {
      g_hash_table_add (self->mute, g_steal_pointer (&key));
      return;
    }
  g_hash_table_remove (self->mute, key);
  if (self->asleep || self->unreachable)
    return;
  for (guint i = 0; i < self->ears->len; i++)
    if (!self->local_ears || is_there (self->ears->pdata[i], name))
      hear (self->ears->pdata[i], name);
}

void
sim_net_tell_ears (SimNet *self, const char *key, int ifindex)
{
  const char *name = key + strlen (SIM_SRV_KEY);

  if (!self->local_ears || self->asleep || self->unreachable || !g_str_has_prefix (key, SIM_SRV_KEY)
      || is_mute (self, name))
    return;
  for (guint i = 0; i < self->ears->len; i++)
    {
      SimEar *ear = self->ears->pdata[i];
      if (disco_ifindexes_contain (ear->ifindexes, ifindex))
        hear (ear, name);
    }
}

void
sim_net_set_local_ears (SimNet *self, gboolean local)
{
  self->local_ears = local;
}

void
sim_net_set_unreachable (SimNet *self, gboolean unreachable)
{
  self->unreachable = unreachable;
}

guint
sim_net_get_n_asked (SimNet *self)
{
  return self->n_asked;
}
