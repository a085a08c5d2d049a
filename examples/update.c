/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Announces a service without any daemon, on the interfaces named, and gives it the tags that are
 * typed, a line each time, until the input ends: update http 8080 eth0 */
#include <disco/disco.h>
#include <stdio.h>

int
main (int argc, char *argv[])
{
  const guint16 port = argc > 3 ? (guint16)g_ascii_strtoull (argv[2], NULL, 10) : 0;
  g_autoptr (DiscoAgent) agent = NULL;
  g_autoptr (DiscoRegistration) registration = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *id = NULL;
  char line[256];

  if (port == 0)
    return fprintf (stderr, "usage: update NAME PORT INTERFACE…\n"), 2;
  agent = g_object_new (DISCO_TYPE_AVAHI_AGENT, "backend", DISCO_BACKEND_EMBEDDED, "interfaces",
                        argv + 3, NULL);
  registration = disco_registration_new (argv[1], port);
  id = disco_agent_register (agent, registration, NULL, &error);
  while (error == NULL && fgets (line, sizeof line, stdin) != NULL)
    {
      g_auto (GStrv) tags = g_strsplit_set (g_strstrip (line), " ,", -1);
      g_autoptr (DiscoRegistration) changed = disco_registration_new (argv[1], port);

      disco_registration_set_tags (changed, (const char *const *)tags);
      disco_agent_update (agent, id, changed, NULL, &error);
    }
  disco_agent_leave (agent, NULL, NULL);
  if (error == NULL)
    return 0;
  g_printerr ("%s\n", error->message);
  return 1;
}
