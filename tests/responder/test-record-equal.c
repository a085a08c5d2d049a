/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-support.h"

#include <avahi-common/domain.h>
#include <avahi-common/malloc.h>
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

/* A record of a name and a kind that others have too, with one of two data */
static AvahiRecord *
make_record (GRand *rand)
{
  static const char *const names[] = { "a.local", "A.local.", "b.local" };
  static const guint16 types[] = { AVAHI_DNS_TYPE_PTR,  AVAHI_DNS_TYPE_CNAME, AVAHI_DNS_TYPE_NS,
                                   AVAHI_DNS_TYPE_SRV,  AVAHI_DNS_TYPE_TXT,   AVAHI_DNS_TYPE_A,
                                   AVAHI_DNS_TYPE_AAAA, AVAHI_DNS_TYPE_HINFO, 99 };
  const char *value = g_rand_boolean (rand) ? "x" : "y";
  AvahiRecord *record = avahi_record_new_full (
      names[g_rand_int_range (rand, 0, G_N_ELEMENTS (names))],
      g_rand_int_range (rand, 0, 4) > 0 ? AVAHI_DNS_CLASS_IN : AVAHI_DNS_CLASS_ANY,
      types[g_rand_int_range (rand, 0, G_N_ELEMENTS (types))], g_rand_boolean (rand) ? 120 : 0);

  switch (record->key->type)
    {
    case AVAHI_DNS_TYPE_PTR:
    case AVAHI_DNS_TYPE_CNAME:
    case AVAHI_DNS_TYPE_NS:
      record->data.ptr.name = avahi_strdup (value);
      break;
    case AVAHI_DNS_TYPE_SRV:
      record->data.srv.priority = (guint16)g_rand_int_range (rand, 0, 2);
      record->data.srv.weight = (guint16)g_rand_int_range (rand, 0, 2);
      record->data.srv.port = (guint16)g_rand_int_range (rand, 0, 2);
      record->data.srv.name = avahi_strdup (value);
      break;
    case AVAHI_DNS_TYPE_TXT:
      record->data.txt.string_list = avahi_string_list_new (value, NULL);
      break;
    case AVAHI_DNS_TYPE_A:
      record->data.a.address.address = (guint32)*value;
      break;
    case AVAHI_DNS_TYPE_AAAA:
      record->data.aaaa.address.address[15] = (guint8)*value;
      break;
    case AVAHI_DNS_TYPE_HINFO:
      record->data.hinfo.cpu = avahi_strdup (g_rand_boolean (rand) ? "cpu" : value);
      record->data.hinfo.os = avahi_strdup (value);
      break;
    default:
      record->data.generic.size = (guint16)g_rand_int_range (rand, 0, 2);
      if (record->data.generic.size > 0)
        record->data.generic.data = avahi_memdup (value, 1);
    }
  return record;
}

static void
random_records_are_compared_as_avahi_does (void **state)
{
  typedef int (*RecordEqual) (const AvahiRecord *a, const AvahiRecord *b);
  RecordEqual avahis = (RecordEqual)dlsym (RTLD_NEXT, "avahi_record_equal_no_ttl");
  g_autoptr (GRand) rand = test_rand_new ();
  guint n_equal = 0;

  assert_non_null (avahis);
  assert_ptr_not_equal (avahis, avahi_record_equal_no_ttl);
  for (guint i = 0; i < 100000; i++)
    {
      AvahiRecord *a = make_record (rand);
      AvahiRecord *b = make_record (rand);
      gboolean expected = avahis (a, b) != 0;

      if ((avahi_record_equal_no_ttl (a, b) != 0) != expected)
        fail_msg ("two records of type %d and %d: Avahi says %d", a->key->type, b->key->type,
                  expected);
      n_equal += expected;
      avahi_record_unref (a);
      avahi_record_unref (b);
    }
  assert_in_range (n_equal, 500, 99000);
}

/* What a library's call of the name leads to */
static void
avahi_core_uses_these_comparisons (void **state)
{
  assert_ptr_equal (dlsym (RTLD_DEFAULT, "avahi_domain_equal"), avahi_domain_equal);
  assert_ptr_equal (dlsym (RTLD_DEFAULT, "avahi_key_equal"), avahi_key_equal);
  assert_ptr_equal (dlsym (RTLD_DEFAULT, "avahi_record_equal_no_ttl"), avahi_record_equal_no_ttl);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (names_are_compared_as_avahi_does),
    cmocka_unit_test (random_names_are_compared_as_avahi_does),
    cmocka_unit_test (keys_are_compared_as_avahi_does),
    cmocka_unit_test (random_records_are_compared_as_avahi_does),
    cmocka_unit_test (avahi_core_uses_these_comparisons),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
