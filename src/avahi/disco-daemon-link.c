/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-avahi-error-private.h"
#include "disco-bus-watch-private.h"
#include "disco-daemon-link-private.h"
#include "disco-daemon-object-private.h"
#include "disco-engine-private.h"

#include <avahi-common/error.h>
#include <disco/disco-error.h>

/* Questions under way at once, without an object at the daemon: the bus lets a connection wait for
 * 128 replies. */
#define MAX_QUESTIONS 100

struct _DiscoDaemonLink
{
  DiscoLink parent_instance;

  GMainContext *context; /* (owned) */
  DiscoWatchdog *watchdog;
  gboolean activate;
  DiscoBusWatch *watch;    /* (owned) (nullable) */
  DiscoBusCall *asking;    /* (owned) (nullable): which process the daemon is */
  DiscoDaemonPool *pool;   /* (owned) (nullable): while the daemon is there */
  DiscoDaemonLines *lines; /* (owned) (nullable): the same, until the link is closed */
  guint max_questions;
  gboolean closed;
};

G_DEFINE_FINAL_TYPE (DiscoDaemonLink, disco_daemon_link, DISCO_TYPE_LINK)

DiscoDaemonPool *
disco_daemon_link_get_pool (DiscoLink *link)
{
  DiscoDaemonLink *self = DISCO_DAEMON_LINK (link);

  return self->closed ? NULL : self->pool;
}

gboolean
disco_daemon_link_is_lost (DiscoLink *link)
{
  DiscoDaemonPool *pool = DISCO_DAEMON_LINK (link)->pool;

  return disco_link_get_state (link) == DISCO_LINK_FAILED
         || (pool != NULL && disco_daemon_pool_is_lost (pool));
}

DiscoBusWatch *
disco_daemon_link_get_questions_bus (DiscoLink *link)
{
  DiscoDaemonLink *self = DISCO_DAEMON_LINK (link);

  if (self->closed || disco_bus_watch_get_n_calls (self->watch) >= self->max_questions)
    return NULL;
  return self->watch;
}

void
disco_daemon_link_limit_questions (DiscoLink *link)
{
  DiscoDaemonLink *self = DISCO_DAEMON_LINK (link);

  self->max_questions = MIN (self->max_questions, disco_bus_watch_get_n_calls (self->watch));
}

DiscoDaemonLines *
disco_daemon_link_get_lines (DiscoLink *link)
{
  return DISCO_DAEMON_LINK (link)->lines;
}

DiscoWatchdog *
disco_daemon_link_get_watchdog (DiscoLink *link)
{
  return DISCO_DAEMON_LINK (link)->watchdog;
}

GMainContext *
disco_daemon_link_get_context (DiscoLink *link)
{
  return DISCO_DAEMON_LINK (link)->context;
}

static void
fail (DiscoDaemonLink *self, const char *message)
{
  g_autoptr (GError) error = g_error_new (DISCO_ERROR, DISCO_ERROR_UNAVAILABLE, "%s", message);

  disco_link_set_state (DISCO_LINK (self), DISCO_LINK_FAILED, error);
}

static void
on_pool_changed (gpointer user_data)
{
  DiscoDaemonLink *self = user_data;
  g_autofree char *message = NULL;
  int code = 0;

  switch (disco_daemon_pool_get_state (self->pool, &code))
    {
    case AVAHI_CLIENT_S_RUNNING:
      disco_link_set_state (DISCO_LINK (self), DISCO_LINK_RUNNING, NULL);
      break;
    case AVAHI_CLIENT_S_REGISTERING:
    case AVAHI_CLIENT_S_COLLISION:
      disco_link_set_state (DISCO_LINK (self), DISCO_LINK_RENAMING, NULL);
      break;
    case AVAHI_CLIENT_FAILURE:
      message = g_strdup_printf ("avahi-daemon: %s", avahi_strerror (code));
      fail (self, message);
      break;
    case AVAHI_CLIENT_CONNECTING:
    default:
      break;
    }
}

static void
open_pool (DiscoDaemonLink *self)
{
  g_autofree char *message = NULL;
  g_autoptr (GError) error = NULL;
  int code = 0;

  if (!disco_watchdog_start (self->watchdog, &error))
    {
      fail (self, error->message);
      return;
    }
  self->lines = disco_daemon_lines_new (DISCO_LINK (self), self->watch, &disco_daemon_group_funcs);
  self->pool = disco_daemon_pool_new (self->context, self->watchdog, on_pool_changed, self);
  if (disco_daemon_pool_open (self->pool, &code))
    return; /* its state comes by on_pool_changed() */
  message = g_strdup_printf ("cannot connect to avahi-daemon: %s", avahi_strerror (code));
  fail (self, message);
}

static void
on_process (DBusMessage *reply, gpointer user_data)
{
  DiscoDaemonLink *self = user_data;
  dbus_uint32_t pid = 0;

  dbus_message_get_args (reply, NULL, DBUS_TYPE_UINT32, &pid, DBUS_TYPE_INVALID);
  disco_watchdog_set_process (self->watchdog, (int)pid);
  g_clear_pointer (&self->asking, disco_bus_call_free);
  open_pool (self);
}

