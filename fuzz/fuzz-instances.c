/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz-instances.h"

#include "disco-instance-private.h"

#include <disco/disco-event.h>

DiscoInstance *
fuzz_take_instance (FuzzInput *input, guint n_ids)
{
  static const char *const tags[] = { "red", "blue", NULL };
  guint looks;
  g_autofree char *id = g_strdup_printf ("%u", fuzz_take_below (input, n_ids));

  looks = fuzz_take_byte (input);
  return disco_instance_new (&(DiscoInstanceFields){
      .id = id,
      .name = "http",
      .port = (guint16)(looks & 3),
      .local = (looks & 4) != 0,
      .tags = tags + (looks >> 3) % 3,
  });
}

DiscoInstance *
fuzz_find_id (GPtrArray *instances, const char *id)
{
  for (guint i = 0; i < instances->len; i++)
    if (g_str_equal (disco_instance_get_id (instances->pdata[i]), id))
      return instances->pdata[i];
  return NULL;
}

void
fuzz_add_first (GPtrArray *instances, DiscoInstance *instance)
{
  if (fuzz_find_id (instances, disco_instance_get_id (instance)) == NULL)
    g_ptr_array_add (instances, g_object_ref (instance));
}

/* The next event is this change. */
static void
assert_change (GPtrArray *events, guint *next, DiscoInstance *before, DiscoInstance *after)
{
  DiscoEvent *event;

  g_assert_cmpuint (*next, <, events->len);
  event = events->pdata[(*next)++];
  g_assert_cmpint (disco_event_get_operation (event), ==,
                   before == NULL  ? DISCO_OPERATION_ADD
                   : after == NULL ? DISCO_OPERATION_REMOVE
                                   : DISCO_OPERATION_UPDATE);
  g_assert_true (disco_event_get_instance (event) == (after != NULL ? after : before));
  g_assert_true (after != NULL && before != NULL
                     ? disco_instance_equal (disco_event_get_previous (event), before)
                     : disco_event_get_previous (event) == NULL);
}

void
fuzz_assert_changes (GPtrArray *events, GPtrArray *before, GPtrArray *after)
{
  guint next = 0;

  for (guint i = 0; i < after->len; i++)
    {
      DiscoInstance *old = fuzz_find_id (before, disco_instance_get_id (after->pdata[i]));

      if (old == NULL || !disco_instance_equal (old, after->pdata[i]))
        assert_change (events, &next, old, after->pdata[i]);
    }
  for (guint i = 0; i < before->len; i++)
    if (fuzz_find_id (after, disco_instance_get_id (before->pdata[i])) == NULL)
      assert_change (events, &next, before->pdata[i], NULL);
  g_assert_cmpuint (next, ==, events->len);
}
