/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim-loop.h"

#include "sim-clock.h"
#include "sim-fail.h"

/* Turns in a row without time passing: more is a busy loop. */
#define MAX_TURNS 100000

static struct
{
  GRand *rand;
  GMainContext *caller; /* (owned) */
  GMainContext *worker; /* (owned) */
  gboolean in_worker;
} loop;

void
sim_loop_begin (GRand *rand)
{
  loop.rand = rand;
  loop.caller = g_main_context_new ();
  loop.worker = g_main_context_new ();
  sim_clock_adopt (loop.caller);
  sim_clock_adopt (loop.worker);
  g_main_context_push_thread_default (loop.caller);
}

void
sim_loop_end (void)
{
  g_main_context_pop_thread_default (loop.caller);
  g_main_context_unref (loop.caller);
  g_main_context_unref (loop.worker);
}

GMainContext *
sim_loop_get_worker_context (void)
{
  return loop.worker;
}

gboolean
sim_loop_is_in_worker (void)
{
  return loop.in_worker;
}

static gint64
iterate_worker (void)
{
  gint64 left;

  loop.in_worker = TRUE;
  g_main_context_push_thread_default (loop.worker);
  left = sim_clock_iterate (loop.worker);
  g_main_context_pop_thread_default (loop.worker);
  loop.in_worker = FALSE;
  return left;
}

void
sim_loop_turn_worker (void)
{
  iterate_worker ();
}

/* 0 if something was dispatched, else as sim_clock_iterate() */
static gint64
turn (void)
{
  gboolean worker_first = g_rand_boolean (loop.rand);
  gint64 left = worker_first ? iterate_worker () : sim_clock_iterate (loop.caller);
  gint64 other;

  if (left == 0)
    return 0;
  other = worker_first ? sim_clock_iterate (loop.caller) : iterate_worker ();
  if (left == -1 || other == -1)
    return MAX (left, other);
  return MIN (left, other);
}

gboolean
sim_loop_turn (void)
{
  return turn () == 0;
}

void
sim_loop_drain (void)
{
  guint turns = 0;

  while (turn () == 0)
    sim_check (++turns < MAX_TURNS, "the loop is busy and no time passes");
}

void
sim_loop_run (gint64 us)
{
  const gint64 end = sim_clock_get () + us;
  guint turns = 0;

  for (;;)
    {
      gint64 now = sim_clock_get ();
      gint64 left = turn ();

      sim_check (++turns < MAX_TURNS, "the loop is busy and no time passes");
      if (left == 0)
        continue;
      turns = 0;
      if (left == -1 || now + left > end)
        break;
      sim_clock_advance (left);
    }
  sim_clock_advance (MAX (end - sim_clock_get (), 0));
}
