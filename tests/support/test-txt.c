/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-txt.h"
#include "test-support.h"

#include <string.h>

/* Appends one string: "\ooo" is a byte, everything else itself. */
static void
append_string (GByteArray *rdata, const char *p, const char *end)
{
  guint start = rdata->len;
  guint8 byte = 0;

  g_byte_array_append (rdata, &byte, 1);
  while (p < end)
    {
      byte = (guint8)*p++;
      if (byte == '\\')
        {
          byte = (guint8)((p[0] - '0') * 64 + (p[1] - '0') * 8 + (p[2] - '0'));
          p += 3;
        }
      g_byte_array_append (rdata, &byte, 1);
    }
  assert_in_range (rdata->len - start - 1, 0, 255);
  rdata->data[start] = (guint8)(rdata->len - start - 1);
}

GBytes *
test_txt_new (const char *text)
{
  GByteArray *rdata = g_byte_array_new ();

  while (*text != '\0')
    {
      const char *end = strchr (text, '|');

      assert_non_null (end);
      append_string (rdata, text, end);
      text = end + 1;
    }
  return g_byte_array_free_to_bytes (rdata);
}

char *
test_txt_to_string (GBytes *rdata)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (rdata, &size);
  GString *text = g_string_new (NULL);

  for (gsize i = 0; i < size; i += data[i] + 1u)
    {
      assert_true (i + data[i] < size);
      for (gsize j = i + 1; j <= i + data[i]; j++)
        if (g_ascii_isprint (data[j]) && data[j] != '|' && data[j] != '\\')
          g_string_append_c (text, (char)data[j]);
        else
          g_string_append_printf (text, "\\%03o", data[j]);
      g_string_append_c (text, '|');
    }
  return g_string_free (text, FALSE);
}
