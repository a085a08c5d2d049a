/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-instance-private.h"
#include "test-support.h"

#include <net/if.h>

static DiscoInstance *
make_instance (const char *hostname, const char *const *addresses, guint16 port)
{
  const DiscoInstanceFields fields
      = { .id = "one", .hostname = hostname, .addresses = addresses, .port = port };

  return disco_instance_new (&fields);
}

/* Takes the next address as "address%scope port", or "" at the end. */
static char *
next_address (GSocketAddressEnumerator *enumerator)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketAddress) address = g_socket_address_enumerator_next (enumerator, NULL, &error);
  g_autofree char *text = NULL;
  GInetSocketAddress *inet;

  assert_null (error);
  if (address == NULL)
    return g_strdup ("");
  inet = G_INET_SOCKET_ADDRESS (address);
  text = g_inet_address_to_string (g_inet_socket_address_get_address (inet));
  return g_strdup_printf ("%s%%%u %u", text,
                          g_socket_address_get_family (address) == G_SOCKET_FAMILY_IPV6
                              ? g_inet_socket_address_get_scope_id (inet)
                              : 0,
                          g_inet_socket_address_get_port (inet));
}

static void
assert_next (GSocketAddressEnumerator *enumerator, const char *expected)
{
  g_autofree char *actual = next_address (enumerator);

  assert_string_equal (actual, expected);
}

static void
enumerates_all_addresses_in_order_with_their_port (void **state)
{
  static const char *const addresses[] = { "192.0.2.1", "2001:db8::1", "169.254.0.9", NULL };
  g_autoptr (DiscoInstance) instance = make_instance ("h.local", addresses, 8080);
  g_autoptr (GSocketAddressEnumerator) enumerator
      = g_socket_connectable_enumerate (G_SOCKET_CONNECTABLE (instance));

  g_clear_object (&instance);
  assert_next (enumerator, "192.0.2.1%0 8080");
  assert_next (enumerator, "2001:db8::1%0 8080");
  assert_next (enumerator, "169.254.0.9%0 8080");
  assert_next (enumerator, "");
  assert_next (enumerator, "");
}

static void
a_link_local_address_keeps_its_scope (void **state)
{
  static const char *const addresses[] = { "fe80::1%lo", NULL };
  g_autoptr (DiscoInstance) instance = make_instance ("h.local", addresses, 1);
  g_autoptr (GSocketAddressEnumerator) enumerator
      = g_socket_connectable_enumerate (G_SOCKET_CONNECTABLE (instance));
  g_autofree char *expected = g_strdup_printf ("fe80::1%%%u 1", if_nametoindex ("lo"));

  assert_next (enumerator, expected);
  assert_next (enumerator, "");
}

static void
an_address_on_an_interface_that_is_not_here_is_left_out (void **state)
{
  static const char *const addresses[] = { "fe80::1%not-there", "192.0.2.1", NULL };
  g_autoptr (DiscoInstance) instance = make_instance ("h.local", addresses, 1);
  g_autoptr (GSocketAddressEnumerator) enumerator
      = g_socket_connectable_enumerate (G_SOCKET_CONNECTABLE (instance));

  assert_next (enumerator, "192.0.2.1%0 1");
  assert_next (enumerator, "");
}

static void
without_addresses_the_hostname_is_resolved (void **state)
{
  g_autoptr (DiscoInstance) instance = make_instance ("127.0.0.5", NULL, 99);
  g_autoptr (GSocketAddressEnumerator) enumerator
      = g_socket_connectable_enumerate (G_SOCKET_CONNECTABLE (instance));

  assert_next (enumerator, "127.0.0.5%0 99");
  assert_next (enumerator, "");
}

static void
a_cancelled_enumeration_says_so (void **state)
{
  static const char *const addresses[] = { "192.0.2.1", NULL };
  g_autoptr (DiscoInstance) instance = make_instance ("h.local", addresses, 1);
  g_autoptr (GSocketAddressEnumerator) enumerator
      = g_socket_connectable_enumerate (G_SOCKET_CONNECTABLE (instance));
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  assert_null (g_socket_address_enumerator_next (enumerator, cancellable, &error));
  test_assert_error (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, NULL);
  assert_next (enumerator, "192.0.2.1%0 1");
}

static void
two_enumerations_do_not_disturb_each_other (void **state)
{
  static const char *const addresses[] = { "192.0.2.1", "192.0.2.2", NULL };
  g_autoptr (DiscoInstance) instance = make_instance ("h.local", addresses, 1);
  GSocketConnectable *connectable = G_SOCKET_CONNECTABLE (instance);
  g_autoptr (GSocketAddressEnumerator) a = g_socket_connectable_enumerate (connectable);
  g_autoptr (GSocketAddressEnumerator) b = g_socket_connectable_proxy_enumerate (connectable);

  assert_next (a, "192.0.2.1%0 1");
  assert_next (a, "192.0.2.2%0 1");
  assert_next (b, "192.0.2.1%0 1");
}

static void
to_string_is_the_address (void **state)
{
  static const char *const addresses[] = { "2001:db8::1", NULL };
  g_autoptr (DiscoInstance) instance = make_instance ("h.local", addresses, 80);
  g_autofree char *text = g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (instance));

  assert_string_equal (text, "[2001:db8::1]:80");
}

/* The first address refuses: nothing listens there. The second one is the listener's. */
static void
a_socket_client_connects_to_the_address_that_answers (void **state)
{
  static const char *const addresses[] = { "127.0.0.2", "127.0.0.1", NULL };
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GSocketListener) listener = NULL;
  g_autoptr (GSocketClient) client = NULL;
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new_from_string ("127.0.0.1", 0);
  g_autoptr (GSocketAddress) bound = NULL;
  g_autoptr (GSocketConnection) connection = NULL;
  g_autoptr (DiscoInstance) instance = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  TestResult waiter = { 0 };

  g_main_context_push_thread_default (context);
  listener = g_socket_listener_new ();
  client = g_socket_client_new ();
  assert_true (g_socket_listener_add_address (listener, any, G_SOCKET_TYPE_STREAM,
                                              G_SOCKET_PROTOCOL_TCP, NULL, &bound, &error));
  instance = make_instance ("h.local", addresses,
                            g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound)));
  g_socket_client_connect_async (client, G_SOCKET_CONNECTABLE (instance), NULL,
                                 test_result_callback, &waiter);
  result = test_result_wait (&waiter);
  connection = g_socket_client_connect_finish (client, result, &error);
  assert_null (error);
  assert_true (g_socket_connection_is_connected (connection));
  g_main_context_pop_thread_default (context);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (enumerates_all_addresses_in_order_with_their_port),
    cmocka_unit_test (a_link_local_address_keeps_its_scope),
    cmocka_unit_test (an_address_on_an_interface_that_is_not_here_is_left_out),
    cmocka_unit_test (without_addresses_the_hostname_is_resolved),
    cmocka_unit_test (a_cancelled_enumeration_says_so),
    cmocka_unit_test (two_enumerations_do_not_disturb_each_other),
    cmocka_unit_test (to_string_is_the_address),
    cmocka_unit_test (a_socket_client_connects_to_the_address_that_answers),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
