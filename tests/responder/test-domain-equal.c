/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-support.h"

#include "disco-domain-equal-private.h"

#include <avahi-core/core.h>
#include <avahi-core/rr.h>
#include <dlfcn.h>

typedef int (*Equal) (const char *a, const char *b);

/* Avahi's own, which the program's definition stands before */
static Equal
get_avahis_own (void)
{
  Equal equal = (Equal)dlsym (RTLD_NEXT, "avahi_domain_equal");

  assert_non_null (equal);
  assert_ptr_not_equal (equal, avahi_domain_equal);
  return equal;
}

static void
names_are_compared_as_avahi_does (void **state)
{
  static const struct
  {
    const char *a;
    const char *b;
    gboolean equal;
  } rows[] = {
    { "", "", TRUE },
    { "local", "local", TRUE },
    { "local", "LOCAL", TRUE },
    { "local", "local.", TRUE },
    { "Printer._ipp._tcp.local", "pRINTER._IPP._tcp.local.", TRUE },
    { "local", "loca", FALSE },
    { "a.local", "b.local", FALSE },
    { "a.local", "local", FALSE },
    { "a.b", "ab", FALSE },
    { "a\\.b.local", "a.b.local", FALSE },
    { "a\\.b.local", "A\\.B.local", TRUE },
    { "a\\046b.local", "a\\.b.local", TRUE },
    { "HP\\032LaserJet.local", "hp\\032laserjet.local", TRUE },
    { "HP\\032LaserJet.local", "HP LaserJet.local", TRUE },
    { "HP\\032LaserJet.local", "HP\\033LaserJet.local", FALSE },
    { "a\\\\b", "a\\092b", TRUE },
    { "\\065", "a", TRUE },
    { "\\195\\164", "\303\244", TRUE },
    { "\303\244", "\303\204", FALSE },
    { "@", "`", FALSE },
    { "[", "{", FALSE },
  };
  Equal avahis = get_avahis_own ();

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      gboolean ours = avahi_domain_equal (rows[i].a, rows[i].b) != 0;

      if (ours != rows[i].equal || (avahis (rows[i].a, rows[i].b) != 0) != rows[i].equal
          || (avahi_domain_equal (rows[i].b, rows[i].a) != 0) != rows[i].equal)
        fail_msg ("\"%s\" and \"%s\": %d", rows[i].a, rows[i].b, ours);
    }
}

/* A name of few different bytes, so that equal ones come up, each byte written in one of the ways
 * that there are */
static char *
make_name (GRand *rand)
{
  static const char *const pieces[] = { "a", "A", "\\097", "\\065", "\\.", "\\046", "\\\\", "\\092",
                                        "b", "B", "\\032", " ",     "1",   "2",     "\\049" };
  GString *name = g_string_new (NULL);
  int n_labels = g_rand_int_range (rand, 1, 3);

  for (int i = 0; i < n_labels; i++)
    {
      int n = g_rand_int_range (rand, 1, 3);

      for (int k = 0; k < n; k++)
        g_string_append (name, pieces[g_rand_int_range (rand, 0, G_N_ELEMENTS (pieces))]);
      if (i + 1 < n_labels || g_rand_boolean (rand))
        g_string_append_c (name, '.');
    }
  return g_string_free (name, FALSE);
}

static void
random_names_are_compared_as_avahi_does (void **state)
{
  g_autoptr (GRand) rand = test_rand_new ();
  Equal avahis = get_avahis_own ();
  guint n_equal = 0;

  for (guint i = 0; i < 100000; i++)
    {
      g_autofree char *a = make_name (rand);
      g_autofree char *b = make_name (rand);
      gboolean expected = avahis (a, b) != 0;

      if ((avahi_domain_equal (a, b) != 0) != expected)
        fail_msg ("\"%s\" and \"%s\": Avahi says %d", a, b, expected);
      n_equal += expected;
    }
  assert_in_range (n_equal, 1000, 99000);
}

static void
keys_are_compared_as_avahi_does (void **state)
{
  char local[] = "Local", same[] = "local.", other[] = "other";
  AvahiKey keys[] = {
    { 1, local, AVAHI_DNS_CLASS_IN, AVAHI_DNS_TYPE_A },
    { 1, same, AVAHI_DNS_CLASS_IN, AVAHI_DNS_TYPE_A },
    { 1, other, AVAHI_DNS_CLASS_IN, AVAHI_DNS_TYPE_A },
    { 1, local, AVAHI_DNS_CLASS_IN, AVAHI_DNS_TYPE_ANY },
    { 1, local, AVAHI_DNS_CLASS_ANY, AVAHI_DNS_TYPE_A },
  };
  typedef int (*KeyEqual) (const AvahiKey *a, const AvahiKey *b);
  KeyEqual avahis = (KeyEqual)dlsym (RTLD_NEXT, "avahi_key_equal");

  assert_non_null (avahis);
  assert_ptr_not_equal (avahis, avahi_key_equal);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    for (guint k = 0; k < G_N_ELEMENTS (keys); k++)
      assert_int_equal (!avahi_key_equal (&keys[i], &keys[k]), !avahis (&keys[i], &keys[k]));
  assert_true (avahi_key_equal (&keys[0], &keys[1]));
}

/* With its own definition the library would end the process here: these are no valid labels. */
static void
avahi_core_uses_these_comparisons (void **state)
{
  char lower[] = "\\195a.local";
  char upper[] = "\\195A.local";
  AvahiKey a = { 1, lower, AVAHI_DNS_CLASS_IN, AVAHI_DNS_TYPE_PTR };
  AvahiKey b = { 1, upper, AVAHI_DNS_CLASS_IN, AVAHI_DNS_TYPE_PTR };
  AvahiRecord records[]
      = { { .key = &a, .data.ptr.name = lower }, { .key = &b, .data.ptr.name = upper } };

  assert_true (avahi_record_equal_no_ttl (&records[0], &records[1]));
  assert_ptr_equal (dlsym (RTLD_DEFAULT, "avahi_key_equal"), avahi_key_equal);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (names_are_compared_as_avahi_does),
    cmocka_unit_test (random_names_are_compared_as_avahi_does),
    cmocka_unit_test (keys_are_compared_as_avahi_does),
    cmocka_unit_test (avahi_core_uses_these_comparisons),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
