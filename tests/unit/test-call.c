/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-call-private.h"
#include "test-support.h"

typedef struct
{
  TestResult result;
  GCancellable *cancellable;
  GObject *object;
  GTask *task; /* not owned */
  DiscoCall *call;
  guint n_cancelled;
} Fixture;

static void
on_cancelled (DiscoCall *call, gpointer user_data)
{
  Fixture *self = user_data;

  assert_ptr_equal (call, self->call);
  self->n_cancelled++;
  g_clear_pointer (&self->call, disco_call_free);
}

static int
set_up (void **state)
{
  Fixture *self = g_new0 (Fixture, 1);

  test_context_push (state);
  self->cancellable = g_cancellable_new ();
  self->object = g_object_new (G_TYPE_OBJECT, NULL);
  self->task = g_task_new (self->object, self->cancellable, test_result_callback, &self->result);
  g_task_set_check_cancellable (self->task, FALSE);
  self->call = disco_call_new (self->task, *state, on_cancelled, self);
  *state = self;
  return 0;
}

static int
tear_down (void **state)
{
  Fixture *self = *state;
  GMainContext *context = g_main_context_get_thread_default ();

  assert_null (self->result.result);
  g_clear_pointer (&self->call, disco_call_free);
  g_object_unref (self->object);
  g_object_unref (self->cancellable);
  g_free (self);
  return test_context_pop ((void **)&context);
}

#define call_test(test) cmocka_unit_test_setup_teardown (test, set_up, tear_down)

static void
assert_ends_cancelled (Fixture *self)
{
  g_autoptr (GAsyncResult) result = test_result_wait (&self->result);
  g_autoptr (GError) error = NULL;

  assert_false (g_task_propagate_boolean (G_TASK (result), &error));
  test_assert_error (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, NULL);
}

static void
pointer_is_returned (void **state)
{
  Fixture *self = *state;
  g_autoptr (GAsyncResult) result = NULL;
  g_autofree char *text = NULL;

  assert_ptr_equal (disco_call_get_source_object (self->call), self->object);
  disco_call_return_pointer (self->call, g_strdup ("x"), g_free);
  result = test_result_wait (&self->result);
  text = g_task_propagate_pointer (G_TASK (result), NULL);
  assert_string_equal (text, "x");
}

static void
boolean_is_returned (void **state)
{
  Fixture *self = *state;
  g_autoptr (GAsyncResult) result = NULL;

  disco_call_return_boolean (self->call, TRUE);
  result = test_result_wait (&self->result);
  assert_true (g_task_propagate_boolean (G_TASK (result), NULL));
}

static void
error_is_returned (void **state)
{
  Fixture *self = *state;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  disco_call_return_error (self->call, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_BUSY, "no"));
  result = test_result_wait (&self->result);
  assert_false (g_task_propagate_boolean (G_TASK (result), &error));
  test_assert_error (&error, G_IO_ERROR, G_IO_ERROR_BUSY, "no");
}

static void
call_freed_before_it_was_returned_is_cancelled (void **state)
{
  Fixture *self = *state;

  g_clear_pointer (&self->call, disco_call_free);
  assert_int_equal (self->n_cancelled, 0);
  assert_ends_cancelled (self);
}

static void
cancellation_is_told_from_the_context (void **state)
{
  Fixture *self = *state;

  g_cancellable_cancel (self->cancellable);
  assert_int_equal (self->n_cancelled, 0);
  assert_ends_cancelled (self);
  assert_int_equal (self->n_cancelled, 1);
}

static void
cancellation_after_the_return_changes_nothing (void **state)
{
  Fixture *self = *state;
  g_autoptr (GAsyncResult) result = NULL;

  disco_call_return_boolean (self->call, TRUE);
  g_cancellable_cancel (self->cancellable);
  test_dispatch_pending ();
  result = test_result_wait (&self->result);
  assert_true (g_task_propagate_boolean (G_TASK (result), NULL));
  assert_int_equal (self->n_cancelled, 0);
}

static gpointer
cancel (gpointer data)
{
  g_cancellable_cancel (data);
  return NULL;
}

static void
cancellation_from_another_thread_is_told_on_the_context (void **state)
{
  Fixture *self = *state;
  GThread *thread = g_thread_new ("cancel", cancel, self->cancellable);

  assert_ends_cancelled (self);
  g_thread_join (thread);
  assert_int_equal (self->n_cancelled, 1);
}

static void
call_without_a_cancellable_is_returned_too (void **state)
{
  Fixture *self = *state;
  TestResult other = { NULL };
  g_autoptr (GAsyncResult) result = NULL;
  DiscoCall *call = disco_call_new (g_task_new (NULL, NULL, test_result_callback, &other),
                                    g_main_context_get_thread_default (), on_cancelled, self);

  disco_call_return_boolean (call, TRUE);
  disco_call_free (call);
  result = test_result_wait (&other);
  assert_true (g_task_propagate_boolean (G_TASK (result), NULL));
  g_clear_pointer (&self->call, disco_call_free);
  assert_ends_cancelled (self);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    call_test (pointer_is_returned),
    call_test (boolean_is_returned),
    call_test (error_is_returned),
    call_test (call_freed_before_it_was_returned_is_cancelled),
    call_test (cancellation_is_told_from_the_context),
    call_test (cancellation_after_the_return_changes_nothing),
    call_test (cancellation_from_another_thread_is_told_on_the_context),
    call_test (call_without_a_cancellable_is_returned_too),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
