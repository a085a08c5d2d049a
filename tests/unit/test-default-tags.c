/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-default-tags-private.h"
#include "test-support.h"

static void
tags_are_what_was_set_last (void **state)
{
  static const char *const red[] = { "red", NULL };
  static const char *const blue[] = { "blue", "red", NULL };
  static const char *const none[] = { NULL };
  static const struct
  {
    const char *const *tags;
    gboolean changes;
    const char *joined; /* NULL: there are none at all */
  } rows[] = {
    { NULL, FALSE, NULL },      { red, TRUE, "red" }, { red, FALSE, "red" },
    { blue, TRUE, "blue,red" }, { none, TRUE, "" },   { NULL, TRUE, NULL },
  };
  DiscoDefaultTags tags;

  disco_default_tags_init (&tags);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (GStrv) got = NULL;
      g_autofree char *joined = NULL;

      assert_int_equal (disco_default_tags_set (&tags, rows[i].tags), rows[i].changes);
      got = disco_default_tags_dup (&tags);
      joined = got != NULL ? g_strjoinv (",", got) : NULL;
      if (g_strcmp0 (joined, rows[i].joined) != 0)
        fail_msg ("row %u: %s, not %s", i, joined, rows[i].joined);
    }
  disco_default_tags_clear (&tags);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (tags_are_what_was_set_last),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
