/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The simulated link in the place of both backends', and nobody who could tell of sleep. Being in
 * the program itself, these functions go before those of src/avahi in the archive. */
#include "sim-world.h"

#include "disco-daemon-link-private.h"
#include "disco-embedded-link-private.h"
#include "disco-sleep-watch-private.h"

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

DiscoSleepWatch *
disco_sleep_watch_new (DiscoSleepFunc awake, gpointer user_data)
{
  return NULL;
}

void
disco_sleep_watch_free (DiscoSleepWatch *self)
{
}
