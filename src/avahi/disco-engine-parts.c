/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the engine's parts ask of it. */
#include "disco-browser-private.h"
#include "disco-engine-state-private.h"

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
