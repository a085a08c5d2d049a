/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* The programs whose latencies are compared: an announcer and a waiting watcher, written with
 * libdisco (ours.c) and with avahi-client as everybody writes them (naive.c), and a watcher with
 * python-zeroconf (zeroconf.c). Each is a BenchMain.
 *
 * An announcer obeys 'r' (announce number N) and 'u' (change its TXT record to say N) and reports
 * when it was asked; a watcher reports when it has seen either. An update of number N is reported
 * as N + LATENCY_UPDATE. */
#define LATENCY_UPDATE 1000000

/* How ours reach the network, and the service that they announce and watch: set before they start
 */
typedef struct
{
  const char *name;
  gboolean embedded;
} LatencyOurs;
extern LatencyOurs latency_ours;

/* The service type of the others: set before they start */
extern const char *latency_type;

int ours_announce (int commands, int reports);
int ours_watch (int commands, int reports);
int naive_announce (int commands, int reports);
int naive_watch (int commands, int reports);
int zeroconf_watch (int commands, int reports);
