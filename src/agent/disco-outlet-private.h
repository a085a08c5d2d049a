/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The way from any thread to the context in which an object was made, for its signals. Weak on both
 * sides: it keeps neither the object nor the context, so that an agent which is set for a context
 * (disco_agent_set_for_context()) does not keep that context alive. What is sent when one of them
 * is gone is dropped; what is sent before arrives in order. */
typedef struct _DiscoOutlet DiscoOutlet;

typedef void (*DiscoOutletFunc) (GObject *owner, gpointer data);

/* @context: (nullable): NULL: the thread-default one */
DiscoOutlet *disco_outlet_new (GObject *owner, GMainContext *context);
/* By the owner, when it is finalized */
void disco_outlet_free (DiscoOutlet *self);
/* Calls @func (owner, @data) in the context, never before this returns. @free_data runs in any
 * case, in any thread. */
void disco_outlet_send (DiscoOutlet *self, DiscoOutletFunc func, gpointer data,
                        GDestroyNotify free_data);
/* g_object_notify_by_pspec() in the context. @pspec is the owner's class's. */
void disco_outlet_notify (DiscoOutlet *self, GParamSpec *pspec);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DiscoOutlet, disco_outlet_free)

G_END_DECLS
