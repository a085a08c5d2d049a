/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-txt.h"
#include "disco-txt-private.h"
#include "test-support.h"

#include <disco/disco-error.h>
#include <string.h>

#define TEN "0123456789"
#define SIXTY TEN TEN TEN TEN TEN TEN
#define COMMAS_21 ",,,,,,,,,,,,,,,,,,,,,"
#define ESCAPED_7 "%2C%2C%2C%2C%2C%2C%2C"
#define ESCAPED_21 ESCAPED_7 ESCAPED_7 ESCAPED_7

static const struct
{
  const char *id;
  const char *generic_name;
  const char *tags[12];
  const char *attributes[8]; /* "key" or "key=value" */
  const char *txt;
} encoded[] = {
  /* the order: id, name, tags, attributes in the caller's order */
  { "a", NULL, { NULL }, { NULL }, "disco.id=a|" },
  { "a", "billing.invoices", { NULL }, { NULL }, "disco.id=a|disco.name=billing.invoices|" },
  { "a", "b.c", { "t" }, { "z=1", "a=2" }, "disco.id=a|disco.name=b.c|disco.tags=t|z=1|a=2|" },
  { "ü", NULL, { NULL }, { NULL }, "disco.id=\\303\\274|" },
  { NULL, NULL, { NULL }, { NULL }, "|" },
  /* a key alone differs from an empty value */
  { "a", NULL, { NULL }, { "k" }, "disco.id=a|k|" },
  { "a", NULL, { NULL }, { "k=" }, "disco.id=a|k=|" },
  { "a", NULL, { NULL }, { "k==|=" }, "disco.id=a|k==\\174=|" },
  /* tags: joined by commas; %, comma and = escaped */
  { "a", NULL, { "red", "green" }, { NULL }, "disco.id=a|disco.tags=red,green|" },
  { "a", NULL, { "b,c=%" }, { NULL }, "disco.id=a|disco.tags=b%2Cc%3D%25|" },
  { "a", NULL, { "%2C" }, { NULL }, "disco.id=a|disco.tags=%252C|" },
  { "a", NULL, { "a b", "ü" }, { NULL }, "disco.id=a|disco.tags=a b,\\303\\274|" },
  /* what does not fit 255 bytes goes on from a whole tag: 11 + 4 × 61 are 255, less a comma */
  { "a",
    NULL,
    { SIXTY, SIXTY, SIXTY, SIXTY "x" },
    { NULL },
    "disco.id=a|disco.tags=" SIXTY "," SIXTY "," SIXTY "," SIXTY "x|" },
  { "a",
    NULL,
    { SIXTY, SIXTY, SIXTY, SIXTY "xy" },
    { "k" },
    "disco.id=a|disco.tags=" SIXTY "," SIXTY "," SIXTY "|disco.tags1=" SIXTY "xy|k|" },
  /* escapes are never cut: 12 + 3 × 63 + 2 × 21 are 243 */
  { "a",
    NULL,
    { SIXTY "abc", COMMAS_21 COMMAS_21 COMMAS_21, "x", SIXTY },
    { NULL },
    "disco.id=a|disco.tags=" SIXTY "abc|disco.tags1=" ESCAPED_21 ESCAPED_21 ESCAPED_21
    ",x|disco.tags2=" SIXTY "|" },
};

static DiscoAttributes *
make_attributes (const char *const *texts)
{
  DiscoAttributes *attributes = disco_attributes_new ();

  for (; *texts != NULL; texts++)
    {
      const char *equals = strchr (*texts, '=');
      g_autofree char *key
          = g_strndup (*texts, equals != NULL ? (gsize)(equals - *texts) : strlen (*texts));
      g_autoptr (GBytes) value
          = equals != NULL ? g_bytes_new (equals + 1, strlen (equals + 1)) : NULL;

      disco_attributes_set (attributes, key, value);
    }
  return attributes;
}

static void
encoding_follows_the_table (void **state)
{
  for (gsize i = 0; i < G_N_ELEMENTS (encoded); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DiscoAttributes) attributes = make_attributes (encoded[i].attributes);
      g_autoptr (GBytes) rdata = disco_txt_encode (encoded[i].id, encoded[i].generic_name,
                                                   encoded[i].tags, attributes, &error);
      g_autofree char *text = NULL;

      if (rdata == NULL)
        fail_msg ("%s: %s", encoded[i].txt, error->message);
      text = test_txt_to_string (rdata);
      assert_string_equal (text, encoded[i].txt);
    }
}

static void
lists_that_are_null_count_as_empty (void **state)
{
  g_autoptr (GBytes) rdata = disco_txt_encode ("a", NULL, NULL, NULL, NULL);
  g_autofree char *text = test_txt_to_string (rdata);

  assert_string_equal (text, "disco.id=a|");
}

static void
empty_bytes_without_data_are_an_empty_value (void **state)
{
  g_autoptr (DiscoAttributes) attributes = disco_attributes_new ();
  g_autoptr (GBytes) empty = g_bytes_new (NULL, 0);
  g_autoptr (GBytes) rdata = NULL;
  g_autofree char *text = NULL;

  disco_attributes_set (attributes, "k", empty);
  rdata = disco_txt_encode ("a", NULL, NULL, attributes, NULL);
  text = test_txt_to_string (rdata);
  assert_string_equal (text, "disco.id=a|k=|");
}

