/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-instance-private.h"

#include <string.h>

/**
 * DiscoInstance:
 *
 * One offer of a service: where it is, and what is told of it.
 *
 * An instance never changes. When the service that it stands for does, another instance with the
 * same id takes its place. It is a [iface@Gio.SocketConnectable], so that
 * g_socket_client_connect_async() connects to it over whichever of its addresses answers.
 *
 * Threads: an instance is immutable, and may be used and dropped in any thread.
 *
 * Since: 1.0
 */
struct _DiscoInstance
{
  GObject parent_instance;

  /* One allocation with all lists and texts: networks have thousands of instances. */
  gpointer block; /* (owned) (nullable) */
  const char *id; /* in the block, like all that follow; never NULL */
  const char *name;
  const char *label;
  const char *type;
  const char *domain;
  const char *hostname;
  const char *host;
  const char *const *tags;
  const char *const *addresses;
  const char *const *interfaces;
  DiscoAttributes *attributes; /* (owned) */
  guint hash;                  /* of the id */
  guint16 port;
  guint16 local : 1;
};

enum
{
  PROP_LOCAL = 1,
  PROP_ID,
  PROP_NAME,
  PROP_LABEL,
  PROP_TYPE,
  PROP_DOMAIN,
  PROP_HOSTNAME,
  PROP_HOST,
  PROP_PORT,
  PROP_TAGS,
  PROP_ADDRESSES,
  PROP_INTERFACES,
  N_PROPS
};

static GParamSpec *props[N_PROPS];
static const char *const empty_list[] = { NULL };
static DiscoAttributes *empty_attributes; /* shared by all instances that have none */

G_DEFINE_FINAL_TYPE_WITH_CODE (DiscoInstance, disco_instance, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_SOCKET_CONNECTABLE,
                                                      disco_instance_connectable_iface_init))

static void
disco_instance_finalize (GObject *object)
{
  DiscoInstance *self = DISCO_INSTANCE (object);

  g_free (self->block);
  disco_attributes_unref (self->attributes);
  G_OBJECT_CLASS (disco_instance_parent_class)->finalize (object);
}

static void
disco_instance_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  DiscoInstance *self = DISCO_INSTANCE (object);

  switch (prop_id)
    {
    case PROP_LOCAL:
      g_value_set_boolean (value, self->local);
      break;
    case PROP_ID:
      g_value_set_string (value, self->id);
      break;
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_LABEL:
      g_value_set_string (value, self->label);
      break;
    case PROP_TYPE:
      g_value_set_string (value, self->type);
      break;
    case PROP_DOMAIN:
      g_value_set_string (value, self->domain);
      break;
    case PROP_HOSTNAME:
      g_value_set_string (value, self->hostname);
      break;
    case PROP_HOST:
      g_value_set_string (value, self->host);
      break;
    case PROP_PORT:
      g_value_set_uint (value, self->port);
      break;
    case PROP_TAGS:
      g_value_set_boxed (value, self->tags);
      break;
    case PROP_ADDRESSES:
      g_value_set_boxed (value, self->addresses);
      break;
    case PROP_INTERFACES:
      g_value_set_boxed (value, self->interfaces);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
install_text_properties (void)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  /**
   * DiscoInstance:id: (getter get_id)
   *
   * What tells the instance from the others of its service.
   *
   * Since: 1.0
   */
  props[PROP_ID] = g_param_spec_string ("id", NULL, NULL, "", flags);
  /**
   * DiscoInstance:name: (getter get_name)
   *
   * The service name.
   *
   * Since: 1.0
   */
  props[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, "", flags);
  /**
   * DiscoInstance:label: (getter get_label)
   *
   * The name that people see.
   *
   * Since: 1.0
   */
  props[PROP_LABEL] = g_param_spec_string ("label", NULL, NULL, "", flags);
  /**
   * DiscoInstance:type: (getter get_service_type)
   *
   * The DNS-SD service type.
   *
   * Since: 1.0
   */
  props[PROP_TYPE] = g_param_spec_string ("type", NULL, NULL, "", flags);
  /**
   * DiscoInstance:domain: (getter get_domain)
   *
   * The domain in which it was found.
   *
   * Since: 1.0
   */
  props[PROP_DOMAIN] = g_param_spec_string ("domain", NULL, NULL, "", flags);
  /**
   * DiscoInstance:hostname: (getter get_hostname)
   *
   * The name of its host.
   *
   * Since: 1.0
   */
  props[PROP_HOSTNAME] = g_param_spec_string ("hostname", NULL, NULL, "", flags);
  /**
   * DiscoInstance:host: (getter get_host)
   *
   * Where to connect: the best address, or the host's name.
   *
   * Since: 1.0
   */
  props[PROP_HOST] = g_param_spec_string ("host", NULL, NULL, "", flags);
}

