/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-support.h"

#include <disco/disco.h>

/* A TCP socket, bound to @address and a port of the system's choice, and listening */
static GSocket *
listen_on (const char *address)
{
  g_autoptr (GSocketAddress) any_port = g_inet_socket_address_new_from_string (address, 0);
  g_autoptr (GError) error = NULL;
  GSocket *socket = g_socket_new (g_socket_address_get_family (any_port), G_SOCKET_TYPE_STREAM,
                                  G_SOCKET_PROTOCOL_TCP, &error);

  assert_non_null (socket);
  if (!g_socket_bind (socket, any_port, TRUE, &error) || !g_socket_listen (socket, &error))
    fail_msg ("%s: %s", address, error->message);
  return socket;
}

static guint16
get_port (GSocket *socket)
{
  g_autoptr (GSocketAddress) address = g_socket_get_local_address (socket, NULL);

  return g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address));
}

static void
it_has_the_sockets_port_and_address_if_that_is_one (void **state)
{
  static const struct
  {
    const char *bound;
    const char *addr;
  } rows[] = {
    { "0.0.0.0", NULL },          { "::", NULL },   { "127.0.0.1", "127.0.0.1" },
    { "127.0.0.9", "127.0.0.9" }, { "::1", "::1" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GSocket) socket = listen_on (rows[i].bound);
      g_autoptr (GError) error = NULL;
      g_autoptr (DiscoRegistration) registration
          = disco_registration_new_for_socket ("_chat._tcp", socket, &error);

      assert_null (error);
      assert_string_equal (disco_registration_get_name (registration), "_chat._tcp");
      assert_int_equal (disco_registration_get_port (registration), get_port (socket));
      assert_int_not_equal (disco_registration_get_port (registration), 0);
      if (g_strcmp0 (disco_registration_get_addr (registration), rows[i].addr) != 0)
        fail_msg ("%s: %s", rows[i].bound, disco_registration_get_addr (registration));
    }
}

static void
a_socket_without_a_port_to_announce_is_refused (void **state)
{
  g_autoptr (GSocket) unbound
      = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  g_autoptr (GSocket) local
      = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, NULL);
  g_autoptr (GSocket) closed = listen_on ("127.0.0.1");
  g_autoptr (GError) error = NULL;

  assert_null (disco_registration_new_for_socket ("chat", unbound, &error));
  test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_INVALID_ARGUMENT, "\"chat\" is not bound");
  assert_null (disco_registration_new_for_socket ("chat", local, &error));
  test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_INVALID_ARGUMENT, "no IP socket");
  assert_true (g_socket_close (closed, NULL));
  assert_null (disco_registration_new_for_socket ("chat", closed, &error));
  assert_non_null (error);
  assert_true (error->domain == G_IO_ERROR);
}

static void
on_event (GSocketListener *listener, GSocketListenerEvent event, GSocket *socket,
          DiscoRegistration **registration)
{
  if (event == G_SOCKET_LISTENER_LISTENED && *registration == NULL)
    *registration = disco_registration_new_for_socket ("chat", socket, NULL);
}

/* From the sockets of a service to an instance that clients can connect to */
static void
a_listener_is_announced_from_its_event (void **state)
{
  g_autoptr (GSocketService) server = g_socket_service_new ();
  g_autoptr (DiscoAgent) agent = DISCO_AGENT (disco_local_agent_new ());
  g_autoptr (DiscoRegistration) registration = NULL;
  g_autoptr (DiscoService) service = NULL;
  g_autoptr (GPtrArray) instances = NULL;
  g_autofree char *id = NULL;
  guint16 port;

  g_signal_connect (server, "event", G_CALLBACK (on_event), &registration);
  port = g_socket_listener_add_any_inet_port (G_SOCKET_LISTENER (server), NULL, NULL);
  assert_int_equal (disco_registration_get_port (registration), port);
  id = disco_agent_register (agent, registration, NULL, NULL);
  service = disco_agent_service (agent, "chat", NULL, NULL, NULL);
  instances = disco_service_get_instances (service);
  assert_int_equal (instances->len, 1);
  assert_int_equal (disco_instance_get_port (instances->pdata[0]), port);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    test_in_own_context (it_has_the_sockets_port_and_address_if_that_is_one),
    test_in_own_context (a_socket_without_a_port_to_announce_is_refused),
    test_in_own_context (a_listener_is_announced_from_its_event),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
