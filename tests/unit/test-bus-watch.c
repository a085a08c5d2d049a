/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-bus-watch-private.h"
#include "test-bus.h"

#include <disco/disco-error.h>
#include <string.h>

#define NAME "org.example.Disco"
/* Of a unique name, with room to spare */
#define NAME_SIZE 64
/* More than a watch makes in a test */
#define MANY_CALLS 64
/* Of a call that is waited for */
#define BOUND_US (200 * G_TIME_SPAN_MILLISECOND)

typedef struct
{
  GMainContext *context;
  TestBus *bus;         /* (owned) */
  DiscoBusWatch *watch; /* (owned) (nullable) */
  GString *log;         /* (owned): a word for each state */
  GError *error;        /* (owned) (nullable): the last one */
} Fixture;

static int
set_up (void **state)
{
  Fixture *self = g_new0 (Fixture, 1);

  test_context_push ((void **)&self->context);
  self->bus = test_bus_new (NAME);
  self->log = g_string_new (NULL);
  *state = self;
  return 0;
}

static int
tear_down (void **state)
{
  Fixture *self = *state;

  g_clear_pointer (&self->watch, disco_bus_watch_free);
  test_bus_free (self->bus);
  test_dispatch_pending ();
  test_context_pop ((void **)&self->context);
  g_clear_error (&self->error);
  g_string_free (self->log, TRUE);
  g_free (self);
  return 0;
}

#define bus_test(test) cmocka_unit_test_setup_teardown (test, set_up, tear_down)

static void
on_bus (DiscoBusState state, const GError *error, gpointer user_data)
{
  static const char *const words[] = { "owned ", "starting ", "free ", "answers ", "error " };
  Fixture *self = user_data;

  assert_null (self->error);
  assert_int_equal (error != NULL, state == DISCO_BUS_GONE);
  g_string_append (self->log, words[state]);
  if (error != NULL)
    self->error = g_error_copy (error);
}

static void
watch (Fixture *self, gboolean activate)
{
  self->watch = disco_bus_watch_new (NAME, activate, on_bus, self);
  assert_string_equal (self->log->str, "");
}

typedef struct
{
  Fixture *fixture;
  gsize length;
} LogWait;

static gboolean
is_logged (gpointer data)
{
  LogWait *wait = data;

  return wait->fixture->log->len >= wait->length;
}

/* What was told after the first @before bytes */
static void
wait_log_after (Fixture *self, gsize before, const char *expected)
{
  test_wait_until (NULL, is_logged, &(LogWait){ self, before + strlen (expected) });
  assert_string_equal (self->log->str + before, expected);
}

static void
wait_log (Fixture *self, const char *expected)
{
  wait_log_after (self, 0, expected);
}

/* A bus whose name has an owner, and a watch that was told so. (transfer full): the owner */
static GDBusConnection *
watch_owned (Fixture *self, gboolean activate)
{
  GDBusConnection *owner;

  test_bus_start (self->bus);
  owner = test_bus_own_name (self->bus, NAME);
  watch (self, activate);
  wait_log (self, "owned ");
  return owner;
}

/* The owner goes, and another one comes and goes. */
static void
change_owner (Fixture *self, GDBusConnection *owner)
{
  const gsize before = self->log->len;

  test_bus_disown_name (owner);
  wait_log_after (self, before, "free ");
  owner = test_bus_own_name (self->bus, NAME);
  wait_log_after (self, before, "free owned ");
  test_bus_disown_name (owner);
}

static void
owner_that_is_there_is_told (void **state)
{
  test_bus_disown_name (watch_owned (*state, FALSE));
}

static void
owner_that_comes_goes_and_comes_again_is_told_each_time (void **state)
{
  Fixture *self = *state;
  GDBusConnection *owner;

  test_bus_start (self->bus);
  watch (self, FALSE);
  wait_log (self, "free ");
  owner = test_bus_own_name (self->bus, NAME);
  wait_log (self, "free owned ");
  change_owner (self, owner);
  assert_false (test_bus_has_started_service (self->bus));
}