/* For the watchdog, which tells a daemon that hangs from one that works. Then it is called. */
static void
ask_process (DiscoDaemonLink *self)
{
  const char *name = DISCO_AVAHI_BUS_NAME;
  g_autoptr (DBusMessage) question = disco_bus_message_new (
      DBUS_SERVICE_DBUS, DBUS_PATH_DBUS, DBUS_INTERFACE_DBUS, "GetConnectionUnixProcessID",
      DBUS_TYPE_STRING, &name, DBUS_TYPE_INVALID);

  self->asking = disco_bus_watch_call (self->watch, question, on_process, self);
}

static void
on_bus (DiscoBusState state, const GError *error, gpointer user_data)
{
  DiscoDaemonLink *self = user_data;
  g_autofree char *message = NULL;

  switch (state)
    {
    case DISCO_BUS_NAME_OWNED:
      /* avahi-client would block on a daemon that hangs */
      disco_bus_watch_ping (self->watch);
      break;
    case DISCO_BUS_NAME_ANSWERS:
      if (self->pool == NULL && self->asking == NULL)
        ask_process (self);
      break;
    case DISCO_BUS_NAME_STARTING:
    case DISCO_BUS_NAME_FREE:
      g_clear_pointer (&self->asking, disco_bus_call_free);
      if (self->pool != NULL)
        fail (self, "avahi-daemon has gone");
      break;
    case DISCO_BUS_GONE:
    default:
      message = g_strdup_printf ("no system bus: %s", error->message);
      fail (self, message);
    }
}

static void
disco_daemon_link_start (DiscoLink *link)
{
  DiscoDaemonLink *self = DISCO_DAEMON_LINK (link);

  self->watch = disco_bus_watch_new (DISCO_AVAHI_BUS_NAME, self->activate, on_bus, self);
}

static void
disco_daemon_link_close (DiscoLink *link)
{
  DiscoDaemonLink *self = DISCO_DAEMON_LINK (link);

  self->closed = TRUE;
  g_clear_pointer (&self->asking, disco_bus_call_free);
  g_clear_pointer (&self->lines, disco_daemon_lines_free);
  g_clear_pointer (&self->watch, disco_bus_watch_free);
  if (self->pool != NULL)
    disco_daemon_pool_close (self->pool);
}

static const char *
disco_daemon_link_get_host_name (DiscoLink *link)
{
  DiscoDaemonLink *self = DISCO_DAEMON_LINK (link);

  return disco_daemon_pool_get_host_name (self->pool);
}

static void
disco_daemon_link_free_object (DiscoLinkObject *object)
{
  DiscoDaemonObject *self = (DiscoDaemonObject *)object;
  DiscoWatchdogGuard guard;

  if (self->failure != NULL)
    {
      g_source_destroy (self->failure);
      g_source_unref (self->failure);
    }
  g_clear_error (&self->error);
  g_clear_pointer (&self->group, disco_daemon_group_free);
  g_clear_pointer (&self->second, disco_timer_free);
  g_clear_pointer (&self->question, disco_bus_call_free);
  g_clear_pointer (&self->asked, dbus_message_unref);
  /* of a closed link the objects are gone already */
  if (self->client != NULL && disco_daemon_link_get_pool (object->link) != NULL)
    {
      disco_daemon_client_enter (self->client, &guard);
      self->avahi_free (self->avahi);
      disco_daemon_client_leave (self->client, &guard);
      disco_daemon_pool_release (self->client);
    }
  g_free (self);
}

static void
disco_daemon_link_finalize (GObject *object)
{
  DiscoDaemonLink *self = DISCO_DAEMON_LINK (object);

  g_clear_pointer (&self->asking, disco_bus_call_free);
  g_clear_pointer (&self->lines, disco_daemon_lines_free);
  g_clear_pointer (&self->watch, disco_bus_watch_free);
  g_clear_pointer (&self->pool, disco_daemon_pool_free);
  g_main_context_unref (self->context);
  G_OBJECT_CLASS (disco_daemon_link_parent_class)->finalize (object);
}

static void
disco_daemon_link_class_init (DiscoDaemonLinkClass *klass)
{
  DiscoLinkClass *link_class = DISCO_LINK_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = disco_daemon_link_finalize;
  link_class->start = disco_daemon_link_start;
  link_class->close = disco_daemon_link_close;
  link_class->get_host_name = disco_daemon_link_get_host_name;
  link_class->browse_services = disco_daemon_browse_services;
  link_class->browse_types = disco_daemon_browse_types;
  link_class->browse_records = disco_daemon_browse_records;
  link_class->resolve = disco_daemon_resolve_new;
  link_class->publish = disco_daemon_group_new;
  link_class->update_txt = disco_daemon_group_update_txt;
  link_class->update_srv = disco_daemon_group_update_srv;
  link_class->free_object = disco_daemon_link_free_object;
}

static void
disco_daemon_link_init (DiscoDaemonLink *self)
{
}

DiscoLink *
disco_daemon_link_new (GMainContext *context, DiscoWatchdog *watchdog, gboolean activate)
{
  DiscoDaemonLink *self = g_object_new (DISCO_TYPE_DAEMON_LINK, NULL);

  self->context = g_main_context_ref (context);
  self->watchdog = watchdog;
  self->activate = activate;
  self->max_questions = MAX_QUESTIONS;
  return DISCO_LINK (self);
}
