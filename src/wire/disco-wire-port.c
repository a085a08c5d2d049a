/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-wire-private.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Bytes that are read, and told, before the context's other sources have their turn */
#define READ_BYTES (64 * 1024)
/* Bytes that have been sent before what is left of the queue moves to its front */
#define MOVE_BYTES ((gsize)1024 * 1024)

typedef struct
{
  guint32 size;
  guint32 kind;
} Head;

struct _DiscoWirePort
{
  int fd;
  GMainContext *context; /* (owned) */
  GSource *input;        /* (owned) */
  GSource *output;       /* (owned) (nullable): while something is queued */
  GSource *ending;       /* (owned) (nullable): the error that is yet to be told */
  GError *error;         /* (owned) (nullable): it is closed */
  GByteArray *received;  /* (owned): what is not yet told */
  gsize told;            /* bytes of it that have been told */
  GByteArray *queued;    /* (owned): what is not yet sent */
  gsize sent;            /* bytes of it that have been sent */
  DiscoWireReceived on_received;
  DiscoWireClosed on_closed;
  gpointer user_data;
  gboolean *freed; /* (nullable): on the stack of the call that tells something */
};

static void
clear_source (GSource **source)
{
  if (*source == NULL)
    return;
  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static gboolean
on_ending (gpointer data)
{
  DiscoWirePort *self = data;

  clear_source (&self->ending);
  self->on_closed (self->error, self->user_data);
  return G_SOURCE_REMOVE;
}

static void
end (DiscoWirePort *self, GIOErrorEnum code, const char *message)
{
  if (self->error != NULL)
    return;
  g_set_error_literal (&self->error, G_IO_ERROR, (int)code, message);
  clear_source (&self->input);
  clear_source (&self->output);
  self->ending = g_idle_source_new ();
  g_source_set_priority (self->ending, G_PRIORITY_DEFAULT);
  g_source_set_callback (self->ending, on_ending, self, NULL);
  g_source_attach (self->ending, self->context);
}

/* --- receiving --- */

/* (transfer full) (nullable): the body of the frame at @data, or NULL if it breaks a rule */
static GVariant *
check_body (const Head *head, const guint8 *data)
{
  const GVariantType *type = disco_wire_kind_get_type (head->kind);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GVariant) body = NULL;

  if (type == NULL)
    return NULL;
  bytes = g_bytes_new (data, head->size);
  body = g_variant_ref_sink (g_variant_new_from_bytes (type, bytes, FALSE));
  return g_variant_is_normal_form (body) ? g_steal_pointer (&body) : NULL;
}

/* Tells the next frame. FALSE: there is none that is whole, or nobody to be told. */
static gboolean
tell_frame (DiscoWirePort *self, const gboolean *freed)
{
  const guint8 *data = self->received->data + self->told;
  gsize size = self->received->len - self->told;
  g_autoptr (GVariant) body = NULL;
  Head head;

  if (size < sizeof head)
    return FALSE;
  memcpy (&head, data, sizeof head);
  if (head.size > DISCO_WIRE_MAX_BODY)
    {
      end (self, G_IO_ERROR_INVALID_DATA, "the other side sent too large a message");
      return FALSE;
    }
  if (size < sizeof head + head.size)
    return FALSE;
  body = check_body (&head, data + sizeof head);
  if (body == NULL)
    {
      end (self, G_IO_ERROR_INVALID_DATA, "the other side sent what is no message");
      return FALSE;
    }
  self->told += sizeof head + head.size;
  self->on_received ((DiscoWireKind)head.kind, body, self->user_data);
  return !*freed && self->error == NULL;
}

/* FALSE: there is nothing to read now, or never again. */
static gboolean
read_some (DiscoWirePort *self)
{
  guint8 buffer[READ_BYTES];
  ssize_t n = recv (self->fd, buffer, sizeof buffer, MSG_DONTWAIT);

  if (n > 0)
    {
      g_byte_array_append (self->received, buffer, (guint)n);
      return TRUE;
    }
  if (n == 0 || (errno != EAGAIN && errno != EINTR))
    end (self, G_IO_ERROR_CLOSED, "the other side has gone");
  return FALSE;
}

