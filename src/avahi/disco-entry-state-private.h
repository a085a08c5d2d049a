/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-call-private.h"
#include "disco-entry-private.h"
#include "disco-group-private.h"
#include "disco-pace-private.h"

G_BEGIN_DECLS

/* The inside of a DiscoEntry, shared by what brings it onto the network (disco-entry.c), what
 * changes it there (disco-entry-update.c) and what follows the interfaces
 * (disco-entry-interfaces.c). */

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

  DiscoCall *call; /* (owned) (nullable): the register in flight */
  /* (owned) of int: where it is published or about to be; DISCO_LINK_ANY alone: everywhere */
  GArray *ifindexes;
  GArray *standing;        /* (owned) of int: those of them where all of it has been established */
  DiscoGroupSet *service;  /* (owned) (nullable) */
  DiscoGroupSet *subtypes; /* (owned) (nullable) */
  DiscoTurn turn;          /* to be established, after others if those are many */
  guint tries;
  gint64 published_at;
  gint64 check_at; /* 0: nothing to check */
  GQueue updates; /* of (owned) DiscoEntryUpdate; the first is on its way once subtypes are there */
};

/* Does nothing without a link, or if it is published. Where many are about to be, it waits for its
 * turn. */
void disco_entry_publish (DiscoEntry *self);
void disco_entry_unpublish (DiscoEntry *self);
/* TRUE if it has been established wherever it is published */
gboolean disco_entry_is_settled (DiscoEntry *self);
/* The service's groups may all be established: if so, what comes after them */
void disco_entry_proceed (DiscoEntry *self);
/* Groups are on their way: what is not established after a while hangs, and is tried anew. */
void disco_entry_expect (DiscoEntry *self);
/* disco_entry_check() is to be called in @delay_us. */
void disco_entry_check_in (DiscoEntry *self, gint64 delay_us);
/* What becomes of the groups of the subtypes: a DiscoGroupFunc */
void disco_entry_on_subtypes (DiscoGroupState state, const GError *error, gpointer user_data);
/* (transfer full): @error's copy, or that the subtypes collided */
GError *disco_entry_subtypes_error (DiscoEntry *self, const GError *error);

/* (transfer full) (element int): where it should be published */
GArray *disco_entry_list_interfaces (DiscoEntry *self);
/* Withdraws what is not established yet on interfaces that came when it was on others, where it
 * stays; it is tried there again later. FALSE if there is nothing that stays so. */
gboolean disco_entry_give_up_new_interfaces (DiscoEntry *self);

/* Brings the next update on its way, if it is settled and none is. */
void disco_entry_advance_updates (DiscoEntry *self);
/* TRUE if groups of an update are on their way: others have to wait. */
gboolean disco_entry_is_updating (DiscoEntry *self);
/* Withdraws them from other interfaces than the entry's; what then comes next is not done before
 * disco_entry_proceed_update(). */
void disco_entry_narrow_update (DiscoEntry *self);
void disco_entry_proceed_update (DiscoEntry *self);
/* The one on its way begins again when it is established again. */
void disco_entry_reset_update (DiscoEntry *self);
void disco_entry_fail_updates (DiscoEntry *self, const GError *error);
/* The calls end with %G_IO_ERROR_CANCELLED. */
void disco_entry_drop_updates (DiscoEntry *self);

G_END_DECLS
