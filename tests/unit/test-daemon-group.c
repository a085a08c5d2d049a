/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Publishing at a daemon that is played: it takes, refuses and hangs as it is told. */
#include "played-daemon.h"

#include <disco/disco-error.h>
#include <string.h>

#define GROUP PLAYED_NAME ".EntryGroup"
/* avahi-common's AvahiEntryGroupState */
#define REGISTERING 1
#define ESTABLISHED 2
#define COLLISION 3
#define FAILURE 4
/* More than are made at a time */
#define MANY 100
#define MAX_AT_A_TIME 24

typedef struct
{
  TestBus *bus;
  PlayedDaemon *daemon; /* (owned) */

  /* set while no call is under way */
  const char *refused; /* (nullable): the method that it refuses */
  const char *refusal; /* with that error */
  const char *hanging; /* (nullable): the method that it does not answer */
  guint max_objects;   /* a connection */
  guint max_clients;   /* connections */

  GMutex mutex;        /* protects what follows */
  GString *log;        /* (owned): the methods, with what they were given */
  GHashTable *objects; /* (owned) connection → number of groups */
  GHashTable *owners;  /* (owned) path → connection */
  GPtrArray *hung;     /* (owned) of (owned) GDBusMethodInvocation */
  guint n_groups;      /* that were made */
} Fixture;

/* What came of a group */
typedef struct
{
  DiscoLinkObject *object; /* (owned) (nullable) */
  guint n_told;
  DiscoGroupState state; /* the last one */
  GError *error;         /* (owned) (nullable) */
  gboolean frees;        /* the group, when it is told of */
} Published;

/* --- the daemon, in its thread --- */

static guint
count (Fixture *self, const char *connection)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (self->objects, connection));
}

static void
set_count (Fixture *self, const char *connection, guint n)
{
  g_hash_table_insert (self->objects, g_strdup (connection), GUINT_TO_POINTER (n));
}

static void
note (Fixture *self, const char *method, GVariant *arguments)
{
  g_autofree char *text = g_variant_print (arguments, FALSE);

  if (self->log->len > 0)
    g_string_append_c (self->log, '\n');
  g_string_append (self->log, method);
  if (g_variant_n_children (arguments) > 0)
    g_string_append_printf (self->log, " %s", text);
}

static void
make_group (Fixture *self, GDBusMethodInvocation *invocation)
{
  const char *connection = g_dbus_method_invocation_get_sender (invocation);
  const guint n = count (self, connection);
  char *path;

  if (n == 0 && !g_hash_table_contains (self->objects, connection)
      && g_hash_table_size (self->objects) >= self->max_clients)
    {
      g_dbus_method_invocation_return_dbus_error (invocation, PLAYED_NAME ".TooManyClientsError",
                                                  "Too many clients");
      return;
    }
  set_count (self, connection, n);
  if (n >= self->max_objects)
    {
      g_dbus_method_invocation_return_dbus_error (invocation, PLAYED_NAME ".TooManyObjectsError",
                                                  "Too many objects");
      return;
    }
  path = g_strdup_printf ("/Client1/EntryGroup%u", self->n_groups++);
  set_count (self, connection, n + 1);
  g_hash_table_insert (self->owners, path, g_strdup (connection));
  played_daemon_return_object (self->daemon, invocation, path, "EntryGroup");
}

static void
answer (Fixture *self, GDBusMethodInvocation *invocation, const char *method)
{
  const char *connection = g_dbus_method_invocation_get_sender (invocation);

  if (g_strcmp0 (method, self->hanging) == 0)
    g_ptr_array_add (self->hung, invocation);
  else if (g_strcmp0 (method, self->refused) == 0)
    g_dbus_method_invocation_return_dbus_error (invocation, self->refusal, "because");
  else if (g_str_equal (method, "EntryGroupNew"))
    make_group (self, invocation);
  else
    {
      if (g_str_equal (method, "Free"))
        set_count (self, connection, count (self, connection) - 1);
      g_dbus_method_invocation_return_value (invocation, NULL);
    }
}

static void
on_call (GDBusMethodInvocation *invocation, const char *method, gpointer user_data)
{
  Fixture *self = user_data;

  g_mutex_lock (&self->mutex);
  note (self, method, g_dbus_method_invocation_get_parameters (invocation));
  answer (self, invocation, method);
  g_mutex_unlock (&self->mutex);
}

/* --- the fixture --- */

