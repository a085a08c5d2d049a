/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-attributes-private.h"
#include "test-support.h"

static void
set_text (DiscoAttributes *attributes, const char *key, const char *value)
{
  g_autoptr (GBytes) bytes = value != NULL ? g_bytes_new (value, strlen (value)) : NULL;

  disco_attributes_set (attributes, key, bytes);
}

static void
assert_attribute (DiscoAttributes *attributes, guint index, const char *key, const char *value)
{
  GBytes *bytes = disco_attributes_get_value (attributes, index);
  gsize size;
  const char *data;

  assert_string_equal (disco_attributes_get_key (attributes, index), key);
  if (value == NULL)
    {
      assert_null (bytes);
      return;
    }
  assert_non_null (bytes);
  data = g_bytes_get_data (bytes, &size);
  assert_int_equal (size, strlen (value));
  if (size > 0)
    assert_memory_equal (data, value, size);
}

static void
attributes_keep_the_order_in_which_they_were_set (void **state)
{
  g_autoptr (DiscoAttributes) attributes = disco_attributes_new ();

  assert_int_equal (disco_attributes_get_size (attributes), 0);
  set_text (attributes, "zone", "b");
  set_text (attributes, "alone", NULL);
  set_text (attributes, "empty", "");
  assert_int_equal (disco_attributes_get_size (attributes), 3);
  assert_attribute (attributes, 0, "zone", "b");
  assert_attribute (attributes, 1, "alone", NULL);
  assert_attribute (attributes, 2, "empty", "");
}

static void
set_replaces_the_value_of_the_same_key_at_its_place (void **state)
{
  g_autoptr (DiscoAttributes) attributes = disco_attributes_new ();

  set_text (attributes, "a", "1");
  set_text (attributes, "b", "2");
  set_text (attributes, "a", "3");
  set_text (attributes, "b", NULL);
  assert_int_equal (disco_attributes_get_size (attributes), 2);
  assert_attribute (attributes, 0, "a", "3");
  assert_attribute (attributes, 1, "b", NULL);
}

static void
a_key_in_another_case_is_another_attribute_to_set_but_not_to_find (void **state)
{
  g_autoptr (DiscoAttributes) attributes = disco_attributes_new ();
  guint index = 99;

  set_text (attributes, "Path", "first");
  set_text (attributes, "path", "second");
  assert_int_equal (disco_attributes_get_size (attributes), 2);
  assert_true (disco_attributes_find (attributes, "PATH", &index));
  assert_int_equal (index, 0);
  assert_true (disco_attributes_find (attributes, "path", NULL));
}

static void
find_of_a_key_that_is_not_there_writes_nothing (void **state)
{
  g_autoptr (DiscoAttributes) attributes = disco_attributes_new ();
  guint index = 99;

  set_text (attributes, "path", "/");
  assert_false (disco_attributes_find (attributes, "pat", &index));
  assert_false (disco_attributes_find (attributes, "paths", &index));
  assert_int_equal (index, 99);
}

static void
values_are_any_bytes (void **state)
{
  static const guint8 raw[] = { 0, 0xff, '=', 0 };
  g_autoptr (DiscoAttributes) attributes = disco_attributes_new ();
  g_autoptr (GBytes) value = g_bytes_new_static (raw, sizeof raw);

  disco_attributes_set (attributes, "raw", value);
  assert_true (g_bytes_equal (disco_attributes_get_value (attributes, 0), value));
}

