/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-object-private.h"

#include <avahi-core/core.h>

/* Where several responders share a host's address, as those of several programs do, the others take
 * what one of them says that it knows (RFC 6762 §7.1) for known to all: Avahi gives no answer for
 * 0.7 s after that. Each asks again after 1, 2, 4 … s, so that two in step go without for long. Who
 * has heard nothing therefore asks anew, out of step: of three questions 1.15 s apart one is past
 * the other's time. Avahi forgets that it has asked only a second later, if nobody has it ask by
 * then. */
#define ASKING_MS 900
#define RESTING_MS 250

DiscoObject *
disco_object_new (DiscoSession *session, guint32 number)
{
  DiscoObject *self = g_new0 (DiscoObject, 1);

  self->session = session;
  self->number = number;
  return self;
}

void
disco_object_clear_source (GSource **source)
{
  if (*source == NULL)
    return;
  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

void
disco_object_clear (DiscoObject *self)
{
  disco_object_clear_source (&self->again);
  if (self->avahi != NULL)
    self->avahi_free (g_steal_pointer (&self->avahi));
}

void
disco_object_free (DiscoObject *self)
{
  disco_object_clear (self);
  disco_object_clear_source (&self->all_for_now);
  g_clear_pointer (&self->body, g_variant_unref);
  g_free (self);
}

int
disco_object_get_errno (DiscoObject *self)
{
  return avahi_server_errno (disco_session_get_avahi (self->session));
}

GVariant *
disco_object_bytes_new (gconstpointer data, gsize size)
{
  return g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, data, size, 1);
}

/* --- asking --- */

static gboolean on_again (gpointer data);

static void
go_on_after (DiscoObject *self, guint ms)
{
  self->again = g_timeout_source_new (ms);
  g_source_set_callback (self->again, on_again, self, NULL);
  g_source_attach (self->again, disco_session_get_context (self->session));
}

static void
ask (DiscoObject *self)
{
  if (self->ask (self) && self->n_again < DISCO_OBJECT_N_AGAIN)
    go_on_after (self, ASKING_MS);
}

static gboolean
on_again (gpointer data)
{
  DiscoObject *self = data;
  const gboolean was_asking = self->avahi != NULL;

  disco_object_clear (self);
  if (was_asking)
    go_on_after (self, RESTING_MS);
  else
    {
      self->n_again++;
      ask (self);
    }
  return G_SOURCE_REMOVE;
}

DiscoObject *
disco_object_begin_to_ask (DiscoObject *self, GVariant *body, DiscoObjectAsk asks)
{
  self->ask = asks;
  self->body = g_variant_ref (body);
  ask (self);
  return self;
}
