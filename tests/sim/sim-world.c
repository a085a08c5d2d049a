/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim-world.h"

#include "disco-avahi-agent-private.h"
#include "sim-clock.h"
#include "sim-loop.h"

#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static World *the_world; /* of the links that are made */
static gboolean is_traced;

/* --- random, trace, failure --- */

/* As many bytes as @n needs, so that each change of one changes little of what comes of it */
static guint
draw_of_input (World *self, guint n)
{
  guint number = 0;

  for (guint left = n - 1; left > 0 && self->input_size > 0; left >>= 8)
    {
      number = number << 8 | *self->input++;
      self->input_size--;
    }
  return number % n;
}

guint
sim_draw (World *self, guint n)
{
  if (self->input_size > 0)
    return draw_of_input (self, n);
  return (guint)g_rand_int_range (self->rand, 0, (gint32)n);
}

gboolean
sim_one_in (World *self, guint n)
{
  return sim_draw (self, n) == 0;
}

void
sim_trace_enable (void)
{
  is_traced = TRUE;
}

gboolean
sim_trace_is_on (void)
{
  return is_traced;
}

static void
say (const char *format, va_list args)
{
  static char line[4096]; /* nothing is allocated: a trace must not change where memory lies */

  g_vsnprintf (line, sizeof line, format, args);
  fprintf (stderr, "%4u %9.4f  %s\n", the_world != NULL ? the_world->step : 0,
           (double)sim_clock_get () / G_TIME_SPAN_SECOND, line);
}

void
sim_trace (const char *format, ...)
{
  va_list args;

  if (!is_traced)
    return;
  va_start (args, format);
  say (format, args);
  va_end (args);
}

void
sim_fail (const char *format, ...)
{
  va_list args;

  va_start (args, format);
  say (format, args);
  va_end (args);
  if (the_world != NULL && the_world->input != NULL)
    abort ();
  _exit (EXIT_FAILURE);
}

/* --- the agent --- */

const char *
sim_interface_name (int ifindex)
{
  return ifindex == 1 ? "sim1" : "sim2";
}

gboolean
sim_world_is_used (World *self, int ifindex)
{
  return self->interfaces == NULL
         || g_strv_contains ((const char *const *)self->interfaces, sim_interface_name (ifindex));
}

static void
read_interfaces (DiscoInterfaces *interfaces, gpointer user_data)
{
  World *self = user_data;

  for (int ifindex = 1; ifindex <= N_INTERFACES; ifindex++)
    if (sim_net_is_up (self->net, ifindex))
      disco_interfaces_add (interfaces, ifindex, sim_interface_name (ifindex),
                            IFF_UP | IFF_MULTICAST, NULL);
}

DiscoLink *
sim_world_make_link (GError **error)
{
  World *self = the_world;
  DiscoLink *link;

  if (self->no_link && error != NULL)
    {
      sim_trace ("no link can be made");
      g_set_error_literal (error, DISCO_ERROR, DISCO_ERROR_UNAVAILABLE, "there is no link");
      return NULL;
    }
  for (guint i = self->links->len; i > 0; i--)
    if (G_OBJECT (self->links->pdata[i - 1])->ref_count == 1)
      g_ptr_array_remove_index (self->links, i - 1);
  sim_trace ("a link is made%s", self->link_down ? ", and gets nowhere" : "");
  link = disco_sim_link_new (self->net, self->host,
                             self->link_down ? DISCO_LINK_CONNECTING : DISCO_LINK_RUNNING);
  g_ptr_array_add (self->links, g_object_ref (link));
  return link;
}

static void
on_state (GObject *agent, GParamSpec *pspec, gpointer user_data)
{
  World *self = user_data;

  if (agent == G_OBJECT (self->agent))
    self->told_state = disco_avahi_agent_get_state (self->agent);
}

static void
on_renamed (DiscoAgent *agent, const char *id, const char *label, gpointer user_data)
{
  World *self = user_data;

  sim_trace ("told that %s is \"%s\" now", id, label);
  if (G_OBJECT (agent) == G_OBJECT (self->agent))
    g_hash_table_insert (self->renamed, g_strdup (id), g_strdup (label));
}

static void
set_reader (gpointer data)
{
  DiscoAvahiInside *inside = data;

  disco_interfaces_set_reader (disco_engine_get_interfaces (inside->engine), read_interfaces,
                               the_world);
}

/* A few agents use some interfaces only. */
static char **
draw_interfaces (World *self)
{
  static const char *const some[][3] = { { "sim1", NULL }, { "sim2", NULL }, { "sim1", "sim2" } };
  guint i = sim_draw (self, 6);

  return i < G_N_ELEMENTS (some) ? g_strdupv ((char **)some[i]) : NULL;
}

static void
on_agent_gone (gpointer data, GObject *agent)
{
  World *self = data;

  g_ptr_array_remove_fast (self->agents, agent);
}

static void
make_agent (World *self)
{
  DiscoBackend backend = sim_one_in (self, 2) ? DISCO_BACKEND_DAEMON : DISCO_BACKEND_EMBEDDED;

  self->generation++;
  self->interfaces = draw_interfaces (self);
  self->agent = g_object_new (DISCO_TYPE_AVAHI_AGENT, "backend", backend, "interfaces",
                              self->interfaces, NULL);
  g_ptr_array_add (self->agents, self->agent);
  g_object_weak_ref (G_OBJECT (self->agent), on_agent_gone, self);
  self->told_state = DISCO_STATE_CONNECTING;
  g_signal_connect (self->agent, "notify::state", G_CALLBACK (on_state), self);
  g_signal_connect (self->agent, "renamed", G_CALLBACK (on_renamed), self);
  disco_worker_invoke (self->agent->worker, set_reader, self->agent->inside);
}

