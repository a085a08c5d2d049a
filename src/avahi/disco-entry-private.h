/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-engine-private.h"
#include "disco-record-set-private.h"

G_BEGIN_DECLS

/* One registration on its way onto the network, on it, and through changes and losses of the link.
 *
 * The service itself, with a host name of its own if it needs one, is one entry group; its subtypes
 * are in further ones, so that a change of tags probes nothing again. A group is used for one try
 * only: Avahi holds a group back that is committed again and again. */
typedef struct _DiscoEntry DiscoEntry;

/* What an entry asks of the publisher that has it */
typedef struct
{
  /* TRUE if another entry of that type goes by @label */
  gboolean (*is_taken) (DiscoEntry *entry, const char *label, gpointer user_data);
  /* The label has changed from @old (nullable) */
  void (*relabelled) (DiscoEntry *entry, const char *old, gpointer user_data);
  /* It cannot be registered, its task is done: frees the entry */
  void (*failed) (DiscoEntry *entry, gpointer user_data);
  /* disco_entry_check() is to be called at @at_us */
  void (*check_at) (gint64 at_us, gpointer user_data);
} DiscoEntryFuncs;

/* Takes @records and @task */
DiscoEntry *disco_entry_new (DiscoEngine *engine, DiscoRecordSet *records, GTask *task,
                             const DiscoEntryFuncs *funcs, gpointer user_data);
/* Withdraws it; calls in flight end with G_IO_ERROR_CANCELLED. */
void disco_entry_free (DiscoEntry *self);

const DiscoRecordSet *disco_entry_get_records (DiscoEntry *self);
const char *disco_entry_get_label (DiscoEntry *self);
gboolean disco_entry_is_established (DiscoEntry *self);

void disco_entry_attach (DiscoEntry *self);
void disco_entry_detach (DiscoEntry *self);
/* Takes both */
void disco_entry_update (DiscoEntry *self, DiscoRecordSet *records, GTask *task);
/* Calls that wait fail; TRUE if the registration itself was one and the entry is to be freed */
gboolean disco_entry_fail_waiting (DiscoEntry *self, const GError *error);
void disco_entry_check (DiscoEntry *self, gint64 now);
void disco_entry_interfaces_changed (DiscoEntry *self);

G_END_DECLS
