/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disco-txt-private.h"
#include "test-support.h"
#include "test-txt.h"

#include <string.h>

#define TEN "0123456789"
#define SIXTY TEN TEN TEN TEN TEN TEN

/* What was decoded as one text: "id name [tag,tag] {key=value;key;}", "-" for what is not there. */
static char *
describe (const DiscoTxt *txt)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *tags = g_strjoinv ("|", txt->tags);
  guint n = disco_attributes_get_size (txt->attributes);

  g_string_append_printf (text, "%s %s [%s] {", txt->id != NULL ? txt->id : "-",
                          txt->generic_name != NULL ? txt->generic_name : "-", tags);
  for (guint i = 0; i < n; i++)
    {
      GBytes *value = disco_attributes_get_value (txt->attributes, i);

      g_string_append (text, disco_attributes_get_key (txt->attributes, i));
      if (value != NULL)
        {
          g_string_append_c (text, '=');
          g_string_append_len (text, g_bytes_get_data (value, NULL),
                               (gssize)g_bytes_get_size (value));
        }
      g_string_append_c (text, ';');
    }
  g_string_append_c (text, '}');
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static const struct
{
  const char *txt;
  const char *decoded;
  guint malformed;
} rows[] = {
  /* nothing */
  { "", "- - [] {}", 0 },
  { "|", "- - [] {}", 0 },
  { "|||", "- - [] {}", 0 },
  /* id: valid by the rule for registering */
  { "disco.id=a|", "a - [] {}", 0 },
  { "DISCO.Id=a|", "a - [] {}", 0 },
  { "disco.id=a=b|", "a=b - [] {}", 0 },
  { "disco.id=\\303\\274|", "ü - [] {}", 0 },
  { "disco.id=" SIXTY SIXTY "12345678|", SIXTY SIXTY "12345678 - [] {}", 0 },
  { "disco.id=" SIXTY SIXTY "123456789|", "- - [] {}", 1 },
  { "disco.id=|", "- - [] {}", 1 },
  { "disco.id|", "- - [] {}", 1 },
  { "disco.id=a\\001|", "- - [] {}", 1 },
  { "disco.id=a\\000b|", "- - [] {}", 1 },
  { "disco.id=\\377|", "- - [] {}", 1 },
  /* name: a valid generic name, byte for byte */
  { "disco.name=billing.invoices|", "- billing.invoices [] {}", 0 },
  { "disco.name=Billing.Invoices|", "- Billing.Invoices [] {}", 0 },
  { "disco.name=http|", "- - [] {}", 1 },
  { "disco.name=disco|", "- - [] {}", 1 },
  { "disco.name=_http._tcp|", "- - [] {}", 1 },
  { "disco.name=_a._sub._http._tcp|", "- - [] {}", 1 },
  { "disco.name=|", "- - [] {}", 1 },
  { "disco.name=a.\\377|", "- - [] {}", 1 },
  { "disco.name=a.\\000|", "- - [] {}", 1 },
  /* tags */
  { "disco.tags=red,green|", "- - [red|green] {}", 0 },
  { "disco.tags=red|disco.tags1=green|disco.tags2=blue|", "- - [red|green|blue] {}", 0 },
  { "disco.tags2=blue|disco.tags1=green|disco.tags=red|", "- - [red|green|blue] {}", 0 },
  { "disco.tags10=c|disco.tags9=b|disco.tags=a|", "- - [a|b|c] {}", 0 },
  { "disco.tags3=b|disco.tags=a|", "- - [a|b] {}", 0 },
  { "disco.TAGS=a|Disco.Tags1=b|", "- - [a|b] {}", 0 },
  { "disco.tags=a,b,a|disco.tags1=b,c|", "- - [a|b|c] {}", 0 },
  { "disco.tags=A,a|", "- - [A|a] {}", 0 },
  { "disco.tags=|", "- - [] {}", 0 },
  { "disco.tags|", "- - [] {}", 0 },
  { "disco.tags=a b,\\303\\274|", "- - [a b|ü] {}", 0 },
  { "disco.tags=a=b|", "- - [a=b] {}", 0 },
  { "disco.tags=b%2Cc%3D%25|", "- - [b,c=%] {}", 0 },
  { "disco.tags=b%2cc%3d%25|", "- - [b,c=%] {}", 0 },
  { "disco.tags=%252C|", "- - [%2C] {}", 0 },
  { "disco.tags=a,,b,|", "- - [a|b] {}", 2 },
  { "disco.tags=,|", "- - [] {}", 2 },
  { "disco.tags=a,%,b|", "- - [a|b] {}", 1 },
  { "disco.tags=a%2,b%,%2|", "- - [] {}", 3 },
  { "disco.tags=a%41,b|", "- - [b] {}", 1 },
  { "disco.tags=%2|disco.tags1=C|", "- - [C] {}", 1 },
  { "disco.tags=a\\000b,c|", "- - [c] {}", 1 },
  { "disco.tags=\\377,\\303,c\\033,d|", "- - [d] {}", 3 },
  { "disco.tags=" SIXTY "123," SIXTY "1234|", "- - [" SIXTY "123] {}", 1 },
  { "disco.tags=" SIXTY "12%2C|", "- - [" SIXTY "12,] {}", 0 },
  /* what is no number of ours is some later version's, like every disco.* key */
  { "disco.tags0=a|disco.tags01=b|disco.tagsx=c|disco.tags-1=d|disco.tags1x=e|", "- - [] {}", 0 },
  { "disco.tags99999=a|disco.tags18446744073709551617=b|", "- - [] {}", 0 },
  { "disco.tags9999=a|", "- - [a] {}", 0 },
  { "disco.future=x|disco.=y|DISCO.X|", "- - [] {}", 0 },
  /* attributes */
  { "a=1|b|c=|", "- - [] {a=1;b;c=;}", 0 },
  { "z=1|a=2|", "- - [] {z=1;a=2;}", 0 },
  { "Paper=A4|", "- - [] {Paper=A4;}", 0 },
  { "a==b|", "- - [] {a==b;}", 0 },
  { "a b=1|", "- - [] {a b=1;}", 0 },
  { "a=\\377\\001|", "- - [] {a=\xff\x01;}", 0 },
  { "disco=1|discoid=2|", "- - [] {disco=1;discoid=2;}", 0 },
  { SIXTY SIXTY "=1|", "- - [] {" SIXTY SIXTY "=1;}", 0 },
  { "=|=x|==|a=1|", "- - [] {a=1;}", 0 },
  { "|a=1||b=2|", "- - [] {a=1;b=2;}", 0 },
  { "a\\001=1|b=2|", "- - [] {b=2;}", 1 },
  { "a\\000=1|b=2|", "- - [] {b=2;}", 1 },
  { "\\303\\274=1|\\377|b=2|", "- - [] {b=2;}", 2 },
  { "\\177=1|", "- - [] {}", 1 },
  /* the first of a repeated key wins, in any case */
  { "a=1|a=2|", "- - [] {a=1;}", 0 },
  { "A=1|a=2|b=3|", "- - [] {A=1;b=3;}", 0 },
  { "a|a=2|", "- - [] {a;}", 0 },
  { "disco.id=a|disco.id=b|", "a - [] {}", 0 },
  { "disco.id=|Disco.id=b|", "- - [] {}", 1 },
  { "disco.tags=a|disco.tags=b|", "- - [a] {}", 0 },
  { "disco.name=a.b|disco.NAME=c.d|", "- a.b [] {}", 0 },
  /* all together */
  { "x=1|disco.tags=t|disco.name=n.m|disco.id=i|y|", "i n.m [t] {x=1;y;}", 0 },
};