static void
bus_is_asked_to_start_the_service_only_if_wanted (void **state)
{
  Fixture *self = *state;

  test_bus_start (self->bus);
  watch (self, TRUE);
  wait_log (self, "starting ");
  test_wait_until (NULL, test_bus_has_started_service, self->bus);
}

static void
service_that_fails_to_start_is_told (void **state)
{
  Fixture *self = *state;

  test_bus_let_service_fail (self->bus, NAME);
  test_bus_start (self->bus);
  watch (self, TRUE);
  wait_log (self, "starting free ");
  assert_true (test_bus_has_started_service (self->bus));
}

static void
service_that_the_bus_cannot_start_is_told (void **state)
{
  Fixture *self = *state;

  test_bus_forget_service (self->bus);
  test_bus_start (self->bus);
  watch (self, TRUE);
  wait_log (self, "starting free ");
}

static void
service_that_went_is_not_started_again (void **state)
{
  Fixture *self = *state;

  change_owner (self, watch_owned (self, TRUE));
  assert_false (test_bus_has_started_service (self->bus));
}

static void
bus_that_dies_is_an_error_and_the_process_lives (void **state)
{
  Fixture *self = *state;
  g_autoptr (GDBusConnection) owner = watch_owned (self, FALSE);

  test_bus_stop (self->bus);
  wait_log (self, "owned error ");
}

static void
no_bus_at_all_is_an_error (void **state)
{
  Fixture *self = *state;

  watch (self, TRUE);
  wait_log (self, "error ");
}

/* Unlike what else may be wrong with a bus, that is something to be raised. */
static void
bus_that_takes_no_further_connection_is_a_limit (void **state)
{
  Fixture *self = *state;
  g_autoptr (GPtrArray) taken = NULL;

  test_bus_start (self->bus);
  taken = test_bus_take_all_connections ();
  watch (self, FALSE);
  wait_log (self, "error ");
  assert_true (g_error_matches (self->error, DISCO_ERROR, DISCO_ERROR_LIMIT));
  assert_non_null (strstr (self->error->message, "max_connections_per_user"));
}

static void
address_that_is_none_is_an_error (void **state)
{
  Fixture *self = *state;

  g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", "nonsense", TRUE);
  watch (self, FALSE);
  wait_log (self, "error ");
}

static void
watch_freed_at_once_calls_nothing (void **state)
{
  Fixture *self = *state;
  GDBusConnection *owner;

  test_bus_start (self->bus);
  owner = test_bus_own_name (self->bus, NAME);
  watch (self, FALSE);
  g_clear_pointer (&self->watch, disco_bus_watch_free);
  /* another one is told later than the first would have been */
  watch (self, FALSE);
  wait_log (self, "owned ");
  g_clear_pointer (&self->watch, disco_bus_watch_free);
  test_bus_disown_name (owner);
  test_dispatch_pending ();
  assert_string_equal (self->log->str, "owned ");
}

/* An owner that takes what it is sent, and answers to nothing */
static GDBusMessage *
swallow (GDBusConnection *connection, GDBusMessage *message, gboolean incoming, gpointer data)
{
  if (!incoming || g_dbus_message_get_message_type (message) != G_DBUS_MESSAGE_TYPE_METHOD_CALL)
    return message;
  g_atomic_int_inc ((int *)data);
  g_object_unref (message);
  return NULL;
}

static gboolean
has_come (gpointer data)
{
  return g_atomic_int_get ((int *)data) > 0;
}

static void
owner_that_lives_answers (void **state)
{
  Fixture *self = *state;
  GDBusConnection *owner = watch_owned (self, FALSE);

  disco_bus_watch_ping (self->watch);
  wait_log (self, "owned answers ");
  test_bus_disown_name (owner);
}

