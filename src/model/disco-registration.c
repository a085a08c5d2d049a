/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-registration-private.h"

/**
 * DiscoRegistration:
 *
 * A service to announce: its name and port, and what else is to be told of it.
 *
 * Make one, set what it needs, and hand it to [method@Disco.Agent.register]. What it holds is
 * checked there, not by the setters. From then on it is frozen: to change what is announced, make
 * another one and hand it to [method@Disco.Agent.update].
 *
 * ## Threads
 *
 * Until it is registered, one thread at a time; once frozen it is immutable and may be used in any
 * thread.
 *
 * Since: 1.0
 */
struct _DiscoRegistration
{
  GObject parent_instance;

  char *name;
  char *id;    /* (nullable) */
  char *label; /* (nullable) */
  char *addr;  /* (nullable) */
  char **tags; /* (owned): never NULL */
  DiscoAttributes *attributes;
  guint16 port;
  gint frozen; /* atomic */
};

enum
{
  PROP_NAME = 1,
  PROP_PORT,
  PROP_ID,
  PROP_LABEL,
  PROP_ADDR,
  PROP_TAGS,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (DiscoRegistration, disco_registration, G_TYPE_OBJECT)

static void
disco_registration_finalize (GObject *object)
{
  DiscoRegistration *self = DISCO_REGISTRATION (object);

  g_free (self->name);
  g_free (self->id);
  g_free (self->label);
  g_free (self->addr);
  g_strfreev (self->tags);
  disco_attributes_unref (self->attributes);
  G_OBJECT_CLASS (disco_registration_parent_class)->finalize (object);
}

static void
disco_registration_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  DiscoRegistration *self = DISCO_REGISTRATION (object);

