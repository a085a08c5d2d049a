/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-engine-private.h"
#include "sim-link.h"
#include "test-events.h"

G_BEGIN_DECLS

/* An engine on a simulated network, all on the test's own context. The network has the interfaces 1
 * and 2, each with IPv4 (0) and IPv6 (1). */
typedef struct
{
  GMainContext *context;     /* (owned): thread-default meanwhile */
  SimNet *net;               /* (owned) */
  DiscoCounts *counts;       /* (owned) */
  DiscoSourceTable *table;   /* (owned): its sources are the engine's */
  DiscoEngine *engine;       /* (owned) */
  DiscoLink *link;           /* (owned) (nullable): the last one made */
  guint n_links;             /* made so far */
  gboolean tried;            /* to make one */
  gboolean no_link;          /* no more can be made */
  guint n_not_yet;           /* so many times there can be none yet */
  DiscoLinkState link_state; /* what a link becomes when it is started */
  DiscoState state;          /* the last one told */
  GPtrArray *readers; /* of EngineReader: what a failed test leaves is freed by the tear-down */
  GString *log;       /* (owned): what was told: "running ", "unavailable ", "renamed id label " */
} EngineFixture;

int engine_fixture_set_up (void **state);
/* Fails the test where a link or an object at one is left. */
int engine_fixture_tear_down (void **state);
#define engine_test(test)                                                                          \
  cmocka_unit_test_setup_teardown (test, engine_fixture_set_up, engine_fixture_tear_down)

/* The engine is made anew, for these interfaces only. */
void engine_fixture_restrict (EngineFixture *self, const char *const *allow,
                              const char *const *deny);
/* The engine is made anew, for the interfaces of the network only that are up: 1 and, where @both,
 * 2 at first. */
void engine_fixture_restrict_to_net (EngineFixture *self, gboolean both);
/* One of them comes or goes, on the network and for the host. */
void engine_fixture_set_interface (EngineFixture *self, int ifindex, gboolean up);
void engine_fixture_wait_running (EngineFixture *self);
void engine_fixture_wait_state (EngineFixture *self, DiscoState state);
/* Waits until nothing is on its way from the network. */
void engine_fixture_wait_quiet (EngineFixture *self);
/* Waits until at least @wanted objects of that kind live at the network, or have been made there.
 */
void engine_fixture_wait_live (EngineFixture *self, SimKind kind, guint wanted);
void engine_fixture_wait_made (EngineFixture *self, SimKind kind, guint wanted);
/* The link fails, and the next one does not come up before engine_fixture_restore_link(). */
void engine_fixture_cut_link (EngineFixture *self);
void engine_fixture_restore_link (EngineFixture *self);

/* Waits until @log is @expected, and fails as soon as it cannot become that. */
void engine_wait_log (const GString *log, const char *expected);

/* Waits until *@value is at least @wanted. */
void engine_wait_for_count (const guint *value, guint wanted);

/* --- readers --- */

/* Somebody who looks for a name and writes down what is told. */
typedef struct
{
  EngineFixture *fixture;
  DiscoSource *source;    /* (owned): a use */
  DiscoEventQueue *queue; /* (owned) */
  GString *log;           /* (owned): "+id:port ~id:old>new -id:port " */
  TestReader known;
} EngineReader;

EngineReader *engine_reader_new (EngineFixture *fixture, const char *name);
void engine_reader_free (EngineReader *self);
/* Waits until what was told since the last time is @expected ("+a:80 "), which is then forgotten.
 */
void engine_reader_wait (EngineReader *self, const char *expected);
/* Waits until it is known on that port, or, with 0, until it is not known; forgets what was told.
 */
void engine_reader_wait_known (EngineReader *self, const char *id, guint16 port);
void engine_reader_wait_synced (EngineReader *self);
/* Waits until its addresses are @expected; forgets what was told. */
void engine_reader_wait_addresses (EngineReader *self, const char *id, const char *expected);
/* Its addresses, separated by blanks, best first; fails the test if it is not known */
char *engine_reader_get_addresses (EngineReader *self, const char *id);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (EngineReader, engine_reader_free)

/* --- registrations --- */

/* Of the service "http"; @tags: separated by blanks. (transfer full) */
DiscoRegistration *engine_registration (const char *id, guint16 port, const char *tags);
/* Takes @registration. */
void engine_register (EngineFixture *self, DiscoRegistration *registration,
                      GCancellable *cancellable, TestResult *result);
void engine_update (EngineFixture *self, const char *id, DiscoRegistration *registration,
                    GCancellable *cancellable, TestResult *result);
/* Takes @registration, and fails the test where the call fails. */
void engine_register_wait (EngineFixture *self, DiscoRegistration *registration);
void engine_update_wait (EngineFixture *self, const char *id, DiscoRegistration *registration);
/* What links published since the last time: sim_net_take_log() */
void engine_assert_published (EngineFixture *self, const char *expected);
/* Waits for the task's end; NULL or what it returned as text. (transfer full) */
char *engine_wait_id (TestResult *result, GError **error);
gboolean engine_wait_done (TestResult *result, GError **error);

G_END_DECLS
