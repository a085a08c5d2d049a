/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Publishing at the daemon. Making a group takes a call for the group itself, one for each entry
 * and Commit, each made when the one before has succeeded, so that nothing is published in part.
 * Nobody waits for the replies: avahi-client blocks for each, and the daemon, once it has begun to
 * announce what it has, serves nobody for seconds. Other calls, which are few, are waited for. */
#include "disco-avahi-error-private.h"
#include "disco-daemon-object-private.h"
#include "disco-label-private.h"

#include <arpa/inet.h>
#include <avahi-client/publish.h>
#include <avahi-common/error.h>
#include <disco/disco-error.h>

#define SERVER DISCO_AVAHI_BUS_NAME ".Server"
#define GROUP DISCO_AVAHI_BUS_NAME ".EntryGroup"

/* Lifetime of SRV and host records on the wire (RFC 6762 §10). */
#define HOST_TTL_S 120

struct _DiscoDaemonGroup
{
  DiscoDaemonObject *object;
  DiscoDaemonPlace place;
  GPtrArray *steps; /* (owned) of (owned) DBusMessage: what is to be called in turn */
  guint n_steps;    /* how many have been */
  char *path;       /* (owned) (nullable): of the group at the daemon */
};

/* --- messages --- */

/* A method of a group whose path is set when it is known */
static DBusMessage *
new_message (const char *method)
{
  return disco_bus_message_new (DISCO_AVAHI_BUS_NAME, "/", GROUP, method, DBUS_TYPE_INVALID);
}

static void
append (DBusMessage *message, int type, gconstpointer value)
{
  disco_bus_message_append (message, type, value, DBUS_TYPE_INVALID);
}

/* What each method begins with. @flags: AvahiPublishFlags */
static void
append_head (DBusMessage *message, int ifindex, guint32 flags)
{
  const dbus_int32_t protocol = AVAHI_PROTO_UNSPEC;

  append (message, DBUS_TYPE_INT32, &ifindex);
  append (message, DBUS_TYPE_INT32, &protocol);
  append (message, DBUS_TYPE_UINT32, &flags);
}

static void
append_service (DBusMessage *message, const DiscoLinkEntry *entry)
{
  append_head (message, entry->ifindex, 0);
  append (message, DBUS_TYPE_STRING, &entry->label);
  append (message, DBUS_TYPE_STRING, &entry->type);
  append (message, DBUS_TYPE_STRING, &entry->domain);
}

static DBusMessage *
new_service (const DiscoLinkEntry *entry)
{
  DBusMessage *message = new_message ("AddService");
  const char *host = entry->host != NULL ? entry->host : ""; /* the host's own */

  append_service (message, entry);
  append (message, DBUS_TYPE_STRING, &host);
  append (message, DBUS_TYPE_UINT16, &entry->port);
  disco_bus_message_append_strings (message, entry->txt);
  return message;
}

static DBusMessage *
new_subtype (const DiscoLinkEntry *entry)
{
  DBusMessage *message = new_message ("AddServiceSubtype");

  append_service (message, entry);
  append (message, DBUS_TYPE_STRING, &entry->subtype);
  return message;
}

static DBusMessage *
new_address (const DiscoLinkEntry *entry)
{
  const int family = entry->address->family == G_SOCKET_FAMILY_IPV4 ? AF_INET : AF_INET6;
  DBusMessage *message = new_message ("AddAddress");
  char buffer[INET6_ADDRSTRLEN];
  const char *text = inet_ntop (family, entry->address->bytes, buffer, sizeof buffer);

  append_head (message, entry->ifindex, AVAHI_PUBLISH_NO_REVERSE);
  append (message, DBUS_TYPE_STRING, &entry->host);
  append (message, DBUS_TYPE_STRING, &text);
  return message;
}

static DBusMessage *
new_entry (const DiscoLinkEntry *entry)
{
  switch (entry->kind)
    {
    case DISCO_ENTRY_SERVICE:
      return new_service (entry);
    case DISCO_ENTRY_SUBTYPE:
      return new_subtype (entry);
    case DISCO_ENTRY_ADDRESS:
      return new_address (entry);
    default:
      g_assert_not_reached ();
    }
}

/* (transfer full) */
static DiscoBusCall *
call_group (DiscoDaemonGroup *self, DBusMessage *message, DiscoBusReplyFunc func)
{
  dbus_message_set_path (message, self->path);
  return disco_bus_watch_call (disco_daemon_line_get_bus (self->place.line), message, func,
                               self->object);
}

/* --- making it --- */

/* NULL once the link is closed */
static DiscoDaemonLines *
get_lines (DiscoDaemonGroup *self)
{
  return disco_daemon_link_get_lines (self->object->base.link);
}

static void
stop (DiscoDaemonGroup *self)
{
  g_ptr_array_set_size (self->steps, 0);
  disco_daemon_lines_end_turn (get_lines (self), &self->place);
}

static void
fail_by (DiscoDaemonGroup *self, DBusMessage *error)
{
  disco_daemon_object_fail_by (self->object, error, "publish");
  stop (self);
}

static void on_step (DBusMessage *reply, gpointer user_data);

