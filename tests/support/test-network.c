/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-network.h"

#include "test-support.h"

#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

gboolean
test_network_leave (void)
{
  return unshare (CLONE_NEWNET) == 0;
}

void
test_network_set_loopback_up (void)
{
  struct ifreq request = { 0 };
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  assert_true (fd >= 0);
  strcpy (request.ifr_name, "lo");
  assert_int_equal (ioctl (fd, SIOCGIFFLAGS, &request), 0);
  request.ifr_flags = (short)(request.ifr_flags | IFF_UP);
  assert_int_equal (ioctl (fd, SIOCSIFFLAGS, &request), 0);
  close (fd);
}
