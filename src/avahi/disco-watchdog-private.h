/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Cuts calls loose that block the worker for too long, as those of avahi-client do when the daemon
 * or the bus hangs: nothing but D-Bus's own timeout of 25 s would end them, and nothing at all a
 * connection that is being opened.
 *
 * Threads: the worker enters and leaves; a thread of the watchdog's own cuts. */
typedef struct _DiscoWatchdog DiscoWatchdog;
typedef struct _DiscoWatchdogGuard DiscoWatchdogGuard;

/* Makes the call under way return. Called with a lock held, from the watchdog's thread, from
 * disco_watchdog_enter() or from disco_watchdog_stop(); it takes no other lock that its callers may
 * have, and does not block. */
typedef void (*DiscoWatchdogCut) (gpointer user_data);

/* A call under way; the caller's, on its stack */
struct _DiscoWatchdogGuard
{
  DiscoWatchdogCut cut;
  gpointer user_data;
  gint64 deadline;
  gint64 last_deadline;      /* that of a daemon that is seen to work */
  gboolean looked;           /* at the daemon, as the deadline comes near */
  guint64 ticks;             /* of processor time that it had had then */
  gboolean done;             /* it has been cut */
  DiscoWatchdogGuard *outer; /* (nullable): the call from whose callback this one is made */
};

/* How long a call may block at first, and at most: the bound is doubled whenever it has cut, and a
 * daemon that is seen to work has all of the time. That one is slow too: where 5,000 instances
 * answer at once, calls wait for 5 s and more. */
#define DISCO_WATCHDOG_MIN_US (5 * G_TIME_SPAN_SECOND)
#define DISCO_WATCHDOG_MAX_US (20 * G_TIME_SPAN_SECOND)

DiscoWatchdog *disco_watchdog_new (gint64 min_us, gint64 max_us);
/* No call may be under way. */
void disco_watchdog_free (DiscoWatchdog *self);
/* Makes its thread, if it has none yet; FALSE with an error where there can be none. */
gboolean disco_watchdog_start (DiscoWatchdog *self, GError **error);

/* Whose working is a reason to wait longer; 0: nobody's. From any thread. */
void disco_watchdog_set_process (DiscoWatchdog *self, int pid);

/* What is called between these two may block no longer than the bound. They nest. Leaving returns
 * TRUE if it was cut. */
void disco_watchdog_enter (DiscoWatchdog *self, DiscoWatchdogGuard *guard, DiscoWatchdogCut cut,
                           gpointer user_data);
/* The same for a call that has been under way since that time already, unwatched; it is waited for
 * a while in any case. */
void disco_watchdog_enter_since (DiscoWatchdog *self, DiscoWatchdogGuard *guard, gint64 since,
                                 DiscoWatchdogCut cut, gpointer user_data);
gboolean disco_watchdog_leave (DiscoWatchdog *self, DiscoWatchdogGuard *guard);

/* From any thread: from now on nothing is worth waiting for. The call under way, and each that
 * comes, is cut at once. */
void disco_watchdog_stop (DiscoWatchdog *self);

G_END_DECLS
