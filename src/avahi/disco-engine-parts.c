/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the engine's parts ask of it. */
#include "disco-browser-private.h"
#include "disco-engine-state-private.h"
#include "disco-verifier-private.h"

GMainContext *
disco_engine_get_context (DiscoEngine *self)
{
  return self->context;
}

DiscoLink *
disco_engine_get_link (DiscoEngine *self)
{
  return self->attached ? self->link : NULL;
}

gboolean
disco_engine_is_publishing (DiscoEngine *self)
{
  return self->publishing;
}

DiscoInterfaces *
disco_engine_get_interfaces (DiscoEngine *self)
{
  return self->interfaces;
}

DiscoHosts *
disco_engine_get_hosts (DiscoEngine *self)
{
  return self->hosts;
}

DiscoResolver *
disco_engine_get_resolver (DiscoEngine *self)
{
  return self->resolver;
}

DiscoLive *
disco_engine_get_live (DiscoEngine *self)
{
  return self->live;
}

DiscoVerifier *
disco_engine_get_verifier (DiscoEngine *self)
{
  return self->verifier;
}

DiscoListener *
disco_engine_get_listener (DiscoEngine *self)
{
  return self->listener;
}

void
disco_engine_forget_catalog (DiscoEngine *self, DiscoCatalog *catalog)
{
  g_hash_table_remove (self->catalogs, catalog);
}

void
disco_engine_count (DiscoEngine *self, DiscoCount count, guint n)
{
  disco_counts_add (self->counts, count, n);
}

static const char *
refused_kind (DiscoCount count)
{
  switch ((int)count)
    {
    case DISCO_COUNT_REFUSED_INSTANCES:
      return "an instance";
    case DISCO_COUNT_REFUSED_SERVICES:
      return "a service";
    default:
      return "records";
    }
}

/* Once, and then as often as there are twice as many: whoever floods us writes no log. */
void
disco_engine_refuse (DiscoEngine *self, DiscoCount count, const char *what)
{
  guint64 n;

  disco_engine_count (self, DISCO_COUNT_REFUSED, 1);
  disco_engine_count (self, count, 1);
  n = disco_counts_get (self->counts, count);
  if ((n & (n - 1)) == 0)
    g_debug ("over a bound and refused: %s, as of %s (%" G_GUINT64_FORMAT " so far)",
             refused_kind (count), what, n);
}

void
disco_engine_set_max_instances (DiscoEngine *self, guint max_instances)
{
  self->max_instances = max_instances;
}

guint
disco_engine_get_max_instances (DiscoEngine *self)
{
  return self->max_instances;
}

void
disco_engine_tell_renamed (DiscoEngine *self, const char *id, const char *label)
{
  self->funcs->renamed (id, label, self->user_data);
}

void
disco_engine_refresh (DiscoEngine *self, const char *label, const char *type, const char *domain)
{
  GHashTableIter iter;
  gpointer browser;

  g_hash_table_iter_init (&iter, self->browsers);
  while (g_hash_table_iter_next (&iter, NULL, &browser))
    disco_browser_refresh (browser, label, type, domain);
}

gboolean
disco_engine_hear (DiscoEngine *self, const DiscoHeard *heard)
{
  gboolean is_shown = FALSE;
  GHashTableIter iter;
  gpointer browser;

  if (heard->type == DISCO_RECORD_SRV && !heard->goodbye)
    disco_verifier_hear (self->verifier, heard->name);
  g_hash_table_iter_init (&iter, self->browsers);
  while (g_hash_table_iter_next (&iter, NULL, &browser))
    is_shown |= disco_browser_hear (browser, heard);
  return is_shown;
}

gboolean
disco_engine_awaits (DiscoEngine *self, const char *name, int ifindex, int protocol)
{
  GHashTableIter iter;
  gpointer browser;

  g_hash_table_iter_init (&iter, self->browsers);
  while (g_hash_table_iter_next (&iter, NULL, &browser))
    if (disco_browser_awaits (browser, name, ifindex, protocol))
      return TRUE;
  return FALSE;
}
