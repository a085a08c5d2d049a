/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-embedded-state-private.h"
#include "disco-engine-private.h"
#include "disco-label-private.h"

#include <avahi-common/error.h>
#include <disco/disco-error.h>
#include <unistd.h>

G_DEFINE_FINAL_TYPE (DiscoEmbeddedLink, disco_embedded_link, DISCO_TYPE_LINK)

/* --- the end of the session --- */

static void
disconnect (DiscoEmbeddedLink *self)
{
  g_clear_pointer (&self->hello_timer, disco_timer_free);
  /* the responder withdraws what stood on the session */
  g_clear_pointer (&self->port, disco_wire_port_free);
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
  g_clear_pointer (&self->child, disco_child_release);
}

static const char *
get_program (DiscoEmbeddedLink *self)
{
  return self->child != NULL ? disco_child_get_program (self->child) : "disco-responder";
}

void
disco_embedded_link_fail (DiscoEmbeddedLink *self, const char *format, ...)
{
  g_autofree char *message = NULL;
  g_autoptr (GError) error = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  error = g_error_new (DISCO_ERROR, DISCO_ERROR_UNAVAILABLE, "the responder \"%s\" %s",
                       get_program (self), message);
  disconnect (self);
  disco_link_set_state (DISCO_LINK (self), DISCO_LINK_FAILED, error);
}

void
disco_embedded_link_refuse (DiscoEmbeddedLink *self, const char *what)
{
  disco_embedded_link_fail (self, "does not keep to the protocol: %s", what);
}

static void
on_closed (const GError *error, gpointer user_data)
{
  disco_embedded_link_fail (user_data, "has ended the session: %s", error->message);
}

static gboolean
on_hello_timer (gpointer user_data)
{
  DiscoEmbeddedLink *self = user_data;

  if (self->child != NULL)
    disco_child_give_up (self->child);
  disco_embedded_link_fail (self, "does not answer");
  return G_SOURCE_REMOVE;
}

/* --- what the responder says of itself --- */

static void
on_hello (DiscoEmbeddedLink *self, GVariant *body)
{
  guint32 version;

  g_variant_get (body, "(u)", &version);
  if (self->hello_timer == NULL)
    disco_embedded_link_refuse (self, "a second hello");
  else if (version != DISCO_WIRE_VERSION)
    disco_embedded_link_fail (self, "speaks version %u of the protocol, and this library %d",
                              version, DISCO_WIRE_VERSION);
  else
    g_clear_pointer (&self->hello_timer, disco_timer_free);
}

static void
on_running (DiscoEmbeddedLink *self, const char *host_name)
{
  g_autoptr (GBytes) wire = disco_domain_name_to_wire (host_name);

  if (*host_name == '\0' || wire == NULL)
    {
      disco_embedded_link_refuse (self, "a host without a name");
      return;
    }
  /* what stands refers to the old name */
  if (g_strcmp0 (self->host_name, host_name) != 0
      && disco_link_get_state (DISCO_LINK (self)) == DISCO_LINK_RUNNING)
    disco_link_set_state (DISCO_LINK (self), DISCO_LINK_RENAMING, NULL);
  g_free (self->host_name);
  self->host_name = g_strdup (host_name);
  disco_link_set_state (DISCO_LINK (self), DISCO_LINK_RUNNING, NULL);
}

static void
on_state (DiscoEmbeddedLink *self, GVariant *body)
{
  const char *host_name;
  guint8 state;
  int code;

  g_variant_get (body, "(y&si)", &state, &host_name, &code);
  switch (state)
    {
    case DISCO_WIRE_STATE_RUNNING:
      on_running (self, host_name);
      break;
    case DISCO_WIRE_STATE_RENAMING:
      disco_link_set_state (DISCO_LINK (self), DISCO_LINK_RENAMING, NULL);
      break;
    case DISCO_WIRE_STATE_FAILED:
      disco_embedded_link_fail (self, "has failed: %s", avahi_strerror (code));
      break;
    default:
      disco_embedded_link_refuse (self, "a state that there is not");
    }
}

