/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* announce-naive TYPE COUNT [FIRST] - announces COUNT services with avahi-client, as everybody
 * does: a group for each. Says "established" when all are, and ends when its input does. */
#include "bench.h"

#include <avahi-client/client.h>
#include <avahi-client/publish.h>
#include <avahi-common/error.h>
#include <avahi-glib/glib-watch.h>
#include <stdlib.h>

typedef struct
{
  AvahiClient *client; /* (owned) */
  const char *type;
  guint first;
  guint count;
  guint waiting; /* groups that are not established yet */
} Announcer;

static void
on_group (AvahiEntryGroup *group, AvahiEntryGroupState state, void *data)
{
  Announcer *self = data;

  if (state == AVAHI_ENTRY_GROUP_COLLISION || state == AVAHI_ENTRY_GROUP_FAILURE)
    bench_fail ("a group failed");
  if (state == AVAHI_ENTRY_GROUP_ESTABLISHED && --self->waiting == 0)
    g_print ("established\n");
}

/* Labels and TXT records are of the size of common ones. */
static void
announce (Announcer *self, guint index)
{
  g_autofree char *label = g_strdup_printf ("Bench instance %05u", index);
  g_autofree char *number = g_strdup_printf ("number=%u", index);
  AvahiStringList *txt
      = avahi_string_list_new ("txtvers=1", "path=/index.html", "model=bench", number, NULL);
  AvahiEntryGroup *group = avahi_entry_group_new (self->client, on_group, self);
  int error;

  if (group == NULL)
    bench_fail ("avahi: %s", avahi_strerror (avahi_client_errno (self->client)));
  error = avahi_entry_group_add_service_strlst (group, AVAHI_IF_UNSPEC, AVAHI_PROTO_UNSPEC, 0,
                                                label, self->type, NULL, NULL, 4711, txt);
  if (error == AVAHI_OK)
    error = avahi_entry_group_commit (group);
  if (error != AVAHI_OK)
    bench_fail ("avahi: %s", avahi_strerror (error));
  avahi_string_list_free (txt);
}

static void
on_client (AvahiClient *client, AvahiClientState state, void *data)
{
  Announcer *self = data;

  if (state == AVAHI_CLIENT_FAILURE)
    bench_fail ("avahi: %s", avahi_strerror (avahi_client_errno (client)));
  if (state != AVAHI_CLIENT_S_RUNNING)
    return;
  self->client = client;
  for (guint i = 0; i < self->count; i++)
    announce (self, self->first + i);
}

int
main (int argc, char **argv)
{
  AvahiGLibPoll *poll = avahi_glib_poll_new (NULL, G_PRIORITY_DEFAULT);
  Announcer self = { 0 };
  int error;

  if (argc < 3)
    bench_fail ("usage: announce-naive TYPE COUNT [FIRST]");
  self.type = argv[1];
  self.count = self.waiting = (guint)g_ascii_strtoull (argv[2], NULL, 10);
  self.first = argc > 3 ? (guint)g_ascii_strtoull (argv[3], NULL, 10) : 0;
  if (avahi_client_new (avahi_glib_poll_get (poll), 0, on_client, &self, &error) == NULL)
    bench_fail ("avahi: %s", avahi_strerror (error));
  bench_run ();
  avahi_client_free (self.client);
  avahi_glib_poll_free (poll);
  return EXIT_SUCCESS;
}
