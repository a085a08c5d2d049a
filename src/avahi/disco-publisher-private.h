/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-engine-private.h"
#include "disco-pace-private.h"
#include "disco-record-set-private.h"

G_BEGIN_DECLS

/* What this agent announces: the desired state, kept whatever happens to the link, and its way onto
 * the network. The tasks have no check-cancellable: whether a call took effect and what it returns
 * always agree. */

DiscoPublisher *disco_publisher_new (DiscoEngine *engine);
void disco_publisher_free (DiscoPublisher *self);

/* Publishes @records; @task returns its id (utf8) when it is established. Takes both. */
void disco_publisher_register (DiscoPublisher *self, DiscoRecordSet *records, GTask *task);
/* Makes @records what the registration of the same id shows; @task returns TRUE. Takes both. */
void disco_publisher_update (DiscoPublisher *self, DiscoRecordSet *records, GTask *task);
void disco_publisher_deregister (DiscoPublisher *self, const char *id);
/* Withdraws all; calls in flight end with G_IO_ERROR_CANCELLED. */
void disco_publisher_leave (DiscoPublisher *self);

/* A link is RUNNING: publishes all on it. */
void disco_publisher_attach (DiscoPublisher *self);
/* The link is gone, or the host's name is in question. */
void disco_publisher_detach (DiscoPublisher *self);
/* The agent gives up waiting for a link: the calls that wait for one fail with @error. */
void disco_publisher_fail_waiting (DiscoPublisher *self, const GError *error);
/* The set of usable interfaces may have changed. */
void disco_publisher_interfaces_changed (DiscoPublisher *self);

/* Which of its entries begin now, and which wait */
DiscoPace *disco_publisher_get_pace (DiscoPublisher *self);
guint disco_publisher_get_size (DiscoPublisher *self);
/* When (monotonic) the last one was established; 0: none yet */
gint64 disco_publisher_get_progress_at (DiscoPublisher *self);
void disco_publisher_note_progress (DiscoPublisher *self);
/* TRUE if that name is established and ours */
gboolean disco_publisher_has_label (DiscoPublisher *self, const char *type, const char *label);

G_END_DECLS
