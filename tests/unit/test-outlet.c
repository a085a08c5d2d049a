/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-outlet-private.h"
#include "test-support.h"

#define N_SENT 1000

static void
note (GObject *owner, gpointer data)
{
  GString *seen = g_object_get_data (owner, "seen");

  g_string_append (seen, data);
  if (g_main_context_get_thread_default () != g_object_get_data (owner, "context"))
    g_string_append (seen, " elsewhere");
}

static void
send_text (DiscoOutlet *outlet, const char *text)
{
  disco_outlet_send (outlet, note, g_strdup (text), g_free);
}

static void
count_freed (gpointer data)
{
  ++*(guint *)data;
}

/* An object that notes what it is told, and where */
static GObject *
owner_new (GString *seen, GMainContext *context)
{
  GObject *owner = g_object_new (G_TYPE_OBJECT, NULL);

  g_object_set_data (owner, "seen", seen);
  g_object_set_data (owner, "context", context);
  return owner;
}

static void
what_is_sent_arrives_in_the_context_in_order_and_not_at_once (void **state)
{
  g_autoptr (GString) seen = g_string_new (NULL);
  g_autoptr (GObject) owner = owner_new (seen, *state);
  g_autoptr (DiscoOutlet) outlet = disco_outlet_new (owner, NULL);

  send_text (outlet, "a");
  send_text (outlet, "b");
  assert_string_equal (seen->str, "");
  test_dispatch_pending ();
  assert_string_equal (seen->str, "ab");
  send_text (outlet, "c");
  test_dispatch_pending ();
  assert_string_equal (seen->str, "abc");
}

/* A thread that sends */
typedef struct
{
  DiscoOutlet *outlet;
  guint n_freed;
} Sender;

static gpointer
send_many (gpointer data)
{
  Sender *sender = data;

  for (guint i = 0; i < N_SENT; i++)
    send_text (sender->outlet, ".");
  return NULL;
}

static gboolean
has_all (gpointer data)
{
  return ((GString *)data)->len >= N_SENT;
}

static void
other_threads_may_send (void **state)
{
  g_autoptr (GString) seen = g_string_new (NULL);
  g_autoptr (GObject) owner = owner_new (seen, *state);
  g_autoptr (DiscoOutlet) outlet = disco_outlet_new (owner, NULL);
  Sender sender = { .outlet = outlet };
  GThread *thread = g_thread_new ("send", send_many, &sender);

  test_wait_until (NULL, has_all, seen);
  g_thread_join (thread);
  assert_int_equal (seen->len, N_SENT);
}

static void
what_is_sent_by_a_dead_owner_is_dropped_and_freed (void **state)
{
  g_autoptr (GString) seen = g_string_new (NULL);
  GObject *owner = owner_new (seen, *state);
  DiscoOutlet *outlet = disco_outlet_new (owner, NULL);
  guint n_freed = 0;

  disco_outlet_send (outlet, note, &n_freed, count_freed);
  g_object_unref (owner);
  test_dispatch_pending ();
  assert_string_equal (seen->str, "");
  assert_int_equal (n_freed, 1);
  disco_outlet_send (outlet, note, &n_freed, count_freed);
  disco_outlet_free (outlet);
  assert_int_equal (n_freed, 2);
}

static void
outlet_does_not_keep_its_owner (void **state)
{
  g_autoptr (GString) seen = g_string_new (NULL);
  GObject *owner = owner_new (seen, *state);
  g_autoptr (DiscoOutlet) outlet = disco_outlet_new (owner, NULL);
  gpointer watch = owner;

  g_object_add_weak_pointer (owner, &watch);
  send_text (outlet, "a");
  g_object_unref (owner);
  assert_null (watch);
}

static void
outlet_does_not_keep_its_context (void **state)
{
  g_autoptr (GString) seen = g_string_new (NULL);
  GMainContext *context = g_main_context_new ();
  g_autoptr (GObject) owner = owner_new (seen, context);
  g_autoptr (DiscoOutlet) outlet = disco_outlet_new (owner, context);
  g_autoptr (GSource) witness = g_idle_source_new ();
  guint n_freed = 0;

  g_source_set_callback (witness, G_SOURCE_FUNC (g_source_is_destroyed), &n_freed, count_freed);
  g_source_attach (witness, context);
  disco_outlet_send (outlet, note, &n_freed, count_freed);
  g_main_context_unref (context);
  assert_int_equal (n_freed, 1); /* the witness: the context is gone */
  disco_outlet_send (outlet, note, &n_freed, count_freed);
  assert_int_equal (n_freed, 2);
  assert_string_equal (seen->str, "");
}

static gpointer
free_outlet (gpointer data)
{
  disco_outlet_free (data);
  return NULL;
}

static void
owner_may_die_in_another_thread (void **state)
{
  g_autoptr (GString) seen = g_string_new (NULL);
  g_autoptr (GObject) owner = owner_new (seen, *state);
  DiscoOutlet *outlet = disco_outlet_new (owner, NULL);

  send_text (outlet, "a");
  assert_non_null (g_main_context_find_source_by_user_data (*state, outlet));
  g_thread_join (g_thread_new ("free", free_outlet, outlet));
  test_dispatch_pending ();
  assert_null (g_main_context_find_source_by_user_data (*state, outlet));
}

static void
on_free_requested (GObject *owner, gpointer data)
{
  disco_outlet_free (g_object_steal_data (owner, "outlet"));
}

static void
owner_may_die_while_it_is_told_something (void **state)
{
  g_autoptr (GString) seen = g_string_new (NULL);
  g_autoptr (GObject) owner = owner_new (seen, *state);
  DiscoOutlet *outlet = disco_outlet_new (owner, NULL);

  g_object_set_data (owner, "outlet", outlet);
  disco_outlet_send (outlet, on_free_requested, NULL, NULL);
  test_dispatch_pending ();
  assert_null (g_object_get_data (owner, "outlet"));
}

static void
on_notify (GObject *owner, GParamSpec *pspec, gpointer user_data)
{
  g_string_append (user_data, g_param_spec_get_name (pspec));
}

static void
notify_arrives_in_the_context_too (void **state)
{
  g_autoptr (GString) seen = g_string_new (NULL);
  g_autoptr (GSimpleAction) action = g_simple_action_new ("name", NULL);
  g_autoptr (DiscoOutlet) outlet = disco_outlet_new (G_OBJECT (action), NULL);

  g_signal_connect (action, "notify", G_CALLBACK (on_notify), seen);
  disco_outlet_notify (outlet,
                       g_object_class_find_property (G_OBJECT_GET_CLASS (action), "enabled"));
  assert_string_equal (seen->str, "");
  test_dispatch_pending ();
  assert_string_equal (seen->str, "enabled");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    test_in_own_context (what_is_sent_arrives_in_the_context_in_order_and_not_at_once),
    test_in_own_context (other_threads_may_send),
    test_in_own_context (what_is_sent_by_a_dead_owner_is_dropped_and_freed),
    test_in_own_context (outlet_does_not_keep_its_owner),
    test_in_own_context (outlet_does_not_keep_its_context),
    test_in_own_context (owner_may_die_in_another_thread),
    test_in_own_context (owner_may_die_while_it_is_told_something),
    test_in_own_context (notify_arrives_in_the_context_too),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
