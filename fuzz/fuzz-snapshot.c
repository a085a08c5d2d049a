/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The input is names that come and go and the ids that they claim, which may be each other's names.
 * After each step the ids are unique, and are those that the rules give when they are applied to
 * the whole anew. */
#include "disco-instance-private.h"
#include "disco-snapshot-private.h"
#include "fuzz.h"

#include <string.h>

#define MAX_STEPS 400
#define N_NAMES 12
/* Ids are names, and these: */
#define N_OTHER_IDS 4

/* What each name claims; NULL: it is not there */
static DiscoInstance *claimed[N_NAMES];

static const char *
get_text (guint i)
{
  static const char *const texts[N_NAMES + N_OTHER_IDS]
      = { "m", "a", "z", "b", "k", "c", "y", "d", "n", "e", "x", "f", "ab", "id", "zz", "0" };

  return texts[i];
}

static gboolean
is_there (const char *name)
{
  for (guint i = 0; i < N_NAMES; i++)
    if (claimed[i] != NULL && g_str_equal (get_text (i), name))
      return TRUE;
  return FALSE;
}

/* The id that the name goes by */
static const char *
expect_id (guint name)
{
  const char *own = get_text (name);
  const char *id = disco_instance_get_id (claimed[name]);

  if (is_there (id))
    return own;
  for (guint i = 0; i < N_NAMES; i++)
    if (claimed[i] != NULL && g_str_equal (disco_instance_get_id (claimed[i]), id)
        && strcmp (get_text (i), own) < 0)
      return own;
  return id;
}

static guint
find_by_port (guint16 port)
{
  for (guint i = 0; i < N_NAMES; i++)
    if (claimed[i] != NULL && disco_instance_get_port (claimed[i]) == port)
      return i;
  g_assert_not_reached ();
}

static void
assert_snapshot (DiscoSnapshot *snapshot)
{
  g_autoptr (GPtrArray) list = disco_snapshot_list (snapshot);
  g_autoptr (GHashTable) ids = g_hash_table_new (g_str_hash, g_str_equal);
  guint n_names = 0;

  for (guint i = 0; i < N_NAMES; i++)
    n_names += claimed[i] != NULL;
  g_assert_cmpuint (list->len, ==, n_names);
  g_assert_cmpuint (disco_snapshot_get_size (snapshot), ==, n_names);
  for (guint i = 0; i < list->len; i++)
    {
      DiscoInstance *shown = list->pdata[i];
      guint name = find_by_port (disco_instance_get_port (shown));

      g_assert_cmpstr (disco_instance_get_id (shown), ==, expect_id (name));
      g_assert_true (g_hash_table_add (ids, (char *)disco_instance_get_id (shown)));
      if (g_str_equal (disco_instance_get_id (shown), disco_instance_get_id (claimed[name])))
        g_assert_true (shown == claimed[name]);
    }
}

/* Its port tells instances apart. */
static void
put (DiscoSnapshot *snapshot, guint name, guint id, guint16 port)
{
  g_autoptr (DiscoInstance) instance
      = disco_instance_new (&(DiscoInstanceFields){ .id = get_text (id), .port = port });

  disco_snapshot_put (snapshot, get_text (name), instance);
  g_set_object (&claimed[name], instance);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  FuzzInput input = { data, size };
  g_autoptr (DiscoSnapshot) snapshot = disco_snapshot_new ();

  for (guint16 i = 0; i < MAX_STEPS && input.size > 0; i++)
    {
      guint what = fuzz_take_byte (&input);
      guint name = what % N_NAMES;

      if (what < 200)
        put (snapshot, name, fuzz_take_below (&input, N_NAMES + N_OTHER_IDS), i);
      else
        {
          g_assert_cmpint (disco_snapshot_remove (snapshot, get_text (name)), ==,
                           claimed[name] != NULL);
          g_clear_object (&claimed[name]);
        }
      assert_snapshot (snapshot);
    }
  for (guint i = 0; i < N_NAMES; i++)
    g_clear_object (&claimed[i]);
  return 0;
}
