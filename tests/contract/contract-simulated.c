/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The world of the simulated link: agents as in a program, each of which has what stands in for its
 * worker and its backend. All of them are on one host of one simulated network, whose order of
 * events is random, from a seed; it lives as long as any of them, on the one thread that works for
 * all. Being in the program itself, these functions go before those of src/avahi in the archive. */
#include "contract.h"

#include "disco-daemon-link-private.h"
#include "disco-worker-private.h"
#include "sim-link.h"

#define HOST_NAME "box.local"
#define N_INTERFACES 2
#define N_PROTOCOLS 2
/* Long enough for a call to be in flight, and up to so much from one event to the next */
#define PROBE_US (30 * G_TIME_SPAN_MILLISECOND)
#define PACE_US 200

typedef struct
{
  GMainContext *context; /* (owned) */
  SimNet *net;           /* (owned) */
  guint n_workers;
} Network;

struct _DiscoWorker
{
  GMainContext *context; /* (owned): whoever calls may be done after the network */
  DiscoWorkerFunc last;
  gpointer last_data;
  gboolean waited_for;
  gboolean stopped;
};

static GMutex lock;
static GCond has_stopped;
/* Under the lock, but for what the thread has in it. (owned) (nullable): while it has workers */
static Network *network;

/* --- the network and its thread --- */

static gboolean
is_in_use (Network *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  return self->n_workers > 0;
}

static gpointer
run (gpointer data)
{
  Network *self = data;

  g_main_context_push_thread_default (self->context);
  while (is_in_use (self))
    g_main_context_iteration (self->context, TRUE);
  while (g_main_context_iteration (self->context, FALSE))
    continue;
  sim_net_free (self->net);
  g_main_context_pop_thread_default (self->context);
  g_main_context_unref (self->context);
  g_free (self);
  return NULL;
}

static Network *
network_new (void)
{
  Network *self = g_new0 (Network, 1);
  g_autoptr (GRand) rand = test_rand_new ();

  self->context = g_main_context_new ();
  self->net = sim_net_new (self->context, g_rand_int (rand));
  for (int ifindex = 1; ifindex <= N_INTERFACES; ifindex++)
    {
      g_autofree char *address = g_strdup_printf ("192.0.2.%d", ifindex);

      for (int protocol = 0; protocol < N_PROTOCOLS; protocol++)
        sim_net_add_pair (self->net, ifindex, protocol);
      sim_net_add_address (self->net, ifindex, HOST_NAME, address);
    }
  sim_net_set_probe_us (self->net, PROBE_US);
  sim_net_set_pace_us (self->net, PACE_US);
  sim_net_set_shuffle (self->net, TRUE);
  return self;
}

/* --- in the place of the library's --- */

DiscoLink *
disco_daemon_link_new (GMainContext *context, DiscoWatchdog *watchdog, gboolean activate)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  return disco_sim_link_new (network->net, HOST_NAME, DISCO_LINK_RUNNING);
}

DiscoWorker *
disco_worker_new (const char *name, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  DiscoWorker *self = g_new0 (DiscoWorker, 1);

  if (network == NULL)
    {
      network = network_new ();
      g_thread_unref (g_thread_new ("network", run, network));
    }
  network->n_workers++;
  self->context = g_main_context_ref (network->context);
  return self;
}

static void
worker_free (DiscoWorker *self)
{
  g_main_context_unref (self->context);
  g_free (self);
}

GMainContext *
disco_worker_get_context (DiscoWorker *self)
{
  return self->context;
}

void
disco_worker_invoke (DiscoWorker *self, DiscoWorkerFunc func, gpointer data)
{
  test_invoke (self->context, func, data);
}

static void
on_stop (gpointer data)
{
  DiscoWorker *self = data;
  g_autoptr (GMutexLocker) locker = NULL;

  self->last (self->last_data);
  locker = g_mutex_locker_new (&lock);
  if (--network->n_workers == 0)
    network = NULL; /* its thread frees it */
  self->stopped = TRUE;
  if (self->waited_for)
    g_cond_broadcast (&has_stopped);
  else
    worker_free (self);
}

void
disco_worker_stop (DiscoWorker *self, DiscoWorkerFunc last, gpointer data)
{
  self->last = last;
  self->last_data = data;
  self->waited_for = !g_main_context_is_owner (disco_worker_get_context (self));
  disco_worker_invoke (self, on_stop, self);
  if (!self->waited_for)
    return;
  g_mutex_lock (&lock);
  while (!self->stopped)
    g_cond_wait (&has_stopped, &lock);
  g_mutex_unlock (&lock);
  worker_free (self);
}

/* --- the world --- */

static DiscoAgent *
make_agent (void)
{
  return DISCO_AGENT (disco_avahi_agent_new (DISCO_BACKEND_DAEMON));
}

static const ContractWorld simulated = { "simulated", make_agent, TRUE, TRUE };

const ContractWorld *contract_world;

const ContractWorld *
contract_find_world (const char *name)
{
  return g_strcmp0 (name, simulated.name) == 0 ? &simulated : NULL;
}
