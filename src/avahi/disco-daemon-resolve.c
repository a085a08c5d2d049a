/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Resolving at the daemon. A question is one D-Bus call that nobody waits for: avahi-client has the
 * daemon make an object for each, and free it, with calls that block for their replies. Where no
 * further call can be under way, such an object does the same. */
#include "disco-avahi-error-private.h"
#include "disco-daemon-object-private.h"

#include <avahi-client/lookup.h>
#include <avahi-common/error.h>
#include <disco/disco-error.h>
#include <string.h>

#define SERVER DISCO_AVAHI_BUS_NAME ".Server"
#define ERROR_PREFIX DISCO_AVAHI_BUS_NAME "."

/* Addresses are looked up once a host, not once a service; and a target outside .local, whose
 * addresses mDNS does not have, resolves all the same. */
#define FLAGS AVAHI_LOOKUP_NO_ADDRESS

/* interface, protocol, label, type, domain, host, the address's protocol, address, port, TXT,
 * flags */
#define REPLY_SIGNATURE "iissssisqaayu"

static void
append_txt_string (GByteArray *rdata, gconstpointer text, gsize size)
{
  const guint8 length = (guint8)MIN (size, G_MAXUINT8);

  g_byte_array_append (rdata, &length, 1);
  g_byte_array_append (rdata, text, length);
}

/* RFC 1035 §3.3.14: no strings at all are one empty one */
static GBytes *
end_txt (GByteArray *rdata)
{
  if (rdata->len == 0)
    append_txt_string (rdata, "", 0);
  return g_byte_array_free_to_bytes (rdata);
}

/* --- by an object --- */

/* avahi-core's lists hold the strings in reverse of the wire's order, and avahi-client turns the
 * daemon's list round once more: this one is as on the wire. avahi_string_list_serialize() would
 * turn it. */
static GBytes *
list_to_rdata (AvahiStringList *txt)
{
  GByteArray *rdata = g_byte_array_new ();

  for (AvahiStringList *l = txt; l != NULL; l = avahi_string_list_get_next (l))
    append_txt_string (rdata, avahi_string_list_get_text (l), avahi_string_list_get_size (l));
  return end_txt (rdata);
}

static void
on_resolved (AvahiServiceResolver *resolver, AvahiIfIndex ifindex, AvahiProtocol protocol,
             AvahiResolverEvent event, const char *label, const char *type, const char *domain,
             const char *host_name, const AvahiAddress *address, uint16_t port,
             AvahiStringList *txt, AvahiLookupResultFlags flags, void *user_data)
{
  DiscoDaemonObject *self = user_data;
  DiscoResolveEvent told = { .ifindex = ifindex, .protocol = protocol, .port = port };
  g_autoptr (GBytes) rdata = NULL;
  g_autoptr (GError) error = NULL;

  if (event == AVAHI_RESOLVER_FOUND)
    {
      rdata = list_to_rdata (txt);
      told.hostname = host_name;
      told.txt = rdata;
    }
  else
    {
      disco_set_avahi_error (&error, avahi_client_errno (self->client->client), "resolve");
      told.error = error;
    }
  self->on_resolve (&told, self->user_data);
}

static gboolean
make_resolver (DiscoDaemonObject *self, AvahiClient *client, gconstpointer arguments, int *code)
{
  const char *label, *type, *domain;
  int ifindex, protocol;

  dbus_message_get_args (self->asked, NULL, DBUS_TYPE_INT32, &ifindex, DBUS_TYPE_INT32, &protocol,
                         DBUS_TYPE_STRING, &label, DBUS_TYPE_STRING, &type, DBUS_TYPE_STRING,
                         &domain, DBUS_TYPE_INVALID);
  self->avahi = avahi_service_resolver_new (client, ifindex, protocol, label, type, domain,
                                            AVAHI_PROTO_UNSPEC, FLAGS, on_resolved, self);
  *code = avahi_client_errno (client);
  return self->avahi != NULL;
}

static int
free_resolver (gpointer avahi)
{
  return avahi_service_resolver_free (avahi);
}

static void
ask_by_object (DiscoDaemonObject *self)
{
  disco_daemon_object_make (self, make_resolver, NULL, free_resolver, "resolve");
}

/* --- by a call --- */

static gboolean
next_string (DBusMessageIter *strings, const guint8 **text, gsize *size)
{
  DBusMessageIter bytes;
  int length;

  if (dbus_message_iter_get_arg_type (strings) == DBUS_TYPE_INVALID)
    return FALSE;
  dbus_message_iter_recurse (strings, &bytes);
  dbus_message_iter_get_fixed_array (&bytes, text, &length);
  *size = MIN ((gsize)length, G_MAXUINT8);
  dbus_message_iter_next (strings);
  return TRUE;
}

