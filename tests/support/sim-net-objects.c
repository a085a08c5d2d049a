/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim-net-private.h"

#include "disco-label-private.h"
#include "disco-name-private.h"
#include "test-support.h"

#include <disco/disco-error.h>

/* --- all objects --- */

SimObject *
sim_object_new (SimNet *net, DiscoLink *link, SimKind kind, char *key, gpointer user_data)
{
  SimObject *self = g_new0 (SimObject, 1);

  disco_link_object_init (&self->base, link);
  self->net = net;
  self->kind = kind;
  self->ref_count = 1;
  self->node.data = self;
  self->key = key;
  self->user_data = user_data;
  net->n_made[kind]++;
  g_queue_push_tail_link (&net->live[kind], &self->node);
  return self;
}

void
sim_object_unref (SimObject *self)
{
  if (--self->ref_count > 0)
    return;
  g_clear_pointer (&self->entries, g_array_unref);
  g_free (self->key);
  g_free (self->title);
  g_free (self);
}

void
sim_object_tell (SimObject *self, SimEvent *event)
{
  switch (self->kind)
    {
    case SIM_RESOLVE:
      event->resolve.error = event->error;
      event->resolve.hostname = event->hostname;
      event->resolve.txt = event->txt;
      self->on_resolve (&event->resolve, self->user_data);
      break;
    case SIM_GROUP:
      self->on_group (event->group, event->error, self->user_data);
      break;
    case SIM_BROWSE_SERVICES:
    case SIM_BROWSE_TYPES:
    case SIM_BROWSE_RECORDS:
    case SIM_N_KINDS:
    default:
      event->browse.error = event->error;
      self->on_browse (&event->browse, self->user_data);
      break;
    }
}

void
sim_net_free_object (SimNet *self, DiscoLinkObject *object)
{
  SimObject *freed = (SimObject *)object;

  if (freed->kind == SIM_GROUP)
    {
      g_string_append_printf (self->log, "-%s\n", freed->title);
      sim_group_withdraw (freed);
    }
  freed->silent = TRUE;
  g_queue_unlink (&self->live[freed->kind], &freed->node);
  sim_object_unref (freed);
  sim_net_schedule (self);
}

void
sim_net_cut (SimNet *self, DiscoLink *link)
{
  for (guint kind = 0; kind < SIM_N_KINDS; kind++)
    {
      for (GList *i = self->live[kind].head; i != NULL; i = i->next)
        {
          SimObject *object = i->data;
          if (object->base.link != link || object->silent)
            continue;
          object->silent = TRUE;
          if (kind == SIM_GROUP)
            sim_group_withdraw (object);
        }
    }
  sim_net_schedule (self);
}

/* --- browsers --- */

void
sim_object_push_browse (SimObject *browser, const SimFact *fact, DiscoBrowseKind kind)
{
  SimEvent *event;
  SimFact *copy;

  if (browser->failed)
    return;
  event = sim_net_push_event (browser->net, browser);
  copy = &event->fact;
  copy->label = g_strdup (fact->label);
  copy->type = g_strdup (fact->type);
  copy->rdata = fact->rdata != NULL ? g_bytes_ref (fact->rdata) : NULL;
  event->browse.kind = kind;
  event->browse.ifindex = fact->ifindex;
  event->browse.protocol = fact->protocol;
  event->browse.label = copy->label;
  event->browse.type = copy->type;
  event->browse.domain = DISCO_DOMAIN;
  event->browse.local = fact->owner != NULL && fact->owner->base.link == browser->base.link;
  if (copy->rdata != NULL)
    event->browse.rdata = g_bytes_get_data (copy->rdata, &event->browse.rdata_size);
}

static gboolean
is_type (const char *key)
{
  return g_str_has_prefix (key, "ptr ") && strstr (key, "._sub.") == NULL;
}

typedef struct
{
  const SimFact *fact;
  guint n;
} Others;

static void
count_others (SimNet *net, const char *key, SimFact *fact, gpointer user_data)
{
  Others *others = user_data;

  if (fact != others->fact && fact->ifindex == others->fact->ifindex
      && fact->protocol == others->fact->protocol)
    others->n++;
}

