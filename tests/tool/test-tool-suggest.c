/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-support.h"
#include "tool-suggest.h"

static void
a_slip_or_two_away_is_what_was_meant (void **state)
{
  static const char *const names[]
      = { "register", "watch", "list", "lookup", "doctor", "remove", NULL };
  static const struct
  {
    const char *text, *meant;
  } rows[] = {
    { "watch", "watch" },   { "wach", "watch" },        { "wacth", "watch" },
    { "wwatch", "watch" },  { "WATCH", "watch" },       { "lits", "list" },
    { "lst", "list" },      { "regsitre", "register" }, { "regiser", "register" },
    { "do", "doctor" },     { "lo", "lookup" },         { "l", NULL },
    { "re", NULL },         { "reg", "register" },      { "", NULL },
    { "frobnicate", NULL }, { "match", "watch" },       { "waxxx", NULL },
    { "lisp", "list" },     { "löökup", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const char *meant = tool_suggest (rows[i].text, names);

      if (g_strcmp0 (meant, rows[i].meant) != 0)
        fail_msg ("\"%s\" is taken for %s", rows[i].text, meant != NULL ? meant : "nothing");
    }
}

static void
a_long_text_is_no_slip (void **state)
{
  g_autofree char *text = g_strnfill (100000, 'w');

  assert_null (tool_suggest (text, (const char *const[]){ "watch", NULL }));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (a_slip_or_two_away_is_what_was_meant),
    cmocka_unit_test (a_long_text_is_no_slip),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
