/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-engine-private.h"

G_BEGIN_DECLS

/* One-shot questions for SRV and TXT, a few at a time: asked all at once they make both daemons do
 * twice the work, while with a small window most are answered from the cache before they are asked.
 * Where all are answered so, the window becomes wider. A question that is not answered soon leaves
 * the window to the next, and goes on by itself. Where very many are not answered, those that have
 * had a turn make room for those that have not, and are asked again when nobody waits. */
typedef struct _DiscoResolveJob DiscoResolveJob;

DiscoResolver *disco_resolver_new (DiscoEngine *engine);
void disco_resolver_free (DiscoResolver *self);
/* TRUE if nothing waits and the window is empty */
gboolean disco_resolver_is_idle (DiscoResolver *self);
/* Called when it has become idle */
void disco_resolver_set_idle_func (DiscoResolver *self, GSourceFunc func, gpointer user_data);

/* @func is called once; the texts are kept by the caller until the job is freed */
DiscoResolveJob *disco_resolver_ask (DiscoResolver *self, int ifindex, int protocol,
                                     const char *label, const char *type, const char *domain,
                                     DiscoResolveFunc func, gpointer user_data);
/* It is not put off for others: it goes on until it is answered or the responder gives up. */
void disco_resolve_job_set_must_end (DiscoResolveJob *job);
/* TRUE if the responder is at it: to free it then spares nobody anything */
gboolean disco_resolve_job_is_asked (DiscoResolveJob *job);
void disco_resolve_job_free (DiscoResolveJob *job);

G_END_DECLS