/* A type is there as long as one service of it is; of those that come or go together with their
 * interface the newest tells it. */
static void
tell_type (SimNet *self, const char *key, SimFact *fact, DiscoBrowseKind kind)
{
  Others others = { fact, 0 };

  if (self->live[SIM_BROWSE_TYPES].length == 0 || !is_type (key))
    return;
  sim_net_for_each_fact (self, key, count_others, &others);
  if (self->moving && sim_net_find_fact (self, key, fact->ifindex, fact->protocol) == fact)
    others.n = 0;
  for (GList *i = self->live[SIM_BROWSE_TYPES].head; others.n == 0 && i != NULL; i = i->next)
    sim_object_push_browse (i->data, fact, kind);
}

typedef struct
{
  const SimFact *fact;
  gboolean passed;   /* the fact itself */
  gboolean repeated; /* an equal one is there, too */
} Equals;

static void
look_for_equal (SimNet *net, const char *key, SimFact *fact, gpointer user_data)
{
  Equals *equals = user_data;
  const SimFact *one = equals->fact;

  if (fact == one)
    equals->passed = TRUE;
  else if ((equals->passed || !net->moving) && fact->ifindex == one->ifindex
           && fact->protocol == one->protocol && g_strcmp0 (fact->label, one->label) == 0
           && (one->rdata == NULL || g_bytes_equal (fact->rdata, one->rdata)))
    equals->repeated = TRUE;
}

/* Two groups may publish one record: it comes with the first and goes with the last. Of those that
 * come or go together with their interface the last tells it. */
static gboolean
is_repeated (SimNet *self, const char *key, const SimFact *fact)
{
  Equals equals = { fact, FALSE, FALSE };

  sim_net_for_each_fact (self, key, look_for_equal, &equals);
  return equals.repeated;
}

void
sim_net_tell_fact (SimNet *self, const char *key, SimFact *fact, DiscoBrowseKind kind)
{
  SimKind looking = fact->label != NULL ? SIM_BROWSE_SERVICES : SIM_BROWSE_RECORDS;

  if (self->asleep || is_repeated (self, key, fact))
    return;
  for (GList *i = self->live[looking].head; i != NULL; i = i->next)
    {
      SimObject *browser = i->data;
      if (g_str_equal (browser->key, key))
        sim_object_push_browse (browser, fact, kind);
    }
  tell_type (self, key, fact, kind);
  if (kind == DISCO_BROWSE_NEW)
    sim_net_answer (self, g_get_monotonic_time ());
}

static void
tell_known (SimNet *self, const char *key, SimFact *fact, gpointer user_data)
{
  sim_object_push_browse (user_data, fact, DISCO_BROWSE_NEW);
}

static void
tell_known_type (SimNet *self, const char *key, SimFact *fact, gpointer user_data)
{
  if (is_type (key) && sim_net_find_fact (self, key, fact->ifindex, fact->protocol) == fact)
    sim_object_push_browse (user_data, fact, DISCO_BROWSE_NEW);
}

void
sim_net_tell_all (SimObject *browser)
{
  if (browser->told_all || browser->failed)
    return;
  browser->told_all = TRUE;
  sim_net_push_event (browser->net, browser)->browse.kind = DISCO_BROWSE_ALL_FOR_NOW;
}

void
sim_net_fail_browser (SimObject *browser, DiscoError code, const char *message)
{
  SimEvent *event;

  if (browser->failed)
    return;
  browser->failed = TRUE;
  event = sim_net_push_event (browser->net, browser);
  event->error = g_error_new_literal (DISCO_ERROR, (int)code, message);
  event->browse.kind = DISCO_BROWSE_FAILURE;
}

static void
tell_crowd (SimObject *browser, guint16 type, const char *name)
{
  SimFact fact = { .ifindex = 1, .rdata = sim_crowd_rdata (browser->net, type, name) };

  if (fact.rdata == NULL)
    return;
  sim_object_push_browse (browser, &fact, DISCO_BROWSE_NEW);
  g_bytes_unref (fact.rdata);
}

