/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-agent-private.h"
#include "disco-avahi-agent-private.h"
#include "disco-daemon-link-private.h"
#include "disco-embedded-link-private.h"
#include "disco-quota-private.h"

/**
 * DiscoAvahiAgent:
 *
 * An agent on the network: it announces and finds services by DNS-SD over multicast DNS, through
 * Avahi.
 *
 * It connects by itself, and again whenever the connection is lost: what was registered is
 * announced again and what is watched stays watched, and watchers are told of what really changed,
 * no more. See [property@Disco.AvahiAgent:state].
 *
 * Where the process can make no further thread, or open no further file, when the agent is made, it
 * is %DISCO_STATE_UNAVAILABLE for good, and what is asked of it fails with %DISCO_ERROR_LIMIT.
 *
 * ## Threads
 *
 * An agent may be used from any thread. It has a worker thread of its own for everything that talks
 * to Avahi; no call of the caller's waits for D-Bus on the caller's main loop. The signals fire in
 * the thread-default main context in which the agent was made.
 *
 * Since: 1.0
 */
enum
{
  PROP_BACKEND = 1,
  PROP_INTERFACES,
  PROP_EXCLUDE_INTERFACES,
  PROP_ADVERTISE_ADDRESS,
  PROP_MAX_INSTANCES,
  PROP_STATE,
  PROP_BACKEND_IN_USE,
  PROP_STATISTICS,
  N_PROPS,
  PROP_DEFAULT_TAGS = N_PROPS,
};

static GParamSpec *props[N_PROPS];

G_DEFINE_ENUM_TYPE (DiscoBackend, disco_backend, G_DEFINE_ENUM_VALUE (DISCO_BACKEND_AUTO, "auto"),
                    G_DEFINE_ENUM_VALUE (DISCO_BACKEND_DAEMON, "daemon"),
                    G_DEFINE_ENUM_VALUE (DISCO_BACKEND_EMBEDDED, "embedded"))

G_DEFINE_ENUM_TYPE (DiscoState, disco_state,
                    G_DEFINE_ENUM_VALUE (DISCO_STATE_CONNECTING, "connecting"),
                    G_DEFINE_ENUM_VALUE (DISCO_STATE_RUNNING, "running"),
                    G_DEFINE_ENUM_VALUE (DISCO_STATE_UNAVAILABLE, "unavailable"))

G_DEFINE_FINAL_TYPE_WITH_CODE (DiscoAvahiAgent, disco_avahi_agent, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (DISCO_TYPE_AGENT,
                                                      disco_avahi_agent_iface_init))

/* --- on the worker thread --- */

static void
on_decided (DiscoBackend backend, const char *why, gpointer user_data)
{
  DiscoAvahiInside *inside = user_data;
  g_autoptr (DiscoAvahiAgent) self = g_weak_ref_get (&inside->agent);

  g_debug ("the %s backend: %s", backend == DISCO_BACKEND_DAEMON ? "daemon" : "embedded", why);
  inside->backend = backend;
  disco_engine_connect (inside->engine);
  if (self == NULL)
    return;
  g_atomic_int_set (&self->backend_in_use, (int)backend);
  disco_outlet_notify (self->outlet, props[PROP_BACKEND_IN_USE]);
}

static DiscoLink *
on_make_link (GMainContext *context, gboolean first, gpointer user_data, GError **error)
{
  DiscoAvahiInside *inside = user_data;

  switch (inside->backend)
    {
    case DISCO_BACKEND_DAEMON:
      return disco_daemon_link_new (context, inside->watchdog, first);
    case DISCO_BACKEND_EMBEDDED:
      return disco_embedded_link_new (context, (const char *const *)inside->interfaces,
                                      (const char *const *)inside->exclude_interfaces, error);
    case DISCO_BACKEND_AUTO:
    default:
      if (inside->probe == NULL)
        inside->probe = disco_backend_probe_new (on_decided, inside);
      return NULL;
    }
}

static void
on_state_changed (DiscoState state, gpointer user_data)
{
  DiscoAvahiInside *inside = user_data;
  g_autoptr (DiscoAvahiAgent) self = g_weak_ref_get (&inside->agent);

  if (self == NULL)
    return;
  g_atomic_int_set (&self->state, (int)state);
  disco_outlet_notify (self->outlet, props[PROP_STATE]);
}

