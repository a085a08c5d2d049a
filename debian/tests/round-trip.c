/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Announces a service, changes and withdraws it, and sees all of it: round-trip local|embedded */
#include <disco/disco.h>

static DiscoAgent *
new_agent (const char *kind)
{
  const char *const interfaces[] = { "lo", NULL };

  if (g_str_equal (kind, "local"))
    return DISCO_AGENT (disco_local_agent_new ());
  return g_object_new (DISCO_TYPE_AVAHI_AGENT, "backend", DISCO_BACKEND_EMBEDDED, "interfaces",
                       interfaces, NULL);
}

/* Ends the program with a message unless the next batch is the one event. */
static void
expect (DiscoWatcher *watcher, DiscoOperation operation, const char *id, guint16 port)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) events = disco_watcher_next (watcher, NULL, &error);
  DiscoEvent *event;

  if (events == NULL)
    g_error ("%s", error->message);
  if (events->len != 1)
    g_error ("%u events instead of one", events->len);
  event = g_ptr_array_index (events, 0);
  g_assert_cmpint (disco_event_get_operation (event), ==, operation);
  g_assert_cmpstr (disco_instance_get_id (disco_event_get_instance (event)), ==, id);
  g_assert_cmpint (disco_instance_get_port (disco_event_get_instance (event)), ==, port);
}

int
main (int argc, char *argv[])
{
  g_autoptr (DiscoAgent) agent = new_agent (argc == 2 ? argv[1] : "local");
  g_autoptr (DiscoRegistration) registration = disco_registration_new ("round.trip", 80);
  g_autoptr (DiscoRegistration) changed = disco_registration_new ("round.trip", 81);
  g_autoptr (DiscoService) service = NULL;
  g_autoptr (DiscoWatcher) watcher = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *id = disco_agent_register (agent, registration, NULL, &error);

  g_assert_no_error (error);
  service = disco_agent_open_service (agent, "round.trip", NULL, &error);
  g_assert_no_error (error);
  watcher = disco_service_watch (service);
  expect (watcher, DISCO_OPERATION_ADD, id, 80);
  disco_agent_update (agent, id, changed, NULL, &error);
  g_assert_no_error (error);
  expect (watcher, DISCO_OPERATION_UPDATE, id, 81);
  disco_agent_deregister (agent, id, NULL, &error);
  g_assert_no_error (error);
  expect (watcher, DISCO_OPERATION_REMOVE, id, 81);
  g_print ("%s was announced, found, changed and withdrawn\n", id);
  return 0;
}