static int
set_up (void **state)
{
  Fixture *self = g_new0 (Fixture, 1);

  self->max_objects = MANY;
  self->max_clients = MANY;
  g_mutex_init (&self->mutex);
  self->log = g_string_new (NULL);
  self->objects = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->owners = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->hung = g_ptr_array_new_with_free_func (g_object_unref);
  self->bus = *state;
  self->daemon = played_daemon_new (self->bus, on_call, self);
  *state = self;
  return 0;
}

static int
tear_down (void **state)
{
  Fixture *self = *state;

  played_daemon_free (self->daemon);
  g_ptr_array_unref (self->hung);
  g_hash_table_unref (self->owners);
  g_hash_table_unref (self->objects);
  g_string_free (self->log, TRUE);
  g_mutex_clear (&self->mutex);
  g_free (self);
  return 0;
}

#define group_test(test) cmocka_unit_test_setup_teardown (test, set_up, tear_down)

/* (transfer full) */
static char *
take_log (Fixture *self)
{
  char *log;

  g_mutex_lock (&self->mutex);
  log = g_strdup (self->log->str);
  g_string_truncate (self->log, 0);
  g_mutex_unlock (&self->mutex);
  return log;
}

static void
assert_log (Fixture *self, const char *expected)
{
  g_autofree char *log = take_log (self);

  assert_string_equal (log, expected);
}

/* How often @what has been called, since the log was taken */
static guint
count_calls (Fixture *self, const char *what)
{
  g_auto (GStrv) lines = NULL;
  guint n = 0;

  g_mutex_lock (&self->mutex);
  lines = g_strsplit (self->log->str, "\n", -1);
  g_mutex_unlock (&self->mutex);
  for (guint i = 0; lines[i] != NULL; i++)
    n += g_str_has_prefix (lines[i], what);
  return n;
}

typedef struct
{
  Fixture *fixture;
  const char *what;
  guint n;
} CallWait;

static gboolean
are_called (gpointer data)
{
  CallWait *wait = data;

  return count_calls (wait->fixture, wait->what) >= wait->n;
}

static void
wait_calls (Fixture *self, const char *what, guint n)
{
  test_wait_until (NULL, are_called, &(CallWait){ self, what, n });
}

static void
emit_from (Fixture *self, GDBusConnection *connection, guint group, int state, const char *error)
{
  g_autofree char *path = g_strdup_printf ("/Client1/EntryGroup%u", group);
  g_autofree char *owner = NULL;

  g_mutex_lock (&self->mutex);
  owner = g_strdup (g_hash_table_lookup (self->owners, path));
  g_mutex_unlock (&self->mutex);
  assert_non_null (owner);
  assert_true (g_dbus_connection_emit_signal (connection, owner, path, GROUP, "StateChanged",
                                              g_variant_new ("(is)", state, error), NULL));
  assert_true (g_dbus_connection_flush_sync (connection, NULL, NULL));
}

static void
emit (Fixture *self, guint group, int state)
{
  emit_from (self, self->daemon->connection, group, state, PLAYED_NAME ".Success");
}

/* --- groups --- */

static void
on_group (DiscoGroupState state, const GError *error, gpointer user_data)
{
  Published *self = user_data;

  self->n_told++;
  self->state = state;
  g_clear_error (&self->error);
  if (error != NULL)
    self->error = g_error_copy (error);
  if (self->frees)
    g_clear_pointer (&self->object, disco_link_object_free);
}

static DiscoLinkEntry
make_service (GBytes *txt)
{
  DiscoLinkEntry entry = { .kind = DISCO_ENTRY_SERVICE,
                           .ifindex = 3,
                           .label = "label",
                           .type = "_http._tcp",
                           .domain = "local",
                           .port = 8080,
                           .txt = txt };

  return entry;
}

static GBytes *
make_txt (void)
{
  return g_bytes_new_static ("\003a=1\003b=2\001c", 10);
}

static void
publish_entries (Fixture *self, const DiscoLinkEntry *entries, guint n_entries, Published *group)
{
  *group = (Published){ NULL };
  group->object = disco_link_publish (self->daemon->link, entries, n_entries, on_group, group);
  assert_int_equal (group->n_told, 0);
}

static void
publish (Fixture *self, Published *group)
{
  g_autoptr (GBytes) txt = make_txt ();
  DiscoLinkEntry entry = make_service (txt);

  publish_entries (self, &entry, 1, group);
}

static void
published_clear (Published *self)
{
  g_clear_pointer (&self->object, disco_link_object_free);
  g_clear_error (&self->error);
}

