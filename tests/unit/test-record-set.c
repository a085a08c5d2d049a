/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-label-private.h"
#include "disco-record-set-private.h"
#include "disco-registration-private.h"
#include "test-support.h"
#include "test-txt.h"

#include <disco/disco-error.h>
#include <string.h>

#define TEN "0123456789"
#define SIXTY TEN TEN TEN TEN TEN TEN

/* What a table row registers; NULL: not set. */
typedef struct
{
  const char *name;
  const char *id;
  const char *label;
  const char *addr;
  const char *tags[8];
  const char *attributes[6]; /* keys alone */
  const char *default_tags[4];
  const char *advertise_address;
} Given;

static DiscoRegistration *
make_registration (const Given *given)
{
  DiscoRegistration *registration = disco_registration_new (given->name, 8080);

  if (given->id != NULL)
    disco_registration_set_id (registration, given->id);
  if (given->label != NULL)
    disco_registration_set_label (registration, given->label);
  if (given->addr != NULL)
    disco_registration_set_addr (registration, given->addr);
  disco_registration_set_tags (registration, given->tags);
  for (const char *const *key = given->attributes; *key != NULL; key++)
    disco_registration_set_attribute (registration, *key, NULL);
  return registration;
}

static DiscoRecordSet *
make_record_set (const Given *given, GError **error)
{
  g_autoptr (DiscoRegistration) registration = make_registration (given);

  return disco_record_set_new (registration, NULL, given->default_tags, given->advertise_address,
                               error);
}

static DiscoRecordSet *
make_valid (const Given *given)
{
  g_autoptr (GError) error = NULL;
  DiscoRecordSet *set = make_record_set (given, &error);

  if (set == NULL)
    fail_msg ("%s: %s", given->name, error->message);
  return set;
}

