/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Browsing at the daemon. Avahi tells ALL_FOR_NOW a second after it began to ask for a name, which
 * it does 10 ms after it was told to. For services, which somebody waits for, that second is
 * counted here, from when the browser was made: the time between its first two questions (RFC 6762
 * §5.2). When it is over the daemon is asked for a sign of life, lest it be one that has not come
 * to reading the answers yet. What it had told of before comes first, but for what the bus still
 * holds back: that is for the quiet that the browser waits for. */
#include "disco-avahi-error-private.h"
#include "disco-daemon-object-private.h"
#include "disco-engine-private.h"

#include <avahi-client/lookup.h>

#define DOMAIN "local"
#define SECOND_US G_TIME_SPAN_SECOND

G_STATIC_ASSERT (DISCO_LINK_IPV4 == AVAHI_PROTO_INET && DISCO_LINK_IPV6 == AVAHI_PROTO_INET6);

/* The daemon's reply to a sign of life is waited for no more, either. */
static void
end_second (DiscoDaemonObject *self)
{
  g_clear_pointer (&self->second, disco_timer_free);
  g_clear_pointer (&self->question, disco_bus_call_free);
}

static DiscoBrowseKind
browse_kind (AvahiBrowserEvent event)
{
  switch (event)
    {
    case AVAHI_BROWSER_NEW:
      return DISCO_BROWSE_NEW;
    case AVAHI_BROWSER_REMOVE:
      return DISCO_BROWSE_REMOVE;
    case AVAHI_BROWSER_FAILURE:
      return DISCO_BROWSE_FAILURE;
    case AVAHI_BROWSER_CACHE_EXHAUSTED:
    case AVAHI_BROWSER_ALL_FOR_NOW:
    default:
      return DISCO_BROWSE_ALL_FOR_NOW;
    }
}

/* Tells a browser's event; CACHE_EXHAUSTED is none of ours. The callee may free the object. */
static void
tell_browse (DiscoDaemonObject *self, AvahiBrowserEvent event, DiscoBrowseEvent *told)
{
  g_autoptr (GError) error = NULL;

  if (event == AVAHI_BROWSER_CACHE_EXHAUSTED)
    return;
  if (event == AVAHI_BROWSER_ALL_FOR_NOW && self->all_told)
    return;
  told->kind = browse_kind (event);
  if (told->kind == DISCO_BROWSE_ALL_FOR_NOW)
    {
      self->all_told = TRUE;
      end_second (self);
    }
  if (told->kind == DISCO_BROWSE_FAILURE)
    {
      disco_set_avahi_error (&error, avahi_client_errno (self->client->client), "browse");
      told->error = error;
    }
  self->on_browse (told, self->user_data);
}

/* --- services --- */

static void
on_service (AvahiServiceBrowser *browser, AvahiIfIndex ifindex, AvahiProtocol protocol,
            AvahiBrowserEvent event, const char *label, const char *type, const char *domain,
            AvahiLookupResultFlags flags, void *user_data)
{
  const AvahiLookupResultFlags local = AVAHI_LOOKUP_RESULT_LOCAL | AVAHI_LOOKUP_RESULT_OUR_OWN;
  DiscoBrowseEvent told = { .ifindex = ifindex,
                            .protocol = protocol,
                            .label = label,
                            .type = type,
                            .domain = domain,
                            .local = (flags & local) != 0 };

  tell_browse (user_data, event, &told);
}

static gboolean
make_service_browser (DiscoDaemonObject *self, AvahiClient *client, gconstpointer arguments,
                      int *code)
{
  self->avahi = avahi_service_browser_new (client, AVAHI_IF_UNSPEC, AVAHI_PROTO_UNSPEC, arguments,
                                           DOMAIN, 0, on_service, self);
  *code = avahi_client_errno (client);
  return self->avahi != NULL;
}

static void
on_awake (DBusMessage *reply, gpointer user_data)
{
  DiscoDaemonObject *self = user_data;

  g_clear_pointer (&self->question, disco_bus_call_free);
  if (dbus_message_get_type (reply) != DBUS_MESSAGE_TYPE_METHOD_RETURN)
    return; /* the daemon's own word will come, or its end */
  self->answered = TRUE;
  g_source_set_ready_time (self->second, 0);
}

