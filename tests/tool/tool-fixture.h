/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "test-support.h"
#include "tool-run.h"

/* A command runs to its end on an agent in memory. Where it needs something to happen meanwhile, a
 * script acts each time that what it waits for has been printed. */
typedef struct _ToolFixture ToolFixture;

typedef struct
{
  const char *awaited; /* in standard output or standard error, or NULL: at once */
  void (*act) (ToolFixture *self);
} ToolStep;

struct _ToolFixture
{
  GMainContext *context;
  DiscoAgent *agent;
  char *out;
  char *err;
  size_t out_size, err_size;
  ToolLook look, err_look;
  ToolRun *run;
  const ToolStep *steps;
};

/* Each test has a main context and a DiscoLocalAgent of its own. */
int tool_fixture_setup (void **state);
int tool_fixture_teardown (void **state);

void tool_fixture_announce (ToolFixture *self, const char *name, const char *id, const char *tag);
guint tool_fixture_count_instances (ToolFixture *self, const char *name);

/* Runs a command line in the shell's syntax, with what it prints in out and err. @steps:
 * (nullable): ended by one without an act; all must have been made when the command ends. */
ToolStatus tool_fixture_run (ToolFixture *self, const char *line, const ToolStep *steps);
/* the same, printing on files of the test's own */
ToolStatus tool_fixture_run_with_files (ToolFixture *self, const char *line, const ToolStep *steps,
                                        FILE *out, FILE *err);
/* a step's act: what SIGINT does */
void tool_fixture_interrupt (ToolFixture *self);

void assert_starts_with (const char *text, const char *start);
