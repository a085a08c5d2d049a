/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* contract-suite WORLD [TEST]: runs the contract on one kind of agent; TEST is a name with * and ?.
 */
#include "contract.h"

int
main (int argc, char **argv)
{
  int n_failed = 0;

  contract_world = contract_find_world (argv[1]);
  if (contract_world == NULL)
    {
      g_printerr ("usage: contract-suite local|daemon [TEST]\n");
      return 2;
    }
  if (argc > 2)
    cmocka_set_test_filter (argv[2]);
  n_failed += contract_run_registrations ();
  n_failed += contract_run_mistakes ();
  n_failed += contract_run_names ();
  n_failed += contract_run_services ();
  n_failed += contract_run_watchers ();
  n_failed += contract_run_calls ();
  return n_failed > 0;
}