static void
ask_if_awake (DiscoDaemonObject *self)
{
  DiscoBusWatch *bus = disco_daemon_link_get_questions_bus (self->base.link);
  g_autoptr (DBusMessage) ping = NULL;

  if (bus == NULL)
    return;
  ping = disco_bus_message_new (DISCO_AVAHI_BUS_NAME, "/", DBUS_INTERFACE_PEER, "Ping",
                                DBUS_TYPE_INVALID);
  self->question = disco_bus_watch_call (bus, ping, on_awake, self);
}

/* The daemon's second begins a little after it was asked; ours at once. */
static gboolean
on_second (gpointer user_data)
{
  DiscoDaemonObject *self = user_data;
  DiscoBrowseEvent told = { 0 };

  g_source_set_ready_time (self->second, -1);
  if (self->answered)
    tell_browse (self, AVAHI_BROWSER_ALL_FOR_NOW, &told);
  else
    ask_if_awake (self);
  return G_SOURCE_CONTINUE;
}

static void
start_second (DiscoDaemonObject *self)
{
  if (self->avahi == NULL)
    return;
  self->second = disco_timer_new_after_all (disco_daemon_link_get_context (self->base.link),
                                            on_second, self);
  g_source_set_ready_time (self->second, g_get_monotonic_time () + SECOND_US);
}

static int
free_service_browser (gpointer avahi)
{
  return avahi_service_browser_free (avahi);
}

DiscoLinkObject *
disco_daemon_browse_services (DiscoLink *link, const char *type, DiscoBrowseFunc func,
                              gpointer user_data)
{
  DiscoDaemonObject *self = disco_daemon_object_new (link, user_data);

  self->on_browse = func;
  disco_daemon_object_make (self, make_service_browser, type, free_service_browser, "browse");
  start_second (self);
  return &self->base;
}

/* --- types and records --- */

static void
on_type (AvahiServiceTypeBrowser *browser, AvahiIfIndex ifindex, AvahiProtocol protocol,
         AvahiBrowserEvent event, const char *type, const char *domain,
         AvahiLookupResultFlags flags, void *user_data)
{
  DiscoBrowseEvent told
      = { .ifindex = ifindex, .protocol = protocol, .type = type, .domain = domain };

  tell_browse (user_data, event, &told);
}

static gboolean
make_type_browser (DiscoDaemonObject *self, AvahiClient *client, gconstpointer arguments, int *code)
{
  self->avahi = avahi_service_type_browser_new (client, AVAHI_IF_UNSPEC, AVAHI_PROTO_UNSPEC, DOMAIN,
                                                0, on_type, self);
  *code = avahi_client_errno (client);
  return self->avahi != NULL;
}

static int
free_type_browser (gpointer avahi)
{
  return avahi_service_type_browser_free (avahi);
}

DiscoLinkObject *
disco_daemon_browse_types (DiscoLink *link, DiscoBrowseFunc func, gpointer user_data)
{
  DiscoDaemonObject *self = disco_daemon_object_new (link, user_data);

  self->on_browse = func;
  disco_daemon_object_make (self, make_type_browser, NULL, free_type_browser,
                            "browse service types");
  return &self->base;
}

static void
on_record (AvahiRecordBrowser *browser, AvahiIfIndex ifindex, AvahiProtocol protocol,
           AvahiBrowserEvent event, const char *name, uint16_t clazz, uint16_t type,
           const void *rdata, size_t size, AvahiLookupResultFlags flags, void *user_data)
{
  DiscoBrowseEvent told
      = { .ifindex = ifindex, .protocol = protocol, .rdata = rdata, .rdata_size = size };

  tell_browse (user_data, event, &told);
}

typedef struct
{
  const char *name;
  guint16 type;
} RecordKey;

static gboolean
make_record_browser (DiscoDaemonObject *self, AvahiClient *client, gconstpointer arguments,
                     int *code)
{
  const RecordKey *key = arguments;

  self->avahi = avahi_record_browser_new (client, AVAHI_IF_UNSPEC, AVAHI_PROTO_UNSPEC, key->name,
                                          AVAHI_DNS_CLASS_IN, key->type, 0, on_record, self);
  *code = avahi_client_errno (client);
  return self->avahi != NULL;
}

static int
free_record_browser (gpointer avahi)
{
  return avahi_record_browser_free (avahi);
}

DiscoLinkObject *
disco_daemon_browse_records (DiscoLink *link, const char *name, guint16 type, DiscoBrowseFunc func,
                             gpointer user_data)
{
  DiscoDaemonObject *self = disco_daemon_object_new (link, user_data);
  RecordKey key = { name, type };

  self->on_browse = func;
  disco_daemon_object_make (self, make_record_browser, &key, free_record_browser, "browse records");
  return &self->base;
}
