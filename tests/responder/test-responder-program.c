/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The program itself, on the interface lo alone. */
#include "responder-fixture.h"

#include <string.h>

/* The TXT data with this one string */
static void
assert_txt (GVariant *bytes, const char *text)
{
  gsize size;
  const guint8 *data = g_variant_get_fixed_array (bytes, &size, 1);

  assert_int_equal (size, strlen (text) + 1);
  assert_int_equal (data[0], strlen (text));
  assert_memory_equal (data + 1, text, size - 1);
}

static void
a_service_is_found_resolved_updated_and_removed (void **state)
{
  Responder *responder = responder_start ();
  Session *one = session_open (responder);
  Session *two = session_open (responder);
  g_autoptr (GVariant) found = NULL;
  g_autoptr (GVariant) resolved = NULL;
  g_autoptr (GVariant) txt = NULL;
  g_autoptr (GVariant) removed = NULL;
  const char *label;
  const char *type;
  const char *domain;
  const char *host;
  gboolean local;
  guint16 port;
  int ifindex;
  int code;

  session_send (two, DISCO_WIRE_BROWSE_SERVICES, g_variant_new ("(us)", 7, "_disco-test._tcp"));
  session_send (one, DISCO_WIRE_PUBLISH,
                publish_body (1, service_entry ("A café", "_disco-test._tcp", 4711, "a=1")));
  session_expect_group (one, 1, DISCO_WIRE_GROUP_ESTABLISHED);
  found = session_expect_browsed (two, 7, DISCO_WIRE_BROWSE_NEW);
  g_variant_get (found, "(uyii&s&s&sb@ayi)", NULL, NULL, &ifindex, NULL, &label, &type, &domain,
                 &local, NULL, NULL);
  assert_string_equal (label, "A café");
  assert_string_equal (type, "_disco-test._tcp");
  assert_string_equal (domain, "local");
  assert_true (local);
  assert_int_equal (ifindex, 1);

  session_send (two, DISCO_WIRE_RESOLVE,
                g_variant_new ("(uiisss)", 8, -1, -1, label, type, domain));
  resolved = session_expect (two, DISCO_WIRE_RESOLVED);
  g_variant_get (resolved, "(uii&sq@ayi)", NULL, NULL, NULL, &host, &port, &txt, &code);
  assert_int_equal (code, 0);
  assert_int_equal (port, 4711);
  assert_true (g_str_has_suffix (host, ".local"));
  assert_txt (txt, "a=1");

  session_close (one);
  removed = session_expect_browsed (two, 7, DISCO_WIRE_BROWSE_REMOVE);
  session_close (two);
  responder_end (responder);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    test_in_own_context (a_service_is_found_resolved_updated_and_removed),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
