/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <disco/disco-error.h>
#include <disco/disco-registration.h>

/* What the socket is bound to, of which there must be a port to announce */
static GInetSocketAddress *
dup_bound_address (GSocket *socket, const char *name, GError **error)
{
  g_autoptr (GSocketAddress) address = g_socket_get_local_address (socket, error);

  if (address == NULL)
    {
      g_prefix_error (error, "Cannot learn where \"%s\" listens: ", name);
      return NULL;
    }
  if (!G_IS_INET_SOCKET_ADDRESS (address))
    {
      g_set_error (error, DISCO_ERROR, DISCO_ERROR_INVALID_ARGUMENT,
                   "\"%s\" listens on a socket that is no IP socket", name);
      return NULL;
    }
  if (g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address)) == 0)
    {
      g_set_error (error, DISCO_ERROR, DISCO_ERROR_INVALID_ARGUMENT,
                   "The socket of \"%s\" is not bound to a port", name);
      return NULL;
    }
  return G_INET_SOCKET_ADDRESS (g_steal_pointer (&address));
}

/**
 * disco_registration_new_for_socket:
 * @name: the service name: "http", "_http._tcp", or any text for a generic service
 * @socket: a socket that is bound to an IP address and a port
 * @error: return location for an error
 *
 * Makes a registration for a server that runs already, with the port on which its socket listens.
 *
 * Where the socket is bound to one address of the host, that is the registration's
 * [property@Disco.Registration:addr]; where it is bound to all of them, no address is set. A socket
 * that is bound to a loopback address is of use to programs on this host alone. The socket is only
 * asked for its address, and not kept.
 *
 * A [class@Gio.SocketListener] or [class@Gio.SocketService] does not tell its sockets, but the
 * calls that add them tell the port, which is all that [ctor@Disco.Registration.new] needs:
 *
 * ```c
 * guint16 port = g_socket_listener_add_any_inet_port (listener, NULL, &error);
 * DiscoRegistration *registration = disco_registration_new ("_chat._tcp", port);
 * ```
 *
 * This function is for who has sockets: from [signal@Gio.SocketListener::event], where somebody
 * else adds them; from the service manager that passes them at start
 * ([ctor@Gio.Socket.new_from_fd]); from `soup_server_get_listeners()`. Of the sockets of one server
 * that share a port, such as those for IPv4 and IPv6, any one will do.
 *
 * The error is %DISCO_ERROR_INVALID_ARGUMENT where the socket is no IP socket or is not bound, else
 * what the system says of the socket, in the domain %G_IO_ERROR.
 *
 * Returns: (transfer full): a new registration, or %NULL with @error set
 *
 * Since: 1.0
 */
DiscoRegistration *
disco_registration_new_for_socket (const char *name, GSocket *socket, GError **error)
{
  g_autoptr (GInetSocketAddress) bound = NULL;
  DiscoRegistration *self;
  GInetAddress *address;

  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (G_IS_SOCKET (socket), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  bound = dup_bound_address (socket, name, error);
  if (bound == NULL)
    return NULL;
  self = disco_registration_new (name, g_inet_socket_address_get_port (bound));
  address = g_inet_socket_address_get_address (bound);
  if (!g_inet_address_get_is_any (address))
    {
      g_autofree char *addr = g_inet_address_to_string (address);

      disco_registration_set_addr (self, addr);
    }
  return self;
}
