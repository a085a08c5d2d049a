/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* simulation [--schedules N] [--first SEED] [--seconds S]
 * DISCO_SIM_SEED=SEED simulation
 *
 * Plays random schedules of everything that can happen on a simulated network, in simulated time,
 * and checks after each step what the library promises. A schedule depends on its seed alone: each
 * one has a process of its own, forked from the same state, and memory lies where it lay. One that
 * fails is played again with a trace; DISCO_SIM_SEED plays that one seed, with a trace. */
#include "sim-world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define DEFAULT_SCHEDULES 1000

static void
play (guint32 seed)
{
  World *world = sim_world_new (seed);

  while (world->step < SIM_N_STEPS)
    sim_play_step (world);
  sim_play_end (world);
  sim_world_free (world);
}

/* TRUE if it went well */
static gboolean
play_apart (guint32 seed, gboolean traced)
{
  pid_t child = fork ();
  int status;

  if (child == 0)
    {
      if (traced)
        sim_trace_enable ();
      play (seed);
      exit (EXIT_SUCCESS);
    }
  if (child < 0 || waitpid (child, &status, 0) != child)
    {
      perror ("simulation");
      exit (EXIT_FAILURE);
    }
  if (WIFSIGNALED (status))
    fprintf (stderr, "seed %u ended by signal %d\n", seed, WTERMSIG (status));
  return WIFEXITED (status) && WEXITSTATUS (status) == EXIT_SUCCESS;
}

static guint64
get_real_ms (void)
{
  struct timespec time;

  clock_gettime (CLOCK_MONOTONIC_RAW, &time);
  return (guint64)time.tv_sec * 1000 + (guint64)time.tv_nsec / 1000000;
}

/* @seconds: 0: until all have been played */
static int
play_all (guint32 first, guint n, guint seconds)
{
  const guint64 start_ms = get_real_ms ();
  guint played = 0;

  while (seconds > 0 ? get_real_ms () < start_ms + seconds * 1000ull : played < n)
    {
      guint32 seed = first + played++;

      if (play_apart (seed, FALSE))
        continue;
      fprintf (stderr, "schedule %u has failed; again, with its trace:\n", seed);
      if (play_apart (seed, TRUE))
        fputs ("it did not fail again\n", stderr);
      fprintf (stderr, "DISCO_SIM_SEED=%u replays it.\n", seed);
      return EXIT_FAILURE;
    }
  printf ("%u schedules of %u steps from seed %u on, %.1f s\n", played, SIM_N_STEPS, first,
          (double)(get_real_ms () - start_ms) / 1000);
  return EXIT_SUCCESS;
}

/* The order of a table by addresses is the order of much that happens: so that a seed tells it,
 * memory must lie where it lay, which needs the program to start anew. */
static void
fix_addresses (char **argv)
{
  if (g_getenv ("DISCO_SIM_FIXED") != NULL)
    return;
  g_setenv ("DISCO_SIM_FIXED", "1", TRUE);
  g_setenv ("G_SLICE", "always-malloc", TRUE);
  g_setenv ("LD_BIND_NOW", "1", TRUE);       /* not by each child anew */
  g_setenv ("CMOCKA_TEST_ABORT", "1", TRUE); /* what fails inside the network ends the process */
  if (personality (ADDR_NO_RANDOMIZE) == -1)
    fputs ("addresses cannot be fixed here: a seed may not replay\n", stderr);
  execv ("/proc/self/exe", argv);
  perror ("simulation");
  exit (EXIT_FAILURE);
}

static guint
parse_number (const char *text)
{
  guint64 number;

  if (text == NULL || !g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT32, &number, NULL))
    {
      fputs ("usage: simulation [--schedules N] [--first SEED] [--seconds S]\n", stderr);
      exit (2);
    }
  return (guint)number;
}

int
main (int argc, char **argv)
{
  const char *seed = g_getenv ("DISCO_SIM_SEED");
  guint first = 1;
  guint n = DEFAULT_SCHEDULES;
  guint seconds = 0;

  fix_addresses (argv);
  for (int i = 1; i < argc; i += 2)
    {
      guint number = parse_number (argv[i + 1]);

      if (g_str_equal (argv[i], "--schedules"))
        n = number;
      else if (g_str_equal (argv[i], "--first"))
        first = number;
      else if (g_str_equal (argv[i], "--seconds"))
        seconds = number;
      else
        parse_number (NULL);
    }
  if (seed != NULL)
    return play_apart (parse_number (seed), TRUE) ? EXIT_SUCCESS : EXIT_FAILURE;
  return play_all (first, n, seconds);
}
