/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-call-private.h"
#include "disco-entry-private.h"
#include "disco-group-private.h"

G_BEGIN_DECLS

/* The inside of a DiscoEntry, shared by what brings it onto the network (disco-entry.c) and what
 * changes it there (disco-entry-update.c). */

/* A change that waits for its turn or is on its way */
typedef struct
{
  DiscoRecordSet *records; /* (owned) */
  DiscoCall *call;         /* (owned) */
  gboolean new_subtypes;   /* they change, and that is under way */
  DiscoGroupSet *subtypes; /* (owned) (nullable): the new ones */
} DiscoEntryUpdate;

struct _DiscoEntry
{
  DiscoEngine *engine;
  DiscoRecordSet *records; /* (owned) */
  char *label;             /* (owned): the name tried or held */
  char *told_label;        /* (owned): the one that the program knows of */
  const DiscoEntryFuncs *funcs;
  gpointer user_data;

  DiscoCall *call;   /* (owned) (nullable): the register in flight */
  GArray *ifindexes; /* (owned) of int: where it is published; DISCO_LINK_ANY alone: everywhere */
  DiscoGroupSet *service;  /* (owned) (nullable): one group */
  DiscoGroupSet *subtypes; /* (owned) (nullable) */
  gboolean established;
  guint tries;
  gint64 published_at;
  gint64 check_at; /* 0: nothing to check */
  GQueue updates; /* of (owned) DiscoEntryUpdate; the first is on its way once subtypes are there */
};

/* Does nothing without a link, or if it is published. */
void disco_entry_publish (DiscoEntry *self);
void disco_entry_unpublish (DiscoEntry *self);
/* What becomes of the groups of the subtypes: a DiscoGroupFunc */
void disco_entry_on_subtypes (DiscoGroupState state, const GError *error, gpointer user_data);
/* (transfer full): @error's copy, or that the subtypes collided */
GError *disco_entry_subtypes_error (DiscoEntry *self, const GError *error);

/* Brings the next update on its way, if it is established and none is. */
void disco_entry_advance_updates (DiscoEntry *self);
/* The one on its way begins again when it is established again. */
void disco_entry_reset_update (DiscoEntry *self);
void disco_entry_fail_updates (DiscoEntry *self, const GError *error);
/* The calls end with %G_IO_ERROR_CANCELLED. */
void disco_entry_drop_updates (DiscoEntry *self);

G_END_DECLS