static void
on_received (DiscoWireKind kind, GVariant *body, gpointer user_data)
{
  DiscoEmbeddedLink *self = user_data;
  g_autoptr (DiscoLink) held = g_object_ref (DISCO_LINK (self));

  if (kind != DISCO_WIRE_HELLO && self->hello_timer != NULL)
    {
      disco_embedded_link_refuse (self, "no hello first");
      return;
    }
  switch (kind)
    {
    case DISCO_WIRE_HELLO:
      on_hello (self, body);
      break;
    case DISCO_WIRE_STATE:
      on_state (self, body);
      break;
    case DISCO_WIRE_BROWSED:
      disco_embedded_on_browsed (self, body);
      break;
    case DISCO_WIRE_RESOLVED:
      disco_embedded_on_resolved (self, body);
      break;
    case DISCO_WIRE_GROUP:
      disco_embedded_on_group (self, body);
      break;
    case DISCO_WIRE_BROWSE_SERVICES:
    case DISCO_WIRE_BROWSE_TYPES:
    case DISCO_WIRE_BROWSE_RECORDS:
    case DISCO_WIRE_RESOLVE:
    case DISCO_WIRE_PUBLISH:
    case DISCO_WIRE_UPDATE_TXT:
    case DISCO_WIRE_UPDATE_SRV:
    case DISCO_WIRE_FREE:
    case DISCO_WIRE_N_KINDS:
    default:
      disco_embedded_link_refuse (self, "a message that is for it");
    }
}

/* --- the link --- */

static void
disco_embedded_link_start (DiscoLink *link)
{
  DiscoEmbeddedLink *self = DISCO_EMBEDDED_LINK (link);
  g_autoptr (GError) error = NULL;

  if (self->child != NULL)
    self->fd = disco_child_open_session (self->child, &error);
  if (self->fd < 0)
    {
      disconnect (self);
      disco_link_set_state (link, DISCO_LINK_FAILED, error);
      return;
    }
  self->port = disco_wire_port_new (self->fd, self->context, on_received, on_closed, self);
  self->fd = -1;
  self->hello_timer = disco_timer_new (self->context, on_hello_timer, self);
  disco_timer_advance (self->hello_timer, g_get_monotonic_time () + self->hello_us);
  disco_wire_port_send (self->port, DISCO_WIRE_HELLO, g_variant_new ("(u)", DISCO_WIRE_VERSION));
}

static void
disco_embedded_link_close (DiscoLink *link)
{
  disconnect (DISCO_EMBEDDED_LINK (link));
}

static const char *
disco_embedded_link_get_host_name (DiscoLink *link)
{
  return DISCO_EMBEDDED_LINK (link)->host_name;
}

static void
disco_embedded_link_finalize (GObject *object)
{
  DiscoEmbeddedLink *self = DISCO_EMBEDDED_LINK (object);

  disconnect (self);
  g_hash_table_unref (self->objects);
  g_main_context_unref (self->context);
  g_free (self->host_name);
  G_OBJECT_CLASS (disco_embedded_link_parent_class)->finalize (object);
}

static void
disco_embedded_link_class_init (DiscoEmbeddedLinkClass *klass)
{
  DiscoLinkClass *link_class = DISCO_LINK_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = disco_embedded_link_finalize;
  link_class->start = disco_embedded_link_start;
  link_class->close = disco_embedded_link_close;
  link_class->get_host_name = disco_embedded_link_get_host_name;
  disco_embedded_object_class_init (link_class);
}

static void
disco_embedded_link_init (DiscoEmbeddedLink *self)
{
  self->fd = -1;
  self->objects = g_hash_table_new (NULL, NULL);
}

DiscoLink *
disco_embedded_link_new_for_session (GMainContext *context, int fd, gint64 hello_us)
{
  DiscoEmbeddedLink *self = g_object_new (DISCO_TYPE_EMBEDDED_LINK, NULL);

  self->context = g_main_context_ref (context);
  self->fd = fd;
  self->hello_us = hello_us;
  return DISCO_LINK (self);
}

DiscoLink *
disco_embedded_link_new (GMainContext *context, const char *const *interfaces,
                         const char *const *excluded, GError **error)
{
  DiscoChild *child = disco_child_acquire (interfaces, excluded, error);
  DiscoLink *link;

  if (child == NULL)
    return NULL;
  link = disco_embedded_link_new_for_session (context, -1, DISCO_EMBEDDED_HELLO_US);
  DISCO_EMBEDDED_LINK (link)->child = child;
  return link;
}
