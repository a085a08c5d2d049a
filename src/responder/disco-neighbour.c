/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-neighbour-private.h"

#include <avahi-common/address.h>
#include <avahi-common/domain.h>
#include <avahi-core/lookup.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

/* An answer on the same host comes after the question's own delay of up to 0.12 s. */
#define PATIENCE_MS 400
/* Addresses that are asked about; one is enough as a rule. */
#define ADDRESSES_MAX 16

struct _DiscoNeighbour
{
  AvahiServer *avahi;
  GPtrArray *browsers; /* (owned) of AvahiSRecordBrowser */
  char *name;          /* (owned) (nullable) */
  GSource *telling;    /* (owned) */
  DiscoNeighbourFunc func;
  gpointer user_data;
};

/* (transfer full) (nullable): "box" of "box.local" */
static char *
get_label (const char *target)
{
  const char *rest = target;
  char label[AVAHI_LABEL_MAX];

  if (avahi_unescape_label (&rest, label, sizeof label) == NULL
      || g_ascii_strcasecmp (rest, "local") != 0)
    return NULL;
  return g_strndup (target, (gsize)(rest - target) - 1);
}

/* What is told of our own name is no neighbour. */
static void
on_record (AvahiSRecordBrowser *browser, AvahiIfIndex ifindex, AvahiProtocol protocol,
           AvahiBrowserEvent event, AvahiRecord *record, AvahiLookupResultFlags flags,
           void *user_data)
{
  DiscoNeighbour *self = user_data;
  g_autofree char *name = NULL;

  if (event != AVAHI_BROWSER_NEW || self->name != NULL)
    return;
  name = get_label (record->data.ptr.name);
  if (name == NULL || avahi_domain_equal (name, avahi_server_get_host_name (self->avahi)))
    return;
  self->name = g_steal_pointer (&name);
  g_source_set_ready_time (self->telling, 0);
}

static void
ask_about (DiscoNeighbour *self, const AvahiAddress *address)
{
  char name[AVAHI_DOMAIN_NAME_MAX];
  AvahiSRecordBrowser *browser;
  AvahiKey *key;

  if (avahi_reverse_lookup_name (address, name, sizeof name) == NULL)
    return;
  key = avahi_key_new (name, AVAHI_DNS_CLASS_IN, AVAHI_DNS_TYPE_PTR);
  browser = avahi_s_record_browser_prepare (self->avahi, AVAHI_IF_UNSPEC, AVAHI_PROTO_UNSPEC, key,
                                            0, on_record, self);
  avahi_key_unref (key);
  if (browser == NULL)
    return;
  g_ptr_array_add (self->browsers, browser);
  avahi_s_record_browser_start_query (browser);
}

/* FALSE: it is none that a responder claims. */
static gboolean
get_address (const struct sockaddr *sockaddr, AvahiAddress *address)
{
  if (sockaddr == NULL)
    return FALSE;
  if (sockaddr->sa_family == AF_INET)
    {
      address->proto = AVAHI_PROTO_INET;
      memcpy (address->data.data, &((const struct sockaddr_in *)sockaddr)->sin_addr, 4);
      return TRUE;
    }
  if (sockaddr->sa_family == AF_INET6)
    {
      address->proto = AVAHI_PROTO_INET6;
      memcpy (address->data.data, &((const struct sockaddr_in6 *)sockaddr)->sin6_addr, 16);
      return TRUE;
    }
  return FALSE;
}

static void
ask_about_all (DiscoNeighbour *self, const char *const *interfaces)
{
  struct ifaddrs *list = NULL;

  if (getifaddrs (&list) < 0)
    return;
  for (struct ifaddrs *i = list; i != NULL && self->browsers->len < ADDRESSES_MAX; i = i->ifa_next)
    {
      AvahiAddress address;

      if ((i->ifa_flags & IFF_UP) != 0
          && (interfaces == NULL || g_strv_contains (interfaces, i->ifa_name))
          && get_address (i->ifa_addr, &address))
        ask_about (self, &address);
    }
  freeifaddrs (list);
}

static gboolean
on_telling (gpointer data)
{
  DiscoNeighbour *self = data;

  self->func (self->name, self->user_data);
  return G_SOURCE_REMOVE;
}

DiscoNeighbour *
disco_neighbour_ask (AvahiServer *avahi, const char *const *interfaces, GMainContext *context,
                     DiscoNeighbourFunc func, gpointer user_data)
{
  DiscoNeighbour *self = g_new0 (DiscoNeighbour, 1);

  self->avahi = avahi;
  self->browsers = g_ptr_array_new ();
  self->func = func;
  self->user_data = user_data;
  self->telling = g_timeout_source_new (PATIENCE_MS);
  g_source_set_callback (self->telling, on_telling, self, NULL);
  g_source_attach (self->telling, context);
  ask_about_all (self, interfaces);
  return self;
}

void
disco_neighbour_free (DiscoNeighbour *self)
{
  for (guint i = 0; i < self->browsers->len; i++)
    avahi_s_record_browser_free (g_ptr_array_index (self->browsers, i));
  g_ptr_array_unref (self->browsers);
  g_source_destroy (self->telling);
  g_source_unref (self->telling);
  g_free (self->name);
  g_free (self);
}