static void
owner_that_hangs_does_not_answer_and_the_next_one_does (void **state)
{
  Fixture *self = *state;
  GDBusConnection *owner = watch_owned (self, FALSE);
  int n_calls = 0;

  g_dbus_connection_add_filter (owner, swallow, &n_calls, NULL);
  disco_bus_watch_ping (self->watch);
  test_wait_until (NULL, has_come, &n_calls);
  test_bus_disown_name (owner);
  wait_log (self, "owned free ");
  owner = test_bus_own_name (self->bus, NAME);
  wait_log (self, "owned free owned ");
  disco_bus_watch_ping (self->watch);
  wait_log (self, "owned free owned answers ");
  test_bus_disown_name (owner);
}

/* Who called last */
typedef struct
{
  char name[NAME_SIZE];
  guint32 serial; /* of the call */
} Caller;

static GDBusMessage *
note_caller (GDBusConnection *connection, GDBusMessage *message, gboolean incoming, gpointer data)
{
  Caller *self = data;

  if (incoming && g_dbus_message_get_message_type (message) == G_DBUS_MESSAGE_TYPE_METHOD_CALL)
    {
      g_strlcpy (self->name, g_dbus_message_get_sender (message), NAME_SIZE);
      self->serial = g_dbus_message_get_serial (message);
    }
  return message;
}

/* libdbus would number the calls of each connection from 1 on. */
static void
nobody_can_guess_the_number_of_a_call (void **state)
{
  Fixture *self = *state;
  GDBusConnection *owner = watch_owned (self, FALSE);
  Caller callers[2] = { 0 };
  guint filter;

  for (guint i = 0; i < G_N_ELEMENTS (callers); i++)
    {
      filter = g_dbus_connection_add_filter (owner, note_caller, &callers[i], NULL);
      disco_bus_watch_ping (self->watch);
      wait_log (self, "owned answers ");
      g_dbus_connection_remove_filter (owner, filter);
      g_clear_pointer (&self->watch, disco_bus_watch_free);
      g_string_truncate (self->log, 0);
      watch (self, FALSE);
      wait_log (self, "owned ");
    }
  assert_string_not_equal (callers[0].name, callers[1].name);
  assert_true (MIN (callers[0].serial - callers[1].serial, callers[1].serial - callers[0].serial)
               > MANY_CALLS);
  test_bus_disown_name (owner);
}

/* What came of a call */
typedef struct
{
  DiscoBusCall *call; /* (owned) (nullable) */
  char *reply;        /* (owned) (nullable) */
  char *error_name;   /* (owned) (nullable) */
  guint n_replies;
} Called;

static void
called_clear (Called *self)
{
  g_clear_pointer (&self->call, disco_bus_call_free);
  g_clear_pointer (&self->reply, g_free);
  g_clear_pointer (&self->error_name, g_free);
}

static void
on_reply (DBusMessage *reply, gpointer user_data)
{
  Called *self = user_data;
  const char *text;

  self->n_replies++;
  assert_true (dbus_message_get_args (reply, NULL, DBUS_TYPE_STRING, &text, DBUS_TYPE_INVALID));
  if (dbus_message_get_type (reply) == DBUS_MESSAGE_TYPE_ERROR)
    self->error_name = g_strdup (dbus_message_get_error_name (reply));
  else
    self->reply = g_strdup (text);
  g_clear_pointer (&self->call, disco_bus_call_free);
}

static void
call (Fixture *self, const char *interface, const char *method, Called *called)
{
  g_autoptr (DBusMessage) message
      = disco_bus_message_new (NAME, "/", interface, method, DBUS_TYPE_INVALID);

  called->call = disco_bus_watch_call (self->watch, message, on_reply, called);
  assert_int_equal (called->n_replies, 0);
}

static gboolean
has_reply (gpointer data)
{
  return ((Called *)data)->n_replies > 0;
}

