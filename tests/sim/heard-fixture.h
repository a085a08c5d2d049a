/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine-fixture.h"
#include "sim-clock.h"

G_BEGIN_DECLS

/* An engine in simulated time that looks for the service "http" on two interfaces, and hears what
 * is announced there past the responder; and what a reader is told of the instance "a".
 *
 * Threads: one, the program's only one. */

/* The A and AAAA records of their host are browsed, whatever is heard. */
#define HEARD_N_HOST_BROWSERS 2
/* A change that is heard is told within that time. */
#define HEARD_AT_ONCE_US (20 * G_TIME_SPAN_MILLISECOND)
#define HEARD_SETTLE_US (10 * G_TIME_SPAN_SECOND)

typedef struct
{
  EngineFixture *engine;
  EngineReader *reader;
  GString *told; /* (owned): what "a" was, one after the other: "80 x=1, 81 x=1, " */
} HeardFixture;

/* "a", on port 80 with x=1; with another text; on another port */
extern const SimService heard_web;
extern const SimService heard_web_changed;
extern const SimService heard_web_moved;
/* "b" */
extern const SimService heard_second;

int heard_set_up (void **state);
int heard_tear_down (void **state);
#define heard_test(test) cmocka_unit_test_setup_teardown (test, heard_set_up, heard_tear_down)

/* Lets that time pass. */
void heard_run (HeardFixture *self, gint64 us);
/* What "a" was since the last time */
void heard_assert_told (HeardFixture *self, const char *expected);
/* "80 x=1", "80" without the attribute, or "" where it is not known */
void heard_assert_known (HeardFixture *self, const char *id, const char *expected);

/* Record browsers of names, ever made; those that live; names asked for past the responder; and by
 * way of it */
guint heard_n_browsers (HeardFixture *self);
guint heard_n_live_browsers (HeardFixture *self);
guint heard_n_asked (HeardFixture *self);
guint heard_n_resolved (HeardFixture *self);

/* It is known before, as the responder remembers it, and nothing was heard of it. */
void heard_know (HeardFixture *self, int ifindex, const SimService *service);
/* @new (nullable) comes in the place of @old, on interface 1, without a word that is heard past the
 * responder, as if it were lost. */
void heard_lose (HeardFixture *self, const SimService *old, const SimService *new);

G_END_DECLS