static void
clear_untold (Published *groups, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      assert_int_equal (groups[i].n_told, 0);
      published_clear (&groups[i]);
    }
}

static gboolean
is_told (gpointer data)
{
  return ((Published *)data)->n_told > 0;
}

static void
wait_told (Published *group, DiscoGroupState state)
{
  test_wait_until (NULL, is_told, group);
  assert_int_equal (group->n_told, 1);
  assert_int_equal (group->state, state);
}

/* The group of that number is committed, and told to be established. */
static void
establish (Fixture *self, Published *group, guint number)
{
  wait_calls (self, "Commit", 1);
  emit (self, number, ESTABLISHED);
  wait_told (group, DISCO_GROUP_ESTABLISHED);
  group->n_told = 0;
  g_free (take_log (self));
}

/* The strings of TXT go as they are on the wire, which is no string of C: none ends with 0. */
#define WIRE_SERVICE                                                                               \
  "AddService (3, -1, 0, 'label', '_http._tcp', 'local', '', 8080, [[0x61, 0x3d, 0x31], "          \
  "[0x62, 0x3d, 0x32], [0x63]])"

static void
entries_are_added_in_turn_and_then_committed (void **state)
{
  Fixture *self = *state;
  g_autoptr (GBytes) txt = make_txt ();
  const DiscoAddress address = { .family = G_SOCKET_FAMILY_IPV4, .bytes = { 192, 0, 2, 1 } };
  const DiscoAddress other
      = { .family = G_SOCKET_FAMILY_IPV6, .bytes = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 } };
  DiscoLinkEntry entries[4];
  Published group;

  for (guint i = 0; i < G_N_ELEMENTS (entries); i++)
    entries[i] = make_service (txt);
  entries[0].kind = entries[1].kind = DISCO_ENTRY_ADDRESS;
  entries[0].address = &address;
  entries[1].address = &other;
  entries[0].host = entries[1].host = entries[2].host = "host.local";
  entries[3].kind = DISCO_ENTRY_SUBTYPE;
  entries[3].subtype = "_one._sub._http._tcp";
  publish_entries (self, entries, G_N_ELEMENTS (entries), &group);
  wait_calls (self, "Commit", 1);
  assert_log (self, "EntryGroupNew\n"
                    "AddAddress (3, -1, 16, 'host.local', '192.0.2.1')\n"
                    "AddAddress (3, -1, 16, 'host.local', '2001:db8::1')\n"
                    "AddService (3, -1, 0, 'label', '_http._tcp', 'local', 'host.local', 8080, "
                    "[[0x61, 0x3d, 0x31], [0x62, 0x3d, 0x32], [0x63]])\n"
                    "AddServiceSubtype (3, -1, 0, 'label', '_http._tcp', 'local', "
                    "'_one._sub._http._tcp')\n"
                    "Commit");
  published_clear (&group);
  assert_log (self, "Free");
}

static void
states_are_told_as_the_daemon_tells_them (void **state)
{
  Fixture *self = *state;
  Published group;

  publish (self, &group);
  wait_calls (self, "Commit", 1);
  emit (self, 0, REGISTERING);
  emit (self, 0, ESTABLISHED);
  wait_told (&group, DISCO_GROUP_ESTABLISHED);
  group.n_told = 0;
  emit (self, 0, COLLISION);
  wait_told (&group, DISCO_GROUP_COLLISION);
  group.n_told = 0;
  emit_from (self, self->daemon->connection, 0, FAILURE, PLAYED_NAME ".NotPermittedError");
  wait_told (&group, DISCO_GROUP_FAILURE);
  test_assert_error (&group.error, DISCO_ERROR, DISCO_ERROR_FAILED, "disable-publishing");
  published_clear (&group);
}

static void
states_of_others_and_from_others_are_not_told (void **state)
{
  Fixture *self = *state;
  GDBusConnection *stranger = test_bus_own_name (self->bus, "org.example.Stranger");
  Published group, other;

  publish (self, &group);
  wait_calls (self, "Commit", 1);
  publish (self, &other);
  wait_calls (self, "Commit", 2);
  emit_from (self, stranger, 0, ESTABLISHED, "");
  emit (self, 1, ESTABLISHED);
  wait_told (&other, DISCO_GROUP_ESTABLISHED);
  assert_int_equal (group.n_told, 0);
  published_clear (&other);
  emit (self, 1, COLLISION); /* late */
  emit (self, 0, ESTABLISHED);
  wait_told (&group, DISCO_GROUP_ESTABLISHED);
  published_clear (&group);
  test_bus_disown_name (stranger);
}