/* GDBus answers for each connection. */
static void
call_is_answered_once (void **state)
{
  Fixture *self = *state;
  GDBusConnection *owner = watch_owned (self, FALSE);
  Called called = { 0 };

  assert_int_equal (disco_bus_watch_get_n_calls (self->watch), 0);
  call (self, "org.freedesktop.DBus.Peer", "GetMachineId", &called);
  assert_int_equal (disco_bus_watch_get_n_calls (self->watch), 1);
  test_wait_until (NULL, has_reply, &called);
  assert_int_equal (strlen (called.reply), 32);
  assert_int_equal (disco_bus_watch_get_n_calls (self->watch), 0);
  test_bus_disown_name (owner);
  test_dispatch_pending ();
  assert_int_equal (called.n_replies, 1);
  called_clear (&called);
}

static void
call_that_is_refused_has_the_name_of_the_error (void **state)
{
  Fixture *self = *state;
  GDBusConnection *owner = watch_owned (self, FALSE);
  Called called = { 0 };

  call (self, "org.example.None", "Nothing", &called);
  test_wait_until (NULL, has_reply, &called);
  assert_string_equal (called.error_name, "org.freedesktop.DBus.Error.UnknownMethod");
  test_bus_disown_name (owner);
  called_clear (&called);
}

static void
call_whose_owner_goes_ends_with_an_error (void **state)
{
  Fixture *self = *state;
  GDBusConnection *owner = watch_owned (self, FALSE);
  Called called = { 0 };
  int n_calls = 0;

  g_dbus_connection_add_filter (owner, swallow, &n_calls, NULL);
  call (self, "org.freedesktop.DBus.Peer", "GetMachineId", &called);
  test_wait_until (NULL, has_come, &n_calls);
  test_bus_disown_name (owner);
  test_wait_until (NULL, has_reply, &called);
  assert_string_equal (called.error_name, "org.freedesktop.DBus.Error.NoReply");
  called_clear (&called);
}

static gboolean
has_no_call (gpointer watch)
{
  return disco_bus_watch_get_n_calls (watch) == 0;
}

static void
call_that_was_freed_is_under_way_and_not_told (void **state)
{
  Fixture *self = *state;
  GDBusConnection *owner = watch_owned (self, FALSE);
  Called called = { 0 };

  call (self, "org.freedesktop.DBus.Peer", "GetMachineId", &called);
  called_clear (&called);
  assert_int_equal (disco_bus_watch_get_n_calls (self->watch), 1);
  test_wait_until (NULL, has_no_call, self->watch);
  assert_int_equal (called.n_replies, 0);
  test_bus_disown_name (owner);
}

static void
call_of_a_watch_that_stops_is_not_told (void **state)
{
  Fixture *self = *state;
  GDBusConnection *owner = watch_owned (self, FALSE);
  Called called = { 0 };

  call (self, "org.freedesktop.DBus.Peer", "GetMachineId", &called);
  disco_bus_watch_stop (self->watch);
  test_wait_until (NULL, has_no_call, self->watch);
  g_clear_pointer (&self->watch, disco_bus_watch_free);
  assert_int_equal (called.n_replies, 0);
  called_clear (&called); /* it outlives its watch */
  test_bus_disown_name (owner);
}

/* Answers each call with a signal that has the number of a reply. */
static GDBusMessage *
answer_with_signal (GDBusConnection *connection, GDBusMessage *message, gboolean incoming,
                    gpointer data)
{
  g_autoptr (GDBusMessage) signal = NULL;

  if (!incoming || g_dbus_message_get_message_type (message) != G_DBUS_MESSAGE_TYPE_METHOD_CALL)
    return message;
  signal = g_dbus_message_new_signal ("/", "org.example", "Forged");
  g_dbus_message_set_destination (signal, g_dbus_message_get_sender (message));
  g_dbus_message_set_reply_serial (signal, g_dbus_message_get_serial (message));
  g_dbus_connection_send_message (connection, signal, G_DBUS_SEND_MESSAGE_FLAGS_NONE, NULL, NULL);
  g_object_unref (message);
  return NULL;
}

