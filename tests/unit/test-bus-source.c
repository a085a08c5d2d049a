/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-bus-source-private.h"
#include "test-bus.h"

/* More than are dispatched in one turn of the context */
#define MANY 200

typedef struct
{
  GMainContext *context;
  TestBus *bus;               /* (owned) */
  DBusConnection *connection; /* (owned) */
  DiscoBusSource *source;     /* (owned) (nullable) */
  guint n_replies;
  guint n_errors; /* of the replies */
  gboolean disconnected;
} Fixture;

static int
set_up (void **state)
{
  Fixture *self = g_new0 (Fixture, 1);
  g_autofree char *address = NULL;

  test_context_push ((void **)&self->context);
  self->bus = test_bus_new (NULL);
  test_bus_start (self->bus);
  address = g_strconcat ("unix:path=", self->bus->socket, NULL);
  self->connection = dbus_connection_open_private (address, NULL);
  assert_non_null (self->connection);
  self->source = disco_bus_source_new (self->connection, self->context);
  *state = self;
  return 0;
}

static int
tear_down (void **state)
{
  Fixture *self = *state;

  g_clear_pointer (&self->source, disco_bus_source_free);
  dbus_connection_close (self->connection);
  dbus_connection_unref (self->connection);
  test_bus_free (self->bus);
  test_dispatch_pending ();
  test_context_pop ((void **)&self->context);
  g_free (self);
  return 0;
}

#define source_test(test) cmocka_unit_test_setup_teardown (test, set_up, tear_down)

static void
on_reply (DBusPendingCall *pending, void *data)
{
  DBusMessage *reply = dbus_pending_call_steal_reply (pending);
  Fixture *self = data;

  self->n_replies++;
  self->n_errors += dbus_message_get_type (reply) == DBUS_MESSAGE_TYPE_ERROR;
  dbus_message_unref (reply);
}

static void
call (Fixture *self, const char *method, int timeout_ms, DBusPendingCallNotifyFunction notify)
{
  DBusMessage *message = dbus_message_new_method_call (DBUS_SERVICE_DBUS, DBUS_PATH_DBUS,
                                                       DBUS_INTERFACE_DBUS, method);
  DBusPendingCall *pending;

  dbus_connection_send_with_reply (self->connection, message, &pending, timeout_ms);
  dbus_pending_call_set_notify (pending, notify, self, NULL);
  dbus_pending_call_unref (pending);
  dbus_message_unref (message);
}

typedef struct
{
  Fixture *fixture;
  guint n_replies;
} ReplyWait;

static gboolean
has_replies (gpointer data)
{
  ReplyWait *wait = data;

  return wait->fixture->n_replies >= wait->n_replies;
}

static void
wait_replies (Fixture *self, guint n)
{
  test_wait_until (NULL, has_replies, &(ReplyWait){ self, n });
  assert_int_equal (self->n_replies, n);
}

static void
say_hello (Fixture *self)
{
  call (self, "Hello", DBUS_TIMEOUT_INFINITE, on_reply);
  wait_replies (self, 1);
  assert_int_equal (self->n_errors, 0);
}

static void
calls_are_sent_and_answered (void **state)
{
  Fixture *self = *state;

  say_hello (self);
  for (guint i = 0; i < MANY; i++)
    call (self, "GetId", DBUS_TIMEOUT_USE_DEFAULT, on_reply);
  wait_replies (self, 1 + MANY);
  assert_int_equal (self->n_errors, 0);
}

static void
calls_end_when_their_time_is_over (void **state)
{
  Fixture *self = *state;

  say_hello (self);
  test_bus_hang (self->bus);
  call (self, "GetId", 50, on_reply);
  call (self, "GetId", 100, on_reply);
  wait_replies (self, 3);
  assert_int_equal (self->n_errors, 2);
}

static DBusHandlerResult
on_message (DBusConnection *connection, DBusMessage *message, void *data)
{
  if (dbus_message_is_signal (message, DBUS_INTERFACE_LOCAL, "Disconnected"))
    *(gboolean *)data = TRUE;
  return DBUS_HANDLER_RESULT_NOT_YET_HANDLED;
}

static gboolean
is_set (gpointer data)
{
  return *(gboolean *)data;
}

static void
bus_that_goes_is_noticed (void **state)
{
  Fixture *self = *state;

  say_hello (self);
  dbus_connection_add_filter (self->connection, on_message, &self->disconnected, NULL);
  test_bus_stop (self->bus);
  test_wait_until (NULL, is_set, &self->disconnected);
}

static void
free_source (DBusPendingCall *pending, void *data)
{
  Fixture *self = data;

  self->n_replies++;
  g_clear_pointer (&self->source, disco_bus_source_free);
}

/* The replies after it have been read with it, and stay where they are. */
static void
source_freed_by_a_callback_serves_no_more (void **state)
{
  Fixture *self = *state;

  say_hello (self);
  call (self, "GetId", DBUS_TIMEOUT_USE_DEFAULT, free_source);
  call (self, "GetId", DBUS_TIMEOUT_USE_DEFAULT, on_reply);
  wait_replies (self, 2);
  test_dispatch_pending ();
  assert_int_equal (self->n_replies, 2);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    source_test (calls_are_sent_and_answered),
    source_test (calls_end_when_their_time_is_over),
    source_test (bus_that_goes_is_noticed),
    source_test (source_freed_by_a_callback_serves_no_more),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
