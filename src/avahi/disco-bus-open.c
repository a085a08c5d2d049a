/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-bus-open-private.h"

#include "disco-descriptors-private.h"
#include "disco-engine-private.h"

#include <stdlib.h>

/* What a connection takes, and a main context besides */
#define DESCRIPTORS 2

/* D-Bus Specification, "System message bus": where this is not set, there. The environment of a
 * program with more rights than its caller is the caller's, and not obeyed: an address may name a
 * program to be run. */
#define ADDRESS_VARIABLE "DBUS_SYSTEM_BUS_ADDRESS"
#define DEFAULT_ADDRESS "unix:path=/var/run/dbus/system_bus_socket"

/* Threads of this process that may wait in connect() for a bus when nobody waits for them any more.
 * While there are so many the bus hangs, and one more would only join them: it is waited without.
 */
#define MAX_LEFT_BEHIND 4
#define TURN_US (50 * G_TIME_SPAN_MILLISECOND)
static int n_left_behind; /* atomic */

/* References: its owner's and its thread's */
struct _DiscoBusOpening
{
  char *address; /* (owned) */
  DiscoBusOpenFunc func;
  gpointer user_data;
  GSource *timer; /* (owned by the owner): when to start, or to tell what came of it */
  gboolean started;

  GMutex mutex; /* protects what follows, until it has ended */
  gboolean ended;
  gboolean abandoned;
  DBusConnection *connection; /* (owned) (nullable) */
  GError *error;              /* (owned) (nullable) */
};

void
disco_bus_close (DBusConnection *connection)
{
  dbus_connection_close (connection);
  dbus_connection_unref (connection);
}

static void
opening_clear (gpointer data)
{
  DiscoBusOpening *self = data;

  g_clear_pointer (&self->connection, disco_bus_close);
  g_clear_error (&self->error);
  g_mutex_clear (&self->mutex);
  g_free (self->address);
}

static void
opening_unref (DiscoBusOpening *self)
{
  g_atomic_rc_box_release_full (self, opening_clear);
}

static gpointer
open_in_thread (gpointer data)
{
  DiscoBusOpening *self = data;
  DBusError error = DBUS_ERROR_INIT;
  DBusConnection *connection = dbus_connection_open_private (self->address, &error);

  g_mutex_lock (&self->mutex);
  self->ended = TRUE;
  if (connection != NULL)
    dbus_connection_set_exit_on_disconnect (connection, FALSE);
  else
    self->error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, error.message);
  self->connection = connection;
  if (self->abandoned)
    g_atomic_int_dec_and_test (&n_left_behind);
  else
    g_source_set_ready_time (self->timer, 0);
  g_mutex_unlock (&self->mutex);
  dbus_error_free (&error);
  opening_unref (self);
  return NULL;
}

/* Without a thread it ends at once, with an error. */
static void
start (DiscoBusOpening *self)
{
  g_autoptr (GError) error = NULL;
  GThread *thread = NULL;

  self->started = TRUE;
  g_atomic_rc_box_acquire (self);
  if (disco_descriptors_check (DESCRIPTORS, &error))
    thread = g_thread_try_new ("disco-bus", open_in_thread, self, &error);
  if (thread != NULL)
    {
      g_thread_unref (thread);
      return;
    }
  opening_unref (self);
  self->error = g_steal_pointer (&error);
  self->ended = TRUE;
  g_source_set_ready_time (self->timer, 0);
}

static void
tell (DiscoBusOpening *self)
{
  DBusConnection *connection;

  g_mutex_lock (&self->mutex);
  connection = g_steal_pointer (&self->connection);
  g_mutex_unlock (&self->mutex);
  self->func (connection, self->error, self->user_data); /* may free self */
}

static gboolean
on_timer (gpointer user_data)
{
  DiscoBusOpening *self = user_data;

  if (self->started)
    tell (self);
  else if (g_atomic_int_get (&n_left_behind) < MAX_LEFT_BEHIND)
    start (self);
  else
    g_source_set_ready_time (self->timer, g_get_monotonic_time () + TURN_US);
  return G_SOURCE_CONTINUE;
}

DiscoBusOpening *
disco_bus_open (GMainContext *context, DiscoBusOpenFunc func, gpointer user_data)
{
  DiscoBusOpening *self = g_atomic_rc_box_new0 (DiscoBusOpening);
  const char *address = secure_getenv (ADDRESS_VARIABLE);

  self->address = g_strdup (address != NULL ? address : DEFAULT_ADDRESS);
  self->func = func;
  self->user_data = user_data;
  self->timer = disco_timer_new (context, on_timer, self);
  g_mutex_init (&self->mutex);
  g_source_set_ready_time (self->timer, 0);
  return self;
}

void
disco_bus_opening_free (DiscoBusOpening *self)
{
  g_mutex_lock (&self->mutex);
  disco_timer_free (self->timer);
  self->abandoned = TRUE;
  if (self->started && !self->ended)
    g_atomic_int_inc (&n_left_behind);
  g_mutex_unlock (&self->mutex);
  opening_unref (self);
}