static void
decoding_follows_the_table (void **state)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GBytes) rdata = test_txt_new (rows[i].txt);
      g_auto (DiscoTxt) txt = { 0 };
      g_autofree char *decoded = NULL;

      disco_txt_decode (&txt, rdata);
      decoded = describe (&txt);
      if (!g_str_equal (decoded, rows[i].decoded) || txt.malformed != rows[i].malformed)
        fail_msg ("%s: %s, %u malformed", rows[i].txt, decoded, txt.malformed);
    }
}

static void
no_record_counts_as_an_empty_one (void **state)
{
  g_auto (DiscoTxt) txt = { 0 };
  g_autofree char *decoded = NULL;

  disco_txt_decode (&txt, NULL);
  decoded = describe (&txt);
  assert_string_equal (decoded, "- - [] {}");
  assert_int_equal (txt.malformed, 0);
}

static void
string_that_goes_on_after_the_end_is_dropped_and_counted (void **state)
{
  static const guint8 data[] = "\3a=1\5b=2";
  g_autoptr (GBytes) rdata = g_bytes_new_static (data, sizeof data - 1);
  g_auto (DiscoTxt) txt = { 0 };
  g_autofree char *decoded = NULL;

  disco_txt_decode (&txt, rdata);
  decoded = describe (&txt);
  assert_string_equal (decoded, "- - [] {a=1;}");
  assert_int_equal (txt.malformed, 1);
}

