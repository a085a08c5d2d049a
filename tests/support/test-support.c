/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-support.h"

static gboolean
on_deadline (gpointer data)
{
  *(gboolean *)data = TRUE;
  return G_SOURCE_REMOVE;
}

/* Wakes the loop now and then, for conditions that other threads make true without a wake-up. */
static gboolean
on_tick (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

void
test_wait_until (GMainContext *context, TestCondition condition, gpointer data)
{
  gboolean late = FALSE;
  gboolean is_true;
  g_autoptr (GSource) deadline = g_timeout_source_new_seconds (TEST_DEADLINE_S);
  g_autoptr (GSource) tick = g_timeout_source_new (5);

  if (context == NULL)
    context = g_main_context_get_thread_default ();
  g_source_set_callback (deadline, on_deadline, &late, NULL);
  g_source_set_callback (tick, on_tick, NULL, NULL);
  g_source_attach (deadline, context);
  g_source_attach (tick, context);
  /* The condition has the last word: it may have come true while the machine slept past the
   * deadline. */
  while (!(is_true = condition (data)) && !late)
    g_main_context_iteration (context, TRUE);
  g_source_destroy (deadline);
  g_source_destroy (tick);
  if (!is_true)
    fail_msg ("the condition did not become true within %d s", TEST_DEADLINE_S);
}

void
test_result_callback (GObject *source, GAsyncResult *result, gpointer user_data)
{
  TestResult *self = user_data;

  if (self->result != NULL)
    fail_msg ("a callback was called twice");
  self->result = g_object_ref (result);
}

static gboolean
has_result (gpointer data)
{
  TestResult *self = data;
  return self->result != NULL;
}

GAsyncResult *
test_result_wait (TestResult *self)
{
  test_wait_until (NULL, has_result, self);
  return g_steal_pointer (&self->result);
}

void
test_assert_error (GError **error, GQuark domain, int code, const char *part)
{
  assert_non_null (*error);
  if (!g_error_matches (*error, domain, code))
    fail_msg ("expected %s %d, got %s %d: %s", g_quark_to_string (domain), code,
              g_quark_to_string ((*error)->domain), (*error)->code, (*error)->message);
  if (part != NULL && strstr ((*error)->message, part) == NULL)
    fail_msg ("'%s' is not in the message: %s", part, (*error)->message);
  g_clear_error (error);
}

GRand *
test_rand_new (void)
{
  const char *given = g_getenv ("DISCO_TEST_SEED");
  guint32 seed
      = given != NULL ? (guint32)g_ascii_strtoull (given, NULL, 10) : (guint32)g_random_int ();

  print_message ("DISCO_TEST_SEED=%u\n", seed);
  return g_rand_new_with_seed (seed);
}

typedef struct
{
  void (*func) (gpointer data);
  gpointer data;
} Call;

static gboolean
on_call (gpointer user_data)
{
  Call *call = user_data;

  call->func (call->data);
  return G_SOURCE_REMOVE;
}

void
test_invoke (GMainContext *context, void (*func) (gpointer data), gpointer data)
{
  g_autoptr (GSource) source = g_idle_source_new ();
  Call *call = g_new (Call, 1);

  call->func = func;
  call->data = data;
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, on_call, call, g_free);
  g_source_attach (source, context);
}

int
test_context_push (void **state)
{
  GMainContext *context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  *state = context;
  return 0;
}

int
test_context_pop (void **state)
{
  GMainContext *context = *state;

  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
  return 0;
}

void
test_dispatch_pending (void)
{
  while (g_main_context_iteration (g_main_context_get_thread_default (), FALSE))
    ;
}
