/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-wire-private.h"
#include "test-support.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A port, and the bare socket at its other end */
typedef struct
{
  GMainContext *context;
  DiscoWirePort *port; /* (owned) (nullable): a test may free it */
  int peer;            /* or -1, once closed or taken */
  GPtrArray *bodies;   /* (owned) of GVariant: what came */
  GError *error;       /* (owned) (nullable): that it is closed */
  gboolean free_port;  /* in the next callback */
} Fixture;

static void
maybe_free (Fixture *self)
{
  if (self->free_port)
    g_clear_pointer (&self->port, disco_wire_port_free);
}

static void
on_received (DiscoWireKind kind, GVariant *body, gpointer user_data)
{
  Fixture *self = user_data;

  assert_non_null (self->port);
  assert_null (self->error);
  assert_true (g_variant_is_of_type (body, disco_wire_kind_get_type (kind)));
  g_ptr_array_add (self->bodies, g_variant_ref (body));
  maybe_free (self);
}

static void
on_closed (const GError *error, gpointer user_data)
{
  Fixture *self = user_data;

  assert_non_null (self->port);
  assert_null (self->error);
  self->error = g_error_copy (error);
  maybe_free (self);
}

static int
set_up (void **state)
{
  Fixture *self = g_new0 (Fixture, 1);
  int fds[2];

  test_context_push ((void **)&self->context);
  assert_true (disco_wire_socketpair (fds, NULL));
  self->port = disco_wire_port_new (fds[0], self->context, on_received, on_closed, self);
  self->peer = fds[1];
  self->bodies = g_ptr_array_new_with_free_func ((GDestroyNotify)g_variant_unref);
  *state = self;
  return 0;
}

static int
tear_down (void **state)
{
  Fixture *self = *state;

  g_clear_pointer (&self->port, disco_wire_port_free);
  if (self->peer >= 0)
    close (self->peer);
  g_ptr_array_unref (self->bodies);
  g_clear_error (&self->error);
  test_context_pop ((void **)&self->context);
  g_free (self);
  return 0;
}

#define port_test(test) cmocka_unit_test_setup_teardown (test, set_up, tear_down)

static void
close_peer (Fixture *self)
{
  close (self->peer);
  self->peer = -1;
}

static void
peer_writes (Fixture *self, gconstpointer data, gsize size)
{
  assert_int_equal (send (self->peer, data, size, MSG_NOSIGNAL), size);
}

static void
append_frame (GByteArray *frames, guint32 kind, GVariant *body)
{
  g_autoptr (GVariant) held = g_variant_ref_sink (body);
  guint32 head[] = { (guint32)g_variant_get_size (body), kind };

  g_byte_array_append (frames, (const guint8 *)head, sizeof head);
  g_byte_array_append (frames, g_variant_get_data (body), head[0]);
}

/* (transfer full): @n messages, numbered from 0 */
static GByteArray *
frames_new (guint n)
{
  GByteArray *frames = g_byte_array_new ();

  for (guint i = 0; i < n; i++)
    append_frame (frames, DISCO_WIRE_BROWSE_SERVICES, g_variant_new ("(us)", i, "_http._tcp"));
  return frames;
}

static void
assert_numbered (GPtrArray *bodies, guint n)
{
  assert_int_equal (bodies->len, n);
  for (guint i = 0; i < n; i++)
    {
      guint32 number;
      g_variant_get_child (bodies->pdata[i], 0, "u", &number);
      assert_int_equal (number, i);
    }
}

typedef struct
{
  GPtrArray *bodies;
  guint n;
} Count;

static gboolean
have_come (gpointer data)
{
  Count *count = data;

  return count->bodies->len >= count->n;
}

static gboolean
is_closed (gpointer data)
{
  return ((Fixture *)data)->error != NULL;
}

static void
assert_closes (Fixture *self, GIOErrorEnum code)
{
  test_wait_until (NULL, is_closed, self);
  assert_true (g_error_matches (self->error, G_IO_ERROR, (int)code));
  /* what is sent now goes nowhere, and harms nobody */
  assert_true (disco_wire_port_send (self->port, DISCO_WIRE_FREE, g_variant_new ("(u)", 1)));
  test_dispatch_pending ();
}

static void
messages_come_in_order_however_many_are_on_their_way (void **state)
{
  Fixture *self = *state;
  Fixture other = { .context = self->context };
  const guint n = 3000;
  g_autofree char *text = g_strnfill (4000, 'x');

  for (guint i = 0; i < n; i++)
    assert_true (disco_wire_port_send (self->port, DISCO_WIRE_BROWSE_SERVICES,
                                       g_variant_new ("(us)", i, text)));
  test_dispatch_pending ();
  other.bodies = g_ptr_array_new_with_free_func ((GDestroyNotify)g_variant_unref);
  other.port = disco_wire_port_new (self->peer, self->context, on_received, on_closed, &other);
  self->peer = -1;
  test_wait_until (NULL, have_come, &(Count){ other.bodies, n });
  assert_numbered (other.bodies, n);
  disco_wire_port_free (other.port);
  g_ptr_array_unref (other.bodies);
}

static void
message_that_comes_in_pieces_is_told_when_it_is_whole (void **state)
{
  Fixture *self = *state;
  g_autoptr (GByteArray) frames = frames_new (2);

  for (guint i = 0; i < frames->len; i++)
    {
      assert_int_equal (self->bodies->len, i < frames->len / 2 ? 0 : 1);
      peer_writes (self, frames->data + i, 1);
      test_dispatch_pending ();
    }
  assert_numbered (self->bodies, 2);
}

