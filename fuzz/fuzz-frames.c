/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz-frames.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_STEPS 100

typedef struct
{
  guint32 size;
  guint32 kind;
} Head;

void
fuzz_frames_init (FuzzFrames *self, int *fd)
{
  g_autoptr (GError) error = NULL;
  int fds[2];

  if (!disco_wire_socketpair (fds, &error))
    g_error ("%s", error->message);
  self->fd = fds[0];
  self->sent = g_byte_array_new ();
  self->n_delayed = 0;
  self->refused = FALSE;
  *fd = fds[1];
}

void
fuzz_frames_clear (FuzzFrames *self)
{
  close (self->fd);
  g_byte_array_unref (self->sent);
}

static void
add_bytes (FuzzFrames *self, gconstpointer bytes, gsize size)
{
  g_byte_array_append (self->sent, bytes, (guint)size);
  self->n_delayed += size;
}

void
fuzz_frames_add (FuzzFrames *self, guint kind, GVariant *body)
{
  g_autoptr (GVariant) held = g_variant_ref_sink (body);
  Head head = { (guint32)g_variant_get_size (held), kind };

  g_assert_true (g_variant_is_of_type (held, disco_wire_kind_get_type (kind)));
  add_bytes (self, &head, sizeof head);
  add_bytes (self, g_variant_get_data (held), head.size);
}

void
fuzz_frames_add_raw (FuzzFrames *self, FuzzInput *input)
{
  static const guint32 lies[] = { 0, 1, DISCO_WIRE_MAX_BODY, DISCO_WIRE_MAX_BODY + 1, G_MAXUINT32 };
  guint kind = fuzz_take_byte (input);
  guint lie = fuzz_take_byte (input);
  gsize size;
  const guint8 *bytes = fuzz_take_bytes (input, &size);
  Head head = { lie < G_N_ELEMENTS (lies) ? lies[lie] : (guint32)size, kind };

  add_bytes (self, &head, sizeof head);
  add_bytes (self, bytes, size);
}

/* All but @keep bytes, as far as there is room */
static void
write_but (FuzzFrames *self, gsize keep)
{
  while (self->n_delayed > keep && !self->refused)
    {
      const guint8 *from = self->sent->data + self->sent->len - self->n_delayed;
      gssize n = send (self->fd, from, self->n_delayed - keep, MSG_NOSIGNAL | MSG_DONTWAIT);

      if (n > 0)
        self->n_delayed -= (gsize)n;
      else if (errno == EAGAIN)
        return;
      else
        self->refused = TRUE; /* the other end has closed */
    }
}

void
fuzz_frames_write (FuzzFrames *self, FuzzInput *input)
{
  write_but (self, fuzz_take_byte (input));
}

void
fuzz_frames_write_all (FuzzFrames *self)
{
  write_but (self, 0);
}

void
fuzz_frames_play (FuzzFrames *self, FuzzInput *input, void (*step) (FuzzInput *),
                  void (*settle) (void))
{
  for (guint i = 0; i < MAX_STEPS && input->size > 0; i++)
    {
      step (input);
      settle ();
    }
  do
    {
      write_but (self, 0);
      settle ();
    }
  while (self->n_delayed > 0 && !self->refused);
}

/* A body's serialised form is that of what it says; others are refused.
 * (transfer full) (nullable) */
static GVariant *
read_body (const GVariantType *type, const guint8 *bytes, gsize size)
{
  g_autoptr (GBytes) copy = g_bytes_new (bytes, size);
  g_autoptr (GVariant) loose = g_variant_ref_sink (g_variant_new_from_bytes (type, copy, FALSE));
  g_autoptr (GVariant) normal = g_variant_get_normal_form (loose);

  if (g_variant_get_size (normal) != size)
    return NULL;
  if (size > 0 && memcmp (g_variant_get_data (normal), bytes, size) != 0)
    return NULL;
  return g_steal_pointer (&normal);
}

gboolean
fuzz_frames_read (FuzzFrames *self, guint *kind, GVariant **body)
{
  gsize size = self->sent->len - self->n_delayed;
  const GVariantType *type;
  Head head;

  *body = NULL;
  if (size < sizeof head)
    return FALSE;
  memcpy (&head, self->sent->data, sizeof head);
  *kind = head.kind;
  if (head.size > DISCO_WIRE_MAX_BODY)
    return TRUE;
  if (size - sizeof head < head.size)
    return FALSE;
  type = disco_wire_kind_get_type (head.kind);
  if (type != NULL)
    *body = read_body (type, self->sent->data + sizeof head, head.size);
  g_byte_array_remove_range (self->sent, 0, (guint)(sizeof head + head.size));
  return TRUE;
}

void
fuzz_frames_drain (FuzzFrames *self)
{
  guint8 room[4096];

  while (recv (self->fd, room, sizeof room, MSG_DONTWAIT) > 0)
    continue;
}

/* --- fields --- */

int
fuzz_take_place (FuzzInput *input)
{
  return (int)fuzz_take_below (input, 9) - 2;
}

GVariant *
fuzz_take_ay (FuzzInput *input)
{
  gsize size;
  const guint8 *bytes = fuzz_take_bytes (input, &size);

  return g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, bytes, size, 1);
}

char *
fuzz_take_name (FuzzInput *input)
{
  static const char *const names[] = { "", "x", "_http._tcp", "local", "box.local" };
  guint i = fuzz_take_below (input, 8);
  g_autofree char *text = NULL;
  g_autoptr (GString) many = NULL;

  if (i < G_N_ELEMENTS (names))
    return g_strdup (names[i]);
  text = fuzz_take_utf8 (input);
  if (i > G_N_ELEMENTS (names))
    return g_steal_pointer (&text);
  /* longer than any name */
  many = g_string_new (NULL);
  for (guint n = fuzz_take_byte (input); n > 0; n--)
    g_string_append (many, text);
  return g_string_free (g_steal_pointer (&many), FALSE);
}