/* The daemon sends the strings as avahi-core has them, the last one first: so it is filled from its
 * end. */
static GBytes *
array_to_rdata (DBusMessageIter *array)
{
  DBusMessageIter strings;
  const guint8 *text;
  guint8 *rdata;
  gsize size, total = 0;

  dbus_message_iter_recurse (array, &strings);
  while (next_string (&strings, &text, &size))
    total += 1 + size;
  total = MAX (total, 1);
  rdata = g_malloc0 (total); /* RFC 1035 §3.3.14: no strings at all are one empty one */

  dbus_message_iter_recurse (array, &strings);
  for (gsize begin = total; next_string (&strings, &text, &size);)
    {
      begin -= 1 + size;
      rdata[begin] = (guint8)size;
      if (size > 0)
        memcpy (rdata + begin + 1, text, size);
    }
  return g_bytes_new_take (rdata, total);
}

/* @value: (nullable) */
static void
take_basic (DBusMessageIter *iter, gpointer value)
{
  if (value != NULL)
    dbus_message_iter_get_basic (iter, value);
  dbus_message_iter_next (iter);
}

static void
tell_found (DiscoDaemonObject *self, DBusMessage *reply)
{
  DiscoResolveEvent told = { 0 };
  g_autoptr (GBytes) rdata = NULL;
  DBusMessageIter iter;

  dbus_message_iter_init (reply, &iter);
  take_basic (&iter, &told.ifindex);
  take_basic (&iter, &told.protocol);
  for (guint i = 0; i < 3; i++)
    take_basic (&iter, NULL);
  take_basic (&iter, &told.hostname);
  take_basic (&iter, NULL);
  take_basic (&iter, NULL);
  take_basic (&iter, &told.port);
  rdata = array_to_rdata (&iter);
  told.txt = rdata;
  self->on_resolve (&told, self->user_data); /* may free self */
}

/* The daemon or the bus allows no such call, or not one more. */
static gboolean
is_refused (DBusMessage *error)
{
  return dbus_message_is_error (error, ERROR_PREFIX "TooManyObjectsError")
         || dbus_message_is_error (error, ERROR_PREFIX "TooManyClientsError")
         || dbus_message_is_error (error, DBUS_ERROR_LIMITS_EXCEEDED)
         || dbus_message_is_error (error, DBUS_ERROR_ACCESS_DENIED);
}

static void
take_error (DiscoDaemonObject *self, DBusMessage *error)
{
  if (is_refused (error))
    {
      disco_daemon_link_limit_questions (self->base.link);
      ask_by_object (self);
    }
  else
    disco_daemon_object_fail_by (self, error, "resolve");
}

static void
on_reply (DBusMessage *reply, gpointer user_data)
{
  DiscoDaemonObject *self = user_data;

  if (dbus_message_get_type (reply) == DBUS_MESSAGE_TYPE_ERROR)
    take_error (self, reply);
  else if (dbus_message_has_signature (reply, REPLY_SIGNATURE))
    tell_found (self, reply);
  else
    disco_daemon_object_fail_on_nonsense (self, reply, REPLY_SIGNATURE, "resolve");
}

static DBusMessage *
new_question (int ifindex, int protocol, const char *label, const char *type, const char *domain)
{
  const dbus_int32_t address_protocol = AVAHI_PROTO_UNSPEC;
  const dbus_uint32_t flags = FLAGS;

  return disco_bus_message_new (DISCO_AVAHI_BUS_NAME, "/", SERVER, "ResolveService",
                                DBUS_TYPE_INT32, &ifindex, DBUS_TYPE_INT32, &protocol,
                                DBUS_TYPE_STRING, &label, DBUS_TYPE_STRING, &type, DBUS_TYPE_STRING,
                                &domain, DBUS_TYPE_INT32, &address_protocol, DBUS_TYPE_UINT32,
                                &flags, DBUS_TYPE_INVALID);
}

DiscoLinkObject *
disco_daemon_resolve_new (DiscoLink *link, int ifindex, int protocol, const char *label,
                          const char *type, const char *domain, DiscoResolveFunc func,
                          gpointer user_data)
{
  DiscoDaemonObject *self = disco_daemon_object_new (link, user_data);
  DiscoBusWatch *bus = disco_daemon_link_get_questions_bus (link);

  self->on_resolve = func;
  self->asked = new_question (ifindex, protocol, label, type, domain);
  if (bus != NULL)
    self->question = disco_bus_watch_call (bus, self->asked, on_reply, self);
  else
    ask_by_object (self);
  return &self->base;
}
