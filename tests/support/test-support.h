/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* cmocka wants these before its own header. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <gio/gio.h>

/* How long a test waits for a condition before it fails; generous, for slow machines and valgrind.
 */
#define TEST_DEADLINE_S 20

/* Iterates @context (NULL: the thread-default one) until @condition (data) is TRUE; fails the test
 * at the deadline. Waits for the condition, never for a time. */
typedef gboolean (*TestCondition) (gpointer data);
void test_wait_until (GMainContext *context, TestCondition condition, gpointer data);

/* A GAsyncReadyCallback that stores the result, and a wait for it. */
typedef struct
{
  GAsyncResult *result; /* (owned) (nullable) */
} TestResult;
void test_result_callback (GObject *source, GAsyncResult *result, gpointer user_data);
/* (transfer full): the result, and TestResult is empty again */
GAsyncResult *test_result_wait (TestResult *self);

/* Asserts that @error is of this domain and code and, where @part is given, that its message holds
 * @part; then clears it. */
void test_assert_error (GError **error, GQuark domain, int code, const char *part);

/* A generator seeded from DISCO_TEST_SEED, or at random; the seed is printed, so that a failure can
 * be replayed. */
GRand *test_rand_new (void);

/* Set-up and tear-down of a test: a main context of its own, thread-default meanwhile. */
int test_context_push (void **state);
int test_context_pop (void **state);
#define test_in_own_context(test)                                                                  \
  cmocka_unit_test_setup_teardown (test, test_context_push, test_context_pop)

/* Calls @func from @context, after what was asked for in this way before, and never from inside
 * this call: what a worker of the library's does. */
void test_invoke (GMainContext *context, void (*func) (gpointer data), gpointer data);

/* Dispatches what is ready in the thread-default context, and waits for nothing. */
void test_dispatch_pending (void);