static void
disco_instance_class_init (DiscoInstanceClass *klass)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = disco_instance_finalize;
  object_class->get_property = disco_instance_get_property;

  empty_attributes = disco_attributes_new ();
  install_text_properties ();
  /**
   * DiscoInstance:local: (getter get_local)
   *
   * Whether it is on this host.
   *
   * Since: 1.0
   */
  props[PROP_LOCAL] = g_param_spec_boolean ("local", NULL, NULL, FALSE, flags);
  /**
   * DiscoInstance:port: (getter get_port)
   *
   * The port, or 0.
   *
   * Since: 1.0
   */
  props[PROP_PORT] = g_param_spec_uint ("port", NULL, NULL, 0, G_MAXUINT16, 0, flags);
  /**
   * DiscoInstance:tags: (getter get_tags)
   *
   * Its tags.
   *
   * Since: 1.0
   */
  props[PROP_TAGS] = g_param_spec_boxed ("tags", NULL, NULL, G_TYPE_STRV, flags);
  /**
   * DiscoInstance:addresses: (getter get_addresses)
   *
   * Its addresses, best first.
   *
   * Since: 1.0
   */
  props[PROP_ADDRESSES] = g_param_spec_boxed ("addresses", NULL, NULL, G_TYPE_STRV, flags);
  /**
   * DiscoInstance:interfaces: (getter get_interfaces)
   *
   * The network interfaces on which it is seen.
   *
   * Since: 1.0
   */
  props[PROP_INTERFACES] = g_param_spec_boxed ("interfaces", NULL, NULL, G_TYPE_STRV, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

/* Anybody can g_object_new() the type: what comes out is empty, but sound. */
static void
disco_instance_init (DiscoInstance *self)
{
  self->id = self->name = self->label = self->type = self->domain = "";
  self->hostname = self->host = "";
  self->tags = self->addresses = self->interfaces = empty_list;
  self->attributes = disco_attributes_ref (empty_attributes);
  self->hash = g_str_hash ("");
}

/* Where the next list and the next text go in an instance's block: lists first, for alignment. */
typedef struct
{
  const char **list;
  char *text;
} Packer;

static void
add_text_size (gsize *n_bytes, const char *text)
{
  if (text != NULL)
    *n_bytes += strlen (text) + 1;
}

static void
add_list_size (gsize *n_pointers, gsize *n_bytes, const char *const *list)
{
  if (list == NULL || list[0] == NULL)
    return;
  for (guint i = 0; list[i] != NULL; i++, *n_pointers += 1)
    add_text_size (n_bytes, list[i]);
  *n_pointers += 1;
}

static const char *
pack_text (Packer *packer, const char *text)
{
  char *packed = packer->text;

  if (text == NULL)
    return "";
  packer->text = stpcpy (packed, text) + 1;
  return packed;
}

static const char *const *
pack_list (Packer *packer, const char *const *list)
{
  const char **packed = packer->list;

  if (list == NULL || list[0] == NULL)
    return empty_list;
  for (; *list != NULL; list++)
    *packer->list++ = pack_text (packer, *list);
  *packer->list++ = NULL;
  return packed;
}

/* The block that @fields need, and where to begin in it. */
static gpointer
make_block (const DiscoInstanceFields *fields, Packer *packer)
{
  gsize n_pointers = 0, n_bytes = 0;
  gpointer block;

  add_text_size (&n_bytes, fields->id);
  add_text_size (&n_bytes, fields->name);
  add_text_size (&n_bytes, fields->label);
  add_text_size (&n_bytes, fields->type);
  add_text_size (&n_bytes, fields->domain);
  add_text_size (&n_bytes, fields->hostname);
  add_list_size (&n_pointers, &n_bytes, fields->tags);
  add_list_size (&n_pointers, &n_bytes, fields->addresses);
  add_list_size (&n_pointers, &n_bytes, fields->interfaces);

  block = g_malloc (n_pointers * sizeof (char *) + n_bytes);
  packer->list = block;
  packer->text = (char *)block + n_pointers * sizeof (char *);
  return block;
}

DiscoInstance *
disco_instance_new (const DiscoInstanceFields *fields)
{
  DiscoInstance *self = g_object_new (DISCO_TYPE_INSTANCE, NULL);
  Packer packer;

  self->block = make_block (fields, &packer);
  self->id = pack_text (&packer, fields->id);
  self->name = pack_text (&packer, fields->name);
  self->label = pack_text (&packer, fields->label);
  self->type = pack_text (&packer, fields->type);
  self->domain = pack_text (&packer, fields->domain);
  self->hostname = pack_text (&packer, fields->hostname);
  self->tags = pack_list (&packer, fields->tags);
  self->addresses = pack_list (&packer, fields->addresses);
  self->interfaces = pack_list (&packer, fields->interfaces);
  self->host = self->addresses[0] != NULL ? self->addresses[0] : self->hostname;
  if (fields->attributes != NULL)
    {
      disco_attributes_unref (self->attributes);
      self->attributes = disco_attributes_ref (fields->attributes);
    }
  self->hash = g_str_hash (self->id);
  self->port = fields->port;
  self->local = fields->local != FALSE;
  return self;
}

DiscoInstance *
disco_instance_new_with_id (DiscoInstance *self, const char *id)
{
  const DiscoInstanceFields fields = {
    .id = id,
    .name = self->name,
    .label = self->label,
    .type = self->type,
    .domain = self->domain,
    .hostname = self->hostname,
    .port = self->port,
    .tags = self->tags,
    .addresses = self->addresses,
    .interfaces = self->interfaces,
    .attributes = self->attributes,
    .local = self->local,
  };

  return disco_instance_new (&fields);
}

guint
disco_instance_get_hash (DiscoInstance *self)
{
  return self->hash;
}

DiscoAttributes *
disco_instance_peek_attributes (DiscoInstance *self)
{
  return self->attributes;
}

gboolean
disco_instance_has_tags (DiscoInstance *self, const char *const *tags)
{
  if (tags == NULL)
    return TRUE;
  for (; *tags != NULL; tags++)
    if (!g_strv_contains (self->tags, *tags))
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

  return self->local;
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

  return self->id;
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

  return self->name;
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

  return self->label;
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

  return self->type;
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

  return self->domain;
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

  return self->hostname;
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
 * Port 0 is announced where there is nothing to connect to (RFC 6763 §8.1).
 *
 * Returns: the port, or 0
 *
 * Since: 1.0
 */
guint16
disco_instance_get_port (DiscoInstance *self)
{
  g_return_val_if_fail (DISCO_IS_INSTANCE (self), 0);

  return self->port;
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

  return self->tags;
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

  return self->addresses;
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

  return self->interfaces;
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

  return disco_attributes_dup_keys (self->attributes);
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
  gboolean found;
  guint index;

  g_return_val_if_fail (DISCO_IS_INSTANCE (self), NULL);
  g_return_val_if_fail (key != NULL, NULL);

  found = disco_attributes_find (self->attributes, key, &index);
  if (present != NULL)
    *present = found;
  return found ? disco_attributes_get_value (self->attributes, index) : NULL;
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
  g_return_val_if_fail (DISCO_IS_INSTANCE (self), NULL);

  return g_strdup_printf (strchr (self->host, ':') != NULL ? "[%s]:%u" : "%s:%u", self->host,
                          self->port);
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
  return self->hash == other->hash && self->port == other->port && self->local == other->local
         && g_str_equal (self->id, other->id) && g_str_equal (self->label, other->label)
         && g_str_equal (self->hostname, other->hostname) && g_str_equal (self->name, other->name)
         && g_str_equal (self->type, other->type) && g_str_equal (self->domain, other->domain)
         && g_strv_equal (self->addresses, other->addresses)
         && g_strv_equal (self->tags, other->tags)
         && g_strv_equal (self->interfaces, other->interfaces)
         && disco_attributes_equal (self->attributes, other->attributes);
}
