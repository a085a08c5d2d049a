/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <sys/time.h>
#include <time.h>

/* Avahi tells the time by this function alone, for its timers and the ages of what it has cached:
 * when the machine's clock is set (a device without a battery learns the date from the network) all
 * would run out at once, or wait for years. This definition comes before libc's: in this program
 * the time of day is the time since boot, sleep included. A day is added because Avahi takes times
 * near 0 for "never". */
#define OFFSET_S 86400L

__attribute__ ((visibility ("default"))) int
gettimeofday (struct timeval *restrict now, /* NOLINT: libc has reserved names here */
              void *restrict zone)
{
  struct timespec since_boot;

  if (clock_gettime (CLOCK_BOOTTIME, &since_boot) < 0)
    return -1;
  now->tv_sec = since_boot.tv_sec + OFFSET_S;
  now->tv_usec = since_boot.tv_nsec / 1000;
  return 0;
}
