/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-source-private.h"

#include <disco/disco-agent.h>

/* An agent that only opens services, and what is true of them is said by the test: a producer by
 * hand. The name "bad name" is refused. */
#define TEST_TYPE_AGENT (test_agent_get_type ())
G_DECLARE_FINAL_TYPE (TestAgent, test_agent, TEST, AGENT, GObject)

TestAgent *test_agent_new (void);
/* (transfer none): the source of @name, which somebody looks for */
DiscoSource *test_agent_get_source (TestAgent *self, const char *name);
/* Pushes the instances in @text (test-events.h). */
void test_agent_push (TestAgent *self, const char *name, const char *text, gboolean synced);
/* How many sources were started and stopped */
int test_agent_get_n_started (TestAgent *self);
int test_agent_get_n_stopped (TestAgent *self);
