/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "responder-fixture.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- the responder --- */

static void
on_exited (GPid pid, int wait_status, gpointer user_data)
{
  Responder *self = user_data;

  self->exited = TRUE;
  self->wait_status = wait_status;
}

Responder *
responder_start_full (const char *const *options)
{
  Responder *self = g_new0 (Responder, 1);
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  const int target = DISCO_WIRE_CONTROL_FD;
  int fds[2];

  assert_true (disco_wire_socketpair (fds, &error));
  g_ptr_array_add (argv, (gpointer)DISCO_RESPONDER);
  for (guint i = 0; options[i] != NULL; i++)
    g_ptr_array_add (argv, (gpointer)options[i]);
  g_ptr_array_add (argv, NULL);
  if (!g_spawn_async_with_pipes_and_fds (NULL, (const char *const *)argv->pdata, NULL,
                                         G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, -1, -1, -1, &fds[1],
                                         &target, 1, &self->pid, NULL, NULL, NULL, &error))
    fail_msg ("%s", error->message);
  close (fds[1]);
  self->control = fds[0];
  self->watch = g_child_watch_source_new (self->pid);
  g_source_set_callback (self->watch, G_SOURCE_FUNC (on_exited), self, NULL);
  g_source_attach (self->watch, g_main_context_get_thread_default ());
  return self;
}

Responder *
responder_start (void)
{
  const char *const options[] = { "--interface=lo", NULL };

  return responder_start_full (options);
}

void
responder_leave (Responder *self)
{
  if (self->control >= 0)
    close (self->control);
  self->control = -1;
}

static gboolean
has_exited (gpointer data)
{
  return ((Responder *)data)->exited;
}

int
responder_wait (Responder *self)
{
  test_wait_until (NULL, has_exited, self);
  assert_true (WIFEXITED (self->wait_status));
  return WEXITSTATUS (self->wait_status);
}

void
responder_end (Responder *self)
{
  responder_leave (self);
  assert_int_equal (responder_wait (self), 0);
  responder_free (self);
}

void
responder_free (Responder *self)
{
  g_source_destroy (self->watch);
  g_source_unref (self->watch);
  g_free (self);
}

/* --- sessions --- */

static void
message_free (gpointer data)
{
  Message *self = data;

  g_variant_unref (self->body);
  g_free (self);
}

static void
add_message (Session *self, DiscoWireKind kind, GVariant *body)
{
  Message *message = g_new0 (Message, 1);

  message->kind = kind;
  message->body = g_variant_ref (body);
  g_ptr_array_add (self->messages, message);
}

static void
on_received (DiscoWireKind kind, GVariant *body, gpointer user_data)
{
  Session *self = user_data;
  g_autoptr (GVariant) events = NULL;

  if (kind != DISCO_WIRE_BROWSED)
    {
      add_message (self, kind, body);
      return;
    }
  events = g_variant_get_child_value (body, 0);
  assert_in_range (g_variant_n_children (events), 1, DISCO_WIRE_MAX_BATCH);
  for (gsize i = 0; i < g_variant_n_children (events); i++)
    {
      g_autoptr (GVariant) event = g_variant_get_child_value (events, i);
      add_message (self, kind, event);
    }
}

static void
on_closed (const GError *error, gpointer user_data)
{
  Session *self = user_data;

  assert_true (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED));
  self->closed = TRUE;
}

Session *
session_open_version (Responder *responder, guint32 version)
{
  Session *self = g_new0 (Session, 1);
  g_autoptr (GError) error = NULL;
  int fds[2];

  assert_true (disco_wire_socketpair (fds, &error));
  assert_true (disco_wire_send_fd (responder->control, fds[1], &error));
  close (fds[1]);
  self->messages = g_ptr_array_new_with_free_func (message_free);
  self->port = disco_wire_port_new (fds[0], g_main_context_get_thread_default (), on_received,
                                    on_closed, self);
  session_send (self, DISCO_WIRE_HELLO, g_variant_new ("(u)", version));
  return self;
}