static void
take_step (DiscoDaemonGroup *self)
{
  if (self->n_steps == self->steps->len)
    {
      stop (self);
      return;
    }
  self->object->question = call_group (self, self->steps->pdata[self->n_steps++], on_step);
}

static void
on_step (DBusMessage *reply, gpointer user_data)
{
  DiscoDaemonObject *object = user_data;

  g_clear_pointer (&object->question, disco_bus_call_free);
  if (dbus_message_get_type (reply) == DBUS_MESSAGE_TYPE_ERROR)
    fail_by (object->group, reply);
  else
    take_step (object->group);
}

/* FALSE where the reply is none to EntryGroupNew */
static gboolean
take_path (DiscoDaemonGroup *self, DBusMessage *reply)
{
  const char *path;

  if (dbus_message_get_type (reply) != DBUS_MESSAGE_TYPE_METHOD_RETURN
      || !dbus_message_get_args (reply, NULL, DBUS_TYPE_OBJECT_PATH, &path, DBUS_TYPE_INVALID))
    return FALSE;
  self->path = g_strdup (path);
  if (disco_daemon_lines_listen (get_lines (self), self->path, self->object))
    return TRUE;
  g_clear_pointer (&self->path, g_free);
  return FALSE;
}

static void
take_refusal (DiscoDaemonGroup *self, DBusMessage *error)
{
  if (dbus_message_is_error (error, DISCO_AVAHI_BUS_NAME ".TooManyObjectsError")
      && disco_daemon_lines_move_on (get_lines (self), &self->place))
    return;
  disco_daemon_lines_reopen (get_lines (self));
  fail_by (self, error);
}

static void
on_made (DBusMessage *reply, gpointer user_data)
{
  DiscoDaemonObject *object = user_data;

  g_clear_pointer (&object->question, disco_bus_call_free);
  if (dbus_message_get_type (reply) == DBUS_MESSAGE_TYPE_ERROR)
    take_refusal (object->group, reply);
  else if (take_path (object->group, reply))
    take_step (object->group);
  else
    {
      disco_daemon_object_fail_on_nonsense (object, reply, "o", "publish");
      stop (object->group);
    }
}

/* --- for the lines --- */

static void
on_begin (gpointer data)
{
  DiscoDaemonObject *object = data;
  g_autoptr (DBusMessage) message = disco_bus_message_new (DISCO_AVAHI_BUS_NAME, "/", SERVER,
                                                           "EntryGroupNew", DBUS_TYPE_INVALID);

  object->question = disco_bus_watch_call (disco_daemon_line_get_bus (object->group->place.line),
                                           message, on_made, object);
}

static void
on_no_line (gpointer data, const GError *error)
{
  disco_daemon_object_fail_with (data, g_error_copy (error));
}

/* AvahiEntryGroupState. The callee may free the group. */
static void
on_state (gpointer data, int state, const char *error_name)
{
  DiscoDaemonObject *object = data;
  g_autoptr (GError) error = NULL;

  if (object->failure != NULL)
    return;
  switch (state)
    {
    case AVAHI_ENTRY_GROUP_ESTABLISHED:
      object->on_group (DISCO_GROUP_ESTABLISHED, NULL, object->user_data);
      break;
    case AVAHI_ENTRY_GROUP_COLLISION:
      object->on_group (DISCO_GROUP_COLLISION, NULL, object->user_data);
      break;
    case AVAHI_ENTRY_GROUP_FAILURE:
      disco_set_bus_error (&error, error_name, error_name, "publish");
      object->on_group (DISCO_GROUP_FAILURE, error, object->user_data);
      break;
    case AVAHI_ENTRY_GROUP_UNCOMMITED:
    case AVAHI_ENTRY_GROUP_REGISTERING:
    default:
      break;
    }
}

const DiscoDaemonLinesFuncs disco_daemon_group_funcs = { on_begin, on_no_line, on_state };

/* --- the group --- */

static DiscoDaemonGroup *
group_new (DiscoDaemonObject *object, const DiscoLinkEntry *entries, guint n_entries)
{
  DiscoDaemonGroup *self = g_new0 (DiscoDaemonGroup, 1);

  self->object = object;
  self->steps = g_ptr_array_new_full (n_entries + 1, (GDestroyNotify)dbus_message_unref);
  for (guint i = 0; i < n_entries; i++)
    g_ptr_array_add (self->steps, new_entry (&entries[i]));
  g_ptr_array_add (self->steps, new_message ("Commit"));
  return self;
}

DiscoLinkObject *
disco_daemon_group_new (DiscoLink *link, const DiscoLinkEntry *entries, guint n_entries,
                        DiscoGroupFunc func, gpointer user_data)
{
  DiscoDaemonObject *self = disco_daemon_object_new (link, user_data);
  DiscoDaemonLines *lines = disco_daemon_link_get_lines (link);

  self->on_group = func;
  self->group = group_new (self, entries, n_entries);
  if (lines != NULL)
    disco_daemon_lines_enter (lines, &self->group->place, self);
  else
    disco_daemon_object_fail (self, AVAHI_ERR_DISCONNECTED, "publish");
  return &self->base;
}