static void
registration_becomes_its_records (void **state)
{
  static const struct
  {
    Given given;
    const char *type;
    const char *label;
    const char *host;
    const char *txt;
    const char *subtypes;
  } rows[] = {
    /* the label is the registration's, else the id */
    { { "http", "a" }, "_http._tcp", "a", NULL, "disco.id=a|", "" },
    { { "http", "a", "" }, "_http._tcp", "a", NULL, "disco.id=a|", "" },
    { { "HTTP", "a", "My server" }, "_http._tcp", "My server", NULL, "disco.id=a|", "" },
    { { "_ntp._udp", "a", "ü" }, "_ntp._udp", "ü", NULL, "disco.id=a|", "" },
    { { "http", SIXTY SIXTY }, "_http._tcp", SIXTY "012", NULL, "disco.id=" SIXTY SIXTY "|", "" },
    /* a generic name is in TXT and in a subtype */
    { { "billing.invoices", "a" },
      "_disco._tcp",
      "a",
      NULL,
      "disco.id=a|disco.name=billing.invoices|",
      "_billing\\.invoices._sub._disco._tcp" },
    { { "x", "a" },
      "_disco._tcp",
      "a",
      NULL,
      "disco.id=a|disco.name=x|",
      "_2d711642b726b04401627ca9fbac32f5._sub._disco._tcp" },
    /* every tag that can be is a subtype too */
    { { "http", "a", NULL, NULL, { "red", "green" } },
      "_http._tcp",
      "a",
      NULL,
      "disco.id=a|disco.tags=red,green|",
      "_red._sub._http._tcp _green._sub._http._tcp" },
    { { "http", "a", NULL, NULL, { "x", SIXTY "ab", SIXTY "abc" } },
      "_http._tcp",
      "a",
      NULL,
      "disco.id=a|disco.tags=x," SIXTY "ab," SIXTY "abc|",
      "_" SIXTY "ab._sub._http._tcp" },
    { { "http", "a", NULL, NULL, { "v1.2", "a b", "ü" } },
      "_http._tcp",
      "a",
      NULL,
      "disco.id=a|disco.tags=v1.2,a b,\\303\\274|",
      "_v1\\.2._sub._http._tcp _a\\032b._sub._http._tcp _\\195\\188._sub._http._tcp" },
    /* tags fall together by bytes, subtypes without case, first place kept */
    { { "http", "a", NULL, NULL, { "Red", "ab", "red", "Red" } },
      "_http._tcp",
      "a",
      NULL,
      "disco.id=a|disco.tags=Red,ab,red|",
      "_Red._sub._http._tcp _ab._sub._http._tcp" },
    { { "n.m", "a", NULL, NULL, { "N.M", "n.m" } },
      "_disco._tcp",
      "a",
      NULL,
      "disco.id=a|disco.name=n.m|disco.tags=N.M,n.m|",
      "_n\\.m._sub._disco._tcp" },
    /* the agent's tags are appended */
    { { "http", "a", NULL, NULL, { "bb", "cc" }, { NULL }, { "dd", "bb" } },
      "_http._tcp",
      "a",
      NULL,
      "disco.id=a|disco.tags=bb,cc,dd|",
      "_bb._sub._http._tcp _cc._sub._http._tcp _dd._sub._http._tcp" },
    { { "http", "a", NULL, NULL, { NULL }, { NULL }, { "dd" } },
      "_http._tcp",
      "a",
      NULL,
      "disco.id=a|disco.tags=dd|",
      "_dd._sub._http._tcp" },
    /* attributes keep the caller's order, behind the tags */
    { { "http", "a", NULL, NULL, { "tt" }, { "z", "a" } },
      "_http._tcp",
      "a",
      NULL,
      "disco.id=a|disco.tags=tt|z|a|",
      "_tt._sub._http._tcp" },
    /* addr: a name, an address, and the agent's for none */
    { { "http", "a", NULL, "Printer.local." },
      "_http._tcp",
      "a",
      "Printer.local",
      "disco.id=a|",
      "" },
    { { "http", "a", NULL, "192.0.2.1" },
      "_http._tcp",
      "a",
      "disco-4b8feb936451.local",
      "disco.id=a|",
      "" },
    { { "http", "a", NULL, NULL, { NULL }, { NULL }, { NULL }, "192.0.2.1" },
      "_http._tcp",
      "a",
      "disco-4b8feb936451.local",
      "disco.id=a|",
      "" },
    { { "http", "a", NULL, "", { NULL }, { NULL }, { NULL }, "proxy.local" },
      "_http._tcp",
      "a",
      "proxy.local",
      "disco.id=a|",
      "" },
    { { "http", "a", NULL, "b.local", { NULL }, { NULL }, { NULL }, "192.0.2.1" },
      "_http._tcp",
      "a",
      "b.local",
      "disco.id=a|",
      "" },
    { { "http", "a", NULL, NULL, { NULL }, { NULL }, { NULL }, "" },
      "_http._tcp",
      "a",
      NULL,
      "disco.id=a|",
      "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (DiscoRecordSet) set = make_valid (&rows[i].given);
      g_autofree char *txt = test_txt_to_string (set->txt);
      g_autofree char *subtypes = g_strjoinv (" ", set->subtypes);

      if (!g_str_equal (set->service->type, rows[i].type)
          || !g_str_equal (set->label, rows[i].label) || g_strcmp0 (set->host, rows[i].host) != 0
          || !g_str_equal (txt, rows[i].txt) || !g_str_equal (subtypes, rows[i].subtypes))
        fail_msg ("row %zu: type %s, label %s, host %s, TXT %s, subtypes %s", i, set->service->type,
                  set->label, set->host, txt, subtypes);
      assert_string_equal (set->domain, "local");
      assert_int_equal (set->port, 8080);
      assert_int_equal (set->has_address,
                        set->host != NULL && g_str_has_prefix (set->host, "disco-"));
    }
}

static void
registration_that_breaks_a_rule_is_refused_with_its_fault_quoted (void **state)
{
  static const struct
  {
    Given given;
    int code;
    const char *part;
  } rows[] = {
    { { "" }, DISCO_ERROR_INVALID_ARGUMENT, "service name \"\"" },
    { { "_http" }, DISCO_ERROR_INVALID_ARGUMENT, "service name \"_http\"" },
    { { "a\xff" }, DISCO_ERROR_INVALID_ARGUMENT, "service name \"a\\xff\"" },
    { { "disco" }, DISCO_ERROR_INVALID_ARGUMENT, "service name \"disco\"" },
    { { "_disco._tcp" }, DISCO_ERROR_INVALID_ARGUMENT, "not registered" },
    { { "_a1._sub._http._tcp" }, DISCO_ERROR_INVALID_ARGUMENT, "\"_a1._sub._http._tcp\"" },
    { { "http", "" }, DISCO_ERROR_INVALID_ARGUMENT, "id \"\": it is empty" },
    { { "http", "a\n" }, DISCO_ERROR_INVALID_ARGUMENT, "id \"a\\x0a\"" },
    { { "http", SIXTY SIXTY "123456789" }, DISCO_ERROR_INVALID_ARGUMENT, "128 bytes" },
    { { "http", "a", "b\xff" }, DISCO_ERROR_INVALID_ARGUMENT, "label \"b\\xff\"" },
    { { "http", "a", "b\x1b" }, DISCO_ERROR_INVALID_ARGUMENT, "label \"b\\x1b\"" },
    { { "http", "a", NULL, "0.0.0.0" }, DISCO_ERROR_INVALID_ARGUMENT, "address \"0.0.0.0\"" },
    { { "http", "a", NULL, "printer" }, DISCO_ERROR_INVALID_ARGUMENT, "address \"printer\"" },
    { { "http", "a", NULL, "fe80::1%lo" }, DISCO_ERROR_INVALID_ARGUMENT, "\"fe80::1%lo\"" },
    { { "http", "a", NULL, NULL, { NULL }, { NULL }, { NULL }, "::" },
      DISCO_ERROR_INVALID_ARGUMENT,
      "address \"::\"" },
    { { "http", "a", NULL, NULL, { "ok", "" } }, DISCO_ERROR_INVALID_ARGUMENT, "tag \"\"" },
    { { "http", "a", NULL, NULL, { SIXTY "1234" } }, DISCO_ERROR_INVALID_ARGUMENT, "63 bytes" },
    { { "http", "a", NULL, NULL, { NULL }, { NULL }, { "b\x01" } },
      DISCO_ERROR_INVALID_ARGUMENT,
      "tag \"b\\x01\"" },
    { { "http", "a", NULL, NULL, { NULL }, { "" } },
      DISCO_ERROR_INVALID_ARGUMENT,
      "attribute key \"\"" },
    { { "http", "a", NULL, NULL, { NULL }, { "ok", "disco.id" } },
      DISCO_ERROR_INVALID_ARGUMENT,
      "attribute key \"disco.id\"" },
    { { "http", "a", NULL, NULL, { NULL }, { "Paper", "x", "paper" } },
      DISCO_ERROR_INVALID_ARGUMENT,
      "attribute key \"paper\": it is the key \"Paper\" again" },
    { { "http", "a", NULL, NULL, { NULL }, { "a=b" } },
      DISCO_ERROR_INVALID_ARGUMENT,
      "attribute key \"a=b\"" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DiscoRecordSet) set = make_record_set (&rows[i].given, &error);

      if (set != NULL)
        fail_msg ("row %zu was taken; expected %s", i, rows[i].part);
      test_assert_error (&error, DISCO_ERROR, rows[i].code, rows[i].part);
    }
}

static void
value_that_does_not_fit_is_too_large (void **state)
{
  g_autoptr (DiscoRegistration) registration = disco_registration_new ("http", 1);
  g_autofree char *text = g_strnfill (300, 'v');
  g_autoptr (GBytes) value = g_bytes_new (text, 300);
  g_autoptr (GError) error = NULL;

  disco_registration_set_attribute (registration, "key", value);
  assert_null (disco_record_set_new (registration, NULL, NULL, NULL, &error));
  test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_TOO_LARGE, "attribute \"key\"");
}