static void
on_renamed (const char *id, const char *label, gpointer user_data)
{
  DiscoAvahiInside *inside = user_data;
  g_autoptr (DiscoAvahiAgent) self = g_weak_ref_get (&inside->agent);

  if (self != NULL)
    disco_agent_emit_renamed (self->outlet, id, label);
}

static const DiscoEngineFuncs engine_funcs = { on_make_link, on_state_changed, on_renamed };

static void
on_awake (gpointer user_data)
{
  DiscoAvahiInside *inside = user_data;

  disco_engine_look_anew (inside->engine);
}

static void
start_engine (gpointer data)
{
  DiscoAvahiInside *inside = data;

  inside->engine = disco_engine_new (inside->context, (const char *const *)inside->interfaces,
                                     (const char *const *)inside->exclude_interfaces,
                                     inside->counts, &engine_funcs, inside);
  disco_engine_set_max_instances (inside->engine, inside->max_instances);
  inside->sleep = disco_sleep_watch_new (on_awake, inside);
}

static void
stop_engine (gpointer data)
{
  DiscoAvahiInside *inside = data;

  disco_sleep_watch_free (inside->sleep);
  disco_engine_free (inside->engine);
  g_clear_pointer (&inside->probe, disco_backend_probe_free);
  disco_watchdog_free (inside->watchdog);
  g_weak_ref_clear (&inside->agent);
  g_strfreev (inside->interfaces);
  g_strfreev (inside->exclude_interfaces);
  g_atomic_rc_box_release (inside->counts);
  g_free (inside);
}

/* --- the object --- */

static void
disco_avahi_agent_constructed (GObject *object)
{
  DiscoAvahiAgent *self = DISCO_AVAHI_AGENT (object);
  DiscoAvahiInside *inside;

  G_OBJECT_CLASS (disco_avahi_agent_parent_class)->constructed (object);
  self->backend_in_use = (int)self->backend;
  self->worker = disco_worker_new ("disco", &self->failure);
  if (self->worker == NULL)
    {
      self->state = DISCO_STATE_UNAVAILABLE;
      return;
    }
  inside = g_new0 (DiscoAvahiInside, 1);
  self->inside = inside;
  g_weak_ref_init (&inside->agent, self);
  inside->interfaces = g_strdupv (self->interfaces);
  inside->exclude_interfaces = g_strdupv (self->exclude_interfaces);
  inside->max_instances = self->max_instances;
  inside->context = disco_worker_get_context (self->worker);
  inside->counts = g_atomic_rc_box_acquire (self->counts);
  inside->watchdog = disco_watchdog_new (DISCO_WATCHDOG_MIN_US, DISCO_WATCHDOG_MAX_US);
  inside->backend = self->backend;
  disco_worker_invoke (self->worker, start_engine, inside);
}

static void
disco_avahi_agent_finalize (GObject *object)
{
  DiscoAvahiAgent *self = DISCO_AVAHI_AGENT (object);

  /* Services, watchers and calls in flight hold the agent: nobody uses the sources any more, and
   * nothing that the worker may be blocked in is worth waiting for. */
  if (self->worker != NULL)
    {
      disco_watchdog_stop (self->inside->watchdog);
      disco_worker_stop (self->worker, stop_engine, self->inside);
    }
  g_clear_error (&self->failure);
  disco_source_table_free (self->sources);
  disco_outlet_free (self->outlet);
  g_atomic_rc_box_release (self->counts);
  g_strfreev (self->interfaces);
  g_strfreev (self->exclude_interfaces);
  g_free (self->advertise_address);
  disco_default_tags_clear (&self->default_tags);
  G_OBJECT_CLASS (disco_avahi_agent_parent_class)->finalize (object);
}

