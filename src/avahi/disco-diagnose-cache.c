/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-diagnose-private.h"
#include "disco-instance-private.h"

/* avahi-daemon's cache-entries-max, for each interface and protocol; what is over it is dropped
 * without a word. */
#define CACHE_RECORDS 4096
/* of an instance: PTR, SRV and TXT; its host's addresses come on top */
#define RECORDS_PER_INSTANCE 3
/* From here on it is near. */
#define NEAR_RECORDS (CACHE_RECORDS / 4 * 3)

/* The sightings of one interface: two services may look for the same instance */
static void
note_sighting (GHashTable *by_interface, const char *interface, DiscoInstance *instance)
{
  GHashTable *names = g_hash_table_lookup (by_interface, interface);

  if (names == NULL)
    {
      names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      g_hash_table_insert (by_interface, g_strdup (interface), names);
    }
  g_hash_table_add (names, g_strjoin ("/", disco_instance_get_service_type (instance),
                                      disco_instance_get_domain (instance),
                                      disco_instance_get_label (instance), NULL));
}

/* What this host announces itself is not in its cache. */
static GHashTable *
sightings_by_interface (GPtrArray *instances)
{
  GHashTable *by_interface
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_hash_table_unref);

  for (guint i = 0; i < instances->len; i++)
    {
      DiscoInstance *instance = instances->pdata[i];
      const char *const *interfaces = disco_instance_get_interfaces (instance);
      for (guint j = 0; !disco_instance_get_local (instance) && interfaces[j] != NULL; j++)
        note_sighting (by_interface, interfaces[j], instance);
    }
  return by_interface;
}

DiscoDiagnosis *
disco_diagnose_cache (GPtrArray *instances)
{
  g_autoptr (GHashTable) by_interface = sightings_by_interface (instances);
  GHashTableIter iter;
  gpointer key, value;
  const char *fullest = NULL;
  guint most = 0;
  guint n_records;

  g_hash_table_iter_init (&iter, by_interface);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      guint n = g_hash_table_size (value);
      if (n < most || (n == most && fullest != NULL && g_strcmp0 (key, fullest) > 0))
        continue;
      fullest = key;
      most = n;
    }
  if (fullest == NULL)
    return NULL;
  n_records = most * RECORDS_PER_INSTANCE;
  if (n_records < NEAR_RECORDS)
    return disco_diagnosis_new ("cache", DISCO_DIAGNOSIS_STATUS_OK,
                                "avahi-daemon holds at least %u records of %s, of %d unless it is "
                                "set otherwise.",
                                n_records, fullest, CACHE_RECORDS);
  return disco_diagnosis_new (
      "cache", DISCO_DIAGNOSIS_STATUS_WARNING,
      "avahi-daemon holds at least %u records of %s, and drops what is over "
      "%d. Raise cache-entries-max in avahi-daemon.conf, or use the embedded "
      "backend.",
      n_records, fullest, CACHE_RECORDS);
}