static void
registration_without_an_id_gets_a_random_uuid (void **state)
{
  g_autoptr (DiscoRegistration) registration = disco_registration_new ("http", 1);
  g_autoptr (DiscoRecordSet) a = disco_record_set_new (registration, NULL, NULL, NULL, NULL);
  g_autoptr (DiscoRecordSet) b = disco_record_set_new (registration, NULL, NULL, NULL, NULL);

  assert_true (g_regex_match_simple (
      "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", a->id, 0, 0));
  assert_string_not_equal (a->id, b->id);
  assert_string_equal (a->label, a->id);
}

static void
id_that_is_handed_over_replaces_the_registration_s (void **state)
{
  g_autoptr (DiscoRegistration) registration = make_registration (&(Given){ "http", "a" });
  g_autoptr (DiscoRecordSet) set = disco_record_set_new (registration, "b", NULL, NULL, NULL);
  g_autofree char *txt = test_txt_to_string (set->txt);

  assert_string_equal (set->id, "b");
  assert_string_equal (set->label, "b");
  assert_string_equal (txt, "disco.id=b|");
}

static void
port_is_taken_as_it_is (void **state)
{
  static const guint16 ports[] = { 0, 1, 65535 };

  for (gsize i = 0; i < G_N_ELEMENTS (ports); i++)
    {
      g_autoptr (DiscoRegistration) registration = disco_registration_new ("http", ports[i]);
      g_autoptr (DiscoRecordSet) set = disco_record_set_new (registration, NULL, NULL, NULL, NULL);

      assert_int_equal (set->port, ports[i]);
    }
}