static void
what_was_sent_before_the_end_is_told_before_it (void **state)
{
  Fixture *self = *state;
  g_autoptr (GByteArray) frames = frames_new (500);

  peer_writes (self, frames->data, frames->len);
  close_peer (self);
  assert_closes (self, G_IO_ERROR_CLOSED);
  assert_numbered (self->bodies, 500);
}

static void
kind_that_there_is_not_closes_the_port (void **state)
{
  static const guint32 kinds[] = { 0, DISCO_WIRE_N_KINDS, G_MAXUINT32 };
  Fixture *self = *state;

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (GByteArray) frames = frames_new (2);
      append_frame (frames, kinds[i], g_variant_new ("(u)", 2));
      append_frame (frames, DISCO_WIRE_FREE, g_variant_new ("(u)", 3));
      peer_writes (self, frames->data, frames->len);
      assert_closes (self, G_IO_ERROR_INVALID_DATA);
      assert_numbered (self->bodies, 2);
      tear_down (state);
      set_up (state);
      self = *state;
    }
}

static void
body_that_is_not_its_kinds_closes_the_port (void **state)
{
  Fixture *self = *state;
  g_autoptr (GByteArray) frames = g_byte_array_new ();

  append_frame (frames, DISCO_WIRE_BROWSE_SERVICES, g_variant_new ("(u)", 2));
  peer_writes (self, frames->data, frames->len);
  assert_closes (self, G_IO_ERROR_INVALID_DATA);
}

static void
text_that_is_not_utf8_closes_the_port (void **state)
{
  Fixture *self = *state;
  g_autoptr (GByteArray) frames = frames_new (1);

  *(guint8 *)memchr (frames->data, 'h', frames->len) = 0xff;
  peer_writes (self, frames->data, frames->len);
  assert_closes (self, G_IO_ERROR_INVALID_DATA);
}

static void
message_that_is_too_large_closes_the_port_before_it_has_come (void **state)
{
  Fixture *self = *state;
  const guint32 head[] = { DISCO_WIRE_MAX_BODY + 1, DISCO_WIRE_PUBLISH };

  peer_writes (self, head, sizeof head);
  assert_closes (self, G_IO_ERROR_INVALID_DATA);
}

static void
message_that_is_too_large_is_not_sent (void **state)
{
  Fixture *self = *state;
  g_autofree char *text = g_strnfill (DISCO_WIRE_MAX_BODY, 'x');
  char byte;

  assert_false (disco_wire_port_send (self->port, DISCO_WIRE_BROWSE_SERVICES,
                                      g_variant_new ("(us)", 1, text)));
  test_dispatch_pending ();
  assert_true (recv (self->peer, &byte, 1, MSG_DONTWAIT) < 0);
}

static void
peer_that_does_not_read_is_given_up (void **state)
{
  Fixture *self = *state;
  g_autofree char *text = g_strnfill (DISCO_WIRE_MAX_BODY - 100, 'x');

  for (guint i = 0; i < DISCO_WIRE_MAX_QUEUED / DISCO_WIRE_MAX_BODY + 10; i++)
    assert_true (disco_wire_port_send (self->port, DISCO_WIRE_BROWSE_SERVICES,
                                       g_variant_new ("(us)", i, text)));
  assert_null (self->error);
  assert_closes (self, G_IO_ERROR_NO_SPACE);
}

static void
port_may_be_freed_when_it_tells_a_message (void **state)
{
  Fixture *self = *state;
  g_autoptr (GByteArray) frames = frames_new (3);

  self->free_port = TRUE;
  peer_writes (self, frames->data, frames->len);
  test_wait_until (NULL, have_come, &(Count){ self->bodies, 1 });
  test_dispatch_pending ();
  assert_numbered (self->bodies, 1);
}

static void
port_may_be_freed_when_it_tells_its_end (void **state)
{
  Fixture *self = *state;

  self->free_port = TRUE;
  close_peer (self);
  test_wait_until (NULL, is_closed, self);
  assert_null (self->port);
}

static void
random_bytes_do_no_harm (void **state)
{
  Fixture *self = *state;
  g_autoptr (GRand) rand = test_rand_new ();

  for (guint round = 0; round < 2000; round++)
    {
      g_autoptr (GByteArray) frames = frames_new (3);
      guint n = (guint)g_rand_int_range (rand, 1, 6);
      for (guint i = 0; i < n; i++)
        frames->data[g_rand_int_range (rand, 0, (gint32)frames->len)]
            = (guint8)g_rand_int_range (rand, 0, 256);
      peer_writes (self, frames->data, frames->len);
      close_peer (self);
      test_wait_until (NULL, is_closed, self);
      assert_true (self->bodies->len <= frames->len / 8);
      tear_down (state);
      set_up (state);
      self = *state;
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    port_test (messages_come_in_order_however_many_are_on_their_way),
    port_test (message_that_comes_in_pieces_is_told_when_it_is_whole),
    port_test (what_was_sent_before_the_end_is_told_before_it),
    port_test (kind_that_there_is_not_closes_the_port),
    port_test (body_that_is_not_its_kinds_closes_the_port),
    port_test (text_that_is_not_utf8_closes_the_port),
    port_test (message_that_is_too_large_closes_the_port_before_it_has_come),
    port_test (message_that_is_too_large_is_not_sent),
    port_test (peer_that_does_not_read_is_given_up),
    port_test (port_may_be_freed_when_it_tells_a_message),
    port_test (port_may_be_freed_when_it_tells_its_end),
    port_test (random_bytes_do_no_harm),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
