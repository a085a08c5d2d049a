/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is measured against: avahi-client in the idiom of its own examples. A resolver for each
 * browse event, which is kept to hear of changes. */
#include "bench.h"
#include "latency.h"

#include <avahi-client/client.h>
#include <avahi-client/lookup.h>
#include <avahi-client/publish.h>
#include <avahi-common/error.h>
#include <avahi-common/simple-watch.h>
#include <stdlib.h>

const char *latency_type;

typedef struct
{
  AvahiSimplePoll *poll; /* (owned) */
  AvahiClient *client;   /* (owned) */
  GHashTable *groups;    /* (owned) index → (owned by the client) AvahiEntryGroup */
  GHashTable *updated;   /* (owned) index of a service that was seen before */
  int commands;
  int reports;
} Naive;

static void
on_client (AvahiClient *client, AvahiClientState state, void *data)
{
  if (state == AVAHI_CLIENT_FAILURE)
    bench_fail ("avahi: %s", avahi_strerror (avahi_client_errno (client)));
}

static void on_command (AvahiWatch *watch, int fd, AvahiWatchEvent event, void *data);

static void
run (int commands, int reports, void (*start) (Naive *self))
{
  Naive self = { .commands = commands, .reports = reports };
  const AvahiPoll *poll;
  int error;

  self.poll = avahi_simple_poll_new ();
  poll = avahi_simple_poll_get (self.poll);
  self.client = avahi_client_new (poll, 0, on_client, &self, &error);
  if (self.client == NULL)
    bench_fail ("avahi: %s", avahi_strerror (error));
  self.groups = g_hash_table_new (NULL, NULL);
  self.updated = g_hash_table_new (NULL, NULL);
  poll->watch_new (poll, commands, AVAHI_WATCH_IN, on_command, &self);
  start (&self);
  avahi_simple_poll_loop (self.poll);
  avahi_client_free (self.client);
  avahi_simple_poll_free (self.poll);
  g_hash_table_unref (self.groups);
  g_hash_table_unref (self.updated);
}

/* --- the announcer --- */

static void
on_group (AvahiEntryGroup *group, AvahiEntryGroupState state, void *data)
{
}

static void
announce (Naive *self, int index, gboolean is_update)
{
  g_autofree char *label = g_strdup_printf ("%d", index);
  AvahiStringList *txt = avahi_string_list_new (is_update ? "state=new" : "state=old", NULL);
  AvahiEntryGroup *group = g_hash_table_lookup (self->groups, GINT_TO_POINTER (index));
  int error;

  if (group == NULL)
    {
      group = avahi_entry_group_new (self->client, on_group, self);
      g_hash_table_insert (self->groups, GINT_TO_POINTER (index), group);
    }
  if (is_update)
    error = avahi_entry_group_update_service_txt_strlst (group, AVAHI_IF_UNSPEC, AVAHI_PROTO_UNSPEC,
                                                         0, label, latency_type, NULL, txt);
  else
    error = avahi_entry_group_add_service_strlst (group, AVAHI_IF_UNSPEC, AVAHI_PROTO_UNSPEC, 0,
                                                  label, latency_type, NULL, NULL, 4711, txt);
  if (error == AVAHI_OK && !is_update)
    error = avahi_entry_group_commit (group);
  if (error != AVAHI_OK)
    bench_fail ("avahi: %s", avahi_strerror (error));
  avahi_string_list_free (txt);
}

static void
on_command (AvahiWatch *watch, int fd, AvahiWatchEvent event, void *data)
{
  Naive *self = data;
  char what;
  int index;

  if (!bench_next_command (self->commands, &what, &index))
    {
      avahi_simple_poll_quit (self->poll);
      return;
    }
  bench_report (self->reports, index + (what == 'u' ? LATENCY_UPDATE : 0), g_get_monotonic_time ());
  announce (self, index, what == 'u');
}

static void
start_announcer (Naive *self)
{
}

int
naive_announce (int commands, int reports)
{
  run (commands, reports, start_announcer);
  return EXIT_SUCCESS;
}

/* --- the watcher --- */

static void
on_resolved (AvahiServiceResolver *resolver, AvahiIfIndex interface, AvahiProtocol protocol,
             AvahiResolverEvent event, const char *label, const char *type, const char *domain,
             const char *host, const AvahiAddress *address, uint16_t port, AvahiStringList *txt,
             AvahiLookupResultFlags flags, void *data)
{
  Naive *self = data;
  gint64 now = g_get_monotonic_time ();
  int index;

  if (event != AVAHI_RESOLVER_FOUND)
    return;
  index = (int)g_ascii_strtoll (label, NULL, 10);
  if (g_hash_table_add (self->updated, GINT_TO_POINTER (index)))
    bench_report (self->reports, index, now);
  else if (g_strcmp0 ((const char *)avahi_string_list_get_text (txt), "state=new") == 0)
    bench_report (self->reports, index + LATENCY_UPDATE, now);
}

static void
on_browsed (AvahiServiceBrowser *browser, AvahiIfIndex interface, AvahiProtocol protocol,
            AvahiBrowserEvent event, const char *label, const char *type, const char *domain,
            AvahiLookupResultFlags flags, void *data)
{
  Naive *self = data;

  if (event == AVAHI_BROWSER_NEW)
    avahi_service_resolver_new (self->client, interface, protocol, label, type, domain,
                                AVAHI_PROTO_UNSPEC, 0, on_resolved, self);
  else if (event == AVAHI_BROWSER_ALL_FOR_NOW)
    bench_report (self->reports, 0, g_get_monotonic_time ());
}

static void
start_watcher (Naive *self)
{
  avahi_service_browser_new (self->client, AVAHI_IF_UNSPEC, AVAHI_PROTO_UNSPEC, latency_type, NULL,
                             0, on_browsed, self);
}

int
naive_watch (int commands, int reports)
{
  run (commands, reports, start_watcher);
  return EXIT_SUCCESS;
}
