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
  GCancellable *cancellable;  /* (owned) */
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
  self->cancellable = g_cancellable_new ();
  *state = self;
  return 0;
}

static int
tear_down (void **state)
{
  Fixture *self = *state;

  g_clear_pointer (&self->connection, disco_bus_close);
  g_clear_error (&self->error);
  g_object_unref (self->cancellable);
  test_bus_free (self->bus);
  test_dispatch_pending ();
  test_context_pop ((void **)&self->context);
  g_free (self);
  return 0;
}

#define open_test(test) cmocka_unit_test_setup_teardown (test, set_up, tear_down)

static void
on_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Fixture *self = user_data;

  self->connection = disco_bus_open_finish (result, &self->error);
  self->ended = TRUE;
  assert_true ((self->connection == NULL) == (self->error != NULL));
}

static gboolean
is_set (gpointer data)
{
  return *(gboolean *)data;
}

static void
begin (Fixture *self)
{
  self->ended = FALSE;
  g_clear_error (&self->error);
  disco_bus_open_async (self->cancellable, on_opened, self);
  assert_false (self->ended);
}

static void
open_and_wait (Fixture *self)
{
  begin (self);
  test_wait_until (NULL, is_set, &self->ended);
}

static void
cancel_and_wait (Fixture *self)
{
  begin (self);
  g_cancellable_cancel (self->cancellable);
  test_wait_until (NULL, is_set, &self->ended);
  assert_true (g_error_matches (self->error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  g_cancellable_reset (self->cancellable);
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
opening_is_cancelled (void **state)
{
  Fixture *self = *state;

  test_bus_start (self->bus);
  for (guint i = 0; i < MANY; i++)
    cancel_and_wait (self);
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
bus_that_takes_no_connections_leaves_few_threads_behind (void **state)
{
  Fixture *self = *state;
  GArray *fds = make_full_socket (self->bus->socket);

  const guint n_threads = count_threads ();

  for (guint i = 0; i < MANY; i++)
    cancel_and_wait (self);
  begin (self);
  test_dispatch_pending ();
  assert_in_range (count_threads (), n_threads, n_threads + MAX_LEFT_BEHIND + 1);
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
    open_test (opening_is_cancelled),
    open_test (bus_that_takes_no_connections_leaves_few_threads_behind),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
