/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The input is a schedule of the simulation (tests/sim): its bytes choose what happens on the
 * simulated link, what the program does and how much time passes. After each step what the library
 * promises holds. */
#include "fuzz.h"
#include "sim-world.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  FuzzInput input = { data, size };
  /* in which order the contexts take turns, and what is behind the input's end */
  guint32 seed = fuzz_take_uint16 (&input);
  World *world;

  g_setenv ("CMOCKA_TEST_ABORT", "1", TRUE); /* what fails inside the network ends the process */
  world = sim_world_new_for_input (seed, input.data, input.size);
  while (world->input_size > 0 && world->step < SIM_N_STEPS)
    sim_play_step (world);
  sim_play_end (world);
  sim_world_free (world);
  return 0;
}