/* (transfer full) (nullable): the reply to @call, which it takes, or NULL with an error. Where the
 * daemon did not answer nobody knows whether the call took effect: the link is given up. */
static DBusMessage *
wait (DiscoDaemonGroup *self, DiscoBusCall *call, const char *what, GError **error)
{
  DiscoLink *link = self->object->base.link;
  g_autoptr (DBusMessage) reply = disco_bus_call_wait (call, disco_daemon_link_get_watchdog (link));
  g_autoptr (GError) local = NULL;

  if (reply == NULL)
    disco_set_avahi_error (&local, AVAHI_ERR_DISCONNECTED, what);
  else if (dbus_message_get_type (reply) == DBUS_MESSAGE_TYPE_ERROR)
    disco_set_bus_error (&local, dbus_message_get_error_name (reply),
                         disco_bus_message_get_text (reply), what);
  else
    return g_steal_pointer (&reply);
  if (g_error_matches (local, DISCO_ERROR, DISCO_ERROR_UNAVAILABLE))
    disco_link_set_state (link, DISCO_LINK_FAILED, local);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

/* When this returns the daemon has said its goodbye, and the name is free. Where it does not answer
 * it hears of it by the end of the connection. */
static void
withdraw (DiscoDaemonGroup *self)
{
  DiscoBusCall *under_way = g_steal_pointer (&self->object->question);
  g_autoptr (DBusMessage) made = NULL;
  g_autoptr (DBusMessage) message = NULL;
  g_autoptr (DBusMessage) reply = NULL;

  if (under_way != NULL)
    made = wait (self, under_way, "publish", NULL);
  if (made != NULL && self->path == NULL)
    take_path (self, made);
  if (self->path == NULL || disco_daemon_link_is_lost (self->object->base.link))
    return;
  message = new_message ("Free");
  reply = wait (self, call_group (self, message, NULL), "withdraw", NULL);
}

void
disco_daemon_group_free (DiscoDaemonGroup *self)
{
  DiscoDaemonLines *lines = get_lines (self);

  /* of a closed link they are gone already */
  if (lines != NULL)
    {
      if (!disco_daemon_link_is_lost (self->object->base.link))
        withdraw (self);
      if (self->path != NULL)
        disco_daemon_lines_unlisten (lines, self->path);
      disco_daemon_lines_leave (lines, &self->place);
    }
  g_ptr_array_unref (self->steps);
  g_free (self->path);
  g_free (self);
}

/* --- updates --- */

/* Takes @message */
static gboolean
update (DiscoLinkObject *object, DBusMessage *taken_message, const char *what, GError **error)
{
  DiscoDaemonGroup *self = ((DiscoDaemonObject *)object)->group;
  g_autoptr (DBusMessage) message = taken_message;
  g_autoptr (DBusMessage) reply = NULL;

  if (get_lines (self) != NULL && self->path != NULL && !disco_daemon_link_is_lost (object->link))
    reply = wait (self, call_group (self, message, NULL), what, error);
  else
    disco_set_avahi_error (error, AVAHI_ERR_DISCONNECTED, what);
  return reply != NULL;
}

gboolean
disco_daemon_group_update_txt (DiscoLinkObject *object, const DiscoLinkEntry *entry, GError **error)
{
  DBusMessage *message = new_message ("UpdateServiceTxt");

  append_service (message, entry);
  disco_bus_message_append_strings (message, entry->txt);
  return update (object, message, "update the TXT record", error);
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

static DBusMessage *
new_srv (const DiscoLinkEntry *entry, GBytes *target)
{
  const guint16 dns_class = AVAHI_DNS_CLASS_IN;
  const guint16 dns_type = AVAHI_DNS_TYPE_SRV;
  const guint32 ttl = HOST_TTL_S;
  g_autofree char *name = disco_full_name_join (entry->label, entry->type, entry->domain);
  g_autoptr (GByteArray) rdata = srv_rdata (entry->port, target);
  DBusMessage *message = new_message ("AddRecord");

  append_head (message, entry->ifindex, AVAHI_PUBLISH_UPDATE | AVAHI_PUBLISH_UNIQUE);
  append (message, DBUS_TYPE_STRING, &name);
  append (message, DBUS_TYPE_UINT16, &dns_class);
  append (message, DBUS_TYPE_UINT16, &dns_type);
  append (message, DBUS_TYPE_UINT32, &ttl);
  disco_bus_message_append (message, DBUS_TYPE_ARRAY, DBUS_TYPE_BYTE, &rdata->data, (int)rdata->len,
                            DBUS_TYPE_INVALID);
  return message;
}

gboolean
disco_daemon_group_update_srv (DiscoLinkObject *object, const DiscoLinkEntry *entry, GError **error)
{
  g_autoptr (GBytes) target = disco_domain_name_to_wire (entry->host);

  if (target != NULL)
    return update (object, new_srv (entry, target), "update the SRV record", error);
  disco_set_avahi_error (error, AVAHI_ERR_INVALID_HOST_NAME, "update the SRV record");
  return FALSE;
}
