/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <disco/disco-agent.h>
#include <disco/disco-macros.h>
#include <gio/gio.h>

G_BEGIN_DECLS

#define DISCO_TYPE_AVAHI_AGENT (disco_avahi_agent_get_type ())
#define DISCO_TYPE_BACKEND (disco_backend_get_type ())
#define DISCO_TYPE_STATE (disco_state_get_type ())

/**
 * DiscoBackend:
 * @DISCO_BACKEND_AUTO: the system's avahi-daemon where there is one, or where the system bus can
 * start one, else the embedded responder
 * @DISCO_BACKEND_DAEMON: the system's avahi-daemon, over D-Bus
 * @DISCO_BACKEND_EMBEDDED: a responder of our own, in a child process
 *
 * How a [class@Disco.AvahiAgent] reaches the network.
 *
 * The embedded responder is the program `disco-responder`, which comes with the library; the
 * environment variable `DISCO_RESPONDER` may name another one. It needs no D-Bus, no daemon, no
 * configuration and no privileges. It is started with the first agent that needs it and ends, with
 * goodbyes, with the last one or with the process.
 *
 * Since: 1.0
 */
typedef enum
{
  DISCO_BACKEND_AUTO,
  DISCO_BACKEND_DAEMON,
  DISCO_BACKEND_EMBEDDED,
} DiscoBackend;

/**
 * DiscoState:
 * @DISCO_STATE_CONNECTING: looking for the responder, for less than 5 seconds so far
 * @DISCO_STATE_RUNNING: linked to the responder
 * @DISCO_STATE_UNAVAILABLE: no link for 5 seconds or more; still trying
 *
 * How a [class@Disco.AvahiAgent] stands with its responder.
 *
 * Since: 1.0
 */
typedef enum
{
  DISCO_STATE_CONNECTING,
  DISCO_STATE_RUNNING,
  DISCO_STATE_UNAVAILABLE,
} DiscoState;

DISCO_AVAILABLE_IN_1_0
GType disco_backend_get_type (void);
DISCO_AVAILABLE_IN_1_0
GType disco_state_get_type (void);

DISCO_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (DiscoAvahiAgent, disco_avahi_agent, DISCO, AVAHI_AGENT, GObject)

DISCO_AVAILABLE_IN_1_0
DiscoAvahiAgent *disco_avahi_agent_new (DiscoBackend backend);
DISCO_AVAILABLE_IN_1_0
DiscoState disco_avahi_agent_get_state (DiscoAvahiAgent *self);
DISCO_AVAILABLE_IN_1_0
DiscoBackend disco_avahi_agent_get_backend_in_use (DiscoAvahiAgent *self);
DISCO_AVAILABLE_IN_1_0
GVariant *disco_avahi_agent_dup_statistics (DiscoAvahiAgent *self);

G_END_DECLS