/* Each text is a list of attributes: "key=value" or "key", separated by spaces. */
static DiscoAttributes *
parse (const char *text)
{
  DiscoAttributes *attributes = disco_attributes_new ();
  g_auto (GStrv) words = g_strsplit (text, " ", -1);

  for (guint i = 0; words[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (words[i], "=", 2);

      if (parts[0] != NULL)
        set_text (attributes, parts[0], parts[1]);
    }
  return attributes;
}

/* The same list, of values that stand in the text */
static DiscoAttributes *
parse_slices (const char *text)
{
  g_autoptr (GBytes) txt = g_bytes_new (text, strlen (text));
  DiscoAttributes *attributes = disco_attributes_new_for_txt (txt);
  const char *data = g_bytes_get_data (txt, NULL);
  g_auto (GStrv) words = g_strsplit (text, " ", -1);
  gsize at = 0;

  for (guint i = 0; words[i] != NULL; i++)
    {
      const gsize size = strlen (words[i]);
      const char *equals = strchr (words[i], '=');
      const gsize key_size = equals != NULL ? (gsize)(equals - words[i]) : size;
      g_autofree char *key = g_strndup (words[i], key_size);

      if (key_size > 0)
        disco_attributes_append_slice (attributes, key,
                                       equals != NULL ? data + at + key_size + 1 : NULL,
                                       equals != NULL ? size - key_size - 1 : 0);
      at += size + 1;
    }
  return attributes;
}

static void
assert_equality (const char *text, DiscoAttributes *a, const char *other, DiscoAttributes *b,
                 gboolean equal)
{
  if (disco_attributes_equal (a, b) != equal || disco_attributes_equal (b, a) != equal)
    fail_msg ("'%s' and '%s' should be %s", text, other, equal ? "equal" : "different");
  assert_true (disco_attributes_equal (a, a));
}

static void
equality_covers_keys_values_and_order (void **state)
{
  static const struct
  {
    const char *a, *b;
    gboolean equal;
  } rows[] = {
    { "", "", TRUE },
    { "a=1", "a=1", TRUE },
    { "a=1 b", "a=1 b", TRUE },
    { "a", "a", TRUE },
    { "a=1", "", FALSE },
    { "a=1", "a=2", FALSE },
    { "a=1", "A=1", FALSE },
    { "a", "a=", FALSE },
    { "a=1 b=2", "b=2 a=1", FALSE },
    { "a=1", "a=1 b=2", FALSE },
    { "a=1", "a=12", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (DiscoAttributes) a = parse (rows[i].a);
      g_autoptr (DiscoAttributes) b = parse (rows[i].b);
      g_autoptr (DiscoAttributes) a_slices = parse_slices (rows[i].a);
      g_autoptr (DiscoAttributes) b_slices = parse_slices (rows[i].b);

      assert_equality (rows[i].a, a, rows[i].b, b, rows[i].equal);
      assert_equality (rows[i].a, a_slices, rows[i].b, b, rows[i].equal);
      assert_equality (rows[i].a, a_slices, rows[i].b, b_slices, rows[i].equal);
    }
}

static void
dup_keys_gives_the_keys_in_order (void **state)
{
  g_autoptr (DiscoAttributes) attributes = parse ("b=1 a c=");
  g_autoptr (DiscoAttributes) none = disco_attributes_new ();
  g_auto (GStrv) keys = disco_attributes_dup_keys (attributes);
  g_auto (GStrv) no_keys = disco_attributes_dup_keys (none);

  assert_int_equal (g_strv_length (keys), 3);
  assert_string_equal (keys[0], "b");
  assert_string_equal (keys[1], "a");
  assert_string_equal (keys[2], "c");
  assert_int_equal (g_strv_length (no_keys), 0);
}

static void
values_that_stand_in_a_txt_record_are_as_others (void **state)
{
  g_autoptr (DiscoAttributes) attributes = parse_slices ("b=1 a=22 c d=");

  assert_int_equal (disco_attributes_get_size (attributes), 4);
  assert_attribute (attributes, 0, "b", "1");
  assert_attribute (attributes, 1, "a", "22");
  assert_attribute (attributes, 2, "c", NULL);
  assert_attribute (attributes, 3, "d", "");
  assert_ptr_equal (disco_attributes_get_value (attributes, 1),
                    disco_attributes_get_value (attributes, 1));
  set_text (attributes, "a", "3");
  set_text (attributes, "b", NULL);
  assert_attribute (attributes, 0, "b", NULL);
  assert_attribute (attributes, 1, "a", "3");
}

static void
there_is_room_for_many (void **state)
{
  g_autoptr (DiscoAttributes) attributes = disco_attributes_new ();

  for (guint i = 0; i < 100; i++)
    {
      g_autofree char *text = g_strdup_printf ("%u", i);
      set_text (attributes, text, text);
    }
  assert_int_equal (disco_attributes_get_size (attributes), 100);
  for (guint i = 0; i < 100; i++)
    {
      g_autofree char *text = g_strdup_printf ("%u", i);
      assert_attribute (attributes, i, text, text);
    }
}

#define N_THREADS 4
#define N_ROUNDS 500

typedef struct
{
  DiscoAttributes *attributes;
  int n_waiting; /* atomic: threads that are not there yet */
} Race;

static gpointer
get_in_thread (gpointer data)
{
  Race *race = data;

  g_atomic_int_dec_and_test (&race->n_waiting);
  while (g_atomic_int_get (&race->n_waiting) > 0)
    g_thread_yield ();
  return disco_attributes_get_value (race->attributes, 0);
}

static void
threads_that_ask_at_once_get_the_same_value (void **state)
{
  for (guint round = 0; round < N_ROUNDS; round++)
    {
      g_autoptr (DiscoAttributes) attributes = parse_slices ("a=1");
      Race race = { attributes, N_THREADS };
      GThread *threads[N_THREADS];

      for (guint i = 0; i < N_THREADS; i++)
        threads[i] = g_thread_new ("get", get_in_thread, &race);
      for (guint i = 0; i < N_THREADS; i++)
        assert_ptr_equal (g_thread_join (threads[i]), disco_attributes_get_value (attributes, 0));
      assert_attribute (attributes, 0, "a", "1");
    }
}

static void
a_reference_keeps_the_list (void **state)
{
  DiscoAttributes *attributes = parse ("a=1");
  g_autoptr (DiscoAttributes) reference = disco_attributes_ref (attributes);

  assert_ptr_equal (reference, attributes);
  disco_attributes_unref (attributes);
  assert_attribute (reference, 0, "a", "1");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (attributes_keep_the_order_in_which_they_were_set),
    cmocka_unit_test (set_replaces_the_value_of_the_same_key_at_its_place),
    cmocka_unit_test (a_key_in_another_case_is_another_attribute_to_set_but_not_to_find),
    cmocka_unit_test (find_of_a_key_that_is_not_there_writes_nothing),
    cmocka_unit_test (values_are_any_bytes),
    cmocka_unit_test (equality_covers_keys_values_and_order),
    cmocka_unit_test (dup_keys_gives_the_keys_in_order),
    cmocka_unit_test (values_that_stand_in_a_txt_record_are_as_others),
    cmocka_unit_test (there_is_room_for_many),
    cmocka_unit_test (threads_that_ask_at_once_get_the_same_value),
    cmocka_unit_test (a_reference_keeps_the_list),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
