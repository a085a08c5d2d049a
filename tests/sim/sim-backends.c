/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The simulated link in the place of both backends'. Being in the program itself, these functions
 * go before those of src/avahi in the archive. */
#include "sim-world.h"

#include "disco-daemon-link-private.h"
#include "disco-embedded-link-private.h"

DiscoLink *
disco_daemon_link_new (GMainContext *context, DiscoWatchdog *watchdog, gboolean activate)
{
  return sim_world_make_link (NULL);
}

DiscoLink *
disco_embedded_link_new (GMainContext *context, const char *const *interfaces,
                         const char *const *excluded, GError **error)
{
  return sim_world_make_link (error);
}
