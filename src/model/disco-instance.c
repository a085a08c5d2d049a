/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-instance-private.h"

/**
 * DiscoInstance:
 *
 * One offer of a service: where it is, and what is told of it.
 *
 * An instance never changes. When the service that it stands for does, another instance with the
 * same id takes its place. It is a [iface@Gio.SocketConnectable], so that
 * g_socket_client_connect_async() connects to it over whichever of its addresses answers.
 *
 * ## Threads
 *
 * An instance is immutable, and may be used and dropped in any thread.
 *
 * Since: 1.0
 */
struct _DiscoInstance
{
  GObject parent_instance;

  DiscoInstanceFields fields; /* texts and lists: never NULL, in the block; attributes: (owned) */
  gpointer block;             /* (owned) (nullable) */
  const char *host;           /* in the block */
  guint hash;                 /* of the id */
};

static DiscoAttributes *no_attributes; /* shared by all instances that have none */

G_DEFINE_FINAL_TYPE_WITH_CODE (DiscoInstance, disco_instance, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_SOCKET_CONNECTABLE,
                                                      disco_instance_connectable_iface_init))

static void
disco_instance_finalize (GObject *object)
{
  DiscoInstance *self = DISCO_INSTANCE (object);

  g_free (self->block);
  disco_attributes_unref (self->fields.attributes);
  G_OBJECT_CLASS (disco_instance_parent_class)->finalize (object);
}

static void
disco_instance_class_init (DiscoInstanceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = disco_instance_finalize;
  disco_instance_install_properties (object_class);
  no_attributes = disco_attributes_new ();
}

static void
set_fields (DiscoInstance *self, const DiscoInstanceFields *fields)
{
  self->block = disco_instance_fields_pack (fields, &self->fields);
  if (fields->attributes == NULL)
    self->fields.attributes = no_attributes;
  disco_attributes_ref (self->fields.attributes);
  self->host
      = self->fields.addresses[0] != NULL ? self->fields.addresses[0] : self->fields.hostname;
  self->hash = g_str_hash (self->fields.id);
}

/* Anybody can g_object_new() the type: what comes out is empty, but sound. */
static void
disco_instance_init (DiscoInstance *self)
{
  set_fields (self, &(DiscoInstanceFields){ 0 });
}

DiscoInstance *
disco_instance_new (const DiscoInstanceFields *fields)
{
  DiscoInstance *self = g_object_new (DISCO_TYPE_INSTANCE, NULL);

  disco_attributes_unref (self->fields.attributes);
  g_free (self->block);
  set_fields (self, fields);
  return self;
}

DiscoInstance *
disco_instance_new_with_id (DiscoInstance *self, const char *id)
{
  DiscoInstanceFields fields = self->fields;

  fields.id = id;
  return disco_instance_new (&fields);
}

guint
disco_instance_get_hash (DiscoInstance *self)
{
  return self->hash;
}

void
disco_instance_prefetch_hash (DiscoInstance *self)
{
  __builtin_prefetch (&self->hash);
}

DiscoAttributes *
disco_instance_peek_attributes (DiscoInstance *self)
{
  return self->fields.attributes;
}

gboolean
disco_instance_has_tags (DiscoInstance *self, const char *const *tags)
{
  if (tags == NULL)
    return TRUE;
  for (; *tags != NULL; tags++)
    if (!g_strv_contains (self->fields.tags, *tags))
      return FALSE;
  return TRUE;
}

/**
 * disco_instance_get_local:
 * @self: an instance
 *
 * Tells whether the instance is on this host.
 *
 * It is when this agent or another program announced it on this host.
 *
 * Returns: %TRUE if it is on this host
 *
 * Since: 1.0
 */
gboolean
disco_instance_get_local (DiscoInstance *self)
{
  g_return_val_if_fail (DISCO_IS_INSTANCE (self), FALSE);

  return self->fields.local;
}

/**
 * disco_instance_get_id:
 * @self: an instance
 *
 * Gets what tells the instance from the others of its service.
 *
 * The id that its program announces, else its full DNS-SD name.
 *
 * Returns: the id, unique within a service
 *
 * Since: 1.0
 */
const char *
disco_instance_get_id (DiscoInstance *self)
{
  g_return_val_if_fail (DISCO_IS_INSTANCE (self), NULL);

  return self->fields.id;
}

/**
 * disco_instance_get_name:
 * @self: an instance
 *
 * Gets the service name.
 *
 * Such as "http", or any text where the service is a generic one.
 *
 * Returns: the name
 *
 * Since: 1.0
 */
const char *
disco_instance_get_name (DiscoInstance *self)
{
  g_return_val_if_fail (DISCO_IS_INSTANCE (self), NULL);

  return self->fields.name;
}

/**
 * disco_instance_get_label:
 * @self: an instance
 *
 * Gets the name that people see, the DNS-SD instance name (RFC 6763 §4.1.1).
 *
 * It may differ from the one that its program asked for, after a conflict on the network.
 *
 * Returns: the label
 *
 * Since: 1.0
 */
const char *
disco_instance_get_label (DiscoInstance *self)
{
  g_return_val_if_fail (DISCO_IS_INSTANCE (self), NULL);

  return self->fields.label;
}

/**
 * disco_instance_get_service_type:
 * @self: an instance
 *
 * Gets the DNS-SD service type, such as "_http._tcp".
 *
 * Returns: the service type
 *
 * Since: 1.0
 */
const char *
disco_instance_get_service_type (DiscoInstance *self)
{
  g_return_val_if_fail (DISCO_IS_INSTANCE (self), NULL);

  return self->fields.type;
}

/**
 * disco_instance_get_domain:
 * @self: an instance
 *
 * Gets the domain in which the instance was found: "local".
 *
 * Returns: the domain
 *
 * Since: 1.0
 */
