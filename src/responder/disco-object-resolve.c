/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The resolvers of a session */
#include "disco-limits-private.h"
#include "disco-object-private.h"

#include <avahi-common/error.h>
#include <avahi-common/strlst.h>
#include <avahi-core/lookup.h>

static gboolean
tell_unresolved (DiscoObject *self, int code)
{
  disco_session_send (self->session, DISCO_WIRE_RESOLVED,
                      g_variant_new ("(uiisq@ayi)", self->number, AVAHI_IF_UNSPEC,
                                     AVAHI_PROTO_UNSPEC, "", 0, disco_object_bytes_new (NULL, 0),
                                     code));
  return FALSE;
}

/* The list holds the strings in reverse of the wire's order, and its serialisation turns them round
 * again. */
static GVariant *
txt_to_bytes (AvahiStringList *txt)
{
  gsize size = avahi_string_list_serialize (txt, NULL, 0);
  g_autofree guint8 *data = g_malloc (MAX (size, 1));

  size = avahi_string_list_serialize (txt, data, size);
  return disco_object_bytes_new (data, size);
}

/* The answer comes once: the resolver would go on asking. The root, as the target of a service that
 * there is not (RFC 2782), is an empty name here. */
static void
on_resolved (AvahiSServiceResolver *resolver, AvahiIfIndex ifindex, AvahiProtocol protocol,
             AvahiResolverEvent event, const char *label, const char *type, const char *domain,
             const char *host_name, const AvahiAddress *address, uint16_t port,
             AvahiStringList *txt, AvahiLookupResultFlags flags, void *user_data)
{
  DiscoObject *self = user_data;

  if (event == AVAHI_RESOLVER_FOUND)
    disco_session_send (self->session, DISCO_WIRE_RESOLVED,
                        g_variant_new ("(uiisq@ayi)", self->number, ifindex, protocol,
                                       *host_name != '\0' ? host_name : ".", port,
                                       txt_to_bytes (txt), 0));
  else
    tell_unresolved (self, disco_object_get_errno (self));
  disco_object_clear (self);
}

static void
free_resolver (gpointer avahi)
{
  avahi_s_service_resolver_free (avahi);
}

static gboolean
is_interface (int ifindex, int protocol)
{
  return ifindex >= AVAHI_IF_UNSPEC && AVAHI_PROTO_VALID (protocol);
}

/* Addresses are looked up once a host, not once a service; and a target outside .local, whose
 * addresses mDNS does not have, resolves all the same. */
static gboolean
ask_for_service (DiscoObject *self)
{
  int ifindex;
  int protocol;
  const char *label;
  const char *type;
  const char *domain;

  g_variant_get (self->body, "(uii&s&s&s)", NULL, &ifindex, &protocol, &label, &type, &domain);
  if (!disco_limits_allow_service (label, type, domain))
    return tell_unresolved (self, AVAHI_ERR_INVALID_SERVICE_NAME);
  self->avahi_free = free_resolver;
  self->avahi = avahi_s_service_resolver_prepare (disco_session_get_avahi (self->session), ifindex,
                                                  protocol, label, type, domain, AVAHI_PROTO_UNSPEC,
                                                  AVAHI_LOOKUP_NO_ADDRESS, on_resolved, self);
  if (self->avahi == NULL)
    return tell_unresolved (self, disco_object_get_errno (self));
  avahi_s_service_resolver_start (self->avahi);
  return TRUE;
}

DiscoObject *
disco_object_resolve (DiscoSession *session, guint32 number, GVariant *body)
{
  int ifindex;
  int protocol;

  g_variant_get_child (body, 1, "i", &ifindex);
  g_variant_get_child (body, 2, "i", &protocol);
  if (!is_interface (ifindex, protocol))
    return NULL;
  return disco_object_begin_to_ask (disco_object_new (session, number), body, ask_for_service);
}
