/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The browsers of a session: of services, of types, of records */
#include "disco-limits-private.h"
#include "disco-object-private.h"

#include <avahi-common/error.h>
#include <avahi-core/lookup.h>
#include <avahi-core/publish.h>

#define DOMAIN "local"
/* Bytes of a record's data (RFC 1035 §3.2.1) */
#define RDATA_BYTES_MAX 65535
/* avahi-core asks after 0.1 s and again a second later, and leaves the answers to that most of
 * another one. */
#define ASKED_TWICE_US (2 * G_TIME_SPAN_SECOND)

typedef struct
{
  DiscoWireBrowse kind;
  int ifindex;
  int protocol;
  const char *label;
  const char *type;
  const char *domain;
  gboolean is_local;
  gconstpointer rdata;
  gsize rdata_size;
  int code; /* of a failure */
} Browsed;

/* Text from the network need not be UTF-8, which a message cannot carry: (nullable) becomes "". */
static gboolean
check_text (const char **text)
{
  if (*text == NULL)
    *text = "";
  return g_utf8_validate (*text, -1, NULL);
}

static void
tell_browsed (DiscoObject *self, Browsed *browsed)
{
  if (!check_text (&browsed->label) || !check_text (&browsed->type)
      || !check_text (&browsed->domain))
    return;
  disco_session_add_browsed (
      self->session,
      g_variant_new ("(uyiisssb@ayi)", self->number, (guchar)browsed->kind, browsed->ifindex,
                     browsed->protocol, browsed->label, browsed->type, browsed->domain,
                     browsed->is_local,
                     disco_object_bytes_new (browsed->rdata, browsed->rdata_size), browsed->code));
}

static gboolean
on_asked_twice (gpointer data)
{
  DiscoObject *self = data;
  Browsed browsed = { .kind = DISCO_WIRE_BROWSE_ALL_FOR_NOW };

  g_clear_pointer (&self->all_for_now, g_source_unref);
  tell_browsed (self, &browsed);
  return G_SOURCE_REMOVE;
}

/* A browser of a new server hears at its second question what was held back at the first one. */
static DiscoObject *
browser_new (DiscoSession *session, guint32 number)
{
  DiscoObject *self = disco_object_new (session, number);

  if (disco_server_is_new (disco_session_get_server (session)))
    self->asked_us = g_get_monotonic_time () + ASKED_TWICE_US;
  return self;
}

/* Avahi says that it has told all a second after it began to ask, and the first full set waits for
 * that: who asks for a set does not begin anew. */
static DiscoObject *
set_browser_new (DiscoSession *session, guint32 number)
{
  DiscoObject *self = browser_new (session, number);

  self->n_again = DISCO_OBJECT_N_AGAIN;
  return self;
}

/* FALSE if it can be told now. */
static gboolean
hold_all_for_now (DiscoObject *self)
{
  if (g_get_monotonic_time () >= self->asked_us)
    return FALSE;
  if (self->all_for_now != NULL)
    return TRUE;
  self->all_for_now = g_timeout_source_new (0);
  g_source_set_ready_time (self->all_for_now, self->asked_us);
  g_source_set_callback (self->all_for_now, on_asked_twice, self, NULL);
  g_source_attach (self->all_for_now, disco_session_get_context (self->session));
  return TRUE;
}

/* FALSE for what is none of ours, or is told later. */
static gboolean
read_event (DiscoObject *self, AvahiBrowserEvent event, Browsed *browsed)
{
  switch (event)
    {
    case AVAHI_BROWSER_NEW:
      disco_object_clear_source (&self->again);
      browsed->kind = DISCO_WIRE_BROWSE_NEW;
      return TRUE;
    case AVAHI_BROWSER_REMOVE:
      browsed->kind = DISCO_WIRE_BROWSE_REMOVE;
      return TRUE;
    case AVAHI_BROWSER_ALL_FOR_NOW:
      browsed->kind = DISCO_WIRE_BROWSE_ALL_FOR_NOW;
      return !hold_all_for_now (self);
    case AVAHI_BROWSER_FAILURE:
      disco_object_clear_source (&self->again);
      browsed->kind = DISCO_WIRE_BROWSE_FAILURE;
      browsed->code = disco_object_get_errno (self);
      return TRUE;
    case AVAHI_BROWSER_CACHE_EXHAUSTED:
    default:
      return FALSE;
    }
}

/* A name that cannot be asked for may come from the network: it breaks no rule. */
static gboolean
refuse_browser (DiscoObject *self, int code)
{
  Browsed browsed = { .kind = DISCO_WIRE_BROWSE_FAILURE, .code = code };

  tell_browsed (self, &browsed);
  return FALSE;
}

/* TRUE if this service is published here, by whichever session. */
static gboolean
is_ours (AvahiServer *server, int ifindex, int protocol, const char *label, const char *type,
         const char *domain, AvahiLookupResultFlags flags)
{
  AvahiSEntryGroup *group = NULL;

  return (flags & AVAHI_LOOKUP_RESULT_LOCAL) != 0
         || avahi_server_get_group_of_service (server, ifindex, protocol, label, type, domain,
                                               &group)
                == AVAHI_OK;
}

