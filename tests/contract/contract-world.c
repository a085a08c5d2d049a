/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "contract-pair.h"
#include "contract.h"

static DiscoAgent *
make_local (void)
{
  return DISCO_AGENT (disco_local_agent_new ());
}

static DiscoAgent *
make_daemon (void)
{
  return DISCO_AGENT (disco_avahi_agent_new (DISCO_BACKEND_DAEMON));
}

static DiscoAgent *
make_embedded_on (const char *interface)
{
  const char *interfaces[] = { interface, NULL };

  return g_object_new (DISCO_TYPE_AVAHI_AGENT, "backend", DISCO_BACKEND_EMBEDDED, "interfaces",
                       interfaces, NULL);
}

/* With a responder of its own, and on the loopback interface alone: nothing leaves the machine. */
static DiscoAgent *
make_embedded (void)
{
  return make_embedded_on ("lo");
}

/* The same interface, but other options: agents with the same ones would share a responder, which
 * is on one host. */

static DiscoAgent *
make_announcer (void)
{
  return make_embedded_on ("eth0");
}

static DiscoAgent *
make_looker (void)
{
  return make_embedded_on ("eth?");
}

static DiscoAgent *
make_embedded_pair (void)
{
  return contract_pair_new (contract_make_on_host ("a", make_announcer),
                            contract_make_on_host ("b", make_looker));
}

static const ContractWorld worlds[] = {
  { "local", make_local, FALSE, TRUE },
  { "daemon", make_daemon, TRUE, TRUE },
  { "embedded", make_embedded, TRUE, TRUE },
  { "embedded-pair", make_embedded_pair, TRUE, FALSE },
};

const ContractWorld *contract_world;

const ContractWorld *
contract_find_world (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (worlds); i++)
    if (g_strcmp0 (worlds[i].name, name) == 0)
      return &worlds[i];
  return NULL;
}
