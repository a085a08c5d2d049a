/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-group-private.h"

#include "disco-limits-private.h"

#include <avahi-common/domain.h>
#include <avahi-common/error.h>
#include <avahi-common/malloc.h>
#include <avahi-core/publish.h>
#include <string.h>

/* Lifetime of SRV and host records on the wire (RFC 6762 §10). */
#define HOST_TTL_S 120

/* An entry of a message. Nothing is owned. */
typedef struct
{
  guint8 kind;
  int ifindex;
  const char *label;
  const char *type;
  const char *domain;
  const char *host; /* (nullable): the host's own */
  guint16 port;
  const guint8 *txt;
  gsize txt_size;
  const char *subtype;
  const guint8 *address;
  gsize address_size;
} Entry;

static const guint8 *
get_bytes (GVariant *variant, gsize *size)
{
  return g_variant_get_fixed_array (variant, size, 1);
}

/* FALSE: it breaks the rules. */
static gboolean
check_entry (const Entry *entry)
{
  if (entry->ifindex < AVAHI_IF_UNSPEC || entry->ifindex == 0)
    return FALSE;
  switch (entry->kind)
    {
    case DISCO_WIRE_ENTRY_SERVICE:
      return disco_limits_allow_txt (entry->txt, entry->txt_size);
    case DISCO_WIRE_ENTRY_SUBTYPE:
      return TRUE;
    case DISCO_WIRE_ENTRY_ADDRESS:
      return entry->host != NULL && (entry->address_size == 4 || entry->address_size == 16);
    default:
      return FALSE;
    }
}

/* A negative code if DNS has no room for its names, of which avahi-core must not be asked */
static int
check_names (const Entry *entry)
{
  if (entry->host != NULL && !disco_limits_allow_name (entry->host))
    return AVAHI_ERR_INVALID_HOST_NAME;
  if (entry->kind == DISCO_WIRE_ENTRY_ADDRESS)
    return 0;
  if (!disco_limits_allow_service (entry->label, entry->type, entry->domain))
    return AVAHI_ERR_INVALID_SERVICE_NAME;
  if (entry->kind == DISCO_WIRE_ENTRY_SUBTYPE
      && !disco_limits_allow_service (NULL, entry->subtype, entry->domain))
    return AVAHI_ERR_INVALID_SERVICE_SUBTYPE;
  return 0;
}

/* What @entry points at is @variant's. */
static gboolean
read_entry (GVariant *variant, Entry *entry)
{
  g_autoptr (GVariant) txt = NULL;
  g_autoptr (GVariant) address = NULL;

  g_variant_get (variant, "(yi&s&s&s&sq@ay&s@ay)", &entry->kind, &entry->ifindex, &entry->label,
                 &entry->type, &entry->domain, &entry->host, &entry->port, &txt, &entry->subtype,
                 &address);
  if (*entry->host == '\0')
    entry->host = NULL;
  entry->txt = get_bytes (txt, &entry->txt_size);
  entry->address = get_bytes (address, &entry->address_size);
  return check_entry (entry);
}

static void
tell_state (DiscoObject *self, DiscoWireGroup state, int code)
{
  disco_session_send (self->session, DISCO_WIRE_GROUP,
                      g_variant_new ("(uyi)", self->number, (guchar)state, code));
}

/* --- publishing --- */

static void
on_state (AvahiServer *server, AvahiSEntryGroup *group, AvahiEntryGroupState state, void *user_data)
{
  DiscoObject *self = user_data;

  if (!self->committed)
    return;
  switch (state)
    {
    case AVAHI_ENTRY_GROUP_ESTABLISHED:
      tell_state (self, DISCO_WIRE_GROUP_ESTABLISHED, 0);
      break;
    case AVAHI_ENTRY_GROUP_COLLISION:
      tell_state (self, DISCO_WIRE_GROUP_COLLISION, AVAHI_ERR_COLLISION);
      break;
    case AVAHI_ENTRY_GROUP_FAILURE:
      tell_state (self, DISCO_WIRE_GROUP_FAILURE, avahi_server_errno (server));
      break;
    case AVAHI_ENTRY_GROUP_UNCOMMITED:
    case AVAHI_ENTRY_GROUP_REGISTERING:
    default:
      break;
    }
}

/* (transfer full) (nullable): the list that avahi puts on the wire as these bytes */
static AvahiStringList *
read_txt (const Entry *entry)
{
  AvahiStringList *list = NULL;

  /* avahi_string_list_parse() ends the process over no bytes at all */
  if (entry->txt_size == 0 || avahi_string_list_parse (entry->txt, entry->txt_size, &list) < 0)
    return NULL;
  return list;
}

static int
add_service (AvahiServer *server, AvahiSEntryGroup *group, const Entry *entry)
{
  AvahiStringList *txt = read_txt (entry);
  int code = avahi_server_add_service_strlst (server, group, entry->ifindex, AVAHI_PROTO_UNSPEC, 0,
                                              entry->label, entry->type, entry->domain, entry->host,
                                              entry->port, txt);

  avahi_string_list_free (txt);
  return code;
}

static int
add_address (AvahiServer *server, AvahiSEntryGroup *group, const Entry *entry)
{
  AvahiAddress address
      = { .proto = entry->address_size == 4 ? AVAHI_PROTO_INET : AVAHI_PROTO_INET6 };

  memcpy (address.data.data, entry->address, entry->address_size);
  return avahi_server_add_address (server, group, entry->ifindex, AVAHI_PROTO_UNSPEC,
                                   AVAHI_PUBLISH_NO_REVERSE, entry->host, &address);
}

