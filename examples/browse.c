/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Prints all services of the network with the addresses of their instances. */
#include <disco/disco.h>

static void
print_service (const char *name, DiscoService *service)
{
  g_autoptr (GPtrArray) instances = disco_service_get_instances (service);

  for (guint i = 0; i < instances->len; i++)
    {
      DiscoInstance *instance = g_ptr_array_index (instances, i);
      g_autofree char *address = disco_instance_dup_address (instance);

      g_print ("%-20s %-30s %s\n", name, disco_instance_get_label (instance), address);
    }
}

int
main (void)
{
  g_autoptr (DiscoAgent) agent = DISCO_AGENT (disco_avahi_agent_new (DISCO_BACKEND_AUTO));
  g_autoptr (GError) error = NULL;
  g_autoptr (GHashTable) services = disco_agent_services (agent, NULL, NULL, &error);
  GHashTableIter iter;
  gpointer name, service;

  if (services == NULL)
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  g_hash_table_iter_init (&iter, services);
  while (g_hash_table_iter_next (&iter, &name, &service))
    print_service (name, service);
  return 0;
}