Session *
session_open (Responder *responder)
{
  Session *self = session_open_version (responder, DISCO_WIRE_VERSION);
  g_autoptr (GVariant) hello = session_expect (self, DISCO_WIRE_HELLO);
  guchar state = 0;

  while (state != DISCO_WIRE_STATE_RUNNING)
    {
      g_autoptr (GVariant) body = session_expect (self, DISCO_WIRE_STATE);
      g_variant_get (body, "(ysi)", &state, NULL, NULL);
      assert_int_not_equal (state, DISCO_WIRE_STATE_FAILED);
    }
  return self;
}

void
session_send (Session *self, DiscoWireKind kind, GVariant *body)
{
  assert_true (disco_wire_port_send (self->port, kind, body));
}

typedef struct
{
  Session *session;
  DiscoWireKind kind;
  guint32 object;
  DiscoWireBrowse browse;
  GVariant *found; /* (owned) (nullable) */
} Expected;

static gboolean
is_expected (const Expected *self, const Message *message)
{
  guint32 object;
  guchar browse;

  if (message->kind != self->kind)
    return FALSE;
  if (self->kind != DISCO_WIRE_BROWSED)
    return TRUE;
  g_variant_get (message->body, "(uyiisssb@ayi)", &object, &browse, NULL, NULL, NULL, NULL, NULL,
                 NULL, NULL, NULL);
  return object == self->object && browse == self->browse;
}

static gboolean
find_expected (gpointer data)
{
  Expected *self = data;
  GPtrArray *messages = self->session->messages;

  for (guint i = 0; i < messages->len; i++)
    {
      Message *message = g_ptr_array_index (messages, i);
      if (!is_expected (self, message))
        continue;
      self->found = g_variant_ref (message->body);
      g_ptr_array_remove_index (messages, i);
      return TRUE;
    }
  return FALSE;
}

GVariant *
session_expect (Session *self, DiscoWireKind kind)
{
  Expected expected = { .session = self, .kind = kind };

  test_wait_until (NULL, find_expected, &expected);
  return expected.found;
}

GVariant *
session_expect_browsed (Session *self, guint32 object, DiscoWireBrowse kind)
{
  Expected expected
      = { .session = self, .kind = DISCO_WIRE_BROWSED, .object = object, .browse = kind };

  test_wait_until (NULL, find_expected, &expected);
  return expected.found;
}

void
session_expect_group (Session *self, guint32 object, DiscoWireGroup state)
{
  g_autoptr (GVariant) body = session_expect (self, DISCO_WIRE_GROUP);
  guint32 told_object;
  guchar told_state;
  int code;

  g_variant_get (body, "(uyi)", &told_object, &told_state, &code);
  assert_int_equal (told_object, object);
  if (told_state != state)
    fail_msg ("the group told %d, code %d", told_state, code);
}

static gboolean
is_closed (gpointer data)
{
  return ((Session *)data)->closed;
}

void
session_expect_closed (Session *self)
{
  test_wait_until (NULL, is_closed, self);
}

void
session_close (Session *self)
{
  disco_wire_port_free (self->port);
  g_ptr_array_unref (self->messages);
  g_free (self);
}

/* --- bodies --- */

const char *
own_type (void)
{
  static char *type;

  if (type == NULL)
    type = g_strdup_printf ("_t%d._tcp", getpid ());
  return type;
}

GVariant *
service_entry (const char *label, const char *type, guint16 port, const char *text)
{
  g_autoptr (GByteArray) txt = g_byte_array_new ();
  guint8 size = (guint8)strlen (text);

  g_byte_array_append (txt, &size, 1);
  g_byte_array_append (txt, (const guint8 *)text, size);
  return g_variant_new ("(yissssq@ays@ay)", DISCO_WIRE_ENTRY_SERVICE, -1, label, type, "local", "",
                        port,
                        g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, txt->data, txt->len, 1), "",
                        g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, NULL, 0, 1));
}

GVariant *
publish_body (guint32 object, GVariant *entry)
{
  return g_variant_new ("(u@a" DISCO_WIRE_ENTRY_TYPE ")", object,
                        g_variant_new_array (NULL, &entry, 1));
}