static void
group_may_be_freed_when_it_is_told_of (void **state)
{
  Fixture *self = *state;
  Published group;

  publish (self, &group);
  group.frees = TRUE;
  wait_calls (self, "Commit", 1);
  emit (self, 0, COLLISION);
  wait_told (&group, DISCO_GROUP_COLLISION);
  assert_int_equal (count_calls (self, "Free"), 1);
}

static void
refused_entry_fails_its_group_and_nothing_is_committed (void **state)
{
  static const struct
  {
    const char *name;
    DiscoGroupState state;
    DiscoError error;
    const char *text;
  } refusals[] = {
    { PLAYED_NAME ".TooManyEntriesError", DISCO_GROUP_FAILURE, DISCO_ERROR_LIMIT,
      "cannot publish: because: raise entries-per-entry-group-max" },
    { PLAYED_NAME ".InvalidServiceTypeError", DISCO_GROUP_FAILURE, DISCO_ERROR_INVALID_ARGUMENT,
      "cannot publish: because" },
    { "org.freedesktop.DBus.Error.AccessDenied", DISCO_GROUP_FAILURE, DISCO_ERROR_FAILED,
      "policy" },
    { PLAYED_NAME ".CollisionError", DISCO_GROUP_COLLISION, DISCO_ERROR_FAILED, "because" },
  };
  Fixture *self = *state;
  Published group, next;

  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      self->refused = "AddService";
      self->refusal = refusals[i].name;
      publish (self, &group);
      wait_told (&group, refusals[i].state);
      test_assert_error (&group.error, DISCO_ERROR, (int)refusals[i].error, refusals[i].text);
      published_clear (&group);
      assert_log (self, "EntryGroupNew\n" WIRE_SERVICE "\nFree");
      assert_true (played_link_is_running (self->daemon->link));
      self->refused = NULL;
      publish (self, &next);
      wait_calls (self, "Commit", 1);
      published_clear (&next);
      g_free (take_log (self));
    }
}

static void
refused_group_fails_and_is_not_freed (void **state)
{
  Fixture *self = *state;
  Published group;

  self->refused = "EntryGroupNew";
  self->refusal = PLAYED_NAME ".TooManyClientsError";
  publish (self, &group);
  wait_told (&group, DISCO_GROUP_FAILURE);
  test_assert_error (&group.error, DISCO_ERROR, DISCO_ERROR_LIMIT, "raise clients-max");
  published_clear (&group);
  assert_log (self, "EntryGroupNew");
}

/* --- freeing --- */

static void
group_that_is_freed_while_it_is_made_is_freed_at_the_daemon (void **state)
{
  Fixture *self = *state;
  Published group;

  publish (self, &group);
  published_clear (&group); /* before the first reply */
  assert_log (self, "EntryGroupNew\nFree");
  publish (self, &group);
  wait_calls (self, "AddService", 1);
  published_clear (&group); /* most probably before the second one */
  assert_int_equal (count_calls (self, "Free"), 1);
  assert_int_equal (group.n_told, 0);
}

static void
no_more_than_a_few_are_made_at_a_time (void **state)
{
  Fixture *self = *state;
  Published groups[MANY];
  guint n_calls;

  self->hanging = "AddService";
  for (guint i = 0; i < MANY; i++)
    publish (self, &groups[i]);
  wait_calls (self, "AddService", MAX_AT_A_TIME);
  test_dispatch_pending ();
  n_calls = count_calls (self, "EntryGroupNew");
  /* those that wait go without the daemon's having heard of them */
  for (guint i = MAX_AT_A_TIME; i < MANY; i++)
    published_clear (&groups[i]);
  assert_int_equal (n_calls, MAX_AT_A_TIME);
  assert_int_equal (count_calls (self, "Free"), 0);
  disco_link_close (self->daemon->link);
  clear_untold (groups, MAX_AT_A_TIME);
}

static void
all_of_many_are_made (void **state)
{
  Fixture *self = *state;
  Published groups[MANY];

  for (guint i = 0; i < MANY; i++)
    publish (self, &groups[i]);
  wait_calls (self, "Commit", MANY);
  for (guint i = 0; i < MANY; i++)
    published_clear (&groups[i]);
  assert_int_equal (count_calls (self, "Free"), MANY);
}

