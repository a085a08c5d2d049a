/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-events.h"

#include "disco-instance-private.h"

DiscoInstance *
test_instance_new (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, "/", -1);
  g_auto (GStrv) name = g_strsplit (parts[0], ":", 2);

  return disco_instance_new (&(DiscoInstanceFields){
      .id = name[0],
      .port = (guint16)g_ascii_strtoull (name[1], NULL, 10),
      .tags = (const char *const *)parts + 1,
  });
}

GPtrArray *
test_instances_new (const char *text)
{
  GPtrArray *instances = g_ptr_array_new_with_free_func (g_object_unref);
  g_auto (GStrv) words = g_strsplit (text, " ", -1);

  for (char **word = words; *word != NULL; word++)
    if (**word != '\0')
      g_ptr_array_add (instances, test_instance_new (*word));
  return instances;
}

char *
test_events_to_string (GPtrArray *events)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < events->len; i++)
    {
      DiscoEvent *event = events->pdata[i];
      DiscoInstance *instance = disco_event_get_instance (event);
      DiscoInstance *previous = disco_event_get_previous (event);

      g_string_append_printf (text, "%s%c%s:", i > 0 ? " " : "",
                              "+~-"[disco_event_get_operation (event)],
                              disco_instance_get_id (instance));
      if (previous != NULL)
        g_string_append_printf (text, "%u>", disco_instance_get_port (previous));
      g_string_append_printf (text, "%u", disco_instance_get_port (instance));
    }
  return g_string_free (text, FALSE);
}

void
test_assert_events (GPtrArray *events, const char *expected)
{
  g_autofree char *actual = NULL;

  assert_non_null (events);
  actual = test_events_to_string (events);
  assert_string_equal (actual, expected);
}

void
test_reader_init (TestReader *self)
{
  self->known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
}

void
test_reader_clear (TestReader *self)
{
  g_clear_pointer (&self->known, g_hash_table_unref);
}

static void
replay (TestReader *self, DiscoEvent *event)
{
  DiscoInstance *instance = disco_event_get_instance (event);
  DiscoInstance *previous = disco_event_get_previous (event);
  const char *id = disco_instance_get_id (instance);
  DiscoInstance *known = test_reader_get (self, id);

  switch (disco_event_get_operation (event))
    {
    case DISCO_OPERATION_ADD:
      if (known != NULL)
        fail_msg ("an ADD of %s, which is known", id);
      break;
    case DISCO_OPERATION_UPDATE:
      if (known == NULL || !disco_instance_equal (known, previous))
        fail_msg ("an UPDATE of %s from what is not known", id);
      if (disco_instance_equal (previous, instance))
        fail_msg ("an UPDATE of %s that changes nothing", id);
      break;
    case DISCO_OPERATION_REMOVE:
      if (known == NULL || !disco_instance_equal (known, instance))
        fail_msg ("a REMOVE of %s, which is not known so", id);
      g_hash_table_remove (self->known, id);
      return;
    default:
      fail_msg ("no such operation");
    }
  g_hash_table_replace (self->known, g_strdup (id), g_object_ref (instance));
}

void
test_reader_replay (TestReader *self, GPtrArray *events)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < events->len; i++)
    {
      DiscoInstance *instance = disco_event_get_instance (events->pdata[i]);

      if (!g_hash_table_add (seen, (char *)disco_instance_get_id (instance)))
        fail_msg ("%s is twice in one batch", disco_instance_get_id (instance));
      replay (self, events->pdata[i]);
    }
}

DiscoInstance *
test_reader_get (TestReader *self, const char *id)
{
  return g_hash_table_lookup (self->known, id);
}

/* (transfer full) (nullable): NULL where nothing differs */
static char *
describe_difference (TestReader *self, GPtrArray *instances)
{
  for (guint i = 0; i < instances->len; i++)
    {
      const char *id = disco_instance_get_id (instances->pdata[i]);
      DiscoInstance *known = test_reader_get (self, id);

      if (known == NULL)
        return g_strdup_printf ("the reader was not told of %s", id);
      if (!disco_instance_equal (known, instances->pdata[i]))
        return g_strdup_printf ("the reader knows %s differently", id);
    }
  if (g_hash_table_size (self->known) == instances->len)
    return NULL;
  return g_strdup_printf ("the reader knows %u instances, there are %u",
                          g_hash_table_size (self->known), instances->len);
}

gboolean
test_reader_knows (TestReader *self, GPtrArray *instances)
{
  g_autofree char *difference = describe_difference (self, instances);

  return difference == NULL;
}

void
test_reader_assert_knows (TestReader *self, GPtrArray *instances)
{
  g_autofree char *difference = describe_difference (self, instances);

  if (difference != NULL)
    fail_msg ("%s", difference);
}