  switch (prop_id)
    {
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_PORT:
      g_value_set_uint (value, self->port);
      break;
    case PROP_ID:
      g_value_set_string (value, self->id);
      break;
    case PROP_LABEL:
      g_value_set_string (value, self->label);
      break;
    case PROP_ADDR:
      g_value_set_string (value, self->addr);
      break;
    case PROP_TAGS:
      g_value_set_boxed (value, self->tags);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
disco_registration_set_property (GObject *object, guint prop_id, const GValue *value,
                                 GParamSpec *pspec)
{
  DiscoRegistration *self = DISCO_REGISTRATION (object);

  switch (prop_id)
    {
    case PROP_NAME:
      self->name = g_strdup (g_value_get_string (value) != NULL ? g_value_get_string (value) : "");
      break;
    case PROP_PORT:
      self->port = (guint16)g_value_get_uint (value);
      break;
    case PROP_ID:
      disco_registration_set_id (self, g_value_get_string (value));
      break;
    case PROP_LABEL:
      disco_registration_set_label (self, g_value_get_string (value));
      break;
    case PROP_ADDR:
      disco_registration_set_addr (self, g_value_get_string (value));
      break;
    case PROP_TAGS:
      disco_registration_set_tags (self, g_value_get_boxed (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
disco_registration_class_init (DiscoRegistrationClass *klass)
{
  const GParamFlags given = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;
  const GParamFlags settable = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = disco_registration_finalize;
  object_class->get_property = disco_registration_get_property;
  object_class->set_property = disco_registration_set_property;

  /**
   * DiscoRegistration:name:
   *
   * The service name: "http", "_http._tcp", or any text for a generic service.
   *
   * Since: 1.0
   */
  props[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, "", given);
  /**
   * DiscoRegistration:port:
   *
   * The port; 0 is announced as it is.
   *
   * Since: 1.0
   */
  props[PROP_PORT] = g_param_spec_uint ("port", NULL, NULL, 0, G_MAXUINT16, 0, given);
  /**
   * DiscoRegistration:id: (getter get_id) (setter set_id)
   *
   * What tells this instance from the others of its service; %NULL for a random UUID.
   *
   * Since: 1.0
   */
  props[PROP_ID] = g_param_spec_string ("id", NULL, NULL, NULL, settable);
  /**
   * DiscoRegistration:label: (getter get_label) (setter set_label)
   *
   * The name that people see; %NULL for the id.
   *
   * Since: 1.0
   */
  props[PROP_LABEL] = g_param_spec_string ("label", NULL, NULL, NULL, settable);
  /**
   * DiscoRegistration:addr: (getter get_addr) (setter set_addr)
   *
   * An IP address or a DNS name where the service is; %NULL or empty for this host.
   *
   * Since: 1.0
   */
  props[PROP_ADDR] = g_param_spec_string ("addr", NULL, NULL, NULL, settable);
  /**
   * DiscoRegistration:tags: (getter get_tags) (setter set_tags)
   *
   * The tags to be found by.
   *
   * Since: 1.0
   */
  props[PROP_TAGS] = g_param_spec_boxed ("tags", NULL, NULL, G_TYPE_STRV, settable);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
disco_registration_init (DiscoRegistration *self)
{
  self->tags = g_new0 (char *, 1);
  self->attributes = disco_attributes_new ();
}

static gboolean
is_frozen (DiscoRegistration *self)
{
  return g_atomic_int_get (&self->frozen);
}

void
disco_registration_freeze (DiscoRegistration *self)
{
  g_atomic_int_set (&self->frozen, 1);
}

DiscoAttributes *
disco_registration_peek_attributes (DiscoRegistration *self)
{
  return self->attributes;
}

/**
 * disco_registration_new:
 * @name: the service name: "http", "_http._tcp", or any text for a generic service
 * @port: the port, or 0
 *
 * Makes a registration, to be announced with [method@Disco.Agent.register].
 *
 * Returns: (transfer full): a new registration
 *
 * Since: 1.0
 */
DiscoRegistration *
disco_registration_new (const char *name, guint16 port)
{
  g_return_val_if_fail (name != NULL, NULL);

  return g_object_new (DISCO_TYPE_REGISTRATION, "name", name, "port", (guint)port, NULL);
}

/**
 * disco_registration_get_name:
 * @self: a registration
 *
 * Gets the service name as it was given.
 *
 * Returns: the name
 *
 * Since: 1.0
 */
const char *
disco_registration_get_name (DiscoRegistration *self)
{
  g_return_val_if_fail (DISCO_IS_REGISTRATION (self), NULL);

  return self->name;
}

/**
 * disco_registration_get_port:
 * @self: a registration
 *
 * Gets the port.
 *
 * Returns: the port
 *
 * Since: 1.0
 */
guint16
disco_registration_get_port (DiscoRegistration *self)
{
  g_return_val_if_fail (DISCO_IS_REGISTRATION (self), 0);

  return self->port;
}

/**
 * disco_registration_get_id:
 * @self: a registration
 *
 * Gets the id that was set; [method@Disco.Agent.register] returns the one that is announced.
 *
 * Returns: (nullable): the id, or %NULL if none was set
 *
 * Since: 1.0
 */
const char *
disco_registration_get_id (DiscoRegistration *self)
{
  g_return_val_if_fail (DISCO_IS_REGISTRATION (self), NULL);

  return self->id;
}

/**
 * disco_registration_get_label:
 * @self: a registration
 *
 * Gets the label that was set.
 *
 * Returns: (nullable): the label, or %NULL if none was set
 *
 * Since: 1.0
 */
const char *
disco_registration_get_label (DiscoRegistration *self)
{
  g_return_val_if_fail (DISCO_IS_REGISTRATION (self), NULL);

  return self->label;
}

/**
 * disco_registration_get_addr:
 * @self: a registration
 *
 * Gets the address that was set.
 *
 * Returns: (nullable): the address, or %NULL if none was set
 *
 * Since: 1.0
 */
const char *
disco_registration_get_addr (DiscoRegistration *self)
{
  g_return_val_if_fail (DISCO_IS_REGISTRATION (self), NULL);

  return self->addr;
}

/**
 * disco_registration_get_tags:
 * @self: a registration
 *
 * Gets the tags as they were set.
 *
 * Returns: (transfer none) (array zero-terminated=1): the tags; never %NULL
 *
 * Since: 1.0
 */
const char *const *
disco_registration_get_tags (DiscoRegistration *self)
{
  g_return_val_if_fail (DISCO_IS_REGISTRATION (self), NULL);

  return (const char *const *)self->tags;
}

/**
 * disco_registration_get_attribute_keys:
 * @self: a registration
 *
 * Gets the keys of the attributes, in the order in which they were first set.
 *
 * Returns: (transfer full) (array zero-terminated=1): the keys; free with g_strfreev()
 *
 * Since: 1.0
 */
char **
disco_registration_get_attribute_keys (DiscoRegistration *self)
{
  g_return_val_if_fail (DISCO_IS_REGISTRATION (self), NULL);

  return disco_attributes_dup_keys (self->attributes);
}

/**
 * disco_registration_get_attribute:
 * @self: a registration
 * @key: the attribute's key, in any case
 * @present: (out) (optional): whether there is such an attribute
 *
 * Gets the value of an attribute.
 *
 * A key alone has no value and is present; that differs from an empty value.
 *
 * Returns: (transfer none) (nullable): the value, or %NULL if there is none
 *
 * Since: 1.0
 */
GBytes *
disco_registration_get_attribute (DiscoRegistration *self, const char *key, gboolean *present)
{
  g_return_val_if_fail (DISCO_IS_REGISTRATION (self), NULL);
  g_return_val_if_fail (key != NULL, NULL);

  return disco_attributes_look_up (self->attributes, key, present);
}

static void
set_text (DiscoRegistration *self, char **field, const char *text, guint prop_id)
{
  char *old = *field; /* @text may be a part of it */

  if (g_strcmp0 (old, text) == 0)
    return;
  *field = g_strdup (text);
  g_free (old);
  g_object_notify_by_pspec (G_OBJECT (self), props[prop_id]);
}

/**
 * disco_registration_set_id:
 * @self: a registration that is not registered yet
 * @id: (nullable): 1 to 128 bytes of UTF-8, or %NULL for a random UUID
 *
 * Sets what tells this instance from the others of its service.
 *
 * An id is used once per agent. It stays as it is where a conflict on the network changes the
 * label.
 *
 * Since: 1.0
 */
void
disco_registration_set_id (DiscoRegistration *self, const char *id)
{
  g_return_if_fail (DISCO_IS_REGISTRATION (self));
  g_return_if_fail (!is_frozen (self));

  set_text (self, &self->id, id, PROP_ID);
}

/**
 * disco_registration_set_label:
 * @self: a registration that is not registered yet
 * @label: (nullable): UTF-8, cut to 63 bytes; or %NULL for the id
 *
 * Sets the name that people see, the DNS-SD instance name (RFC 6763 §4.1.1).
 *
 * It is cut where it is longer than DNS-SD allows, and where another service has it already it is
 * changed as in "Printer #2"; [signal@Disco.Agent::renamed] tells of both.
 *
 * Since: 1.0
 */
void
disco_registration_set_label (DiscoRegistration *self, const char *label)
{
  g_return_if_fail (DISCO_IS_REGISTRATION (self));
  g_return_if_fail (!is_frozen (self));

  set_text (self, &self->label, label, PROP_LABEL);
}

/**
 * disco_registration_set_addr:
 * @self: a registration that is not registered yet
 * @addr: (nullable): an IP address or a DNS name; %NULL or empty for this host
 *
 * Sets where the service is, to announce it for another host.
 *
 * Since: 1.0
 */
void
disco_registration_set_addr (DiscoRegistration *self, const char *addr)
{
  g_return_if_fail (DISCO_IS_REGISTRATION (self));
  g_return_if_fail (!is_frozen (self));

  set_text (self, &self->addr, addr, PROP_ADDR);
}

/**
 * disco_registration_set_tags:
 * @self: a registration that is not registered yet
 * @tags: (nullable) (array zero-terminated=1): tags of 1 to 63 bytes of UTF-8; %NULL for none
 *
 * Sets the tags to be found by. A tag given twice counts once, at its first place.
 *
 * Since: 1.0
 */
void
disco_registration_set_tags (DiscoRegistration *self, const char *const *tags)
{
  static const char *const none[] = { NULL };
  char **old; /* @tags may be a part of them */

  g_return_if_fail (DISCO_IS_REGISTRATION (self));
  g_return_if_fail (!is_frozen (self));
  if (tags == NULL)
    tags = none;
  if (g_strv_equal ((const char *const *)self->tags, tags))
    return;
  old = self->tags;
  self->tags = g_strdupv ((char **)tags);
  g_strfreev (old);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_TAGS]);
}

/**
 * disco_registration_set_attribute:
 * @self: a registration that is not registered yet
 * @key: 1 to 64 printable ASCII characters without "="
 * @value: (nullable): any bytes, or %NULL for the key alone (RFC 6763 §6.4)
 *
 * Sets an attribute that is announced with the service.
 *
 * A key that was set before, letter for letter, gets the new value at its old place; another one
 * goes last. Two keys that differ in case only are refused when the service is registered.
 *
 * Since: 1.0
 */
void
disco_registration_set_attribute (DiscoRegistration *self, const char *key, GBytes *value)
{
  g_return_if_fail (DISCO_IS_REGISTRATION (self));
  g_return_if_fail (key != NULL);
  g_return_if_fail (!is_frozen (self));

  disco_attributes_set (self->attributes, key, value);
}