/* --- limits --- */

static void
connection_that_is_full_is_followed_by_another_one (void **state)
{
  Fixture *self = *state;
  Published groups[5];
  guint n_connections;

  self->max_objects = 2;
  for (guint i = 0; i < G_N_ELEMENTS (groups); i++)
    publish (self, &groups[i]);
  wait_calls (self, "Commit", G_N_ELEMENTS (groups));
  g_mutex_lock (&self->mutex);
  n_connections = g_hash_table_size (self->objects);
  g_mutex_unlock (&self->mutex);
  assert_int_equal (n_connections, 3);
  for (guint i = 0; i < G_N_ELEMENTS (groups); i++)
    emit (self, i, ESTABLISHED);
  for (guint i = 0; i < G_N_ELEMENTS (groups); i++)
    wait_told (&groups[i], DISCO_GROUP_ESTABLISHED);

  /* what goes makes room on its own connection */
  published_clear (&groups[0]);
  g_free (take_log (self));
  publish (self, &groups[0]);
  wait_calls (self, "Commit", 1);
  for (guint i = 0; i < G_N_ELEMENTS (groups); i++)
    published_clear (&groups[i]);
  assert_int_equal (g_hash_table_size (self->objects), n_connections);
}

/* Each one looks for room anew. */
static void
room_that_others_took_is_found_when_they_have_gone (void **state)
{
  Fixture *self = *state;
  Published group;

  self->max_objects = 0; /* as it looks where questions take the room */
  self->max_clients = 1;
  publish (self, &group);
  wait_told (&group, DISCO_GROUP_FAILURE);
  test_assert_error (&group.error, DISCO_ERROR, DISCO_ERROR_LIMIT, "raise clients-max");
  published_clear (&group);
  self->max_objects = 1;
  publish (self, &group);
  wait_calls (self, "Commit", 1);
  published_clear (&group);
}

static void
daemon_that_allows_no_object_at_all_is_a_limit (void **state)
{
  Fixture *self = *state;
  Published group;

  self->max_objects = 0;
  publish (self, &group);
  wait_told (&group, DISCO_GROUP_FAILURE);
  test_assert_error (&group.error, DISCO_ERROR, DISCO_ERROR_LIMIT, "raise objects-per-client-max");
  published_clear (&group);
  assert_true (played_link_is_running (self->daemon->link));
}

/* Two groups are made, and the third one finds no connection. */
static void
publish_one_too_many (Fixture *self, Published groups[3], const char *why)
{
  self->max_objects = 2;
  for (guint i = 0; i < 3; i++)
    publish (self, &groups[i]);
  wait_told (&groups[2], DISCO_GROUP_FAILURE);
  test_assert_error (&groups[2].error, DISCO_ERROR, DISCO_ERROR_LIMIT, why);
  published_clear (&groups[2]);
  assert_true (played_link_is_running (self->daemon->link));
  wait_calls (self, "Commit", 2);
}

static void
bus_without_room_for_another_connection_is_a_limit (void **state)
{
  Fixture *self = *state;
  g_autoptr (GPtrArray) taken = test_bus_take_all_connections ();
  Published groups[3];

  publish_one_too_many (self, groups, "max_connections_per_user");
  g_ptr_array_set_size (taken, 0);
  publish (self, &groups[2]);
  wait_calls (self, "Commit", G_N_ELEMENTS (groups));
  clear_untold (groups, G_N_ELEMENTS (groups));
}

/* Whatever the reason: what stands is not given up for it. */
static void
connection_that_cannot_be_opened_fails_those_that_need_it (void **state)
{
  Fixture *self = *state;
  g_autofree char *address = g_strdup (g_getenv ("DBUS_SYSTEM_BUS_ADDRESS"));
  Published groups[3];

  g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", "nonsense", TRUE);
  publish_one_too_many (self, groups, "no further connection");
  g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", address, TRUE);
  clear_untold (groups, 2);
}

/* --- updates --- */

