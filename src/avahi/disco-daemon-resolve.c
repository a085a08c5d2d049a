/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Resolving at the daemon. A question is one D-Bus call that nobody waits for: avahi-client has the
 * daemon make an object for each, and free it, with calls that block for their replies. Where no
 * further call can be under way, such an object does the same. */
#include "disco-avahi-error-private.h"
#include "disco-daemon-object-private.h"

#include <avahi-client/lookup.h>
#include <avahi-common/error.h>
#include <disco/disco-error.h>

#define SERVER DISCO_AVAHI_BUS_NAME ".Server"
#define ERROR_PREFIX DISCO_AVAHI_BUS_NAME "."

/* Addresses are looked up once a host, not once a service; and a target outside .local, whose
 * addresses mDNS does not have, resolves all the same. */
#define FLAGS AVAHI_LOOKUP_NO_ADDRESS

/* interface, protocol, label, type, domain, the addresses' protocol, flags */
#define ASKED_FORMAT "(ii&s&s&siu)"
/* interface, protocol, label, type, domain, host, the address's protocol, address, port, TXT,
 * flags */
#define REPLY_TYPE G_VARIANT_TYPE ("(iissssisqaayu)")

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

  g_variant_get (self->asked, ASKED_FORMAT, &ifindex, &protocol, &label, &type, &domain, NULL,
                 NULL);
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

/* The daemon sends the strings as avahi-core has them: the last one first. */
static GBytes *
array_to_rdata (GVariant *txt)
{
  GByteArray *rdata = g_byte_array_new ();

  for (gsize i = g_variant_n_children (txt); i > 0; i--)
    {
      g_autoptr (GVariant) item = g_variant_get_child_value (txt, i - 1);
      gsize size;
      gconstpointer text = g_variant_get_fixed_array (item, &size, 1);
      append_txt_string (rdata, text, size);
    }
  return end_txt (rdata);
}

static void
tell_found (DiscoDaemonObject *self, GVariant *reply)
{
  DiscoResolveEvent told = { 0 };
  g_autoptr (GVariant) txt = NULL;
  g_autoptr (GBytes) rdata = NULL;

  g_variant_get (reply, "(ii&s&s&s&si&sq@aayu)", &told.ifindex, &told.protocol, NULL, NULL, NULL,
                 &told.hostname, NULL, NULL, &told.port, &txt, NULL);
  rdata = array_to_rdata (txt);
  told.txt = rdata;
  self->on_resolve (&told, self->user_data); /* may free self */
}

/* The daemon or the bus allows no such call, or not one more. */
static gboolean
is_refused (const GError *error, const char *name)
{
  return g_strcmp0 (name, ERROR_PREFIX "TooManyObjectsError") == 0
         || g_strcmp0 (name, ERROR_PREFIX "TooManyClientsError") == 0
         || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_LIMITS_EXCEEDED)
         || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED);
}

/* The daemon's own errors are about the name; after any other one nothing is known of the daemon.
 */
static GError *
make_error (const GError *error, const char *name)
{
  g_autoptr (GError) stripped = g_error_copy (error);
  gboolean of_name = name != NULL && g_str_has_prefix (name, ERROR_PREFIX);

  g_dbus_error_strip_remote_error (stripped);
  return g_error_new (DISCO_ERROR, of_name ? DISCO_ERROR_FAILED : DISCO_ERROR_UNAVAILABLE,
                      "cannot resolve: %s", stripped->message);
}

static void
on_reply (GVariant *reply, const GError *error, gpointer user_data)
{
  DiscoDaemonObject *self = user_data;
  g_autofree char *name = NULL;

  if (reply != NULL)
    {
      tell_found (self, reply);
      return;
    }
  name = g_dbus_error_get_remote_error (error);
  if (is_refused (error, name))
    {
      disco_daemon_link_limit_questions (self->base.link);
      ask_by_object (self);
    }
  else
    disco_daemon_object_fail_with (self, make_error (error, name));
}

DiscoLinkObject *
disco_daemon_resolve_new (DiscoLink *link, int ifindex, int protocol, const char *label,
                          const char *type, const char *domain, DiscoResolveFunc func,
                          gpointer user_data)
{
  DiscoDaemonObject *self = disco_daemon_object_new (link, user_data);
  DiscoBusWatch *bus = disco_daemon_link_get_questions_bus (link);

  self->on_resolve = func;
  self->asked = g_variant_ref_sink (g_variant_new ("(iisssiu)", ifindex, protocol, label, type,
                                                   domain, AVAHI_PROTO_UNSPEC, FLAGS));
  if (bus != NULL)
    self->question = disco_bus_watch_call (bus, SERVER, "ResolveService", self->asked, REPLY_TYPE,
                                           on_reply, self);
  else
    ask_by_object (self);
  return &self->base;
}
