/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-label-private.h"
#include "disco-name-private.h"
#include "test-support.h"

#include <disco/disco-error.h>
#include <string.h>

#define TEN "0123456789"
#define FIFTY TEN TEN TEN TEN TEN
/* the subtype of "x", and of other names that are no label: printf x | sha256sum */
#define X_HASH "_2d711642b726b04401627ca9fbac32f5"

typedef enum
{
  TYPED,
  SUBTYPE,
  GENERIC,
  ANY_GENERIC,
} Kind;

static const struct
{
  const char *text;
  Kind kind;
  const char *name;
  const char *type;
  const char *browse_type;
  const char *subtype;
} valid[] = {
  /* an RFC 6335 name of 2 to 15 characters */
  { "http", TYPED, "http", "_http._tcp", "_http._tcp" },
  { "HTTP", TYPED, "http", "_http._tcp", "_http._tcp" },
  { "home-sharing", TYPED, "home-sharing", "_home-sharing._tcp", "_home-sharing._tcp" },
  { "ab", TYPED, "ab", "_ab._tcp", "_ab._tcp" },
  { "abcdefghijklmno", TYPED, "abcdefghijklmno", "_abcdefghijklmno._tcp", "_abcdefghijklmno._tcp" },
  { "9p", TYPED, "9p", "_9p._tcp", "_9p._tcp" },
  { "a-1-b", TYPED, "a-1-b", "_a-1-b._tcp", "_a-1-b._tcp" },
  { "disco2", TYPED, "disco2", "_disco2._tcp", "_disco2._tcp" },
  /* a full type over TCP */
  { "_http._tcp", TYPED, "http", "_http._tcp", "_http._tcp" },
  { "_HTTP._Tcp", TYPED, "http", "_http._tcp", "_http._tcp" },
  { "_ab._tcp", TYPED, "ab", "_ab._tcp", "_ab._tcp" },
  /* a full type over UDP */
  { "_ntp._udp", TYPED, "_ntp._udp", "_ntp._udp", "_ntp._udp" },
  { "_NTP._UDP", TYPED, "_ntp._udp", "_ntp._udp", "_ntp._udp" },
  { "_disco._udp", TYPED, "_disco._udp", "_disco._udp", "_disco._udp" },
  /* a subtype */
  { "_printer._sub._http._tcp", SUBTYPE, "_printer._sub._http._tcp", "_http._tcp",
    "_printer._sub._http._tcp", "_printer" },
  { "_Printer._SUB._HTTP._TCP", SUBTYPE, "_printer._sub._http._tcp", "_http._tcp",
    "_printer._sub._http._tcp", "_printer" },
  { "_ab._sub._ntp._udp", SUBTYPE, "_ab._sub._ntp._udp", "_ntp._udp", "_ab._sub._ntp._udp", "_ab" },
  { "_a b._sub._http._tcp", SUBTYPE, "_a b._sub._http._tcp", "_http._tcp",
    "_a\\032b._sub._http._tcp", "_a b" },
  { "_a\\.b._sub._http._tcp", SUBTYPE, "_a\\.b._sub._http._tcp", "_http._tcp",
    "_a\\.b._sub._http._tcp", "_a.b" },
  { "_red._sub._disco._tcp", SUBTYPE, "_red._sub._disco._tcp", "_disco._tcp",
    "_red._sub._disco._tcp", "_red" },
  /* any other text */
  { "billing.invoices", GENERIC, "billing.invoices", "_disco._tcp",
    "_billing\\.invoices._sub._disco._tcp", "_billing.invoices" },
  { "Billing.Invoices", GENERIC, "Billing.Invoices", "_disco._tcp",
    "_Billing\\.Invoices._sub._disco._tcp", "_Billing.Invoices" },
  { "A name with spaces", GENERIC, "A name with spaces", "_disco._tcp",
    "_A\\032name\\032with\\032spaces._sub._disco._tcp", "_A name with spaces" },
  { "a-name-longer-than-fifteen", GENERIC, "a-name-longer-than-fifteen", "_disco._tcp",
    "_a-name-longer-than-fifteen._sub._disco._tcp", "_a-name-longer-than-fifteen" },
  { "abcdefghijklmnop", GENERIC, "abcdefghijklmnop", "_disco._tcp",
    "_abcdefghijklmnop._sub._disco._tcp", "_abcdefghijklmnop" },
  { "ü", GENERIC, "ü", "_disco._tcp", "_\\195\\188._sub._disco._tcp", "_ü" },
  { "http-", GENERIC, "http-", "_disco._tcp", "_http-._sub._disco._tcp", "_http-" },
  { "-http", GENERIC, "-http", "_disco._tcp", "_-http._sub._disco._tcp", "_-http" },
  { "a--b", GENERIC, "a--b", "_disco._tcp", "_a--b._sub._disco._tcp", "_a--b" },
  { "80", GENERIC, "80", "_disco._tcp", "_80._sub._disco._tcp", "_80" },
  { "8-0", GENERIC, "8-0", "_disco._tcp", "_8-0._sub._disco._tcp", "_8-0" },
  { "a_b", GENERIC, "a_b", "_disco._tcp", "_a_b._sub._disco._tcp", "_a_b" },
  { "http._tcp", GENERIC, "http._tcp", "_disco._tcp", "_http\\._tcp._sub._disco._tcp",
    "_http._tcp" },
  { " disco", GENERIC, " disco", "_disco._tcp", "_\\032disco._sub._disco._tcp", "_ disco" },
  /* whose subtype is no label: too short, or too long */
  { "x", GENERIC, "x", "_disco._tcp", X_HASH "._sub._disco._tcp", X_HASH },
  { FIFTY TEN "xy", GENERIC, FIFTY TEN "xy", "_disco._tcp", "_" FIFTY TEN "xy._sub._disco._tcp",
    "_" FIFTY TEN "xy" },
  { FIFTY TEN "xyz", GENERIC, FIFTY TEN "xyz", "_disco._tcp",
    "_9a6050439c2eb8faba416dcf24e43538._sub._disco._tcp", "_9a6050439c2eb8faba416dcf24e43538" },
  /* all generic services */
  { "disco", ANY_GENERIC, "disco", "_disco._tcp", "_disco._tcp" },
  { "DISCO", ANY_GENERIC, "disco", "_disco._tcp", "_disco._tcp" },
  { "_disco._tcp", ANY_GENERIC, "disco", "_disco._tcp", "_disco._tcp" },
  { "_DISCO._TCP", ANY_GENERIC, "disco", "_disco._tcp", "_disco._tcp" },
};

