/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the interface itself has; its calls are in the contract. */
#include "test-agent.h"
#include "disco-agent-private.h"
#include "test-support.h"

static void
note_rename (DiscoAgent *agent, const char *id, const char *label, gpointer user_data)
{
  g_string_append_printf (user_data, "%s:%s;", id, label);
}

static void
renamed_is_emitted_in_the_outlets_context_in_order (void **state)
{
  g_autoptr (TestAgent) agent = test_agent_new ();
  g_autoptr (DiscoOutlet) outlet = disco_outlet_new (G_OBJECT (agent), NULL);
  g_autoptr (GString) seen = g_string_new (NULL);

  g_signal_connect (agent, "renamed", G_CALLBACK (note_rename), seen);
  disco_agent_emit_renamed (outlet, "id", "label #2");
  disco_agent_emit_renamed (outlet, "id", "label #3");
  assert_string_equal (seen->str, "");
  test_dispatch_pending ();
  assert_string_equal (seen->str, "id:label #2;id:label #3;");
}

static void
interface_has_default_tags (void **state)
{
  gpointer iface = g_type_default_interface_ref (DISCO_TYPE_AGENT);
  GParamSpec *pspec = g_object_interface_find_property (iface, "default-tags");

  assert_non_null (pspec);
  assert_int_equal (pspec->value_type, G_TYPE_STRV);
  assert_int_equal (pspec->flags & G_PARAM_READWRITE, G_PARAM_READWRITE);
  g_type_default_interface_unref (iface);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    test_in_own_context (renamed_is_emitted_in_the_outlets_context_in_order),
    cmocka_unit_test (interface_has_default_tags),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