static void
records_are_updated_in_place (void **state)
{
  Fixture *self = *state;
  g_autoptr (GBytes) txt = g_bytes_new_static ("\0", 1);
  DiscoLinkEntry entry = make_service (txt);
  g_autoptr (GError) error = NULL;
  Published group;

  publish (self, &group);
  establish (self, &group, 0);
  assert_true (disco_link_update_txt (group.object, &entry, &error));
  assert_log (self, "UpdateServiceTxt (3, -1, 0, 'label', '_http._tcp', 'local', [])");
  entry.host = "host.local";
  entry.port = 258;
  assert_true (disco_link_update_srv (group.object, &entry, &error));
  assert_log (self, "AddRecord (3, -1, 65, 'label._http._tcp.local', 1, 33, 120, [0x00, 0x00, "
                    "0x00, 0x00, 0x01, 0x02, 0x04, 0x68, 0x6f, 0x73, 0x74, 0x05, 0x6c, 0x6f, "
                    "0x63, 0x61, 0x6c, 0x00])");
  published_clear (&group);
}

static void
refused_update_is_an_error_and_the_group_stands (void **state)
{
  Fixture *self = *state;
  g_autoptr (GBytes) txt = make_txt ();
  DiscoLinkEntry entry = make_service (txt);
  g_autoptr (GError) error = NULL;
  Published group;

  publish (self, &group);
  establish (self, &group, 0);
  self->refused = "UpdateServiceTxt";
  self->refusal = PLAYED_NAME ".InvalidRecordError";
  assert_false (disco_link_update_txt (group.object, &entry, &error));
  test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_FAILED,
                     "cannot update the TXT record: because");
  assert_true (played_link_is_running (self->daemon->link));
  assert_int_equal (group.n_told, 0);
  published_clear (&group);
}

/* The watchdog ends the call, and the link with it. */
static void
update_that_is_not_answered_fails_the_link (void **state)
{
  Fixture *self = *state;
  g_autoptr (GBytes) txt = make_txt ();
  DiscoLinkEntry entry = make_service (txt);
  g_autoptr (GError) error = NULL;
  Published group;

  publish (self, &group);
  establish (self, &group, 0);
  self->hanging = "UpdateServiceTxt";
  assert_false (disco_link_update_txt (group.object, &entry, &error));
  assert_int_equal (error->code, DISCO_ERROR_UNAVAILABLE);
  assert_true (played_link_has_failed (self->daemon->link));
  published_clear (&group);
  assert_int_equal (count_calls (self, "Free"), 0); /* it would block once more */
}

/* --- the end of the link --- */

static void
daemon_that_goes_fails_the_link_and_no_group (void **state)
{
  Fixture *self = *state;
  Published group;

  self->hanging = "AddService";
  publish (self, &group);
  wait_calls (self, "AddService", 1);
  played_daemon_leave (self->daemon);
  test_wait_until (NULL, played_link_has_failed, self->daemon->link);
  test_dispatch_pending ();
  assert_int_equal (group.n_told, 0);
  published_clear (&group);
}

static void
group_may_be_freed_after_its_link_was_closed (void **state)
{
  Fixture *self = *state;
  Published made, making;

  publish (self, &made);
  establish (self, &made, 0);
  self->hanging = "AddService";
  publish (self, &making);
  wait_calls (self, "AddService", 1);
  disco_link_close (self->daemon->link);
  test_dispatch_pending ();
  published_clear (&made);
  published_clear (&making);
  assert_int_equal (made.n_told + making.n_told, 0);
  assert_int_equal (count_calls (self, "Free"), 0);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    group_test (entries_are_added_in_turn_and_then_committed),
    group_test (states_are_told_as_the_daemon_tells_them),
    group_test (states_of_others_and_from_others_are_not_told),
    group_test (group_may_be_freed_when_it_is_told_of),
    group_test (refused_entry_fails_its_group_and_nothing_is_committed),
    group_test (refused_group_fails_and_is_not_freed),
    group_test (group_that_is_freed_while_it_is_made_is_freed_at_the_daemon),
    group_test (no_more_than_a_few_are_made_at_a_time),
    group_test (all_of_many_are_made),
    group_test (connection_that_is_full_is_followed_by_another_one),
    group_test (room_that_others_took_is_found_when_they_have_gone),
    group_test (daemon_that_allows_no_object_at_all_is_a_limit),
    group_test (bus_without_room_for_another_connection_is_a_limit),
    group_test (connection_that_cannot_be_opened_fails_those_that_need_it),
    group_test (records_are_updated_in_place),
    group_test (refused_update_is_an_error_and_the_group_stands),
    group_test (update_that_is_not_answered_fails_the_link),
    group_test (daemon_that_goes_fails_the_link_and_no_group),
    group_test (group_may_be_freed_after_its_link_was_closed),
  };

  return cmocka_run_group_tests (tests, played_daemon_set_up_bus, played_daemon_tear_down_bus);
}
