/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/* What the benchmarks share: programs on other hosts of the bed (tests/lan/bed.sh), the pipes to
 * them, and figures. All hosts are namespaces of one machine, so monotonic times of two of them can
 * be subtracted. */

/* What a program on a host tells the one that measures: that number @index was asked for, or was
 * seen, at @time_us. */
typedef struct
{
  int index;
  gint64 time_us;
} BenchReport;

/* A child process on a host, which reads commands and writes reports. */
typedef struct
{
  GPid pid;
  int commands; /* (owned) write end */
  int reports;  /* (owned) read end */
} BenchPeer;

/* Runs @main_func (commands, reports) in a child on @host, with its network and its bus. */
typedef int (*BenchMain) (int commands, int reports);
BenchPeer bench_peer_start (const char *host, BenchMain main_func);
void bench_peer_stop (BenchPeer *self);

/* In the one that measures: ask for number @index by the letter @what; wait for a report of it. A
 * report that stays away for 30 s ends the program. */
void bench_peer_ask (BenchPeer *self, char what, int index);
gint64 bench_peer_wait (BenchPeer *self, int index);

/* In the peer: the next command, FALSE at the end; a report of now. */
gboolean bench_next_command (int commands, char *what, int *index);
void bench_report (int reports, int index, gint64 time_us);

/* @values: (element-type double): sorted by the call */
double bench_percentile (GArray *values, double percent);

/* The process's CPU time in microseconds: for what waits for nothing, so that others on the machine
 * do not count. */
gint64 bench_cpu_time (void);

/* Runs the default main context until who measures writes to the standard input, or closes it. */
void bench_run (void);

void bench_fail (const char *format, ...) G_GNUC_PRINTF (1, 2) G_GNUC_NORETURN;
