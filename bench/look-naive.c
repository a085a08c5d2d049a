/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* look-naive [--names|--keep] [--timer] TYPE COUNT - what is measured against: avahi-client on the
 * main context, in the idiom that everybody writes. A resolver for each browse event, freed when it
 * has found what it was for, or kept to hear of changes (--keep). With --names none: what browsing
 * alone takes is the floor for any client. Says "known" when COUNT instances are. */
#include "bench.h"
#include "look.h"

#include <avahi-client/client.h>
#include <avahi-client/lookup.h>
#include <avahi-common/error.h>
#include <avahi-glib/glib-watch.h>

typedef struct
{
  Look *look;
  AvahiClient *client; /* (owned) */
  GHashTable *found;   /* (owned) set of (owned) labels */
} Naive;

static void
add (Naive *self, const char *label)
{
  if (g_hash_table_add (self->found, g_strdup (label)))
    look_set_known (self->look, g_hash_table_size (self->found));
}

static void
on_resolved (AvahiServiceResolver *resolver, AvahiIfIndex interface, AvahiProtocol protocol,
             AvahiResolverEvent event, const char *label, const char *type, const char *domain,
             const char *host, const AvahiAddress *address, uint16_t port, AvahiStringList *txt,
             AvahiLookupResultFlags flags, void *data)
{
  Naive *self = data;

  if (event == AVAHI_RESOLVER_FOUND)
    add (self, label);
  if (!self->look->keep)
    avahi_service_resolver_free (resolver);
}

static void
on_browsed (AvahiServiceBrowser *browser, AvahiIfIndex interface, AvahiProtocol protocol,
            AvahiBrowserEvent event, const char *label, const char *type, const char *domain,
            AvahiLookupResultFlags flags, void *data)
{
  Naive *self = data;

  if (event == AVAHI_BROWSER_REMOVE && g_hash_table_remove (self->found, label))
    look_set_known (self->look, g_hash_table_size (self->found));
  if (event != AVAHI_BROWSER_NEW)
    return;
  if (self->look->names)
    add (self, label);
  else if (avahi_service_resolver_new (self->client, interface, protocol, label, type, domain,
                                       AVAHI_PROTO_UNSPEC, 0, on_resolved, self)
           == NULL)
    bench_fail ("avahi: %s", avahi_strerror (avahi_client_errno (self->client)));
}

static void
on_client (AvahiClient *client, AvahiClientState state, void *data)
{
  if (state == AVAHI_CLIENT_FAILURE)
    bench_fail ("avahi: %s", avahi_strerror (avahi_client_errno (client)));
}

/* All of it lives as long as the program. */
static void
start (Look *look)
{
  Naive *self = g_new0 (Naive, 1);
  AvahiGLibPoll *poll = avahi_glib_poll_new (NULL, G_PRIORITY_DEFAULT);
  int error;

  self->look = look;
  self->found = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->client = avahi_client_new (avahi_glib_poll_get (poll), 0, on_client, self, &error);
  if (self->client == NULL)
    bench_fail ("avahi: %s", avahi_strerror (error));
  avahi_service_browser_new (self->client, AVAHI_IF_UNSPEC, AVAHI_PROTO_UNSPEC, look->name, NULL, 0,
                             on_browsed, self);
}

int
main (int argc, char **argv)
{
  return look_main (argc, argv, start);
}
