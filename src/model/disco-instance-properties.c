/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-instance-private.h"

/* The getters as GObject properties. They can be read only: an instance is made by
 * disco_instance_new(), for which construct properties would be slow. */
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

static void
disco_instance_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  DiscoInstance *self = DISCO_INSTANCE (object);

  switch (prop_id)
    {
    case PROP_LOCAL:
      g_value_set_boolean (value, disco_instance_get_local (self));
      break;
    case PROP_ID:
      g_value_set_string (value, disco_instance_get_id (self));
      break;
    case PROP_NAME:
      g_value_set_string (value, disco_instance_get_name (self));
      break;
    case PROP_LABEL:
      g_value_set_string (value, disco_instance_get_label (self));
      break;
    case PROP_TYPE:
      g_value_set_string (value, disco_instance_get_service_type (self));
      break;
    case PROP_DOMAIN:
      g_value_set_string (value, disco_instance_get_domain (self));
      break;
    case PROP_HOSTNAME:
      g_value_set_string (value, disco_instance_get_hostname (self));
      break;
    case PROP_HOST:
      g_value_set_string (value, disco_instance_get_host (self));
      break;
    case PROP_PORT:
      g_value_set_uint (value, disco_instance_get_port (self));
      break;
    case PROP_TAGS:
      g_value_set_boxed (value, disco_instance_get_tags (self));
      break;
    case PROP_ADDRESSES:
      g_value_set_boxed (value, disco_instance_get_addresses (self));
      break;
    case PROP_INTERFACES:
      g_value_set_boxed (value, disco_instance_get_interfaces (self));
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
install_other_properties (void)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

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
}

void
disco_instance_install_properties (GObjectClass *object_class)
{
  object_class->get_property = disco_instance_get_property;
  install_text_properties ();
  install_other_properties ();
  g_object_class_install_properties (object_class, N_PROPS, props);
}
