/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-instance-private.h"
#include "test-support.h"
#include "tool-rank.h"

static DiscoInstance *
make_instance (const char *id, const char *address)
{
  const char *addresses[] = { address, NULL };
  const DiscoInstanceFields fields = { .id = id, .hostname = "h", .addresses = addresses };

  return disco_instance_new (&fields);
}

static void
instances_are_ranked_by_address_class_and_then_by_id (void **state)
{
  static const struct
  {
    const char *id, *address;
  } best_first[] = {
    { "b", "10.0.0.1" },  { "c", "192.0.2.1" },   { "a", "2001:db8::1" },
    { "d", "fd00::1" },   { "0", "169.254.1.1" }, { "00", "fe80::1%eth0" },
    { "000", "fe80::2" }, { "-", "127.0.0.1" },   { "--", "::1" },
    { "", NULL },
  };
  const guint n = G_N_ELEMENTS (best_first);
  g_autoptr (GPtrArray) instances = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < n; i++)
    {
      const guint from = (i * 7 + 3) % n;

      g_ptr_array_add (instances, make_instance (best_first[from].id, best_first[from].address));
    }
  tool_rank (instances);
  for (guint i = 0; i < n; i++)
    assert_string_equal (disco_instance_get_id (g_ptr_array_index (instances, i)),
                         best_first[i].id);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (instances_are_ranked_by_address_class_and_then_by_id),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
