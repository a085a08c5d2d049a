/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim-loop.h"
#include "sim-net-private.h"
#include "sim-published.h"
#include "sim-world.h"

#include <string.h>

/* The longest way to the truth: a link is tried again after up to 15 s, an instance that it does
 * not show is gone 5 s after it settled and a question that went unanswered for 5 s; and groups
 * that collide are tried every 5 s. And what was announced while this host heard nothing, but for
 * its responder, is asked for after three minutes of silence, or four and a half. */
#define REST_US (5 * G_TIME_SPAN_MINUTE)

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

static GPtrArray *
describe_known (Reader *reader)
{
  GPtrArray *texts = g_ptr_array_new_with_free_func (g_free);
  GHashTableIter iter;
  gpointer instance;

  g_hash_table_iter_init (&iter, reader->known);
  while (g_hash_table_iter_next (&iter, NULL, &instance))
    g_ptr_array_add (texts, g_strdup (sim_describe (instance)));
  g_ptr_array_sort (texts, compare_texts);
  return texts;
}

static void
trace_fact (SimNet *net, const char *key, SimFact *fact, gpointer user_data)
{
  sim_trace ("  %d/%d %s %s%s", fact->ifindex, fact->protocol, key,
             fact->label != NULL ? fact->label : "", fact->owner != NULL ? " (ours)" : "");
}

static void
check_reader (Reader *reader)
{
  g_autoptr (GPtrArray) known = describe_known (reader);
  g_autoptr (GPtrArray) truth = sim_oracle (reader->world, reader->name, reader->tags);

  sim_check (disco_service_get_synced (reader->service), "reader %u: no first full set",
             reader->number);
  for (guint i = 0; i < truth->len; i++)
    sim_trace ("  true of %s: %s", reader->name, (char *)truth->pdata[i]);
  for (guint i = 0; i < MAX (known->len, truth->len); i++)
    {
      const char *one = i < known->len ? known->pdata[i] : "nothing";
      const char *other = i < truth->len ? truth->pdata[i] : "nothing";

      if (!g_str_equal (one, other))
        sim_fail ("reader %u of %s knows %s\n  but the truth is %s", reader->number, reader->name,
                  one, other);
    }
}

static void
drop_readers_of_old_agents (World *self)
{
  for (guint i = self->readers->len; i > 0; i--)
    {
      Reader *reader = self->readers->pdata[i - 1];
      if (reader->generation == self->generation)
        continue;
      reader->closed = TRUE;
      if (reader->watcher != NULL)
        disco_watcher_close (reader->watcher);
      g_ptr_array_remove_index (self->readers, i - 1);
    }
}

/* FALSE where calls may fail even at rest: there is nothing to announce on. */
static gboolean
has_interface (World *self)
{
  for (int ifindex = 1; ifindex <= N_INTERFACES; ifindex++)
    if (sim_net_is_up (self->net, ifindex) && sim_world_is_used (self, ifindex))
      return TRUE;
  return FALSE;
}

void
sim_check_readers (World *self)
{
  sim_readers_look (self, TRUE);
  sim_loop_drain ();
  sim_trace ("at rest");
  /* whether or not: a trace must not change where memory lies */
  sim_net_for_each_fact (self->net, NULL, trace_fact, NULL);
  for (guint i = 0; i < self->readers->len; i++)
    check_reader (self->readers->pdata[i]);
}

void
sim_rest (World *self)
{
  drop_readers_of_old_agents (self);
  sim_heal (self);
  sim_loop_run (REST_US);
  sim_check (disco_avahi_agent_get_state (self->agent) == DISCO_STATE_RUNNING
                 && self->told_state == DISCO_STATE_RUNNING,
             "the agent is not running");
  sim_check_calls_finished (self);
  sim_check_readers (self);
  sim_check_published (self);
  self->unsound = !has_interface (self);
}

static void
on_service (GObject *agent, GAsyncResult *result, gpointer user_data)
{
  DiscoService **service = user_data;

  *service = disco_agent_service_finish (DISCO_AGENT (agent), result, NULL);
}

/* What is known of an instance may still be an answer from one of its interfaces; and one without
 * TXT is not waited for in any case. */
static gboolean
has_label (GPtrArray *instances, const char *text)
{
  for (guint i = 0; i < instances->len; i++)
    {
      g_autofree char *quoted
          = g_strdup_printf (" \"%s\" ", disco_instance_get_label (instances->pdata[i]));
      if (strstr (text, quoted) != NULL)
        return TRUE;
    }
  return FALSE;
}

static void
check_first_set_of (World *self, DiscoService *service, const char *name)
{
  g_autoptr (GPtrArray) instances = disco_service_get_instances (service);
  g_autoptr (GPtrArray) truth = sim_oracle (self, name, 0);

  for (guint i = 0; i < truth->len; i++)
    sim_check (strstr (truth->pdata[i], " v=- ") != NULL || has_label (instances, truth->pdata[i]),
               "the first full set of %s lacks %s", name, (char *)truth->pdata[i]);
}

void
sim_check_first_set (World *self)
{
  const char *name = sim_names[sim_draw (self, 2)];
  g_autoptr (DiscoService) service = NULL;

  sim_readers_close_all (self);
  sim_loop_drain ();
  sim_net_set_pace_us (self->net, 10000);
  sim_net_set_shuffle (self->net, TRUE);
  sim_trace ("a service is opened: %s", name);
  disco_agent_service_async (DISCO_AGENT (self->agent), name, NULL, NULL, on_service, &service);
  for (guint i = 0; service == NULL; i++)
    {
      sim_check (i < 3000, "a service takes longer than 30 s");
      sim_loop_run (10 * G_TIME_SPAN_MILLISECOND);
    }
  check_first_set_of (self, service, name);
}

/* Those whose id no other name can claim: what a new link shows first of a name that was not known
 * may be a part, and take the id from one that was. Nor what an agent that was dropped still
 * announces for as long as a call holds it. */
static gboolean
is_bound_to_stay (DiscoInstance *instance)
{
  const char *id = disco_instance_get_id (instance);

  return !g_str_equal (id, SIM_SHARED_ID) && strstr (id, ".local") == NULL
         && (disco_instance_get_local (instance) || g_str_has_prefix (id, "id of "));
}

static void
remember_known (Reader *reader)
{
  GHashTableIter iter;
  gpointer id;
  gpointer instance;

  reader->n_told = 0;
  reader->before = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_hash_table_iter_init (&iter, reader->known);
  while (g_hash_table_iter_next (&iter, &id, &instance))
    if (is_bound_to_stay (instance))
      g_hash_table_add (reader->before, g_strdup (id));
}

void
sim_rest_after_loss (World *self)
{
  for (guint i = 0; i < self->readers->len; i++)
    remember_known (self->readers->pdata[i]);
  self->link_down = sim_one_in (self, 2);
  self->no_link = sim_one_in (self, 2);
  sim_trace ("the link is lost, and nothing else happens");
  disco_sim_link_become (sim_world_get_link (self), DISCO_LINK_FAILED, NULL);
  sim_loop_run ((gint64)sim_draw (self, 30000) * G_TIME_SPAN_MILLISECOND);
  sim_rest (self);
  for (guint i = 0; i < self->readers->len; i++)
    {
      Reader *reader = self->readers->pdata[i];
      sim_check (reader->n_told == 0, "the loss of the link told reader %u of %u changes",
                 reader->number, reader->n_told);
    }
}
