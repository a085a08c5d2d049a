/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Gives up what a program that talks to the whole network does not need: new privileges, all
 * capabilities, every file, being read by others of the same user. What the kernel does not know is
 * left out; there is nothing that could be done about it. */
void disco_confine (void);

G_END_DECLS
