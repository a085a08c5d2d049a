/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "test-events.h"

/* One suite for every kind of agent: what docs/design.md promises, a test a sentence. A world says
 * how an agent is made; everything else is the same. On a network a registration takes about a
 * second and so does a withdrawal to be seen, others announce too, and the runs before may not have
 * been forgotten yet: so every test has names of its own, waits for conditions, and concludes that
 * something is absent only from a first full set. */
typedef struct
{
  const char *name;
  DiscoAgent *(*make_agent) (void);
  gboolean is_network;
  gboolean is_one_host; /* where it announces is where it looks */
} ContractWorld;

/* The one that this run is about */
extern const ContractWorld *contract_world;
/* NULL if there is none of that name */
const ContractWorld *contract_find_world (const char *name);

/* What every test begins with */
typedef struct
{
  GMainContext *context; /* (owned): thread-default meanwhile */
  DiscoAgent *agent;     /* (owned) (nullable): the test may drop it */
  char *name;            /* (owned): of a service with a type of its own, unique */
  char *type;            /* (owned): its type */
  char *generic;         /* (owned): of a generic service, unique */
} Contract;

int contract_set_up (void **state);
/* Fails the test where the agent outlives its last reference. */
int contract_tear_down (void **state);
#define contract_test(test)                                                                        \
  cmocka_unit_test_setup_teardown (test, contract_set_up, contract_tear_down)

/* (transfer full): for the service @name; @tags: separated by blanks */
DiscoRegistration *contract_registration (const char *name, const char *id, guint16 port,
                                          const char *tags);
/* Registers, and fails the test where that fails. */
void contract_register (Contract *self, const char *id, guint16 port, const char *tags);
void contract_register_with_label (Contract *self, const char *id, const char *label);
void contract_update (Contract *self, const char *id, guint16 port, const char *tags);
void contract_deregister (Contract *self, const char *id);
/* (transfer full): the test's own service, its first full set known; @tags: (nullable) */
DiscoService *contract_service (Contract *self, const char *tags);

/* Waits until the service has @n instances. */
void contract_wait_for_size (DiscoService *service, guint n);
/* Waits until it has an instance @id on @port. (transfer full) */
DiscoInstance *contract_wait_for (DiscoService *service, const char *id, guint16 port);

/* One batch, with a deadline. (transfer full) */
GPtrArray *contract_next (DiscoWatcher *watcher);
/* Reads until the reader knows @n instances. */
void contract_read_until_size (DiscoWatcher *watcher, TestReader *reader, guint n);
/* Reads until the reader knows @id on @port. */
void contract_read_until (DiscoWatcher *watcher, TestReader *reader, const char *id, guint16 port);
/* Reads until the reader knows what the service has. */
void contract_read_all (DiscoWatcher *watcher, TestReader *reader, DiscoService *service);
/* Fails the test where there is anything to read. */
void contract_assert_nothing_pending (DiscoWatcher *watcher);

/* Somebody who looks for the test's own service, and knows all of its first full set */
typedef struct
{
  DiscoService *service; /* (owned) */
  DiscoWatcher *watcher; /* (owned) */
  TestReader reader;
} ContractView;

void contract_view_init (ContractView *self, Contract *contract);
void contract_view_clear (ContractView *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ContractView, contract_view_clear)

/* Waits until the object that @weak refers to is gone, and clears @weak. */
void contract_wait_gone (GWeakRef *weak);

/* The tests, by subject */
int contract_run_registrations (void);
int contract_run_updates (void);
int contract_run_mistakes (void);
int contract_run_names (void);
int contract_run_services (void);
int contract_run_watchers (void);
int contract_run_next (void);
int contract_run_calls (void);
int contract_run_verify (void);
