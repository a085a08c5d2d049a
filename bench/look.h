/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/* What the programs have in common that look for instances: look-ours (libdisco) and look-naive
 * (avahi-client). Each runs on GLib's default main context, prints what happened, one line each,
 * and ends when its standard input does, so that whoever measures can look at the process
 * meanwhile. All times are taken by the one that reads. */
typedef struct _Look Look;

/* Begins to look, on the default main context; lives as long as the program. */
typedef void (*LookStart) (Look *self);

struct _Look
{
  LookStart start;
  const char *name;
  guint wanted;     /* instances that make "known" */
  guint known;      /* instances that are known now */
  gboolean is_full; /* "known" was said */

  /* options, of which a program may know some only */
  gboolean first_set; /* wait for the first full set */
  gboolean names;     /* browse for names only */
  gboolean keep;      /* keep a resolver for each instance */
  gboolean embedded;  /* without a daemon */
  int watchers;       /* how many watch, of which the first is listened to */
  gboolean timer;     /* measure how late a timer of 1 ms comes, idle and then looking */
};

int look_main (int argc, char **argv, LookStart start);

/* Prints a line at once. */
void look_say (const char *format, ...) G_GNUC_PRINTF (1, 2);
/* Says "known" when all are, and "gone" when then none is. */
void look_set_known (Look *self, guint known);
