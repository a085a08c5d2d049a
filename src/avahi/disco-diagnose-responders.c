/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-diagnose-private.h"

#include <pwd.h>

/* An entry of a directory service that takes more goes by its number. */
#define ENTRY_BYTES 4096
/* As the kernel calls the embedded backend's child: 15 characters at most */
#define EMBEDDED_RESPONDER "disco-responder"

static char *
user_name (guint uid)
{
  struct passwd entry;
  struct passwd *found = NULL;
  g_autoptr (GString) buffer = g_string_sized_new (ENTRY_BYTES);

  if (getpwuid_r (uid, &entry, buffer->str, buffer->allocated_len, &found) != 0 || found == NULL)
    return g_strdup_printf ("%u", uid);
  return g_strdup (entry.pw_name);
}

static char *
describe_owner (const DiscoUdpOwner *owner)
{
  g_autofree char *user = NULL;

  if (owner->name != NULL)
    return g_strdup_printf ("%s (pid %d)", owner->name, owner->pid);
  user = user_name (owner->uid);
  return g_strdup_printf ("a program of the user %s", user);
}

/* Each program with the embedded backend has a responder, and they agree with one another. */
static gboolean
are_all_embedded (GArray *owners)
{
  for (guint i = 0; i < owners->len; i++)
    {
      if (g_strcmp0 (g_array_index (owners, DiscoUdpOwner, i).name, EMBEDDED_RESPONDER) != 0)
        return FALSE;
    }
  return TRUE;
}

/* More than one works, for all of them get what is sent by multicast. What is sent to one of them
 * alone, the kernel gives to any. */
DiscoDiagnosis *
disco_diagnose_owners (GArray *owners)
{
  g_autoptr (GString) list = g_string_new (NULL);

  for (guint i = 0; i < owners->len; i++)
    {
      g_autofree char *owner = describe_owner (&g_array_index (owners, DiscoUdpOwner, i));
      g_string_append_printf (list, "%s%s", i > 0 ? ", " : "", owner);
    }
  if (owners->len == 0)
    return disco_diagnosis_new (
        "responders", DISCO_DIAGNOSIS_STATUS_WARNING,
        "No program listens on UDP port 5353 here. Start avahi-daemon, unless "
        "it runs in another network namespace, as outside a container.");
  if (owners->len == 1)
    return disco_diagnosis_new ("responders", DISCO_DIAGNOSIS_STATUS_OK,
                                "UDP port 5353 belongs to %s alone.", list->str);
  if (are_all_embedded (owners))
    return disco_diagnosis_new ("responders", DISCO_DIAGNOSIS_STATUS_OK,
                                "%u embedded responders share UDP port 5353: %s.", owners->len,
                                list->str);
  return disco_diagnosis_new (
      "responders", DISCO_DIAGNOSIS_STATUS_WARNING,
      "%u programs listen on UDP port 5353: %s. An answer to one of them can reach another; stop "
      "those that are not needed.",
      owners->len, list->str);
}

DiscoDiagnosis *
disco_diagnose_responders (void)
{
  static const char *const tables[] = { "/proc/net/udp", "/proc/net/udp6" };
  g_autoptr (GArray) sockets = g_array_new (FALSE, FALSE, sizeof (DiscoUdpSocket));
  g_autoptr (GArray) owners = NULL;
  guint n_read = 0;

  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    {
      g_autofree char *text = NULL;
      if (!g_file_get_contents (tables[i], &text, NULL, NULL))
        continue;
      n_read++;
      disco_udp_sockets_parse (text, DISCO_MDNS_PORT, sockets);
    }
  if (n_read == 0)
    return NULL;
  owners = disco_udp_owners_new (sockets);
  return disco_diagnose_owners (owners);
}
