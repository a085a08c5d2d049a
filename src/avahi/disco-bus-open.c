/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-bus-open-private.h"

#include "disco-descriptors-private.h"

/* What a connection takes, and a main context besides */
#define DESCRIPTORS 2

/* D-Bus Specification, "System message bus": where this is not set, there */
#define ADDRESS_VARIABLE "DBUS_SYSTEM_BUS_ADDRESS"
#define DEFAULT_ADDRESS "unix:path=/var/run/dbus/system_bus_socket"

/* Threads of this process that may wait in connect() for a bus when nobody waits for them any more.
 * While there are so many the bus hangs, and one more would only join them: it is waited without.
 */
#define MAX_LEFT_BEHIND 4
#define TURN_MS 50
static int n_left_behind; /* atomic */

enum
{
  STARTED = 1 << 0,
  FINISHED = 1 << 1,
  ABANDONED = 1 << 2,
};

typedef struct
{
  char *address; /* (owned) */
  guint state;   /* atomic */
} Opening;

static void
opening_free (gpointer data)
{
  Opening *self = data;

  g_free (self->address);
  g_free (self);
}

void
disco_bus_close (DBusConnection *connection)
{
  dbus_connection_close (connection);
  dbus_connection_unref (connection);
}

static void
close_opened (gpointer connection)
{
  disco_bus_close (connection);
}

static void
open_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Opening *self = data;
  DBusError error = DBUS_ERROR_INIT;
  DBusConnection *connection = dbus_connection_open_private (self->address, &error);

  if (g_atomic_int_or (&self->state, FINISHED) & ABANDONED)
    g_atomic_int_dec_and_test (&n_left_behind);
  if (connection != NULL)
    {
      dbus_connection_set_exit_on_disconnect (connection, FALSE);
      g_task_return_pointer (task, connection, close_opened);
      return;
    }
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED, "%s", error.message);
  dbus_error_free (&error);
}

/* TRUE if it has its thread */
static gboolean
start (GTask *task)
{
  Opening *self = g_task_get_task_data (task);

  if (g_atomic_int_get (&n_left_behind) >= MAX_LEFT_BEHIND)
    return FALSE;
  g_atomic_int_or (&self->state, STARTED);
  g_task_set_return_on_cancel (task, TRUE);
  g_task_run_in_thread (task, open_in_thread);
  return TRUE;
}

static gboolean
on_turn (gpointer data)
{
  GTask *task = data;

  return g_task_return_error_if_cancelled (task) || start (task) ? G_SOURCE_REMOVE
                                                                 : G_SOURCE_CONTINUE;
}

static void
wait_for_turn (GTask *task)
{
  g_autoptr (GSource) turn = g_timeout_source_new (TURN_MS);

  g_task_attach_source (task, turn, on_turn);
}

void
disco_bus_open_async (GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  const char *address = g_getenv (ADDRESS_VARIABLE);
  g_autoptr (GError) error = NULL;
  Opening *self;

  if (!disco_descriptors_check (DESCRIPTORS, &error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  self = g_new0 (Opening, 1);
  self->address = g_strdup (address != NULL ? address : DEFAULT_ADDRESS);
  g_task_set_task_data (task, self, opening_free);
  if (!start (task))
    wait_for_turn (task);
}

DBusConnection *
disco_bus_open_finish (GAsyncResult *result, GError **error)
{
  GTask *task = G_TASK (result);
  Opening *self = g_task_get_task_data (task);
  DBusConnection *connection = g_task_propagate_pointer (task, error);

  if (connection == NULL && self != NULL
      && (g_atomic_int_or (&self->state, ABANDONED) & (STARTED | FINISHED)) == STARTED)
    g_atomic_int_inc (&n_left_behind);
  return connection;
}
