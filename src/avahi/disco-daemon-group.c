/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-avahi-error-private.h"
#include "disco-daemon-object-private.h"
#include "disco-label-private.h"

#include <avahi-client/publish.h>
#include <avahi-common/error.h>
#include <avahi-common/malloc.h>
#include <avahi-common/strlst.h>
#include <disco/disco-error.h>
#include <string.h>

/* Lifetime of SRV and host records on the wire (RFC 6762 §10). */
#define HOST_TTL_S 120

typedef struct
{
  const DiscoLinkEntry *entries;
  guint n_entries;
} Entries;

static void
on_group_state (AvahiEntryGroup *group, AvahiEntryGroupState state, void *user_data)
{
  DiscoDaemonObject *self = user_data;
  g_autoptr (GError) error = NULL;

  if (!self->committed)
    return;
  switch (state)
    {
    case AVAHI_ENTRY_GROUP_ESTABLISHED:
      self->on_group (DISCO_GROUP_ESTABLISHED, NULL, self->user_data);
      break;
    case AVAHI_ENTRY_GROUP_COLLISION:
      self->on_group (DISCO_GROUP_COLLISION, NULL, self->user_data);
      break;
    case AVAHI_ENTRY_GROUP_FAILURE:
      disco_set_avahi_error (&error, avahi_client_errno (self->client->client), "publish");
      self->on_group (DISCO_GROUP_FAILURE, error, self->user_data);
      break;
    case AVAHI_ENTRY_GROUP_UNCOMMITED:
    case AVAHI_ENTRY_GROUP_REGISTERING:
    default:
      break;
    }
}

/* (transfer full) (nullable): the list that avahi puts on the wire as @rdata */
static AvahiStringList *
rdata_to_txt (GBytes *rdata)
{
  AvahiStringList *list = NULL;
  gsize size;
  const guint8 *data = g_bytes_get_data (rdata, &size);

  if (avahi_string_list_parse (data, size, &list) < 0)
    return NULL;
  return list;
}

static int
add_service (AvahiEntryGroup *group, const DiscoLinkEntry *entry)
{
  AvahiStringList *txt = rdata_to_txt (entry->txt);
  int code = avahi_entry_group_add_service_strlst (group, entry->ifindex, AVAHI_PROTO_UNSPEC, 0,
                                                   entry->label, entry->type, entry->domain,
                                                   entry->host, entry->port, txt);

  avahi_string_list_free (txt);
  return code;
}

static int
add_address (AvahiEntryGroup *group, const DiscoLinkEntry *entry)
{
  gboolean is_ipv4 = entry->address->family == G_SOCKET_FAMILY_IPV4;
  AvahiAddress address = { .proto = is_ipv4 ? AVAHI_PROTO_INET : AVAHI_PROTO_INET6 };

  memcpy (address.data.data, entry->address->bytes, is_ipv4 ? 4 : 16);
  return avahi_entry_group_add_address (group, entry->ifindex, AVAHI_PROTO_UNSPEC,
                                        AVAHI_PUBLISH_NO_REVERSE, entry->host, &address);
}

static int
add_entry (AvahiEntryGroup *group, const DiscoLinkEntry *entry)
{
  switch (entry->kind)
    {
    case DISCO_ENTRY_SERVICE:
      return add_service (group, entry);
    case DISCO_ENTRY_SUBTYPE:
      return avahi_entry_group_add_service_subtype (group, entry->ifindex, AVAHI_PROTO_UNSPEC, 0,
                                                    entry->label, entry->type, entry->domain,
                                                    entry->subtype);
    case DISCO_ENTRY_ADDRESS:
      return add_address (group, entry);
    default:
      g_assert_not_reached ();
    }
}

static gboolean
make_group (DiscoDaemonObject *self, AvahiClient *client, gconstpointer arguments, int *code)
{
  const Entries *entries = arguments;
  AvahiEntryGroup *group = avahi_entry_group_new (client, on_group_state, self);

  if (group == NULL)
    {
      *code = avahi_client_errno (client);
      return FALSE;
    }
  *code = 0;
  for (guint i = 0; i < entries->n_entries && *code >= 0; i++)
    *code = add_entry (group, &entries->entries[i]);
  if (*code >= 0)
    {
      self->committed = TRUE;
      *code = avahi_entry_group_commit (group);
    }
  if (*code < 0)
    {
      self->committed = FALSE;
      avahi_entry_group_free (group);
      return FALSE;
    }
  self->avahi = group;
  return TRUE;
}

