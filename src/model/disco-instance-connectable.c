/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-instance-private.h"

#include <string.h>

/* Gives out addresses that were made beforehand, so that next() never blocks and the parent class's
 * next_async(), which calls it, is asynchronous enough. */
#define DISCO_TYPE_ADDRESS_ENUMERATOR (disco_address_enumerator_get_type ())
G_DECLARE_FINAL_TYPE (DiscoAddressEnumerator, disco_address_enumerator, DISCO, ADDRESS_ENUMERATOR,
                      GSocketAddressEnumerator)

struct _DiscoAddressEnumerator
{
  GSocketAddressEnumerator parent_instance;

  GPtrArray *addresses; /* (owned) of GSocketAddress */
  guint next;
};

G_DEFINE_FINAL_TYPE (DiscoAddressEnumerator, disco_address_enumerator,
                     G_TYPE_SOCKET_ADDRESS_ENUMERATOR)

static void
disco_address_enumerator_finalize (GObject *object)
{
  DiscoAddressEnumerator *self = DISCO_ADDRESS_ENUMERATOR (object);

  g_ptr_array_unref (self->addresses);
  G_OBJECT_CLASS (disco_address_enumerator_parent_class)->finalize (object);
}

static GSocketAddress *
disco_address_enumerator_next (GSocketAddressEnumerator *enumerator, GCancellable *cancellable,
                               GError **error)
{
  DiscoAddressEnumerator *self = DISCO_ADDRESS_ENUMERATOR (enumerator);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  if (self->next == self->addresses->len)
    return NULL;
  return g_object_ref (g_ptr_array_index (self->addresses, self->next++));
}

static void
disco_address_enumerator_class_init (DiscoAddressEnumeratorClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = disco_address_enumerator_finalize;
  G_SOCKET_ADDRESS_ENUMERATOR_CLASS (klass)->next = disco_address_enumerator_next;
}

static void
disco_address_enumerator_init (DiscoAddressEnumerator *self)
{
}

/* An IPv6 address with the scope of an interface that this host lacks is of no use to it. */
static GPtrArray *
make_socket_addresses (DiscoInstance *instance)
{
  GPtrArray *made = g_ptr_array_new_with_free_func (g_object_unref);
  const char *const *addresses = disco_instance_get_addresses (instance);
  guint port = disco_instance_get_port (instance);

  for (guint i = 0; addresses[i] != NULL; i++)
    {
      GSocketAddress *address = g_inet_socket_address_new_from_string (addresses[i], port);

      if (address != NULL)
        g_ptr_array_add (made, address);
    }
  return made;
}

static GSocketAddressEnumerator *
disco_instance_enumerate (GSocketConnectable *connectable)
{
  DiscoInstance *instance = DISCO_INSTANCE (connectable);
  g_autoptr (GPtrArray) addresses = make_socket_addresses (instance);
  DiscoAddressEnumerator *self;

  if (addresses->len == 0)
    {
      g_autoptr (GSocketConnectable) host = g_network_address_new (
          disco_instance_get_hostname (instance), disco_instance_get_port (instance));

      return g_socket_connectable_enumerate (host);
    }
  self = g_object_new (DISCO_TYPE_ADDRESS_ENUMERATOR, NULL);
  self->addresses = g_steal_pointer (&addresses);
  return G_SOCKET_ADDRESS_ENUMERATOR (self);
}

static char *
disco_instance_to_string (GSocketConnectable *connectable)
{
  return disco_instance_dup_address (DISCO_INSTANCE (connectable));
}

/* Without proxy_enumerate GIO connects directly: what is on the link needs no proxy. */
void
disco_instance_connectable_iface_init (GSocketConnectableIface *iface)
{
  iface->enumerate = disco_instance_enumerate;
  iface->to_string = disco_instance_to_string;
}

/**
 * disco_instance_dup_address:
 * @self: an instance
 *
 * Gets the host and the port as one text, such as "192.0.2.1:80" or "[2001:db8::1]:80".
 *
 * Returns: (transfer full): the text; free with g_free()
 *
 * Since: 1.0
 */
char *
disco_instance_dup_address (DiscoInstance *self)
{
  const char *host;

  g_return_val_if_fail (DISCO_IS_INSTANCE (self), NULL);

  host = disco_instance_get_host (self);
  return g_strdup_printf (strchr (host, ':') != NULL ? "[%s]:%u" : "%s:%u", host,
                          disco_instance_get_port (self));
}
