/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-browser-private.h"
#include "disco-peer-private.h"
#include "disco-quiet-private.h"
#include "disco-quota-private.h"
#include "disco-retry-private.h"
#include "disco-snapshot-private.h"

G_BEGIN_DECLS

/* The inside of a DiscoBrowser, shared by what hears of peers (disco-browser.c) and what makes the
 * snapshot of them (disco-browser-build.c). */
struct _DiscoBrowser
{
  DiscoEngine *engine;
  DiscoSource *source;       /* (owned) */
  DiscoServiceName *service; /* the source's */
  char *name_end;            /* (owned): of all of its full names, "._http._tcp.local" */
  DiscoLinkObject *object;   /* (owned) (nullable): the service browser */
  DiscoLinkObject *again;    /* (owned) (nullable): the one that takes its place */
  DiscoRetry *retry;         /* (owned): where it has failed */
  DiscoRetry *room;          /* (owned): names were turned away; there may be room by now */
  GHashTable *peers;         /* (owned) its full name → (owned) DiscoPeer */
  DiscoQuota *quota;         /* (owned): which of the peers may stay */
  GHashTable *dirty;         /* (owned) DiscoPeer → (owned) gint64: when to build it */
  GHashTable *carried;       /* (owned) set of DiscoPeer: known from an older link */
  DiscoSnapshot *snapshot;   /* (owned): of the peers that are shown, by full name */
  GSource *timer;            /* (owned) */
  gint64 next_batch_at;
  DiscoQuiet quiet;
  gint64 last_shown_at; /* a name that was not shown before */
  gint64 attached_at;
  gint64 all_for_now_at;
  gint64 settled_at; /* on this link; 0: not yet */
  gboolean all_for_now;
  gboolean snapshot_changed;
  gboolean synced;
};

/* Builds @peer at @due_us, if not earlier. */
void disco_browser_mark (DiscoBrowser *self, DiscoPeer *peer, gint64 due_us);
/* There is no room for @peer, which is dropped, and looked for again later. */
void disco_browser_refuse (DiscoBrowser *self, DiscoPeer *peer);
/* Of the timer: builds what is due, and hands on the snapshot where it has changed. */
gboolean disco_browser_build (gpointer user_data);

G_END_DECLS
