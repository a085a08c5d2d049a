/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The input is a list of tags. Those that the rules allow go into a TXT record, as few strings as
 * can be, and come back in their order. */
#include "disco-txt-private.h"
#include "fuzz.h"

#include <string.h>

#define MAX_TAGS 64

static gboolean
is_tag (const char *tag)
{
  g_autoptr (GError) error = NULL;
  gboolean is_valid = disco_tag_check (tag, &error);

  g_assert_cmpint (is_valid, ==, fuzz_is_text (tag, strlen (tag), 63));
  if (!is_valid)
    fuzz_assert_error (error);
  return is_valid;
}

/* (transfer full): of (owned) texts, each once, and NULL */
static GPtrArray *
take_tags (FuzzInput *input)
{
  GPtrArray *tags = g_ptr_array_new_with_free_func (g_free);

  while (input->size > 0 && tags->len < MAX_TAGS)
    {
      g_autofree char *tag = fuzz_take_text (input);

      if (is_tag (tag) && !g_ptr_array_find_with_equal_func (tags, tag, g_str_equal, NULL))
        g_ptr_array_add (tags, g_steal_pointer (&tag));
    }
  g_ptr_array_add (tags, NULL);
  return tags;
}

static gsize
count_escaped (const char *tag)
{
  gsize n = 0;

  for (; *tag != '\0'; tag++)
    n += strchr ("%,=", *tag) != NULL ? 3 : 1;
  return n;
}

/* How many bytes the record takes: a tag goes into the string before it if it fits there. */
static gsize
count_bytes (const GPtrArray *tags)
{
  gsize total = 0;
  gsize size = 0; /* of the string */
  guint number = 0;

  for (guint i = 0; tags->pdata[i] != NULL; i++)
    {
      gsize escaped = count_escaped (tags->pdata[i]);

      if (size > 0 && size + 1 + escaped <= 255)
        {
          size += 1 + escaped;
          total += 1 + escaped;
          continue;
        }
      size = strlen ("disco.tags") + (number == 0 ? 0 : number < 10 ? 1 : 2) + 1 + escaped;
      total += 1 + size;
      number++;
    }
  return MAX (total, 1);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  FuzzInput input = { data, size };
  g_autoptr (GPtrArray) tags = take_tags (&input);
  gsize expected = count_bytes (tags);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) rdata
      = disco_txt_encode (NULL, NULL, (const char *const *)tags->pdata, NULL, &error);
  g_auto (DiscoTxt) txt = { 0 };

  g_assert_cmpint (rdata != NULL, ==, expected <= DISCO_TXT_MAX_BYTES);
  if (rdata == NULL)
    {
      fuzz_assert_error (error);
      return 0;
    }
  g_assert_cmpuint (g_bytes_get_size (rdata), ==, expected);
  disco_txt_decode (&txt, rdata);
  g_assert_cmpuint (txt.malformed, ==, 0);
  g_assert_cmpuint (disco_attributes_get_size (txt.attributes), ==, 0);
  fuzz_assert_strv_equal ((const char *const *)txt.tags, (const char *const *)tags->pdata);
  return 0;
}