static void
signal_that_poses_as_a_reply_ends_the_watch (void **state)
{
  Fixture *self = *state;
  GDBusConnection *owner = watch_owned (self, FALSE);
  Called called = { 0 };

  g_dbus_connection_add_filter (owner, answer_with_signal, NULL, NULL);
  call (self, "org.freedesktop.DBus.Peer", "GetMachineId", &called);
  wait_log (self, "owned error ");
  assert_int_equal (called.n_replies, 0);
  called_clear (&called);
  test_bus_disown_name (owner);
}

/* --- waiting --- */

/* Of the thread that waits: the owner answers from another one. (transfer full) (nullable) */
static DBusMessage *
call_and_wait (Fixture *self, const char *method, DiscoWatchdog *watchdog)
{
  g_autoptr (DBusMessage) message
      = disco_bus_message_new (NAME, "/", "org.freedesktop.DBus.Peer", method, DBUS_TYPE_INVALID);

  return disco_bus_call_wait (disco_bus_watch_call (self->watch, message, on_reply, NULL),
                              watchdog);
}

static void
reply_that_is_waited_for_is_not_told (void **state)
{
  Fixture *self = *state;
  GDBusConnection *owner = watch_owned (self, FALSE);
  DiscoWatchdog *watchdog = disco_watchdog_new (BOUND_US, BOUND_US);
  g_autoptr (DBusMessage) reply = NULL;
  Called called = { 0 };

  call (self, "org.freedesktop.DBus.Peer", "GetMachineId", &called);
  reply = call_and_wait (self, "GetMachineId", watchdog);
  assert_int_equal (dbus_message_get_type (reply), DBUS_MESSAGE_TYPE_METHOD_RETURN);
  assert_int_equal (called.n_replies, 0); /* what came before is told afterwards */
  test_wait_until (NULL, has_reply, &called);
  assert_int_equal (disco_bus_watch_get_n_calls (self->watch), 0);
  called_clear (&called);
  disco_watchdog_free (watchdog);
  test_bus_disown_name (owner);
}

static void
call_that_is_cut_ends_with_an_error_and_ends_the_watch (void **state)
{
  Fixture *self = *state;
  GDBusConnection *owner = watch_owned (self, FALSE);
  DiscoWatchdog *watchdog = disco_watchdog_new (BOUND_US, BOUND_US);
  g_autoptr (DBusMessage) reply = NULL;
  g_autoptr (DBusMessage) next = NULL;
  int n_calls = 0;

  assert_true (disco_watchdog_start (watchdog, NULL));
  g_dbus_connection_add_filter (owner, swallow, &n_calls, NULL);
  reply = call_and_wait (self, "GetMachineId", watchdog);
  assert_int_equal (dbus_message_get_type (reply), DBUS_MESSAGE_TYPE_ERROR);
  assert_int_equal (g_atomic_int_get (&n_calls), 1);
  next = call_and_wait (self, "GetMachineId", watchdog);
  assert_null (next); /* at once */
  wait_log (self, "owned error ");
  disco_watchdog_free (watchdog);
  test_bus_disown_name (owner);
}

/* --- signals --- */

#define PATH "/org/example"
#define INTERFACE "org.example.Clock"
#define MEMBER "Struck"

static void
on_signal (DBusMessage *signal, gpointer user_data)
{
  Fixture *self = user_data;
  const char *text;

  assert_true (dbus_message_get_args (signal, NULL, DBUS_TYPE_STRING, &text, DBUS_TYPE_INVALID));
  g_string_append_printf (self->log, "%s ", text);
}