static const struct
{
  const char *text;
  const char *part; /* of the message */
} invalid[] = {
  { "", "service name \"\": it is empty" },
  { "a\xffz", "service name \"a\\xffz\": it is not UTF-8" },
  { "\xc3", "it is not UTF-8" },
  { "a\nb", "service name \"a\\x0ab\": it has a control character" },
  { "a\x7f", "it has a control character" },
  { "a\xc2\x80", "it has a control character" },
  { FIFTY FIFTY FIFTY FIFTY "x", "it is longer than 200 bytes" },
  { "_", "service name \"_\": a name that begins with \"_\" must be a service type" },
  { "_http", "service name \"_http\": a name that begins with \"_\"" },
  { "_http._ftp", "service name \"_http._ftp\": a name that begins with \"_\"" },
  { "_http.tcp", "such as \"_http._tcp\"" },
  { "_http._tcp.", "\"_http._tcp.\"" },
  { "_http._tcp.local", "\"_http._tcp.local\"" },
  { "_http.._tcp", "\"_http.._tcp\"" },
  { "_x._tcp", "2 to 15" },
  { "_x._udp", "2 to 15" },
  { "_._tcp", "2 to 15" },
  { "_abcdefghijklmnop._tcp", "2 to 15" },
  { "_80._tcp", "\"_80._tcp\"" },
  { "_a--b._tcp", "\"_a--b._tcp\"" },
  { "_-ab._tcp", "\"_-ab._tcp\"" },
  { "_ab-._tcp", "\"_ab-._tcp\"" },
  { "_a_b._tcp", "\"_a_b._tcp\"" },
  { "_a b._tcp", "\"_a b._tcp\"" },
  { "_ab\\000c._tcp", "a name that begins with" },
  { "_ab\\._tcp", "a name that begins with" },
  { "_\xc3\xbc"
    "b._tcp",
    "a name that begins with" },
  { "_a._sub._http._tcp", "\"_a._sub._http._tcp\"" },
  { "printer._sub._http._tcp.", NULL },
  { "_printer._sub._http", "a name that begins with" },
  { "_printer._sub._http._ftp", "a name that begins with" },
  { "_printer._sub._x._tcp", "a name that begins with" },
  { "_printer.sub._http._tcp", "a name that begins with" },
  { "_printer._sub._sub._http._tcp", "a name that begins with" },
  { "_a\\010b._sub._http._tcp", "a name that begins with" },
  { "_a\\255b._sub._http._tcp", "a name that begins with" },
  { "_a\\25._sub._http._tcp", "a name that begins with" },
  { "_" FIFTY TEN "abc._sub._http._tcp", "a name that begins with" },
};

