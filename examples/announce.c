/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Announces a service until it is interrupted, then withdraws it: announce http 8080 */
#include <disco/disco.h>
#include <glib-unix.h>

static gboolean
on_interrupt (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

int
main (int argc, char *argv[])
{
  const char *name = argc > 1 ? argv[1] : "http";
  const guint64 port = argc > 2 ? g_ascii_strtoull (argv[2], NULL, 10) : 8080;
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (DiscoAgent) agent = DISCO_AGENT (disco_avahi_agent_new (DISCO_BACKEND_AUTO));
  g_autoptr (DiscoRegistration) registration = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *id = NULL;

  registration = disco_registration_new (name, (guint16)port);
  disco_registration_set_tags (registration, (const char *const[]){ "example", NULL });

  id = disco_agent_register (agent, registration, NULL, &error);
  if (id == NULL)
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  g_print ("%s is announced as %s\n", name, id);
  g_unix_signal_add (SIGINT, on_interrupt, loop);
  g_unix_signal_add (SIGTERM, on_interrupt, loop);
  g_main_loop_run (loop);
  return disco_agent_leave (agent, NULL, NULL) ? 0 : 1;
}