static void
drop_agent (World *self)
{
  DiscoAvahiAgent *agent = g_steal_pointer (&self->agent);

  g_clear_pointer (&self->interfaces, g_strfreev);
  g_hash_table_remove_all (self->desired);
  g_hash_table_remove_all (self->renamed);
  g_signal_handlers_disconnect_by_data (agent, self);
  g_object_unref (agent);
}

void
sim_world_renew_agent (World *self)
{
  drop_agent (self);
  make_agent (self);
  self->unsound = TRUE; /* it may have no interface to use */
}

/* The kernel tells of an interface before anything is heard on it, or of its loss. */
void
sim_world_set_interface (World *self, int ifindex, gboolean up)
{
  sim_net_set_up (self->net, ifindex, up);
  for (guint i = 0; i < self->agents->len; i++)
    {
      DiscoEngine *engine = ((DiscoAvahiAgent *)self->agents->pdata[i])->inside->engine;

      if (engine != NULL)
        disco_interfaces_reread (disco_engine_get_interfaces (engine));
    }
}

/* --- the world --- */

/* This host's own addresses, under each name that it may have */
static void
add_own_addresses (World *self)
{
  for (int ifindex = 1; ifindex <= N_INTERFACES; ifindex++)
    {
      const char *address = ifindex == 1 ? "192.168.1.1" : "192.168.2.1";
      sim_net_add_address (self->net, ifindex, "box.local", address);
      sim_net_add_address (self->net, ifindex, "box2.local", address);
    }
}

World *
sim_world_new_for_input (guint32 seed, const guint8 *input, gsize size)
{
  World *self = g_new0 (World, 1);

  the_world = self;
  self->input = input;
  self->input_size = size;
  g_random_set_seed (seed);
  self->rand = g_rand_new_with_seed (seed);
  sim_loop_begin (self->rand);
  self->net = sim_net_new (sim_loop_get_worker_context (), seed);
  for (int ifindex = 1; ifindex <= N_INTERFACES; ifindex++)
    for (int protocol = 0; protocol <= 1; protocol++)
      sim_net_add_pair (self->net, ifindex, protocol);
  if (sim_one_in (self, 2))
    sim_net_set_probe_us (self->net, 750 * G_TIME_SPAN_MILLISECOND);
  self->host = "box.local";
  self->links = g_ptr_array_new_with_free_func (g_object_unref);
  self->agents = g_ptr_array_new ();
  self->renamed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->desired = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->readers = g_ptr_array_new_with_free_func (sim_reader_unref);
  self->calls = g_ptr_array_new_with_free_func (sim_call_free);
  sim_net_set_local_ears (self->net, TRUE);
  /* where names have record browsers */
  sim_net_set_deaf (self->net, sim_one_in (self, 3));
  add_own_addresses (self);
  sim_offers_init (self);
  make_agent (self);
  return self;
}

World *
sim_world_new (guint32 seed)
{
  return sim_world_new_for_input (seed, NULL, 0);
}

/* @and_next: those of next, too */
static gboolean
is_waiting (Call *call, gboolean and_next)
{
  return !call->finished && (and_next || call->kind != CALL_NEXT);
}

static gboolean
any_waits (World *self)
{
  for (guint i = 0; i < self->calls->len; i++)
    if (is_waiting (self->calls->pdata[i], FALSE))
      return TRUE;
  return FALSE;
}

/* All that can be cancelled is; the rest ends when all is well, or when its watcher is closed. */
static void
end_calls (World *self)
{
  sim_cancel_all (self);
  sim_loop_drain ();
  if (any_waits (self))
    {
      sim_heal (self);
      sim_loop_run (60 * G_TIME_SPAN_SECOND);
    }
  for (guint i = 0; i < self->calls->len; i++)
    {
      Call *call = self->calls->pdata[i];

      if (!is_waiting (call, TRUE) || call->kind != CALL_NEXT)
        continue;
      call->reader->closed = TRUE;
      disco_watcher_close (call->reader->watcher);
    }
  sim_loop_drain ();
  for (guint i = 0; i < self->calls->len; i++)
    sim_check (!is_waiting (self->calls->pdata[i], TRUE), "call %u was never ended", i + 1);
}

void
sim_world_free (World *self)
{
  drop_agent (self);
  sim_readers_close_all (self);
  end_calls (self);
  g_ptr_array_unref (self->calls);
  g_ptr_array_unref (self->readers);
  g_ptr_array_unref (self->links);
  sim_loop_drain ();
  sim_check (self->agents->len == 0, "%u agents are left", self->agents->len);
  sim_net_free (self->net);
  sim_loop_end ();
  sim_offers_clear (self);
  g_ptr_array_unref (self->agents);
  g_hash_table_unref (self->renamed);
  g_hash_table_unref (self->desired);
  for (guint i = 0; i < N_REMEMBERED; i++)
    g_clear_object (&self->remembered[i]);
  g_rand_free (self->rand);
  g_free (self);
  the_world = NULL;
}

DiscoLink *
sim_world_get_link (World *self)
{
  return disco_engine_get_link (self->agent->inside->engine);
}
