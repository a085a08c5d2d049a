/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-target-private.h"
#include "test-support.h"

#include <disco/disco-error.h>

#define TEN "0123456789"
#define SIXTY TEN TEN TEN TEN TEN TEN

static void
empty_text_is_this_host (void **state)
{
  g_auto (DiscoTarget) target = { 0 };

  assert_true (disco_target_parse (&target, "", NULL));
  assert_null (target.host);
  assert_false (target.has_address);
}

/* printf '\xc0\x00\x02\x01' | sha256sum, and so on */
static void
address_gets_a_host_name_of_its_own (void **state)
{
  static const struct
  {
    const char *addr;
    const char *host;
    const char *address;
  } rows[] = {
    { "192.0.2.1", "disco-4b8feb936451.local", "192.0.2.1" },
    { "2001:db8::1", "disco-1e03d7e1ca9d.local", "2001:db8::1" },
    { "[2001:db8::1]", "disco-1e03d7e1ca9d.local", "2001:db8::1" },
    { "2001:DB8:0::0:1", "disco-1e03d7e1ca9d.local", "2001:db8::1" },
    { "127.0.0.1", "disco-b42e9a90d679.local", "127.0.0.1" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_auto (DiscoTarget) target = { 0 };
      g_autofree char *address = NULL;

      if (!disco_target_parse (&target, rows[i].addr, &error))
        fail_msg ("%s: %s", rows[i].addr, error->message);
      assert_true (target.has_address);
      assert_string_equal (target.host, rows[i].host);
      address = disco_address_to_string (&target.address);
      assert_string_equal (address, rows[i].address);
    }
}

static void
link_local_address_needs_no_zone (void **state)
{
  g_auto (DiscoTarget) target = { 0 };

  assert_true (disco_target_parse (&target, "fe80::1", NULL));
  assert_true (target.has_address);
}

static void
dns_name_is_the_target_itself (void **state)
{
  static const struct
  {
    const char *addr;
    const char *host;
  } rows[] = {
    { "printer.local", "printer.local" },
    { "printer.local.", "printer.local" },
    { "Printer-2.Example.ORG", "Printer-2.Example.ORG" },
    { "my_host.local", "my_host.local" },
    { "_x.local", "_x.local" },
    { "1.2.3.a", "1.2.3.a" },
    { "10.example", "10.example" },
    { "a.b", "a.b" },
    { SIXTY "abc.local", SIXTY "abc.local" },
    { SIXTY "." SIXTY "." SIXTY "." SIXTY ".a12345678",
      SIXTY "." SIXTY "." SIXTY "." SIXTY ".a12345678" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_auto (DiscoTarget) target = { 0 };

      if (!disco_target_parse (&target, rows[i].addr, &error))
        fail_msg ("%s: %s", rows[i].addr, error->message);
      assert_string_equal (target.host, rows[i].host);
      assert_false (target.has_address);
    }
}

static void
anything_else_is_an_error_that_quotes_it (void **state)
{
  static const struct
  {
    const char *addr;
    const char *part;
  } rows[] = {
    /* addresses that are no host's */
    { "0.0.0.0", "address \"0.0.0.0\": it is no IP address of one host" },
    { "255.255.255.255", "no IP address of one host" },
    { "224.0.0.251", "address \"224.0.0.251\": it is no IP address of one host" },
    { "::", "address \"::\": it is no IP address of one host" },
    { "[::]", "address \"[::]\"" },
    { "ff02::fb", "address \"ff02::fb\": it is no IP address of one host" },
    /* a zone */
    { "fe80::1%eth0", "address \"fe80::1%eth0\": an address with a zone" },
    { "[fe80::1%eth0]", "an address with a zone" },
    { "2001:db8::1%eth0", "an address with a zone" },
    /* what is meant as an address */
    { "192.0.2.256", "address \"192.0.2.256\": it is no IP address" },
    { "192.0.2", "it is no IP address" },
    { "192.0.2.1.", "it is no IP address" },
    { "2130706433", "it is no IP address" },
    { "2001:db8::1::", "it is no IP address" },
    { "192.0.2.1:80", "it is no IP address" },
    { "[192.0.2.1]", "it is no IP address" },
    { "printer.local:80", "address \"printer.local:80\"" },
    { ".", "address \".\": a host name needs" },
    /* names */
    { "printer", "address \"printer\": a host name needs at least two labels" },
    { "printer.", "address \"printer.\": a host name needs at least two labels" },
    { "printer..local", "address \"printer..local\": it is neither" },
    { ".local", "it is neither" },
    { "printer.local..", "it is neither" },
    { "my printer.local", "address \"my printer.local\": it is neither" },
    { "-a.local", "it is neither" },
    { "a-.local", "it is neither" },
    { "büro.local", "address \"büro.local\": it is neither" },
    { "a\xff.local", "address \"a\\xff.local\": it is neither" },
    { "a\n.local", "address \"a\\x0a.local\": it is neither" },
    { "a\\.b.local", "it is neither" },
    { "http://a.local", "it is no IP address" },
    { " ", "it is neither" },
    { SIXTY "abcd.local", "labels of 1 to 63" },
    { SIXTY "." SIXTY "." SIXTY "." SIXTY ".a123456789", "a DNS name has at most 255 bytes" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_auto (DiscoTarget) target = { 0 };

      if (disco_target_parse (&target, rows[i].addr, &error))
        fail_msg ("'%s' was taken for %s", rows[i].addr, target.host);
      test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_INVALID_ARGUMENT, rows[i].part);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (empty_text_is_this_host),
    cmocka_unit_test (address_gets_a_host_name_of_its_own),
    cmocka_unit_test (link_local_address_needs_no_zone),
    cmocka_unit_test (dns_name_is_the_target_itself),
    cmocka_unit_test (anything_else_is_an_error_that_quotes_it),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
