/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-event-private.h"
#include "disco-instance-private.h"
#include "test-support.h"

static DiscoInstance *
make_instance (guint16 port)
{
  const DiscoInstanceFields fields = { .id = "one", .port = port };

  return disco_instance_new (&fields);
}

static void
nothing_to_an_instance_is_an_add (void **state)
{
  g_autoptr (DiscoInstance) instance = make_instance (1);
  g_autoptr (DiscoEvent) event = disco_event_new_change (NULL, instance);

  assert_int_equal (disco_event_get_operation (event), DISCO_OPERATION_ADD);
  assert_ptr_equal (disco_event_get_instance (event), instance);
  assert_null (disco_event_get_previous (event));
}

static void
an_instance_to_nothing_is_a_remove_of_it (void **state)
{
  g_autoptr (DiscoInstance) instance = make_instance (1);
  g_autoptr (DiscoEvent) event = disco_event_new_change (instance, NULL);

  assert_int_equal (disco_event_get_operation (event), DISCO_OPERATION_REMOVE);
  assert_ptr_equal (disco_event_get_instance (event), instance);
  assert_null (disco_event_get_previous (event));
}

static void
an_instance_to_a_different_one_is_an_update_with_its_previous (void **state)
{
  g_autoptr (DiscoInstance) before = make_instance (1);
  g_autoptr (DiscoInstance) after = make_instance (2);
  g_autoptr (DiscoEvent) event = disco_event_new_change (before, after);

  assert_int_equal (disco_event_get_operation (event), DISCO_OPERATION_UPDATE);
  assert_ptr_equal (disco_event_get_instance (event), after);
  assert_ptr_equal (disco_event_get_previous (event), before);
}

static void
what_changes_nothing_is_no_event (void **state)
{
  g_autoptr (DiscoInstance) a = make_instance (1);
  g_autoptr (DiscoInstance) b = make_instance (1);

  assert_null (disco_event_new_change (NULL, NULL));
  assert_null (disco_event_new_change (a, a));
  assert_null (disco_event_new_change (a, b));
}

static void
an_event_holds_its_instances_as_long_as_it_is_held (void **state)
{
  DiscoInstance *before = make_instance (1);
  DiscoInstance *after = make_instance (2);
  DiscoEvent *event = disco_event_new_change (before, after);
  gpointer watch_before = before, watch_after = after;

  g_object_add_weak_pointer (G_OBJECT (before), &watch_before);
  g_object_add_weak_pointer (G_OBJECT (after), &watch_after);
  g_object_unref (before);
  g_object_unref (after);
  assert_ptr_equal (disco_event_ref (event), event);
  disco_event_unref (event);
  assert_non_null (watch_before);
  assert_non_null (watch_after);
  disco_event_unref (event);
  assert_null (watch_before);
  assert_null (watch_after);
}

static void
an_event_is_a_boxed_value (void **state)
{
  g_autoptr (DiscoInstance) instance = make_instance (1);
  g_autoptr (DiscoEvent) event = disco_event_new_change (NULL, instance);
  g_auto (GValue) value = G_VALUE_INIT;

  g_value_init (&value, DISCO_TYPE_EVENT);
  g_value_set_boxed (&value, event);
  assert_ptr_equal (g_value_get_boxed (&value), event);
}

static void
operations_have_the_nicks_that_scripts_read (void **state)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (DISCO_TYPE_OPERATION);

  assert_int_equal (klass->n_values, 3);
  assert_string_equal (g_enum_get_value (klass, DISCO_OPERATION_ADD)->value_nick, "add");
  assert_string_equal (g_enum_get_value (klass, DISCO_OPERATION_UPDATE)->value_nick, "update");
  assert_string_equal (g_enum_get_value (klass, DISCO_OPERATION_REMOVE)->value_nick, "remove");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (nothing_to_an_instance_is_an_add),
    cmocka_unit_test (an_instance_to_nothing_is_a_remove_of_it),
    cmocka_unit_test (an_instance_to_a_different_one_is_an_update_with_its_previous),
    cmocka_unit_test (what_changes_nothing_is_no_event),
    cmocka_unit_test (an_event_holds_its_instances_as_long_as_it_is_held),
    cmocka_unit_test (an_event_is_a_boxed_value),
    cmocka_unit_test (operations_have_the_nicks_that_scripts_read),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