/* @to: (nullable): NULL for whoever subscribed */
static void
emit (GDBusConnection *connection, const char *to, const char *member, const char *text)
{
  assert_true (g_dbus_connection_emit_signal (connection, to, PATH, INTERFACE, member,
                                              g_variant_new ("(s)", text), NULL));
  assert_true (g_dbus_connection_flush_sync (connection, NULL, NULL));
}

static void
signals_of_the_owner_are_told_and_of_nobody_else (void **state)
{
  Fixture *self = *state;
  GDBusConnection *owner = watch_owned (self, FALSE);
  GDBusConnection *stranger = test_bus_own_name (self->bus, "org.example.Stranger");
  Caller caller = { 0 };

  disco_bus_watch_subscribe (self->watch, PATH, INTERFACE, MEMBER, on_signal, self);
  g_dbus_connection_add_filter (owner, note_caller, &caller, NULL);
  disco_bus_watch_ping (self->watch); /* so the bus has the rule, too, when the answer comes */
  wait_log (self, "owned answers ");
  emit (stranger, NULL, MEMBER, "stranger");
  emit (stranger, caller.name, MEMBER, "forged");
  emit (owner, NULL, "Other", "other");
  emit (owner, NULL, MEMBER, "one");
  wait_log (self, "owned answers one ");
  test_bus_disown_name (owner);
  wait_log (self, "owned answers one free ");

  owner = test_bus_own_name (self->bus, NAME);
  wait_log (self, "owned answers one free owned ");
  emit (owner, NULL, MEMBER, "two");
  wait_log (self, "owned answers one free owned two ");
  test_bus_disown_name (owner);
  test_bus_disown_name (stranger);
}

/* Without a rule at the bus: they are sent to this connection. */
static void
signals_of_any_path_are_told (void **state)
{
  Fixture *self = *state;
  GDBusConnection *owner = watch_owned (self, FALSE);
  Caller caller = { 0 };

  disco_bus_watch_subscribe (self->watch, NULL, INTERFACE, MEMBER, on_signal, self);
  g_dbus_connection_add_filter (owner, note_caller, &caller, NULL);
  disco_bus_watch_ping (self->watch);
  wait_log (self, "owned answers ");
  emit (owner, NULL, MEMBER, "others");
  emit (owner, caller.name, "Other", "other");
  emit (owner, caller.name, MEMBER, "one");
  wait_log (self, "owned answers one ");
  test_bus_disown_name (owner);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    bus_test (owner_that_is_there_is_told),
    bus_test (owner_that_comes_goes_and_comes_again_is_told_each_time),
    bus_test (bus_is_asked_to_start_the_service_only_if_wanted),
    bus_test (service_that_fails_to_start_is_told),
    bus_test (service_that_the_bus_cannot_start_is_told),
    bus_test (service_that_went_is_not_started_again),
    bus_test (bus_that_dies_is_an_error_and_the_process_lives),
    bus_test (no_bus_at_all_is_an_error),
    bus_test (bus_that_takes_no_further_connection_is_a_limit),
    bus_test (address_that_is_none_is_an_error),
    bus_test (watch_freed_at_once_calls_nothing),
    bus_test (owner_that_lives_answers),
    bus_test (owner_that_hangs_does_not_answer_and_the_next_one_does),
    bus_test (nobody_can_guess_the_number_of_a_call),
    bus_test (call_is_answered_once),
    bus_test (call_that_is_refused_has_the_name_of_the_error),
    bus_test (call_whose_owner_goes_ends_with_an_error),
    bus_test (call_that_was_freed_is_under_way_and_not_told),
    bus_test (call_of_a_watch_that_stops_is_not_told),
    bus_test (signal_that_poses_as_a_reply_ends_the_watch),
    bus_test (reply_that_is_waited_for_is_not_told),
    bus_test (call_that_is_cut_ends_with_an_error_and_ends_the_watch),
    bus_test (signals_of_the_owner_are_told_and_of_nobody_else),
    bus_test (signals_of_any_path_are_told),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