static void
cleared_txt_can_be_cleared_again (void **state)
{
  g_autoptr (GBytes) rdata = test_txt_new ("disco.id=a|disco.tags=b|c=d|");
  DiscoTxt txt;

  disco_txt_decode (&txt, rdata);
  disco_txt_clear (&txt);
  disco_txt_clear (&txt);
  assert_null (txt.id);
  assert_null (txt.attributes);
}

/* The largest rdata there is, all of it tiny keys: 2800 different ones. */
static void
largest_record_is_decoded_whole (void **state)
{
  g_autoptr (GByteArray) data = g_byte_array_new ();
  g_autoptr (GBytes) rdata = NULL;
  g_auto (DiscoTxt) txt = { 0 };

  for (guint i = 0; i < 65535 / 4; i++)
    {
      const guint8 string[4] = { 3, (guint8)('0' + i % 10), (guint8)('0' + i / 10 % 10),
                                 (guint8)(' ' + i / 100 % 28) };

      g_byte_array_append (data, string, sizeof string);
    }
  rdata = g_byte_array_free_to_bytes (g_steal_pointer (&data));
  disco_txt_decode (&txt, rdata);
  assert_int_equal (disco_attributes_get_size (txt.attributes), 2800);
  assert_int_equal (txt.malformed, 0);
}

static void
assert_sound (const DiscoTxt *txt)
{
  guint n = disco_attributes_get_size (txt->attributes);

  assert_true (txt->id == NULL || disco_id_check (txt->id, NULL));
  assert_true (txt->generic_name == NULL || g_utf8_validate (txt->generic_name, -1, NULL));
  for (char **tag = txt->tags; *tag != NULL; tag++)
    {
      assert_true (disco_tag_check (*tag, NULL));
      assert_false (g_strv_contains ((const char *const *)tag + 1, *tag));
    }
  for (guint i = 0; i < n; i++)
    {
      const char *key = disco_attributes_get_key (txt->attributes, i);
      guint first;

      assert_true (*key != '\0' && g_utf8_validate (key, -1, NULL));
      assert_int_not_equal (g_ascii_strncasecmp (key, "disco.", 6), 0);
      assert_true (disco_attributes_find (txt->attributes, key, &first));
      assert_int_equal (first, i);
    }
}

/* A string that is likely to mean something. */
static void
append_likely_string (GByteArray *data, GRand *rand)
{
  static const char *const starts[] = {
    "disco.id=", "disco.name=", "disco.tags=", "disco.tags1=", "DISCO.TAGS2=", "a=", "A", ""
  };
  static const char alphabet[] = "ab,,%%2C3Dd5=.\xc3\xbc\xff";
  g_autoptr (GString) string
      = g_string_new (starts[g_rand_int_range (rand, 0, G_N_ELEMENTS (starts))]);
  guint8 size;

  for (gint32 n = g_rand_int_range (rand, 0, 20); n > 0; n--)
    g_string_append_c (string, alphabet[g_rand_int_range (rand, 0, sizeof alphabet)]);
  size = (guint8)(string->len + (g_rand_int_range (rand, 0, 20) == 0 ? 1 : 0));
  g_byte_array_append (data, &size, 1);
  g_byte_array_append (data, (const guint8 *)string->str, (guint)string->len);
}

static void
any_bytes_decode_to_what_is_sound (void **state)
{
  g_autoptr (GRand) rand = test_rand_new ();
  guint ids = 0, tags = 0, malformed = 0;

  for (int round = 0; round < 20000; round++)
    {
      g_autoptr (GByteArray) data = g_byte_array_new ();
      g_autoptr (GBytes) rdata = NULL;
      g_auto (DiscoTxt) txt = { 0 };

      for (gint32 n = g_rand_int_range (rand, 0, 6); n > 0; n--)
        append_likely_string (data, rand);
      for (gint32 n = g_rand_int_range (rand, 0, 8); n > 0; n--)
        {
          guint8 byte = (guint8)g_rand_int_range (rand, 0, 256);

          g_byte_array_append (data, &byte, 1);
        }
      rdata = g_byte_array_free_to_bytes (g_steal_pointer (&data));
      disco_txt_decode (&txt, rdata);
      assert_sound (&txt);
      ids += txt.id != NULL;
      tags += g_strv_length (txt.tags);
      malformed += txt.malformed;
    }
  /* The generator reaches what it is meant to. */
  assert_true (ids > 100 && tags > 1000 && malformed > 1000);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (decoding_follows_the_table),
    cmocka_unit_test (no_record_counts_as_an_empty_one),
    cmocka_unit_test (string_that_goes_on_after_the_end_is_dropped_and_counted),
    cmocka_unit_test (cleared_txt_can_be_cleared_again),
    cmocka_unit_test (largest_record_is_decoded_whole),
    cmocka_unit_test (any_bytes_decode_to_what_is_sound),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
