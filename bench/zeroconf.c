/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* python-zeroconf as a watcher: zeroconf-watch.py takes this process over. */
#include "bench.h"
#include "latency.h"

#include <fcntl.h>
#include <unistd.h>

int
zeroconf_watch (int commands, int reports)
{
  g_autofree char *script = g_build_filename (g_getenv ("BENCH_DIR"), "zeroconf-watch.py", NULL);
  g_autofree char *in = g_strdup_printf ("%d", commands);
  g_autofree char *out = g_strdup_printf ("%d", reports);

  if (fcntl (commands, F_SETFD, 0) != 0 || fcntl (reports, F_SETFD, 0) != 0)
    bench_fail ("the pipes cannot be handed on");
  execl ("/usr/bin/python3", "/usr/bin/python3", "-B", script, latency_type, in, out, NULL);
  bench_fail ("/usr/bin/python3 cannot be run");
}
