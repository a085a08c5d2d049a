/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-bus-open-private.h"
#include "test-bus.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define MAX_LEFT_BEHIND 4
#define MANY 8

typedef struct
{
  GMainContext *context;
  TestBus *bus;               /* (owned) */
  DiscoBusOpening *opening;   /* (owned) (nullable) */
  DBusConnection *connection; /* (owned) (nullable) */
  GError *error;              /* (owned) (nullable) */
  gboolean ended;
} Fixture;

static int
set_up (void **state)
{
  Fixture *self = g_new0 (Fixture, 1);

  test_context_push ((void **)&self->context);
  self->bus = test_bus_new (NULL);
  *state = self;
  return 0;
}

static int
tear_down (void **state)
{
  Fixture *self = *state;

  g_clear_pointer (&self->opening, disco_bus_opening_free);
  g_clear_pointer (&self->connection, disco_bus_close);
  g_clear_error (&self->error);
  test_bus_free (self->bus);
  test_dispatch_pending ();
  test_context_pop ((void **)&self->context);
  g_free (self);
  return 0;
}

#define open_test(test) cmocka_unit_test_setup_teardown (test, set_up, tear_down)

static void
on_opened (DBusConnection *connection, const GError *error, gpointer user_data)
{
  Fixture *self = user_data;

  assert_false (self->ended);
  assert_true ((connection == NULL) == (error != NULL));
  self->connection = connection;
  self->error = error != NULL ? g_error_copy (error) : NULL;
  self->ended = TRUE;
  g_clear_pointer (&self->opening, disco_bus_opening_free);
}

static gboolean
is_set (gpointer data)
{
  return *(gboolean *)data;
}

static void
begin (Fixture *self)
{
  self->opening = disco_bus_open (self->context, on_opened, self);
  assert_false (self->ended);
}

static void
open_and_wait (Fixture *self)
{
  begin (self);
  test_wait_until (NULL, is_set, &self->ended);
}

static guint
count_threads (void)
{
  g_autoptr (GDir) threads = g_dir_open ("/proc/self/task", 0, NULL);
  guint n = 0;

  while (g_dir_read_name (threads) != NULL)
    n++;
  return n;
}

static void
bus_is_connected_to (void **state)
{
  Fixture *self = *state;

  test_bus_start (self->bus);
  open_and_wait (self);
  assert_true (dbus_connection_get_is_connected (self->connection));
}

static void
no_bus_is_an_error (void **state)
{
  Fixture *self = *state;

  open_and_wait (self);
  assert_true (g_error_matches (self->error, G_IO_ERROR, G_IO_ERROR_FAILED));
  assert_non_null (strstr (self->error->message, self->bus->socket));
}

static void
address_that_is_none_is_an_error (void **state)
{
  Fixture *self = *state;

  g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", "nonsense", TRUE);
  open_and_wait (self);
  assert_true (g_error_matches (self->error, G_IO_ERROR, G_IO_ERROR_FAILED));
}

static void
opening_that_is_freed_is_not_told (void **state)
{
  Fixture *self = *state;

  test_bus_start (self->bus);
  for (guint i = 0; i < MANY; i++)
    {
      begin (self);
      if (i % 2 == 0)
        g_main_context_iteration (self->context, FALSE); /* it has its thread then */
      g_clear_pointer (&self->opening, disco_bus_opening_free);
    }
  test_dispatch_pending ();
  assert_false (self->ended);
  open_and_wait (self);
  assert_non_null (self->connection);
}

/* A socket where nobody accepts, and with as many waiting as it takes: connect() blocks. (transfer
 * full): its descriptors, the first one that of the socket */
static GArray *
make_full_socket (const char *path)
{
  GArray *fds = g_array_new (FALSE, FALSE, sizeof (int));
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_strlcpy (address.sun_path, path, sizeof address.sun_path);
  assert_int_equal (bind (fd, (struct sockaddr *)&address, sizeof address), 0);
  assert_int_equal (listen (fd, 0), 0);
  g_array_append_val (fds, fd);
  for (;;)
    {
      fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
      g_array_append_val (fds, fd);
      if (connect (fd, (struct sockaddr *)&address, sizeof address) == 0)
        continue;
      assert_int_equal (errno, EAGAIN);
      return fds;
    }
}

static void
free_socket (GArray *fds)
{
  for (guint i = 0; i < fds->len; i++)
    (void)close (g_array_index (fds, int, i));
  g_array_unref (fds);
}

static void
bus_that_takes_no_connections_leaves_few_threads_behind (void **state)
{
  Fixture *self = *state;
  GArray *fds = make_full_socket (self->bus->socket);
  const guint n_threads = count_threads ();

  for (guint i = 0; i < MANY; i++)
    {
      begin (self);
      test_dispatch_pending ();
      g_clear_pointer (&self->opening, disco_bus_opening_free);
    }
  begin (self);
  test_dispatch_pending ();
  assert_true (count_threads () <= n_threads + MAX_LEFT_BEHIND);
  assert_false (self->ended);
  free_socket (fds);
  test_wait_until (NULL, is_set, &self->ended);
  assert_true (g_error_matches (self->error, G_IO_ERROR, G_IO_ERROR_FAILED));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    open_test (bus_is_connected_to),
    open_test (no_bus_is_an_error),
    open_test (address_that_is_none_is_an_error),
    open_test (opening_that_is_freed_is_not_told),
    open_test (bus_that_takes_no_connections_leaves_few_threads_behind),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
