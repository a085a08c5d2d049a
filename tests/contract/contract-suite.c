/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* contract-suite WORLD [SUBJECT [TEST]]: runs the contract on one kind of agent; TEST is a name,
 * in which * and ? stand for others. */
#include "contract.h"

static const struct
{
  const char *name;
  int (*run) (void);
} subjects[] = {
  { "registrations", contract_run_registrations },
  { "updates", contract_run_updates },
  { "mistakes", contract_run_mistakes },
  { "names", contract_run_names },
  { "services", contract_run_services },
  { "watchers", contract_run_watchers },
  { "next", contract_run_next },
  { "calls", contract_run_calls },
  { "verify", contract_run_verify },
};

int
main (int argc, char **argv)
{
  const char *subject = argc > 2 ? argv[2] : NULL;
  gboolean has_run = FALSE;
  int n_failed = 0;

  contract_world = contract_find_world (argv[1]);
  if (argc > 3)
    cmocka_set_test_filter (argv[3]);
  for (gsize i = 0; contract_world != NULL && i < G_N_ELEMENTS (subjects); i++)
    if (subject == NULL || g_str_equal (subject, subjects[i].name))
      {
        has_run = TRUE;
        n_failed += subjects[i].run ();
      }
  if (!has_run)
    {
      g_printerr ("usage: contract-suite WORLD [SUBJECT [TEST]]\n");
      return 2;
    }
  return n_failed > 0;
}
