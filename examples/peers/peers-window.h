/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>
#include <disco/disco.h>

/* A window with the peers that offer one service: a list that can be searched, the details of one
 * of them, and, where there is nobody, what might be the reason. */
#define PEERS_TYPE_WINDOW (peers_window_get_type ())
G_DECLARE_FINAL_TYPE (PeersWindow, peers_window, PEERS, WINDOW, AdwApplicationWindow)

/* (transfer none): the application owns it. NULL where there can be no service of that name. */
GtkWindow *peers_window_new (GtkApplication *app, DiscoAvahiAgent *agent, const char *name,
                             GError **error);
