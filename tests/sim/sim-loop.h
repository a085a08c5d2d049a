/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The two threads of a program that uses an agent, the caller's and the worker's, as one: their
 * main contexts take turns, in an order that is drawn at random. sim-worker.c puts this in the
 * place of the library's worker. */

/* @rand: borrowed. The caller's context is thread-default until sim_loop_end(). */
void sim_loop_begin (GRand *rand);
void sim_loop_end (void);
GMainContext *sim_loop_get_worker_context (void);
gboolean sim_loop_is_in_worker (void);

/* One turn; FALSE if nothing is ready in either */
gboolean sim_loop_turn (void);
/* One turn of the worker */
void sim_loop_turn_worker (void);
/* Turns until nothing is ready any more */
void sim_loop_drain (void);
/* Lets @us of time pass, and all that happens meanwhile. */
void sim_loop_run (gint64 us);

G_END_DECLS