static DiscoServiceName *
parse_valid (const char *text)
{
  g_autoptr (GError) error = NULL;
  DiscoServiceName *name = disco_service_name_parse (text, &error);

  if (error != NULL)
    fail_msg ("%s: %s", text, error->message);
  return name;
}

static void
every_kind_of_name_has_its_type (void **state)
{
  for (gsize i = 0; i < G_N_ELEMENTS (valid); i++)
    {
      g_autoptr (DiscoServiceName) name = parse_valid (valid[i].text);

      if (!g_str_equal (name->name, valid[i].name) || !g_str_equal (name->type, valid[i].type)
          || !g_str_equal (name->browse_type, valid[i].browse_type)
          || g_strcmp0 (name->subtype, valid[i].subtype) != 0
          || name->is_generic != (valid[i].kind == GENERIC || valid[i].kind == ANY_GENERIC)
          || name->is_any_generic != (valid[i].kind == ANY_GENERIC))
        fail_msg ("%s: name %s, type %s, browse %s, subtype %s", valid[i].text, name->name,
                  name->type, name->browse_type, name->subtype);
    }
}

static void
canonical_names_parse_to_themselves (void **state)
{
  for (gsize i = 0; i < G_N_ELEMENTS (valid); i++)
    {
      g_autoptr (DiscoServiceName) name = parse_valid (valid[i].text);
      g_autoptr (DiscoServiceName) again = parse_valid (name->name);

      assert_string_equal (again->name, name->name);
      assert_string_equal (again->browse_type, name->browse_type);
    }
}

static void
invalid_names_fail_with_a_message_that_quotes_them (void **state)
{
  for (gsize i = 0; i < G_N_ELEMENTS (invalid); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DiscoServiceName) name = disco_service_name_parse (invalid[i].text, &error);

      if (invalid[i].part == NULL)
        {
          assert_true (name != NULL && name->is_generic);
          continue;
        }
      if (name != NULL)
        fail_msg ("'%s' was taken for %s", invalid[i].text, name->name);
      test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_INVALID_ARGUMENT, invalid[i].part);
    }
}

static void
subtypes_and_all_generic_services_cannot_be_registered (void **state)
{
  for (gsize i = 0; i < G_N_ELEMENTS (valid); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DiscoServiceName) name = parse_valid (valid[i].text);
      gboolean registrable = disco_service_name_check_registrable (name, &error);

      if (registrable != (valid[i].kind == TYPED || valid[i].kind == GENERIC))
        fail_msg ("%s: registrable %d", valid[i].text, registrable);
      if (!registrable)
        test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_INVALID_ARGUMENT, name->name);
    }
}

/* "_" and n times "ü", 8 characters each, before "._sub._disco._tcp.local": 23 characters */
static void
generic_name_that_is_too_long_escaped_is_browsed_by_its_hash (void **state)
{
  for (guint n = 1; n <= 62; n++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_autoptr (DiscoServiceName) name = NULL;
      g_autofree char *full = NULL;
      gboolean hashed;

      for (guint i = 0; i < n; i++)
        g_string_append (text, "ü");
      name = disco_service_name_parse (text->str, NULL);
      full = g_strconcat (name->browse_type, ".local", NULL);
      hashed = name->subtype[1] != "ü"[0];
      assert_true (strlen (full) <= 255);
      assert_int_equal (hashed, 2 * n > 62 || 1 + 8 * n + 23 > 255);
    }
}

