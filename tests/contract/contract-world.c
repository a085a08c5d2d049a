/* SPDX-License-Identifier: LGPL-2.1-or-later */
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

/* With a responder of its own, and on the loopback interface alone: nothing leaves the machine. */
static DiscoAgent *
make_embedded (void)
{
  const char *interfaces[] = { "lo", NULL };

  return g_object_new (DISCO_TYPE_AVAHI_AGENT, "backend", DISCO_BACKEND_EMBEDDED, "interfaces",
                       interfaces, NULL);
}

static const ContractWorld worlds[] = {
  { "local", make_local, FALSE },
  { "daemon", make_daemon, TRUE },
  { "embedded", make_embedded, TRUE },
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
