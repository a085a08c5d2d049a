/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "test-support.h"

#include <disco/disco.h>

/* Instances as text: "id:port", with tags "id:port/tag/tag"; in a list, separated by blanks. */
DiscoInstance *test_instance_new (const char *text);
/* (transfer full) (element DiscoInstance) */
GPtrArray *test_instances_new (const char *text);

/* Events as text, in their order: "+id:port", "~id:old>new", "-id:port". (transfer full) */
char *test_events_to_string (GPtrArray *events);
void test_assert_events (GPtrArray *events, const char *expected);

/* What the reader of a watcher knows. */
typedef struct
{
  GHashTable *known; /* (owned) (owned) id → (owned) DiscoInstance */
} TestReader;

void test_reader_init (TestReader *self);
void test_reader_clear (TestReader *self);
/* Takes a batch in, and fails the test where it breaks a promise: an id twice in one batch, an ADD
 * of what is known, an UPDATE or REMOVE of what is not, a previous that is not what is known, or an
 * event that changes nothing. */
void test_reader_replay (TestReader *self, GPtrArray *events);
/* (transfer none) (nullable) */
DiscoInstance *test_reader_get (TestReader *self, const char *id);
/* Whether @instances is what the reader knows, no more and no less */
gboolean test_reader_knows (TestReader *self, GPtrArray *instances);
/* Fails the test where it is not. */
void test_reader_assert_knows (TestReader *self, GPtrArray *instances);
