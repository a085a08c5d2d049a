/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "disco-bus-watch-private.h"
#include "disco-link-private.h"

G_BEGIN_DECLS

/* The connections to the bus on which the entry groups of one daemon link stand, and what is made
 * on them: a few groups at a time, each with one call under way that nobody waits for. Avahi allows
 * 1,024 objects a connection, or what its objects-per-client-max says: so another connection is
 * opened when one is full. */
typedef struct _DiscoDaemonLines DiscoDaemonLines;
typedef struct _DiscoDaemonLine DiscoDaemonLine;

/* The place of one group: the group's, and all zeros before it enters */
typedef struct
{
  GList link; /* of those that wait; the group is its data */
  gboolean waits;
  DiscoDaemonLine *line; /* (nullable) */
  gboolean making;       /* the group is being made there */
  gboolean alone;        /* no other group was there then */
} DiscoDaemonPlace;

typedef struct
{
  /* The group has a line now, to be made on. It tells nobody. */
  void (*begin) (gpointer group);
  /* There will be no line for the group, which is in no queue any more. It tells so later. */
  void (*fail) (gpointer group, const GError *error);
  /* The daemon tells a state of the group (AvahiEntryGroupState), which may free it. */
  void (*tell) (gpointer group, int state, const char *error_name);
} DiscoDaemonLinesFuncs;

/* @bus: the link's own connection, which is the first line; it outlives them. */
DiscoDaemonLines *disco_daemon_lines_new (DiscoLink *link, DiscoBusWatch *bus,
                                          const DiscoDaemonLinesFuncs *funcs);
/* Drops the other connections: the daemon withdraws what stands there. */
void disco_daemon_lines_free (DiscoDaemonLines *self);

/* @group waits for its turn, which may come at once. */
void disco_daemon_lines_enter (DiscoDaemonLines *self, DiscoDaemonPlace *place, gpointer group);
/* The group is made, or will not be: another one's turn. */
void disco_daemon_lines_end_turn (DiscoDaemonLines *self, DiscoDaemonPlace *place);
/* The daemon allows not one object more on the group's line, which it leaves for another one. FALSE
 * where that would not help. */
gboolean disco_daemon_lines_move_on (DiscoDaemonLines *self, DiscoDaemonPlace *place);
/* A group fails for want of room: there may be some by now on lines that had none, for the next. */
void disco_daemon_lines_reopen (DiscoDaemonLines *self);
/* The group has gone from its line, or waits no more. */
void disco_daemon_lines_leave (DiscoDaemonLines *self, DiscoDaemonPlace *place);

DiscoBusWatch *disco_daemon_line_get_bus (DiscoDaemonLine *line);

/* The states of the group at @path are told to @group. FALSE where they are somebody else's. */
gboolean disco_daemon_lines_listen (DiscoDaemonLines *self, const char *path, gpointer group);
void disco_daemon_lines_unlisten (DiscoDaemonLines *self, const char *path);

G_END_DECLS
