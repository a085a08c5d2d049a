/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim-net-private.h"

#include "disco-interfaces-private.h"
#include "disco-label-private.h"
#include "disco-name-private.h"

/* What links hear of the network past their responder. Here the records stand for what a responder
 * remembers; a service that is mute has them still, and does not answer. */
typedef struct
{
  DiscoEar base;
  SimNet *net;
  GArray *ifindexes; /* (owned) of int */
  GSource *source;   /* (owned): tells */
  GPtrArray *sounds; /* (owned) of (owned) Sound, to be told */
  DiscoHeardFunc func;
  gpointer user_data;
} SimEar;

typedef struct
{
  DiscoHeard heard;
  char *name;    /* (owned) */
  GBytes *rdata; /* (owned) */
} Sound;

static void
sound_free (gpointer data)
{
  Sound *self = data;

  g_free (self->name);
  g_bytes_unref (self->rdata);
  g_free (self);
}

static gboolean
on_ready (gpointer user_data)
{
  SimEar *self = user_data;
  g_autoptr (GPtrArray) sounds = self->sounds;

  g_source_set_ready_time (self->source, -1);
  self->sounds = g_ptr_array_new_with_free_func (sound_free);
  for (guint i = 0; i < sounds->len; i++)
    self->func (&((Sound *)sounds->pdata[i])->heard, self->user_data);
  return G_SOURCE_CONTINUE;
}

static void
hear (SimEar *self, guint16 type, const SimFact *fact, gboolean goodbye)
{
  Sound *sound = g_new0 (Sound, 1);

  sound->name = g_strdup (fact->name);
  sound->rdata = g_bytes_ref (fact->rdata);
  sound->heard.name = sound->name;
  sound->heard.type = type;
  sound->heard.goodbye = goodbye;
  sound->heard.ifindex = fact->ifindex;
  sound->heard.protocol = fact->protocol;
  sound->heard.rdata = g_bytes_get_data (sound->rdata, &sound->heard.rdata_size);
  g_ptr_array_add (self->sounds, sound);
  g_source_set_ready_time (self->source, 0);
}

static gboolean
is_mute (SimNet *net, const char *name)
{
  g_autofree char *key = g_ascii_strdown (name, -1);

  return g_hash_table_contains (net->mute, key);
}

/* All that is local to no ear is heard by each. */
static gboolean
is_in_earshot (SimEar *self, int ifindex)
{
  return !self->net->local_ears || disco_ifindexes_contain (self->ifindexes, ifindex);
}

static const guint16 types[] = { DISCO_RECORD_SRV, DISCO_RECORD_TXT };

typedef struct
{
  SimEar *ear;
  guint16 type;
} Answer;

static void
hear_fact (SimNet *net, const char *key, SimFact *fact, gpointer user_data)
{
  const Answer *answer = user_data;

  if (is_in_earshot (answer->ear, fact->ifindex))
    hear (answer->ear, answer->type, fact, FALSE);
}

/* All that answers for @name where the ear listens */
static void
hear_name (SimEar *self, const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autofree char *key = sim_key_record (types[i], name);
      Answer answer = { self, types[i] };
      sim_net_for_each_fact (self->net, key, hear_fact, &answer);
    }
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
      if (!is_mute (self->net, names->pdata[i]))
        hear_name (self, names->pdata[i]);
    }
  return TRUE;
}

static gboolean
sim_ear_covers (DiscoEar *ear, int ifindex, int protocol)
{
  SimEar *self = (SimEar *)ear;

  return self->net->local_ears && !self->net->deaf
         && disco_ifindexes_contain (self->ifindexes, ifindex);
}

static void
sim_ear_move (DiscoEar *ear, const GArray *ifindexes)
{
  SimEar *self = (SimEar *)ear;

  g_array_set_size (self->ifindexes, 0);
  g_array_append_vals (self->ifindexes, ifindexes->data, ifindexes->len);
}

static void
sim_ear_free (DiscoEar *ear)
{
  SimEar *self = (SimEar *)ear;

  g_ptr_array_remove (self->net->ears, self);
  g_source_destroy (self->source);
  g_source_unref (self->source);
  g_ptr_array_unref (self->sounds);
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

  ear->base = (DiscoEar){ sim_ear_ask, sim_ear_covers, sim_ear_move, sim_ear_free };
  ear->net = self;
  ear->ifindexes = g_array_new (FALSE, FALSE, sizeof (int));
  sim_ear_move (&ear->base, ifindexes);
  ear->sounds = g_ptr_array_new_with_free_func (sound_free);
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
    hear_name (self->ears->pdata[i], name);
}

void
sim_net_tell_ears (SimNet *self, const char *key, const SimFact *fact, gboolean goodbye)
{
  if (!self->local_ears || self->deaf || self->asleep || self->unreachable || fact->name == NULL
      || is_mute (self, fact->name))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autofree char *record = sim_key_record (types[i], fact->name);
      if (!g_str_equal (record, key))
        continue;
      for (guint k = 0; k < self->ears->len; k++)
        {
          if (is_in_earshot (self->ears->pdata[k], fact->ifindex))
            hear (self->ears->pdata[k], types[i], fact, goodbye);
        }
    }
}

void
sim_net_set_local_ears (SimNet *self, gboolean local)
{
  self->local_ears = local;
}

void
sim_net_set_deaf (SimNet *self, gboolean deaf)
{
  self->deaf = deaf;
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