static void
full_name_of_the_cut_label_has_at_most_255_characters (void **state)
{
  g_autoptr (DiscoRecordSet) set = make_valid (
      &(Given){ "http", "a", "++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++" });
  g_autofree char *name = disco_full_name_join (set->label, set->service->type, set->domain);

  assert_int_equal (strlen (set->label), 59);
  assert_true (strlen (name) <= 255);
}

static void
update_may_change_tags_attributes_and_port_only (void **state)
{
  static const struct
  {
    Given first;
    Given second;
    const char *part; /* of the message; NULL: allowed */
  } rows[] = {
    { { "http", "a" }, { "http", "a" }, NULL },
    { { "http", "a" }, { "_HTTP._tcp", "a", NULL, NULL, { "new" }, { "k" } }, NULL },
    { { "http", "a", "L", "b.local" }, { "http" }, NULL },
    { { "http", "a", "L", "b.local" }, { "http", NULL, "L", "B.local." }, NULL },
    { { "http", "a" }, { "http", "a", "a" }, NULL },
    { { "http", "a", NULL, "2001:db8::1" }, { "http", "a", NULL, "[2001:DB8::1]" }, NULL },
    { { "http", "a", NULL, NULL, { NULL }, { NULL }, { NULL }, "192.0.2.1" },
      { "http", "a", NULL, "192.0.2.1" },
      NULL },
    { { "http", "a" }, { "https", "a" }, "service name \"https\": an update cannot change it" },
    { { "n.m", "a" }, { "N.M", "a" }, "service name \"N.M\"" },
    { { "n.m", "a" }, { "n.o", "a" }, "from \"n.m\"" },
    { { "http", "a" }, { "_http._udp", "a" }, "service name \"_http._udp\"" },
    { { "http", "a" }, { "http", "a", "L" }, "label \"L\"" },
    { { "http", "a", "L" }, { "http", "a", "M" }, "label \"M\": an update cannot change it from" },
    { { "http", "a", "L" }, { "http", "a", "a" }, "label \"a\"" },
    { { "http", "a" }, { "http", "a", NULL, "b.local" }, "address \"b.local\"" },
    { { "http", "a", NULL, "b.local" }, { "http", "a", NULL, "c.local" }, "from \"b.local\"" },
    { { "http", "a", NULL, "192.0.2.1" }, { "http", "a", NULL, "192.0.2.2" }, "\"192.0.2.2\"" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (DiscoRecordSet) first = make_valid (&rows[i].first);
      g_autoptr (DiscoRegistration) registration = make_registration (&rows[i].second);
      g_autoptr (DiscoRecordSet) second
          = disco_record_set_new (registration, first->id, NULL, NULL, NULL);
      g_autoptr (GError) error = NULL;
      gboolean allowed = disco_record_set_check_update (first, second, &error);

      if (allowed != (rows[i].part == NULL))
        fail_msg ("row %zu: %s", i, allowed ? "allowed" : error->message);
      if (!allowed)
        test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_INVALID_ARGUMENT, rows[i].part);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (registration_becomes_its_records),
    cmocka_unit_test (registration_that_breaks_a_rule_is_refused_with_its_fault_quoted),
    cmocka_unit_test (value_that_does_not_fit_is_too_large),
    cmocka_unit_test (registration_without_an_id_gets_a_random_uuid),
    cmocka_unit_test (id_that_is_handed_over_replaces_the_registration_s),
    cmocka_unit_test (port_is_taken_as_it_is),
    cmocka_unit_test (full_name_of_the_cut_label_has_at_most_255_characters),
    cmocka_unit_test (update_may_change_tags_attributes_and_port_only),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