static void
on_service (AvahiSServiceBrowser *browser, AvahiIfIndex ifindex, AvahiProtocol protocol,
            AvahiBrowserEvent event, const char *label, const char *type, const char *domain,
            AvahiLookupResultFlags flags, void *user_data)
{
  DiscoObject *self = user_data;
  Browsed browsed = {
    .ifindex = ifindex, .protocol = protocol, .label = label, .type = type, .domain = domain
  };

  if (!read_event (self, event, &browsed))
    return;
  if (event == AVAHI_BROWSER_NEW)
    browsed.is_local = is_ours (disco_session_get_avahi (self->session), ifindex, protocol, label,
                                type, domain, flags);
  tell_browsed (self, &browsed);
}

static void
free_service_browser (gpointer avahi)
{
  avahi_s_service_browser_free (avahi);
}

/* Each is made in two steps: avahi-core's function that does both ends the process where the first
 * one fails. */
static gboolean
ask_for_services (DiscoObject *self)
{
  const char *type;

  g_variant_get (self->body, "(u&s)", NULL, &type);
  if (!disco_limits_allow_service (NULL, type, DOMAIN))
    return refuse_browser (self, AVAHI_ERR_INVALID_SERVICE_TYPE);
  self->avahi_free = free_service_browser;
  self->avahi
      = avahi_s_service_browser_prepare (disco_session_get_avahi (self->session), AVAHI_IF_UNSPEC,
                                         AVAHI_PROTO_UNSPEC, type, DOMAIN, 0, on_service, self);
  if (self->avahi == NULL)
    return refuse_browser (self, disco_object_get_errno (self));
  avahi_s_service_browser_start (self->avahi);
  return TRUE;
}

DiscoObject *
disco_object_browse_services (DiscoSession *session, guint32 number, GVariant *body)
{
  return disco_object_begin_to_ask (set_browser_new (session, number), body, ask_for_services);
}

static void
on_type (AvahiSServiceTypeBrowser *browser, AvahiIfIndex ifindex, AvahiProtocol protocol,
         AvahiBrowserEvent event, const char *type, const char *domain,
         AvahiLookupResultFlags flags, void *user_data)
{
  Browsed browsed = { .ifindex = ifindex, .protocol = protocol, .type = type, .domain = domain };

  if (read_event (user_data, event, &browsed))
    tell_browsed (user_data, &browsed);
}

static void
free_type_browser (gpointer avahi)
{
  avahi_s_service_type_browser_free (avahi);
}

static gboolean
ask_for_types (DiscoObject *self)
{
  self->avahi_free = free_type_browser;
  self->avahi = avahi_s_service_type_browser_prepare (disco_session_get_avahi (self->session),
                                                      AVAHI_IF_UNSPEC, AVAHI_PROTO_UNSPEC, DOMAIN,
                                                      0, on_type, self);
  if (self->avahi == NULL)
    return refuse_browser (self, disco_object_get_errno (self));
  avahi_s_service_type_browser_start (self->avahi);
  return TRUE;
}

DiscoObject *
disco_object_browse_types (DiscoSession *session, guint32 number, GVariant *body)
{
  return disco_object_begin_to_ask (set_browser_new (session, number), body, ask_for_types);
}

static void
on_record (AvahiSRecordBrowser *browser, AvahiIfIndex ifindex, AvahiProtocol protocol,
           AvahiBrowserEvent event, AvahiRecord *record, AvahiLookupResultFlags flags,
           void *user_data)
{
  Browsed browsed = { .ifindex = ifindex, .protocol = protocol };
  g_autofree guint8 *rdata = NULL;

  if (!read_event (user_data, event, &browsed))
    return;
  if (record != NULL)
    {
      rdata = g_malloc (RDATA_BYTES_MAX);
      browsed.rdata = rdata;
      browsed.rdata_size = avahi_rdata_serialize (record, rdata, RDATA_BYTES_MAX);
      if (browsed.rdata_size == (gsize)-1)
        return;
    }
  tell_browsed (user_data, &browsed);
}

static void
free_record_browser (gpointer avahi)
{
  avahi_s_record_browser_free (avahi);
}

static gboolean
is_browsable (guint16 record_type)
{
  return record_type == AVAHI_DNS_TYPE_A || record_type == AVAHI_DNS_TYPE_AAAA
         || record_type == AVAHI_DNS_TYPE_PTR || record_type == AVAHI_DNS_TYPE_SRV
         || record_type == AVAHI_DNS_TYPE_TXT;
}

static gboolean
ask_for_records (DiscoObject *self)
{
  AvahiKey *key;
  const char *name;
  guint16 type;

  g_variant_get (self->body, "(u&sq)", NULL, &name, &type);
  if (!disco_limits_allow_name (name))
    return refuse_browser (self, AVAHI_ERR_INVALID_DOMAIN_NAME);
  self->avahi_free = free_record_browser;
  key = avahi_key_new (name, AVAHI_DNS_CLASS_IN, type);
  self->avahi
      = avahi_s_record_browser_prepare (disco_session_get_avahi (self->session), AVAHI_IF_UNSPEC,
                                        AVAHI_PROTO_UNSPEC, key, 0, on_record, self);
  avahi_key_unref (key);
  if (self->avahi == NULL)
    return refuse_browser (self, disco_object_get_errno (self));
  avahi_s_record_browser_start_query (self->avahi);
  return TRUE;
}

DiscoObject *
disco_object_browse_records (DiscoSession *session, guint32 number, GVariant *body)
{
  guint16 type;

  g_variant_get_child (body, 2, "q", &type);
  if (!is_browsable (type))
    return NULL;
  return disco_object_begin_to_ask (browser_new (session, number), body, ask_for_records);
}