static int
free_group (gpointer avahi)
{
  return avahi_entry_group_free (avahi);
}

DiscoLinkObject *
disco_daemon_group_new (DiscoLink *link, const DiscoLinkEntry *entries, guint n_entries,
                        DiscoGroupFunc func, gpointer user_data)
{
  DiscoDaemonObject *self = disco_daemon_object_new (link, user_data);
  Entries arguments = { entries, n_entries };

  self->on_group = func;
  disco_daemon_object_make (self, make_group, &arguments, free_group, "publish");
  return &self->base;
}

/* The group at the daemon, or NULL with an error where it is gone */
static AvahiEntryGroup *
get_group (DiscoLinkObject *object, GError **error)
{
  DiscoDaemonObject *self = (DiscoDaemonObject *)object;

  if (self->avahi != NULL && disco_daemon_link_get_pool (object->link) != NULL)
    return self->avahi;
  disco_set_avahi_error (error, AVAHI_ERR_DISCONNECTED, "update");
  return NULL;
}

/* Where the daemon did not answer nobody knows whether the call took effect: the link is given up.
 */
static gboolean
check_update (DiscoLinkObject *object, int code, const char *what, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (code >= 0)
    return TRUE;
  disco_set_avahi_error (&local, code, what);
  if (g_error_matches (local, DISCO_ERROR, DISCO_ERROR_UNAVAILABLE))
    disco_link_set_state (object->link, DISCO_LINK_FAILED, local);
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

gboolean
disco_daemon_group_update_txt (DiscoLinkObject *object, const DiscoLinkEntry *entry, GError **error)
{
  AvahiEntryGroup *group = get_group (object, error);
  DiscoDaemonClient *client = ((DiscoDaemonObject *)object)->client;
  DiscoWatchdogGuard guard;
  AvahiStringList *txt;
  int code;

  if (group == NULL)
    return FALSE;
  txt = rdata_to_txt (entry->txt);
  disco_daemon_client_enter (client, &guard);
  code = avahi_entry_group_update_service_txt_strlst (
      group, entry->ifindex, AVAHI_PROTO_UNSPEC, 0, entry->label, entry->type, entry->domain, txt);
  disco_daemon_client_leave (client, &guard);
  avahi_string_list_free (txt);
  return check_update (object, code, "update the TXT record", error);
}

/* RFC 2782: priority, weight, port, target; the first two are 0 as Avahi publishes them */
static GByteArray *
srv_rdata (guint16 port, GBytes *target)
{
  const guint8 head[] = { 0, 0, 0, 0, port >> 8, port & 0xff };
  GByteArray *rdata = g_byte_array_new ();
  gsize size;
  const guint8 *data = g_bytes_get_data (target, &size);

  g_byte_array_append (rdata, head, sizeof head);
  g_byte_array_append (rdata, data, size);
  return rdata;
}

gboolean
disco_daemon_group_update_srv (DiscoLinkObject *object, const DiscoLinkEntry *entry, GError **error)
{
  AvahiEntryGroup *group = get_group (object, error);
  g_autofree char *name = disco_full_name_join (entry->label, entry->type, entry->domain);
  g_autoptr (GBytes) target = NULL;
  g_autoptr (GByteArray) rdata = NULL;
  DiscoDaemonClient *client = ((DiscoDaemonObject *)object)->client;
  DiscoWatchdogGuard guard;
  int code;

  if (group == NULL)
    return FALSE;
  target = disco_domain_name_to_wire (entry->host);
  if (target == NULL)
    {
      disco_set_avahi_error (error, AVAHI_ERR_INVALID_HOST_NAME, "update the SRV record");
      return FALSE;
    }
  rdata = srv_rdata (entry->port, target);
  disco_daemon_client_enter (client, &guard);
  code = avahi_entry_group_add_record (
      group, entry->ifindex, AVAHI_PROTO_UNSPEC, AVAHI_PUBLISH_UPDATE | AVAHI_PUBLISH_UNIQUE, name,
      AVAHI_DNS_CLASS_IN, AVAHI_DNS_TYPE_SRV, HOST_TTL_S, rdata->data, rdata->len);
  disco_daemon_client_leave (client, &guard);
  return check_update (object, code, "update the SRV record", error);
}
