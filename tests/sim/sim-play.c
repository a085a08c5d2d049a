/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim-loop.h"
#include "sim-world.h"

/* One rest a schedule comes in the midst of it, and what follows starts from what stands. */
#define REST_AT 120

/* Mostly a few milliseconds, now and then seconds; or some turns of the loop and no time at all */
static void
pass_time (World *self)
{
  static const guint spans_us[] = { 2000, 20000, 20000, 100000, 100000, 1000000, 8000000 };
  guint i = sim_draw (self, 3 * G_N_ELEMENTS (spans_us));

  if (i < G_N_ELEMENTS (spans_us))
    {
      sim_loop_run (sim_draw (self, spans_us[i]));
      if (disco_avahi_agent_get_state (self->agent) == DISCO_STATE_UNAVAILABLE)
        sim_check_none_waits (self);
      return;
    }
  for (i = sim_draw (self, 6); i > 0 && sim_loop_turn (); i--)
    continue;
}

void
sim_play_step (World *self)
{
  self->step++;
  sim_step (self);
  pass_time (self);
  sim_readers_look (self, FALSE);
  if (self->step == REST_AT)
    sim_rest (self);
}

void
sim_play_end (World *self)
{
  guint i = sim_draw (self, 12);

  if (i == 0)
    return;
  sim_rest (self);
  if (i < 3)
    sim_rest_after_loss (self);
  else if (i < 5)
    sim_check_first_set (self);
  else if (i < 8)
    sim_rest_after_sleep (self);
  else if (i < 11)
    sim_check_verify (self);
}
