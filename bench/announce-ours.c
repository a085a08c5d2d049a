/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* announce-ours NAME COUNT - announces COUNT services with libdisco, all at once. Says "called MS"
 * with the longest time that one call took, "established" when all are, and ends when its input
 * does. */
#include "bench.h"

#include <disco/disco.h>
#include <stdlib.h>

static void
on_registered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  guint *waiting = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *id = disco_agent_register_finish (DISCO_AGENT (source), result, &error);

  if (id == NULL)
    bench_fail ("%s", error->message);
  if (--*waiting == 0)
    g_print ("established\n");
}

static DiscoRegistration *
make_registration (const char *name, guint index)
{
  g_autofree char *label = g_strdup_printf ("Bench instance %05u", index);
  g_autofree char *number = g_strdup_printf ("%u", index);
  g_autoptr (GBytes) value = g_bytes_new (number, strlen (number));
  DiscoRegistration *registration = disco_registration_new (name, 4711);

  disco_registration_set_label (registration, label);
  disco_registration_set_attribute (registration, "number", value);
  return registration;
}

/* The longest that a call took, in microseconds */
static gint64
announce_all (DiscoAgent *agent, const char *name, guint count, guint *waiting)
{
  gint64 longest = 0;

  for (guint i = 0; i < count; i++)
    {
      g_autoptr (DiscoRegistration) registration = make_registration (name, i);
      gint64 start = g_get_monotonic_time ();

      disco_agent_register_async (agent, registration, NULL, on_registered, waiting);
      longest = MAX (longest, g_get_monotonic_time () - start);
    }
  return longest;
}

int
main (int argc, char **argv)
{
  g_autoptr (DiscoAgent) agent = DISCO_AGENT (disco_avahi_agent_new (DISCO_BACKEND_DAEMON));
  guint count, waiting;

  if (argc < 3)
    bench_fail ("usage: announce-ours NAME COUNT");
  count = waiting = (guint)g_ascii_strtoull (argv[2], NULL, 10);
  g_print ("called %.3f\n", (double)announce_all (agent, argv[1], count, &waiting) / 1000);
  bench_run ();
  return disco_agent_leave (agent, NULL, NULL) ? EXIT_SUCCESS : EXIT_FAILURE;
}