static void
disco_avahi_agent_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  DiscoAvahiAgent *self = DISCO_AVAHI_AGENT (object);

  switch (id)
    {
    case PROP_BACKEND:
      g_value_set_enum (value, (int)self->backend);
      break;
    case PROP_INTERFACES:
      g_value_set_boxed (value, self->interfaces);
      break;
    case PROP_EXCLUDE_INTERFACES:
      g_value_set_boxed (value, self->exclude_interfaces);
      break;
    case PROP_ADVERTISE_ADDRESS:
      g_value_set_string (value, self->advertise_address);
      break;
    case PROP_MAX_INSTANCES:
      g_value_set_uint (value, self->max_instances);
      break;
    case PROP_STATE:
      g_value_set_enum (value, (int)disco_avahi_agent_get_state (self));
      break;
    case PROP_BACKEND_IN_USE:
      g_value_set_enum (value, (int)disco_avahi_agent_get_backend_in_use (self));
      break;
    case PROP_STATISTICS:
      g_value_take_variant (value, disco_avahi_agent_dup_statistics (self));
      break;
    case PROP_DEFAULT_TAGS:
      g_value_take_boxed (value, disco_default_tags_dup (&self->default_tags));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
disco_avahi_agent_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  DiscoAvahiAgent *self = DISCO_AVAHI_AGENT (object);

  switch (id)
    {
    case PROP_BACKEND:
      self->backend = (DiscoBackend)g_value_get_enum (value);
      break;
    case PROP_INTERFACES:
      self->interfaces = g_value_dup_boxed (value);
      break;
    case PROP_EXCLUDE_INTERFACES:
      self->exclude_interfaces = g_value_dup_boxed (value);
      break;
    case PROP_ADVERTISE_ADDRESS:
      self->advertise_address = g_value_dup_string (value);
      break;
    case PROP_MAX_INSTANCES:
      self->max_instances = g_value_get_uint (value);
      break;
    case PROP_DEFAULT_TAGS:
      if (disco_default_tags_set (&self->default_tags, g_value_get_boxed (value)))
        disco_outlet_notify (self->outlet, pspec);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
install_properties (GObjectClass *object_class)
{
  const GParamFlags once = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  /**
   * DiscoAvahiAgent:backend:
   *
   * How to reach the network.
   *
   * Since: 1.0
   */
  props[PROP_BACKEND]
      = g_param_spec_enum ("backend", NULL, NULL, DISCO_TYPE_BACKEND, DISCO_BACKEND_AUTO, once);
  /**
   * DiscoAvahiAgent:interfaces:
   *
   * The network interfaces to use, as globs of their names (`eth*`). Empty: all that the responder
   * uses. Those that come up later are used from then on, which does not touch what is announced on
   * the others.
   *
   * Since: 1.0
   */
  props[PROP_INTERFACES] = g_param_spec_boxed ("interfaces", NULL, NULL, G_TYPE_STRV, once);
  /**
   * DiscoAvahiAgent:exclude-interfaces:
   *
   * The network interfaces not to use, as globs of their names; it goes before
   * [property@Disco.AvahiAgent:interfaces].
   *
   * Since: 1.0
   */
  props[PROP_EXCLUDE_INTERFACES]
      = g_param_spec_boxed ("exclude-interfaces", NULL, NULL, G_TYPE_STRV, once);
  /**
   * DiscoAvahiAgent:advertise-address:
   *
   * The address, an IP literal or a DNS name, to announce for registrations that name none; unset:
   * this host's own.
   *
   * Since: 1.0
   */
  props[PROP_ADVERTISE_ADDRESS] = g_param_spec_string ("advertise-address", NULL, NULL, NULL, once);
  /**
   * DiscoAvahiAgent:max-instances:
   *
   * How many instances of one service the agent knows at most, half of them at most of one host:
   * anybody on the network can announce any number. What is known stays, further ones are refused
   * and counted; see [method@Disco.AvahiAgent.dup_statistics]. An instance takes a few kilobytes.
   *
   * Since: 1.0
   */
  props[PROP_MAX_INSTANCES] = g_param_spec_uint ("max-instances", NULL, NULL, 1, G_MAXINT32,
                                                 DISCO_QUOTA_MAX_INSTANCES, once);
  /**
   * DiscoAvahiAgent:state:
   *
   * How the agent stands with its responder.
   *
   * Since: 1.0
   */
  props[PROP_STATE]
      = g_param_spec_enum ("state", NULL, NULL, DISCO_TYPE_STATE, DISCO_STATE_CONNECTING, readable);
  /**
   * DiscoAvahiAgent:backend-in-use:
   *
   * The backend that [property@Disco.AvahiAgent:backend] has come to. With %DISCO_BACKEND_AUTO it
   * is decided once, within 3 seconds, and %DISCO_BACKEND_AUTO until then.
   *
   * Since: 1.0
   */
  props[PROP_BACKEND_IN_USE] = g_param_spec_enum ("backend-in-use", NULL, NULL, DISCO_TYPE_BACKEND,
                                                  DISCO_BACKEND_AUTO, readable);
  /**
   * DiscoAvahiAgent:statistics:
   *
   * What the agent has counted since it was made, as `a{st}`; see
   * [method@Disco.AvahiAgent.dup_statistics]. A change of it is not notified.
   *
   * Since: 1.0
   */
  props[PROP_STATISTICS]
      = g_param_spec_variant ("statistics", NULL, NULL, G_VARIANT_TYPE ("a{st}"), NULL, readable);
  g_object_class_install_properties (object_class, N_PROPS, props);
  g_object_class_override_property (object_class, PROP_DEFAULT_TAGS, "default-tags");
}

static void
disco_avahi_agent_class_init (DiscoAvahiAgentClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = disco_avahi_agent_constructed;
  object_class->finalize = disco_avahi_agent_finalize;
  object_class->get_property = disco_avahi_agent_get_property;
  object_class->set_property = disco_avahi_agent_set_property;
  install_properties (object_class);
}

static void
disco_avahi_agent_init (DiscoAvahiAgent *self)
{
  disco_default_tags_init (&self->default_tags);
  self->outlet = disco_outlet_new (G_OBJECT (self), NULL);
  self->counts = g_atomic_rc_box_new0 (DiscoCounts);
  self->sources = disco_source_table_new (&disco_avahi_agent_source_funcs, self);
}

/**
 * disco_avahi_agent_new:
 * @backend: how to reach the network
 *
 * Makes an agent on the network, on all interfaces. It returns at once and connects in the
 * background.
 *
 * Returns: (transfer full): a new agent
 *
 * Since: 1.0
 */
DiscoAvahiAgent *
disco_avahi_agent_new (DiscoBackend backend)
{
  return g_object_new (DISCO_TYPE_AVAHI_AGENT, "backend", backend, NULL);
}

/**
 * disco_avahi_agent_get_state:
 * @self: an agent
 *
 * Gets how the agent stands with its responder now.
 *
 * Returns: the state
 *
 * Since: 1.0
 */
DiscoState
disco_avahi_agent_get_state (DiscoAvahiAgent *self)
{
  g_return_val_if_fail (DISCO_IS_AVAHI_AGENT (self), DISCO_STATE_UNAVAILABLE);

  return (DiscoState)g_atomic_int_get (&self->state);
}

/**
 * disco_avahi_agent_get_backend_in_use:
 * @self: an agent
 *
 * Gets the backend that the agent uses: with %DISCO_BACKEND_AUTO the one that it has come to, or
 * %DISCO_BACKEND_AUTO while that is not decided.
 *
 * Returns: the backend
 *
 * Since: 1.0
 */
DiscoBackend
disco_avahi_agent_get_backend_in_use (DiscoAvahiAgent *self)
{
  g_return_val_if_fail (DISCO_IS_AVAHI_AGENT (self), DISCO_BACKEND_AUTO);

  return (DiscoBackend)g_atomic_int_get (&self->backend_in_use);
}

/**
 * disco_avahi_agent_dup_statistics:
 * @self: an agent
 *
 * Gets what the agent has counted since it was made, by name:
 *
 * - `links`: connections to the responder that came up
 * - `resolves`: questions for a service's SRV and TXT records
 * - `malformed`: pieces of records from the network that were dropped
 * - `refused`: what was over a bound and was not taken up, in all
 * - `refused-instances`: of that, instances over [property@Disco.AvahiAgent:max-instances], or over
 *   their host's share of it
 * - `refused-records`: of that, records of one name and addresses of one host
 * - `refused-services`: of that, services that [method@Disco.Agent.services] has not looked at
 * - `conflicts`: names of this agent's that were taken on the network
 *
 * Returns: (transfer full): a variant of type `a{st}`
 *
 * Since: 1.0
 */
GVariant *
disco_avahi_agent_dup_statistics (DiscoAvahiAgent *self)
{
  static const char *const names[DISCO_N_COUNTS]
      = { "links",           "resolves",         "malformed", "refused", "refused-instances",
          "refused-records", "refused-services", "conflicts" };
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{st}"));

  g_return_val_if_fail (DISCO_IS_AVAHI_AGENT (self), NULL);

  for (guint i = 0; i < DISCO_N_COUNTS; i++)
    g_variant_builder_add (&builder, "{st}", names[i],
                           disco_counts_get (self->counts, (DiscoCount)i));
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}