static gboolean
on_input (int fd, GIOCondition condition, gpointer data)
{
  DiscoWirePort *self = data;
  gboolean freed = FALSE;

  if (!read_some (self))
    return G_SOURCE_CONTINUE;
  self->freed = &freed;
  while (tell_frame (self, &freed))
    continue;
  if (freed)
    return G_SOURCE_REMOVE;
  self->freed = NULL;
  g_byte_array_remove_range (self->received, 0, (guint)self->told);
  self->told = 0;
  return G_SOURCE_CONTINUE;
}

/* --- sending --- */

/* FALSE: something is left. */
static gboolean
flush (DiscoWirePort *self)
{
  while (self->sent < self->queued->len)
    {
      ssize_t n = send (self->fd, self->queued->data + self->sent, self->queued->len - self->sent,
                        MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          if (errno != EAGAIN)
            end (self, G_IO_ERROR_CLOSED, "the other side has gone");
          break;
        }
      self->sent += (gsize)n;
    }
  if (self->sent < self->queued->len && self->sent < MOVE_BYTES)
    return FALSE;
  g_byte_array_remove_range (self->queued, 0, (guint)self->sent);
  self->sent = 0;
  return self->queued->len == 0;
}

static gboolean
on_output (int fd, GIOCondition condition, gpointer data)
{
  DiscoWirePort *self = data;

  if (flush (self))
    clear_source (&self->output);
  return G_SOURCE_CONTINUE;
}

static void
await_room (DiscoWirePort *self)
{
  if (self->output != NULL || self->error != NULL)
    return;
  self->output = g_unix_fd_source_new (self->fd, G_IO_OUT);
  g_source_set_callback (self->output, G_SOURCE_FUNC (on_output), self, NULL);
  g_source_attach (self->output, self->context);
}

gboolean
disco_wire_port_send (DiscoWirePort *self, DiscoWireKind kind, GVariant *body)
{
  g_autoptr (GVariant) held = g_variant_ref_sink (body);
  Head head = { (guint32)g_variant_get_size (body), kind };

  g_assert (g_variant_is_of_type (body, disco_wire_kind_get_type (kind)));
  if (g_variant_get_size (body) > DISCO_WIRE_MAX_BODY)
    return FALSE;
  if (self->error != NULL)
    return TRUE;
  if (self->queued->len - self->sent > DISCO_WIRE_MAX_QUEUED)
    {
      end (self, G_IO_ERROR_NO_SPACE, "the other side does not read");
      return TRUE;
    }
  g_byte_array_append (self->queued, (const guint8 *)&head, sizeof head);
  g_byte_array_append (self->queued, g_variant_get_data (body), head.size);
  if (self->output == NULL && !flush (self))
    await_room (self);
  return TRUE;
}

/* --- the port --- */

DiscoWirePort *
disco_wire_port_new (int fd, GMainContext *context, DiscoWireReceived received,
                     DiscoWireClosed closed, gpointer user_data)
{
  DiscoWirePort *self = g_new0 (DiscoWirePort, 1);

  self->fd = fd;
  self->context = g_main_context_ref (context);
  self->received = g_byte_array_new ();
  self->queued = g_byte_array_new ();
  self->on_received = received;
  self->on_closed = closed;
  self->user_data = user_data;
  self->input = g_unix_fd_source_new (fd, G_IO_IN);
  g_source_set_callback (self->input, G_SOURCE_FUNC (on_input), self, NULL);
  g_source_attach (self->input, context);
  return self;
}

void
disco_wire_port_free (DiscoWirePort *self)
{
  if (self->freed != NULL)
    *self->freed = TRUE;
  clear_source (&self->input);
  clear_source (&self->output);
  clear_source (&self->ending);
  close (self->fd);
  g_clear_error (&self->error);
  g_byte_array_unref (self->received);
  g_byte_array_unref (self->queued);
  g_main_context_unref (self->context);
  g_free (self);
}