const char *
disco_instance_get_domain (DiscoInstance *self)
{
  g_return_val_if_fail (DISCO_IS_INSTANCE (self), NULL);

  return self->fields.domain;
}

/**
 * disco_instance_get_hostname:
 * @self: an instance
 *
 * Gets the name of the host, the target of the SRV record.
 *
 * Returns: the host's name
 *
 * Since: 1.0
 */
const char *
disco_instance_get_hostname (DiscoInstance *self)
{
  g_return_val_if_fail (DISCO_IS_INSTANCE (self), NULL);

  return self->fields.hostname;
}

/**
 * disco_instance_get_host:
 * @self: an instance
 *
 * Gets where to connect: the best address, else the host's name.
 *
 * Returns: the first of [method@Disco.Instance.get_addresses], or the host's name where there is
 *   none
 *
 * Since: 1.0
 */
const char *
disco_instance_get_host (DiscoInstance *self)
{
  g_return_val_if_fail (DISCO_IS_INSTANCE (self), NULL);

  return self->host;
}

/**
 * disco_instance_get_port:
 * @self: an instance
 *
 * Gets the port.
 *
 * Port 0 is announced where there is nothing to connect to (RFC 6763 §8).
 *
 * Returns: the port, or 0
 *
 * Since: 1.0
 */
guint16
disco_instance_get_port (DiscoInstance *self)
{
  g_return_val_if_fail (DISCO_IS_INSTANCE (self), 0);

  return self->fields.port;
}

/**
 * disco_instance_get_tags:
 * @self: an instance
 *
 * Gets the tags, in the order in which they are announced.
 *
 * Returns: (transfer none) (array zero-terminated=1): the tags; never %NULL
 *
 * Since: 1.0
 */
const char *const *
disco_instance_get_tags (DiscoInstance *self)
{
  g_return_val_if_fail (DISCO_IS_INSTANCE (self), NULL);

  return self->fields.tags;
}

/**
 * disco_instance_get_addresses:
 * @self: an instance
 *
 * Gets all addresses, each once, best first.
 *
 * Global or private IPv4, global or unique-local IPv6, link-local IPv4, link-local IPv6 with its
 * scope ("fe80::1%eth0"), loopback; numeric order within each.
 *
 * Returns: (transfer none) (array zero-terminated=1): the addresses; never %NULL
 *
 * Since: 1.0
 */
const char *const *
disco_instance_get_addresses (DiscoInstance *self)
{
  g_return_val_if_fail (DISCO_IS_INSTANCE (self), NULL);

  return self->fields.addresses;
}

/**
 * disco_instance_get_interfaces:
 * @self: an instance
 *
 * Gets the names of the network interfaces on which the instance is seen.
 *
 * Returns: (transfer none) (array zero-terminated=1): the names; never %NULL
 *
 * Since: 1.0
 */
const char *const *
disco_instance_get_interfaces (DiscoInstance *self)
{
  g_return_val_if_fail (DISCO_IS_INSTANCE (self), NULL);

  return self->fields.interfaces;
}

/**
 * disco_instance_get_attribute_keys:
 * @self: an instance
 *
 * Gets the keys of the attributes, in the order in which they are announced.
 *
 * Returns: (transfer full) (array zero-terminated=1): the keys; free with g_strfreev()
 *
 * Since: 1.0
 */
char **
disco_instance_get_attribute_keys (DiscoInstance *self)
{
  g_return_val_if_fail (DISCO_IS_INSTANCE (self), NULL);

  return disco_attributes_dup_keys (self->fields.attributes);
}

/**
 * disco_instance_get_attribute:
 * @self: an instance
 * @key: the attribute's key, in any case
 * @present: (out) (optional): whether there is such an attribute
 *
 * Gets the value of an attribute (RFC 6763 §6.4).
 *
 * A key alone has no value and is present; that differs from an empty value. Values are any bytes
 * that the network sent.
 *
 * Returns: (transfer none) (nullable): the value, or %NULL if there is none
 *
 * Since: 1.0
 */
GBytes *
disco_instance_get_attribute (DiscoInstance *self, const char *key, gboolean *present)
{
  g_return_val_if_fail (DISCO_IS_INSTANCE (self), NULL);
  g_return_val_if_fail (key != NULL, NULL);

  return disco_attributes_look_up (self->fields.attributes, key, present);
}

/**
 * disco_instance_equal:
 * @self: an instance
 * @other: an instance
 *
 * Tells whether two instances are equal in every property, attributes included, and in the order
 * within each.
 *
 * Returns: %TRUE if they are
 *
 * Since: 1.0
 */
gboolean
disco_instance_equal (DiscoInstance *self, DiscoInstance *other)
{
  g_return_val_if_fail (DISCO_IS_INSTANCE (self), FALSE);
  g_return_val_if_fail (DISCO_IS_INSTANCE (other), FALSE);

  if (self == other)
    return TRUE;
  /* host follows from addresses and hostname */
  return self->hash == other->hash && self->fields.port == other->fields.port
         && self->fields.local == other->fields.local
         && g_str_equal (self->fields.id, other->fields.id)
         && g_str_equal (self->fields.label, other->fields.label)
         && g_str_equal (self->fields.hostname, other->fields.hostname)
         && g_str_equal (self->fields.name, other->fields.name)
         && g_str_equal (self->fields.type, other->fields.type)
         && g_str_equal (self->fields.domain, other->fields.domain)
         && g_strv_equal (self->fields.addresses, other->fields.addresses)
         && g_strv_equal (self->fields.tags, other->fields.tags)
         && g_strv_equal (self->fields.interfaces, other->fields.interfaces)
         && disco_attributes_equal (self->fields.attributes, other->fields.attributes);
}