static void
string_over_255_bytes_is_too_large (void **state)
{
  g_autofree char *value = g_strnfill (256, 'v');

  for (gsize size = 250; size <= 256; size++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DiscoAttributes) attributes = disco_attributes_new ();
      g_autoptr (GBytes) bytes = g_bytes_new (value, size);
      g_autoptr (GBytes) rdata = NULL;

      disco_attributes_set (attributes, "key", bytes);
      rdata = disco_txt_encode ("a", NULL, NULL, attributes, &error);
      if (3 + 1 + size <= 255)
        {
          assert_non_null (rdata);
          assert_int_equal (g_bytes_get_size (rdata), 1 + strlen ("disco.id=a") + 1 + 4 + size);
          continue;
        }
      assert_null (rdata);
      test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_TOO_LARGE, "attribute \"key\"");
    }
}

/* "disco.id=a" takes 11 bytes, four attributes of 253 bytes 1024, "e" 200: 65 are left for "f",
 * and its length byte, key and "=" are 3 of them. */
static void
record_over_1300_bytes_is_too_large (void **state)
{
  g_autofree char *value = g_strnfill (253, 'v');
  g_autoptr (GBytes) full = g_bytes_new (value, 253);
  g_autoptr (GBytes) e = g_bytes_new (value, 197);

  for (gsize size = 60; size <= 64; size++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DiscoAttributes) attributes = disco_attributes_new ();
      g_autoptr (GBytes) f = g_bytes_new (value, size);
      g_autoptr (GBytes) rdata = NULL;

      disco_attributes_set (attributes, "a", full);
      disco_attributes_set (attributes, "b", full);
      disco_attributes_set (attributes, "c", full);
      disco_attributes_set (attributes, "d", full);
      disco_attributes_set (attributes, "e", e);
      disco_attributes_set (attributes, "f", f);
      rdata = disco_txt_encode ("a", NULL, NULL, attributes, &error);
      if (size <= 62)
        {
          assert_non_null (rdata);
          assert_int_equal (g_bytes_get_size (rdata), 1300 - 62 + size);
          continue;
        }
      assert_null (rdata);
      test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_TOO_LARGE, "registration \"a\"");
    }
}

static void
too_many_tags_are_too_large (void **state)
{
  g_autoptr (GStrvBuilder) tags = g_strv_builder_new ();
  g_auto (GStrv) strv = NULL;
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 22; i++)
    g_strv_builder_add (tags, SIXTY);
  strv = g_strv_builder_end (tags);
  assert_null (disco_txt_encode ("a", NULL, (const char *const *)strv, NULL, &error));
  test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_TOO_LARGE, "at most 1300");
}

typedef gboolean (*Check) (const char *text, GError **error);

static void
each_piece_is_checked_by_its_rule (void **state)
{
  static const struct
  {
    Check check;
    const char *text;
    const char *part; /* of the message; NULL: valid */
  } rows[] = {
    { disco_id_check, "a", NULL },
    { disco_id_check, "Ein Büro, unten: =%", NULL },
    { disco_id_check, SIXTY SIXTY "12345678", NULL },
    { disco_id_check, SIXTY SIXTY "123456789", "it is longer than 128 bytes" },
    { disco_id_check, "", "id \"\": it is empty" },
    { disco_id_check, "a\xff", "id \"a\\xff\": it is not UTF-8" },
    { disco_id_check, "a\n", "id \"a\\x0a\": it has a control character" },
    { disco_tag_check, "a", NULL },
    { disco_tag_check, "a,b=c%", NULL },
    { disco_tag_check, SIXTY "123", NULL },
    { disco_tag_check, SIXTY "1234", "it is longer than 63 bytes" },
    { disco_tag_check, "", "tag \"\": it is empty" },
    { disco_tag_check, "\xc3", "tag \"\\xc3\": it is not UTF-8" },
    { disco_tag_check, "\x7f", "tag \"\\x7f\": it has a control character" },
    { disco_attribute_key_check, "a", NULL },
    { disco_attribute_key_check, "Paper Size!~", NULL },
    { disco_attribute_key_check, "disco", NULL },
    { disco_attribute_key_check, "discos.id", NULL },
    { disco_attribute_key_check, SIXTY "1234", NULL },
    { disco_attribute_key_check, SIXTY "12345", "it is longer than 64 bytes" },
    { disco_attribute_key_check, "", "attribute key \"\": it is empty" },
    { disco_attribute_key_check, "a=b", "attribute key \"a=b\": it may have printable ASCII" },
    { disco_attribute_key_check, "=", "printable ASCII" },
    { disco_attribute_key_check, "a\tb", "attribute key \"a\\x09b\"" },
    { disco_attribute_key_check, "a\x7f", "printable ASCII" },
    { disco_attribute_key_check, "ü", "attribute key \"ü\": it may have printable ASCII" },
    { disco_attribute_key_check, "\xff", "printable ASCII" },
    { disco_attribute_key_check, "disco.", "attribute key \"disco.\"" },
    { disco_attribute_key_check, "disco.id", "the library's own" },
    { disco_attribute_key_check, "DISCO.x", "the library's own" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      gboolean valid = rows[i].check (rows[i].text, &error);

      if (valid != (rows[i].part == NULL))
        fail_msg ("row %zu, '%s': %s", i, rows[i].text, valid ? "valid" : error->message);
      if (!valid)
        test_assert_error (&error, DISCO_ERROR, DISCO_ERROR_INVALID_ARGUMENT, rows[i].part);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (encoding_follows_the_table),
    cmocka_unit_test (lists_that_are_null_count_as_empty),
    cmocka_unit_test (empty_bytes_without_data_are_an_empty_value),
    cmocka_unit_test (string_over_255_bytes_is_too_large),
    cmocka_unit_test (record_over_1300_bytes_is_too_large),
    cmocka_unit_test (too_many_tags_are_too_large),
    cmocka_unit_test (each_piece_is_checked_by_its_rule),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
