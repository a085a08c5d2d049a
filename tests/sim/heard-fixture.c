/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "heard-fixture.h"

#define HOST "host.local"

const SimService heard_web = { "a", "_http._tcp", HOST, 80, "disco.id=a|x=1|", NULL };
const SimService heard_web_changed = { "a", "_http._tcp", HOST, 80, "disco.id=a|x=2|", NULL };
const SimService heard_web_moved = { "a", "_http._tcp", HOST, 81, "disco.id=a|x=1|", NULL };
const SimService heard_second = { "b", "_http._tcp", HOST, 82, "disco.id=b|", NULL };

/* --- what is told --- */

/* "80 x=1", "80" without the attribute, or "" where it is not known. (transfer full) */
static char *
describe (HeardFixture *self, const char *id)
{
  DiscoInstance *instance = test_reader_get (&self->reader->known, id);
  GBytes *x;

  if (instance == NULL)
    return g_strdup ("");
  x = disco_instance_get_attribute (instance, "x", NULL);
  if (x == NULL)
    return g_strdup_printf ("%u", disco_instance_get_port (instance));
  return g_strdup_printf ("%u x=%.*s", disco_instance_get_port (instance),
                          (int)g_bytes_get_size (x), (const char *)g_bytes_get_data (x, NULL));
}

static void
note (HeardFixture *self)
{
  g_autofree char *now = describe (self, "a");
  g_autofree char *end = g_strconcat (now, ", ", NULL);

  if (!g_str_has_suffix (self->told->str, end))
    g_string_append (self->told, end);
}

void
heard_assert_told (HeardFixture *self, const char *expected)
{
  assert_string_equal (self->told->str, expected);
  g_string_truncate (self->told, 0);
}

/* --- time --- */

static void
read_events (HeardFixture *self)
{
  g_autoptr (GPtrArray) events = disco_event_queue_take (self->reader->queue);

  if (events == NULL)
    return;
  test_reader_replay (&self->reader->known, events);
  note (self);
}

void
heard_run (HeardFixture *self, gint64 us)
{
  const gint64 end = sim_clock_get () + us;

  while (TRUE)
    {
      const gint64 left = sim_clock_iterate (self->engine->context);

      if (left == 0)
        continue;
      read_events (self);
      if (!sim_clock_skip (left, end))
        break;
    }
  sim_clock_advance (end - sim_clock_get ());
}

/* --- what is known --- */

void
heard_assert_known (HeardFixture *self, const char *id, const char *expected)
{
  g_autofree char *known = describe (self, id);

  assert_string_equal (known, expected);
}

guint
heard_n_browsers (HeardFixture *self)
{
  return sim_net_get_n_made (self->engine->net, SIM_BROWSE_RECORDS) - HEARD_N_HOST_BROWSERS;
}

guint
heard_n_live_browsers (HeardFixture *self)
{
  return sim_net_get_n_live (self->engine->net, SIM_BROWSE_RECORDS) - HEARD_N_HOST_BROWSERS;
}

guint
heard_n_asked (HeardFixture *self)
{
  return sim_net_get_n_asked (self->engine->net);
}

guint
heard_n_resolved (HeardFixture *self)
{
  return sim_net_get_n_made (self->engine->net, SIM_RESOLVE);
}

/* --- what happens --- */

void
heard_know (HeardFixture *self, int ifindex, const SimService *service)
{
  sim_net_set_unreachable (self->engine->net, TRUE);
  sim_net_announce (self->engine->net, ifindex, service);
  sim_net_set_unreachable (self->engine->net, FALSE);
}

void
heard_lose (HeardFixture *self, const SimService *old, const SimService *new)
{
  sim_net_set_unreachable (self->engine->net, TRUE);
  sim_net_remove_srv (self->engine->net, 1, old);
  sim_net_remove_txt (self->engine->net, 1, old);
  if (new != NULL)
    {
      sim_net_add_srv (self->engine->net, 1, new);
      sim_net_add_txt (self->engine->net, 1, new);
    }
  sim_net_set_unreachable (self->engine->net, FALSE);
}

/* --- the fixture --- */

int
heard_set_up (void **state)
{
  HeardFixture *self = g_new0 (HeardFixture, 1);
  void *engine;

  engine_fixture_set_up (&engine);
  self->engine = engine;
  engine_fixture_restrict_to_net (self->engine, TRUE);
  sim_clock_adopt (self->engine->context);
  sim_net_set_local_ears (self->engine->net, TRUE);
  sim_net_add_address (self->engine->net, DISCO_LINK_ANY, HOST, "192.0.2.1");
  self->reader = engine_reader_new (self->engine, "http");
  self->told = g_string_new (NULL);
  *state = self;
  return 0;
}

int
heard_tear_down (void **state)
{
  HeardFixture *self = *state;
  void *engine = self->engine;

  engine_fixture_tear_down (&engine);
  g_string_free (self->told, TRUE);
  g_free (self);
  return 0;
}