DiscoLinkObject *
sim_net_browse (SimNet *self, DiscoLink *link, SimKind kind, const char *name, guint16 type,
                DiscoBrowseFunc func, gpointer user_data)
{
  char *key = type != 0 ? sim_key_record (type, name) : sim_key_ptr (name);
  SimObject *browser = sim_object_new (self, link, kind, key, user_data);

  browser->on_browse = func;
  if (self->refuse_browsers)
    sim_net_fail_browser (browser, DISCO_ERROR_LIMIT, "too many browsers");
  if (kind == SIM_BROWSE_TYPES)
    sim_net_for_each_fact (self, NULL, tell_known_type, browser);
  else
    sim_net_for_each_fact (self, key, tell_known, browser);
  if (type != 0 && sim_net_find_fact (self, key, DISCO_LINK_ANY, DISCO_LINK_ANY) == NULL)
    tell_crowd (browser, type, name);
  if (self->all_for_now)
    sim_net_tell_all (browser);
  return &browser->base;
}

/* --- questions --- */

/* (nullable): NULL too where the record cannot be read */
static char *
srv_target (GBytes *srv)
{
  const guint8 *data;
  gsize size;

  if (srv == NULL)
    return NULL;
  data = g_bytes_get_data (srv, &size);
  return size > 6 ? disco_domain_name_from_wire (data + 6, size - 6, NULL) : NULL;
}

/* (nullable) (transfer full): the record that answers the question; tells where it is seen */
static GBytes *
find_rdata (SimNet *self, SimObject *question, guint16 type, DiscoResolveEvent *where)
{
  g_autofree char *key = sim_key_record (type, question->key);
  SimFact *fact = sim_net_find_fact (self, key, question->ifindex, question->protocol);

  where->ifindex = fact != NULL ? fact->ifindex : 1;
  where->protocol = fact != NULL ? fact->protocol : 0;
  return fact != NULL ? g_bytes_ref (fact->rdata) : sim_crowd_rdata (self, type, question->key);
}

/* An answer has both SRV and TXT. */
static void
answer (SimNet *self, SimObject *question)
{
  DiscoResolveEvent where = { 0 };
  g_autoptr (GBytes) txt = find_rdata (self, question, DISCO_RECORD_TXT, &where);
  g_autoptr (GBytes) srv = find_rdata (self, question, DISCO_RECORD_SRV, &where);
  g_autofree char *target = srv_target (srv);
  SimEvent *event;
  const guint8 *data;

  if (self->hold || target == NULL || txt == NULL)
    return;
  question->answered = TRUE;
  event = sim_net_push_event (self, question);
  data = g_bytes_get_data (srv, NULL);
  event->hostname = g_steal_pointer (&target);
  event->txt = g_steal_pointer (&txt);
  event->resolve.ifindex = where.ifindex;
  event->resolve.protocol = where.protocol;
  event->resolve.port = (guint16)(data[4] << 8 | data[5]);
}

static gboolean
is_open (const SimObject *question)
{
  return !question->answered && !question->silent;
}

void
sim_net_expire (SimNet *self, gint64 now)
{
  for (GList *i = self->live[SIM_RESOLVE].head; i != NULL; i = i->next)
    {
      SimObject *question = i->data;
      SimEvent *event;

      if (!is_open (question) || now < question->asked_at + self->timeout_us)
        continue;
      question->answered = TRUE;
      event = sim_net_push_event (self, question);
      event->error = g_error_new_literal (DISCO_ERROR, DISCO_ERROR_FAILED, "Timeout reached");
    }
}

void
sim_net_answer (SimNet *self, gint64 now)
{
  for (GList *i = self->live[SIM_RESOLVE].head; i != NULL; i = i->next)
    {
      if (is_open (i->data))
        answer (self, i->data);
    }
  sim_net_expire (self, now);
}

DiscoLinkObject *
sim_net_resolve (SimNet *self, DiscoLink *link, int ifindex, int protocol, const char *name,
                 DiscoResolveFunc func, gpointer user_data)
{
  SimObject *question = sim_object_new (self, link, SIM_RESOLVE, g_strdup (name), user_data);

  question->on_resolve = func;
  question->ifindex = ifindex;
  question->protocol = protocol;
  question->asked_at = g_get_monotonic_time ();
  answer (self, question);
  sim_net_schedule (self);
  return &question->base;
}
