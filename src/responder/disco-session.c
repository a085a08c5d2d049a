/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-session-private.h"

#include "disco-group-private.h"
#include "disco-object-private.h"

/* Bytes of gathered events that are sent at once; one event more still fits into a message. */
#define BATCH_BYTES (DISCO_WIRE_MAX_BODY / 2)

struct _DiscoSession
{
  GMainContext *context; /* (owned) */
  DiscoServer *server;
  DiscoWirePort *port; /* (owned) */
  GHashTable *objects; /* (owned): number → (owned) DiscoObject */
  GPtrArray *batch;    /* (owned) of (owned) GVariant: events not yet sent */
  gsize batch_bytes;
  GSource *sending; /* (owned) (nullable): while events are gathered */
  GSource *ending;  /* (owned) (nullable): it is over, which is yet to be told */
  gboolean greeted;
  DiscoWireState told; /* or 0 */
  DiscoSessionEnded ended;
  gpointer user_data;
};

static void
clear_source (GSource **source)
{
  if (*source == NULL)
    return;
  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static GSource *
attach_idle (DiscoSession *self, GSourceFunc func)
{
  GSource *source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, func, self, NULL);
  g_source_attach (source, self->context);
  return source;
}

/* --- sending --- */

static void
send_batch (DiscoSession *self)
{
  GVariant *events;

  clear_source (&self->sending);
  if (self->batch->len == 0)
    return;
  events = g_variant_new_array (G_VARIANT_TYPE (DISCO_WIRE_BROWSED_TYPE),
                                (GVariant *const *)self->batch->pdata, self->batch->len);
  disco_wire_port_send (self->port, DISCO_WIRE_BROWSED, g_variant_new_tuple (&events, 1));
  g_ptr_array_set_size (self->batch, 0);
  self->batch_bytes = 0;
}

static gboolean
on_sending (gpointer data)
{
  send_batch (data);
  return G_SOURCE_REMOVE;
}

void
disco_session_add_browsed (DiscoSession *self, GVariant *event)
{
  g_ptr_array_add (self->batch, g_variant_ref_sink (event));
  self->batch_bytes += g_variant_get_size (event);
  if (self->batch->len >= DISCO_WIRE_MAX_BATCH || self->batch_bytes >= BATCH_BYTES)
    send_batch (self);
  else if (self->sending == NULL)
    self->sending = attach_idle (self, on_sending);
}

void
disco_session_send (DiscoSession *self, DiscoWireKind kind, GVariant *body)
{
  send_batch (self);
  disco_wire_port_send (self->port, kind, body);
}

static gboolean
on_ending (gpointer data)
{
  DiscoSession *self = data;

  self->ended (self, self->user_data);
  return G_SOURCE_REMOVE;
}

static void
end_soon (DiscoSession *self)
{
  if (self->ending == NULL)
    self->ending = attach_idle (self, on_ending);
}

/* FAILED is the last message. */
void
disco_session_tell_state (DiscoSession *self)
{
  const char *host_name;
  int code;
  DiscoWireState state = disco_server_get_state (self->server, &host_name, &code);

  if (!self->greeted || self->ending != NULL || state == self->told)
    return;
  self->told = state;
  disco_session_send (self, DISCO_WIRE_STATE,
                      g_variant_new ("(ysi)", (guchar)state, host_name, code));
  if (state == DISCO_WIRE_STATE_FAILED)
    end_soon (self);
}

/* --- receiving --- */

static gboolean
handle_hello (DiscoSession *self, GVariant *body)
{
  guint32 version;

  g_variant_get (body, "(u)", &version);
  if (self->greeted || version != DISCO_WIRE_VERSION)
    return FALSE;
  self->greeted = TRUE;
  disco_session_tell_state (self);
  return TRUE;
}

typedef DiscoObject *(*MakeObject) (DiscoSession *self, guint32 number, GVariant *body);

static gboolean
make_object (DiscoSession *self, GVariant *body, MakeObject make)
{
  DiscoObject *object;
  guint32 number;

  g_variant_get_child (body, 0, "u", &number);
  if (g_hash_table_contains (self->objects, GUINT_TO_POINTER (number))
      || g_hash_table_size (self->objects) >= DISCO_SESSION_MAX_OBJECTS)
    return FALSE;
  object = make (self, number, body);
  if (object == NULL)
    return FALSE;
  g_hash_table_insert (self->objects, GUINT_TO_POINTER (number), object);
  return TRUE;
}

