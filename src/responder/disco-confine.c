/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-confine-private.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* All that the first version of Landlock handles (Linux 5.13); later ones add rights for more ways
 * to change a file that cannot be opened any more. */
#define ALL_FILE_ACCESS ((LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1)

static void
drop_capabilities (void)
{
  struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
  struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

  /* needs CAP_SETPCAP, so it comes first; ends at the first one that the kernel does not know */
  for (unsigned long i = 0; prctl (PR_CAPBSET_DROP, i, 0, 0, 0) == 0; i++)
    continue;
  (void)prctl (PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  if (syscall (SYS_capset, &header, data) < 0)
    g_debug ("capabilities stay: %s", g_strerror (errno));
}

/* A ruleset that handles every access and has no rule allows none. What is open stays open. */
static void
drop_files (void)
{
#ifndef DISCO_RESPONDER_KEEPS_FILES
  struct landlock_ruleset_attr attr = { .handled_access_fs = ALL_FILE_ACCESS };
  int ruleset = (int)syscall (SYS_landlock_create_ruleset, &attr, sizeof attr, 0);

  if (ruleset < 0 || syscall (SYS_landlock_restrict_self, ruleset, 0) < 0)
    g_debug ("files stay within reach: %s", g_strerror (errno));
  if (ruleset >= 0)
    close (ruleset);
#endif
}

void
disco_confine (void)
{
  umask (077);
  if (chdir ("/") < 0)
    g_debug ("cannot leave the working directory: %s", g_strerror (errno));
  drop_capabilities ();
  if (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
    g_debug ("new privileges stay within reach: %s", g_strerror (errno));
  drop_files ();
  (void)prctl (PR_SET_DUMPABLE, 0, 0, 0, 0);
}
