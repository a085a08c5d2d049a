/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim-net-private.h"

#include "disco-label-private.h"
#include "disco-name-private.h"
#include "test-support.h"
#include "test-txt.h"

#include <disco/disco-error.h>

/* --- the script: what there is --- */

void
sim_net_add_pair (SimNet *self, int ifindex, int protocol)
{
  SimPair pair = { ifindex, protocol, TRUE };

  g_array_append_val (self->pairs, pair);
}

typedef struct
{
  int ifindex;
  DiscoBrowseKind kind;
} UpOrDown;

static void
tell_up_or_down (SimNet *self, const char *key, SimFact *fact, gpointer user_data)
{
  const UpOrDown *change = user_data;

  if (fact->ifindex == change->ifindex)
    sim_net_tell_fact (self, key, fact, change->kind);
}

void
sim_net_set_up (SimNet *self, int ifindex, gboolean up)
{
  UpOrDown change = { ifindex, up ? DISCO_BROWSE_NEW : DISCO_BROWSE_REMOVE };

  self->moving = TRUE;
  if (!up)
    sim_net_for_each_fact (self, NULL, tell_up_or_down, &change);
  for (guint i = 0; i < self->pairs->len; i++)
    {
      SimPair *pair = &g_array_index (self->pairs, SimPair, i);
      if (pair->ifindex == ifindex)
        pair->is_up = up;
    }
  if (up)
    sim_net_for_each_fact (self, NULL, tell_up_or_down, &change);
  self->moving = FALSE;
}

gboolean
sim_net_is_up (SimNet *self, int ifindex)
{
  for (guint i = 0; i < self->pairs->len; i++)
    {
      const SimPair *pair = &g_array_index (self->pairs, SimPair, i);
      if (pair->ifindex == ifindex && pair->is_up)
        return TRUE;
    }
  return FALSE;
}

void
sim_net_add_ptr (SimNet *self, int ifindex, const char *label, const char *type)
{
  g_autofree char *key = sim_key_ptr (type);
  SimFact fact = { .label = (char *)label, .type = (char *)type };

  sim_net_add_fact (self, key, ifindex, &fact);
}

void
sim_net_remove_ptr (SimNet *self, int ifindex, const char *label, const char *type)
{
  g_autofree char *key = sim_key_ptr (type);
  SimFact fact = { .label = (char *)label };

  sim_net_remove_facts (self, key, ifindex, &fact);
}

void
sim_net_add_record (SimNet *self, int ifindex, const char *name, guint16 type, GBytes *rdata)
{
  g_autofree char *key = sim_key_record (type, name);
  SimFact fact = { .name = (char *)name, .rdata = rdata };

  sim_net_add_fact (self, key, ifindex, &fact);
}

void
sim_net_remove_record (SimNet *self, int ifindex, const char *name, guint16 type, GBytes *rdata)
{
  g_autofree char *key = sim_key_record (type, name);
  SimFact fact = { .rdata = rdata };

  sim_net_remove_facts (self, key, ifindex, &fact);
}

GBytes *
sim_srv_rdata (const char *host, guint16 port)
{
  g_autoptr (GBytes) target = disco_domain_name_to_wire (host);
  const guint8 head[] = { 0, 0, 0, 0, port >> 8, port & 0xff };
  GByteArray *rdata = g_byte_array_new ();

  assert_non_null (target);
  g_byte_array_append (rdata, head, sizeof head);
  g_byte_array_append (rdata, g_bytes_get_data (target, NULL), (guint)g_bytes_get_size (target));
  return g_byte_array_free_to_bytes (rdata);
}

typedef void (*RecordFunc) (SimNet *self, int ifindex, const char *name, guint16 type,
                            GBytes *rdata);

static void
with_srv (SimNet *self, int ifindex, const SimService *service, RecordFunc func)
{
  g_autofree char *name = disco_full_name_join (service->label, service->type, DISCO_DOMAIN);
  g_autoptr (GBytes) rdata = sim_srv_rdata (service->host, service->port);

  func (self, ifindex, name, DISCO_RECORD_SRV, rdata);
}

static void
with_txt (SimNet *self, int ifindex, const SimService *service, RecordFunc func)
{
  g_autofree char *name = disco_full_name_join (service->label, service->type, DISCO_DOMAIN);
  g_autoptr (GBytes) rdata = NULL;

  if (service->txt == NULL)
    return;
  rdata = test_txt_new (service->txt);
  func (self, ifindex, name, DISCO_RECORD_TXT, rdata);
}

void
sim_net_add_srv (SimNet *self, int ifindex, const SimService *service)
{
  with_srv (self, ifindex, service, sim_net_add_record);
}

void
sim_net_remove_srv (SimNet *self, int ifindex, const SimService *service)
{
  with_srv (self, ifindex, service, sim_net_remove_record);
}

void
sim_net_add_txt (SimNet *self, int ifindex, const SimService *service)
{
  with_txt (self, ifindex, service, sim_net_add_record);
}

void
sim_net_remove_txt (SimNet *self, int ifindex, const SimService *service)
{
  with_txt (self, ifindex, service, sim_net_remove_record);
}

