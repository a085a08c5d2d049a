/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine-fixture.h"

#include <net/if.h>

/* Interfaces that a test may have on its network */
#define MAX_IFINDEX 4

static void
read_net (DiscoInterfaces *interfaces, gpointer user_data)
{
  EngineFixture *self = user_data;

  for (int ifindex = 1; ifindex <= MAX_IFINDEX; ifindex++)
    {
      g_autofree char *name = g_strdup_printf ("sim%d", ifindex);
      if (sim_net_is_up (self->net, ifindex))
        disco_interfaces_add (interfaces, ifindex, name, IFF_UP | IFF_MULTICAST, NULL);
    }
}

void
engine_fixture_restrict_to_net (EngineFixture *self, gboolean both)
{
  static const char *const allow[] = { "sim*", NULL };

  engine_fixture_restrict (self, allow, NULL);
  disco_interfaces_set_reader (disco_engine_get_interfaces (self->engine), read_net, self);
  engine_fixture_set_interface (self, 2, both);
}

void
engine_fixture_set_interface (EngineFixture *self, int ifindex, gboolean up)
{
  sim_net_set_up (self->net, ifindex, up);
  disco_interfaces_reread (disco_engine_get_interfaces (self->engine));
}
