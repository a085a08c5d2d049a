/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Shows who offers a service, as they come and go: peers ipp */
#include "peers-window.h"

#include <stdlib.h>

static void
on_activate (GtkApplication *app, gpointer name)
{
  g_autoptr (DiscoAvahiAgent) agent = NULL;
  g_autoptr (GError) error = NULL;
  GtkWindow *window = gtk_application_get_active_window (app);

  if (window == NULL)
    {
      agent = disco_avahi_agent_new (DISCO_BACKEND_AUTO);
      window = peers_window_new (app, agent, name, &error);
    }
  if (window == NULL)
    {
      g_printerr ("peers: %s\n", error->message);
      exit (1);
    }
  gtk_window_present (window);
}

int
main (int argc, char *argv[])
{
  char http[] = "http";
  g_autoptr (AdwApplication) app
      = adw_application_new ("org.example.Peers", G_APPLICATION_NON_UNIQUE);

  g_signal_connect (app, "activate", G_CALLBACK (on_activate), argc > 1 ? argv[1] : http);
  return g_application_run (G_APPLICATION (app), 1, argv);
}