static void
subtype_of_a_tag_is_one_escaped_label (void **state)
{
  static const struct
  {
    const char *label;
    const char *type;
    const char *subtype;
  } rows[] = {
    { "printer", "_http._tcp", "_printer._sub._http._tcp" },
    { "Red", "_http._tcp", "_Red._sub._http._tcp" },
    { "a.b", "_ntp._udp", "_a\\.b._sub._ntp._udp" },
    { "a\\b", "_http._tcp", "_a\\\\b._sub._http._tcp" },
    { "a b", "_http._tcp", "_a\\032b._sub._http._tcp" },
    { "_x", "_http._tcp", "__x._sub._http._tcp" },
    { "ab", "_http._tcp", "_ab._sub._http._tcp" },
    { "a", "_http._tcp", NULL },
    { "", "_http._tcp", NULL },
    { FIFTY TEN "ab", "_http._tcp", "_" FIFTY TEN "ab._sub._http._tcp" },
    { FIFTY TEN "abc", "_http._tcp", NULL },
    /* 58 escaped bytes are 232 characters with "_", and "._sub._http._tcp.local" is 22 */
    { "++++++++++++++++++++++++++++++++++++++++++++++++++++++++++", "_http._tcp",
      "_\\043\\043\\043\\043\\043\\043\\043\\043\\043\\043\\043\\043\\043\\043\\043\\043\\043\\043"
      "\\043\\043\\043\\043\\043\\043\\043\\043\\043\\043\\043\\043\\043\\043\\043\\043\\043\\043"
      "\\043\\043\\043\\043\\043\\043\\043\\043\\043\\043\\043\\043\\043\\043\\043\\043\\043\\043"
      "\\043\\043\\043\\043._sub._http._tcp" },
    { "+++++++++++++++++++++++++++++++++++++++++++++++++++++++++++", "_http._tcp", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *subtype = disco_subtype_join (rows[i].label, rows[i].type);

      if (g_strcmp0 (subtype, rows[i].subtype) != 0)
        fail_msg ("%s: %s", rows[i].label, subtype);
    }
}

/* The sanitizers see a name that is freed early, or not at all. */
static void
name_lives_as_long_as_its_last_reference (void **state)
{
  DiscoServiceName *name = parse_valid ("http");
  g_autoptr (DiscoServiceName) second = disco_service_name_ref (name);

  assert_ptr_equal (second, name);
  disco_service_name_unref (name);
  assert_string_equal (second->name, "http");
}

static void
parse_takes_any_bytes (void **state)
{
  g_autoptr (GRand) rand = test_rand_new ();

  for (int round = 0; round < 20000; round++)
    {
      static const char alphabet[] = "__..\\\\-at09 c_tcp._sub\xc3\xbc\x01\xff";
      g_autoptr (GString) text = g_string_new (g_rand_boolean (rand) ? "_" : NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (DiscoServiceName) name = NULL;
      g_autofree char *full = NULL;
      g_autoptr (GBytes) wire = NULL;

      for (gint32 n = g_rand_int_range (rand, 0, 24); n > 0; n--)
        g_string_append_c (text, alphabet[g_rand_int_range (rand, 0, sizeof alphabet - 1)]);
      name = disco_service_name_parse (text->str, &error);
      assert_true ((name == NULL) == (error != NULL));
      if (name == NULL)
        continue;
      full = g_strconcat (name->browse_type, ".local", NULL);
      assert_true (strlen (full) <= 255);
      wire = disco_domain_name_to_wire (full);
      assert_non_null (wire);
      assert_true (g_utf8_validate (name->name, -1, NULL));
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (every_kind_of_name_has_its_type),
    cmocka_unit_test (canonical_names_parse_to_themselves),
    cmocka_unit_test (invalid_names_fail_with_a_message_that_quotes_them),
    cmocka_unit_test (subtypes_and_all_generic_services_cannot_be_registered),
    cmocka_unit_test (generic_name_that_is_too_long_escaped_is_browsed_by_its_hash),
    cmocka_unit_test (subtype_of_a_tag_is_one_escaped_label),
    cmocka_unit_test (name_lives_as_long_as_its_last_reference),
    cmocka_unit_test (parse_takes_any_bytes),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