static gboolean
update_object (DiscoSession *self, GVariant *body, gboolean (*update) (DiscoObject *, GVariant *))
{
  DiscoObject *object;
  guint32 number;

  g_variant_get_child (body, 0, "u", &number);
  object = g_hash_table_lookup (self->objects, GUINT_TO_POINTER (number));
  return object != NULL && update (object, body);
}

static gboolean
free_object (DiscoSession *self, GVariant *body)
{
  guint32 number;

  g_variant_get (body, "(u)", &number);
  return g_hash_table_remove (self->objects, GUINT_TO_POINTER (number));
}

/* FALSE: it breaks the rules. */
static gboolean
handle (DiscoSession *self, DiscoWireKind kind, GVariant *body)
{
  if (kind == DISCO_WIRE_HELLO)
    return handle_hello (self, body);
  if (!self->greeted)
    return FALSE;
  switch (kind)
    {
    case DISCO_WIRE_BROWSE_SERVICES:
      return make_object (self, body, disco_object_browse_services);
    case DISCO_WIRE_BROWSE_TYPES:
      return make_object (self, body, disco_object_browse_types);
    case DISCO_WIRE_BROWSE_RECORDS:
      return make_object (self, body, disco_object_browse_records);
    case DISCO_WIRE_RESOLVE:
      return make_object (self, body, disco_object_resolve);
    case DISCO_WIRE_PUBLISH:
      return make_object (self, body, disco_group_publish);
    case DISCO_WIRE_UPDATE_TXT:
      return update_object (self, body, disco_group_update_txt);
    case DISCO_WIRE_UPDATE_SRV:
      return update_object (self, body, disco_group_update_srv);
    case DISCO_WIRE_FREE:
      return free_object (self, body);
    case DISCO_WIRE_HELLO:
    case DISCO_WIRE_STATE:
    case DISCO_WIRE_BROWSED:
    case DISCO_WIRE_RESOLVED:
    case DISCO_WIRE_GROUP:
    case DISCO_WIRE_N_KINDS:
    default:
      return FALSE;
    }
}

static void
on_received (DiscoWireKind kind, GVariant *body, gpointer user_data)
{
  DiscoSession *self = user_data;

  if (self->ending != NULL || handle (self, kind, body))
    return;
  g_debug ("a session ends: its message of kind %u breaks the rules", kind);
  end_soon (self);
}

static void
on_closed (const GError *error, gpointer user_data)
{
  DiscoSession *self = user_data;

  g_debug ("a session ends: %s", error->message);
  self->ended (self, self->user_data);
}

/* --- the session --- */

static void
free_object_value (gpointer data)
{
  disco_object_free (data);
}

DiscoSession *
disco_session_new (int fd, GMainContext *context, DiscoServer *server, DiscoSessionEnded ended,
                   gpointer user_data)
{
  DiscoSession *self = g_new0 (DiscoSession, 1);

  self->context = g_main_context_ref (context);
  self->server = server;
  self->objects = g_hash_table_new_full (NULL, NULL, NULL, free_object_value);
  self->batch = g_ptr_array_new_with_free_func ((GDestroyNotify)g_variant_unref);
  self->ended = ended;
  self->user_data = user_data;
  self->port = disco_wire_port_new (fd, context, on_received, on_closed, self);
  disco_wire_port_send (self->port, DISCO_WIRE_HELLO, g_variant_new ("(u)", DISCO_WIRE_VERSION));
  return self;
}

void
disco_session_free (DiscoSession *self)
{
  g_hash_table_unref (self->objects);
  clear_source (&self->sending);
  clear_source (&self->ending);
  g_ptr_array_unref (self->batch);
  disco_wire_port_free (self->port);
  g_main_context_unref (self->context);
  g_free (self);
}

DiscoServer *
disco_session_get_server (DiscoSession *self)
{
  return self->server;
}

GMainContext *
disco_session_get_context (DiscoSession *self)
{
  return self->context;
}

AvahiServer *
disco_session_get_avahi (DiscoSession *self)
{
  return disco_server_get_avahi (self->server);
}