/* Never with flags for the transport: avahi-core ends the process over some. */
static int
add_entry (AvahiServer *server, AvahiSEntryGroup *group, const Entry *entry)
{
  int code = check_names (entry);

  if (code < 0)
    return code;
  switch (entry->kind)
    {
    case DISCO_WIRE_ENTRY_SERVICE:
      return add_service (server, group, entry);
    case DISCO_WIRE_ENTRY_SUBTYPE:
      return avahi_server_add_service_subtype (server, group, entry->ifindex, AVAHI_PROTO_UNSPEC, 0,
                                               entry->label, entry->type, entry->domain,
                                               entry->subtype);
    case DISCO_WIRE_ENTRY_ADDRESS:
      return add_address (server, group, entry);
    default:
      g_assert_not_reached ();
    }
}

static void
free_group (gpointer avahi)
{
  avahi_s_entry_group_free (avahi);
}

/* A negative code where avahi-core refuses an entry, or the whole */
static int
fill_group (DiscoObject *self, GArray *entries)
{
  AvahiServer *server = disco_session_get_avahi (self->session);
  int code = 0;

  self->avahi_free = free_group;
  self->avahi = avahi_s_entry_group_new (server, on_state, self);
  if (self->avahi == NULL)
    return avahi_server_errno (server);
  for (guint i = 0; i < entries->len && code >= 0; i++)
    code = add_entry (server, self->avahi, &g_array_index (entries, Entry, i));
  if (code < 0)
    return code;
  self->committed = TRUE;
  return avahi_s_entry_group_commit (self->avahi);
}

/* (transfer full) (nullable): NULL if the message breaks the rules. */
static GArray *
read_entries (GVariant *list)
{
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  gsize n_entries = g_variant_n_children (list);

  if (n_entries == 0 || n_entries > DISCO_WIRE_MAX_ENTRIES)
    return NULL;
  for (gsize i = 0; i < n_entries; i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (list, i);
      Entry entry;

      if (!read_entry (child, &entry))
        return NULL;
      g_array_append_val (entries, entry);
    }
  return g_steal_pointer (&entries);
}

DiscoObject *
disco_group_publish (DiscoSession *session, guint32 number, GVariant *body)
{
  g_autoptr (GVariant) list = g_variant_get_child_value (body, 1);
  g_autoptr (GArray) entries = read_entries (list);
  DiscoObject *self;
  int code;

  if (entries == NULL)
    return NULL;
  self = disco_object_new (session, number);
  self->is_group = TRUE;
  code = fill_group (self, entries);
  if (code >= 0)
    return self;
  self->committed = FALSE;
  disco_object_clear (self);
  tell_state (self,
              code == AVAHI_ERR_COLLISION ? DISCO_WIRE_GROUP_COLLISION : DISCO_WIRE_GROUP_FAILURE,
              code);
  return self;
}

/* --- updating --- */

typedef int (*Update) (AvahiServer *server, AvahiSEntryGroup *group, const Entry *entry);

static gboolean
update (DiscoObject *self, GVariant *body, Update func)
{
  g_autoptr (GVariant) child = g_variant_get_child_value (body, 1);
  Entry entry;
  int code;

  if (!self->is_group || !read_entry (child, &entry) || entry.kind != DISCO_WIRE_ENTRY_SERVICE)
    return FALSE;
  if (self->avahi == NULL)
    return TRUE; /* its failure has been told */
  code = check_names (&entry);
  if (code >= 0)
    code = func (disco_session_get_avahi (self->session), self->avahi, &entry);
  if (code < 0)
    tell_state (self, DISCO_WIRE_GROUP_FAILURE, code);
  return TRUE;
}

static int
update_txt (AvahiServer *server, AvahiSEntryGroup *group, const Entry *entry)
{
  AvahiStringList *txt = read_txt (entry);
  int code
      = avahi_server_update_service_txt_strlst (server, group, entry->ifindex, AVAHI_PROTO_UNSPEC,
                                                0, entry->label, entry->type, entry->domain, txt);

  avahi_string_list_free (txt);
  return code;
}

gboolean
disco_group_update_txt (DiscoObject *self, GVariant *body)
{
  return update (self, body, update_txt);
}

/* RFC 2782: priority and weight are 0, as in what avahi-core publishes for a service. */
static int
update_srv (AvahiServer *server, AvahiSEntryGroup *group, const Entry *entry)
{
  const char *host = entry->host != NULL ? entry->host : avahi_server_get_host_name_fqdn (server);
  char name[AVAHI_DOMAIN_NAME_MAX];
  AvahiRecord *record;
  int code = avahi_service_name_join (name, sizeof name, entry->label, entry->type, entry->domain);

  if (code < 0)
    return code;
  record = avahi_record_new_full (name, AVAHI_DNS_CLASS_IN, AVAHI_DNS_TYPE_SRV, HOST_TTL_S);
  record->data.srv.port = entry->port;
  record->data.srv.name = avahi_normalize_name_strdup (host);
  code = avahi_server_add (server, group, entry->ifindex, AVAHI_PROTO_UNSPEC,
                           AVAHI_PUBLISH_UPDATE | AVAHI_PUBLISH_UNIQUE, record);
  avahi_record_unref (record);
  return code;
}

gboolean
disco_group_update_srv (DiscoObject *self, GVariant *body)
{
  return update (self, body, update_srv);
}
