/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Prints every change of a service's instances: watch http */
#include <disco/disco.h>

static void
print_event (gpointer event, gpointer user_data)
{
  static const char *const words[] = { "came", "changed", "went" };
  DiscoInstance *instance = disco_event_get_instance (event);
  g_autofree char *address = disco_instance_dup_address (instance);

  g_print ("%s %s at %s\n", disco_instance_get_id (instance),
           words[disco_event_get_operation (event)], address);
}

int
main (int argc, char *argv[])
{
  g_autoptr (DiscoAgent) agent = DISCO_AGENT (disco_avahi_agent_new (DISCO_BACKEND_AUTO));
  g_autoptr (DiscoService) service = NULL;
  g_autoptr (DiscoWatcher) watcher = NULL;
  g_autoptr (GPtrArray) events = NULL;
  g_autoptr (GError) error = NULL;

  service = disco_agent_open_service (agent, argc > 1 ? argv[1] : "http", NULL, &error);
  if (service != NULL)
    watcher = disco_service_watch (service);
  while (watcher != NULL && (events = disco_watcher_next (watcher, NULL, &error)) != NULL)
    {
      g_ptr_array_foreach (events, print_event, NULL);
      g_clear_pointer (&events, g_ptr_array_unref);
    }
  g_printerr ("%s\n", error->message);
  return 1;
}