static void
with_ptrs (SimNet *self, int ifindex, const SimService *service,
           void (*func) (SimNet *, int, const char *, const char *))
{
  func (self, ifindex, service->label, service->type);
  for (guint i = 0; service->subtypes != NULL && service->subtypes[i] != NULL; i++)
    func (self, ifindex, service->label, service->subtypes[i]);
}

void
sim_net_announce (SimNet *self, int ifindex, const SimService *service)
{
  with_ptrs (self, ifindex, service, sim_net_add_ptr);
  with_srv (self, ifindex, service, sim_net_add_record);
  with_txt (self, ifindex, service, sim_net_add_record);
}

void
sim_net_withdraw (SimNet *self, int ifindex, const SimService *service)
{
  with_ptrs (self, ifindex, service, sim_net_remove_ptr);
  with_srv (self, ifindex, service, sim_net_remove_record);
  with_txt (self, ifindex, service, sim_net_remove_record);
}

static void
with_address (SimNet *self, int ifindex, const char *host, const char *text, RecordFunc func)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (text);
  g_autoptr (GBytes) rdata
      = g_bytes_new (g_inet_address_to_bytes (address), g_inet_address_get_native_size (address));
  gboolean is_ipv4 = g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV4;

  func (self, ifindex, host, is_ipv4 ? DISCO_RECORD_A : DISCO_RECORD_AAAA, rdata);
}

void
sim_net_add_address (SimNet *self, int ifindex, const char *host, const char *address)
{
  with_address (self, ifindex, host, address, sim_net_add_record);
}

void
sim_net_remove_address (SimNet *self, int ifindex, const char *host, const char *address)
{
  with_address (self, ifindex, host, address, sim_net_remove_record);
}

/* --- the script: how it is told --- */

void
sim_net_set_all_for_now (SimNet *self, gboolean automatic)
{
  self->all_for_now = automatic;
}

void
sim_net_tell_all_for_now (SimNet *self)
{
  for (SimKind kind = SIM_BROWSE_SERVICES; kind <= SIM_BROWSE_RECORDS; kind++)
    {
      for (GList *i = self->live[kind].head; i != NULL; i = i->next)
        sim_net_tell_all (i->data);
    }
}

void
sim_net_hold_answers (SimNet *self, gboolean hold)
{
  self->hold = hold;
  sim_net_answer (self, g_get_monotonic_time ());
  sim_net_schedule (self);
}

void
sim_net_set_timeout_ms (SimNet *self, guint timeout_ms)
{
  self->timeout_us = timeout_ms * G_TIME_SPAN_MILLISECOND;
  sim_net_schedule (self);
}

void
sim_net_set_shuffle (SimNet *self, gboolean shuffle)
{
  self->shuffle = shuffle;
}

void
sim_net_set_stopped (SimNet *self, gboolean stopped)
{
  self->stopped = stopped;
  sim_net_decide (self);
  sim_net_schedule (self);
}

void
sim_net_set_asleep (SimNet *self, gboolean asleep)
{
  self->asleep = asleep;
}

void
sim_net_set_pace_us (SimNet *self, guint max_us)
{
  self->pace_us = max_us;
  self->tell_at = 0;
  sim_net_schedule (self);
}

void
sim_net_fail_browsers (SimNet *self, SimKind kind, const char *message)
{
  for (GList *i = self->live[kind].head; i != NULL; i = i->next)
    sim_net_fail_browser (i->data, DISCO_ERROR_FAILED, message);
}

void
sim_net_refuse_browsers (SimNet *self, gboolean refuse)
{
  self->refuse_browsers = refuse;
}

void
sim_net_set_groups (SimNet *self, SimGroups groups)
{
  self->groups = groups;
  sim_net_decide (self);
  sim_net_schedule (self);
}

void
sim_net_set_probe_us (SimNet *self, gint64 probe_us)
{
  self->probe_us = probe_us;
  sim_net_decide (self);
  sim_net_schedule (self);
}

void
sim_net_set_refuse_updates (SimNet *self, SimRefuse refuse)
{
  self->refuse = refuse;
}

/* --- what the test sees --- */

guint
sim_net_get_n_live (SimNet *self, SimKind kind)
{
  return self->live[kind].length;
}

guint
sim_net_get_n_made (SimNet *self, SimKind kind)
{
  return self->n_made[kind];
}

typedef struct
{
  int ifindex;
  guint n;
} Seen;

static void
count_seen (SimNet *self, const char *key, SimFact *fact, gpointer user_data)
{
  Seen *seen = user_data;

  seen->n += fact->ifindex == seen->ifindex;
}

guint
sim_net_count_seen (SimNet *self, int ifindex, const char *type)
{
  g_autofree char *key = sim_key_ptr (type);
  Seen seen = { ifindex, 0 };

  sim_net_for_each_fact (self, key, count_seen, &seen);
  return seen.n;
}

gboolean
sim_net_is_quiet (SimNet *self)
{
  return self->events.length == 0;
}

char *
sim_net_take_log (SimNet *self)
{
  char *log = g_string_free (self->log, FALSE);

  self->log = g_string_new (NULL);
  return log;
}

void
sim_net_link_made (SimNet *self, DiscoLink *link)
{
  self->n_links++;
}

void
sim_net_link_gone (SimNet *self, DiscoLink *link)
{
  self->n_links--;
}

GMainContext *
sim_net_get_context (SimNet *self)
{
  return self->context;
}
