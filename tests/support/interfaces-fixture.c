/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "interfaces-fixture.h"

void
interfaces_set (EngineFixture *self, int ifindex, gboolean up)
{
  engine_fixture_set_interface (self, ifindex, up);
  engine_fixture_wait_quiet (self);
}

void
interfaces_establish (EngineFixture *self, gboolean both)
{
  engine_fixture_restrict_to_net (self, both);
  engine_register_wait (self, engine_registration ("a", 80, "red"));
  g_free (sim_net_take_log (self->net));
}

guint
interfaces_count (EngineFixture *self, int ifindex)
{
  guint n = sim_net_count_seen (self->net, ifindex, "_http._tcp");

  assert_int_equal (sim_net_count_seen (self->net, ifindex, "_red._sub._http._tcp"), n);
  return n / 2; /* IPv4 and IPv6 */
}
