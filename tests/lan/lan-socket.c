/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* lan-socket serve NAME ADDRESS [BACKEND] - a server that listens on ADDRESS alone ("0.0.0.0",
 * "fe80::1%eth1"), and is announced as NAME with its port and the host's addresses. Greets who
 * connects with "hello". Prints "established"; ends on SIGTERM.
 *
 * lan-socket connect NAME [BACKEND] - finds the instance of NAME, prints its addresses, one a line,
 * connects to it with a GSocketClient, and prints "connected ADDRESS" and the line it is greeted
 * with.
 *
 * The backend is a "daemon" (the default), or a responder of its own, "embedded". */
#include <disco/disco.h>
#include <glib-unix.h>
#include <net/if.h>
#include <stdlib.h>

static DiscoAgent *
new_agent (const char *backend)
{
  const gboolean embedded = g_strcmp0 (backend, "embedded") == 0;

  return DISCO_AGENT (
      disco_avahi_agent_new (embedded ? DISCO_BACKEND_EMBEDDED : DISCO_BACKEND_DAEMON));
}

static gboolean
on_signal (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_incoming (GSocketService *server, GSocketConnection *connection, GObject *source, gpointer data)
{
  GOutputStream *stream = g_io_stream_get_output_stream (G_IO_STREAM (connection));

  return g_output_stream_write_all (stream, "hello\n", 6, NULL, NULL, NULL);
}

/* The port, or 0 with @error set */
static guint16
listen_on (GSocketService *server, const char *text, GError **error)
{
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new_from_string (text, 0);
  g_autoptr (GSocketAddress) bound = NULL;

  if (!g_socket_listener_add_address (G_SOCKET_LISTENER (server), address, G_SOCKET_TYPE_STREAM,
                                      G_SOCKET_PROTOCOL_TCP, NULL, &bound, error))
    return 0;
  g_signal_connect (server, "incoming", G_CALLBACK (on_incoming), NULL);
  return g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));
}

static gboolean
serve (DiscoAgent *agent, const char *name, const char *address, GError **error)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GSocketService) server = g_socket_service_new ();
  g_autoptr (DiscoRegistration) registration = NULL;
  g_autofree char *id = NULL;
  const guint16 port = listen_on (server, address, error);
  guint source;

  if (port == 0)
    return FALSE;
  registration = disco_registration_new (name, port);
  id = disco_agent_register (agent, registration, NULL, error);
  if (id == NULL)
    return FALSE;
  source = g_unix_signal_add (SIGTERM, on_signal, loop);
  g_print ("established\n");
  g_main_loop_run (loop);
  g_source_remove (source);
  return disco_agent_leave (agent, NULL, error);
}

/* A call of the client's that is waited for */
typedef struct
{
  GMainLoop *loop; /* (owned) */
  GSocketConnection *connection;
  GError *error;
} Connect;

static void
on_connected (GObject *source, GAsyncResult *result, gpointer data)
{
  Connect *connect = data;

  connect->connection
      = g_socket_client_connect_finish (G_SOCKET_CLIENT (source), result, &connect->error);
  g_main_loop_quit (connect->loop);
}

static GSocketConnection *
connect_to (DiscoInstance *instance, GError **error)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  Connect connect = { .loop = g_main_loop_new (NULL, FALSE) };

  g_socket_client_connect_async (client, G_SOCKET_CONNECTABLE (instance), NULL, on_connected,
                                 &connect);
  g_main_loop_run (connect.loop);
  g_main_loop_unref (connect.loop);
  if (connect.error != NULL)
    g_propagate_error (error, connect.error);
  return connect.connection;
}

/* As an instance has its addresses, with the name of the interface for a scope */
static char *
remote_to_string (GSocketConnection *connection)
{
  g_autoptr (GSocketAddress) remote = g_socket_connection_get_remote_address (connection, NULL);
  GInetSocketAddress *inet = G_INET_SOCKET_ADDRESS (remote);
  g_autofree char *text = g_inet_address_to_string (g_inet_socket_address_get_address (inet));
  char interface[IF_NAMESIZE] = "";

  if (g_socket_address_get_family (remote) == G_SOCKET_FAMILY_IPV6)
    if_indextoname (g_inet_socket_address_get_scope_id (inet), interface);
  return g_strconcat (text, interface[0] != '\0' ? "%" : "", interface, NULL);
}

static gboolean
find_and_connect (DiscoAgent *agent, const char *name, GError **error)
{
  g_autoptr (DiscoService) service = disco_agent_service (agent, name, NULL, NULL, error);
  g_autoptr (GPtrArray) instances = NULL;
  g_autoptr (GSocketConnection) connection = NULL;
  g_autoptr (GDataInputStream) stream = NULL;
  g_autofree char *remote = NULL;
  g_autofree char *greeting = NULL;

  if (service == NULL)
    return FALSE;
  instances = disco_service_get_instances (service);
  if (instances->len != 1)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "%u instances", instances->len);
      return FALSE;
    }
  for (const char *const *address = disco_instance_get_addresses (instances->pdata[0]);
       *address != NULL; address++)
    g_print ("%s\n", *address);
  connection = connect_to (instances->pdata[0], error);
  if (connection == NULL)
    return FALSE;
  remote = remote_to_string (connection);
  g_print ("connected %s\n", remote);
  stream = g_data_input_stream_new (g_io_stream_get_input_stream (G_IO_STREAM (connection)));
  greeting = g_data_input_stream_read_line (stream, NULL, NULL, error);
  if (greeting != NULL)
    g_print ("%s\n", greeting);
  return greeting != NULL;
}

int
main (int argc, char **argv)
{
  const gboolean serves = argc >= 4 && g_str_equal (argv[1], "serve");
  g_autoptr (DiscoAgent) agent = NULL;
  g_autoptr (GError) error = NULL;
  gboolean done;

  if (!serves && (argc < 3 || !g_str_equal (argv[1], "connect")))
    {
      g_printerr ("usage: lan-socket serve NAME ADDRESS [BACKEND] | connect NAME [BACKEND]\n");
      return 2;
    }
  agent = new_agent (argv[serves ? 4 : 3]);
  done = serves ? serve (agent, argv[2], argv[3], &error)
                : find_and_connect (agent, argv[2], &error);
  if (!done)
    g_printerr ("lan-socket: %s\n", error->message);
  return done ? EXIT_SUCCESS : EXIT_FAILURE;
}
